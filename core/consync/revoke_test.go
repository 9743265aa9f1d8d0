package consync_test

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"meadow/core/consync"
	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// serves has a node serve what has been delegated for an area, or not.
func (n *node) serves(ns willow.NamespaceID, area willow.Area, yes bool) {
	n.policy.change(ns, func() {
		if n.policy.unserved == nil {
			n.policy.unserved = make(map[willow.Area]bool)
		}
		n.policy.unserved[area] = !yes
	})
}

// TestRevokedInSession: when the policy doesn't serve a peer any more, what it was
// being sent ends, in the middle of a payload, and all else goes on. Served again,
// it gets the rest.
func TestRevokedInSession(t *testing.T) {
	a, b := newNode(t), newNode(t)
	nodes = []*node{a, b}
	ns, read := a.ownOnly()
	payload := make([]byte, 16<<20)
	rand.Read(payload)
	large := a.put(ns, 1, payload, "one", "large")
	a.share(b, ns, read, below("one"))
	a.share(b, ns, read, below("two"))
	a.audits.Store(true)
	b.audits.Store(true)
	atA, atB := a.record(), b.record()
	stuck := connectUntil(t, a, b, 2<<20)
	eventually(t, "some of it", func() bool { p, _ := b.peer(a); return p.PayloadReceived > 1<<20 }, b)

	closed := closings(t, a, ns)
	a.serves(ns, below("one"), false)
	closedWith(t, closed, b)
	eventually(t, "the payload's stream ends on both sides", func() bool {
		return len(eventsOf[consync.PayloadServed](atA)) == 1 && len(eventsOf[consync.PayloadTaken](atB)) == 1
	}, a, b)
	if n := eventsOf[consync.PayloadServed](atA)[0].Bytes; n >= large.PayloadLength {
		t.Errorf("%d bytes were served", n)
	}
	eventually(t, "it is noted why", func() bool { return len(eventsOf[consync.Refused](atA)) > 0 }, a)
	if r := eventsOf[consync.Refused](atA)[0]; r != (consync.Refused{Peer: b.device.Endpoint(), Namespace: ns, Why: consync.WhyUnserved, Times: 1}) {
		t.Errorf("it is noted that %+v", r)
	}
	kept := a.put(ns, 2, []byte("from then on"), "one", "after")
	lit := a.put(ns, 2, []byte("goes on"), "two", "after")
	eventually(t, "the rest goes on", func() bool { return b.holds(lit) }, b)
	eventually(t, "and is in step", func() bool { p, _ := a.peer(b); return p.Namespaces[ns].InStep() }, a)
	if b.has(kept) || b.holds(large) {
		t.Error("b has what isn't for it any more")
	}
	stuck.stop()

	connect(t, a, b)
	lit = a.put(ns, 3, []byte("goes on"), "two", "later")
	eventually(t, "the rest goes on by another session", func() bool { return b.holds(lit) }, b)
	if b.has(kept) || b.holds(large) {
		t.Error("b has what isn't for it any more, by another session")
	}
	a.serves(ns, below("one"), true)
	eventually(t, "b is served again", func() bool { return b.holds(kept) && b.holds(large) }, b)
	if p, _ := b.peer(a); p.PayloadReceived > 15<<20+512<<10 {
		t.Errorf("%d bytes were fetched again", p.PayloadReceived)
	}
}

