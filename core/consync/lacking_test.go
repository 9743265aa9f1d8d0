package consync

import (
	"testing"
	"testing/synctest"
	"time"

	"meadow/core/blob"
	"meadow/core/willow"
)

// What didn't come is asked for again, later each time, and sooner if the peer
// gives reason to.
func TestLackingExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l lacking
		w := wanted{&exchange{ns: willow.NamespaceID{1}}, willow.Entry{PayloadDigest: willow.Digest{2}}}
		h := w.hash()
		want := func(wait time.Duration) {
			t.Helper()
			at := l.next(time.Now())
			if got := time.Until(at); l.due(h, 5) || got != wait {
				t.Fatalf("due %v, asked again after %v, want %v", l.due(h, 5), got, wait)
			}
			if time.Sleep(wait); !l.due(h, 5) {
				t.Fatal("not due at its time")
			}
		}
		for _, wait := range []time.Duration{1, 2, 4, 8, 16, 32, 32} {
			l.add(w, time.Second, false)
			want(wait * time.Second)
		}
		l.add(w, time.Second, true)
		want(time.Second)

		l.add(w, time.Minute, false)
		l.doubt(9, true)
		if l.due(h, 5) {
			t.Error("the peer's word about another namespace counts")
		}
		if l.doubt(w.ex.ours, false); !l.due(h, 5) {
			t.Error("not due though the peer lacks nothing")
		}
		l.add(w, time.Minute, false)
		if l.doubt(w.ex.ours, false); l.due(h, 5) {
			t.Error("the same word counts twice")
		}
		if l.doubt(w.ex.ours, true); !l.due(h, 5) {
			t.Error("news doesn't count")
		}

		l.hold(time.Minute, 6)
		if !l.due(h, 5) {
			t.Error("a payload that fits isn't due")
		}
		l.hold(time.Minute, 5)
		l.hold(time.Minute, 6)
		want(time.Minute)
		l.hold(time.Minute, 0)
		if l.unhold(); !l.due(h, 5) {
			t.Error("not due when the disk has room again")
		}
		l.add(w, time.Hour, false)
		if l.forget(h); !l.due(h, 5) {
			t.Error("remembered for ever")
		}
	})
}

func TestLackingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l lacking
		ex := new(exchange)
		add := func(i int) blob.Hash {
			w := wanted{ex, willow.Entry{PayloadDigest: willow.Digest{byte(i), byte(i >> 8), byte(i >> 16)}}}
			if l.due(w.hash(), 5) {
				l.add(w, time.Second, false)
			}
			return w.hash()
		}
		for i := range lackingLimit + 10 {
			add(i)
		}
		if len(l.of) != lackingLimit {
			t.Errorf("%d remembered", len(l.of))
		}
		time.Sleep(time.Second)
		// Those whose time has come are due, and make room for others.
		if add(5); len(l.of) != lackingLimit {
			t.Errorf("%d remembered", len(l.of))
		}
		l.of[blob.Hash{1, 2, 3, 4}] = &lack{until: time.Now().Add(time.Hour)}
		l.roomLocked()
		if len(l.of) != 2 {
			t.Errorf("%d remembered, want the two whose time hasn't come", len(l.of))
		}
	})
}
