package tree_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// sameAsFresh fails unless a tree that has counted all along says what one says
// that counts for the first time.
func (d *device) sameAsFresh(old *tree.Tree) {
	d.t.Helper()
	ctx := context.Background()
	counts, err := old.Counts(ctx)
	d.must(err)
	conflicts, err := old.Conflicts(ctx)
	d.must(err)
	fresh := tree.New(old.Config)
	defer fresh.Close()
	wantCounts, err := fresh.Counts(ctx)
	d.must(err)
	wantConflicts, err := fresh.Conflicts(ctx)
	d.must(err)
	if counts != wantCounts || !slices.Equal(conflicts, wantConflicts) {
		d.t.Fatalf("%s counts %+v, conflicts %+v; there are %+v, %+v", d.name, counts, conflicts, wantCounts, wantConflicts)
	}
	if shown := countOf(d.list("")); shown != counts {
		d.t.Fatalf("%s counts %+v and shows %+v", d.name, counts, shown)
	}
}

// countOf counts what is listed.
func countOf(list []tree.Version) (c tree.Counts) {
	for _, v := range list {
		if v.Kind == tree.Folder {
			c.Folders++
			continue
		}
		c.Files++
		c.Bytes += int64(v.Length)
	}
	return c
}

// TestCountsFollow: sums that are kept from change to change are those that
// counting all would give, whatever the changes are.
func TestCountsFollow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock := epoch
		here, there := newDevice(t, "anna", &clock), newDevice(t, "bert", &clock)
		here.tree.Regions(rapid.IntRange(1, 5).Draw(t, "region"))
		path := rapid.Custom(func(t *rapid.T) string {
			p := fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "name"))
			if rapid.Bool().Draw(t, "deep") {
				p = fmt.Sprint("d", rapid.IntRange(0, 2).Draw(t, "folder"), "/", p)
			}
			return p
		})
		t.Repeat(map[string]func(*rapid.T){
			"": func(*rapid.T) { here.sameAsFresh(here.tree) },
			"write": func(t *rapid.T) {
				here.write(path.Draw(t, "path"), rapid.StringN(0, 3, 3).Draw(t, "text"))
			},
			"delete": func(t *rapid.T) {
				for _, v := range here.list(path.Draw(t, "path")) {
					here.apply(tree.Edit{Path: v.Path, Kind: tree.Tombstone})
				}
			},
			"folder": func(t *rapid.T) { here.apply(tree.Edit{Path: path.Draw(t, "path"), Kind: tree.Folder}) },
			"elsewhere": func(t *rapid.T) {
				there.write(path.Draw(t, "path"), rapid.StringN(0, 3, 3).Draw(t, "text"))
			},
			"conflict": func(t *rapid.T) {
				e := here.edit(path.Draw(t, "path"), rapid.StringN(0, 3, 3).Draw(t, "text"))
				e.Base = &tree.Base{}
				here.apply(e)
			},
			"pull":   func(*rapid.T) { here.pull(there); here.settle() },
			"settle": func(*rapid.T) { here.settle() },
		})
	})
}

// counting is a store that counts the entries that are read of ranges.
type counting struct {
	willow.Store
	read int
}

func (c *counting) Range(ctx context.Context, ns willow.NamespaceID, r willow.Range3D, within willow.Area) iter.Seq2[willow.Authorised, error] {
	return func(yield func(willow.Authorised, error) bool) {
		for a, err := range c.Store.Range(ctx, ns, r, within) {
			if c.read++; !yield(a, err) {
				return
			}
		}
	}
}

// TestOneChangeOneRegion: after a change in a large tree just its region is read.
func TestOneChangeOneRegion(t *testing.T) {
	clock := epoch
	d := newDevice(t, "anna", &clock)
	store := &counting{Store: d.entries}
	d.entries = store
	d.start()
	d.tree.Regions(10)
	var edits []tree.Edit
	for i := range 1000 {
		edits = append(edits, d.edit(fmt.Sprintf("d%02d/%03d", i%100, i), "x"))
	}
	_, err := d.tree.Write(t.Context(), edits)
	d.must(err)
	counted := func(want int64) {
		t.Helper()
		if n, err := d.tree.Counts(t.Context()); err != nil || n.Files != want {
			t.Errorf("counted %+v, %v", n, err)
		}
	}
	counted(1000)
	if n := d.tree.RegionCount(); n != 100 {
		t.Errorf("%d regions", n)
	}
	store.read = 0
	counted(1000)
	d.write("d50/050", "other")
	d.write("d50/new", "other")
	counted(1001)
	if store.read > 2*11 {
		t.Errorf("%d entries were read after two changes", store.read)
	}
}
