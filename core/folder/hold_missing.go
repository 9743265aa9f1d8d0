package folder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"syscall"
	"time"

	"meadow/core/folder/tree"
)

// rootEvery is how often at least a folder is looked at, to see whether it is
// still there: that a disk has gone, nobody tells.
const rootEvery = 5 * time.Second

// IsMissing reports whether an error of Scan says that the folder isn't there.
func IsMissing(err error) bool { return errors.Is(err, errMissing) }

// rootMissing makes a hold of the folder's root not being there; err says so, and
// is returned.
func (f *Folder) rootMissing(ctx context.Context, err error) error {
	switch {
	case !errors.Is(err, errMissing), errors.Is(err, fs.ErrPermission):
		return err
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE), errors.Is(err, syscall.ENOMEM):
		return err
	}
	if held, failed := f.holdMissing(ctx, ""); failed != nil || !held {
		return errors.Join(err, failed)
	}
	f.update(func(d *desk) { d.away = true })
	// Conflicts are settled nevertheless, as no pass does it now.
	if _, failed := f.cfg.Tree.Settle(ctx); failed != nil {
		f.log.Warn("settle", "err", failed)
	}
	return err
}

// rootFound ends the hold of a missing root, and brings those of mounted disks in
// line with what is lost.
func (f *Folder) rootFound(ctx context.Context) error {
	f.looked = time.Now()
	if _, was := f.missing[""]; was {
		f.here.complete = false // until all has been looked at again
		f.update(func(d *desk) { d.away = false })
		if err := f.endMissing(ctx, ""); err != nil {
			return err
		}
	}
	if f.lostKnown != nil {
		if maps.Equal(f.lost, f.lostKnown) {
			return nil
		}
		f.rescan = true
		f.NotifyAll()
	}
	f.lostKnown = maps.Clone(f.lost)
	for _, m := range slices.Collect(maps.Keys(f.missing)) {
		if !f.lost[m] {
			if err := f.endMissing(ctx, m); err != nil {
				return err
			}
		}
	}
	for m := range f.lost {
		if _, err := f.holdMissing(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// holdMissing makes a hold of a disk that isn't in its place, unless no file was
// on it, and reports whether there is one.
func (f *Folder) holdMissing(ctx context.Context, place string) (bool, error) {
	h, ok := f.missing[place]
	removes, of := 0, 0
	for p, r := range f.rows {
		if counts(r) {
			of++
			if p == place || below(p, place) {
				removes++
			}
		}
	}
	if removes == 0 {
		return ok, nil
	}
	if !ok {
		h = Hold{ID: holdID(), Cause: Missing, Place: place, Since: time.Now().UTC().Truncate(time.Microsecond)}
	}
	if ok && h.Removes == removes && h.Of == of {
		return true, nil
	}
	h.Removes, h.Of = removes, of
	if err := f.cfg.Index.PutHolds(ctx, f.cfg.ID, []Hold{h}, nil); err != nil {
		return ok, err
	}
	f.missing[place] = h
	f.showHolds()
	return true, nil
}

func (f *Folder) endMissing(ctx context.Context, place string) error {
	h := f.missing[place]
	if err := f.cfg.Index.PutHolds(ctx, f.cfg.ID, nil, []string{h.ID}); err != nil {
		return err
	}
	delete(f.missing, place)
	f.showHolds()
	return nil
}

// waited reports whether a person has said that the disk of a place is to be
// waited for in silence.
func (f *Folder) waited(place string) bool { return f.missing[place].Silent }

// waitedAround reports the same for the disk that a path is on.
func (f *Folder) waitedAround(p string) bool {
	for m, h := range f.missing {
		if h.Silent && (p == m || below(p, m)) {
			return true
		}
	}
	return false
}

// unopened says that the root can't be opened; it keeps the reason.
type unopened struct {
	dir string
	err error
}

func (e unopened) Error() string {
	return fmt.Sprintf("%s can't be opened (%s): nothing was deleted; put it back, or detach the space", e.dir, reason(e.err))
}

func (e unopened) Unwrap() error { return e.err }

// keepMissing asks no more about a disk that isn't there.
func (f *Folder) keepMissing(ctx context.Context, h Hold) error {
	h.Silent = true
	if err := f.cfg.Index.PutHolds(ctx, f.cfg.ID, []Hold{h}, nil); err != nil {
		return err
	}
	f.missing[h.Place] = h
	f.showHolds()
	if h.Place == "" {
		f.update(func(d *desk) { d.warning, d.err = d.err, "" })
		return nil
	}
	f.rescan = true
	return nil
}

// allowMissing deletes everywhere what was on a disk that isn't there, and goes
// on without it.
func (f *Folder) allowMissing(ctx context.Context, h Hold) error {
	switch ds, err := f.openRoot(ctx); {
	case err == nil:
		ds.close()
	case !errors.Is(err, errMissing):
		return err
	}
	if _, still := f.missing[h.Place]; !still {
		return ErrNoHold // the disk has come back
	}
	var rows []Row
	for p, r := range f.rows {
		if p != "" && (p == h.Place || below(p, h.Place)) {
			rows = append(rows, r)
		}
	}
	for some := range slices.Chunk(rows, maxEdits) {
		if err := f.bury(ctx, some); err != nil {
			return err
		}
	}
	if err := f.forgetDisk(ctx, h.Place); err != nil {
		return err
	}
	f.rescan = true
	return f.endMissing(ctx, h.Place)
}

// bury writes deletions of what rows say, whatever is on disk, unless the tree
// has another version, and forgets the rows.
func (f *Folder) bury(ctx context.Context, rows []Row) error {
	byPath := make(map[string]Row, len(rows))
	var edits []tree.Edit
	for _, r := range rows {
		byPath[r.Path] = r
	}
	paths := slices.Collect(maps.Keys(byPath))
	err := f.versions(ctx, paths, false, func(p string, v tree.Version) error {
		refused, err := f.refuses(ctx, p, true)
		if err != nil {
			return err
		}
		if r := byPath[p]; v.Live() && isAt(v, r) && !refused {
			edits = append(edits, tree.Edit{Path: p, Kind: tree.Tombstone, Base: base(r, true, v, true), Allowed: true})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if _, err := f.cfg.Tree.Write(ctx, edits); err != nil {
		return err
	}
	for _, r := range rows {
		if f.isLarge(r) {
			if err := f.cfg.Blobs.Recheck(ctx, (&dirs{abs: f.cfg.Dir}).absolute(r.Path)); err != nil {
				f.log.Warn("check blob", "path", r.Path, "err", err)
			}
		}
	}
	f.soil(paths...)
	return f.record(ctx, nil, paths)
}

// forgetDisk takes what is in the place of a disk for the folder's own from now
// on. If nothing is, an empty folder will be.
func (f *Folder) forgetDisk(ctx context.Context, place string) error {
	var remove []string
	for m := range f.mounts {
		if m == place || below(m, place) {
			remove = append(remove, mountMark+m)
			delete(f.mounts, m)
			delete(f.lost, m)
		}
	}
	if place == "" {
		remove = append(remove, "") // the root's own row
		f.device = 0
		f.update(func(d *desk) { d.away = false })
		if err := os.Mkdir(f.cfg.Dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
			f.log.Warn("make the folder anew", "err", err)
		}
	}
	return f.record(ctx, nil, remove)
}
