package drop

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"meadow/core/willow"
)

// Writer writes a drop. It must be closed, and written no more after an error,
// which every later call returns too.
type Writer struct {
	w    *bufio.Writer
	p    Params
	prev willow.Authorised
	buf  []byte
	end  uint64 // of the last slice of prev
	mode Mode   // of prev
	err  error
}

// NewWriter returns a Writer of a drop to w.
func NewWriter(w io.Writer, p Params) *Writer {
	return &Writer{w: bufio.NewWriterSize(w, 64<<10), p: p, prev: p.Profile.Default()}
}

// Entry writes an entry without anything of its payload.
func (w *Writer) Entry(a willow.Authorised) error { return w.entry(a, Nothing) }

// Whole writes an entry and all of its payload, which is read from payload.
func (w *Writer) Whole(a willow.Authorised, payload io.Reader) error {
	if err := w.entry(a, Whole); err != nil {
		return err
	}
	n, err := io.Copy(w.w, io.LimitReader(payload, int64(a.Entry.PayloadLength)))
	if err == nil && uint64(n) < a.Entry.PayloadLength {
		err = io.ErrUnexpectedEOF
	}
	return w.fail(err)
}

// Begin writes an entry whose slices come next, by calls of Slice. There may be
// none.
func (w *Writer) Begin(a willow.Authorised) error { return w.entry(a, Several) }

// Slice writes a slice of the last entry, whose runs ascend. stream writes its
// bytes, as many as the parameters say.
func (w *Writer) Slice(run Run, stream func(io.Writer) error) error {
	length := w.prev.Entry.PayloadLength
	switch {
	case w.err != nil:
		return w.err
	case w.mode != Several || !w.p.runIn(run, w.end, length):
		return w.fail(fmt.Errorf("groups %d to %d can't follow group %d of %d bytes", run.Start, run.End, w.end, length))
	}
	offset, n := run.Start-w.end, run.End-run.Start
	b := append(w.buf[:0], sliceBit|willow.CompactTag(offset, 3)<<4|willow.CompactTag(n, 4))
	b = willow.AppendCompact(b, offset, 3)
	w.buf = willow.AppendCompact(b, n, 4)
	if _, err := w.w.Write(w.buf); err != nil {
		return w.fail(err)
	}
	c := &counter{w: w.w, left: w.p.Slices.Length(length, run, w.end)}
	err := stream(c)
	if err == nil && c.left > 0 {
		err = fmt.Errorf("a slice is %d bytes too short", c.left)
	}
	w.end = run.End
	return w.fail(err)
}

// Close writes the end. It doesn't close what is written to.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	if err := w.w.WriteByte(end); err != nil {
		return w.fail(err)
	}
	if err := w.fail(w.w.Flush()); err != nil {
		return err
	}
	w.err = errors.New("the drop is closed")
	return nil
}

func (w *Writer) fail(err error) error {
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("write drop: %w", err)
	}
	return w.err
}

func (w *Writer) entry(a willow.Authorised, m Mode) error {
	if w.err != nil {
		return w.err
	}
	e := a.Entry
	switch {
	case m == Several && w.p.Slices == nil:
		return w.fail(ErrSlices)
	case m != Nothing && e.PayloadLength > maxPayload:
		return w.fail(fmt.Errorf("a payload of %d bytes", e.PayloadLength))
	}
	b, err := w.p.Tokens.Append(w.appendEntry(w.buf[:0], e, m), a.Token, e, w.prev)
	if err != nil {
		return w.fail(err)
	}
	w.buf, w.prev, w.mode, w.end = b, a, m, 0
	_, err = w.w.Write(b)
	return w.fail(err)
}

func (w *Writer) appendEntry(b []byte, e willow.Entry, m Mode) []byte {
	prev, t := w.prev.Entry, uint64(e.Timestamp)
	head := entryBits | willow.CompactTag(t, 2)<<2 | byte(m)
	if e.Namespace != prev.Namespace {
		head |= entryNamespace
	}
	if e.Subspace != prev.Subspace {
		head |= entrySubspace
	}
	b = append(b, head)
	if head&entryNamespace != 0 {
		b = append(b, e.Namespace[:]...)
	}
	if head&entrySubspace != 0 {
		b = append(b, e.Subspace[:]...)
	}
	b = willow.AppendPathRelative(b, e.Path, prev.Path)
	b = willow.AppendCompact(b, t, 2)
	b = willow.AppendStandalone(b, e.PayloadLength)
	return append(b, e.PayloadDigest[:]...)
}

// counter lets as many bytes through as a slice has.
type counter struct {
	w    io.Writer
	left uint64
}

func (c *counter) Write(b []byte) (int, error) {
	if uint64(len(b)) > c.left {
		return 0, errors.New("a slice is too long")
	}
	n, err := c.w.Write(b)
	c.left -= uint64(n)
	return n, err
}
