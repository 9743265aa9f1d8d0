package tree_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// all is what LookupAll yields.
func (d *device) lookupAll(paths ...string) map[string]tree.Version {
	d.t.Helper()
	found := map[string]tree.Version{}
	for v, err := range d.tree.LookupAll(context.Background(), paths) {
		d.must(err)
		if _, twice := found[v.Path]; twice {
			d.t.Fatalf("%q comes twice", v.Path)
		}
		found[v.Path] = v
	}
	return found
}

// TestLookupAll: it finds what Lookup finds, whatever lies between the paths.
func TestLookupAll(t *testing.T) {
	clock := epoch
	folders := []string{"", "a/", "a!/", "a/b/", "a/b/c/", "z/"}
	rapid.Check(t, func(t *rapid.T) {
		d := newDevice(t, "anna", &clock)
		path := func() string {
			return rapid.SampledFrom(folders).Draw(t, "folder") +
				rapid.SampledFrom([]string{"a", "b", "c", "a!"}).Draw(t, "name") + fmt.Sprint(rapid.IntRange(0, 40).Draw(t, "n")%30)
		}
		var edits []tree.Edit
		for _, p := range rapid.SliceOfNDistinct(rapid.Custom(func(*rapid.T) string { return path() }), 0, 300, rapid.ID).Draw(t, "files") {
			e := d.edit(p, fmt.Sprint(len(edits)))
			if len(edits)%7 == 0 {
				e = tree.Edit{Path: p, Kind: tree.Folder}
			}
			edits = append(edits, e)
		}
		if _, err := d.tree.Write(context.Background(), edits); err != nil {
			t.Fatal(err)
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "foreign") {
			d.foreign("text", willow.TimestampOf(epoch), "files", fmt.Sprint("a", i))
		}
		asked := rapid.SliceOfN(rapid.Custom(func(*rapid.T) string { return path() }), 0, 200).Draw(t, "asked")
		asked = append(asked, "", "/", "a//b")
		want := map[string]tree.Version{}
		for _, p := range asked {
			if v := d.lookup(p); v.Kind != 0 {
				want[p] = v
			}
		}
		got := d.lookupAll(asked...)
		if len(got) != len(want) {
			t.Fatalf("%d found, want %d", len(got), len(want))
		}
		for p, v := range want {
			if u := got[p]; u.ID() != v.ID() || u.Kind != v.Kind || !u.HasDetails && !u.Decided() {
				t.Fatalf("%q is %+v, want %+v", p, u, v)
			}
		}
	})
}

// TestLookupAllStops: leaving the loop ends the reading.
func TestLookupAllStops(t *testing.T) {
	clock := epoch
	d := newDevice(t, "anna", &clock)
	var paths []string
	for i := range 20 {
		paths = append(paths, fmt.Sprintf("%02d", i))
		d.write(paths[i], "text")
	}
	for n := range paths {
		var got []string
		for v, err := range d.tree.LookupAll(context.Background(), paths) {
			d.must(err)
			if got = append(got, v.Path); len(got) == n+1 {
				break
			}
		}
		if !slices.Equal(got, paths[:n+1]) {
			t.Fatalf("got %q", got)
		}
	}
}

// TestSparse: between the paths that are asked for lie many others.
func TestSparse(t *testing.T) {
	clock := epoch
	d := newDevice(t, "anna", &clock)
	d.useSQLite(t.TempDir())
	defer func() { d.must(d.db.Close()) }()
	var edits []tree.Edit
	var asked []string
	for i := range 6000 {
		p := fmt.Sprintf("%02d/%04d", i/500, i)
		edits = append(edits, d.edit(p, "text"))
		if i%100 == 0 || i > 5000 && i < 5300 {
			asked = append(asked, p)
		}
	}
	if _, err := d.tree.Write(context.Background(), edits); err != nil {
		t.Fatal(err)
	}
	if got := d.lookupAll(asked...); len(got) != len(asked) {
		t.Fatalf("%d found of %d", len(got), len(asked))
	}
}
