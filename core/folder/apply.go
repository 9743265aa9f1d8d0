package folder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"meadow/core/blob"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// groupSize is how many files are written, forced to disk and put in place
// together.
const groupSize = 256

// pass brings what has changed in the tree to the disk.
func (f *Folder) pass(ctx context.Context) error {
	ds, err := f.openRoot(ctx)
	if err != nil {
		return err
	}
	defer ds.close()
	paths, all, err := f.settleDirty(ctx)
	if err == nil {
		err = f.apply(ctx, ds, paths, all)
	}
	f.update(func(d *desk) {
		d.applying = 0
		if err != nil { // all of it is still to be done
			d.dirtyAll = true
		}
	})
	return err
}

// settleDirty takes what has changed and settles the tree afterwards, so that
// everything that is taken has been settled. What settling itself has changed is
// taken too: a conflict copy can then be made of the file that makes room.
func (f *Folder) settleDirty(ctx context.Context) (paths []string, all bool, err error) {
	taken := map[string]bool{}
	for i := range 3 {
		more, everything := f.takeDirty()
		if i > 0 && len(more) == 0 && !everything {
			break
		}
		all = all || everything
		for _, p := range more {
			taken[p] = true
		}
		if _, err := f.cfg.Tree.Settle(ctx); err != nil {
			return nil, false, err
		}
	}
	return slices.Sorted(maps.Keys(taken)), all, nil
}

func (f *Folder) apply(ctx context.Context, ds *dirs, paths []string, all bool) error {
	pl, err := f.makePlan(ctx, ds, paths, all)
	if err != nil {
		return err
	}
	if err := f.record(ctx, pl.rows, pl.forget); err != nil {
		return err
	}
	a := &applier{f: f, ds: ds, edited: pl.edited}
	renames := map[*job]*job{} // by what is made
	var plain []*job
	for _, j := range pl.removes {
		if j.moved != nil {
			renames[j.moved] = j
		} else {
			plain = append(plain, j)
		}
	}
	slices.SortFunc(pl.creates, func(a, b *job) int { return strings.Compare(a.path, b.path) })
	for group := range groups(pl.creates) {
		if err := a.group(ctx, group, renames); err != nil {
			return err
		}
	}
	slices.SortFunc(plain, func(a, b *job) int { return strings.Compare(b.path, a.path) })
	for group := range groups(plain) {
		if err := a.removals(ctx, group); err != nil {
			return err
		}
	}
	if err := f.pruneEmpty(ctx, ds); err != nil {
		return err
	}
	if a.progress {
		f.retryBad()
	}
	if err := a.again(ctx); err != nil {
		return err
	}
	f.rulesPlaced(ds, pl)
	return f.reread(ctx, ds, a.edited)
}

// applier carries out a plan.
type applier struct {
	f  *Folder
	ds *dirs

	edited   map[string]bool // found changed by the user
	inWay    []*job          // what can't be done before something else has gone
	progress bool            // something was done

	// One group.
	rows    []Row
	remove  []string
	touched map[string]bool          // folders whose names have changed
	passed  map[string]willow.Digest // files removed that count for the guard
}

// errEdited says that a file isn't what its row says: it was edited just now.
var errEdited = errors.New("file was edited meanwhile")

// group writes some files: everything under temporary names first, all of that
// forced to disk at once, then the names, then the folders, then the index.
func (a *applier) group(ctx context.Context, jobs []*job, renames map[*job]*job) error {
	a.begin()
	for _, j := range jobs {
		if from := renames[j]; from != nil {
			if err := a.takeAway(ctx, from); err != nil {
				return err
			}
		}
	}
	for _, j := range jobs {
		a.f.useSpare(j)
	}
	jobs = a.clearWay(ctx, jobs)
	if err := a.stage(ctx, jobs); err != nil {
		return err
	}
	for _, j := range jobs {
		if err := a.outcome(ctx, j, a.place(ctx, j)); err != nil {
			return err
		}
	}
	return a.end(ctx, len(jobs))
}

// removals removes some files.
func (a *applier) removals(ctx context.Context, jobs []*job) error {
	a.begin()
	for _, j := range jobs {
		if err := a.takeAway(ctx, j); err != nil {
			return err
		}
	}
	return a.end(ctx, len(jobs))
}

func (a *applier) begin() {
	a.ds.trim()
	a.ds.unlist()
	a.rows, a.remove, a.touched, a.passed = nil, nil, map[string]bool{}, map[string]willow.Digest{}
}

func (a *applier) end(ctx context.Context, n int) error {
	a.proofread(ctx)
	a.syncDirs()
	a.f.passed(ctx, a.f.there, a.passed)
	a.progress = a.progress || len(a.rows)+len(a.remove) > 0
	if err := a.f.record(ctx, a.rows, a.remove); err != nil {
		return err
	}
	a.f.update(func(d *desk) { d.applying = max(1, d.applying-n) })
	return ctx.Err()
}

// outcome deals with what came of one job. Failures are about that file; only
// the end of ctx is about all.
func (a *applier) outcome(ctx context.Context, j *job, err error) error {
	if err != nil && j.from != nil {
		a.giveBack(ctx, j)
	}
	if err != nil && j.tmp != "" {
		a.dropTemp(j)
	}
	switch {
	case err == nil:
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, errEdited):
		a.edited[j.path] = true
	case errors.Is(err, errInWay):
		a.inWay = append(a.inWay, j)
	case errors.Is(err, blob.ErrNotFound) || errors.Is(err, blob.ErrLost):
		a.f.update(func(d *desk) { d.waiting[j.path] = true })
	case nameReason(err) != "":
		a.f.setBad(j.path, nameReason(err))
	case a.f.stick(j.path, err, j.want.Length, false):
	default:
		a.f.setBad(j.path, reason(err))
		a.f.retryLater(j.path, 5*time.Second, false)
	}
	return nil
}

