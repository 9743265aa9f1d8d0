package tree_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// racing is a store that others write to just before an insertion.
type racing struct {
	willow.Store
	before func()
}

func (s *racing) Insert(ctx context.Context, o willow.Origin, batch []willow.Incoming) ([]willow.Outcome, error) {
	if o == 0 && s.before != nil {
		s.before()
	}
	return s.Store.Insert(ctx, o, batch)
}

func TestWrite(t *testing.T) {
	clock := epoch
	d := newDevice(t, "anna", &clock)
	e := d.edit("a/f.txt", "text")
	e.Exec, e.Mtime = true, epoch.Add(-time.Hour)
	v := d.apply(e)
	if v.Kind != tree.File || v.Length != 4 || !v.Exec || !v.Present || !v.HasDetails || v.Author != d.author() || len(v.Seen) > 0 ||
		!v.Mtime.Equal(e.Mtime) || v.Timestamp != willow.TimestampOf(epoch) || !regexp.MustCompile("^[0-9a-f]{16}$").MatchString(v.ID()) {
		t.Errorf("written %+v", v)
	}
	if got := d.lookup("a/f.txt"); got.ID() != v.ID() || got.Exec != v.Exec || !got.Mtime.Equal(v.Mtime) {
		t.Errorf("looked up %+v", got)
	}
	// The same bytes again are no change, whatever their mtime.
	e.Mtime = epoch
	if got := d.apply(e); got.ID() != v.ID() || len(d.live()) != 2 {
		t.Errorf("written again: %+v", got)
	}
	// Another exec is one. A slow clock doesn't matter.
	clock = clock.Add(-time.Hour)
	e.Exec = false
	got := d.apply(e)
	if got.ID() == v.ID() || got.Timestamp != v.Timestamp+3 || got.Seen[d.author()] != v.Timestamp || len(d.live()) != 2 {
		t.Errorf("not executable: %+v", got)
	}
	if v, ok, err := d.tree.Lookup(context.Background(), "a"); ok || err != nil {
		t.Errorf("an unrecorded folder: %+v, %v", v, err)
	}
}

