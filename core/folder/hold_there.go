package folder

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"meadow/core/blob"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// judgePlan takes those removals out of a plan that may be part of a mass
// deletion, or are held. Not so those that were allowed where they were made, and
// renames.
func (f *Folder) judgePlan(ctx context.Context, ds *dirs, pl *plan, paths []string, all bool) error {
	if !all {
		if err := f.recall(ctx, ds, pl, paths); err != nil {
			return err
		}
	}
	for _, j := range pl.creates {
		pl.noteFresh(j.row, j.has, j.want)
	}
	pl.pair()
	f.forgetStale(pl, paths, all)
	g, now := f.there, time.Now()
	suspect, freed := pl.suspects(g)
	g.unfree(paths, all)
	lone := unmatched(suspect, pl.fresh)
	if g.active() || g.suspects(now, len(lone), f.hasFiles) {
		for p, j := range suspect {
			g.keep(now, p, removal{file: counts(j.row), digest: j.row.Digest, by: j.want.Author})
		}
		lone = nil
	}
	for p, digest := range pl.fresh {
		_, known := f.rows[p]
		g.arrived(now, p, digest, known)
	}
	if g.active() {
		for _, p := range g.renamed(now) {
			if _, planned := suspect[p]; !planned {
				f.soil(p)
			}
		}
		kept := func(j *job) bool { return g.has(j.path) }
		pl.removes, pl.folders = slices.DeleteFunc(pl.removes, kept), slices.DeleteFunc(pl.folders, kept)
	}
	f.count(g, append(freed, lone...))
	for _, j := range pl.folders {
		pl.forget = append(pl.forget, j.path)
		f.prune[j.path] = true
	}
	return f.refreshHold(ctx, g, all)
}

