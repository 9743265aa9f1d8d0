package node

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"meadow/core/endpoint"
	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// box is an account's letters, without an account.
type box struct {
	mu       sync.Mutex
	people   []mdn.Person
	letters  []mdn.Letter
	received [][]byte
	refuses  bool
	changed  chan struct{} // has room for one
}

func newBox() *box { return &box{changed: make(chan struct{}, 1)} }

func (b *box) knows(id byte, device key.Endpoint) willow.NamespaceID {
	p := mdn.Person{Custodian: willow.NamespaceID{id}, Name: "P", Devices: []mdn.DeviceInfo{{Endpoint: device, Kind: mdn.Full}}}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.people = append(b.people, p)
	return p.Custodian
}

func (b *box) People() []mdn.Person {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.people)
}

func (b *box) PersonOf(device key.Endpoint) (mdn.Person, bool) {
	for _, p := range b.People() {
		if slices.ContainsFunc(p.Devices, func(d mdn.DeviceInfo) bool { return d.Endpoint == device }) {
			return p, true
		}
	}
	return mdn.Person{}, false
}

func (b *box) Letters() []mdn.Letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.letters)
}

func (b *box) LetterDelivered(_ context.Context, l mdn.Letter) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.letters = slices.DeleteFunc(b.letters, func(o mdn.Letter) bool { return o.ID == l.ID })
	b.note()
	return nil
}

func (b *box) Receive(_ context.Context, _ key.Endpoint, raw []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuses {
		return errors.New("no")
	}
	b.received = append(b.received, raw)
	b.note()
	return nil
}

// count is how many letters have come.
func (b *box) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.received)
}

func (b *box) note() {
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

// until waits until something holds of the box.
func (b *box) until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	late := time.After(30 * time.Second)
	for {
		b.mu.Lock()
		done := ok()
		b.mu.Unlock()
		if done {
			return
		}
		select {
		case <-b.changed:
		case <-late:
			t.Fatalf("%s: it never happened", what)
		}
	}
}

// office is a courier on an endpoint of its own.
type office struct {
	*courier
	box  *box
	e    *endpoint.Endpoint
	addr netip.AddrPort
}

func newOffice(t *testing.T, peers map[key.Endpoint]netip.AddrPort) *office {
	t.Helper()
	d := key.NewDevice()
	e, err := endpoint.Bind(t.Context(), endpoint.Config{
		Device: d, Listen: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}, ALPNs: []string{alpnLetter},
	})
	must(t, err)
	b := newBox()
	o := &office{box: b, e: e, addr: e.Addrs()[0]}
	o.courier = &courier{
		box: b, now: time.Now, log: quiet(), wake: newKicker(),
		dial: func(ctx context.Context, id key.Endpoint) (*endpoint.Conn, error) {
			a, ok := peers[id]
			if !ok {
				return nil, endpoint.ErrNoAddress
			}
			return e.Dial(ctx, id, alpnLetter, a)
		},
		online: func(key.Endpoint) bool { return true }, open: func() bool { return true },
		callers: make(map[key.Endpoint]caller),
		rounds:  make(map[willow.NamespaceID]*round), brought: make(map[key.Endpoint]*tallyOf),
	}
	if peers != nil {
		peers[d.Endpoint()] = o.addr
	}
	ctx, stop := context.WithCancel(context.Background())
	var under sync.WaitGroup
	under.Go(func() {
		for {
			c, err := e.Accept(ctx)
			if err != nil {
				return
			}
			under.Go(func() { o.answer(ctx, c) })
		}
	})
	under.Go(func() { _ = o.run(ctx) })
	t.Cleanup(func() {
		stop()
		_ = e.Close()
		under.Wait()
	})
	return o
}

func letter(to willow.NamespaceID, n byte, size int) mdn.Letter {
	return mdn.Letter{ID: [32]byte{n}, To: to, Raw: bytes.Repeat([]byte{n}, size)}
}

