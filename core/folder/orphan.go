package folder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"strings"
	"unicode/utf8"

	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// An orphan is a file on disk, with a row, that the tree doesn't have: when a
// device is removed, what it wrote and nobody adopted leaves the tree. It is
// neither removed nor put into the tree again, which is for a person to decide;
// until then it is listed among what isn't synced. An edit of it is an ordinary
// edit. If the tree has an older version for its place, that is written, and the
// orphan stays beside it under another name, which has a row but no version, so
// that it is an orphan as well.

// orphanReason is why an orphan isn't synced.
const orphanReason = "it came from a device that was removed, and the space hasn't got it any more: " +
	"it stays on this device only; change it, or `meadow put` it, to add it again"

// maxName is the longest name that file systems take, in bytes.
const maxName = 255

// orphaned reports whether a row says a version that was set aside, and that v,
// the latest one of its path, hasn't seen.
func (f *Folder) orphaned(ctx context.Context, r Row, v tree.Version) (bool, error) {
	if r.Path == "" || isAt(v, r) {
		return false, nil
	}
	return f.cfg.Tree.Orphaned(ctx, r.Path, tree.Base{Timestamp: willow.Timestamp(r.Timestamp), Digest: r.Digest}, v)
}

// findOrphans adds to a plan the rows of which the tree knows nothing, among
// paths or all, and shows what the plan knows of orphans.
func (f *Folder) findOrphans(ctx context.Context, pl *plan, paths []string, all bool) error {
	if all || len(paths) >= prefetch {
		if err := f.unknownRows(ctx, pl, paths, all); err != nil {
			return err
		}
	} else {
		for _, p := range paths {
			if _, has := f.rows[p]; !has || p == "" {
				continue
			}
			_, ok, err := f.cfg.Tree.Lookup(ctx, p)
			if err != nil {
				return err
			}
			if !ok {
				pl.orphans[p] = true
			}
		}
	}
	f.update(func(d *desk) {
		if all {
			clear(d.orphans)
		}
		for _, p := range paths {
			delete(d.orphans, p)
		}
		maps.Copy(d.orphans, pl.orphans)
	})
	return nil
}

// unknownRows is findOrphans for many paths.
func (f *Folder) unknownRows(ctx context.Context, pl *plan, paths []string, all bool) error {
	unknown := make(map[string]bool, len(f.rows))
	if all {
		for p := range f.rows {
			unknown[p] = true
		}
	}
	for _, p := range paths {
		if _, has := f.rows[p]; has {
			unknown[p] = true
		}
	}
	delete(unknown, "")
	if len(unknown) == 0 {
		return nil
	}
	for v, err := range f.cfg.Tree.Walk(ctx, "") {
		if err != nil {
			return err
		}
		delete(unknown, v.Path)
	}
	maps.Copy(pl.orphans, unknown)
	return nil
}

// dropOrphans forgets orphans whose rows have gone.
func (f *Folder) dropOrphans(paths []string) {
	f.update(func(d *desk) {
		for _, p := range paths {
			delete(d.orphans, p)
		}
	})
}

// unreadable returns what isn't in the tree, and why.
func (d *desk) unreadable() map[string]string {
	if len(d.orphans) == 0 {
		return d.unread
	}
	all := make(map[string]string, len(d.unread)+len(d.orphans))
	for p := range d.orphans {
		all[p] = orphanReason
	}
	maps.Copy(all, d.unread)
	return all
}

// spareOrphan gives the orphan that is in a job's place another name. Its row
// comes first: without one the file would be taken for a new one of the user's.
func (a *applier) spareOrphan(ctx context.Context, d *dir, name string, j *job) error {
	if !j.orphan || !j.has || j.dir || j.sameBytes() || !counts(j.row) {
		return nil
	}
	for i := 1; i < 1000; i++ {
		to := besideName(name, i)
		r := j.row
		r.Path = join(d.path, to)
		if _, err := d.root.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
			if err != nil {
				return err
			}
			continue
		}
		if _, taken := a.f.rows[r.Path]; taken {
			continue
		}
		if _, taken, err := a.f.cfg.Tree.Lookup(ctx, r.Path); err != nil {
			return err
		} else if taken {
			continue
		}
		if s, err := lstat(d, name); err != nil || !s.is(j.row) {
			return errEdited
		}
		if err := a.f.record(ctx, []Row{r}, nil); err != nil {
			return err
		}
		return a.moveOrphan(ctx, d, name, to, j, r)
	}
	return fmt.Errorf("keep %s: too many files beside it", j.path)
}

// moveOrphan gives a job's orphan the name of a row.
func (a *applier) moveOrphan(ctx context.Context, d *dir, name, to string, j *job, r Row) error {
	if err := renameNew(d, name, d, to); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = errEdited
		}
		return errors.Join(err, a.f.record(ctx, nil, []string{r.Path}))
	}
	s, err := lstat(d, to)
	if err != nil {
		return err
	}
	if s.moved(j.row) { // else it is scanned, as an edit
		r = s.row(r.Path, tree.Version{Timestamp: willow.Timestamp(r.Timestamp), Digest: r.Digest})
	}
	if a.f.isLarge(r) {
		if err := a.f.note(ctx, j.path, r.Digest, a.ds.absolute(r.Path)); err != nil {
			a.f.log.Warn("note where a blob went", "path", r.Path, "err", err)
		}
	}
	a.f.log.Info("kept what the space hasn't got any more", "path", r.Path)
	a.f.events[r.Path] = true
	a.f.soil(r.Path)
	j.has, j.orphan = false, false
	return a.f.record(ctx, []Row{r}, []string{j.path})
}

// besideName is the i-th name that is tried for an orphan.
func besideName(name string, i int) string {
	ext := path.Ext(name)
	if ext == name || len(ext) > maxName/4 {
		ext = ""
	}
	mark := " (set aside)"
	if i > 1 {
		mark = fmt.Sprintf(" (set aside %d)", i)
	}
	stem := strings.TrimSuffix(name, ext)
	for len(stem)+len(mark)+len(ext) > maxName {
		_, n := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-n]
	}
	return stem + mark + ext
}
