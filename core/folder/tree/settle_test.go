package tree_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"meadow/core/blob"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// conflicts lists a device's conflicts.
func (d *device) conflicts() []tree.Conflict {
	d.t.Helper()
	cs, err := d.tree.Conflicts(context.Background())
	d.must(err)
	return cs
}

func (d *device) remove(path string) {
	d.t.Helper()
	_, err := d.tree.Remove(context.Background(), path)
	d.must(err)
}

// copyOf returns the path of the only conflict copy that a device shows.
func (d *device) copyOf(path string) string {
	d.t.Helper()
	cs := d.conflicts()
	if len(cs) != 1 || cs[0].Path != path {
		d.t.Fatalf("%s has conflicts %+v, want one of %s", d.name, cs, path)
	}
	return cs[0].Copy
}

// foreign is a file of a writer that knows nothing of versions.
func (d *device) foreign(text string, at willow.Timestamp, components ...string) {
	digest, length := d.hold(text)
	d.receive(willow.Authorised{Entry: willow.Entry{
		Namespace: namespace, Subspace: subspace, Path: willow.MustPath(components...),
		Timestamp: at, PayloadDigest: digest, PayloadLength: length,
	}})
}

func TestOfflineDuringEdits(t *testing.T) {
	for _, edits := range []int{1, 2, 50} {
		a, b := two(t, "f.txt=0")
		for i := range edits {
			a.write("f.txt", strings.Repeat("x", i+1))
			*a.clock = a.clock.Add(time.Second)
		}
		exchange(t, a, b)
		b.wants("f.txt=" + strings.Repeat("x", edits))
	}
}

func TestTwoOfflineEdits(t *testing.T) {
	a, b := two(t, "f.txt=old")
	c := newDevice(t, "cleo", a.clock)
	a.write("f.txt", "anna's")
	*a.clock = a.clock.Add(time.Second)
	b.write("f.txt", "bert's")
	// Anna and Cleo both find the conflict before they hear of each other.
	a.pull(b)
	c.pull(a) // has bert's only, Anna's is history already
	if s := a.settle(); s.Copies != 1 {
		t.Errorf("settled %+v", s)
	}
	exchange(t, a, b, c)
	for _, d := range []*device{a, b, c} {
		d.wants("f.txt=bert's", "f(conflict).txt=anna's")
		if cs := d.conflicts(); len(cs) != 1 || cs[0].Path != "f.txt" || cs[0].Author != a.author() || cs[0].Bytes != 6 {
			t.Errorf("conflicts %+v", cs)
		}
	}
	made := a.lookup(a.copyOf("f.txt"))
	if made.ConflictOf != "f.txt" || made.Timestamp != willow.TimestampOf(epoch.Add(time.Second)) {
		t.Errorf("copy is %+v", made)
	}
}

func TestCopiesMerge(t *testing.T) {
	a, b := two(t, "f.txt=old")
	c := newDevice(t, "cleo", a.clock)
	a.write("f.txt", "anna's")
	*a.clock = a.clock.Add(time.Second)
	b.write("f.txt", "bert's")
	c.pull(a)
	c.pull(b)
	a.pull(b)
	for _, d := range []*device{a, c} {
		if s := d.settle(); s.Copies != 1 {
			t.Fatalf("%s settled %+v", d.name, s)
		}
	}
	copied := a.copyOf("f.txt")
	if v, u := a.lookup(copied), c.lookup(copied); v.ID() != u.ID() || len(a.live()) != len(c.live()) {
		t.Errorf("copies are %+v and %+v", v, u)
	}
	exchange(t, a, b, c)
	b.wants("f.txt=bert's", "f(conflict).txt=anna's")
}

func TestConflictResolved(t *testing.T) {
	for name, resolve := range map[string]func(d *device, copied string){
		"copy deleted": func(d *device, copied string) { d.remove(copied) },
		"copy edited":  func(d *device, copied string) { d.write(copied, "merged") },
		"copy moved": func(d *device, copied string) {
			_, err := d.tree.Move(context.Background(), copied, "kept.txt")
			d.must(err)
		},
		"both edited": func(d *device, copied string) {
			d.write("f.txt", "both")
			d.remove(copied)
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := two(t, "f.txt=old")
			a.write("f.txt", "anna's")
			b.write("f.txt", "bert's")
			exchange(t, a, b)
			resolve(b, b.conflicts()[0].Copy)
			exchange(t, a, b)
			if len(a.conflicts())+len(b.conflicts()) > 0 {
				t.Errorf("still there: %+v", a.conflicts())
			}
			// Who settles late doesn't bring it back.
			a.start()
			exchange(t, a, b)
			if len(a.conflicts()) > 0 {
				t.Errorf("back again: %+v", a.conflicts())
			}
		})
	}
}

