package folder

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"meadow/core/blob"
	"meadow/core/folder/tree"
)

// spareTime is how long the only copy of a large file stays after it was
// replaced or deleted: its rename or its conflict copy may arrive only later.
const spareTime = 2 * time.Minute

// spare is a file that was taken away, and whose bytes may be wanted again.
// Large files are kept once, in place, so that removing them at once could lose
// bytes that the tree wants somewhere else.
type spare struct {
	path  string // absolute
	row   Row    // of its old path
	since time.Time
}

// discard removes a file that was set aside, or keeps it as a spare.
func (a *applier) discard(ctx context.Context, d *dir, aside string, r Row) {
	if tree.Kind(r.Kind) == tree.File && r.Size > a.f.cfg.CopyLimit {
		if a.f.keepSpare(ctx, a.ds.absolute(join(d.path, aside)), r) {
			return
		}
	}
	if err := d.root.Remove(aside); err != nil {
		a.f.log.Warn("remove replaced file", "path", r.Path, "err", err)
	}
}

// keepSpare moves a file out of the directory and reports whether it could.
func (f *Folder) keepSpare(ctx context.Context, abs string, r Row) bool {
	if _, ok := f.spares[r.Digest]; ok || f.cfg.Spares == "" {
		return false
	}
	if err := os.MkdirAll(f.cfg.Spares, 0o700); err != nil {
		f.log.Warn("keep replaced file", "path", r.Path, "err", err)
		return false
	}
	to := filepath.Join(f.cfg.Spares, tempName())
	if err := os.Rename(abs, to); err != nil {
		return false // it is on another file system
	}
	if err := f.cfg.Blobs.Moved(ctx, blob.Hash(r.Digest), blob.Place{Path: to}); err != nil {
		f.log.Warn("note where a blob went", "path", r.Path, "err", err)
	}
	f.spares[r.Digest] = spare{path: to, row: r, since: time.Now()}
	return true
}

// giveBack keeps the bytes that a job was to be made of and wasn't.
func (a *applier) giveBack(ctx context.Context, j *job) {
	at, r := j.from.path, j.from.row
	if j.spared {
		at, j.tmp = a.ds.absolute(join(parent(j.path), j.tmp)), ""
	}
	j.from = nil
	if r.Size > a.f.cfg.CopyLimit && a.f.keepSpare(ctx, at, r) {
		return
	}
	_ = os.Remove(at) // if not now, with the next full scan
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
	for h, s := range f.spares {
		switch at := s.since.Add(spareTime); {
		case !now.Before(at):
			delete(f.spares, h)
			f.removeSpare(ctx, s.path)
		case next.IsZero() || at.Before(next):
			next = at
		}
	}
	return next
}

func (f *Folder) removeSpare(ctx context.Context, path string) {
	err := os.Remove(path)
	if err == nil {
		err = f.cfg.Blobs.Recheck(ctx, path)
	}
	if err != nil {
		f.log.Warn("remove replaced file", "err", err)
	}
}

// clearSpares removes what an earlier process has left.
func (f *Folder) clearSpares(ctx context.Context) {
	if f.cfg.Spares == "" {
		return
	}
	old, err := os.ReadDir(f.cfg.Spares)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		f.log.Warn("look for replaced files", "err", err)
	}
	for _, e := range old {
		if isTemp(e.Name()) {
			f.removeSpare(ctx, filepath.Join(f.cfg.Spares, e.Name()))
		}
	}
}

// recover deals with temporary files that a full scan found. What an earlier
// process had set aside comes back if its place is free, and back is true; a
// large one may be the only copy of its bytes. The rest was being written.
func (f *Folder) recover(ctx context.Context, ds *dirs, temps []string) (back bool, err error) {
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
		if err == nil && f.keepSpare(ctx, ds.absolute(p), Row{Path: p, Kind: uint8(tree.File), Size: int64(n), Digest: h}) {
			return false, nil
		}
	}
	return false, d.root.Remove(name)
}
