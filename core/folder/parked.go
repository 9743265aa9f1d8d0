package folder

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"meadow/core/folder/ignore"
	"meadow/core/folder/tree"
)

// ignoredMark begins the paths of index rows of what is ignored since it was
// synced: parked rows. Nothing is concluded from them, in particular not that
// anything was deleted. When a path isn't ignored any more its row tells which
// version the file was, so that nobody takes an old version for an edit of the
// new one; but if the tree has deleted it meanwhile, or the disk has, then the
// path is as if it had never been synced, and comes back.
const ignoredMark = mountMark + "\x00"

// loadParked takes over an index row if it is a parked one.
func (f *Folder) loadParked(r Row) bool {
	p, ok := strings.CutPrefix(r.Path, ignoredMark)
	if ok {
		r.Path = p
		f.parked[p] = r
	}
	return ok
}

// skip reports whether a path that is to be looked at is ignored. Then rows at
// and below it will be parked.
func (w *walker) skip(p string, dir bool) bool {
	if !w.f.ignored(w.ds, p, dir) {
		return false
	}
	w.walked[p] = true
	return true
}

// parks notes a row of what is ignored, whose file nobody has looked for.
func (w *walker) parks(p string, r Row) bool {
	w.ds.trim()
	if !w.f.ignored(w.ds, p, tree.Kind(r.Kind) == tree.Folder) {
		return false
	}
	w.parked = append(w.parked, r)
	return true
}

// returns notes what has a parked row and isn't ignored. A file, or a link, is
// compared with that when the tree has been asked.
func (w *walker) returns(p string, s stat) bool {
	r, ok := w.f.parked[p]
	if !ok {
		return false
	}
	c := found{path: p, stat: s, row: r, has: s.kind == tree.File || s.kind == tree.Symlink}
	w.back[p] = c
	if c.has {
		w.seen[p] = struct{}{}
	}
	return c.has
}

// sweep finds parked rows of what isn't ignored any more and isn't there.
func (w *walker) sweep() {
	if !w.deep {
		return
	}
	for p, r := range w.f.parked {
		if _, ok := w.back[p]; ok || !within(p, w.walked) || within(p, w.unread) || within(p, w.f.lost) {
			continue
		}
		w.ds.trim()
		if !w.f.ignored(w.ds, p, tree.Kind(r.Kind) == tree.Folder) {
			w.back[p] = found{path: p, row: r}
		}
	}
}

// takeIgnored does what follows from the rules for what was found, and returns
// what is still to be done.
func (f *Folder) takeIgnored(ctx context.Context, ds *dirs, fd findings) (findings, error) {
	ds.trim()
	for dir := range f.rules.files {
		if within(dir, fd.walked) {
			f.changeRules(ds, dir, false) // the folder may have gone
		}
	}
	f.retryIn(fd.walked)
	f.unwatchIgnored(ds)
	for rows := range slices.Chunk(fd.parked, maxEdits) {
		if err := f.park(ctx, rows); err != nil {
			return fd, err
		}
	}
	live, err := f.liveOf(ctx, fd.back)
	if err != nil {
		return fd, err
	}
	var restored []Row
	var marks []string
	for p, c := range fd.back {
		marks = append(marks, p)
		f.soil(p)
		switch {
		case !c.has:
			continue
		case !live[p]:
			fd.changed = append(fd.changed, found{path: p, stat: c.stat})
			continue
		case !c.stat.is(c.row):
			fd.changed = append(fd.changed, c)
		}
		restored = append(restored, c.row)
	}
	return fd, f.unpark(ctx, restored, marks)
}

// settleRules has files of rules looked at again that may be half written or
// can't be read, and says which can't be used. Until then the folder isn't
// applied, whatever else is known of those files.
func (f *Folder) settleRules() {
	for dir, file := range f.rules.files {
		p := join(dir, ignore.Name)
		if file.Was != nil {
			f.later[p] = retry{at: file.until, delay: settleTime}
		}
		if file.Broken != nil {
			f.update(func(d *desk) { d.unread[p] = file.Broken.Problem })
		}
		if file.failed {
			f.later[p] = retry{at: time.Now().Add(rulesAgain), delay: rulesAgain, quiet: true}
		}
	}
	f.countLater()
}

// retryIn has what couldn't be written because of what was in its place tried
// again where the disk was looked at: if that was ignored, nothing else tells
// that it has gone.
func (f *Folder) retryIn(walked map[string]bool) {
	var again []string
	f.update(func(d *desk) {
		for p, reason := range d.bad {
			if _, blocked := f.blocked[p]; (blocked || reason == ignoredInPlace) && within(p, walked) {
				again = append(again, p)
			}
		}
	})
	f.soil(again...)
}

// unwatchIgnored ends the watching of folders that are ignored since.
func (f *Folder) unwatchIgnored(ds *dirs) {
	if !f.rules.changed {
		return
	}
	f.rules.changed = false
	gone := map[string]bool{}
	for p := range f.watch.inodes {
		ds.trim()
		if f.ignored(ds, p, true) {
			gone[p] = true
		}
	}
	f.watch.forget(gone)
}

// park puts rows away.
func (f *Folder) park(ctx context.Context, rows []Row) error {
	marked := make([]Row, len(rows))
	paths := make([]string, len(rows))
	for i, r := range rows {
		paths[i] = r.Path
		marked[i] = r
		marked[i].Path = ignoredMark + r.Path
	}
	if err := f.cfg.Index.Put(ctx, f.cfg.ID, marked, paths); err != nil {
		return err
	}
	for _, r := range rows {
		delete(f.rows, r.Path)
		f.parked[r.Path] = r
	}
	f.unhold(paths) // ignored is not removed
	return nil
}

// unpark takes rows back, and ends those that paths were parked with.
func (f *Folder) unpark(ctx context.Context, rows []Row, paths []string) error {
	marks := make([]string, len(paths))
	for i, p := range paths {
		marks[i] = ignoredMark + p
	}
	for some := range slices.Chunk(rows, maxEdits) {
		if err := f.cfg.Index.Put(ctx, f.cfg.ID, some, nil); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(marks, maxEdits) { // a row that is parked too is unparked again
		if err := f.cfg.Index.Put(ctx, f.cfg.ID, nil, some); err != nil {
			return err
		}
	}
	for _, p := range paths {
		delete(f.parked, p)
	}
	for _, r := range rows {
		f.rows[r.Path] = r
	}
	return nil
}

// liveOf returns which paths the tree has.
func (f *Folder) liveOf(ctx context.Context, paths map[string]found) (map[string]bool, error) {
	live := map[string]bool{}
	if len(paths) < prefetch {
		for p := range paths {
			v, ok, err := f.cfg.Tree.Lookup(ctx, p)
			if err != nil {
				return nil, err
			}
			live[p] = ok && v.Live()
		}
		return live, nil
	}
	for v, err := range f.cfg.Tree.Walk(ctx, "") {
		if err != nil {
			return nil, err
		}
		if _, ok := paths[v.Path]; ok {
			live[v.Path] = v.Live()
		}
	}
	return live, nil
}

// isBare reports whether there is nothing in a folder that is synced.
func (f *Folder) isBare(ds *dirs, d *dir) (bool, error) {
	h, err := d.root.Open(".")
	if err != nil {
		return false, err
	}
	defer h.Close()
	for {
		names, err := h.Readdirnames(64)
		for _, name := range names {
			if isTemp(name) {
				continue
			}
			s, err := lstat(d, name)
			if err != nil || !f.ignored(ds, join(d.path, name), s.kind == tree.Folder) {
				return false, err
			}
		}
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
}
