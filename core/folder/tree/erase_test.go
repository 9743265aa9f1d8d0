package tree_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/zeebo/blake3"

	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// texts returns what the history of a path still has, newest first; deletions as "-".
func (d *device) texts(path string) (all []string) {
	d.t.Helper()
	vs, err := d.tree.History(context.Background(), path)
	d.must(err)
	for _, v := range vs {
		text := "-"
		if v.Kind != tree.Tombstone {
			b, ok := d.blobs.get([32]byte(v.Digest))
			if text = string(b); !ok {
				text = "?"
			}
		}
		all = append(all, text)
	}
	return all
}

func (d *device) remembers(path string, want ...string) {
	d.t.Helper()
	if got := d.texts(path); !slices.Equal(got, want) {
		d.t.Fatalf("%s remembers %q of %s, want %q", d.name, got, path, want)
	}
}

// erase erases a path, as an owner's device.
func (d *device) erase(path string) []string {
	d.t.Helper()
	_, paths, err := d.tree.Erase(context.Background(), path)
	d.must(err)
	return paths
}

// third is one more device in step with others.
func third(t *testing.T, name string, others ...*device) *device {
	d := newDevice(t, name, others[0].clock)
	exchange(t, append([]*device{d}, others...)...)
	return d
}

func (d *device) tick() { *d.clock = d.clock.Add(time.Second) }

func TestErase(t *testing.T) {
	a, b := two(t, "f=one", "kept=one")
	late := third(t, "late", a, b)
	a.tick()
	a.write("f", "two")
	exchange(t, a, b)
	b.tick()
	b.write("f", "three")
	exchange(t, a, b)
	a.remembers("f", "three", "two", "one")
	a.tick()
	if shown, paths, err := a.tree.Erase(t.Context(), "f"); shown != 1 || !slices.Equal(paths, []string{"f"}) || err != nil {
		t.Fatalf("erased %d, %q, %v", shown, paths, err)
	}
	a.remembers("f", "-")
	exchange(t, a, b)
	b.remembers("f", "-")
	exchange(t, a, b, late)
	late.remembers("f", "-")
	for _, text := range []string{"one", "two", "three"} {
		if !slices.Contains(a.erased, willow.Digest(blake3.Sum256([]byte(text)))) {
			t.Errorf("the bytes of %q aren't to go", text)
		}
	}
	if !slices.Contains(late.erased, willow.Digest(blake3.Sum256([]byte("one")))) || slices.Contains(late.erased, willow.Digest(blake3.Sum256([]byte("two")))) {
		t.Errorf("the late device is to drop %v", late.erased)
	}
	if again := a.erase("f"); len(again) != 1 || a.lookup("f").Timestamp != b.lookup("f").Timestamp {
		t.Error("erasing what is erased writes a new version")
	}
	if _, _, err := a.tree.Erase(t.Context(), "never"); !errors.Is(err, tree.ErrNotFound) {
		t.Errorf("erased what never was: %v", err)
	}
}

// TestEraseWhatWasDeleted: deletions of before are taken along, in a folder too.
func TestEraseWhatWasDeleted(t *testing.T) {
	a, b := two(t, "d/f=one", "d/g=two", "e=three")
	a.remove("d/f")
	exchange(t, a, b)
	a.remembers("d/f", "-", "one")
	a.tick()
	if shown, paths, err := b.tree.Erase(t.Context(), "d"); shown != 1 || !slices.Equal(paths, []string{"d/f", "d/g"}) || err != nil {
		t.Fatalf("erased %d, %q, %v", shown, paths, err)
	}
	exchange(t, a, b)
	for _, d := range []*device{a, b} {
		d.remembers("d/f", "-")
		d.remembers("d/g", "-")
		d.remembers("e", "three")
	}
}

