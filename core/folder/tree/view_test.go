package tree_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"meadow/core/folder/tree"
)

func TestCornerBesideShared(t *testing.T) {
	c := newCompany(t)
	c.alice.write("a.txt", "alice's")
	c.exchange()
	if v := c.bob.write("a.txt", "bob's"); v.Path != "a (from Bob).txt" {
		t.Errorf("an edit of a shared file is shown at %q", v.Path)
	}
	c.bob.write("b.txt", "b")
	c.wants("a.txt=alice's", "a (from Bob).txt=bob's", "b.txt=b")
	c.bob.write("a (from Bob).txt", "bob's, edited")
	c.wants("a.txt=alice's", "a (from Bob).txt=bob's, edited", "b.txt=b")
	c.bob.remove("a (from Bob).txt")
	c.wants("a.txt=alice's", "b.txt=b")
	if _, err := c.bob.view.Remove(context.Background(), "a.txt"); !errors.Is(err, tree.ErrNotAllowed) {
		t.Errorf("a contributor deletes a shared file: %v", err)
	}
	if _, err := c.bob.view.Move(context.Background(), "b.txt", "c.txt"); err != nil {
		t.Error(err)
	}
	c.wants("a.txt=alice's", "c.txt=b")
}

func TestWriterDealsWithCorner(t *testing.T) {
	c := newCompany(t)
	c.alice.write("a.txt", "alice's")
	c.exchange()
	c.bob.write("a.txt", "bob's")
	c.bob.write("b.txt", "b")
	c.bob.write("m.txt", "m")
	c.exchange()
	c.alice.write("b.txt", "b, by alice")
	c.alice.remove("a (from Bob).txt")
	_, err := c.alice.view.Move(context.Background(), "m.txt", "n.txt")
	must(t, err)
	c.wants("a.txt=alice's", "b.txt=b, by alice", "n.txt=m")
	if v := c.alice.lookup("n.txt"); !v.Present {
		t.Error("the shared tree's scope doesn't hold what was moved there")
	}
	// What the contributor makes of it later hasn't been seen.
	c.bob.write("b.txt", "b again")
	c.wants("a.txt=alice's", "b.txt=b, by alice", "b (from Bob).txt=b again", "n.txt=m")
	// Every history is there.
	vs, err := c.alice.view.History(context.Background(), "b.txt")
	must(t, err)
	if len(vs) != 1 {
		t.Errorf("%d versions of b.txt", len(vs))
	}
}

// TestCalledDifferently: who knows a person by another name sees other marks, but what
// was dealt with is dealt with everywhere.
func TestCalledDifferently(t *testing.T) {
	c := newCompany(t)
	c.alice.corners = []tree.Corner{{Subspace: cornerOfBob, Name: "Bobby"}}
	c.alice.write("a.txt", "alice's")
	c.exchange()
	c.bob.write("a.txt", "bob's")
	c.exchange()
	c.alice.view.Renamed()
	if v := c.alice.lookup("a (from Bobby).txt"); !v.Live() {
		t.Fatalf("alice shows %q", c.alice.shown())
	}
	c.alice.write("a (from Bobby).txt", "mended")
	c.alice.remove("a (from Bobby).txt")
	c.wants("a.txt=alice's")
}

// TestTwoCorners: the first corner keeps the path.
func TestTwoCorners(t *testing.T) {
	c := newCompany(t)
	c.bob.write("x.txt", "bob's")
	c.carol.write("x.txt", "carol's")
	c.bob.write("f", "a file")
	c.carol.write("f/inside", "in a folder")
	c.wants("x.txt=bob's", "x (from Carol).txt=carol's", "f=a file", "f (from Carol)/inside=in a folder")
	c.bob.remove("x.txt")
	c.bob.remove("f")
	c.wants("x.txt=carol's", "f/inside=in a folder")
	for _, p := range []string{"x (from Carol).txt", "f (from Carol)/inside"} {
		if v := c.rita.lookup(p); v.Kind != tree.Tombstone || !v.Decided() {
			t.Errorf("where %s was there is %v", p, v)
		}
	}
}

