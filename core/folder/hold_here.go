package folder

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// withhold takes those removals out of what a scan found that may be part of a
// mass deletion, or are held. Not so files in whose place a folder is, and those
// of which the tree has another version: that one will be written.
func (f *Folder) withhold(ctx context.Context, fd findings) (findings, error) {
	g, now := f.here, time.Now()
	f.cameBack(fd)
	n := 0
	for _, r := range fd.gone {
		if !fd.typed[r.Path] && counts(r) && !g.has(r.Path) {
			n++
		}
	}
	if !g.active() && !g.suspects(now, n, f.hasFiles) {
		return fd, f.refreshHold(ctx, g, fd.walked[""])
	}
	passed, err := f.movedOn(ctx, fd.gone)
	if err != nil {
		return fd, err
	}
	fd.gone = slices.DeleteFunc(fd.gone, func(r Row) bool {
		if fd.typed[r.Path] || passed[r.Path] {
			g.drop(r.Path)
			return false
		}
		g.keep(now, r.Path, removal{file: counts(r), digest: r.Digest})
		return true
	})
	return f.holdRoom(fd), f.refreshHold(ctx, g, fd.walked[""])
}

// cameBack takes out of what is kept back what is on disk again.
func (f *Folder) cameBack(fd findings) {
	g := f.here
	if len(fd.seen) < len(g.off) {
		for p := range fd.seen {
			g.drop(p)
		}
		return
	}
	for p := range g.off {
		if _, seen := fd.seen[p]; seen {
			g.drop(p)
		}
	}
}

// movedOn returns which of the rows say another version than the tree.
func (f *Folder) movedOn(ctx context.Context, rows []Row) (map[string]bool, error) {
	moved := make(map[string]bool, len(rows))
	byPath := make(map[string]Row, len(rows))
	paths := make([]string, 0, len(rows))
	for _, r := range rows {
		moved[r.Path], byPath[r.Path] = true, r
		paths = append(paths, r.Path)
	}
	err := f.versions(ctx, paths, false, func(p string, v tree.Version) error {
		if v.Live() && isAt(v, byPath[p]) {
			delete(moved, p)
		}
		return nil
	})
	return moved, err
}

// holdRoom takes out of what a scan found what would take the place of files
// that are kept back: empty folders that they were in, and files with the name of
// such a folder. They are found again once it is decided.
func (f *Folder) holdRoom(fd findings) findings {
	g, above := f.here, map[string]bool{}
	for p := range g.off {
		for p = parent(p); p != "" && !above[p]; p = parent(p) {
			above[p] = true
		}
	}
	inPlace := func(c found) bool {
		if above[c.path] {
			g.room[c.path] = true
		}
		return above[c.path]
	}
	fd.empty, fd.changed = slices.DeleteFunc(fd.empty, inPlace), slices.DeleteFunc(fd.changed, inPlace)
	return fd
}

// inodes adds the files that are kept back to those that have gone, by inode.
func (g *guard) inodes(rows map[string]Row, gone map[uint64]Row) {
	for p := range g.off {
		if r := rows[p]; tree.Kind(r.Kind) == tree.File && r.Inode != 0 {
			gone[r.Inode] = r
		}
	}
}

// toll is what one intake adds and removes, for the guard.
type toll struct {
	allowed bool                     // a person has said so
	came    map[willow.Digest]int    // files written under names that had other bytes or none
	renamed map[string]bool          // deletions of files that have another name
	gone    map[string]willow.Digest // deletions of files
}

// noteEdit notes an edit that was written for what was found.
func (in *intake) noteEdit(e tree.Edit, c found) {
	if in.toll.came == nil {
		in.toll.came, in.toll.gone = map[willow.Digest]int{}, map[string]willow.Digest{}
	}
	switch {
	case e.Kind == tree.Folder:
	case e.Kind != tree.Tombstone:
		if !c.has || c.row.Digest != e.Digest {
			in.toll.came[e.Digest]++
			in.f.here.arrived(time.Now(), c.path, e.Digest, c.has)
		}
	case counts(c.row):
		in.toll.gone[c.path] = c.row.Digest
	}
}

// renames returns the rows of files that were kept back until now, and whose
// bytes have come under another name.
func (in *intake) renames() []Row {
	in.toll.renamed = map[string]bool{}
	paths := in.f.here.renamed(time.Now())
	for _, p := range paths {
		in.toll.renamed[p] = true
	}
	return in.f.rowsOf(paths)
}

