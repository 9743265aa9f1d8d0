package endpoint

import (
	"bytes"
	"errors"
	"io"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// counted is a clock that stands still but while somebody waits for it: what waits
// would have cost is counted, and nobody waits.
type counted struct {
	mu sync.Mutex
	at time.Time
}

func (c *counted) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *counted) after(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	ready := make(chan time.Time, 1)
	ready <- c.at
	return ready
}

// took returns how much has been counted since the last call.
func (c *counted) took(since *time.Time) time.Duration {
	d := c.now().Sub(*since)
	*since = c.now()
	return d
}

// about fails unless d is what size bytes take at a rate, within a tenth and what
// passes at once.
func about(t *testing.T, what string, d time.Duration, size, rate int64) {
	t.Helper()
	want := time.Duration(float64(size) / float64(rate) * float64(time.Second))
	if d < want*9/10-2*pieceTime || d > want*11/10+2*pieceTime {
		t.Errorf("%s took %v, want %v", what, d, want)
	}
}

// TestPacedTransfer sends over real connections, and counts what the limits cost.
func TestPacedTransfer(t *testing.T) {
	const size = 3 << 20
	x, y := bind(t, Config{Device: device(1)}), bind(t, Config{Device: device(2)})
	cx, cy := connect(t, x, y)
	clock := &counted{at: time.Now()}
	in, out := newLimit(clock.now, clock.after), newLimit(clock.now, clock.after)
	exempt := false
	cx.Paced(&Pace{In: NewLimit(), Out: out, Exempt: func(netip.AddrPort) bool { return exempt }})
	cy.Paced(&Pace{In: in, Out: NewLimit(), Exempt: func(a netip.AddrPort) bool { return exempt || !a.Addr().IsLoopback() }})
	urgent, _ := pair(t, cx, cy)
	at := clock.now()
	send := func(streams int) {
		var all sync.WaitGroup
		for range streams {
			w, r := pair(t, cx, cy)
			all.Go(func() {
				if _, err := w.Write(make([]byte, size/streams)); err != nil {
					t.Error(err)
				}
				_ = w.Close()
			})
			all.Go(func() {
				if n, err := io.Copy(io.Discard, r); err != nil || n != int64(size/streams) {
					t.Errorf("%d bytes came, %v", n, err)
				}
			})
		}
		all.Wait()
	}
	send(1)
	if d := clock.took(&at); d != 0 {
		t.Errorf("without limits it took %v", d)
	}
	for _, streams := range []int{1, 4} {
		out.Set(256 << 10)
		send(streams)
		about(t, "sending", clock.took(&at), size, 256<<10)
		out.Set(0)
		in.Set(1 << 20)
		send(streams)
		about(t, "receiving", clock.took(&at), size, 1<<20)
		in.Set(0)
	}
	out.Set(MinLimit)
	in.Set(MinLimit)
	clock.took(&at)
	if _, err := urgent.Write(make([]byte, 64<<10)); err != nil {
		t.Error(err)
	}
	if d := clock.took(&at); d != 0 {
		t.Errorf("what is urgent took %v", d)
	}
	exempt = true
	send(4)
	if d := clock.took(&at); d != 0 {
		t.Errorf("what is exempt took %v", d)
	}
}

// pair opens a stream and returns both ends.
func pair(t *testing.T, cx, cy *Conn) (w, r *Stream) {
	t.Helper()
	w, err := cx.OpenStream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte{1}); err != nil {
		t.Fatal(err)
	}
	if r, err = cy.AcceptStream(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(r, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return w, r
}

// TestLimitShares: many that share a limit keep to it together, each gets its part,
// and what is urgent passes them.
func TestLimitShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rate, many = 100_000, 8
		l := NewLimit()
		l.Set(rate)
		var mu sync.Mutex
		sent := map[int]int{}
		began, end := time.Now(), make(chan struct{})
		var all sync.WaitGroup
		for i := range many {
			all.Go(func() {
				for {
					n := l.piece()
					if _, err := l.take(n, false, end, nil); err != nil {
						return
					}
					mu.Lock()
					sent[i] += n
					mu.Unlock()
				}
			})
		}
		for range 60 {
			time.Sleep(time.Second)
			if waited, err := l.take(2<<10, true, end, nil); err != nil || waited != 0 {
				t.Fatalf("what is urgent waited %v, %v", waited, err)
			}
		}
		close(end)
		all.Wait()
		total := 60 * 2 << 10
		for i, n := range sent {
			if total += n; n < 60*rate/many*8/10 {
				t.Errorf("%d of %d got %d bytes", i, many, n)
			}
		}
		about(t, "all together", time.Since(began), int64(total), rate)

		l.Set(MinLimit) // much that is urgent waits too
		began = time.Now()
		for range 64 {
			_, _ = l.take(16<<10, true, nil, nil)
		}
		about(t, "what is urgent", time.Since(began), 64*16<<10-urgentDebt, MinLimit)
	})
}

// TestLimitChanges: what waits goes on at once when the limit is taken off, and ends
// when its stream does.
func TestLimitChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, gone := NewLimit(), make(chan struct{})
		l.Set(1) // counts as the least
		if got := l.rate.Load(); got != MinLimit {
			t.Errorf("the rate is %d", got)
		}
		take := func() chan error {
			c := make(chan error, 1)
			go func() {
				_, err := l.take(10<<20, false, nil, gone)
				c <- err
			}()
			synctest.Wait()
			return c
		}
		if err := <-take(); err != nil {
			t.Error(err)
		}
		first, second := take(), take()
		close(gone)
		for _, c := range []chan error{first, second} {
			if err := <-c; !errors.Is(err, errGone) {
				t.Errorf("a stream that has ended: %v", err)
			}
		}
		gone = make(chan struct{})
		began, waiting := time.Now(), take()
		l.Set(0)
		if err := <-waiting; err != nil || time.Since(began) != 0 {
			t.Errorf("without a limit: %v after %v", err, time.Since(began))
		}
	})
}

// TestPacedDeadline: waiting for a limit doesn't use up a stream's deadline, and a
// stream that is given up while it waits ends.
func TestPacedDeadline(t *testing.T) {
	x, y := bind(t, Config{Device: device(1)}), bind(t, Config{Device: device(2)})
	cx, cy := connect(t, x, y)
	out := newLimit(time.Now, func(time.Duration) <-chan time.Time { return time.After(3 * time.Second) })
	cx.Paced(&Pace{In: NewLimit(), Out: out, Exempt: func(netip.AddrPort) bool { return false }})
	pair(t, cx, cy) // the first is urgent
	w, r := pair(t, cx, cy)
	got := make(chan int, 1)
	go func() {
		b, _ := io.ReadAll(r)
		got <- len(b)
	}()
	out.Set(MinLimit)
	if err := w.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
		t.Fatal(err)
	}
	began, size := time.Now(), 2*out.piece()
	if n, err := w.Write(bytes.Repeat([]byte{1}, size)); err != nil || time.Since(began) < 3*time.Second {
		t.Errorf("after %d bytes and %v: %v", n, time.Since(began), err)
	}
	_ = w.Close()
	if n := <-got; n != size {
		t.Errorf("%d bytes came", n)
	}

	w, _ = pair(t, cx, cy)
	failed := make(chan error, 1)
	go func() {
		_, err := w.Write(make([]byte, 64<<20))
		failed <- err
	}()
	w.CancelWrite(1)
	if err := <-failed; err == nil {
		t.Error("a stream that was given up is written to its end")
	}
}
