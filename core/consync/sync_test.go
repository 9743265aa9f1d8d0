package consync_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"meadow/core/blob"
	"meadow/core/consync"
	"meadow/core/willow"
)

// Property S11: after a session both stores agree, whatever each held before,
// and hold every payload.
func TestRandomStoresConverge(t *testing.T) {
	limits := func(e *consync.Engine) { e.Small(3, 3, 16, time.Hour) }
	a, b := newNode(t, limits), newNode(t, limits)
	rapid.Check(t, func(rt *rapid.T) {
		ns, read := a.own()
		a.give(b, ns, read, willow.FullArea)
		defer a.forget(ns)
		defer b.forget(ns)
		var listA, listB []willow.Authorised
		for range rapid.IntRange(0, 60).Draw(rt, "entries") {
			path := []string{fmt.Sprint(rapid.IntRange(0, 12).Draw(rt, "dir"))}
			if rapid.Bool().Draw(rt, "deep") {
				path = append(path, fmt.Sprint(rapid.IntRange(0, 12).Draw(rt, "name")))
			}
			at := willow.Timestamp(rapid.IntRange(1, 50).Draw(rt, "time"))
			payload := make([]byte, rapid.SampledFrom([]int{0, 0, 0, 1, 100, 20_000}).Draw(rt, "length"))
			copy(payload, fmt.Sprint(rapid.IntRange(0, 5).Draw(rt, "content")))
			who := rapid.IntRange(0, 2).Draw(rt, "who")
			if who != 0 {
				listA = append(listA, a.sign(ns, at, payload, path...))
			}
			if who != 1 {
				listB = append(listB, b.sign(ns, at, payload, path...))
			}
		}
		a.insert(0, listA...)
		b.insert(0, listB...)
		s := connect(t, a, b)
		inStep(t, ns, a, b)
		s.stop()
		if a.fingerprint(ns) != b.fingerprint(ns) {
			rt.Fatal("fingerprints differ")
		}
		for e, err := range a.store.Area(context.Background(), ns, willow.FullArea) {
			must(t, err)
			if e.Entry.PayloadLength > 0 && !(a.holds(e.Entry) && b.holds(e.Entry)) {
				rt.Fatalf("payload of %v is missing", e.Entry.Path)
			}
		}
	})
}

// Property S7: nothing outside the intersection of both areas travels.
func TestOnlyTheOverlapTravels(t *testing.T) {
	a, b, c := newNode(t), newNode(t), newNode(t)
	ns, read := a.own()
	// b may see x, c may see x/y: between b and c it is x/y.
	areaB := willow.Area{AnySubspace: true, Path: willow.MustPath("x"), Times: willow.AllTimes}
	a.give(b, ns, read, areaB)
	areaC := willow.Area{
		AnySubspace: true, Path: willow.MustPath("x", "y"),
		Times: willow.TimeRange{Start: 100, End: 200},
	}
	a.give(c, ns, read, areaC)

	for i := range 50 {
		a.put(ns, 150, []byte("hidden"), "z", name(i))
		a.put(ns, 150, []byte("of b"), "x", name(i))
	}
	late := a.put(ns, 250, []byte("too late"), "x", "y", "late")
	both := a.put(ns, 150, bytes.Repeat([]byte{1}, 30_000), "x", "y", "both")
	s := connect(t, a, b)
	inStep(t, ns, a, b)
	s.stop()
	if b.fingerprint(ns) == a.fingerprint(ns) || !b.holds(late) || !b.holds(both) {
		t.Error("b has not what it may have, and only that")
	}

	connect(t, b, c)
	inStep(t, ns, b, c)
	p, _ := b.peer(c)
	if p.EntriesSent != 1 || !c.holds(both) || c.has(late) {
		t.Errorf("b sent %d entries to c, want the one of the intersection", p.EntriesSent)
	}
	outside := b.put(ns, 160, nil, "x", "q")
	inside := b.put(ns, 160, []byte("in"), "x", "y", "in")
	eventually(t, "the inside one forwarded", func() bool { return c.holds(inside) }, c)
	inStep(t, ns, b, c)
	if p, _ := b.peer(c); p.EntriesSent != 2 || c.has(outside) {
		t.Errorf("b sent %d entries to c, want 2", p.EntriesSent)
	}
}

func TestThreeNodesDontEcho(t *testing.T) {
	a, b, c := newNode(t), newNode(t), newNode(t)
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	a.give(c, ns, read, willow.FullArea)
	connect(t, a, b)
	connect(t, b, c)
	connect(t, c, a)
	inStep(t, ns, a, b)
	inStep(t, ns, b, c)
	inStep(t, ns, c, a)
	const n = 50
	for i := range n {
		from := []*node{a, b, c}[i%3]
		e := from.put(ns, willow.Timestamp(i+1), []byte("news"), name(i))
		eventually(t, "entry everywhere", func() bool { return a.holds(e) && b.holds(e) && c.holds(e) }, a, b, c)
	}
	inStep(t, ns, a, b)
	inStep(t, ns, b, c)
	inStep(t, ns, c, a)
	var sent uint64
	for _, x := range []*node{a, b, c} {
		for _, p := range x.engine.Peers() {
			sent += p.EntriesSent
		}
	}
	// Two copies of each must travel; the two receivers may cross once more.
	if sent < 2*n || sent > 4*n {
		t.Errorf("%d copies of %d entries were sent", sent, n)
	}
}

