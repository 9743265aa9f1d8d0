package folder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// job is one path that is to become what the tree has.
type job struct {
	path string
	want tree.Version // deleted if not live
	row  Row          // what is there, if has
	has  bool
	perm fs.FileMode // of what is there
	dir  bool        // a folder is there

	moved  *job   // this path's file is renamed to make that one
	from   *spare // a file with the right bytes, to be renamed
	tmp    string // what is to be put at path, in the same folder
	spared bool   // tmp is what from was
	orphan bool   // what is there is kept under another name

	counted bool  // a removal that counts for the guard, once it is done
	lent    bool  // the blob store has to be told where tmp went
	err     error // of staging
}

// plan is what a pass over changed paths comes to.
type plan struct {
	creates []*job
	removes []*job
	clashes []*job                   // whose names are taken by others, as the file system sees it
	folders []*job                   // recorded ones that are to be forgotten
	fresh   map[string]willow.Digest // files that the tree has and the disk hasn't, or as another
	rows    []Row                    // of paths that are right as they are
	forget  []string                 // rows that mean nothing any more
	edited  map[string]bool          // paths that the user changed meanwhile: scan them first
	bad     map[string]string
	refused []refusal
	waiting map[string]bool // paths whose bytes aren't here
	orphans map[string]bool // paths whose file stays though the tree hasn't got it
}

func newPlan() *plan {
	return &plan{
		edited: map[string]bool{}, bad: map[string]string{}, waiting: map[string]bool{},
		orphans: map[string]bool{}, fresh: map[string]willow.Digest{},
	}
}

// takeDirty takes what has changed in the tree from the desk.
func (f *Folder) takeDirty() (paths []string, all bool) {
	f.update(func(d *desk) {
		paths, all = slices.Sorted(maps.Keys(d.dirty)), d.dirtyAll
		d.dirty, d.dirtyAll = map[string]struct{}{}, false
		d.applying = max(len(paths), d.applying, 1)
	})
	return paths, all
}

