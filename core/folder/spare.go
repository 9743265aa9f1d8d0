package folder

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"meadow/core/blob"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// spareTime is how long a large file stays after it was replaced or deleted
// though nothing asks for its bytes: the new name of a renamed file may arrive
// after the end of the old one.
const spareTime = 2 * time.Minute

// spareDir is where large files wait that can't be moved to Config.Spares,
// because that is on another file system. It is a temporary file by its name.
const spareDir = tempPrefix + "0000000000000000" + tempSuffix

// spare is a large file that was taken away. Its bytes may be nowhere else: as
// long as the blob store says so, and that a live entry names them, it stays.
type spare struct {
	path  string // absolute
	row   Row    // of its old path
	since time.Time
}

// discard removes a file that was set aside, or keeps it as a spare.
func (a *applier) discard(ctx context.Context, d *dir, aside string, r Row) {
	if a.f.isLarge(r) {
		a.f.keep(ctx, a.ds.absolute(join(d.path, aside)), r)
		return
	}
	if err := d.root.Remove(aside); err != nil {
		a.f.log.Warn("remove replaced file", "path", r.Path, "err", err)
	}
}

// isLarge reports whether a row is of a file that may be the only copy of its
// bytes.
func (f *Folder) isLarge(r Row) bool {
	return tree.Kind(r.Kind) == tree.File && r.Size > f.cfg.LeastLimit
}

// keep makes the large file at abs, which is out of its place, a spare.
func (f *Folder) keep(ctx context.Context, abs string, r Row) {
	s := spare{path: abs, row: r, since: time.Now()}
	if _, twice := f.spares[r.Digest]; !twice && f.moveAside(&s) {
		err := f.cfg.Blobs.Moved(ctx, blob.Hash(r.Digest), blob.Place{Path: s.path})
		if err == nil {
			f.spares[r.Digest] = s
			return
		}
		if !errors.Is(err, blob.ErrNotFound) {
			f.log.Warn("note where a blob went", "path", r.Path, "err", err)
		}
	}
	f.release(ctx, s)
}

// moveAside moves a spare to where spares are kept, and reports whether it could.
func (f *Folder) moveAside(s *spare) bool {
	for _, dir := range f.spareDirs() {
		if dir == f.cfg.Spares {
			_ = os.MkdirAll(filepath.Dir(dir), 0o700)
		}
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			continue
		}
		if fi, err := os.Lstat(dir); err != nil || !fi.IsDir() {
			continue
		}
		to := filepath.Join(dir, tempName())
		if os.Rename(s.path, to) == nil { // else it is on another file system
			s.path = to
			return true
		}
		_ = os.Remove(dir) // if it is empty
	}
	return false
}

// spareDirs returns where spares are kept, the better one first.
func (f *Folder) spareDirs() []string {
	dirs := []string{filepath.Join(f.cfg.Dir, spareDir)}
	if f.cfg.Spares != "" {
		dirs = append([]string{f.cfg.Spares}, dirs...)
	}
	return dirs
}

// release removes a spare unless it is the last of bytes that something live
// needs. Then the blob store gets to know where they are.
func (f *Folder) release(ctx context.Context, s spare) {
	h := s.row.Digest
	left, err := f.cfg.Blobs.Release(ctx, blob.Hash(h), s.path)
	if err == nil && left {
		err = f.note(ctx, s.row.Path, h, s.path)
	}
	if err != nil && ctx.Err() == nil {
		f.log.Warn("remove replaced file", "path", s.row.Path, "err", err)
	}
	if left {
		s.since = time.Now()
		f.spares[h] = s
		return
	}
	if dir := filepath.Dir(s.path); filepath.Base(dir) == spareDir {
		_ = os.Remove(dir) // if it is empty
	}
}

