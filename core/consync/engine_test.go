package consync_test

import (
	"bytes"
	"testing"

	"go.uber.org/goleak"

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