// TestEraseOfALimitedDevice: it may delete, but what it says of erasing counts for
// nothing, neither as it is nor when an owner's device writes over it.
func TestEraseOfALimitedDevice(t *testing.T) {
	a, b := two(t, "f=one")
	limited := third(t, "limited phone", a, b)
	if _, _, err := limited.tree.Erase(t.Context(), "f"); !errors.Is(err, tree.ErrNotAllowed) {
		t.Errorf("a limited device erases: %v", err)
	}
	limited.wants("f=one")
	rogue := newDevice(t, "limited phone", a.clock)
	rogue.blobs = limited.blobs
	rogue.entries = limited.entries
	rogue.lenient = true // it signs what it likes
	rogue.start()
	rogue.tick()
	rogue.erase("f")
	exchange(t, a, b, rogue)
	a.remembers("f", "-", "one")
	a.write("f", "two")
	exchange(t, a, b, rogue)
	a.remembers("f", "two", "-", "one")
	b.remembers("f", "two", "-", "one")
}

// TestEditOverAnErasedFile: who was away while the file was erased hears of it from
// what was written there since, but keeps what came after.
func TestEditOverAnErasedFile(t *testing.T) {
	a, b := two(t, "f=one")
	late := third(t, "late", a, b)
	a.erase("f")
	exchange(t, a, b)
	a.tick()
	b.write("f", "new")
	b.tick()
	b.write("f", "newer")
	exchange(t, a, b)
	exchange(t, a, b, late)
	a.remembers("f", "newer", "-")
	b.remembers("f", "newer", "new", "-")
	late.remembers("f", "newer")
	// A copy elsewhere says nothing there.
	a.write("g", "gone")
	exchange(t, a, b, late)
	a.remove("g")
	exchange(t, a, b, late)
	a.tick()
	_, err := a.tree.Move(t.Context(), "f", "g")
	a.must(err)
	exchange(t, a, b, late)
	late.remembers("g", "newer", "-", "gone")
}

// TestEditThatAnErasureHadNotSeen comes back, and with it nothing that was erased.
func TestEditThatAnErasureHadNotSeen(t *testing.T) {
	a, b := two(t, "f=one")
	late := third(t, "late", a, b)
	b.write("f", "unseen")
	a.tick()
	a.tick()
	a.erase("f")
	exchange(t, a, b)
	a.wants("f=unseen")
	exchange(t, a, b, late)
	for _, d := range []*device{a, b, late} {
		d.wants("f=unseen")
		if slices.Contains(d.texts("f"), "one") {
			t.Errorf("%s remembers what was erased: %q", d.name, d.texts("f"))
		}
	}
}

// TestEraseAConflictCopy: the version that it was made of goes too, and erasing the
// original takes that along as well, but not the copy.
func TestEraseAConflictCopy(t *testing.T) {
	for _, first := range []string{"copy", "original"} {
		a, b := two(t, "f=one")
		a.write("f", "by a")
		b.tick()
		b.write("f", "by b")
		exchange(t, a, b)
		a.wants("f=by b", "f(conflict)=by a")
		cs, err := a.tree.Conflicts(t.Context())
		a.must(err)
		a.tick()
		if first == "original" {
			a.erase("f")
			exchange(t, a, b)
			b.wants("f(conflict)=by a")
			b.remembers("f", "-")
			b.remembers(cs[0].Copy, "by a")
		} else {
			a.erase(cs[0].Copy)
			exchange(t, a, b)
			b.wants("f=by b")
			b.remembers(cs[0].Copy, "-")
			b.remembers("f", "by b", "one")
		}
	}
}

// TestEraseWhatAForeignWriterTookAway: nothing is there that the tombstone could
// replace, and its history was judged long ago.
func TestEraseWhatAForeignWriterTookAway(t *testing.T) {
	a, b := two(t, "d/f=one")
	a.foreign("", willow.TimestampOf(*a.clock), "files", "d")
	exchange(t, a, b)
	a.wants()
	b.remembers("d/f", "one")
	a.tick()
	a.erase("d/f")
	exchange(t, a, b)
	a.remembers("d/f", "-")
	b.remembers("d/f", "-")
}

// TestErasedTwice: what is done again after a crash, or comes once more from a
// device that still has it, changes nothing.
func TestErasedTwice(t *testing.T) {
	a, b := two(t, "f=one")
	before := b.live()
	a.erase("f")
	exchange(t, a, b)
	a.receive(before...)
	a.remembers("f", "-", "one")
	a.start()
	a.settle()
	a.remembers("f", "-")
}
