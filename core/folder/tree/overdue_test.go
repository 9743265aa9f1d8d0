package tree_test

import (
	"slices"
	"testing"
	"time"

	"meadow/core/blob"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// split returns a device's live payload and details entries of one file.
func (d *device) split(path string) (payload, details willow.Authorised) {
	for _, a := range d.live() {
		if at, _ := tree.PathOf(a.Entry.Path); at != path {
			continue
		}
		if c := a.Entry.Path.Components(); c[len(c)-1] == "" {
			payload = a
		} else {
			details = a
		}
	}
	return payload, details
}

// deliverPart gives c anna's old version of f.txt, and of bert's new one just
// the payload.
func deliverPart(t *testing.T, newer func(b *device)) (b, c *device, details willow.Authorised) {
	a, b := two(t, "f.txt=old")
	c = newDevice(t, "cleo", a.clock)
	c.pull(a)
	newer(b)
	payload, details := b.split("f.txt")
	c.receive(payload)
	c.fetchOne(b, payload.Entry)
	return b, c, details
}

// TestOverdueFile: a version whose details don't come with a whole session is a
// file; the old one is kept.
func TestOverdueFile(t *testing.T) {
	b, c, details := deliverPart(t, func(b *device) { b.write("f.txt", "bert's") })
	if s := c.settle(); s.Waiting != 1 || c.tree.Undecided() != 1 {
		t.Fatalf("before: settled %+v, %d undecided", s, c.tree.Undecided())
	}
	if got := c.tree.Completed(c.clock.Add(-time.Microsecond)); len(got) > 0 {
		t.Fatalf("a session that ended before decides about %q", got)
	}
	if s := c.settle(); s.Waiting != 1 {
		t.Fatalf("decided too early: %+v", s)
	}
	if got := c.tree.Completed(*c.clock); !slices.Equal(got, []string{"f.txt"}) || c.tree.Undecided() != 0 {
		t.Fatalf("decides about %q", got)
	}
	if v := c.lookup("f.txt"); !v.Decided() || v.HasDetails || v.Kind != tree.File || !v.Present {
		t.Errorf("is %+v", v)
	}
	for _, v := range c.list("") {
		if !v.Decided() {
			t.Errorf("listed %+v", v)
		}
	}
	if s := c.settle(); s.Waiting != 0 || s.Copies != 1 {
		t.Errorf("settled %+v", s)
	}
	c.wants("f.txt=bert's", "f(conflict).txt=old")

	// Details that come late count.
	c.receive(details)
	c.fetchOne(b, details.Entry)
	if v := c.lookup("f.txt"); !v.HasDetails || v.Author != b.author() {
		t.Errorf("with late details: %+v", v)
	}
	exchange(t, b, c)
}

// TestOverdueDeletion: without bytes it is a deletion, which has seen nothing.
func TestOverdueDeletion(t *testing.T) {
	b, c, _ := deliverPart(t, func(b *device) { b.write("f.txt", "") })
	c.settle()
	c.tree.Completed(*c.clock)
	if v := c.lookup("f.txt"); !v.Decided() || v.Kind != tree.Tombstone {
		t.Errorf("is %+v", v)
	}
	if s := c.settle(); s.Rewritten != 1 || s.Waiting != 0 {
		t.Errorf("settled %+v", s)
	}
	c.wants("f.txt=old")
	exchange(t, b, c)
}

// TestOverdueDetails: the details are there, but their payload isn't.
func TestOverdueDetails(t *testing.T) {
	_, c, details := deliverPart(t, func(b *device) { b.write("f.txt", "bert's") })
	c.receive(details)
	if s := c.settle(); s.Waiting != 1 {
		t.Fatalf("before: settled %+v", s)
	}
	c.tree.Completed(*c.clock)
	if s := c.settle(); s.Waiting != 0 || s.Copies != 1 {
		t.Errorf("settled %+v", s)
	}
}

// TestOverdueHistory: a version that lost and whose details never came doesn't
// wait for ever.
func TestOverdueHistory(t *testing.T) {
	b, c, details := deliverPart(t, func(b *device) { b.write("f.txt", "bert's") })
	c.receive(details) // without its payload
	*b.clock = b.clock.Add(time.Second)
	newest := b.write("f.txt", "newest")
	b.blobs.put(blob.Hash(newest.Digest), []byte("newest"))
	c.pull(b)
	if s := c.settle(); s.Waiting != 1 {
		t.Fatalf("before: settled %+v", s)
	}
	c.tree.Completed(*c.clock)
	if s := c.settle(); s.Waiting != 0 {
		t.Errorf("settled %+v", s)
	}
	// Bert's newest has seen his own, and Anna's; but nobody knows whose the middle one is.
	if got := c.shown(); !slices.Contains(got, "f.txt=newest") {
		t.Errorf("shown %q", got)
	}
}

// TestOverdueNewer: what comes after a session waits for the next one.
func TestOverdueNewer(t *testing.T) {
	b, c, _ := deliverPart(t, func(b *device) { b.write("f.txt", "bert's") })
	c.settle()
	c.tree.Completed(*c.clock)
	c.settle()
	*b.clock = b.clock.Add(time.Second)
	b.write("f.txt", "")
	payload, _ := b.split("f.txt")
	c.receive(payload)
	if v := c.lookup("f.txt"); v.Decided() {
		t.Errorf("is %+v", v)
	}
	if s := c.settle(); s.Waiting == 0 {
		t.Errorf("settled %+v", s)
	}
}