// recall adds to a plan what was kept back and can now be renamed to what the
// plan makes.
func (f *Folder) recall(ctx context.Context, ds *dirs, pl *plan, paths []string) error {
	if len(f.there.off) == 0 || len(pl.creates) == 0 {
		return nil
	}
	wanted := map[willow.Digest]bool{}
	for _, j := range pl.creates {
		wanted[j.want.Digest] = true
	}
	planned := map[string]bool{}
	for _, p := range paths {
		planned[p] = true
	}
	for p, r := range f.there.off {
		if !wanted[r.digest] || planned[p] {
			continue
		}
		v, ok, err := f.cfg.Tree.Lookup(ctx, p)
		if err != nil {
			return err
		}
		if ds.trim(); ok {
			if err := pl.add(ctx, f, ds, p, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetStale takes out of what is kept back what a plan looked at and needn't
// be removed any more.
func (f *Folder) forgetStale(pl *plan, paths []string, all bool) {
	g := f.there
	if len(g.off) == 0 {
		return
	}
	planned := make(map[string]bool, len(pl.removes))
	for _, jobs := range [][]*job{pl.removes, pl.folders} {
		for _, j := range jobs {
			planned[j.path] = true
		}
	}
	if all {
		paths = slices.Collect(maps.Keys(g.off))
	}
	for _, p := range paths {
		if !planned[p] {
			g.drop(p)
		}
	}
}

// noteFresh notes bytes that are to come under a path that hasn't got them.
func (pl *plan) noteFresh(r Row, has bool, v tree.Version) {
	if v.Live() && v.Kind != tree.Folder && !(has && r.Digest == v.Digest) {
		pl.fresh[v.Path] = v.Digest
	}
}

// unfree forgets what was judged of paths that have been planned.
func (g *guard) unfree(paths []string, all bool) {
	if all {
		clear(g.free)
	}
	for _, p := range paths {
		delete(g.free, p)
	}
}

// suspects returns the removals of a plan that may have to be kept back, and the
// files among those that were judged already.
func (pl *plan) suspects(g *guard) (jobs map[string]*job, freed []*job) {
	jobs = map[string]*job{}
	for _, some := range [][]*job{pl.removes, pl.folders} {
		for _, j := range some {
			switch {
			case j.moved != nil, j.want.Allowed:
				g.drop(j.path)
			case g.free[j.path]:
				g.drop(j.path)
				if counts(j.row) {
					freed = append(freed, j)
				}
			default:
				jobs[j.path] = j
			}
		}
	}
	for _, j := range pl.removes {
		if j.moved != nil {
			delete(pl.fresh, j.moved.path)
		}
	}
	return jobs, freed
}

// unmatched returns the files among removals whose bytes don't come under another
// name.
func unmatched(removals map[string]*job, fresh map[string]willow.Digest) (lone []*job) {
	came := map[willow.Digest]int{}
	for _, digest := range fresh {
		came[digest]++
	}
	for _, j := range removals {
		switch {
		case !counts(j.row):
		case came[j.row.Digest] > 0:
			came[j.row.Digest]--
		default:
			lone = append(lone, j)
		}
	}
	return lone
}

// judgeThere holds the removals that were put off, or has them done by the next
// pass.
func (f *Folder) judgeThere(ctx context.Context) error {
	g := f.there
	w, err := f.weigh(ctx, g)
	if err != nil {
		return err
	}
	if w.mass() {
		f.spareThere(w.spared)
		return f.beginHold(ctx, g, w)
	}
	f.freeThere()
	f.showHolds()
	return nil
}

// freeThere lets the next pass remove what is kept back.
func (f *Folder) freeThere() {
	f.spareThere(slices.Collect(maps.Keys(f.there.off)))
	f.there.reset()
}

// spareThere lets the next pass remove some of that.
func (f *Folder) spareThere(paths []string) {
	for _, p := range paths {
		f.there.free[p] = true
		f.there.drop(p)
	}
	f.soil(paths...)
}

// allowThere says in the tree that the deletions were allowed, so that no other
// device asks again, and removes the files. Whoever may not write there can only
// remove them here.
func (f *Folder) allowThere(ctx context.Context) error {
	var edits []tree.Edit
	paths := slices.Collect(maps.Keys(f.there.off))
	err := f.versions(ctx, paths, false, func(p string, v tree.Version) error {
		if v.Kind == tree.Tombstone {
			base := &tree.Base{Timestamp: v.Timestamp, Digest: v.Digest}
			edits = append(edits, tree.Edit{Path: p, Kind: tree.Tombstone, Base: base, Allowed: true})
		}
		return nil
	})
	if err != nil {
		return err
	}
	marked := true
	for some := range slices.Chunk(edits, maxEdits) {
		_, err := f.cfg.Tree.Write(ctx, some)
		if errors.Is(err, tree.ErrNotAllowed) {
			marked = false
			break
		}
		if err != nil {
			return err
		}
	}
	// Before the next pass may make a hold of what couldn't be removed.
	if err := f.cfg.Index.PutHolds(ctx, f.cfg.ID, nil, []string{f.there.hold.ID}); err != nil {
		return err
	}
	f.freeThere()
	if err := f.pass(ctx); err != nil && !marked {
		return err
	} else if err != nil {
		f.log.Warn("remove what was held", "err", err) // it is tried again
	}
	f.showHolds()
	return nil
}

// keepThere writes what is held live again in the tree: as it is here.
func (f *Folder) keepThere(ctx context.Context) error {
	ds, err := f.openRoot(ctx)
	if err != nil {
		return err
	}
	defer ds.close()
	var edits []tree.Edit
	var again []string // to be read
	paths := slices.Sorted(maps.Keys(f.there.off))
	err = f.versions(ctx, paths, false, func(p string, v tree.Version) error {
		if _, has := f.rows[p]; !has || v.Kind != tree.Tombstone {
			return nil
		}
		e, ok, err := f.revived(ctx, ds, f.rows[p], v)
		switch {
		case err != nil:
			return err
		case ok:
			edits = append(edits, e)
		default:
			again = append(again, p)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for some := range slices.Chunk(edits, maxEdits) {
		if err := f.revive(ctx, some); err != nil {
			return err
		}
	}
	if err := f.record(ctx, nil, again); err != nil {
		return err
	}
	for _, p := range again { // without a row it is read, and becomes a version
		f.events[p] = true
	}
	f.soil(paths...)
	return f.endHold(ctx, f.there)
}

// revived is the edit that makes what a row says live again over a deletion; not
// ok if the file has to be read for that.
func (f *Folder) revived(ctx context.Context, ds *dirs, r Row, deletion tree.Version) (e tree.Edit, ok bool, err error) {
	ds.trim()
	s, err := ds.lstat(r.Path)
	if err != nil || !s.is(r) || s.kind == tree.Symlink {
		return e, false, nil
	}
	if refused, err := f.refuses(ctx, r.Path, false); refused || err != nil {
		return e, false, err
	}
	e = tree.Edit{
		Path: r.Path, Kind: s.kind, Mtime: time.Unix(0, r.MtimeNS), Exec: r.Exec,
		Base: &tree.Base{Timestamp: deletion.Timestamp, Digest: deletion.Digest},
	}
	if s.kind == tree.Folder {
		return e, true, nil
	}
	e.Digest, e.Length = r.Digest, uint64(r.Size)
	if r.Size == 0 {
		return e, r.Digest == willow.EmptyDigest, nil
	}
	ok, err = f.cfg.Blobs.Hold(ctx, f.writeScope(ctx, r.Path), blob.Hash(r.Digest))
	return e, ok, err
}

// revive writes edits of revived and the rows of what they make.
func (f *Folder) revive(ctx context.Context, edits []tree.Edit) error {
	versions, err := f.cfg.Tree.Write(ctx, edits)
	if err != nil {
		return err
	}
	rows := make([]Row, 0, len(versions))
	for i, v := range versions {
		if r, ok := f.rows[edits[i].Path]; ok && v.Live() && shows(r, v) {
			r.Timestamp = uint64(v.Timestamp)
			rows = append(rows, r)
		}
	}
	return f.record(ctx, rows, nil)
}