func TestEditAgainstDeletion(t *testing.T) {
	for name, deleteFirst := range map[string]bool{"edit first": false, "deletion first": true} {
		t.Run(name, func(t *testing.T) {
			a, b := two(t, "f.txt=old")
			if deleteFirst {
				b.remove("f.txt")
				*a.clock = a.clock.Add(time.Second)
			}
			v := a.write("f.txt", "anna's")
			if !deleteFirst {
				*a.clock = a.clock.Add(time.Second)
				b.remove("f.txt")
			}
			grave := b.lookup("f.txt")
			exchange(t, a, b)
			a.wants("f.txt=anna's")
			if got := b.lookup("f.txt"); !deleteFirst && (got.Timestamp != grave.Timestamp+2 || got.Author != v.Author ||
				got.Seen[b.author()] != grave.Timestamp || got.Seen[a.author()] != v.Timestamp) {
				t.Errorf("rewritten as %+v", got)
			}
			if cs := a.conflicts(); len(cs) > 0 {
				t.Errorf("conflicts %+v", cs)
			}
		})
	}
}

func TestTwoEditsAgainstDeletion(t *testing.T) {
	a, b := two(t, "f.txt=old")
	c := newDevice(t, "cleo", a.clock)
	c.pull(a)
	a.write("f.txt", "anna's")
	*a.clock = a.clock.Add(time.Second)
	b.write("f.txt", "bert's")
	*a.clock = a.clock.Add(time.Second)
	c.remove("f.txt")
	d := newDevice(t, "dora", a.clock)
	d.pull(a)
	d.pull(b)
	d.pull(c)
	if s := d.settle(); s.Rewritten != 1 || s.Copies != 1 {
		t.Errorf("settled %+v", s)
	}
	d.wants("f.txt=bert's", "f(conflict).txt=anna's")
	exchange(t, d, c, a, b)
	a.wants("f.txt=bert's", "f(conflict).txt=anna's")
}

// TestRewrittenIsNoWitness: who continues an edit that came back over a deletion
// has not seen what its author wrote meanwhile; nor does the author's next
// edit conflict with its own.
func TestRewrittenIsNoWitness(t *testing.T) {
	a, b := two(t, "f.txt=old")
	c := newDevice(t, "cleo", a.clock)
	c.pull(a)
	a.write("f.txt", "first")
	c.pull(a)
	*a.clock = a.clock.Add(time.Second)
	a.write("f.txt", "second") // nobody hears of it
	*a.clock = a.clock.Add(time.Second)
	b.remove("f.txt")
	c.pull(b)
	if s := c.settle(); s.Rewritten != 1 {
		t.Fatalf("settled %+v", s)
	}
	c.wants("f.txt=first")

	d := newDevice(t, "dora", a.clock)
	d.pull(c)
	d.write("f.txt", "dora's")
	exchange(t, a, b, c, d)
	a.wants("f.txt=dora's", "f(conflict).txt=second")
}

func TestAuthorContinuesRewritten(t *testing.T) {
	a, b := two(t, "f.txt=old")
	c := newDevice(t, "cleo", a.clock)
	a.write("f.txt", "first")
	c.pull(a)
	*a.clock = a.clock.Add(time.Second)
	b.remove("f.txt")
	c.pull(b)
	c.settle()
	*a.clock = a.clock.Add(time.Second)
	a.write("f.txt", "second")
	exchange(t, a, b, c)
	a.wants("f.txt=second")
}

func TestFolderKeepsTheName(t *testing.T) {
	a, b := two(t)
	file := a.write("x", "file")
	b.write("x/y.txt", "inside")
	b.write("x/z.txt", "inside too")
	exchange(t, a, b)
	a.wants("x(conflict)=file", "x/y.txt=inside", "x/z.txt=inside too")
	grave := a.lookup("x")
	if grave.Kind != tree.Tombstone || grave.Timestamp != file.Timestamp+2 || grave.Author != file.Author {
		t.Errorf("left behind: %+v", grave)
	}
	if got := a.copyOf("x"); got != b.copyOf("x") {
		t.Errorf("copy is %s", got)
	}
	// The folder goes; late edits of the file don't take its name meanwhile.
	b.remove("x")
	exchange(t, a, b)
	a.wants("x(conflict)=file")
}

func TestFileInTheMiddle(t *testing.T) {
	a, b := two(t, "x/y/z=deep")
	a.remove("x")
	a.write("x/y", "file")
	b.write("x/y/z", "edited")
	exchange(t, a, b)
	a.wants("x/y(conflict)=file", "x/y/z=edited")
}

