package blob

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Reader reads a complete blob. ReadAt may be called concurrently. Close of one
// that is in the user's file returns ErrLost if the file was written since it
// was opened: what has been read may then not be the blob.
type Reader interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// reader is what Open returns.
type reader struct {
	io.ReaderAt
	row  Row
	file *os.File  // nil if inline
	user *userFile // if in place
}

func (r *reader) Size() int64 { return int64(r.row.Length) }

// section returns a fresh reader of all bytes.
func (r *reader) section() *io.SectionReader { return io.NewSectionReader(r, 0, r.Size()) }

func (r *reader) Close() error {
	if r.file == nil {
		return nil
	}
	var changed error
	if r.user != nil {
		if now, err := r.user.now(); err == nil && now != r.user.place && !now.sameFile(r.user.place) {
			changed = ErrLost
		}
	}
	return errors.Join(changed, r.file.Close())
}

// Open opens a complete blob: ErrNotFound if it isn't here, ErrLost if it was
// until now. A file in place whose times or inode aren't what they were when it
// was hashed is hashed again, which takes as long as reading it.
func (s *Store) Open(ctx context.Context, h Hash) (Reader, error) {
	r, err := s.open(ctx, h)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// ReadAll returns the bytes of a complete blob, ErrTooLarge if it has more than
// limit; the other errors are those of Open.
func (s *Store) ReadAll(ctx context.Context, h Hash, limit int64) ([]byte, error) {
	r, err := s.open(ctx, h)
	if err != nil {
		return nil, err
	}
	return s.readAll(ctx, r, limit)
}

// ReadHeld is ReadAll for a blob that the scope holds, else ErrNotFound.
func (s *Store) ReadHeld(ctx context.Context, scope Scope, h Hash, limit int64) ([]byte, error) {
	r, err := s.open(ctx, h)
	if err != nil {
		return nil, err
	}
	held, err := s.holds(ctx, scope, r.row)
	if err != nil || !held {
		return nil, errors.Join(cmp.Or(err, ErrNotFound), r.Close())
	}
	return s.readAll(ctx, r, limit)
}

// readAll reads and closes r.
func (s *Store) readAll(ctx context.Context, r *reader, limit int64) ([]byte, error) {
	defer r.Close()
	h := r.row.Hash
	if r.Size() > limit {
		return nil, fmt.Errorf("read blob of %d bytes: %w", r.Size(), ErrTooLarge)
	}
	if r.row.Kind == Inline {
		return r.row.Bytes, nil
	}
	b := make([]byte, r.Size()) // not a claim: there is such a file
	if _, err := io.ReadFull(r.section(), b); err != nil {
		return nil, fmt.Errorf("read blob: %w", err)
	}
	if r.row.Kind == InPlace && sum(b) != h {
		return nil, s.forgetPlace(ctx, h, r.user.place)
	}
	return b, nil
}

// ReadMany returns the bytes of those of the blobs that are here and have at most
// InlineLimit bytes, in few queries. What is missing in it may be here all the
// same, in a file: ReadAll tells.
func (s *Store) ReadMany(ctx context.Context, hs []Hash) (map[Hash][]byte, error) {
	found, err := s.idx.Inline(ctx, hs)
	if err != nil {
		return nil, fmt.Errorf("read blobs: %w", err)
	}
	return found, nil
}

// errStale: the row was out of date and has been put right.
var errStale = errors.New("stale row")

func (s *Store) open(ctx context.Context, h Hash) (*reader, error) {
	known := false
	for range MaxPlaces + 2 {
		row, ok, err := s.idx.Row(ctx, h)
		if err != nil {
			return nil, fmt.Errorf("open blob: %w", err)
		}
		if !ok || !row.Complete() {
			break
		}
		known = true
		r, err := s.openRow(ctx, row)
		if err == nil {
			return r, nil
		}
		if !errors.Is(err, errStale) {
			return nil, fmt.Errorf("open blob: %w", err)
		}
	}
	if known {
		return nil, fmt.Errorf("open blob: %w", ErrLost)
	}
	return nil, fmt.Errorf("open blob: %w", ErrNotFound)
}

func (s *Store) openRow(ctx context.Context, row Row) (*reader, error) {
	switch row.Kind {
	case Inline:
		return &reader{ReaderAt: bytes.NewReader(row.Bytes), row: row}, nil
	case File:
		f, err := s.openOwn(ctx, row)
		if err != nil {
			return nil, err
		}
		return &reader{ReaderAt: f, row: row, file: f}, nil
	default:
		u, err := s.openPlace(ctx, row)
		if err != nil {
			return nil, err
		}
		return &reader{ReaderAt: u, row: row, file: u.File, user: u}, nil
	}
}

// openOwn opens the store's file of a blob. If that is damaged, the blob is lost.
func (s *Store) openOwn(ctx context.Context, row Row) (*os.File, error) {
	f, err := s.ownFile(ctx, row)
	if !errors.Is(err, errStale) {
		return f, err
	}
	// Perhaps the file was moved since the row was read.
	defer s.lock(row.Hash)()
	row, ok, err := s.idx.Row(ctx, row.Hash)
	if err != nil {
		return nil, err
	}
	if !ok || row.Kind != File || !row.Complete() {
		return nil, errStale
	}
	f, err = s.ownFile(ctx, row)
	if errors.Is(err, errStale) {
		s.log.Error("a file of the blob store is missing or damaged; the blob has to be fetched again", "blob", row.Hash)
		if err := s.lose(ctx, row.Hash); err != nil {
			return nil, err
		}
	}
	return f, err
}

// ownFile opens the store's file of a blob; the error is errStale if it isn't
// what the row says.
func (s *Store) ownFile(ctx context.Context, row Row) (*os.File, error) {
	f, err := os.Open(s.dataPath(row.Hash))
	if errors.Is(err, fs.ErrNotExist) && !s.gone() {
		return nil, errStale
	}
	if err != nil {
		return nil, s.own(err)
	}
	err = s.checkOwn(ctx, f, row)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

func (s *Store) checkOwn(ctx context.Context, f *os.File, row Row) error {
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	if uint64(fi.Size()) != row.Length {
		return errStale
	}
	_, _, links := identity(fi)
	if links <= 1 || s.isLent(row.Hash) {
		return nil
	}
	// A crash between Materialise and Moved left the user's file and ours one;
	// until AddFile sees it, what the user writes there is written here.
	h, _, err := hashStream(ctx, io.NewSectionReader(f, 0, fi.Size()), nil, nil)
	if err == nil && h != row.Hash {
		err = errStale
	}
	return err
}

// openPlace opens the first file that a blob is in. If that looks different the
// row is put right, and the error is errStale.
func (s *Store) openPlace(ctx context.Context, row Row) (*userFile, error) {
	if len(row.Places) == 0 {
		return nil, errStale
	}
	p := row.Places[0]
	f, err := openUser(p.Path)
	if err == nil && f.place == p {
		return f, nil
	}
	same := err == nil && f.place.Size == p.Size
	if err == nil {
		_ = f.Close()
	} else if !isGone(p.Path, err) {
		return nil, err
	}
	if err := s.recheck(ctx, row.Hash, p, same); err != nil {
		return nil, err
	}
	return nil, errStale
}

// isGone reports whether opening a file failed for the reason that it isn't
// there, or something else that isn't a file has taken its place.
func isGone(path string, err error) bool {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return true
	}
	fi, err := os.Lstat(path)
	return err == nil && !fi.Mode().IsRegular()
}

// recheck puts the row of a blob right whose place looks different from what
// was noted: by hashing the file if that could help, else by forgetting it.
func (s *Store) recheck(ctx context.Context, h Hash, p Place, hash bool) error {
	if hash {
		got, now, err := hashFile(ctx, p.Path, nil)
		if err := ctx.Err(); err != nil {
			return err
		}
		if err == nil && got == h {
			return s.replacePlace(ctx, h, now)
		}
	}
	if err := s.forgetPlace(ctx, h, p); !errors.Is(err, ErrLost) {
		return err
	}
	return nil
}

func (s *Store) replacePlace(ctx context.Context, h Hash, now Place) error {
	defer s.lock(h)()
	row, ok, err := s.idx.Row(ctx, h)
	if err != nil || !ok || row.Kind != InPlace {
		return err
	}
	_, err = s.putInPlace(ctx, row, h, row.Length, now, nil)
	return err
}

// forgetPlace notes that a blob isn't in a file any more. It returns ErrLost if
// that is done.
func (s *Store) forgetPlace(ctx context.Context, h Hash, p Place) error {
	defer s.lock(h)()
	row, ok, err := s.idx.Row(ctx, h)
	if err != nil || !ok || row.Kind != InPlace {
		return errors.Join(err, ErrLost)
	}
	var left []Place
	for _, q := range row.Places {
		if q != p {
			left = append(left, q)
		}
	}
	if len(left) > 0 {
		row.Places = left
		err = s.idx.Put(ctx, []Row{row}, nil)
	} else {
		err = s.lose(ctx, h)
	}
	if err != nil {
		return err
	}
	return ErrLost
}

// lose takes a blob out of the index, then its files away. The caller holds its
// lock.
func (s *Store) lose(ctx context.Context, h Hash) error {
	if err := s.idx.Lost(ctx, h); err != nil {
		return err
	}
	s.remove(s.dataPath(h))
	s.remove(s.treePath(h))
	return nil
}

// Recheck looks at the blobs that were in place in a file which has changed, or
// has gone. Those that aren't there any more are lost.
func (s *Store) Recheck(ctx context.Context, path string) error {
	hs, err := s.idx.InPlaceAt(ctx, path)
	if err != nil {
		return fmt.Errorf("recheck file: %w", err)
	}
	for _, h := range hs {
		r, err := s.open(ctx, h)
		if err == nil {
			_ = r.Close()
		} else if !errors.Is(err, ErrLost) && !errors.Is(err, ErrNotFound) {
			return fmt.Errorf("recheck file: %w", err)
		}
	}
	return nil
}
