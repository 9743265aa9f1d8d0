package blob

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
)

// Release removes the user's file at path, which has the bytes of a blob, unless
// these are nowhere else and a live entry names them: then left is true, and so
// it is on every error. Where the store can't tell, the file stays.
func (s *Store) Release(ctx context.Context, h Hash, path string) (left bool, err error) {
	left, err = s.releaseFile(ctx, h, path)
	if err != nil {
		return true, fmt.Errorf("remove a file that a blob may be in: %w", err)
	}
	return left, nil
}

func (s *Store) releaseFile(ctx context.Context, h Hash, path string) (left bool, err error) {
	defer s.lock(h)()
	row, ok, err := s.idx.Row(ctx, h)
	if err != nil {
		return true, err
	}
	if !ok || !row.Complete() || !s.isElsewhere(row, path) {
		needed, err := s.idx.Needed(ctx, h)
		if err != nil || needed {
			return true, err
		}
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return true, err
	}
	if !ok || row.Kind != InPlace {
		return false, nil
	}
	places := slices.DeleteFunc(slices.Clone(row.Places), func(p Place) bool { return p.Path == path })
	switch {
	case len(places) == len(row.Places):
		return false, nil
	case len(places) == 0:
		return false, s.lose(ctx, h)
	}
	row.Places = places
	return false, s.idx.Put(ctx, []Row{row}, nil)
}

// isElsewhere reports whether a complete blob would still be here without the
// file at path. The caller holds the blob's lock.
func (s *Store) isElsewhere(row Row, path string) bool {
	switch row.Kind {
	case Inline:
		return true
	case File:
		fi, err := os.Lstat(s.dataPath(row.Hash))
		return err == nil && fi.Mode().IsRegular() && uint64(fi.Size()) == row.Length
	}
	return slices.ContainsFunc(row.Places, func(p Place) bool {
		now, err := PlaceOf(p.Path)
		return err == nil && p.Path != path && (now == p || now.sameFile(p))
	})
}

// At returns the blob that a user's file is, as far as that is known without
// reading it: ok is false if the file isn't what it was when it was noted.
func (s *Store) At(ctx context.Context, path string) (h Hash, ok bool, err error) {
	hs, err := s.idx.InPlaceAt(ctx, path)
	if err != nil {
		return Hash{}, false, fmt.Errorf("look for blob in a file: %w", err)
	}
	now, err := PlaceOf(path)
	if err != nil {
		return Hash{}, false, fmt.Errorf("look for blob in a file: %w", err)
	}
	for _, h := range hs {
		row, ok, err := s.idx.Row(ctx, h)
		if err != nil {
			return Hash{}, false, fmt.Errorf("look for blob in a file: %w", err)
		}
		if ok && slices.Contains(row.Places, now) {
			return h, true, nil
		}
	}
	return Hash{}, false, nil
}