func TestTies(t *testing.T) {
	a, b := two(t, "f.txt=old")
	a.write("f.txt", "anna's")
	b.write("f.txt", "bert's")
	if a.lookup("f.txt").Timestamp != b.lookup("f.txt").Timestamp {
		t.Fatal("no tie")
	}
	exchange(t, a, b)
	if got := a.shown(); len(got) != 2 {
		t.Errorf("shown %q", got)
	}
	// The same bytes, at the same time, are no conflict.
	a, b = two(t, "f.txt=old")
	a.write("f.txt", "same")
	b.write("f.txt", "same")
	exchange(t, a, b)
	a.wants("f.txt=same")
	// But a file made executable here, and a symlink there, are.
	a, b = two(t, "f.txt=old")
	e := a.edit("f.txt", "same")
	e.Kind = tree.Symlink
	a.apply(e)
	e = b.edit("f.txt", "same")
	e.Exec = true
	b.apply(e)
	exchange(t, a, b)
	if got := a.shown(); len(got) != 2 {
		t.Errorf("shown %q", got)
	}
}

func TestTiedFileAndDeletion(t *testing.T) {
	a, b := two(t, "f.txt=old")
	a.write("f.txt", "")
	b.remove("f.txt")
	exchange(t, a, b)
	a.wants("f.txt=")
}

func TestWaits(t *testing.T) {
	a, b := two(t, "f.txt=old")
	a.write("f.txt", "anna's")
	*a.clock = a.clock.Add(time.Second)
	b.write("f.txt", "bert's")
	c := newDevice(t, "cleo", a.clock)
	c.pull(a)
	var payload, details willow.Authorised
	for _, e := range b.live() {
		if payload = details; e.Entry.Path.Len() == 4 {
			details = e
			break
		}
		details = e
	}
	c.receive(payload)
	if v := c.lookup("f.txt"); v.HasDetails || v.Decided() || v.Kind != tree.File || v.Present {
		t.Errorf("without details: %+v", v)
	}
	if s := c.settle(); s.Waiting != 1 || s.Copies != 0 {
		t.Errorf("without details: settled %+v", s)
	}
	c.receive(details)
	if s := c.settle(); s.Waiting != 1 || s.Copies != 0 {
		t.Errorf("without the details' payload: settled %+v", s)
	}
	c.fetch(b)
	if s := c.settle(); s.Waiting != 0 || s.Copies != 1 {
		t.Errorf("with all: settled %+v", s)
	}
	c.wants("f.txt=bert's", "f(conflict).txt=anna's")
}

func TestWaitsForBytes(t *testing.T) {
	a, b := two(t, "f.txt=old")
	v := a.write("f.txt", "anna's")
	*a.clock = a.clock.Add(time.Second)
	b.write("f.txt", "bert's")
	c := newDevice(t, "cleo", a.clock)
	c.pull(a)
	delete(c.blobs.blobs, blob.Hash(v.Digest))
	c.pull(b)
	if s := c.settle(); s.Waiting != 1 || s.Copies != 0 {
		t.Errorf("without bytes: settled %+v", s)
	}
	c.fetchOne(a, willow.Entry{PayloadDigest: v.Digest})
	if s := c.settle(); s.Waiting != 0 || s.Copies != 1 {
		t.Errorf("with bytes: settled %+v", s)
	}
}

func TestReaderWritesNothing(t *testing.T) {
	a, b := two(t, "f.txt=old")
	r := newDevice(t, "reader", a.clock)
	r.reader = true
	a.write("f.txt", "anna's")
	b.write("f.txt", "bert's")
	b.write("x", "file")
	a.write("x/y", "inside")
	r.pull(a)
	r.pull(b)
	before := len(r.live())
	if s := r.settle(); s.Copies+s.Rewritten+s.Moved > 0 || s.Waiting == 0 || len(r.live()) != before {
		t.Errorf("settled %+v", s)
	}
	exchange(t, a, b, r)
	if s := r.settle(); s.Waiting > 0 {
		t.Errorf("after the others have written: %+v", s)
	}
}

// TestAConflictStaysUntilItIsDealtWith: not just until the author of the version
// that lost edits the original again.
func TestAConflictStaysUntilItIsDealtWith(t *testing.T) {
	for name, deal := range map[string]func(a *device, copied string){
		"edit":   func(a *device, copied string) { a.write(copied, "both") },
		"remove": func(a *device, copied string) { a.remove(copied) },
		"move": func(a *device, copied string) {
			_, err := a.tree.Move(context.Background(), copied, "mine.txt")
			a.must(err)
		},
		"make the original the same": func(a *device, _ string) { a.write("f.txt", "by a") },
	} {
		a, b := two(t, "f.txt=old")
		a.write("f.txt", "by a")
		*a.clock = a.clock.Add(time.Second)
		b.write("f.txt", "by b")
		exchange(t, a, b)
		for _, text := range []string{"more", "and more"} {
			*a.clock = a.clock.Add(time.Second)
			a.write("f.txt", text)
			exchange(t, a, b)
			b.copyOf("f.txt")
		}
		deal(a, a.copyOf("f.txt"))
		exchange(t, a, b)
		if cs := append(a.conflicts(), b.conflicts()...); len(cs) > 0 {
			t.Errorf("%s: conflicts %+v are left", name, cs)
		}
	}
}