func TestInterestAddedInSession(t *testing.T) {
	a, b := newNode(t), newNode(t)
	connect(t, a, b)
	eventually(t, "sessions", func() bool {
		_, okA := a.peer(b)
		_, okB := b.peer(a)
		return okA && okB
	}, a, b)
	<-a.hellos
	for range 6 {
		ns, read := a.own()
		e := a.put(ns, 1, []byte("late"), "late")
		a.give(b, ns, read, willow.FullArea)
		inStep(t, ns, a, b)
		if !b.holds(e) {
			t.Error("entry of a namespace that was added isn't there")
		}
	}
}

func TestInterestWithdrawnAndBack(t *testing.T) {
	a, b := newNode(t), newNode(t)
	ns, read := a.own()
	readB := a.give(b, ns, read, willow.FullArea)
	connect(t, a, b)
	inStep(t, ns, a, b)
	b.policy.change(ns, func() { b.policy.interests = nil })
	eventually(t, "exchange ends", func() bool {
		p, _ := b.peer(a)
		q, _ := a.peer(b)
		return len(p.Namespaces) == 0 && !q.Namespaces[ns].InStep()
	}, a, b)
	missed := a.put(ns, 5, []byte("missed"), "missed")
	b.interest(ns, readB)
	inStep(t, ns, a, b)
	if !b.holds(missed) {
		t.Error("what was written meanwhile isn't there")
	}
}

func TestAppliedIsTold(t *testing.T) {
	a, b := newNode(t), newNode(t)
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	b.touched[ns] = true
	connect(t, a, b)
	eventually(t, "state of b", func() bool { p, _ := a.peer(b); return p.Namespaces[ns].TheirsKnown }, a)
	if p, _ := a.peer(b); p.InStep() {
		t.Error("in step with a node that hasn't applied")
	}
	b.mu.Lock()
	b.touched[ns] = false
	b.mu.Unlock()
	b.engine.Touch(ns)
	inStep(t, ns, a, b)
}

// A payload that a peer hasn't got yet is asked for again when it has.
func TestPayloadAskedForAgain(t *testing.T) {
	for what, length := range map[string]int{"small": 100, "large": 100_000} {
		t.Run(what, func(t *testing.T) {
			a, b := newNode(t), newNode(t)
			ns, read := a.own()
			a.give(b, ns, read, willow.FullArea)
			payload := make([]byte, length)
			rand.Read(payload)
			full := newNode(t) // where the payload really is
			full.write[ns] = a.write[ns]
			full.device = a.device
			e := full.sign(ns, 3, payload, "late")
			a.insert(0, e)
			connect(t, a, b)
			eventually(t, "entry without payload", func() bool {
				p, _ := a.peer(b)
				n := p.Namespaces[ns]
				return b.has(e.Entry) && n.TheirsKnown && n.TheirsMissing == 1
			}, a, b)
			_, err := a.blobs.PutBytes(context.Background(), scope(e.Entry), payload)
			must(t, err)
			inStep(t, ns, a, b)
			if !b.holds(e.Entry) {
				t.Error("payload isn't there")
			}
		})
	}
}

// A download that was cut is resumed, from another peer too.
func TestPayloadResumes(t *testing.T) {
	a, b, c := newNode(t), newNode(t), newNode(t)
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	a.give(c, ns, read, willow.FullArea)
	payload := make([]byte, 24<<20)
	rand.Read(payload)
	e := a.put(ns, 1, payload, "large")
	s := connect(t, a, b)
	inStep(t, ns, a, b)
	s.stop()

	s = connectUntil(t, a, c, 13<<20)
	eventually(t, "half of it", func() bool {
		p, _ := c.peer(a)
		return p.PayloadReceived > 12<<20
	}, c)
	s.stop()
	got := s.received(t, c)
	connect(t, b, c)
	inStep(t, ns, b, c)
	if !c.holds(e) {
		t.Fatal("payload isn't there")
	}
	if p, _ := c.peer(b); p.PayloadReceived+got > uint64(len(payload))+8<<20 {
		t.Errorf("second peer sent %d bytes after %d had come", p.PayloadReceived, got)
	}
}

// received is how many bytes of one payload c has kept.
func (s *session) received(t *testing.T, c *node) uint64 {
	t.Helper()
	var got uint64
	for _, in := range c.policy.interests {
		for e, err := range c.store.Wanted(context.Background(), in.Namespace, willow.FullArea) {
			must(t, err)
			d, err := c.blobs.Fetch(context.Background(), scope(e), blob.Hash(e.PayloadDigest), e.PayloadLength)
			must(t, err)
			have, _ := d.Progress()
			got += have
			must(t, d.Close())
		}
	}
	return got
}

// What isn't forwarded because the queue is full is found by reconciling.
func TestForwardingOverflow(t *testing.T) {
	a := newNode(t, func(e *consync.Engine) { e.Small(8, 64, 4, time.Hour) })
	b := newNode(t, func(e *consync.Engine) { e.Small(8, 64, 4, time.Hour) })
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	connect(t, b, a) // a, whose queue is full, isn't the one to start otherwise
	inStep(t, ns, a, b)
	var list []willow.Authorised
	for i := range 500 {
		list = append(list, a.sign(ns, 9, []byte("x"), name(i)))
	}
	a.insert(0, list...)
	inStep(t, ns, a, b)
	if p, _ := a.peer(b); p.Rounds == 0 {
		t.Error("no reconciliation")
	}
}