// versions yields the versions of the paths, or of all paths that may have to
// be written.
func (f *Folder) versions(ctx context.Context, paths []string, all bool, yield func(p string, v tree.Version) error) error {
	if !all && len(paths) < prefetch {
		for _, p := range paths {
			v, ok, err := f.cfg.Tree.Lookup(ctx, p)
			if err != nil {
				return err
			}
			if ok {
				err = yield(p, v)
			} else {
				f.forget(p)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	wanted := make(map[string]bool, len(paths))
	for _, p := range paths {
		wanted[p] = true
	}
	for v, err := range f.cfg.Tree.Walk(ctx, "") {
		if err != nil {
			return err
		}
		if all || wanted[v.Path] {
			if err := yield(v.Path, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// forget drops what was noted about a path that the tree knows nothing of.
func (f *Folder) forget(p string) {
	f.update(func(d *desk) {
		delete(d.waiting, p)
		delete(d.bad, p)
	})
}

// makePlan compares the tree's versions with rows and disk.
func (f *Folder) makePlan(ctx context.Context, ds *dirs, paths []string, all bool) (*plan, error) {
	pl := newPlan()
	f.unstick(slices.Values(paths), all, false)
	err := f.versions(ctx, paths, all, func(p string, v tree.Version) error {
		ds.trim()
		return pl.add(ctx, f, ds, p, v)
	})
	if err == nil {
		err = f.findOrphans(ctx, pl, paths, all)
	}
	if err != nil {
		return nil, err
	}
	pl.untangle()
	paths, all = f.rulesFirst(pl, paths, all)
	if err := f.judgePlan(ctx, ds, pl, paths, all); err != nil {
		return nil, err
	}
	f.update(func(d *desk) {
		if all {
			clear(d.waiting)
			clear(d.bad)
		}
		for _, p := range paths {
			delete(d.waiting, p)
			delete(d.bad, p)
		}
		maps.Copy(d.waiting, pl.waiting)
		maps.Copy(d.bad, pl.bad)
		d.applying = 1 + len(pl.creates) + len(pl.removes) + len(pl.edited) // 1 for the pass itself
	})
	f.refuse(pl.refused)
	return pl, nil
}

// shows reports whether what a row describes is all that a version asks for.
func shows(r Row, v tree.Version) bool {
	return tree.Kind(r.Kind) == v.Kind && r.Digest == v.Digest && (v.Kind != tree.File || !hasExec || r.Exec == v.Exec)
}

// add finds out what has to be done for one path.
func (pl *plan) add(ctx context.Context, f *Folder, ds *dirs, p string, v tree.Version) error {
	r, has := f.rows[p]
	if pl.settled(f, ds, p, v) {
		return nil
	}
	orphan := false
	if has {
		var err error
		if orphan, err = f.orphaned(ctx, r, v); err != nil {
			return err
		}
	}
	switch {
	case orphan && !v.Live():
		pl.orphans[p] = true
		return nil
	case within(p, f.lost):
		return pl.addLost(f, p, v, has)
	case !v.Decided():
		pl.waiting[p] = true
		pl.noteFresh(r, has, v)
		return nil
	}
	if v.Live() {
		if reason := unwritablePath(p); reason != "" {
			pl.bad[p] = reason
			return nil
		}
		if !v.Present {
			pl.waiting[p] = true
			pl.noteFresh(r, has, v)
			return nil
		}
	}
	return pl.compare(f, ds, &job{path: p, want: v, row: r, has: has, orphan: orphan})
}

// settled reports whether nothing has to be done for a path but to say so.
func (pl *plan) settled(f *Folder, ds *dirs, p string, v tree.Version) bool {
	r, has := f.rows[p]
	switch {
	case has && isAt(v, r) && shows(r, v), !has && !v.Live():
		return true
	case f.ignoredAt(ds, p, v, r):
		return true
	case has && v.Live() && shows(r, v): // another version of the same
		r.Timestamp = uint64(v.Timestamp)
		pl.rows = append(pl.rows, r)
		return true
	}
	return false
}

// addLost is add for a path on a file system that has gone.
func (pl *plan) addLost(f *Folder, p string, v tree.Version, has bool) error {
	if v.Live() {
		if !f.waitedAround(p) {
			pl.bad[p] = notMounted
		}
	} else if has {
		pl.forget = append(pl.forget, p)
	}
	return nil
}

// compare looks at the disk before anything is done to it: only what is known
// may be replaced.
func (pl *plan) compare(f *Folder, ds *dirs, j *job) error {
	s, err := ds.lstat(j.path)
	switch {
	case errors.Is(err, errClash) && !j.has && j.want.Live():
		pl.clashes = append(pl.clashes, j)
		return nil
	case errors.Is(err, fs.ErrNotExist):
		if j.has {
			pl.edited[j.path] = true
		} else if j.want.Live() {
			pl.creates = append(pl.creates, j)
		}
		return nil
	case err != nil:
		pl.refused = append(pl.refused, refusal{j, err})
		return nil
	case j.want.Live() && f.ignored(ds, j.path, s.kind == tree.Folder):
		pl.bad[j.path] = ignoredInPlace
		return nil
	case s.kind == tree.Folder:
		j.dir, j.perm = true, s.perm
		return pl.compareDir(f, j, s)
	case j.has && s.is(j.row):
		j.perm = s.perm
		pl.put(j)
		return nil
	}
	return pl.occupied(j, s)
}

func (pl *plan) put(j *job) {
	if j.want.Live() {
		pl.creates = append(pl.creates, j)
	} else {
		pl.removes = append(pl.removes, j)
	}
}

// compareDir is compare for a path where a folder is.
func (pl *plan) compareDir(f *Folder, j *job, s stat) error {
	switch {
	case j.has && tree.Kind(j.row.Kind) != tree.Folder:
		pl.edited[j.path] = true // it was a file
	case j.want.Kind == tree.Folder:
		pl.rows = append(pl.rows, s.row(j.path, j.want))
	case j.want.Live():
		pl.creates = append(pl.creates, j)
	case j.has:
		pl.folders = append(pl.folders, j)
	}
	return nil
}

// occupied is compare for a path that holds what Meadow hasn't put there: the
// user's.
func (pl *plan) occupied(j *job, s stat) error {
	if !j.want.Live() {
		if j.has || s.kind != other {
			pl.edited[j.path] = true
		}
		return nil
	}
	if s.kind == other {
		pl.bad[j.path] = "something that is neither a file nor a folder is in its place"
		return nil
	}
	pl.edited[j.path] = true
	return nil
}

// pair finds files that can be renamed instead of written anew.
func (pl *plan) pair() {
	sources := map[willow.Digest][]*job{}
	for _, j := range pl.removes {
		if tree.Kind(j.row.Kind) == tree.File && j.row.Size > 0 {
			sources[j.row.Digest] = append(sources[j.row.Digest], j)
		}
	}
	if len(sources) == 0 {
		return
	}
	for _, j := range pl.creates {
		if from := sources[j.want.Digest]; j.want.Kind == tree.File && !j.sameBytes() && len(from) > 0 {
			from[0].moved = j
			sources[j.want.Digest] = from[1:]
		}
	}
}

// reread scans what the user has changed in the meantime, and has it compared
// with the tree again.
func (f *Folder) reread(ctx context.Context, ds *dirs, edited map[string]bool) error {
	if len(edited) == 0 {
		return nil
	}
	if err := f.scanPaths(ctx, ds, edited); err != nil {
		f.rescan = true // what was found is lost
		return err
	}
	var again []string
	for p := range edited {
		reason := ""
		f.update(func(d *desk) { reason = d.unread[p] })
		if r, waits := f.later[p]; waits {
			r.quiet = false // it will be compared when it has been read
			f.later[p] = r
			continue
		}
		if reason != "" {
			f.setBad(p, fmt.Sprintf("what is there now isn't in the tree (%s)", reason))
			continue
		}
		again = append(again, p)
	}
	f.countLater()
	f.soil(again...)
	return nil
}
