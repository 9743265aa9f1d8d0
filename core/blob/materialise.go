package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"meadow/core/blob/disk"
)

// copyStep is how much is copied between looks at the context: 16 MiB.
const copyStep = 16 << 20

// Materialise writes a complete blob to a new file dst, which must not exist: a
// clone where the file system can; else a copy if the blob has at most
// keepCopyLimit bytes or the store's own file can't be moved there (it is on
// another file system, or the blob is in place); else the store's own file. In that last case moved is true: bytes are
// not to be kept twice, so the caller must not write to dst, and calls Moved
// when the file has its final name. Until then the blob stays readable, and
// removing dst undoes it.
//
// The file has mode 0600 and the time of now, and isn't fsynced; a moved one is.
// The errors are those of Open, and the file system's; if there is no room for a
// copy it is a *disk.Trouble.
func (s *Store) Materialise(ctx context.Context, h Hash, dst string, keepCopyLimit int64) (Place, bool, error) {
	r, err := s.open(ctx, h)
	if err != nil {
		return Place{}, false, err
	}
	moved, err := s.materialise(ctx, r, dst, keepCopyLimit)
	if err = errors.Join(err, r.Close()); err != nil {
		if !errors.Is(err, fs.ErrExist) {
			_ = os.Remove(dst)
		}
		return Place{}, false, fmt.Errorf("write blob to a file: %w", err)
	}
	place, err := PlaceOf(dst)
	if err != nil {
		return Place{}, false, fmt.Errorf("write blob to a file: %w", err)
	}
	return place, moved, nil
}

func (s *Store) materialise(ctx context.Context, r *reader, dst string, keepCopyLimit int64) (moved bool, err error) {
	if r.file == nil {
		return false, writeNew(dst, func(out *os.File) error {
			_, err := out.Write(r.row.Bytes)
			return err
		})
	}
	err = writeNew(dst, func(out *os.File) error { return reflink(out, r.file) })
	if err == nil || errors.Is(err, fs.ErrExist) {
		return false, err
	}
	if r.row.Kind == File && r.Size() > keepCopyLimit && s.lend(r.row.Hash, dst) {
		return true, nil
	}
	claim, err := s.room.Take(filepath.Dir(dst), uint64(r.Size()))
	if err != nil {
		return false, err
	}
	defer claim.Release()
	return false, writeNew(dst, func(out *os.File) error { return copyFile(ctx, out, r.file, r.Size(), claim) })
}

// writeNew makes a new file. If write fails there is none.
func writeNew(dst string, write func(*os.File) error) error {
	out, err := os.OpenFile(dst, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = errors.Join(write(out), out.Close())
	if err != nil {
		_ = os.Remove(dst)
	}
	return err
}

func copyFile(ctx context.Context, dst, src *os.File, size int64, claim *disk.Claim) error {
	for left := size; left > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := io.CopyN(dst, src, min(left, copyStep))
		if err != nil {
			return err
		}
		left -= n
		claim.Wrote(uint64(n))
	}
	return nil
}

// lend makes dst a second name of the store's file. It reports false if the file
// system can't, or the file has a second name already: then two files of the
// user's would be one.
func (s *Store) lend(h Hash, dst string) bool {
	defer s.lock(h)()
	fi, err := os.Lstat(s.dataPath(h))
	if err != nil {
		return false
	}
	if _, _, links := identity(fi); links != 1 || os.Link(s.dataPath(h), dst) != nil {
		return false
	}
	s.mu.Lock()
	s.lent[h] = true
	s.mu.Unlock()
	return true
}

func (s *Store) isLent(h Hash) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lent[h]
}

// Moved notes that a complete blob is in place at place.Path: after Materialise
// has moved it, or when the user renamed a file that a blob is in. What else
// place says doesn't matter. If it isn't evident that the file is the one that
// the blob was in, it is hashed; the error is ErrChanged if it has other bytes.
// While the store has a file of its own, other files are copies and not noted.
func (s *Store) Moved(ctx context.Context, h Hash, place Place) error {
	now, err := PlaceOf(place.Path)
	if err != nil {
		return fmt.Errorf("note moved blob: %w", err)
	}
	row, ok, err := s.idx.Row(ctx, h)
	if err == nil && (!ok || !row.Complete()) {
		err = ErrNotFound
	}
	if err == nil && row.Kind == File && !s.isOwn(h, now) {
		return nil
	}
	if err == nil && !s.isAt(row, now) {
		var got Hash
		got, now, err = hashFile(ctx, place.Path, nil)
		if err == nil && got != h {
			err = ErrChanged
		}
	}
	if err == nil && row.Kind != Inline {
		err = s.moved(ctx, h, now)
	}
	if err != nil {
		return fmt.Errorf("note moved blob: %w", err)
	}
	return nil
}

// isAt reports whether a file is one that the blob is known to be in.
func (s *Store) isAt(row Row, now Place) bool {
	if row.Kind == File {
		return s.isLent(row.Hash) && s.isOwn(row.Hash, now)
	}
	for _, p := range row.Places {
		if p.sameFile(now) {
			return true
		}
	}
	return false
}

// isOwn reports whether a file is the store's own of a blob, by another name.
func (s *Store) isOwn(h Hash, now Place) bool {
	own, err := PlaceOf(s.dataPath(h))
	return err == nil && own.sameFile(now)
}

func (s *Store) moved(ctx context.Context, h Hash, now Place) error {
	defer s.lock(h)()
	row, ok, err := s.idx.Row(ctx, h)
	if err != nil {
		return err
	}
	if !ok || !row.Complete() {
		return ErrNotFound
	}
	if row.Kind == File && !s.isOwn(h, now) {
		return nil
	}
	if _, err := s.putInPlace(ctx, row, h, row.Length, now, nil); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.lent, h)
	return nil
}
