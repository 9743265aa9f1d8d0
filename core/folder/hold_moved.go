package folder

import (
	"context"
	"maps"
	"slices"
	"time"

	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// alike is from how many files with the same bytes on nobody can tell which of
// them is another's new name. Mostly they are empty.
const alike = 10

// tally counts files that have the same bytes. A removal counts where its bytes
// vanish. Where another file has them and stays it was a move, whenever and from
// wherever news of the two names came; or a second copy was removed, which is no
// loss either. Not so among many that are alike, of which each is a file to the
// user: there only what comes makes up for what goes, and what went lately counts
// as far as there is less left.
type tally struct {
	off  int               // kept back
	past int               // removed lately
	back int               // of those, under names that have other bytes now: see lately
	stay int               // shown, and not kept back
	by   map[[32]byte]bool // authors of those
}

// moved reports whether the bytes stay.
func (t *tally) moved() bool { return t.stay > 0 && t.off+t.past+t.stay < alike }

// lost counts what was removed lately and is lost.
func (t *tally) lost() int {
	if t.moved() {
		return 0
	}
	return max(0, t.past-t.back-t.off-t.stay)
}

// tallies counts what a guard keeps back, and remembers.
func (g *guard) tallies() map[willow.Digest]*tally {
	all := map[willow.Digest]*tally{}
	at := func(digest willow.Digest) *tally {
		if all[digest] == nil {
			all[digest] = &tally{by: map[[32]byte]bool{}}
		}
		return all[digest]
	}
	for _, r := range g.off {
		if r.file {
			at(r.digest).off++
		}
	}
	for digest, left := range g.gone {
		at(digest).past += len(left)
	}
	return all
}

// spared returns what needn't be kept back, as its bytes stay. Of what is held
// after deletions elsewhere just what the one has moved who deleted it: whoever is
// asked may be saving copies.
func (g *guard) spared(tallies map[willow.Digest]*tally) (paths []string) {
	for p, r := range g.off {
		t := tallies[r.digest]
		if r.file && t.moved() && (g.hold == nil || g.cause == RemovedHere || t.by[r.by]) {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	return paths
}

// weight is what a guard judges by.
type weight struct {
	spared  []string // kept back, but moved
	removes int      // other files that are kept back
	before  int      // files that were lost lately
	of      int      // files that the folder had, here or in the tree, before all that
}

func (w weight) mass() bool { return isMass(w.removes+w.before, w.of) }

// weigh finds out what is lost with what a guard keeps back.
func (f *Folder) weigh(ctx context.Context, g *guard) (weight, error) {
	w := weight{removes: g.files(), before: g.window(time.Now())}
	w.of = w.before
	for p, r := range f.rows {
		if counts(r) && !g.came(p) {
			w.of++
		}
	}
	if !w.mass() {
		return w, nil // nor is it with those that are only in the tree, and without what was moved
	}
	tallies, lately := g.tallies(), g.lately()
	empty := 0 // names without a file, at which an earlier process may have removed one
	w.of -= w.before
	err := f.survey(ctx, tallies, func(v tree.Version, shown, stays bool) {
		if _, has := f.rows[v.Path]; shown && !has && !g.came(v.Path) {
			w.of++
		}
		if stays {
			lately.filled(tallies, v.Path, v.Digest)
		} else if len(lately[v.Path]) == 0 && !g.has(v.Path) {
			empty++
		}
	})
	if err != nil {
		return w, err
	}
	for p, r := range g.off {
		lately.filled(tallies, p, r.digest)
	}
	lately.once(tallies)
	w.before = min(g.earlier(), empty)
	for _, t := range tallies {
		w.before += t.lost()
	}
	w.spared = g.spared(tallies)
	w.removes -= len(w.spared)
	w.of += w.before - len(w.spared)
	return w, nil
}

// survey counts the files that stay, and yields all that the tree has: whether it
// is a file that this disk shows, or is to show, and whether that stays.
func (f *Folder) survey(ctx context.Context, tallies map[willow.Digest]*tally, yield func(v tree.Version, shown, stays bool)) error {
	bad := map[string]bool{}
	f.update(func(d *desk) {
		for p := range d.bad {
			bad[p] = true
		}
	})
	for v, err := range f.cfg.Tree.Walk(ctx, "") {
		if err != nil {
			return err
		}
		shown := (v.Kind == tree.File || v.Kind == tree.Symlink) && !f.unshown(v.Path) && unwritablePath(v.Path) == ""
		stays := shown && !f.here.has(v.Path) && !bad[v.Path] && !within(v.Path, f.lost)
		yield(v, shown, stays)
		if t := tallies[v.Digest]; t != nil && stays {
			t.stay++
			t.by[v.Author] = true
		}
	}
	return nil
}

// spareMoved lets go of what is held and has turned out to be moved.
func (f *Folder) spareMoved(ctx context.Context) error {
	for _, g := range []*guard{f.here, f.there} {
		if !g.doubt {
			continue
		}
		tallies := g.tallies()
		if err := f.survey(ctx, tallies, func(tree.Version, bool, bool) {}); err != nil {
			return err
		}
		g.doubt = false
		spared := g.spared(tallies)
		if g == f.there {
			f.spareThere(spared)
		} else if err := f.admitMoved(ctx, spared); err != nil {
			return err
		}
		if err := f.refreshHold(ctx, g, false); err != nil {
			return err
		}
	}
	return nil
}

func (f *Folder) admitMoved(ctx context.Context, paths []string) error {
	if len(paths) == 0 {
		return nil
	}
	ds, err := f.openRoot(ctx)
	if err != nil {
		return err
	}
	defer ds.close()
	return f.admit(ctx, ds, findings{gone: f.spareHere(paths)}, false)
}

// vanishing returns those of the files that are going whose bytes no other file
// here has and keeps.
func (f *Folder) vanishing(g *guard, gone map[string]willow.Digest) map[string]willow.Digest {
	if len(gone) == 0 {
		return nil
	}
	tallies := map[willow.Digest]*tally{}
	for _, digest := range gone {
		if tallies[digest] == nil {
			tallies[digest] = &tally{past: len(g.gone[digest])}
		}
		tallies[digest].off++
	}
	for p, r := range f.rows {
		t := tallies[r.Digest]
		if _, going := gone[p]; t != nil && !going && counts(r) && !f.here.has(p) && !f.there.has(p) {
			t.stay++
		}
	}
	maps.DeleteFunc(gone, func(_ string, digest willow.Digest) bool { return tallies[digest].moved() })
	return gone
}

// count has those removals of a plan count, once they are done, whose bytes vanish.
func (f *Folder) count(g *guard, removals []*job) {
	gone := map[string]willow.Digest{}
	for _, j := range removals {
		gone[j.path] = j.row.Digest
	}
	gone = f.vanishing(g, gone)
	for _, j := range removals {
		_, j.counted = gone[j.path]
	}
}
