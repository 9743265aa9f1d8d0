package consync_test

import (
	"context"
	"crypto/rand"
	"testing"

	"meadow/core/key"
	"meadow/core/willow"
)

func (n *node) kill(ns willow.NamespaceID, r key.Receiver) {
	n.t.Helper()
	must(n.t, n.policy.AddStatements(context.Background(), ns, [][]byte{[]byte(kill + string(r[:]))}))
}

func (n *node) knows(ns willow.NamespaceID, r key.Receiver) bool {
	for _, s := range n.policy.Statements(ns) {
		if string(s.Raw) == kill+string(r[:]) {
			return true
		}
	}
	return false
}

// Statements are exchanged, both ways, before entries: what they kill isn't sent.
func TestStatementsComeFirst(t *testing.T) {
	a, b, c := newNode(t), newNode(t), newNode(t)
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	a.give(c, ns, read, willow.FullArea)
	s := connect(t, b, c)
	inStep(t, ns, b, c)
	dead := c.put(ns, 1, []byte("of c"), "dead")
	inStep(t, ns, b, c)
	s.stop()
	if !b.has(dead) {
		t.Fatal("b hasn't got what c wrote")
	}
	a.kill(ns, c.device.Receiver())
	stranger := key.NewDevice().Receiver()
	b.kill(ns, stranger)
	live := b.put(ns, 2, []byte("of b"), "live")

	connect(t, a, b)
	inStep(t, ns, a, b)
	if !b.knows(ns, c.device.Receiver()) || !a.knows(ns, stranger) {
		t.Error("statements weren't exchanged")
	}
	if a.has(dead) || b.has(dead) || !a.has(live) {
		t.Error("what is live isn't what the statements leave")
	}
	if p, _ := a.peer(b); p.EntriesReceived != 1 {
		t.Errorf("a received %d entries, want the live one", p.EntriesReceived)
	}
}

// Whose chain is dead gets the statements that killed it and nothing else.
func TestDeadPeerLearnsWhy(t *testing.T) {
	a, b := newNode(t), newNode(t)
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	secret := a.put(ns, 1, []byte("x"), "x")
	other := key.NewDevice().Receiver()
	a.kill(ns, b.device.Receiver())
	a.kill(ns, other)
	connect(t, b, a)
	eventually(t, "b learns", func() bool { return b.knows(ns, b.device.Receiver()) }, b)
	// A second namespace in step shows that all about the first has been said.
	ns2, read2 := a.own()
	a.give(b, ns2, read2, willow.FullArea)
	inStep(t, ns2, a, b)
	if b.knows(ns, other) || b.has(secret) {
		t.Error("b learned more than what killed its chain")
	}
	if p, _ := a.peer(b); len(p.Namespaces) != 1 {
		t.Error("the namespace is exchanged")
	}
}

// Removal in a session ends the serving, also of a payload on its way.
func TestRemovalEndsServing(t *testing.T) {
	a, b := newNode(t), newNode(t)
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	payload := make([]byte, 32<<20)
	rand.Read(payload)
	e := a.put(ns, 1, payload, "large")
	connectUntil(t, a, b, 2<<20)
	eventually(t, "some of it", func() bool { p, _ := b.peer(a); return p.PayloadReceived > 1<<20 }, b)
	a.kill(ns, b.device.Receiver())
	eventually(t, "the end of it", func() bool {
		p, _ := a.peer(b)
		q, _ := b.peer(a)
		return len(p.Namespaces) == 0 && !q.Namespaces[ns].InStep() && b.knows(ns, b.device.Receiver())
	}, a, b)
	after := a.put(ns, 2, []byte("after"), "after")
	ns2, read2 := a.own()
	a.give(b, ns2, read2, willow.FullArea)
	inStep(t, ns2, a, b)
	if b.holds(e) || b.has(after) {
		t.Error("b was served after its removal")
	}
}

func TestUnservedPeerGetsNothing(t *testing.T) {
	a, b := newNode(t), newNode(t)
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	e := a.put(ns, 1, []byte("x"), "x")
	a.policy.change(ns, func() { a.policy.refused[b.device.Endpoint()] = true })
	connect(t, a, b)
	eventually(t, "state of b", func() bool { p, _ := b.peer(a); return p.Namespaces[ns].OursKnown }, b)
	if p, _ := b.peer(a); p.Namespaces[ns].TheirsKnown || b.has(e) {
		t.Error("b was served")
	}
	a.policy.change(ns, func() { delete(a.policy.refused, b.device.Endpoint()) })
	inStep(t, ns, a, b)
	if !b.holds(e) {
		t.Error("b wasn't served when it might be")
	}
}

// A malformed statement ends the session.
func TestForgedStatement(t *testing.T) {
	a, b := newNode(t), newNode(t)
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	a.policy.statements = map[willow.NamespaceID]map[[32]byte][]byte{ns: {{1}: []byte("forged")}}
	s := connect(t, a, b)
	if <-s.ended; s.bErr == nil || s.b.closedWith() != 1 {
		t.Errorf("b ended with %v", s.bErr)
	}
}
