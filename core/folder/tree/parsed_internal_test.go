package tree

import (
	"encoding/binary"
	"testing"
	"time"

	"meadow/core/willow"
)

// TestParsedIsBounded: neither many details nor long ones take more than there
// is room for, and what is remembered is right.
func TestParsedIsBounded(t *testing.T) {
	for name, length := range map[string]int{"short": 150, "long": maxDetails} {
		t.Run(name, func(t *testing.T) {
			var p parsed
			byDigest := map[willow.Digest]*details{}
			for i := range 3 * maxParsed {
				var digest willow.Digest
				binary.BigEndian.PutUint32(digest[:], uint32(i))
				byDigest[digest] = &details{version: uint64(i)}
				p.put(digest, byDigest[digest], length)
				p.put(digest, nil, length) // it is there
			}
			if len(p.by) > maxParsed || p.bytes > maxParsedBytes || p.bytes != len(p.by)*length || len(p.by) < maxParsedBytes/length-1 && len(p.by) < maxParsed {
				t.Errorf("%d details of %d bytes", len(p.by), p.bytes)
			}
			found := 0
			for digest, want := range byDigest {
				got, ok := p.get(digest)
				if ok {
					found++
				}
				if ok && got != want {
					t.Errorf("%v stands for %v", got, want)
				}
			}
			if found != len(p.by) {
				t.Errorf("%d found of %d", found, len(p.by))
			}
		})
	}
}

// TestWatch: a watch knows the payloads of what came and of what was lost since it
// began, and of nothing if that is too much.
func TestWatch(t *testing.T) {
	n := newNews()
	entry := func(i uint32) (e willow.Entry) {
		e.PayloadLength = 1
		binary.BigEndian.PutUint32(e.PayloadDigest[:], i)
		return e
	}
	note := func(c willow.Change) { n.note(c, willow.SubspaceID{}) }
	note(willow.Change{Lost: []willow.Entry{entry(1)}})
	w := n.watch()
	note(willow.Change{
		Inserted: []willow.Authorised{{Entry: entry(2)}}, Lost: []willow.Entry{entry(3)},
		Removed: []willow.Entry{entry(4)}, Available: []willow.Entry{entry(5)}, Late: []willow.Entry{entry(6)},
	})
	for i, want := range map[uint32]bool{1: false, 2: true, 3: true, 4: false, 5: false, 6: false} {
		if got := n.touched(w, entry(i).PayloadDigest); got != want {
			t.Errorf("payload %d is touched: %v", i, got)
		}
	}
	for i := range uint32(maxMissing) {
		note(willow.Change{Lost: []willow.Entry{entry(100 + i)}})
	}
	if !n.touched(w, entry(1).PayloadDigest) || len(w.digests) > maxMissing {
		t.Errorf("%d payloads noted", len(w.digests))
	}
	n.unwatch(w)
	if len(n.watches) > 0 {
		t.Error("still watched")
	}
}

// TestNewsOfHistory: entries that came too late to be live, and payloads that were
// lost, make their paths news.
func TestNewsOfHistory(t *testing.T) {
	at := func(components ...string) willow.Entry { return willow.Entry{Path: willow.MustPath(components...)} }
	n := newNews()
	n.take()
	n.note(willow.Change{Late: []willow.Entry{at("files", "a", "")}}, willow.SubspaceID{})
	n.note(willow.Change{Lost: []willow.Entry{at("files", "b", ""), at("about")}}, willow.SubspaceID{})
	n.note(willow.Change{Late: []willow.Entry{at("files", "c", "")}}, willow.SubspaceID{1})
	if !n.has("a") || !n.has("b") || n.has("c") || n.has("about") {
		t.Errorf("news is %v", n.paths)
	}
}

// TestOverdueIsBounded: entries beyond the bound wait; a session makes room.
func TestOverdueIsBounded(t *testing.T) {
	var o overdue
	clock := time.Unix(1, 0)
	now := func() time.Time { return clock }
	entry := func(i int) willow.Entry { return willow.Entry{Timestamp: willow.Timestamp(i)} }
	for i := range maxOverdue + 10 {
		if o.look(entry(i), "p", false, now) {
			t.Fatal("over at once")
		}
	}
	if len(o.entries) != maxOverdue {
		t.Fatalf("%d remembered", len(o.entries))
	}
	o.decide(clock)
	if !o.look(entry(0), "p", false, now) || o.look(entry(maxOverdue), "p", false, now) {
		t.Error("decided about the wrong ones")
	}
	o.decide(clock)
	if o.look(entry(maxOverdue), "p", false, now); o.entries[entry(maxOverdue)] == nil {
		t.Error("still no room")
	}
	if o.look(entry(maxOverdue), "p", true, now); o.entries[entry(maxOverdue)] != nil {
		t.Error("details have come, and it is remembered still")
	}
}