func TestLettersArrive(t *testing.T) {
	t.Parallel()
	peers := map[key.Endpoint]netip.AddrPort{}
	ada, bob := newOffice(t, peers), newOffice(t, peers)
	to := ada.box.knows(2, bob.e.ID())
	bob.box.knows(1, ada.e.ID())
	ada.box.mu.Lock()
	for n := range byte(20) {
		ada.box.letters = append(ada.box.letters, letter(to, n+1, int(n)*100))
	}
	ada.box.letters = append(ada.box.letters, letter(to, 99, mdn.MaxLetter))
	ada.box.mu.Unlock()
	ada.kick()
	ada.box.until(t, "all are delivered", func() bool { return len(ada.box.letters) == 0 })
	bob.box.mu.Lock()
	defer bob.box.mu.Unlock()
	if len(bob.box.received) != 21 || len(bob.box.received[20]) != mdn.MaxLetter {
		t.Errorf("%d letters came", len(bob.box.received))
	}
}

// A letter waits for a device that isn't there, and goes once it is met.
func TestLettersWait(t *testing.T) {
	t.Parallel()
	peers := map[key.Endpoint]netip.AddrPort{}
	ada, bob := newOffice(t, peers), newOffice(t, map[key.Endpoint]netip.AddrPort{})
	to := ada.box.knows(2, bob.e.ID())
	bob.box.knows(1, ada.e.ID())
	ada.box.mu.Lock()
	ada.box.letters = []mdn.Letter{letter(to, 1, 10)}
	ada.box.mu.Unlock()
	failed := make(chan struct{})
	var once sync.Once
	there := make(chan struct{})
	ada.dial = func(ctx context.Context, id key.Endpoint) (*endpoint.Conn, error) {
		select {
		case <-there:
			return ada.e.Dial(ctx, id, alpnLetter, bob.addr)
		default:
			once.Do(func() { close(failed) })
			return nil, endpoint.ErrNoAddress
		}
	}
	ada.kick()
	<-failed
	close(there)
	ada.met(bob.e.ID())
	ada.box.until(t, "it is delivered", func() bool { return len(ada.box.letters) == 0 })
}

// What is refused stays, and doesn't hold up others.
func TestLettersRefused(t *testing.T) {
	t.Parallel()
	peers := map[key.Endpoint]netip.AddrPort{}
	ada, bob, cleo := newOffice(t, peers), newOffice(t, peers), newOffice(t, peers)
	toBob, toCleo := ada.box.knows(2, bob.e.ID()), ada.box.knows(3, cleo.e.ID())
	bob.box.knows(1, ada.e.ID())
	cleo.box.knows(1, ada.e.ID())
	bob.box.mu.Lock()
	bob.box.refuses = true
	bob.box.mu.Unlock()
	ada.box.mu.Lock()
	ada.box.letters = []mdn.Letter{letter(toBob, 1, 10), letter(toCleo, 2, 10), letter(toCleo, 3, mdn.MaxLetter+1)}
	ada.box.mu.Unlock()
	ada.kick()
	cleo.box.until(t, "Cleo has hers", func() bool { return len(cleo.box.received) == 1 })
	ada.box.until(t, "the others stay", func() bool { return len(ada.box.letters) == 2 })
}

