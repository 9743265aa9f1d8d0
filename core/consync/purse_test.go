package consync_test

import (
	"testing"
	"time"

	"meadow/core/consync"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// since is an area that leaves out what is earlier: its sums are made of entries.
func since(t willow.Timestamp) willow.Area {
	a := willow.FullArea
	a.Times.Start = t
	return a
}

// What this side reads of its own accord may take as many rows as it does: nobody
// is thrown out for the size of what is exchanged.
func TestOwnReadsMayTakeLong(t *testing.T) {
	few := func(e *consync.Engine) { e.ReadAtOnce(50) }
	a, b := newNode(t, few), newNode(t, few)
	ns, read := a.ownOnly()
	fill(t, ns, 2000, a, a)
	a.share(b, ns, read, since(1000))
	connect(t, a, b)
	inStep(t, ns, a, b)
	if got := len(b.paths(ns)); got != 1001 {
		t.Errorf("b has %d entries, want 1001", got)
	}
}

// Property S12: a range that takes too many rows to sum up is split unseen, at the cost
// of who made it up.
func TestRangesThatTakeTooLong(t *testing.T) {
	n := newNode(t, func(e *consync.Engine) { e.ReadAtOnce(50) })
	ns, read := n.own()
	fill(t, ns, 2000, n, n)
	d, r, _ := member(t, n, ns, read, since(1000))
	a := attack(t, n, d)
	a.join(ns, r)
	a.say(consync.FrameAsk(willow.AreaRange(below("files"))))
	a.hear(consync.TypeSplit)
}

// Who has few entries asks about ranges in which another one has nearly all it has:
// nobody is thrown out for that, however many rows those take.
func TestFewAgainstMany(t *testing.T) {
	few := func(e *consync.Engine) { e.ReadAtOnce(50) }
	a, b := newNode(t, few), newNode(t, few)
	ns, read := a.ownOnly()
	area := since(300)
	a.share(b, ns, read, area)
	w, err := a.write[ns].Delegate(a.device, area, b.device.Receiver())
	must(t, err)
	b.write[ns] = w
	fill(t, ns, 600, a, a)
	var list []willow.Authorised
	for i := range 100 {
		list = append(list, b.sign(ns, 300, nil, "files", "other", name(i)))
	}
	b.insert(0, list...)
	connect(t, b, a)
	inStep(t, ns, a, b)
	if got := len(b.paths(ns)); got != 301+100 {
		t.Errorf("b has %d entries, want %d", got, 301+100)
	}
}

// Property S12: who comes back owes what it owed before.
func TestDebtsOutliveSessions(t *testing.T) {
	n := newNode(t, func(e *consync.Engine) { e.ReadAtMost(1) })
	ns, read := n.own()
	d, r, _ := member(t, n, ns, read, willow.FullArea)
	a := attack(t, n, d)
	a.join(ns, r)
	if !n.engine.Owes(d.Endpoint()) {
		t.Fatal("nothing is owed for the state")
	}
	must(t, a.conn.Close(0))
	<-a.victim
	other, _, _ := member(t, n, ns, read, willow.FullArea)
	for _, d := range []struct {
		owes bool
		a    *adversary
	}{{true, attack(t, n, d)}, {false, attack(t, n, other)}} {
		d.a.hear(consync.TypeHello)
		if got := n.engine.Owes(d.a.device.Endpoint()); got != d.owes {
			t.Errorf("owes %t, want %t", got, d.owes)
		}
	}
}

// Who waits because of what the peer owes still tells it what it must know, and
// that it is alive.
func TestDebtorsAreSpokenTo(t *testing.T) {
	n := newNode(t, func(e *consync.Engine) { e.ReadAtMost(1) })
	ns, read := n.own()
	d, r, w := member(t, n, ns, read, willow.FullArea)
	a := attack(t, n, d)
	a.join(ns, r)
	a.say(consync.FrameAsk(willow.FullRange))
	e := forge(d, w, willow.Entry{Namespace: ns, Path: willow.MustPath("x"), PayloadDigest: willow.EmptyDigest})
	a.say(consync.FrameEntry(e, false, nil))
	eventually(t, "what came after the question is stored", func() bool { return n.has(e.Entry) }, n)
	for i := range 3 {
		n.engine.Greet()
		a.hear(consync.TypeHello)
		n.put(ns, 1, nil, "new", name(i))
		if i == 0 {
			a.hear(consync.TypeCap)
		}
		a.hear(consync.TypeEntries)
	}
}

// Who may read an area whose state takes many rows has its questions answered, however
// often something is written there.
func TestStatesLeaveRowsToQuestions(t *testing.T) {
	n := newNode(t, func(e *consync.Engine) { e.ReadAtMost(5000) })
	ns, read := n.own()
	fill(t, ns, 2000, n, n)
	d, r, _ := member(t, n, ns, read, since(1000))
	a := attack(t, n, d)
	a.join(ns, r)
	answered := make(chan struct{})
	go func() {
		for typ := byte(0); typ != consync.TypeHave; {
			var err error
			if typ, _, err = consync.ReadFrame(a.control); err != nil {
				return
			}
		}
		close(answered)
	}()
	i := 0
	for ; i < 300 && !n.engine.Owes(d.Endpoint()); i++ {
		n.put(ns, 3000, nil, "new", name(i))
	}
	a.say(consync.FrameAsk(willow.AreaRange(below("files", "7"))))
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); i++ {
		select {
		case <-answered:
			return
		default:
			n.put(ns, 3000, nil, "new", name(i))
		}
	}
	t.Errorf("no answer after %d entries; the peer owes rows: %t", i, n.engine.Owes(d.Endpoint()))
}

// What a state says of missing payloads takes few rows, also of a part of a namespace
// in which they are many.
func TestStatesOfMuchMissing(t *testing.T) {
	n := newNode(t, func(e *consync.Engine) { e.ReadAtMost(1000) })
	ns, read := n.own()
	var list []willow.Authorised
	for i := range 3000 {
		a, err := meadowcap.Sign(n.device, n.write[ns], willow.Entry{
			Namespace: ns, Subspace: subspace, Path: willow.MustPath("files", name(i)), Timestamp: 1,
			PayloadLength: 20 << 10, PayloadDigest: willow.Digest{1, byte(i), byte(i >> 8)},
		})
		must(t, err)
		list = append(list, a)
	}
	n.insert(1<<40, list...)
	d, r, _ := member(t, n, ns, read, below("files"))
	attack(t, n, d).join(ns, r)
	if n.engine.Owes(d.Endpoint()) {
		t.Error("more rows are owed than may be read")
	}
}
