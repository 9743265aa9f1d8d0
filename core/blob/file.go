package blob

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// PlaceOf describes a file, without opening it.
func PlaceOf(path string) (Place, error) {
	fi, err := os.Lstat(path)
	if err != nil {
		return Place{}, err
	}
	return placeOf(path, fi)
}

func placeOf(path string, fi fs.FileInfo) (Place, error) {
	if !fi.Mode().IsRegular() {
		return Place{}, fmt.Errorf("%s isn't a regular file", path)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return Place{}, err
	}
	p := Place{Path: path, Size: fi.Size(), MtimeNS: fi.ModTime().UnixNano()}
	p.CtimeNS, p.Inode, _ = identity(fi)
	return p, nil
}

// sameFile reports whether both describe one file with unchanged bytes, which
// may have been renamed or got other rights since.
func (p Place) sameFile(q Place) bool {
	return p.Inode == q.Inode && p.Inode != 0 && p.Size == q.Size && p.MtimeNS == q.MtimeNS
}

// userFile is an open file of the user's.
type userFile struct {
	*os.File
	place Place // when it was opened
}

func openUser(path string) (*userFile, error) {
	// What isn't a regular file may block when it is opened.
	if _, err := PlaceOf(path); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	u := &userFile{File: f}
	if u.place, err = u.now(); err != nil {
		_ = f.Close()
		return nil, err
	}
	return u, nil
}

func (u *userFile) now() (Place, error) {
	fi, err := u.Stat()
	if err != nil {
		return Place{}, err
	}
	return placeOf(u.Name(), fi)
}

// unchanged returns ErrChanged if the file isn't what it was when opened.
func (u *userFile) unchanged() error {
	now, err := u.now()
	if err != nil {
		return err
	}
	if now != u.place {
		return ErrChanged
	}
	return nil
}

// HashFile returns the hash and the length of a file and stores nothing. The
// error is ErrChanged if the file was written meanwhile.
func (s *Store) HashFile(ctx context.Context, path string) (Hash, uint64, error) {
	h, place, err := hashFile(ctx, path, nil)
	return h, uint64(place.Size), err
}

func hashFile(ctx context.Context, path string, tree *outboard) (Hash, Place, error) {
	f, err := openUser(path)
	if err != nil {
		return Hash{}, Place{}, fmt.Errorf("hash file: %w", err)
	}
	defer f.Close()
	h, n, err := hashStream(ctx, f, nil, tree)
	if err == nil {
		err = f.unchanged()
	}
	if err == nil && n != uint64(f.place.Size) {
		err = ErrChanged
	}
	if err != nil {
		return Hash{}, Place{}, fmt.Errorf("hash file: %w", err)
	}
	return h, f.place, nil
}

// AddFile stores a user's file and holds it in a scope. Small ones become
// inline; others are cloned where the file system can, else copied if they have
// at most copyLimit bytes, else left in place. The file is read once. What is
// returned describes the file as it was when its bytes were those of the hash.
// The error is ErrChanged if it was written meanwhile, and nothing is stored.
func (s *Store) AddFile(ctx context.Context, scope Scope, path string, copyLimit int64) (Hash, uint64, Place, error) {
	f, err := openUser(path)
	if err != nil {
		return Hash{}, 0, Place{}, fmt.Errorf("add file: %w", err)
	}
	defer f.Close()
	var h Hash
	switch {
	case f.place.Size <= InlineLimit:
		h, err = s.addSmall(ctx, scope, f)
	default:
		h, err = s.addLarge(ctx, scope, f, copyLimit)
	}
	if err != nil {
		return Hash{}, 0, Place{}, fmt.Errorf("add file: %w", err)
	}
	return h, uint64(f.place.Size), f.place, nil
}

func (s *Store) addSmall(ctx context.Context, scope Scope, f *userFile) (Hash, error) {
	b, err := io.ReadAll(io.LimitReader(f, InlineLimit+1))
	if err != nil {
		return Hash{}, err
	}
	if err := f.unchanged(); err != nil {
		return Hash{}, err
	}
	if int64(len(b)) != f.place.Size {
		return Hash{}, ErrChanged
	}
	h := sum(b)
	return h, s.PutInlineBatch(ctx, []InlinePut{{scope, h, b}})
}

func (s *Store) addLarge(ctx context.Context, scope Scope, f *userFile, copyLimit int64) (Hash, error) {
	tmp, err := s.temp()
	if err != nil {
		return Hash{}, err
	}
	if reflink(tmp, f.File) == nil {
		// The clone is a snapshot, but f.place has to be that of its bytes.
		if err := f.unchanged(); err != nil {
			discard(tmp)
			return Hash{}, err
		}
		h, _, err := s.keepFrom(ctx, scope, tmp, nil, tmp, nil)
		return h, err
	}
	if f.place.Size > copyLimit {
		discard(tmp)
		return s.addInPlace(ctx, scope, f)
	}
	size := f.place.Size
	claim, err := s.room.Take(s.dir, uint64(size))
	if err != nil {
		discard(tmp)
		return Hash{}, err
	}
	w := &roomy{Writer: tmp, s: s, claim: claim}
	defer func() { w.claim.Release() }()
	// One byte more than there should be, so that growth is noticed.
	h, _, err := s.keepFrom(ctx, scope, io.LimitReader(f, size+1), w, tmp, func(Hash) error { return f.unchanged() })
	return h, err
}

func (s *Store) addInPlace(ctx context.Context, scope Scope, f *userFile) (Hash, error) {
	tree := newOutboard(s.temp)
	defer func() { discard(tree.file) }()
	h, length, err := hashStream(ctx, f, nil, tree)
	if err != nil {
		return Hash{}, err
	}
	if err := f.unchanged(); err != nil {
		return Hash{}, err
	}
	defer s.lock(h)()
	row, ok, err := s.idx.Row(ctx, h)
	if err != nil {
		return Hash{}, err
	}
	held := []Held{{scope, h, All(GroupCount(length))}}
	if ok && row.Complete() && row.Kind == File && s.sound(h, length) {
		return h, s.idx.Put(ctx, nil, held)
	}
	if err := s.keepTree(h, length, tree); err != nil {
		return Hash{}, err
	}
	f.place, err = s.putInPlace(ctx, row, h, length, f.place, held)
	return h, err
}

// putInPlace adds a place to the row of a blob and removes the store's own file.
// It returns the place as it is then: if the two files were one, it has got
// another ctime. The caller holds the blob's lock; old is its row, if it has one.
func (s *Store) putInPlace(ctx context.Context, old Row, h Hash, length uint64, at Place, held []Held) (Place, error) {
	row := Row{Hash: h, Length: length, Kind: InPlace, Have: All(GroupCount(length))}
	if old.Kind == InPlace {
		row.Places = slices.DeleteFunc(slices.Clone(old.Places), func(p Place) bool {
			return p.Path == at.Path || p.sameFile(at)
		})
	}
	row.Places = append([]Place{at}, row.Places...)
	row.Places = row.Places[:min(len(row.Places), MaxPlaces)]
	if err := s.idx.Put(ctx, []Row{row}, held); err != nil || old.Kind != File {
		return at, err
	}
	s.remove(s.dataPath(h))
	now, err := PlaceOf(at.Path)
	if err != nil || now == at || !now.sameFile(at) {
		return at, err
	}
	row.Places[0] = now
	return now, s.idx.Put(ctx, []Row{row}, nil)
}

// remove removes a file of the store that is needed no longer. If that fails
// Sweep finds it again.
func (s *Store) remove(path string) {
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		s.log.Warn("remove blob file", "err", err)
	}
}