// note tells the blob store that a large file is where a blob is: one that is, or
// was, at a path.
func (f *Folder) note(ctx context.Context, p string, h willow.Digest, abs string) error {
	err := f.cfg.Blobs.Moved(ctx, blob.Hash(h), blob.Place{Path: abs})
	if !errors.Is(err, blob.ErrNotFound) {
		return err
	}
	// Someone looked for it between two places, and took it for lost.
	got, _, _, err := f.cfg.Blobs.AddFile(ctx, f.shownScope(ctx, p), abs, f.cfg.CopyLimit)
	if err == nil && got != blob.Hash(h) {
		err = blob.ErrChanged
	}
	return err
}

// giveBack keeps the bytes that a job was to be made of and wasn't.
func (a *applier) giveBack(ctx context.Context, j *job) {
	s := *j.from
	if j.spared {
		s.path, j.tmp = a.ds.absolute(join(parent(j.path), j.tmp)), ""
	}
	j.from = nil
	if a.f.isLarge(s.row) {
		a.f.keep(ctx, s.path, s.row)
		return
	}
	_ = os.Remove(s.path) // if not now, with the next full scan
}

// useSpare gives a job the spare file with its bytes, if there is one.
func (f *Folder) useSpare(j *job) {
	if s, ok := f.spares[j.want.Digest]; ok && j.from == nil && j.want.Kind == tree.File && !j.sameBytes() {
		delete(f.spares, j.want.Digest)
		j.from = &s
	}
}

// dropSpares removes spares that nothing needs, and returns when to look again;
// zero for never.
func (f *Folder) dropSpares(ctx context.Context, now time.Time) (next time.Time) {
	for h, s := range f.spares {
		if !now.Before(s.since.Add(spareTime)) {
			delete(f.spares, h)
			f.release(ctx, s)
		}
	}
	for _, s := range f.spares {
		if at := s.since.Add(spareTime); next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return next
}

// adoptSpares takes over what an earlier process has left.
func (f *Folder) adoptSpares(ctx context.Context) error {
	have := f.sparePaths()
	for _, dir := range f.spareDirs() {
		old, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			f.log.Warn("look for replaced files", "err", err)
		}
		for _, e := range old {
			if p := filepath.Join(dir, e.Name()); isTemp(e.Name()) && e.Type().IsRegular() && !have[p] {
				if err := f.adopt(ctx, spare{path: p}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (f *Folder) sparePaths() map[string]bool {
	paths := make(map[string]bool, len(f.spares))
	for _, s := range f.spares {
		paths[s.path] = true
	}
	return paths
}

// adopt finds out what a file is that an earlier process has put aside, and
// whether it is needed. Only the end of ctx is an error.
func (f *Folder) adopt(ctx context.Context, s spare) error {
	h, ok, err := f.cfg.Blobs.At(ctx, s.path)
	if err == nil && !ok {
		h, _, err = f.cfg.Blobs.HashFile(ctx, s.path)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			f.log.Warn("look at replaced file", "err", err)
		}
		return nil
	}
	fi, err := os.Lstat(s.path)
	if err != nil {
		return nil
	}
	s.row = statOf(fi).row("", tree.Version{Digest: willow.Digest(h)})
	f.release(ctx, s)
	return nil
}

// vouch makes sure that the blob store knows the bytes of large files that are
// as their rows say; only of those digests, if any are given. The store forgets
// a blob if the files that it knows of have changed, and of many equal ones it
// knows a few.
func (f *Folder) vouch(ctx context.Context, ds *dirs, only map[willow.Digest]bool) error {
	for p, r := range f.rows {
		if !f.isLarge(r) || only != nil && !only[r.Digest] {
			continue
		}
		if ok, err := f.hasBytes(ctx, r.Digest); ok || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		ds.trim()
		if s, err := ds.lstat(p); err != nil || !s.is(r) {
			continue // the next look at it will tell
		}
		if err := f.note(ctx, p, r.Digest, ds.absolute(p)); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			f.log.Warn("note where a blob is", "path", p, "err", err)
		}
	}
	return nil
}
