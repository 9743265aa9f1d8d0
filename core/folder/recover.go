package folder

import (
	"context"
	"errors"
	"io/fs"
	"path"

	"meadow/core/folder/tree"
)

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
	spares := f.sparePaths()
	for _, p := range temps {
		if spares[ds.absolute(p)] {
			continue
		}
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
	r, known := byInode[s.inode]
	known = known && s.moved(r)
	if known && parent(r.Path) == parent(p) {
		err := renameNew(d, name, d, path.Base(r.Path))
		if !errors.Is(err, fs.ErrExist) {
			return err == nil, err
		}
	}
	if s.kind == tree.File && s.size > f.cfg.LeastLimit {
		return false, f.recoverLarge(ctx, ds.absolute(p), s)
	}
	return false, d.root.Remove(name)
}

// recoverLarge removes a large file that was written or set aside when an
// earlier process ended, unless it is the last of bytes that are needed.
func (f *Folder) recoverLarge(ctx context.Context, abs string, s stat) error {
	h, _, err := f.cfg.Blobs.HashFile(ctx, abs)
	if err != nil {
		return err
	}
	left, err := f.cfg.Blobs.Release(ctx, h, abs)
	if err == nil && left {
		f.keep(ctx, abs, s.row("", tree.Version{Digest: [32]byte(h)}))
	}
	return err
}