// TestFoldersOfCorners are the shared tree's.
func TestFoldersOfCorners(t *testing.T) {
	c := newCompany(t)
	c.alice.apply(tree.Edit{Path: "photos", Kind: tree.Folder})
	c.alice.write("doc", "a file")
	c.exchange()
	c.bob.apply(tree.Edit{Path: "photos", Kind: tree.Folder})
	c.bob.write("photos/1.jpg", "1")
	c.wants("photos=/", "photos/1.jpg=1", "doc=a file")
	c.carol.write("photos/2.jpg", "2")
	c.wants("photos=/", "photos/1.jpg=1", "photos/2.jpg=2", "doc=a file")
}

func TestViewReaderWritesNothing(t *testing.T) {
	c := newCompany(t)
	c.alice.write("a", "a")
	c.bob.write("b", "b")
	c.exchange()
	before := len(c.rita.entriesOf())
	ctx := context.Background()
	for _, path := range []string{"a", "b", "new"} {
		if _, err := c.rita.view.Write(ctx, []tree.Edit{c.rita.edit(path, "mine")}); !errors.Is(err, tree.ErrNotAllowed) {
			t.Errorf("writing %s: %v", path, err)
		}
	}
	if _, err := c.rita.view.Remove(ctx, "b"); !errors.Is(err, tree.ErrNotAllowed) {
		t.Error(err)
	}
	if _, err := c.rita.view.Move(ctx, "a", "c"); !errors.Is(err, tree.ErrNotAllowed) {
		t.Error(err)
	}
	if after := len(c.rita.entriesOf()); after != before {
		t.Errorf("%d entries, %d before", after, before)
	}
}

// TestEraseCorner: the owner erases a corner's file with its history.
func TestEraseCorner(t *testing.T) {
	c := newCompany(t)
	c.bob.write("b", "one")
	c.bob.write("b", "two")
	c.exchange()
	shown, paths, err := c.alice.view.Erase(context.Background(), "b")
	must(t, err)
	if shown != 1 || !slices.Equal(paths, []string{"b"}) {
		t.Errorf("erased %d, %q", shown, paths)
	}
	c.wants()
	for _, m := range c.all {
		vs, err := m.view.History(context.Background(), "b")
		must(t, err)
		for _, v := range vs {
			if v.Live() {
				t.Errorf("%s remembers %s", m.name, v.ID())
			}
		}
	}
}

// TestConflictInCorner: two devices of a contributor edit one file.
func TestConflictInCorner(t *testing.T) {
	c := newCompany(t)
	desk := newMember(t, "bob at the desk", &c.clock, c.bob.writes, c.bob.corners...)
	c.all = append(c.all, desk)
	c.alice.write("b", "shared")
	c.exchange()
	c.bob.write("b", "one")
	c.exchange()
	c.bob.write("b (from Bob)", "laptop")
	desk.write("b (from Bob)", "desk")
	c.exchange()
	conflicts, err := c.bob.view.Conflicts(context.Background())
	must(t, err)
	if len(conflicts) != 1 || conflicts[0].Path != "b (from Bob)" {
		t.Fatalf("conflicts %+v; shown %q", conflicts, c.bob.shown())
	}
	_, err = c.bob.view.Resolve(context.Background(), conflicts[0].Copy, tree.KeepCopy, "")
	must(t, err)
	c.exchange()
	for _, m := range c.all {
		conflicts, err := m.view.Conflicts(context.Background())
		must(t, err)
		if got := m.shown(); len(conflicts) != 0 || !slices.Equal(got, []string{"b=shared", "b (from Bob)=laptop"}) {
			t.Errorf("%s shows %q", m.name, got)
		}
	}
}
