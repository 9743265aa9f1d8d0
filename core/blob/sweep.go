package blob

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const sweepBatch = 256

// Sweep deletes blobs that nothing refers to any more and that were put more
// than an hour ago, or by an earlier process, and files that no row belongs to. It returns how many bytes
// of files that freed. Files of the user's are never touched.
func (s *Store) Sweep(ctx context.Context) (freed int64, err error) {
	before := s.now().Add(-s.grace)
	if before.Before(s.opened) {
		before = s.opened
	}
	var after Hash
	for {
		hs, err := s.idx.Unreferenced(ctx, before, after, sweepBatch)
		if err != nil {
			return freed, fmt.Errorf("sweep blobs: %w", err)
		}
		if len(hs) == 0 {
			break
		}
		after = hs[len(hs)-1]
		n, err := s.sweepRows(ctx, before, hs)
		freed += n
		if err != nil {
			return freed, fmt.Errorf("sweep blobs: %w", err)
		}
	}
	n, err := s.sweepFiles(ctx, before)
	freed += n
	if err != nil {
		return freed, fmt.Errorf("sweep blobs: %w", err)
	}
	return freed, nil
}

// Drop is Sweep for a few blobs, at once: those that nothing refers to any more and
// that were put more than DropGrace ago. For what is to be erased it is called when
// that is known, and again after DropGrace.
func (s *Store) Drop(ctx context.Context, hs []Hash) (freed int64, err error) {
	freed, err = s.sweepRows(ctx, s.now().Add(-s.dropGrace), slices.Clone(hs))
	if err != nil {
		return freed, fmt.Errorf("drop blobs: %w", err)
	}
	return freed, nil
}

// sweepRows deletes rows, those with one lock at a time, and then their files.
func (s *Store) sweepRows(ctx context.Context, before time.Time, hs []Hash) (freed int64, err error) {
	slices.SortFunc(hs, func(a, b Hash) int { return stripe(a) - stripe(b) })
	for len(hs) > 0 {
		n := 1
		for n < len(hs) && stripe(hs[n]) == stripe(hs[0]) {
			n++
		}
		got, err := s.sweepLocked(ctx, before, hs[:n])
		freed += got
		if err != nil {
			return freed, err
		}
		hs = hs[n:]
	}
	return freed, nil
}

func (s *Store) sweepLocked(ctx context.Context, before time.Time, hs []Hash) (freed int64, err error) {
	defer s.lock(hs[0])()
	idle := slices.DeleteFunc(slices.Clone(hs), s.isActive)
	if len(idle) == 0 {
		return 0, nil
	}
	gone, err := s.idx.Delete(ctx, before, idle)
	for _, h := range gone {
		freed += s.removeSized(s.dataPath(h)) + s.removeSized(s.treePath(h))
	}
	return freed, err
}

func (s *Store) isActive(h Hash) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.active[h] != nil
}

// removeSized removes a file and returns how long it was.
func (s *Store) removeSized(path string) int64 {
	fi, err := os.Lstat(path)
	if err != nil {
		return 0
	}
	s.remove(path)
	return fi.Size()
}

// sweepFiles removes files that a crash left behind between a change of the
// index and that of the disk.
func (s *Store) sweepFiles(ctx context.Context, before time.Time) (freed int64, err error) {
	dirs, err := os.ReadDir(s.dir)
	if err != nil {
		return 0, err
	}
	for _, dir := range dirs {
		if !dir.IsDir() || len(dir.Name()) != 2 {
			continue // tmp
		}
		files, err := os.ReadDir(filepath.Join(s.dir, dir.Name()))
		if err != nil {
			return freed, err
		}
		for _, f := range files {
			n, err := s.sweepFile(ctx, filepath.Join(s.dir, dir.Name(), f.Name()), before)
			freed += n
			if err != nil {
				return freed, err
			}
		}
	}
	return freed, nil
}

func (s *Store) sweepFile(ctx context.Context, path string, before time.Time) (freed int64, err error) {
	ext := filepath.Ext(path)
	b, err := hex.DecodeString(strings.TrimSuffix(filepath.Base(path), ext))
	if err != nil || len(b) != len(Hash{}) {
		return 0, nil // not ours
	}
	fi, err := os.Lstat(path)
	if err != nil || !fi.ModTime().Before(before) {
		return 0, nil
	}
	h := Hash(b)
	defer s.lock(h)()
	row, ok, err := s.idx.Row(ctx, h)
	if err != nil || s.isActive(h) {
		return 0, err
	}
	needed := ok && (ext == ".data" && row.Kind == File || ext == ".obao" && row.Kind != Inline)
	if needed {
		return 0, nil
	}
	return s.removeSized(path), nil
}
