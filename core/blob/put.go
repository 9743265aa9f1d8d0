package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// InlinePut is a small blob for PutInlineBatch.
type InlinePut struct {
	Scope Scope
	Hash  Hash
	Bytes []byte // at most InlineLimit
}

// PutBytes stores bytes and holds them in a scope.
func (s *Store) PutBytes(ctx context.Context, scope Scope, b []byte) (Hash, error) {
	h, _, err := s.PutReader(ctx, scope, bytes.NewReader(b))
	return h, err
}

// PutReader stores what r has up to its end and holds it in a scope. On an error
// nothing is stored.
func (s *Store) PutReader(ctx context.Context, scope Scope, r io.Reader) (Hash, uint64, error) {
	return s.put(ctx, scope, r, nil)
}

// PutKnown is PutReader for what is to have a hash. If it hasn't, the error is
// ErrCorrupt.
func (s *Store) PutKnown(ctx context.Context, scope Scope, h Hash, r io.Reader) (length uint64, err error) {
	_, length, err = s.put(ctx, scope, r, func(got Hash) error {
		if got != h {
			return ErrCorrupt
		}
		return nil
	})
	return length, err
}

// put is PutReader with a check, if any, of the hash before anything is kept.
func (s *Store) put(ctx context.Context, scope Scope, r io.Reader, check func(Hash) error) (Hash, uint64, error) {
	small := make([]byte, InlineLimit+1)
	n, err := io.ReadFull(r, small)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Hash{}, 0, fmt.Errorf("put blob: %w", err)
	}
	if n <= InlineLimit {
		h := sum(small[:n])
		if check != nil {
			if err := check(h); err != nil {
				return Hash{}, 0, fmt.Errorf("put blob: %w", err)
			}
		}
		return h, uint64(n), s.PutInlineBatch(ctx, []InlinePut{{scope, h, small[:n]}})
	}
	f, err := s.temp()
	if err != nil {
		return Hash{}, 0, fmt.Errorf("put blob: %w", err)
	}
	h, length, err := s.ingest(ctx, scope, io.MultiReader(bytes.NewReader(small), r), f, check)
	if err != nil {
		return Hash{}, 0, fmt.Errorf("put blob: %w", err)
	}
	return h, length, nil
}

// PutInlineBatch stores small blobs in one commit, if all of them have the hash
// that is given; else none, and the error is ErrCorrupt or ErrTooLarge, or if there
// is no room for them a *disk.Trouble: see Records then.
func (s *Store) PutInlineBatch(ctx context.Context, puts []InlinePut) error {
	rows := make([]Row, 0, len(puts))
	held := make([]Held, 0, len(puts))
	for _, p := range puts {
		if len(p.Bytes) > InlineLimit {
			return fmt.Errorf("put small blob of %d bytes: %w", len(p.Bytes), ErrTooLarge)
		}
		if sum(p.Bytes) != p.Hash {
			return fmt.Errorf("put small blob: %w", ErrCorrupt)
		}
		length := uint64(len(p.Bytes))
		all := All(GroupCount(length))
		rows = append(rows, Row{Hash: p.Hash, Length: length, Kind: Inline, Bytes: p.Bytes, Have: all})
		held = append(held, Held{p.Scope, p.Hash, all})
	}
	if len(puts) == 0 {
		return nil
	}
	if err := s.roomInline(puts); err != nil {
		return fmt.Errorf("put small blobs: %w", err)
	}
	if err := s.idx.Put(ctx, rows, held); err != nil {
		return fmt.Errorf("put small blobs: %w", err)
	}
	return nil
}

// Hold makes a scope hold a blob that is completely here, without a copy: for
// what this device itself attaches there (a rename, a copy). ok is false if the
// blob isn't here.
func (s *Store) Hold(ctx context.Context, scope Scope, h Hash) (ok bool, err error) {
	defer s.lock(h)()
	row, ok, err := s.idx.Row(ctx, h)
	if err == nil && ok && row.Complete() {
		if err = s.idx.Put(ctx, nil, []Held{{scope, h, row.Have}}); err == nil {
			return true, nil
		}
	}
	if err != nil {
		return false, fmt.Errorf("hold blob: %w", err)
	}
	return false, nil
}

