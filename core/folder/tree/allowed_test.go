package tree_test

import (
	"testing"
	"time"

	"meadow/core/folder/tree"
)

func TestAllowedDeletion(t *testing.T) {
	clock := epoch
	d := newDevice(t, "anna", &clock)
	v := d.write("f", "text")
	if v.Allowed {
		t.Error("a file is allowed")
	}
	e := d.edit("g", "more")
	e.Allowed = true
	if d.apply(e).Allowed {
		t.Error("Allowed marks a file")
	}
	plain := d.apply(tree.Edit{Path: "f", Kind: tree.Tombstone})
	if plain.Allowed || d.lookup("f").Allowed {
		t.Errorf("an ordinary deletion is %+v", plain)
	}

	// A deletion can be allowed afterwards, once.
	clock = clock.Add(time.Second)
	allowed := d.apply(tree.Edit{Path: "f", Kind: tree.Tombstone, Allowed: true})
	if !allowed.Allowed || !d.lookup("f").Allowed || allowed.ID() == plain.ID() || allowed.Seen[d.author()] != plain.Timestamp {
		t.Errorf("allowed afterwards: %+v", allowed)
	}
	for _, again := range []bool{true, false} {
		if v := d.apply(tree.Edit{Path: "f", Kind: tree.Tombstone, Allowed: again}); v.ID() != allowed.ID() {
			t.Errorf("deleted again, allowed %v: %+v", again, v)
		}
	}

	// The mark is of that deletion, not of the path.
	if v := d.write("f", "again"); v.Allowed {
		t.Errorf("written again: %+v", v)
	}
	if v := d.apply(tree.Edit{Path: "f", Kind: tree.Tombstone}); v.Allowed {
		t.Errorf("deleted again: %+v", v)
	}
	if v := d.apply(tree.Edit{Path: "never", Kind: tree.Tombstone, Allowed: true}); v.Kind != 0 {
		t.Errorf("deleting what never was: %+v", v)
	}
}
