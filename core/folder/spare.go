package folder

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"time"

	"meadow/core/blob"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// spareTime is how long the only copy of a large file stays after it was
// replaced or deleted: its rename or its conflict copy may arrive only later.
const spareTime = time.Minute

// spare is a file that was taken away under a temporary name. Large files are
// kept once, in place, so that removing them at once could lose bytes that the
// tree wants somewhere else.
type spare struct {
	path  string
	row   Row // of its old path
	since time.Time
}

// discard removes a file that was set aside, or keeps it as a spare.
func (a *applier) discard(ctx context.Context, d *dir, aside string, r Row) {
	if tree.Kind(r.Kind) == tree.File && r.Size > a.f.cfg.CopyLimit {
		if a.f.keepSpare(ctx, a.ds, join(d.path, aside), r) {
			return
		}
	}
	if err := d.root.Remove(aside); err != nil {
		a.f.log.Warn("remove replaced file", "path", r.Path, "err", err)
	}
}

// keepSpare reports whether the file at p is kept.
func (f *Folder) keepSpare(ctx context.Context, ds *dirs, p string, r Row) bool {
	if _, ok := f.spares[r.Digest]; ok {
		return false
	}
	if err := f.cfg.Blobs.Moved(ctx, blob.Hash(r.Digest), blob.Place{Path: ds.absolute(p)}); err != nil {
		return false
	}
	f.spares[r.Digest] = spare{path: p, row: r, since: time.Now()}
	return true
}

// giveBack keeps the bytes that a job was to be made of and wasn't.
func (a *applier) giveBack(ctx context.Context, j *job) {
	at := j.from.path
	if j.spared {
		at, j.tmp = join(parent(j.path), j.tmp), ""
	}
	r := j.from.row
	j.from = nil
	if d, name, err := a.ds.at(at); err == nil {
		a.discard(ctx, d, name, r)
	}
}

// useSpare gives a job the spare file with its bytes, if there is one.
func (f *Folder) useSpare(j *job) {
	if s, ok := f.spares[j.want.Digest]; ok && j.from == nil && j.want.Kind == tree.File {
		delete(f.spares, j.want.Digest)
		j.from = &s
	}
}

// dropSpares removes spares that nothing has asked for in time, and returns
// when to look again; zero for never.
func (f *Folder) dropSpares(ctx context.Context, now time.Time) (next time.Time) {
	var due []willow.Digest
	for h, s := range f.spares {
		switch at := s.since.Add(spareTime); {
		case !now.Before(at):
			due = append(due, h)
		case next.IsZero() || at.Before(next):
			next = at
		}
	}
	if len(due) == 0 {
		return next
	}
	ds, err := openDirs(f.cfg.Dir)
	if err != nil {
		return now.Add(spareTime)
	}
	defer ds.close()
	for _, h := range due {
		s := f.spares[h]
		delete(f.spares, h)
		d, name, err := ds.at(s.path)
		if err == nil {
			err = d.root.Remove(name)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			f.log.Warn("remove replaced file", "path", s.row.Path, "err", err)
		}
		f.prune[parent(s.path)] = true
		if err := f.cfg.Blobs.Recheck(ctx, ds.absolute(s.path)); err != nil {
			f.log.Warn("check blob", "err", err)
		}
	}
	return next
}

// recover deals with temporary files that a full scan found. What an earlier
// process had set aside comes back if its place is free, and back is true; a
// large one may be the only copy of its bytes. The rest was being written.
func (f *Folder) recover(ctx context.Context, ds *dirs, temps []string) (back bool, err error) {
	ours := make(map[string]bool, len(f.spares))
	for _, s := range f.spares {
		ours[s.path] = true
	}
	temps = slices.DeleteFunc(temps, func(p string) bool { return ours[p] })
	if len(temps) == 0 {
		return false, nil
	}
	byInode := make(map[uint64]Row, len(f.rows))
	for p, r := range f.rows {
		if p != "" && r.Inode != 0 {
			byInode[r.Inode] = r
		}
	}
	for _, p := range temps {
		ds.trim()
		was, err := f.recoverOne(ctx, ds, p, byInode)
		if ctx.Err() != nil {
			return back, ctx.Err()
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			f.log.Warn("remove temporary file", "path", p, "err", err)
		}
		back = back || was
	}
	return back, nil
}

func (f *Folder) recoverOne(ctx context.Context, ds *dirs, p string, byInode map[uint64]Row) (back bool, err error) {
	d, name, err := ds.at(p)
	if err != nil {
		return false, err
	}
	s, err := lstat(d, name)
	if err != nil || s.kind == tree.Folder {
		return false, err
	}
	if r, ok := byInode[s.inode]; ok && parent(r.Path) == parent(p) && s.moved(r) {
		err := renameNew(d, name, d, path.Base(r.Path))
		if !errors.Is(err, fs.ErrExist) {
			return err == nil, err
		}
	}
	if s.kind == tree.File && s.size > f.cfg.CopyLimit {
		h, n, err := f.cfg.Blobs.HashFile(ctx, ds.absolute(p))
		if err == nil && f.keepSpare(ctx, ds, p, Row{Path: p, Kind: uint8(tree.File), Size: int64(n), Digest: h}) {
			return false, nil
		}
	}
	return false, d.root.Remove(name)
}