// TestNothingAfterStop: once a node has said that it serves somebody no more, there
// comes nothing of it: entries on their way out are left out, and questions are
// answered as by who has nothing.
func TestNothingAfterStop(t *testing.T) {
	n := newNode(t, func(e *consync.Engine) { e.Small(4, 16, 64, time.Hour) })
	ns, read := n.own()
	for i := range 300 {
		n.put(ns, 1, make([]byte, 1<<10), name(i))
	}
	late := n.sign(ns, 2, []byte("late"), "late")
	d, r, _ := member(t, n, ns, read, willow.FullArea)
	a := attack(t, n, d)
	a.join(ns, r)
	a.say(consync.FrameHave(0)) // it has nothing, so it is sent all
	for sent := 0; sent < 3; {
		if typ, _ := a.next(); typ == consync.TypeEntries {
			sent++
		}
	}
	n.policy.change(ns, func() { n.policy.refused[d.Endpoint()] = true })
	for typ := byte(0); typ != consync.TypeStop; {
		typ, _ = a.next()
	}
	n.insert(0, late)
	a.say(consync.FrameHave(0))
	a.say(consync.FrameSplit(3))
	var after []byte
	for typ := byte(0); typ != consync.TypeEqual; after = append(after, typ) {
		typ, _ = a.next()
	}
	if slices.ContainsFunc(after, func(typ byte) bool { return typ != consync.TypeEnd && typ != consync.TypeEqual }) {
		t.Errorf("after the end come messages of types %x", after)
	}
	if got := a.fetch(late.Entry); len(got) != 0 {
		t.Errorf("got %q of a payload", got)
	}
}

// watched notes when the last bytes of payloads came in.
type watched struct {
	quicConn
	last *atomic.Int64
}

func (c watched) OpenStream(ctx context.Context) (consync.Stream, error) {
	s, err := c.quicConn.OpenStream(ctx)
	return watchedStream{s, c.last}, err
}

type watchedStream struct {
	consync.Stream
	last *atomic.Int64
}

func (s watchedStream) Read(b []byte) (int, error) {
	n, err := s.Stream.Read(b)
	if n > 0 {
		s.last.Store(time.Now().UnixNano())
	}
	return n, err
}

// BenchmarkRevoke takes a reader's access away in the middle of a large payload,
// and of many small ones, and measures from the policy's change to the last byte
// that the reader gets, over QUIC on loopback; then to the end that it is told.
func BenchmarkRevoke(b *testing.B) {
	x := newNode(b)
	ns, read := x.own()
	payload := make([]byte, largeSize)
	rand.Read(payload)
	x.put(ns, 1, payload, "large", "large")
	var small []willow.Authorised
	for i := range 3000 {
		small = append(small, x.sign(ns, 1, payload[i*64:i*64+4<<10], "small", name(i)))
	}
	x.insert(0, small...)
	for _, what := range []string{"large", "small"} {
		b.Run(what, func(b *testing.B) {
			var lasts, ends []time.Duration
			for b.Loop() {
				last, end := revoke(b, x, ns, read, below(what))
				lasts, ends = append(lasts, last), append(ends, end)
			}
			slices.Sort(lasts)
			slices.Sort(ends)
			ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
			if what == "large" {
				b.ReportMetric(ms(lasts[len(lasts)/2]), "ms-to-last-byte")
				b.ReportMetric(ms(lasts[len(lasts)-1]), "ms-to-last-byte-worst")
			}
			b.ReportMetric(ms(ends[len(ends)/2]), "ms-to-end")
			b.ReportMetric(ms(ends[len(ends)-1]), "ms-to-end-worst")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// revoke lets a new reader of an area get some of it, and takes that back.
func revoke(b *testing.B, x *node, ns willow.NamespaceID, read *meadowcap.Capability, area willow.Area) (last, end time.Duration) {
	y := newNode(b)
	defer y.close()
	x.give(y, ns, read, area)
	var at, closed atomic.Int64
	wait := make(chan struct{})
	var once sync.Once
	defer y.engine.Subscribe(func(ev consync.Event) {
		if _, is := ev.(consync.NamespaceClosed); is {
			closed.CompareAndSwap(0, time.Now().UnixNano())
			once.Do(func() { close(wait) })
		}
	})()
	s := overQUICAs(b, x, y, func(c quicConn) consync.Conn { return watched{c, &at} })
	eventually(b, "some of it", func() bool {
		p, _ := y.peer(x)
		return p.PayloadReceived > 8<<20 || p.EntriesReceived > 500
	}, y)
	changed := time.Now().UnixNano()
	x.policy.change(ns, func() { x.policy.refused = map[key.Endpoint]bool{y.device.Endpoint(): true} })
	<-wait
	s.stop()
	return time.Duration(max(at.Load(), changed) - changed), time.Duration(closed.Load() - changed)
}
