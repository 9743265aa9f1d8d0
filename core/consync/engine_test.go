package consync_test

import (
	"bytes"
	"errors"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"meadow/core/consync"
	"meadow/core/willow"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTwoNodesMeet(t *testing.T) {
	a, b := newNode(t), newNode(t)
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	first := a.put(ns, 10, []byte("small"), "files", "one")
	large := a.put(ns, 11, bytes.Repeat([]byte("large"), 40_000), "files", "two")
	other := b.put(ns, 12, []byte("of b"), "files", "three")

	connect(t, a, b)
	inStep(t, ns, a, b)
	for _, e := range []willow.Entry{first, large, other} {
		if !a.holds(e) || !b.holds(e) {
			t.Errorf("%v isn't on both nodes", e.Path)
		}
	}
	if a.fingerprint(ns) != b.fingerprint(ns) {
		t.Error("fingerprints differ")
	}
	if <-a.hellos != "hello" || <-b.hellos != "hello" {
		t.Error("no hello")
	}
}

func TestLiveForwarding(t *testing.T) {
	a, b := newNode(t), newNode(t)
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	connect(t, a, b)
	inStep(t, ns, a, b)
	for i := range 20 {
		from, to := a, b
		if i%2 == 1 {
			from, to = b, a
		}
		e := from.put(ns, willow.Timestamp(i+1), []byte{byte(i)}, "live", name(i))
		eventually(t, "entry forwarded", func() bool { return to.holds(e) }, to)
	}
	inStep(t, ns, a, b)
	p, _ := a.peer(b)
	if p.EntriesSent != 10 || p.EntriesReceived != 10 {
		t.Errorf("a sent %d and received %d entries, want 10 each: something echoes", p.EntriesSent, p.EntriesReceived)
	}
}

func TestHelloAgain(t *testing.T) {
	a, b := newNode(t), newNode(t)
	connect(t, a, b)
	if got := <-b.hellos; got != "hello" {
		t.Errorf("heard %q", got)
	}
	a.hello.Store("moved")
	a.engine.Greet()
	if got := <-b.hellos; got != "moved" {
		t.Errorf("heard %q", got)
	}
}

// Of two connections dialled at once both nodes keep the same one; a newer one
// from the same side replaces the older.
func TestOneSessionPerPeer(t *testing.T) {
	a, b := newNode(t), newNode(t)
	if x, y := a.device.Endpoint(), b.device.Endpoint(); bytes.Compare(x[:], y[:]) > 0 {
		a, b = b, a
	}
	first := connect(t, b, a)
	<-a.hellos
	preferred := connect(t, a, b)
	if err := <-first.ended; !errors.Is(err, consync.ErrReplaced) {
		t.Errorf("the other connection ended with %v", err)
	}
	third := connect(t, b, a)
	if err := <-third.ended; !errors.Is(err, consync.ErrReplaced) {
		t.Errorf("a second connection ended with %v", err)
	}
	newer := connect(t, a, b)
	if err := <-preferred.ended; !errors.Is(err, consync.ErrReplaced) {
		t.Errorf("the older connection ended with %v", err)
	}
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	inStep(t, ns, a, b)
	newer.stop()
}

// TestSessionAfterOneThatLeaves: a connection that has ended keeps no other one out,
// though its session still stores what came over it.
func TestSessionAfterOneThatLeaves(t *testing.T) {
	a, b := newNode(t), newNode(t)
	if x, y := a.device.Endpoint(), b.device.Endpoint(); bytes.Compare(x[:], y[:]) > 0 {
		a, b = b, a
	}
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	preferred := connect(t, a, b)
	inStep(t, ns, a, b)
	<-a.hellos

	storing, stored := make(chan struct{}), make(chan struct{})
	stores := sync.OnceFunc(func() {
		close(storing)
		<-stored
	})
	told := func(willow.Change) { stores() }
	a.told.Store(&told)
	b.put(ns, 10, []byte("the last"), "one")
	<-storing
	must(t, preferred.a.Close(consync.CodeOK))
	next := connect(t, b, a)
	select {
	case <-a.hellos:
		close(stored)
	case err := <-next.ended:
		close(stored)
		t.Fatalf("the next connection ended with %v", err)
	}
	inStep(t, ns, a, b)
}

func TestEventsTellASession(t *testing.T) {
	a, b := newNode(t), newNode(t)
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	events := make(chan consync.Event, 100)
	a.engine.Subscribe(func(ev consync.Event) { events <- ev })
	s := connect(t, a, b)
	inStep(t, ns, a, b)
	s.stop()
	var opened, inside, step bool
	for {
		switch ev := (<-events).(type) {
		case consync.SessionOpened:
			opened = true
		case consync.NamespaceOpened:
			inside = opened && ev.Namespace == ns && ev.Area == willow.FullArea
		case consync.NamespaceInStep:
			step = step || inside && ev.InStep
		case consync.SessionClosed:
			if !opened || !inside || !step {
				t.Errorf("opened %v, namespace opened %v, in step %v before the end", opened, inside, step)
			}
			return
		}
	}
}