// clearWay makes the folders that jobs need, which go again if nothing comes into
// them: else they would be taken for the user's. Jobs whose folder can't be there
// yet, because a file is to be removed first, wait for the next pass.
func (a *applier) clearWay(ctx context.Context, jobs []*job) []*job {
	ready := jobs[:0:0]
	for _, j := range jobs {
		dir := parent(j.path)
		if _, err := a.ds.dir(dir); err != nil {
			for top := dir; top != "" && err != nil; top = parent(top) {
				a.touched[parent(top)], a.f.prune[top] = true, true
				_, err = a.ds.dir(parent(top))
			}
			if _, err := a.ds.makeDir(dir); err != nil {
				_ = a.outcome(ctx, j, err) // not about ctx
				continue
			}
		}
		ready = append(ready, j)
	}
	return ready
}

// again has what was in the way done once more, if this pass has changed
// anything; else what is in the way is the user's, or can't be helped.
func (a *applier) again(ctx context.Context) error {
	for _, j := range a.inWay {
		if a.progress {
			a.f.soil(j.path)
			continue
		}
		top, s, err := a.obstacle(j)
		if err != nil {
			return err
		}
		r, has := a.f.rows[top]
		switch {
		case s.kind == other:
			a.f.setBad(j.path, "something that is neither a file nor a folder is in its place")
		case s.kind == tree.Folder || !has || !s.is(r):
			a.blocked(ctx, j, top)
		default:
			a.f.setBad(j.path, fmt.Sprintf("%q is a file here, and must be a folder for this", top))
			a.f.soil(top)
		}
	}
	return nil
}

// blocked has the user's things that are in the way of a job read, once.
func (a *applier) blocked(ctx context.Context, j *job, top string) {
	if a.f.blocked[j.path] == uint64(j.want.Timestamp) {
		a.f.setBad(j.path, fmt.Sprintf("%q is in its place", top))
		return
	}
	a.f.blocked[j.path] = uint64(j.want.Timestamp)
	a.edited[top] = true
	a.edited[j.path] = true
}

// obstacle finds what is in the way of a job: at its path or above it.
func (a *applier) obstacle(j *job) (p string, s stat, err error) {
	for p = j.path; p != ""; p = parent(p) {
		s, err = a.ds.lstat(p)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return p, s, err
		case s.kind != tree.Folder || p == j.path:
			return p, s, nil
		}
	}
	return j.path, s, nil
}

// syncDirs makes the names that this group has changed durable.
func (a *applier) syncDirs() {
	for p := range a.touched {
		d, err := a.ds.dir(p)
		if err != nil {
			continue // removed since
		}
		if err := syncDir(d); err != nil {
			a.f.log.Warn("sync folder", "path", p, "err", err)
		}
	}
}

// pruneEmpty removes folders that have become empty and that the tree doesn't
// have, and then those around them.
func (f *Folder) pruneEmpty(ctx context.Context, ds *dirs) error {
	todo := slices.Sorted(maps.Keys(f.prune))
	clear(f.prune)
	synced := map[string]bool{}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		removed, err := f.pruneOne(ctx, ds, p)
		if err != nil {
			return err
		}
		if up := parent(p); removed {
			delete(synced, p)
			synced[up] = true
			todo = append(todo, up)
		}
	}
	for p := range synced {
		if d, err := ds.dir(p); err == nil {
			if err := syncDir(d); err != nil {
				f.log.Warn("sync folder", "path", p, "err", err)
			}
		}
	}
	return nil
}

func (f *Folder) pruneOne(ctx context.Context, ds *dirs, p string) (removed bool, err error) {
	if p == "" || f.lacks(p) { // where a disk is mounted, when it is there
		return false, nil
	}
	if r, ok := f.rows[p]; ok && tree.Kind(r.Kind) == tree.Folder {
		return false, nil
	}
	ds.trim()
	d, err := ds.dir(p)
	if err != nil {
		return false, nil
	}
	if empty, err := isEmpty(d); err != nil || !empty {
		return false, nil
	}
	if v, ok, err := f.cfg.Tree.Lookup(ctx, p); err != nil || ok && v.Kind == tree.Folder {
		return false, err
	}
	ds.forget(p)
	up, name, err := ds.at(p)
	if err != nil {
		return false, nil
	}
	if err := up.root.Remove(name); err != nil {
		return false, nil // something has come into it
	}
	f.watch.forget(map[string]bool{p: true})
	return true, nil
}

// retryBad has paths that couldn't be written tried again: something has changed
// on disk.
func (f *Folder) retryBad() {
	var bad []string
	f.update(func(d *desk) { bad = d.mayBeWritable() })
	for _, p := range bad {
		delete(f.blocked, p)
	}
	f.soil(bad...)
}

// dropTemp removes what was staged for a job that can't be done.
func (a *applier) dropTemp(j *job) {
	if d, err := a.ds.dir(parent(j.path)); err == nil {
		_ = d.root.Remove(j.tmp) // if not now, with the next full scan
	}
	j.tmp = ""
}