// Has reports whether the scope holds the blob and all of it is here.
func (s *Store) Has(ctx context.Context, scope Scope, h Hash) (bool, error) {
	row, ok, err := s.idx.Row(ctx, h)
	if err != nil {
		return false, fmt.Errorf("look up blob: %w", err)
	}
	if !ok || !row.Complete() {
		return false, nil
	}
	return s.holds(ctx, scope, row)
}

// holds reports whether the scope holds a blob whose row is complete.
func (s *Store) holds(ctx context.Context, scope Scope, row Row) (bool, error) {
	have, err := s.idx.Held(ctx, scope, row.Hash)
	if err != nil {
		return false, fmt.Errorf("look up blob: %w", err)
	}
	if row.Length == 0 { // no groups: nothing tells holding it from not
		return true, nil
	}
	return have.Complete(row.Length), nil
}

// Complete reports whether all of the blob is here, whatever scope holds it.
func (s *Store) Complete(ctx context.Context, h Hash) (bool, error) {
	row, ok, err := s.idx.Row(ctx, h)
	if err != nil {
		return false, fmt.Errorf("look up blob: %w", err)
	}
	return ok && row.Complete(), nil
}

// ingest copies r, of more than InlineLimit bytes, to the temporary file f and
// keeps that as a blob. check is as for keepFrom. f is closed, whatever happens.
func (s *Store) ingest(ctx context.Context, scope Scope, r io.Reader, f *os.File, check func(Hash) error) (Hash, uint64, error) {
	w := &roomy{Writer: f, s: s}
	defer func() { w.claim.Release() }()
	return s.keepFrom(ctx, scope, r, w, f, check)
}

// keepFrom hashes r, copies it to w if that isn't nil, and keeps the temporary
// file f, which then has the same bytes. check, if any, is called when all has
// been read. f is closed, whatever happens.
func (s *Store) keepFrom(ctx context.Context, scope Scope, r io.Reader, w io.Writer, f *os.File, check func(Hash) error) (Hash, uint64, error) {
	tree := newOutboard(s.temp)
	h, length, err := hashStream(ctx, r, w, tree)
	if err == nil && check != nil {
		err = check(h)
	}
	if err == nil {
		err = s.keep(ctx, scope, h, length, f, tree)
	}
	discard(f)
	discard(tree.file)
	return h, length, err
}

// keep makes the temporary file f, which has all the bytes of a blob, the blob's
// file, unless the store has it already.
func (s *Store) keep(ctx context.Context, scope Scope, h Hash, length uint64, f *os.File, tree *outboard) error {
	if err := syncData(f); err != nil {
		return s.own(err)
	}
	defer s.lock(h)()
	old, ok, err := s.idx.Row(ctx, h)
	if err != nil {
		return err
	}
	all := All(GroupCount(length))
	held := []Held{{scope, h, all}}
	if ok && old.Complete() && old.Kind == File && s.sound(h, length) {
		return s.idx.Put(ctx, nil, held)
	}
	if err := s.keepTree(h, length, tree); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), s.dataPath(h)); err != nil {
		return s.own(err)
	}
	if err := syncDir(filepath.Dir(s.dataPath(h))); err != nil {
		return s.own(err)
	}
	return s.idx.Put(ctx, []Row{{Hash: h, Length: length, Kind: File, Have: all}}, held)
}

// keepTree makes a new outboard that of the blob, if it is worth a file.
func (s *Store) keepTree(h Hash, length uint64, tree *outboard) error {
	if err := s.makeDir(h); err != nil {
		return err
	}
	if length <= outboardMin {
		return nil
	}
	if err := tree.flush(); err != nil {
		return s.own(err)
	}
	return s.own(os.Rename(tree.file.Name(), s.treePath(h)))
}

// sound reports whether a complete blob's own file looks right and nobody else
// can write it by another name.
func (s *Store) sound(h Hash, length uint64) bool {
	fi, err := os.Lstat(s.dataPath(h))
	if err != nil || !fi.Mode().IsRegular() || uint64(fi.Size()) != length {
		return false
	}
	_, _, links := identity(fi)
	return links <= 1
}
