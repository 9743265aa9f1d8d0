package blob

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A slice is what travels: a part of a blob with the proof that it is one.
//
//	8 bytes    length of the blob, little-endian
//	then, in pre-order, for each node with any of the groups asked for below it:
//	64 bytes   a parent: the chaining values of its left and its right child
//	           (32 bytes each), then the left node, then the right one
//	1-16384    a group: its bytes
//
// A blob of one group has no parents, the empty blob just the length. Of groups
// beyond the end the last group is sent instead. For all groups this is a bao
// encoding with groups of 2^4 chunks, and what iroh-blobs answers a request of
// whole groups with.

// sliceHeader is the length of what precedes the first node.
const sliceHeader = 8

// sliceSource is where the nodes of a slice come from.
type sliceSource interface {
	// parent returns the node over [start, end), which has the chaining value
	// want, checked against that.
	parent(start, mid, end uint64, want cv, root bool) (node, error)
	// group returns the bytes of group g until the next call.
	group(g uint64, want cv, root bool) ([]byte, error)
}

// sliceWriter writes a slice. w should be buffered.
type sliceWriter struct {
	w     io.Writer
	src   sliceSource
	asked Groups // within the blob
	after uint64 // parents that begin before this group have been sent
	buf   []byte
}

func writeSlice(ctx context.Context, w io.Writer, src sliceSource, h Hash, length uint64, asked Groups) error {
	sw := &sliceWriter{w: w, src: src, asked: asked.within(GroupCount(length)), buf: make([]byte, 0, nodeSize)}
	if _, err := w.Write(binary.LittleEndian.AppendUint64(sw.buf, length)); err != nil {
		return err
	}
	return sw.node(ctx, 0, GroupCount(length), decodeCV(h[:]), true)
}

func (w *sliceWriter) node(ctx context.Context, start, end uint64, want cv, root bool) error {
	if !w.asked.overlaps(start, end) {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if end-start == 1 {
		b, err := w.src.group(start, want, root)
		if err == nil {
			_, err = w.w.Write(b)
		}
		return err
	}
	mid := split(start, end)
	p, err := w.src.parent(start, mid, end, want, root)
	if err != nil {
		return err
	}
	if start >= w.after {
		if _, err := w.w.Write(p.append(w.buf)); err != nil {
			return err
		}
	}
	if err := w.node(ctx, start, mid, p.left, false); err != nil {
		return err
	}
	return w.node(ctx, mid, end, p.right, false)
}

// sliceSink is where the nodes of a slice go.
type sliceSink interface {
	// parent takes a node that has been verified.
	parent(start, mid, end uint64, p *node)
	// space returns room for group g, which hasn't been verified.
	space(g uint64) (*[GroupSize]byte, error)
	// verified is called after space when the first n bytes there are group g.
	verified(g uint64, n int) error
}

// sliceReader reads a slice and verifies it.
type sliceReader struct {
	r      *bufio.Reader
	sink   sliceSink
	length uint64
	asked  Groups  // within the blob
	later  *[]part // if not nil, takes the subtrees behind all that was asked for
	last   bool    // the last group has been verified, and so has the length
}

// readLength reads the header of a slice. A peer that has nothing to send ends
// the stream before it: ErrNotFound.
func readLength(r io.Reader) (uint64, error) {
	var b [sliceHeader]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		if errors.Is(err, io.EOF) {
			err = ErrNotFound
		}
		return 0, fmt.Errorf("read slice: %w", err)
	}
	return binary.LittleEndian.Uint64(b[:]), nil
}

// read reads what follows the header of a slice of the blob h, which is claimed
// to be length bytes long, of the groups that were asked for.
func (r *sliceReader) read(ctx context.Context, h Hash) error {
	n := GroupCount(r.length)
	if n == 0 {
		r.last = h == sum(nil)
		if !r.last {
			return fmt.Errorf("%w: peer says that the blob is empty", ErrCorrupt)
		}
		return nil
	}
	r.asked = r.asked.within(n)
	return r.node(ctx, 0, n, decodeCV(h[:]), true)
}

func (r *sliceReader) node(ctx context.Context, start, end uint64, want cv, root bool) error {
	if !r.asked.overlaps(start, end) {
		if r.later != nil && start >= r.asked.runs[0].End {
			*r.later = append(*r.later, part{start, end, want, root})
		}
		return nil
	}
	if end-start == 1 {
		if err := ctx.Err(); err != nil {
			return err
		}
		return r.group(start, want, root)
	}
	var b [nodeSize]byte
	if err := r.full(b[:]); err != nil {
		return err
	}
	p := decodeNode(&b)
	if p.chain(root) != want {
		return fmt.Errorf("%w: node over groups %d to %d", ErrCorrupt, start, end-1)
	}
	mid := split(start, end)
	r.sink.parent(start, mid, end, &p)
	if err := r.node(ctx, start, mid, p.left, false); err != nil {
		return err
	}
	return r.node(ctx, mid, end, p.right, false)
}

func (r *sliceReader) group(g uint64, want cv, root bool) error {
	buf, err := r.sink.space(g)
	if err != nil {
		return err
	}
	n := groupLength(g, r.length)
	if err := r.full(buf[:n]); err != nil {
		return err
	}
	if chain(groupNode(buf, n, g), root) != want {
		return fmt.Errorf("%w: group %d", ErrCorrupt, g)
	}
	if g == GroupCount(r.length)-1 {
		r.last = true
	}
	return r.sink.verified(g, n)
}

// full fills b. That the stream ends early is the connection's failing, or the
// peer's, but says nothing about the bytes: io.ErrUnexpectedEOF.
func (r *sliceReader) full(b []byte) error {
	_, err := io.ReadFull(r.r, b)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("read slice: %w", err)
	}
	return nil
}

// groupLength returns the length of group g of a blob.
func groupLength(g, length uint64) int {
	return int(min(length-g*GroupSize, GroupSize))
}
