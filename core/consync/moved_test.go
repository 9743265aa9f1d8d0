package consync_test

import (
	"context"
	"sync"
	"testing"

	"meadow/core/consync"
	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// record keeps a node's events.
type record struct {
	mu  sync.Mutex
	all []consync.Event
}

func (n *node) record() *record {
	r := new(record)
	n.t.(*testing.T).Cleanup(n.engine.Subscribe(func(ev consync.Event) {
		r.mu.Lock()
		r.all = append(r.all, ev)
		r.mu.Unlock()
		n.wake()
	}))
	return r
}

// eventsOf returns the events of one type so far.
func eventsOf[E consync.Event](r *record) (all []E) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ev := range r.all {
		if ev, ok := ev.(E); ok {
			all = append(all, ev)
		}
	}
	return all
}

// TestWhatWentIsTold: for peers of whom somebody wants to know, there are events
// of all that goes and comes, entry by entry; for others only sums.
func TestWhatWentIsTold(t *testing.T) {
	a, b, c := newNode(t), newNode(t), newNode(t)
	ns, read := a.ownOnly()
	small := a.put(ns, 5, []byte("0123456789"), "one", "small")
	large := a.put(ns, 6, make([]byte, 100_000), "one", "large")
	a.put(ns, 7, []byte("elsewhere"), "two")
	a.share(b, ns, read, below("one"))
	b.audits.Store(true)
	atA, atB := a.record(), b.record()
	s := connect(t, a, b)
	inStep(t, ns, a, b)
	pa, _ := a.peer(b)
	pb, _ := b.peer(a)
	if out, in := pa.Namespaces[ns].PayloadSent, pb.Namespaces[ns].PayloadReceived; out < 100_010 || in != out {
		t.Errorf("of the payloads %d bytes went and %d came", out, in)
	}
	s.stop()
	eventually(t, "the end is told", func() bool {
		return len(eventsOf[consync.SessionClosed](atA)) > 0 && len(eventsOf[consync.SessionClosed](atB)) > 0
	}, a, b)
	if len(eventsOf[consync.EntriesSent](atA))+len(eventsOf[consync.PayloadServed](atA)) > 0 {
		t.Error("a told of what nobody wanted to know")
	}
	sums := eventsOf[consync.NamespaceClosed](atA)
	if len(sums) != 1 || sums[0].Area != below("one") || sums[0].EntriesSent != 2 || sums[0].EntriesReceived != 0 || sums[0].PayloadSent < 100_010 {
		t.Errorf("a says at the end: %+v", sums)
	}
	came := make(map[willow.Entry]uint64)
	for _, ev := range eventsOf[consync.EntriesTaken](atB) {
		addUp(t, came, consync.EntriesSent(ev), a)
	}
	for _, ev := range eventsOf[consync.PayloadTaken](atB) {
		came[ev.Entry] += ev.Bytes
	}
	if len(came) != 2 || came[small] != 10 || came[large] != 100_000 {
		t.Errorf("b says that this came: %v", came)
	}

	b.share(c, ns, mustDelegated(t, b, ns), below("one"))
	s = connect(t, c, b)
	inStep(t, ns, b, c)
	s.stop()
	eventually(t, "the end is told", func() bool { return len(eventsOf[consync.SessionClosed](atB)) > 1 }, b)
	went := make(map[willow.Entry]uint64)
	for _, ev := range eventsOf[consync.EntriesSent](atB) {
		addUp(t, went, ev, c)
	}
	for _, ev := range eventsOf[consync.PayloadServed](atB) {
		went[ev.Entry] += ev.Bytes
	}
	if len(went) != 2 || went[small] != 10 || went[large] != 100_000 {
		t.Errorf("b says that this went: %v", went)
	}
}

// addUp adds what an event about entries below "one" tells of payloads.
func addUp(t *testing.T, sum map[willow.Entry]uint64, ev consync.EntriesSent, peer *node) {
	t.Helper()
	for _, e := range ev.Entries {
		sum[e.Entry] += e.Bytes
	}
	if ev.Peer != peer.device.Endpoint() || ev.Area != below("one") || ev.Count != len(ev.Entries) {
		t.Errorf("it says %+v", ev)
	}
}

// mustDelegated returns the capability that a node shows for a namespace.
func mustDelegated(t *testing.T, n *node, ns willow.NamespaceID) *meadowcap.Capability {
	t.Helper()
	list, err := n.policy.Interests(context.Background(), key.Endpoint{})
	must(t, err)
	for _, in := range list {
		if in.Namespace == ns {
			return in.Read
		}
	}
	t.Fatal("there is no interest")
	return nil
}

// TestWhatIsFalseIsntTold: entries count as received once they are stored, and once.
func TestWhatIsFalseIsntTold(t *testing.T) {
	n := newNode(t)
	ns, read := n.own()
	n.audits.Store(true)
	heard := n.record()
	d, r, w := member(t, n, ns, read, below("x"))
	entry := func(name string) willow.Authorised {
		a, err := meadowcap.Sign(d, w, willow.Entry{
			Namespace: ns, Subspace: subspace, Path: willow.MustPath("x", name), Timestamp: 1, PayloadDigest: willow.EmptyDigest,
		})
		must(t, err)
		return a
	}
	good, bad := entry("good"), entry("bad")
	bad.Token.Signature[5] ^= 1
	for i := range 3 {
		a := attack(t, n, d)
		a.join(ns, r)
		a.say(consync.FrameEntry(good, false, nil))
		eventually(t, "it is stored", func() bool { return n.has(good.Entry) }, n)
		a.say(consync.FrameEntry(bad, false, nil))
		a.thrownOut(consync.TypeState)
		eventually(t, "the end is told", func() bool { return len(eventsOf[consync.SessionClosed](heard)) > i }, n)
	}
	told := 0
	for _, ev := range eventsOf[consync.EntriesTaken](heard) {
		told += ev.Count
		if ev.Count != len(ev.Entries) || ev.Entries[0].Entry != good.Entry {
			t.Errorf("told of %+v", ev)
		}
	}
	if told != 1 {
		t.Errorf("told of %d entries, want one", told)
	}
}

// TestManyEntriesFewEvents: there isn't one for each.
func TestManyEntriesFewEvents(t *testing.T) {
	a, b := newNode(t), newNode(t)
	ns, read := a.ownOnly()
	const count = 5000
	var list []willow.Authorised
	for i := range count {
		list = append(list, a.sign(ns, 1, nil, "x", name(i)))
	}
	a.insert(0, list...)
	a.share(b, ns, read, below("x"))
	a.audits.Store(true)
	atA := a.record()
	connect(t, a, b)
	inStep(t, ns, a, b)
	sum := func() (n int) {
		for _, ev := range eventsOf[consync.EntriesSent](atA) {
			n += ev.Count
		}
		return n
	}
	eventually(t, "all is told", func() bool { return sum() >= count }, a)
	if n := len(eventsOf[consync.EntriesSent](atA)); n > 20 {
		t.Errorf("%d events for %d entries", n, count)
	}
}
