package consync_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"meadow/core/consync"
	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// Who has shown no capability may greet, and nothing that costs memory.
func TestStrangersMayOnlyGreet(t *testing.T) {
	n := newNode(t)
	ns, _ := n.own()
	e := n.sign(ns, 1, []byte("x"), "x")
	for what, frame := range map[string][]byte{
		"question":   consync.FrameSplit(1),
		"entry":      consync.FrameEntry(e, false, nil),
		"capability": consync.FrameCapability(0, make([]byte, 60_000)),
		"set hash":   consync.FrameSetHash([32]byte{1}),
		"statements": consync.FrameStatements(make([]byte, 60_000)),
	} {
		t.Run(what, func(t *testing.T) {
			a := attack(t, n, key.NewDevice())
			a.say(consync.FrameInterests(a.conn, ns)) // knows the namespace, at that
			a.hear(consync.TypeHello)
			a.hear(consync.TypeInterests)
			a.hear(consync.TypeRead)
			a.say(frame)
			a.thrownOut()
		})
	}
}

// A session that has nothing to exchange doesn't keep its place.
func TestNothingShared(t *testing.T) {
	n := newNode(t, func(e *consync.Engine) { e.Alone(100 * time.Millisecond) })
	ns, read := n.own()
	stranger := attack(t, n, key.NewDevice())
	m := newNode(t, func(e *consync.Engine) { e.Alone(100 * time.Millisecond) })
	n.give(m, ns, read, willow.FullArea)
	s := connect(t, n, m)
	inStep(t, ns, n, m)
	m.forget(ns)
	if err := <-s.ended; !errors.Is(err, consync.ErrNothingShared) {
		t.Errorf("session ended with %v", err)
	}
	if err := <-stranger.victim; !errors.Is(err, consync.ErrNothingShared) {
		t.Errorf("a stranger's session ended with %v", err)
	}
}

// Property S12: ranges that wait for an answer are limited in bytes.
func TestTooLongQuestions(t *testing.T) {
	n := newNode(t, func(e *consync.Engine) { e.ReadAtMost(1) })
	ns, read := n.own()
	n.put(ns, 1, []byte("x"), "x")
	d, r, _ := member(t, n, ns, read, willow.FullArea)
	a := attack(t, n, d)
	a.join(ns, r)
	sent := make(chan int, 1)
	go func() {
		n := 0
		for ; ; n += 15 {
			if _, err := a.control.Write(consync.FrameLongSplit(15)); err != nil {
				sent <- n
				return
			}
		}
	}()
	if err := <-a.victim; !errors.Is(err, consync.ErrLimit) {
		t.Errorf("session ended with %v, want a limit", err)
	}
	if n := <-sent; n > 6000 {
		t.Errorf("%d ranges of 4 KB were taken", n)
	}
}

// Property S12: capabilities that entries may refer to are limited in bytes.
func TestTooLongCapabilities(t *testing.T) {
	n := newNode(t)
	ns, read := n.own()
	d, r, _ := member(t, n, ns, read, willow.FullArea)
	a := attack(t, n, d)
	a.join(ns, r)
	go func() {
		for slot := range 256 {
			if _, err := a.control.Write(consync.FrameCapability(byte(slot), make([]byte, 60_000))); err != nil {
				return
			}
		}
	}()
	if err := <-a.victim; !errors.Is(err, consync.ErrLimit) {
		t.Errorf("session ended with %v, want a limit", err)
	}
}

// More capabilities than the peer keeps are sent in turn.
func TestManyCapabilities(t *testing.T) {
	few := func(e *consync.Engine) { e.Slots(1000) }
	a, b := newNode(t, few), newNode(t, few)
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	var list []willow.Authorised
	for i := range 40 {
		d, _, w := member(t, a, ns, read, willow.FullArea)
		for j := range 3 {
			e, err := meadowcap.Sign(d, w, willow.Entry{
				Namespace: ns, Subspace: subspace, Path: willow.MustPath(name(100*j + i)),
				Timestamp: 1, PayloadDigest: willow.EmptyDigest,
			})
			must(t, err)
			list = append(list, e)
		}
	}
	a.insert(0, list...)
	connect(t, a, b)
	inStep(t, ns, a, b)
	if !slices.ContainsFunc(list, func(e willow.Authorised) bool { return b.has(e.Entry) }) {
		t.Error("entries aren't there")
	}
}