// Whoever isn't known, or is blocked, is closed unread; so is somebody who brings
// too many, and a letter that is none is refused.
func TestLettersOfTheHostile(t *testing.T) {
	t.Parallel()
	bob := newOffice(t, nil)
	dial := func(t *testing.T, known, blocked bool) *endpoint.Conn {
		t.Helper()
		d := key.NewDevice()
		e, err := endpoint.Bind(t.Context(), endpoint.Config{
			Device: d, Listen: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}, ALPNs: []string{"none"},
		})
		must(t, err)
		t.Cleanup(func() { _ = e.Close() })
		if known {
			bob.box.knows(byte(len(bob.box.People())+10), d.Endpoint())
			bob.box.mu.Lock()
			bob.box.people[len(bob.box.people)-1].Blocked = blocked
			bob.box.mu.Unlock()
		}
		c, err := e.Dial(t.Context(), bob.e.ID(), alpnLetter, bob.addr)
		must(t, err)
		return c
	}
	closed := func(t *testing.T, c *endpoint.Conn, code uint64) {
		t.Helper()
		select {
		case <-c.Done():
		case <-time.After(30 * time.Second):
			t.Fatal("it isn't closed")
		}
		var end *endpoint.CloseError
		if !errors.As(c.Err(), &end) || end.Code != code {
			t.Errorf("closed with %v, want %#x", c.Err(), code)
		}
	}
	t.Run("stranger", func(t *testing.T) { closed(t, dial(t, false, false), closeRefused) })
	t.Run("blocked", func(t *testing.T) { closed(t, dial(t, true, true), closeRefused) })
	t.Run("too many", func(t *testing.T) {
		c := dial(t, true, false)
		for range lettersIn - 1 { // the connection is one
			if err := send(t.Context(), c, []byte("x")); err != nil {
				t.Fatal(err)
			}
		}
		if err := send(t.Context(), c, []byte("x")); err == nil {
			t.Error("one more is taken")
		}
		closed(t, c, closeBusy)
	})
	t.Run("no letter", func(t *testing.T) {
		c := dial(t, true, false)
		before := bob.box.count()
		for _, raw := range []string{"", "\x00", "\x00\x00\x00\x05abc", "\x00\x00\x00\x01ab", "\xff\xff\xff\xff", "\x00\x08\x00\x01" + strings.Repeat("x", mdn.MaxLetter+1)} {
			s, err := c.OpenStream(t.Context())
			must(t, err)
			_, _ = s.Write([]byte(raw)) // what is too long is refused while it is written
			_ = s.Close()
			answer, err := io.ReadAll(s)
			if err != nil || !bytes.Equal(answer, []byte{letterRefused}) {
				t.Errorf("%.10q: answer %v, %v", raw, answer, err)
			}
		}
		if bob.box.count() != before {
			t.Error("something was taken")
		}
	})
}

// One contact can't take the places of all others: neither with many connections of
// a device, nor with many devices, nor by dialling again and again.
func TestLettersOfTheGreedy(t *testing.T) {
	t.Parallel()
	bob := newOffice(t, nil)
	bind := func(t *testing.T) *endpoint.Endpoint {
		t.Helper()
		e, err := endpoint.Bind(t.Context(), endpoint.Config{
			Device: key.NewDevice(), Listen: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}, ALPNs: []string{"none"},
		})
		must(t, err)
		t.Cleanup(func() { _ = e.Close() })
		return e
	}
	brings := func(t *testing.T, e *endpoint.Endpoint) (*endpoint.Conn, error) {
		t.Helper()
		c, err := e.Dial(t.Context(), bob.e.ID(), alpnLetter, bob.addr)
		must(t, err)
		return c, send(t.Context(), c, []byte("x"))
	}
	mal, ann := bind(t), bind(t)
	bob.box.knows(1, mal.ID())
	bob.box.knows(2, ann.ID())
	var last *endpoint.Conn
	for i := range letterCallers + 2 {
		c, err := brings(t, mal)
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		if last != nil {
			select {
			case <-last.Done():
			case <-time.After(30 * time.Second):
				t.Fatal("a device has two connections")
			}
		}
		last = c
	}
	for i := range letterPerson + 2 {
		e := bind(t)
		bob.box.mu.Lock()
		bob.box.people[0].Devices = append(bob.box.people[0].Devices, mdn.DeviceInfo{Endpoint: e.ID(), Kind: mdn.Full})
		bob.box.mu.Unlock()
		if _, err := brings(t, e); (err == nil) != (i < letterPerson-1) {
			t.Errorf("device %d: %v", i+2, err)
		}
	}
	if _, err := brings(t, ann); err != nil {
		t.Errorf("Ann's letter isn't taken: %v", err)
	}
	bob.mu.Lock()
	bob.brought[ann.ID()].count = lettersIn
	bob.mu.Unlock()
	if c, err := brings(t, ann); err == nil || bob.allow(ann.ID()) {
		t.Errorf("one connection more is taken: %v", c.Err())
	}
}

func FuzzReadLetter(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x03abc"))
	f.Add([]byte("\xff\xff\xff\xffabc"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, in []byte) {
		raw, err := readLetter(bytes.NewReader(in))
		if err != nil {
			if raw != nil {
				t.Error("an error and a letter")
			}
			return
		}
		if again := append(binary.BigEndian.AppendUint32(nil, uint32(len(raw))), raw...); !bytes.Equal(again, in) {
			t.Errorf("%q was read from %q", raw, in)
		}
	})
}
