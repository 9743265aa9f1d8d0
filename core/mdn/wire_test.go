package mdn

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// stranger runs Join of an unpaired device against whoever connects, and
// returns how long that took and what came of it.
func stranger(t *testing.T, speak func(s net.Conn)) (time.Duration, error) {
	t.Helper()
	a := &Account{Config: Config{Device: testDevice(1), Now: time.Now}}
	a.now.Store(&view{})
	tickets := NewTickets(testDevice(1).Endpoint(), time.Now)
	if _, err := tickets.Issue(nil); err != nil {
		t.Fatal(err)
	}
	x, y := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		speak(x)
	}()
	start := time.Now()
	_, err := a.Join(t.Context(), y, Binding{}, tickets, JoinOptions{Device: "phone"})
	took := time.Since(start)
	y.Close()
	x.Close()
	<-done
	if !tickets.Open() {
		t.Error("a stranger has ended the ticket")
	}
	return took, err
}

func TestAStrangerGetsTenSeconds(t *testing.T) {
	for name, speak := range map[string]func(net.Conn){
		"silent": func(net.Conn) {},
		"slow": func(s net.Conn) {
			for range 100 {
				if _, err := s.Write([]byte{0}); err != nil {
					return
				}
				time.Sleep(4 * time.Second) // of the bubble's clock
			}
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			took, err := stranger(t, speak)
			if !errors.Is(err, os.ErrDeadlineExceeded) || took > strangersTime+linger {
				t.Errorf("%s: have %v after %v", name, err, took)
			}
		})
	}
}

func TestAStrangerSendsLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		took, err := stranger(t, func(s net.Conn) {
			_, _ = s.Write(binary.BigEndian.AppendUint32(nil, strangersFrame+1))
			_, _ = readMessage(s, maxFrame) // the refusal
			s.Close()
		})
		var e *PairError
		if !errors.As(err, &e) || e.Reason != ReasonRefused || took > 0 {
			t.Errorf("have %v after %v", err, took)
		}
	})
}

func TestTrustLiftsTheLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, y := net.Pipe()
		ctx, cancel := context.WithCancel(t.Context())
		there, here := newWire(t.Context(), x), newWire(ctx, y)
		there.trust()
		here.trust()
		go func() {
			time.Sleep(time.Hour) // of the bubble's clock: a person types
			f := fields{}
			f.set("much", make([]byte, 100*strangersFrame))
			_ = there.send(f)
		}()
		if r, err := here.receive(); err != nil || !r.has("much") {
			t.Errorf("have %v", err)
		}
		cancel()
		here.trust() // too late
		if _, err := here.receive(); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("after the end: have %v", err)
		}
		here.detach()
		there.detach()
	})
}

// TestAStrangersMessageIsSmallInMemory: CBOR can be much larger when decoded.
func TestAStrangersMessageIsSmallInMemory(t *testing.T) {
	for _, item := range []byte{0x80, 0xa0, 0xf6, 0x00, 0x40, 0x60} {
		b := append([]byte{0xa1, 0x60, 0x99, 0, 0}, bytes.Repeat([]byte{item}, strangersFrame-5)...)
		binary.BigEndian.PutUint16(b[3:], strangersFrame-5)
		message := append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := readMessage(bytes.NewReader(message), strangersFrame); err != nil {
			t.Errorf("%x: %v", item, err)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 256<<10 {
			t.Errorf("%x: %d bytes", item, n)
		}
	}
}
