package blob

import (
	"errors"
	"io"
	"os"
)

// outboardMin is the length in bytes above which a blob's tree is kept in a
// file. To make the tree of a shorter one again costs less than a file.
const outboardMin = 1 << 20

// pageNodes is how many nodes a page of an outboard has: those of 16 MiB.
const pageNodes = 1024

// outboard holds the parent nodes of a blob's tree, so that slices can be made
// without hashing it again. The file is a cache: it may be cut short or damaged
// by a crash, so whoever reads a node checks it against its parent, and makes
// the outboard anew if it doesn't fit.
//
// There is one parent for each boundary between groups, the one that divides
// there: the node that splits before group m is at 64 * (m - 1), left chaining
// value first. So places don't depend on the length, and nearly all nodes of
// nearby groups are on the same page; those that aren't, one in a thousand, are
// read and written one by one.
type outboard struct {
	open  func() (*os.File, error) // opens or makes the file, when it is first needed; nil: no file
	file  *os.File
	page  []byte
	first uint64 // the node that the page begins with
	dirty bool
	err   error // the first failure to write
}

// newOutboard returns an outboard without a file for blobs of at most
// outboardMin bytes if open is nil, else one that is in that file.
func newOutboard(open func() (*os.File, error)) *outboard {
	nodes := uint64(pageNodes)
	if open == nil {
		nodes = GroupCount(outboardMin)
	}
	return &outboard{open: open, page: make([]byte, nodes*nodeSize)}
}

// find returns where in the page the node that splits [start, end) at mid is,
// and turns to that page if most of its neighbours are there.
func (o *outboard) find(start, mid, end uint64) (at int, ok bool, err error) {
	k := mid - 1
	nodes := uint64(len(o.page) / nodeSize)
	if k-o.first >= nodes || k < o.first {
		if o.open == nil || end-start > pageNodes {
			return 0, false, nil
		}
		if err := o.turn(k / nodes * nodes); err != nil {
			return 0, false, err
		}
	}
	return int(k-o.first) * nodeSize, true, nil
}

// turn writes the page, if need be, and reads the one that begins with node
// first. What isn't in the file reads as zeros.
func (o *outboard) turn(first uint64) error {
	if err := o.flush(); err != nil {
		return err
	}
	n := 0
	if o.file != nil {
		var err error
		n, err = o.file.ReadAt(o.page, int64(first)*nodeSize)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	clear(o.page[n:])
	o.first = first
	return nil
}

// set stores the node over [start, end) that splits at mid. A failure is kept
// for flush to return.
func (o *outboard) set(start, mid, end uint64, p *node) {
	at, ok, err := o.find(start, mid, end)
	if err == nil && ok {
		p.append(o.page[at : at : at+nodeSize])
		o.dirty = true
		return
	}
	if err == nil && o.open != nil {
		err = o.write(p.append(make([]byte, 0, nodeSize)), mid-1)
	}
	if o.err == nil {
		o.err = err
	}
}

// get returns the node over [start, end) that splits at mid, or what is in its
// place.
func (o *outboard) get(start, mid, end uint64) (node, error) {
	at, ok, err := o.find(start, mid, end)
	if err != nil {
		return node{}, err
	}
	var b [nodeSize]byte
	if ok {
		copy(b[:], o.page[at:])
	} else if o.file != nil {
		if _, err := o.file.ReadAt(b[:], int64(mid-1)*nodeSize); err != nil && !errors.Is(err, io.EOF) {
			return node{}, err
		}
	}
	return decodeNode(&b), nil
}

func (o *outboard) write(b []byte, first uint64) error {
	if o.file == nil {
		f, err := o.open()
		if err != nil {
			return err
		}
		o.file = f
	}
	_, err := o.file.WriteAt(b, int64(first)*nodeSize)
	return err
}

// flush writes what hasn't been written yet, if there is a file. It doesn't
// fsync: see the type.
func (o *outboard) flush() error {
	if o.err == nil && o.dirty && o.open != nil {
		o.err = o.write(o.page, o.first)
	}
	o.dirty = false
	return o.err
}

// close closes the file without writing anything.
func (o *outboard) close() {
	if o != nil && o.file != nil {
		_ = o.file.Close()
	}
}
