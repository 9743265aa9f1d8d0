package consync_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"meadow/core/consync"
	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// closings returns a channel that gets the peers with which a node ceases to
// exchange a namespace.
func closings(t *testing.T, n *node, ns willow.NamespaceID) <-chan *node {
	closed := make(chan *node, 100)
	t.Cleanup(n.engine.Subscribe(func(ev consync.Event) {
		if ev, ok := ev.(consync.NamespaceClosed); ok && ev.Namespace == ns {
			for _, o := range nodes {
				if o.device.Endpoint() == ev.Peer {
					closed <- o
				}
			}
		}
	}))
	return closed
}

// nodes are those that closings tells apart; tests of this file don't overlap.
var nodes []*node

func closedWith(t *testing.T, closed <-chan *node, peer *node) {
	t.Helper()
	select {
	case n := <-closed:
		if n != peer {
			t.Error("another exchange was closed")
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the exchange goes on")
	}
}

// cutOff withdraws the last handover of a capability.
func (n *node) cutOff(c *meadowcap.Capability) {
	n.t.Helper()
	sig := c.Delegations[len(c.Delegations)-1].Signature
	must(n.t, n.policy.AddStatements(context.Background(), c.Namespace, [][]byte{[]byte(cutOff + string(sig[:]))}))
}

// TestWithdrawnInSession: a withdrawal in the middle of a transfer closes the
// exchange here and at a third node that is connected; the two go on, and what
// was cut off learns why. Given another chain, it resumes.
func TestWithdrawnInSession(t *testing.T) {
	a, b, c := newNode(t), newNode(t), newNode(t)
	nodes = []*node{a, b, c}
	ns, read := a.own()
	r := a.give(b, ns, read, willow.FullArea)
	a.give(c, ns, read, willow.FullArea)
	payload := make([]byte, 32<<20)
	rand.Read(payload)
	e := a.put(ns, 1, payload, "large")
	slow := connectUntil(t, a, b, 2<<20)
	connect(t, a, c)
	connect(t, c, b)
	inStep(t, ns, a, c)
	eventually(t, "some of it", func() bool { p, _ := b.peer(a); return p.PayloadReceived > 1<<20 }, b)
	atA, atC := closings(t, a, ns), closings(t, c, ns)
	a.cutOff(r)
	closedWith(t, atA, b)
	closedWith(t, atC, b)
	eventually(t, "b learns", func() bool { return !b.policy.Live(r) }, b)
	after := a.put(ns, 2, []byte("after"), "after")
	inStep(t, ns, a, c)
	if !c.holds(after) || b.has(after) {
		t.Error("c isn't served, or b is")
	}
	if p, _ := a.peer(c); !p.Agreed[ns] || !p.Common[ns] || !p.Declared {
		t.Errorf("a says of c: %+v", p)
	}
	if p, _ := a.peer(b); p.Common[ns] {
		t.Errorf("a says of b: %+v", p)
	}
	slow.stop()

	s := connect(t, a, b)
	again, err := read.DelegateAgain(a.device, willow.FullArea, b.device.Receiver())
	must(t, err)
	b.interest(ns, again)
	inStep(t, ns, a, b)
	if !b.holds(e) || !b.has(after) {
		t.Error("b hasn't got what it is given again")
	}
	if p, _ := b.peer(a); p.PayloadReceived > 31<<20 {
		t.Errorf("%d bytes were fetched again", p.PayloadReceived)
	}
	s.stop()
}

// TestLastWords: what only a node has heard that is cut off itself isn't lost.
func TestLastWords(t *testing.T) {
	a, b, c := newNode(t), newNode(t), newNode(t)
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	a.give(c, ns, read, willow.FullArea)
	other := key.NewDevice().Receiver()
	b.kill(ns, other) // which nobody else knows
	c.kill(ns, b.device.Receiver())
	connect(t, b, c)
	eventually(t, "c learns", func() bool { return c.knows(ns, other) }, c)
	eventually(t, "b learns", func() bool { return b.knows(ns, b.device.Receiver()) }, b)
	if p, _ := c.peer(b); len(p.Namespaces) > 0 {
		t.Error("the namespace is exchanged")
	}
}

// TestAgreed: a node knows when a peer has heard of a statement.
func TestAgreed(t *testing.T) {
	a, b := newNode(t), newNode(t)
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	agreed := make(chan struct{}, 100)
	t.Cleanup(a.engine.Subscribe(func(ev consync.Event) {
		if ev, ok := ev.(consync.StatementsAgreed); ok && ev.Namespace == ns {
			agreed <- struct{}{}
		}
	}))
	connect(t, a, b)
	inStep(t, ns, a, b)
	<-agreed
	other := newNode(t).device.Receiver()
	b.policy.mu.Lock() // it takes nothing in
	a.kill(ns, other)
	if p, _ := a.peer(b); p.Agreed[ns] {
		t.Error("b can't know yet")
	}
	b.policy.mu.Unlock()
	<-agreed
	if p, _ := a.peer(b); !p.Agreed[ns] {
		t.Error("b knows, but a says it doesn't")
	}
}
