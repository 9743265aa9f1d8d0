package consync_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"meadow/core/consync"
	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// adversary is a peer of a node that speaks the wire by hand.
type adversary struct {
	t       *testing.T
	device  key.Device
	conn    *conn
	control consync.Stream
	victim  chan error // why the victim's session ended
	heard   int        // bytes on the control stream
}

// attack connects a new device to a node. It dials.
func attack(t *testing.T, n *node, device key.Device) *adversary {
	t.Helper()
	links++
	x, y := dial(device.Endpoint(), n.device.Endpoint(), links)
	a := &adversary{t: t, device: device, conn: x, victim: make(chan error, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		a.victim <- n.engine.Serve(ctx, y)
		close(done)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	control, err := x.OpenStream(ctx)
	must(t, err)
	a.control = control
	a.say([]byte{consync.StreamControl})
	return a
}

func (a *adversary) say(b []byte) {
	a.t.Helper()
	if _, err := a.control.Write(b); err != nil {
		a.t.Fatal(err)
	}
}

// hear returns the body of the next frame, which must be of a type.
func (a *adversary) hear(typ byte) []byte {
	a.t.Helper()
	got, body, err := consync.ReadFrame(a.control)
	must(a.t, err)
	a.heard += 5 + len(body)
	if got != typ {
		a.t.Fatalf("heard type %#x, want %#x", got, typ)
	}
	return body
}

// next returns the next frame.
func (a *adversary) next() (typ byte, body []byte) {
	a.t.Helper()
	typ, body, err := consync.ReadFrame(a.control)
	must(a.t, err)
	a.heard += 5 + len(body)
	return typ, body
}

// thrownOut waits for the victim to end the session for a broken rule, and
// fails if it says anything but what is allowed before.
func (a *adversary) thrownOut(allowed ...byte) {
	a.t.Helper()
	for {
		typ, body, err := consync.ReadFrame(a.control)
		if err != nil {
			break
		}
		a.heard += 5 + len(body)
		if !slices.Contains(allowed, typ) {
			a.t.Errorf("heard type %#x", typ)
		}
	}
	if err := <-a.victim; !errors.Is(err, consync.ErrProtocol) {
		a.t.Errorf("session ended with %v, want a broken rule", err)
	}
	if code := a.conn.closedWith(); code != consync.CodeProtocol {
		a.t.Errorf("closed with code %d, want %d", code, consync.CodeProtocol)
	}
}

// join goes as far as a peer with a capability comes, to the first State.
func (a *adversary) join(ns willow.NamespaceID, read *meadowcap.Capability) {
	a.t.Helper()
	a.say(consync.FrameInterests(a.conn, ns))
	a.hear(consync.TypeHello)
	a.hear(consync.TypeInterests)
	a.hear(consync.TypeRead)
	a.say(consync.FrameRead(read.Encode()))
	hash := a.hear(consync.TypeSetHash)
	a.say(consync.FrameSetHash([32]byte(hash[1:])))
	a.say(consync.FrameState(willow.Fingerprint(a.hear(consync.TypeState)[2:])))
}

// member makes a device that may read and write an area of a node's namespace.
func member(t *testing.T, n *node, ns willow.NamespaceID, read *meadowcap.Capability, area willow.Area) (d key.Device, r, w *meadowcap.Capability) {
	t.Helper()
	d = key.NewDevice()
	r, err := read.Delegate(n.device, area, d.Receiver())
	must(t, err)
	w, err = n.write[ns].Delegate(n.device, area, d.Receiver())
	must(t, err)
	return d, r, w
}

// Property S1: what a stranger hears doesn't depend on what there is.
func TestStrangerLearnsNothing(t *testing.T) {
	var heard []int
	for _, entries := range []int{0, 1, 100} {
		n := newNode(t)
		ns, _ := n.own()
		n.own()
		for i := range entries {
			n.put(ns, 1, []byte("secret"), name(i))
		}
		a := attack(t, n, key.NewDevice())
		other := key.NewOwnedNamespace().Namespace()
		a.say(consync.FrameInterests(a.conn, other))
		a.hear(consync.TypeHello)
		a.hear(consync.TypeInterests)
		a.say(consync.FrameStop(0))
		a.thrownOut()
		heard = append(heard, a.heard)
	}
	if heard[0] != heard[1] || heard[1] != heard[2] {
		t.Errorf("strangers heard %v bytes", heard)
	}
}

// Property S2: who guesses a namespace but has no capability gets no entry, no
// fingerprint, nothing of the statements.
func TestGuesserLearnsNothing(t *testing.T) {
	n := newNode(t)
	ns, _ := n.own()
	e := n.put(ns, 1, []byte("secret"), "x")
	a := attack(t, n, key.NewDevice())
	a.say(consync.FrameInterests(a.conn, ns))
	a.hear(consync.TypeHello)
	a.hear(consync.TypeInterests)
	a.hear(consync.TypeRead)
	a.say(consync.FrameState(willow.Fingerprint{1}))
	if got := a.fetch(e); len(got) != 0 {
		t.Errorf("got %d bytes of a payload", len(got))
	}
	mine := key.NewOwnedNamespace()
	a.say(consync.FrameRead(meadowcap.NewOwned(mine, meadowcap.Read, a.device.Receiver()).Encode()))
	a.thrownOut()
}

// fetch asks for a payload on a stream of its own.
func (a *adversary) fetch(e willow.Entry) []byte {
	a.t.Helper()
	s, err := a.conn.OpenStream(context.Background())
	must(a.t, err)
	_, err = s.Write(consync.Request(e))
	must(a.t, err)
	got, _ := io.ReadAll(s)
	return got
}

// Property S4.
func TestEchoedHashesDontMatch(t *testing.T) {
	n := newNode(t)
	n.own()
	a := attack(t, n, key.NewDevice())
	a.hear(consync.TypeHello)
	a.say(consync.FrameEcho(a.hear(consync.TypeInterests)))
	a.say(consync.FrameStop(0))
	a.thrownOut()
}

// Property S5.
func TestCapabilityOfAnotherIsRefused(t *testing.T) {
	n := newNode(t)
	ns, read := n.own()
	n.put(ns, 1, []byte("secret"), "x")
	_, stolen, _ := member(t, n, ns, read, willow.FullArea)
	a := attack(t, n, key.NewDevice())
	a.say(consync.FrameInterests(a.conn, ns))
	a.hear(consync.TypeHello)
	a.hear(consync.TypeInterests)
	a.hear(consync.TypeRead)
	a.say(consync.FrameRead(stolen.Encode()))
	a.thrownOut()
}

// Properties S7 and S8.
func TestBadEntriesEndTheSession(t *testing.T) {
	n := newNode(t)
	ns, read := n.own()
	area := willow.Area{AnySubspace: true, Path: willow.MustPath("x"), Times: willow.AllTimes}
	elsewhere, _ := n.own()
	entry := func(ns willow.NamespaceID, path ...string) willow.Entry {
		return willow.Entry{
			Namespace: ns, Subspace: subspace, Path: willow.MustPath(path...), Timestamp: 1,
			PayloadDigest: willow.EmptyDigest,
		}
	}
	tests := map[string]func(d key.Device, w *meadowcap.Capability) []byte{
		"bad signature": func(d key.Device, w *meadowcap.Capability) []byte {
			a, err := meadowcap.Sign(d, w, entry(ns, "x", "y"))
			must(t, err)
			a.Token.Signature[5] ^= 1
			return consync.FrameEntry(a, false, nil)
		},
		"outside the area": func(key.Device, *meadowcap.Capability) []byte {
			a, err := meadowcap.Sign(n.device, n.write[ns], entry(ns, "y"))
			must(t, err)
			return consync.FrameEntry(a, false, nil)
		},
		"another namespace": func(key.Device, *meadowcap.Capability) []byte {
			a, err := meadowcap.Sign(n.device, n.write[elsewhere], entry(elsewhere, "x", "z"))
			must(t, err)
			return consync.FrameEntry(a, false, nil)
		},
		"beyond what it may write": func(d key.Device, w *meadowcap.Capability) []byte {
			less, err := w.Delegate(d, willow.Area{AnySubspace: true, Path: willow.MustPath("x", "y"), Times: willow.AllTimes}, key.NewDevice().Receiver())
			must(t, err)
			e := entry(ns, "x", "z")
			token := willow.Token{Capability: less.Encode(), Signature: d.Sign(willow.AppendEntry(nil, e))}
			return consync.FrameEntry(willow.Authorised{Entry: e, Token: token}, false, nil)
		},
		"another entry's signature": func(d key.Device, w *meadowcap.Capability) []byte {
			a, err := meadowcap.Sign(d, w, entry(ns, "x", "y"))
			must(t, err)
			a.Entry.Timestamp++
			return consync.FrameEntry(a, false, nil)
		},
		"false payload": func(d key.Device, w *meadowcap.Capability) []byte {
			e := entry(ns, "x", "p")
			e.PayloadDigest, e.PayloadLength = willow.Digest{1}, 4
			a, err := meadowcap.Sign(d, w, e)
			must(t, err)
			return consync.FrameEntry(a, true, []byte("evil"))
		},
		"a read capability": func(d key.Device, w *meadowcap.Capability) []byte {
			a, err := meadowcap.Sign(d, w, entry(ns, "x", "y"))
			must(t, err)
			r, err := read.Delegate(n.device, area, d.Receiver())
			must(t, err)
			a.Token.Capability = r.Encode()
			return consync.FrameEntry(a, false, nil)
		},
		"unknown slot": func(d key.Device, w *meadowcap.Capability) []byte {
			a, err := meadowcap.Sign(d, w, entry(ns, "x", "y"))
			must(t, err)
			a.Token.Capability = nil
			return consync.FrameEntry(a, false, nil)
		},
	}
	for what, frame := range tests {
		t.Run(what, func(t *testing.T) {
			before := n.fingerprint(ns)
			d, r, w := member(t, n, ns, read, area)
			a := attack(t, n, d)
			a.join(ns, r)
			a.say(frame(d, w))
			a.thrownOut(consync.TypeState)
			if n.fingerprint(ns) != before {
				t.Error("something was stored")
			}
		})
	}
}

// Property S7 for payloads.
func TestPayloadsOutsideTheAreaArentServed(t *testing.T) {
	n := newNode(t)
	ns, read := n.own()
	in := n.put(ns, 1, bytes.Repeat([]byte("in"), 10), "x", "in")
	out := n.put(ns, 1, bytes.Repeat([]byte("out"), 10), "out")
	unheld := n.sign(ns, 1, []byte("elsewhere"), "x", "unheld")
	unheld.Entry.Subspace = willow.SubspaceID{9} // where nobody attached it
	must(t, func() (err error) {
		unheld, err = meadowcap.Sign(n.device, n.write[ns], unheld.Entry)
		return err
	}())
	n.insert(0, unheld)
	d, r, _ := member(t, n, ns, read, willow.Area{AnySubspace: true, Path: willow.MustPath("x"), Times: willow.AllTimes})
	a := attack(t, n, d)
	a.join(ns, r)
	if got := a.fetch(in); !bytes.Contains(got, []byte("inin")) {
		t.Errorf("got %q of a payload inside the area", got)
	}
	if got := a.fetch(out); len(got) != 0 {
		t.Errorf("got %q of a payload outside the area", got)
	}
	if got := a.fetch(unheld.Entry); len(got) != 0 {
		t.Errorf("got %q of a payload that another scope holds", got)
	}
	swapped := in
	swapped.PayloadDigest = out.PayloadDigest
	if got := a.fetch(swapped); len(got) != 0 {
		t.Errorf("got %q of a payload that isn't the entry's", got)
	}
}

// Property S12: a peer that doesn't read is given up, and so is a silent one.
func TestStuckPeersAreGivenUp(t *testing.T) {
	impatient := func(e *consync.Engine) { e.Impatient(time.Second, time.Hour, 100*time.Millisecond) }
	n := newNode(t, impatient)
	ns, read := n.own()
	for i := range 50 {
		n.put(ns, 1, make([]byte, 16<<10), name(i))
	}
	d, r, _ := member(t, n, ns, read, willow.FullArea)
	a := attack(t, n, d)
	a.join(ns, r)
	a.say(consync.FrameSplit(1)) // is answered by a Have, which stays unanswered
	if err := <-a.victim; !errors.Is(err, consync.ErrStalled) {
		t.Errorf("session ended with %v, want a stall", err)
	}

	silent := newNode(t, func(e *consync.Engine) { e.Impatient(time.Second, 100*time.Millisecond, time.Hour) })
	a = attack(t, silent, key.NewDevice())
	if err := <-a.victim; !errors.Is(err, consync.ErrStalled) {
		t.Errorf("session ended with %v, want a stall", err)
	}
}

// Property S12: questions are limited in number.
func TestTooManyQuestions(t *testing.T) {
	n := newNode(t, func(e *consync.Engine) { e.ReadAtMost(1) })
	ns, read := n.own()
	n.put(ns, 1, []byte("x"), "x")
	d, r, _ := member(t, n, ns, read, willow.FullArea)
	a := attack(t, n, d)
	a.join(ns, r)
	go func() {
		for {
			if _, err := a.control.Write(consync.FrameSplit(1000)); err != nil {
				return
			}
		}
	}()
	if err := <-a.victim; !errors.Is(err, consync.ErrLimit) {
		t.Errorf("session ended with %v, want a limit", err)
	}
}