// account tells the guard how many files this intake has removed.
func (in *intake) account(ctx context.Context) error {
	in.tally(ctx)
	return errors.Join(in.f.refreshHold(ctx, in.f.here, false), in.f.refreshHold(ctx, in.f.there, false))
}

// tally is account for an intake that may have failed half-way.
func (in *intake) tally(ctx context.Context) {
	gone := map[string]willow.Digest{}
	for p, digest := range in.toll.gone {
		switch {
		case in.toll.renamed[p]:
		case in.toll.came[digest] > 0:
			in.toll.came[digest]--
		default:
			gone[p] = digest
		}
	}
	clear(in.toll.gone)
	if !in.toll.allowed {
		in.f.passed(ctx, in.f.here, in.f.vanishing(in.f.here, gone))
	}
}

// judgeHere holds the removals that were put off, or lets them happen.
func (f *Folder) judgeHere(ctx context.Context) error {
	g := f.here
	if w := f.watch; g.files() >= massAtOnce && !g.again && (w.failed != nil || len(w.unwatched)+len(w.remote) > 0) {
		f.rescan, g.again = true, true // what happens now is seen by nobody
		g.last = time.Now()
		return nil
	}
	ds, err := f.openRoot(ctx)
	if err != nil {
		return err
	}
	defer ds.close()
	w, err := f.weigh(ctx, g)
	if err != nil {
		return err
	}
	if !w.mass() {
		return f.letGo(ctx, ds, false)
	}
	rows := f.spareHere(w.spared)
	if err := f.beginHold(ctx, g, w); err != nil {
		return err
	}
	return f.admit(ctx, ds, findings{gone: rows}, false)
}

// spareHere keeps paths back no longer. It returns their rows, to be taken into
// the tree.
func (f *Folder) spareHere(paths []string) []Row {
	for _, p := range paths {
		f.here.drop(p)
	}
	if len(paths) > 0 {
		f.lookLater(f.here)
	}
	return f.rowsOf(paths)
}

func (f *Folder) rowsOf(paths []string) (rows []Row) {
	for _, p := range paths {
		if r, ok := f.rows[p]; ok {
			rows = append(rows, r)
		}
	}
	return rows
}

// letGo takes what is kept back into the tree.
func (f *Folder) letGo(ctx context.Context, ds *dirs, allowed bool) error {
	g := f.here
	rows := f.rowsOf(slices.Sorted(maps.Keys(g.off)))
	if g.hold == nil {
		f.lookLater(g)
		g.reset()
	}
	err := f.admit(ctx, ds, findings{gone: rows}, allowed)
	f.rescan = f.rescan || err != nil // it isn't known any more what was put off
	return err
}

// allowHere deletes what is held, everywhere.
func (f *Folder) allowHere(ctx context.Context) error {
	ds, err := f.openRoot(ctx)
	if err != nil {
		return err
	}
	defer ds.close()
	if err := f.letGo(ctx, ds, true); err != nil || f.here.hold == nil {
		return err
	}
	return f.endHold(ctx, f.here)
}

// keepHere brings what is held back to the disk: what has no row is written by
// the next pass.
func (f *Folder) keepHere(ctx context.Context) (waiting int, err error) {
	ds, err := f.openRoot(ctx)
	if err != nil {
		return 0, err
	}
	defer ds.close()
	paths := slices.Sorted(maps.Keys(f.here.off))
	large := map[willow.Digest]bool{}
	for _, p := range paths {
		r := f.rows[p]
		if !f.isLarge(r) {
			continue
		}
		large[r.Digest] = true
		if err := f.cfg.Blobs.Recheck(ctx, ds.absolute(p)); err != nil {
			f.log.Warn("check blob", "path", p, "err", err)
		}
	}
	if err := f.record(ctx, nil, paths); err != nil {
		return 0, err
	}
	if err := f.endHold(ctx, f.here); err != nil {
		return 0, err
	}
	f.soil(paths...)
	if err := f.vouch(ctx, ds, large); err != nil {
		return 0, err
	}
	err = f.versions(ctx, paths, false, func(p string, v tree.Version) error {
		if v.Kind != tree.File && v.Kind != tree.Symlink {
			return nil
		}
		ok, err := f.hasBytes(ctx, v.Digest)
		if !ok && v.Length > 0 {
			waiting++
		}
		return err
	})
	return waiting, err
}
