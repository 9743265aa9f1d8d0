package blob

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Provide writes the slice of a complete blob that has the groups asked for; see
// slice.go for the bytes. Groups beyond the end, such as LastGroup, stand for
// the last one. Whether the peer may have it was the caller's to decide.
//
// The errors are those of Open, and w's; nothing has been written if it is
// ErrNotFound. What is sent of a file in place is checked before it is: ErrLost,
// in the midst of the slice, if the file has changed.
func (s *Store) Provide(ctx context.Context, w io.Writer, h Hash, asked Groups) error {
	return s.provide(ctx, w, h, func(w io.Writer, p *provider) error {
		return writeSlice(ctx, w, p, h, p.r.row.Length, asked)
	})
}

// provide calls write with the source of slices of a complete blob.
func (s *Store) provide(ctx context.Context, w io.Writer, h Hash, write func(io.Writer, *provider) error) error {
	r, err := s.open(ctx, h)
	if err != nil {
		return err
	}
	defer r.Close() // what was sent has been checked
	p := &provider{ctx: ctx, store: s, r: r, hash: h}
	defer func() { p.tree.close() }()
	if GroupCount(r.row.Length) > 1 {
		if err := p.load(); err != nil {
			return fmt.Errorf("provide blob: %w", err)
		}
	}
	bw := bufio.NewWriterSize(w, min(blockSize, 2*GroupSize+int(min(r.row.Length, blockSize))))
	err = write(bw, p)
	if err == nil {
		err = bw.Flush()
	}
	if err != nil {
		return fmt.Errorf("provide blob: %w", err)
	}
	return nil
}

// provider is a sliceSource.
type provider struct {
	ctx    context.Context // of the one call of Provide that it is for
	store  *Store
	r      *reader
	hash   Hash
	tree   *outboard
	fresh  bool // tree was made from the bytes by us
	window []byte
	from   uint64 // the group that window begins with
}

// load opens the tree, or makes it if there is none.
func (p *provider) load() error {
	if p.r.row.Length > outboardMin {
		f, err := os.Open(p.store.treePath(p.hash))
		if err == nil {
			p.tree = newOutboard(func() (*os.File, error) { return nil, fs.ErrPermission })
			p.tree.file = f
			return p.tree.turn(0)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return p.rebuild()
}

// rebuild makes the tree from the bytes.
func (p *provider) rebuild() error {
	p.tree.close()
	p.fresh = true
	large := p.r.row.Length > outboardMin
	if large {
		p.tree = newOutboard(p.store.temp)
	} else {
		p.tree = newOutboard(nil)
	}
	h, _, err := hashStream(p.ctx, p.r.section(), nil, p.tree)
	if err == nil {
		err = p.tree.flush()
	}
	if err == nil && h != p.hash {
		err = p.damaged()
	}
	if !large {
		return err
	}
	if err == nil {
		err = p.store.makeDir(p.hash)
	}
	if err == nil {
		err = os.Rename(p.tree.file.Name(), p.store.treePath(p.hash))
	}
	if err != nil && p.tree.file != nil {
		_ = os.Remove(p.tree.file.Name())
	}
	return err
}

// damaged takes note that the bytes aren't the blob's.
func (p *provider) damaged() error {
	if p.r.user != nil {
		return p.store.forgetPlace(p.ctx, p.hash, p.r.user.place)
	}
	defer p.store.lock(p.hash)()
	p.store.log.Error("a file of the blob store is damaged; the blob has to be fetched again", "blob", p.hash)
	return errors.Join(ErrLost, p.store.lose(p.ctx, p.hash))
}

func (p *provider) parent(start, mid, end uint64, want cv, root bool) (node, error) {
	n, err := p.tree.get(start, mid, end)
	if err != nil {
		return node{}, err
	}
	if n.chain(root) == want {
		return n, nil
	}
	if p.fresh { // the bytes changed since rebuild read them
		return node{}, p.damaged()
	}
	if err := p.rebuild(); err != nil {
		return node{}, err
	}
	return p.parent(start, mid, end, want, root)
}

func (p *provider) group(g uint64, want cv, root bool) ([]byte, error) {
	n := groupLength(g, p.r.row.Length)
	at := (g - p.from) * GroupSize
	if g < p.from || at >= uint64(len(p.window)) {
		if err := p.read(g); err != nil {
			return nil, err
		}
		at = 0
	}
	b := p.window[at:][:n]
	if p.r.user == nil && !p.fresh {
		return b, nil // the store's own: the receiver checks it
	}
	if chain(groupNode((*[GroupSize]byte)(b[:GroupSize]), n, g), root) != want {
		return nil, p.damaged()
	}
	return b, nil
}

// read fills the window from group g on.
func (p *provider) read(g uint64) error {
	if p.window == nil {
		p.window = make([]byte, min(GroupCount(p.r.row.Length), blockGroups)*GroupSize)
	}
	p.window = p.window[:cap(p.window)]
	left := p.r.row.Length - g*GroupSize
	n := min(left, uint64(len(p.window)))
	if _, err := p.r.ReadAt(p.window[:n], int64(g)*GroupSize); err != nil && !errors.Is(err, io.EOF) {
		return err
	} else if err != nil && n < left {
		return p.damaged() // it became shorter
	}
	p.window, p.from = p.window[:n], g
	return nil
}
