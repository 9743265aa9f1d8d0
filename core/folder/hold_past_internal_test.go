package folder

import (
	"fmt"
	"testing"
	"time"

	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// TestPlannedIsNotRemoved: removals that are planned again and again, because they
// fail, don't count; nor is what was judged of others forgotten.
func TestPlannedIsNotRemoved(t *testing.T) {
	f, err := New(Config{ID: "id", Dir: t.TempDir(), CopyLimit: 1})
	if err != nil {
		t.Fatal(err)
	}
	f.there.free["later"] = true
	for range 5 {
		pl := newPlan()
		var paths []string
		for i := range 9 {
			r := Row{Path: fmt.Sprint("f", i), Kind: uint8(tree.File), Digest: willow.Digest{byte(i)}}
			f.rows[r.Path] = r
			pl.removes = append(pl.removes, &job{path: r.Path, row: r, has: true, want: tree.Version{Path: r.Path, Kind: tree.Tombstone}})
			paths = append(paths, r.Path)
		}
		if err := f.judgePlan(t.Context(), nil, pl, paths, false); err != nil {
			t.Fatal(err)
		}
		if len(pl.removes) != 9 || !pl.removes[0].counted {
			t.Fatalf("%d removals are left of the plan", len(pl.removes))
		}
	}
	if n := f.there.window(time.Now()); n != 0 {
		t.Errorf("%d files count as removed", n)
	}
	if !f.there.free["later"] {
		t.Error("what was judged is forgotten before it is planned")
	}
	pl := newPlan()
	if err := f.judgePlan(t.Context(), nil, pl, []string{"later"}, false); err != nil || f.there.free["later"] {
		t.Errorf("what wasn't to be removed any more stays judged: %v", err)
	}
}

// TestNewNameInAnotherBatch: while there is a hold, a new name may come before the
// old one goes, but not long before.
func TestNewNameInAnotherBatch(t *testing.T) {
	for after, renamed := range map[time.Duration]int{time.Second: 1, time.Minute: 0} {
		j := newJudged(40)
		j.begin(Hold{})
		j.arrived(j.now, "new", willow.Digest{0, 0}, false)
		j.guard.renamed(j.now)
		j.now = j.now.Add(after)
		j.remove(1)
		if got := j.guard.renamed(j.now); len(got) != renamed {
			t.Errorf("after %v: %v", after, got)
		}
	}
}