func TestWriteRejects(t *testing.T) {
	clock := epoch
	d := newDevice(t, "anna", &clock)
	good := d.edit("a", "text")
	for name, c := range map[string]struct {
		edits []tree.Edit
		want  error
	}{
		"path":           {[]tree.Edit{good, d.edit("a//b", "text")}, tree.ErrPath},
		"no kind":        {[]tree.Edit{{Path: "b"}}, tree.ErrEdit},
		"no digest":      {[]tree.Edit{{Path: "b", Kind: tree.File}}, tree.ErrEdit},
		"bytes":          {[]tree.Edit{{Path: "b", Kind: tree.Folder, Digest: good.Digest, Length: 4}}, tree.ErrEdit},
		"twice":          {[]tree.Edit{good, good}, tree.ErrEdit},
		"conflict of ..": {[]tree.Edit{{Path: "b", Kind: tree.Folder, ConflictOf: "../a"}}, tree.ErrPath},
	} {
		if vs, err := d.tree.Write(context.Background(), c.edits); !errors.Is(err, c.want) || vs != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(d.live()); n > 0 {
		t.Errorf("%d entries written", n)
	}
	d.reader = true
	if _, err := d.tree.Write(context.Background(), []tree.Edit{good}); !errors.Is(err, tree.ErrNotAllowed) {
		t.Error(err)
	}
	d.reader = false
	d.foreign("far", 1<<64-4, "files", "a", "")
	if _, err := d.tree.Write(context.Background(), []tree.Edit{good}); !errors.Is(err, tree.ErrTimestamp) {
		t.Error(err)
	}
}

// TestTimestamps: a version comes after all that is known at, above and below
// its path, and after nothing else.
func TestTimestamps(t *testing.T) {
	clock := epoch
	d := newDevice(t, "anna", &clock)
	at := willow.TimestampOf(epoch)
	d.foreign("above", at+100, "files", "a")
	d.foreign("below", at+200, "files", "a", "b", "c", "")
	if v := d.write("a/b", "text"); v.Timestamp != at+202 {
		t.Errorf("%d after", v.Timestamp-at)
	}
	if v := d.write("a/x", "text"); v.Timestamp != at+102 {
		t.Errorf("%d after", v.Timestamp-at)
	}
	if v := d.write("b", "text"); v.Timestamp != at {
		t.Errorf("%d after", v.Timestamp-at)
	}
}

func TestBase(t *testing.T) {
	ctx := context.Background()
	a, b := two(t, "f.txt=old")
	old := a.lookup("f.txt")
	a.write("f.txt", "anna's")
	b.pull(a)

	// Bert's disk still has the old version when it is changed there.
	e := b.edit("f.txt", "bert's")
	e.Base = &tree.Base{Timestamp: old.Timestamp, Digest: old.Digest}
	if v := b.apply(e); v.Seen[a.author()] != old.Timestamp {
		t.Errorf("saw %v", v.Seen)
	}
	b.wants("f.txt=bert's", "f(conflict).txt=anna's")
	exchange(t, a, b)
	a.wants("f.txt=bert's", "f(conflict).txt=anna's")

	// Deleting the old version leaves the new one.
	grave := tree.Edit{Path: "f.txt", Kind: tree.Tombstone, Base: e.Base}
	latest := b.lookup("f.txt")
	if v := b.apply(grave); v.ID() != latest.ID() {
		t.Errorf("deleted %+v", v)
	}
	// So does deleting what isn't known, and what never was.
	grave.Base = &tree.Base{Timestamp: 1}
	if v := b.apply(grave); v.ID() != latest.ID() {
		t.Errorf("deleted %+v", v)
	}
	vs, err := b.tree.Write(ctx, []tree.Edit{{Path: "never", Kind: tree.Tombstone}})
	if err != nil || vs[0].Kind != 0 || vs[0].ID() != "" {
		t.Errorf("deleted %+v, %v", vs, err)
	}
	// An edit made on nothing has seen nothing.
	e = b.edit("f.txt", "third")
	e.Base = &tree.Base{}
	if v := b.apply(e); len(v.Seen) > 0 {
		t.Errorf("saw %v", v.Seen)
	}
	exchange(t, a, b)
	a.wants("f.txt=third", "f(conflict).txt=anna's", "f(conflict).txt=bert's")
}

// TestWriteRace: entries that come in between reading and writing are neither
// lost nor counted as seen.
func TestWriteRace(t *testing.T) {
	a, b := two(t, "f.txt=old")
	*b.clock = b.clock.Add(time.Hour)
	b.write("f.txt", "bert's")
	*a.clock = a.clock.Add(-time.Hour)
	s := &racing{Store: a.entries}
	s.before = func() { s.before = nil; a.pull(b) }
	a.entries = s
	a.start()
	v := a.write("f.txt", "anna's")
	if _, saw := v.Seen[b.author()]; saw || a.lookup("f.txt").ID() != v.ID() {
		t.Errorf("written %+v", v)
	}
	exchange(t, a, b)
	a.wants("f.txt=anna's", "f(conflict).txt=bert's")

	// Others can be faster again and again: then it is said.
	n := willow.Timestamp(0)
	s.before = func() {
		n += 100
		a.foreign(fmt.Sprint(n), willow.TimestampOf(a.clock.Add(time.Hour))+n*1000, "files", "f.txt", "")
	}
	if _, err := a.tree.Write(context.Background(), []tree.Edit{a.edit("f.txt", "never")}); !errors.Is(err, tree.ErrBusy) {
		t.Error(err)
	}
}

func TestManyEdits(t *testing.T) {
	clock := epoch
	d := newDevice(t, "anna", &clock)
	var edits []tree.Edit
	for i := range 300 {
		edits = append(edits, d.edit(fmt.Sprintf("%03d/f", i), fmt.Sprint(i)))
	}
	commits := 0
	defer d.entries.Subscribe(func(willow.Change) { commits++ })()
	vs, err := d.tree.Write(context.Background(), edits)
	if err != nil || len(vs) != 300 || commits != 1 {
		t.Fatalf("%d versions in %d commits: %v", len(vs), commits, err)
	}
	listed := d.list("")
	if !slices.EqualFunc(listed, vs, func(a, b tree.Version) bool { return a.ID() == b.ID() && a.Path == b.Path }) {
		t.Error("listed others than written")
	}
	counts, err := d.tree.Counts(context.Background())
	if want := (tree.Counts{Files: 300, Bytes: 10 + 180 + 600}); counts != want || err != nil {
		t.Errorf("counted %+v, %v", counts, err)
	}
	d.remove("007")
	d.apply(tree.Edit{Path: "none", Kind: tree.Folder})
	if counts, _ = d.tree.Counts(context.Background()); counts.Files != 299 || counts.Folders != 1 {
		t.Errorf("counted %+v", counts)
	}
}

func TestList(t *testing.T) {
	clock := epoch
	d := newDevice(t, "anna", &clock)
	for _, path := range []string{"a/b", "a b", "a.txt", "c/d/e", "\xff"} {
		d.write(path, path)
	}
	d.apply(tree.Edit{Path: "a", Kind: tree.Folder})
	d.apply(tree.Edit{Path: "empty", Kind: tree.Folder})
	d.write("gone", "gone")
	d.remove("gone")
	d.foreign("not ours", 1, "claims", "a")
	d.foreign("no name", 1, "files", "..", "")
	paths := func(vs []tree.Version) (ps []string) {
		for _, v := range vs {
			ps = append(ps, v.Path)
		}
		return ps
	}
	for prefix, want := range map[string][]string{
		"":      {"a", "a/b", "a b", "a.txt", "c/d/e", "empty", "\xff"},
		"a":     {"a", "a/b"},
		"c":     {"c/d/e"},
		"c/d/e": {"c/d/e"},
		"gone":  nil,
		"none":  nil,
		"../x":  nil,
		"c/":    nil,
	} {
		if got := paths(d.list(prefix)); !slices.Equal(got, want) {
			t.Errorf("%q has %q, want %q", prefix, got, want)
		}
	}
	graves := 0
	for v, err := range d.tree.Walk(context.Background(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if v.Kind == tree.Tombstone {
			graves++
		}
	}
	if graves != 1 {
		t.Errorf("%d tombstones", graves)
	}
	if v, ok, _ := d.tree.Get(context.Background(), "gone"); ok || v.Kind != 0 {
		t.Errorf("got %+v", v)
	}
	if v := d.lookup("gone"); v.Kind != tree.Tombstone || v.Live() {
		t.Errorf("looked up %+v", v)
	}
}

func TestMove(t *testing.T) {
	ctx := context.Background()
	clock := epoch
	d := newDevice(t, "anna", &clock)
	for _, path := range []string{"d/a", "d/b/c", "d2/x", "f"} {
		e := d.edit(path, path)
		e.Exec = path == "d/a"
		d.apply(e)
	}
	d.apply(tree.Edit{Path: "d/e", Kind: tree.Folder})
	for _, c := range []struct {
		from, to string
		want     error
	}{
		{"d", "d", tree.ErrIntoItself},
		{"d", "d/b/d", tree.ErrIntoItself},
		{"f", "f/g", tree.ErrIntoItself},
		{"d", "f", tree.ErrExists},
		{"f", "d", tree.ErrExists},
		{"f", "d/e", tree.ErrExists},
		{"d", "f/d", tree.ErrNotFolder},
		{"none", "n", tree.ErrNotFound},
		{"f", "..", tree.ErrPath},
		{"", "g", tree.ErrPath},
	} {
		if v, err := d.tree.Move(ctx, c.from, c.to); !errors.Is(err, c.want) {
			t.Errorf("%s to %s: %+v, %v", c.from, c.to, v, err)
		}
	}
	before := d.lookup("d/a")
	v, err := d.tree.Move(ctx, "d", "n/d")
	if err != nil || v.Path != "n/d" || v.Kind != tree.Folder || v.ID() != "" {
		t.Errorf("moved %+v, %v", v, err)
	}
	d.wants("d2/x=d2/x", "f=f", "n/d/a=d/a exec", "n/d/b/c=d/b/c", "n/d/e=/")
	if v := d.lookup("n/d/a"); !v.Mtime.Equal(before.Mtime) || len(v.Seen) > 0 {
		t.Errorf("moved to %+v", v)
	}
	if v, err = d.tree.Move(ctx, "f", "d"); err != nil || v.Path != "d" || v.Kind != tree.File {
		t.Errorf("moved %+v, %v", v, err)
	}
	// The tombstones of what was in d don't make it a folder.
	if s := d.settle(); s != (tree.Settled{}) {
		t.Errorf("settled %+v", s)
	}
	d.wants("d2/x=d2/x", "d=f", "n/d/a=d/a exec", "n/d/b/c=d/b/c", "n/d/e=/")
}

func TestMoveAgainstEdit(t *testing.T) {
	a, b := two(t, "f.txt=old")
	_, err := a.tree.Move(context.Background(), "f.txt", "g.txt")
	a.must(err)
	b.write("f.txt", "bert's")
	exchange(t, a, b)
	a.wants("f.txt=bert's", "g.txt=old")
}

func TestRemove(t *testing.T) {
	ctx := context.Background()
	clock := epoch
	d := newDevice(t, "anna", &clock)
	d.write("a/b", "1")
	d.write("a/c/d", "2")
	d.write("ab", "3")
	d.apply(tree.Edit{Path: "a/e", Kind: tree.Folder})
	if n, err := d.tree.Remove(ctx, "a"); n != 3 || err != nil {
		t.Errorf("removed %d, %v", n, err)
	}
	d.wants("ab=3")
	for path, want := range map[string]error{"a": tree.ErrNotFound, "none": tree.ErrNotFound, "a/": tree.ErrPath} {
		if n, err := d.tree.Remove(ctx, path); n != 0 || !errors.Is(err, want) {
			t.Errorf("%s: removed %d, %v", path, n, err)
		}
	}
}

func TestCheckPlace(t *testing.T) {
	clock := epoch
	d := newDevice(t, "anna", &clock)
	d.write("d/f", "text")
	d.apply(tree.Edit{Path: "e", Kind: tree.Folder})
	d.write("gone/f", "text")
	d.remove("gone/f")
	for path, want := range map[string]error{
		"new": nil, "d/f": nil, "d/new": nil, "e/f": nil, "gone": nil,
		"d": tree.ErrFolder, "e": tree.ErrFolder, "d/f/g": tree.ErrNotFolder, "d/f/g/h": tree.ErrNotFolder, "": tree.ErrPath,
	} {
		if err := d.tree.CheckPlace(context.Background(), path); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
}

func TestHistory(t *testing.T) {
	ctx := context.Background()
	a, b := two(t, "f.txt=one", "g.txt=other")
	a.write("f.txt", "two")
	a.remove("f.txt")
	a.write("f.txt", "three")
	b.pull(a)
	vs, err := a.tree.History(ctx, "f.txt")
	var texts []string
	for _, v := range vs {
		text := "-"
		if v.Kind != tree.Tombstone {
			text = fmt.Sprint(v.Length, v.Present)
		}
		texts = append(texts, text)
	}
	if err != nil || !slices.Equal(texts, []string{"5 true", "-", "3 true", "3 true"}) {
		t.Fatalf("history %v, %v", texts, err)
	}
	if vs, _ := b.tree.History(ctx, "f.txt"); len(vs) != 2 {
		t.Errorf("Bert has %d versions", len(vs))
	}
	if _, err := a.tree.Restore(ctx, "f.txt", vs[1].ID()); !errors.Is(err, tree.ErrDeletion) {
		t.Errorf("restored a deletion: %v", err)
	}
	if _, err := a.tree.Restore(ctx, "g.txt", vs[2].ID()); !errors.Is(err, tree.ErrNotFound) {
		t.Errorf("restored from another path: %v", err)
	}
	v, err := a.tree.Restore(ctx, "f.txt", vs[3].ID())
	if err != nil || v.Digest != vs[3].Digest || v.ID() == vs[3].ID() || v.Seen[a.author()] != vs[0].Timestamp {
		t.Errorf("restored %+v, %v", v, err)
	}
	exchange(t, a, b)
	b.wants("f.txt=one", "g.txt=other")
	if again, err := a.tree.Restore(ctx, "f.txt", v.ID()); err != nil || again.ID() != v.ID() {
		t.Errorf("restored the latest: %+v, %v", again, err)
	}
}
