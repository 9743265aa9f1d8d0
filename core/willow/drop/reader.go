package drop

import (
	"errors"
	"fmt"
	"io"

	"meadow/core/willow"
)

// maxHead bounds what precedes the payload of an entry: the longest path, and a
// token that was handed on many times.
const maxHead = 1 << 20

// Reader reads a drop. After an error every call returns it again. An error that
// wraps [io.ErrUnexpectedEOF] says that the drop is cut off, one that wraps
// [willow.ErrEncoding] or the tokens' error that it isn't one; others are of what is
// read from.
type Reader struct {
	r      io.Reader
	p      Params
	buf    []byte // read, and not yet taken: buf[at:]
	at     int
	offset int64 // of buf[at] in the stream
	item   int64 // of the last entry
	prev   willow.Authorised
	mode   Mode
	first  bool   // of mode First: the slice hasn't been asked for yet
	end    uint64 // of the last slice
	left   uint64 // bytes of payload or slice that have yet to be read
	err    error
}

// NewReader returns a Reader of a drop that begins with r's next byte. It reads
// ahead. If r is an [io.Seeker], long payloads that nobody reads are skipped by it.
func NewReader(r io.Reader, p Params) *Reader {
	return &Reader{r: r, p: p, buf: make([]byte, 0, 32<<10), prev: p.Profile.Default()}
}

// Offset returns where the entry is that Next returned last, or failed to read, in
// bytes from where the drop begins.
func (r *Reader) Offset() int64 { return r.item }

// Next returns the next entry, and what of its payload is there. The token isn't
// verified. What wasn't read of the entry before is skipped. At the end of the drop
// the error is io.EOF alone.
func (r *Reader) Next() (willow.Authorised, Mode, error) {
	for r.err == nil && r.mode >= First {
		if _, _, ok, _ := r.Slice(); !ok {
			break
		}
	}
	if r.skip(); r.err == nil {
		r.item = r.offset
	}
	var a willow.Authorised
	var m Mode
	last := false
	r.decode(func(b []byte) (rest []byte, err error) {
		if len(b) > 0 && b[0] == end {
			last = true
			return b[1:], nil
		}
		a, m, rest, err = r.entry(b)
		return rest, err
	})
	if r.err == nil && last {
		r.err = io.EOF
	}
	if r.err == nil && m != Nothing {
		m = r.begin(a.Entry, m)
	}
	if r.err != nil {
		return willow.Authorised{}, 0, r.err
	}
	r.prev, r.mode = a, m
	return a, m, nil
}

// Last reports whether nothing follows the drop, once Next has returned io.EOF. It reads
// on to find that out.
func (r *Reader) Last() (bool, error) {
	if r.at < len(r.buf) {
		return false, nil
	}
	err := r.more()
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return true, nil
	}
	return false, err
}

// begin prepares what follows an entry, and returns what that is: an entry that is told
// to have slices may have none.
func (r *Reader) begin(e willow.Entry, m Mode) Mode {
	none, long := r.p.Slices == nil, e.PayloadLength > maxPayload
	switch {
	case m == Several && (none || long) && !r.slices():
		return Nothing
	case m >= First && none:
		r.fail(ErrSlices)
	case long:
		r.fail(malformed("a payload of %d bytes", e.PayloadLength))
	case m == Whole:
		r.left = e.PayloadLength
	}
	r.first, r.end = m == First, 0
	return m
}

// slices reports whether the next byte is a slice's.
func (r *Reader) slices() (is bool) {
	r.decode(func(b []byte) (rest []byte, err error) {
		if len(b) == 0 {
			return nil, willow.ErrTruncated
		}
		is = b[0]&sliceBit != 0
		return b, nil
	})
	return is
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", willow.ErrEncoding, fmt.Sprintf(format, args...))
}

// entry reads what precedes a payload from the front of b.
func (r *Reader) entry(b []byte) (a willow.Authorised, m Mode, rest []byte, err error) {
	if len(b) == 0 {
		return a, 0, nil, willow.ErrTruncated
	}
	head, e := b[0], r.prev.Entry
	if head&entryMask != entryBits {
		return a, 0, nil, malformed("neither an entry nor the end")
	}
	b = b[1:]
	if head&entryNamespace != 0 {
		if b, err = differing((*[32]byte)(&e.Namespace), b); err != nil {
			return a, 0, nil, err
		}
	}
	if head&entrySubspace != 0 {
		if b, err = differing((*[32]byte)(&e.Subspace), b); err != nil {
			return a, 0, nil, err
		}
	}
	if e.Path, b, err = willow.DecodePathRelativeAny(b, e.Path); err != nil {
		return a, 0, nil, err
	}
	t, b, err := willow.DecodeCompact(b, head>>2&3, 2, false)
	if err != nil {
		return a, 0, nil, err
	}
	e.Timestamp = willow.Timestamp(t)
	if e.PayloadLength, b, err = willow.DecodeStandalone(b, false); err != nil {
		return a, 0, nil, err
	}
	if len(b) < len(e.PayloadDigest) {
		return a, 0, nil, willow.ErrTruncated
	}
	b = b[copy(e.PayloadDigest[:], b):]
	token, rest, err := r.p.Tokens.Decode(b, e, r.prev)
	return willow.Authorised{Entry: e, Token: token}, Mode(head & entryMode), rest, err
}

// differing reads an id that isn't the one before.
func differing(id *[32]byte, b []byte) (rest []byte, err error) {
	if len(b) < len(id) {
		return nil, willow.ErrTruncated
	}
	before := *id
	if rest = b[copy(id[:], b):]; *id == before {
		return nil, malformed("the same id again")
	}
	return rest, nil
}

// Payload returns the payload of an entry of mode [Whole], to be read before the
// next call of Next. It ends with io.EOF when it has been read to its end.
func (r *Reader) Payload() io.Reader { return part{r} }

// Slice returns the next slice of an entry of mode [First] or [Several]: its groups
// and its bytes, to be read before the next call of Next or Slice. ok is false if
// there is none left.
func (r *Reader) Slice() (run Run, stream io.Reader, ok bool, err error) {
	r.skip()
	if r.mode < First || r.mode == First && !r.first || r.err != nil {
		return Run{}, nil, false, r.err
	}
	before := r.end
	r.decode(func(b []byte) (rest []byte, err error) {
		if run, rest, err = r.run(b); err == nil && run != (Run{}) && !r.p.runIn(run, before, r.prev.Entry.PayloadLength) {
			err = malformed("groups %d to %d of %d bytes", run.Start, run.End, r.prev.Entry.PayloadLength)
		}
		return rest, err
	})
	if r.err != nil || run == (Run{}) {
		return Run{}, nil, false, r.err
	}
	r.first, r.end = false, run.End
	r.left = r.p.Slices.Length(r.prev.Entry.PayloadLength, run, before)
	return run, part{r}, true, nil
}

// run reads what precedes a slice; it is the zero one if there is none.
func (r *Reader) run(b []byte) (run Run, rest []byte, err error) {
	if r.mode == First {
		run.End, rest, err = willow.DecodeStandalone(b, false)
		if err == nil && run.End == 0 {
			err = malformed("an empty slice")
		}
		return run, rest, err
	}
	if len(b) == 0 {
		return run, nil, willow.ErrTruncated
	}
	head := b[0]
	if head&sliceBit == 0 {
		return run, b, nil
	}
	offset, rest, err := willow.DecodeCompact(b[1:], head>>4&7, 3, false)
	if err != nil {
		return run, nil, err
	}
	n, rest, err := willow.DecodeCompact(rest, head&0xf, 4, false)
	if err != nil {
		return run, nil, err
	}
	run.Start = r.end + offset
	run.End = run.Start + n
	if run.Start < r.end || run.End <= run.Start {
		return run, nil, malformed("an empty slice, or one beyond all others")
	}
	return run, rest, nil
}

// decode calls f with ever more of what comes next, as long as that is truncated,
// and takes what f has read.
func (r *Reader) decode(f func(b []byte) (rest []byte, err error)) {
	for r.err == nil {
		rest, err := f(r.buf[r.at:])
		if err == nil {
			r.take(len(r.buf) - r.at - len(rest))
			return
		}
		if !errors.Is(err, willow.ErrTruncated) {
			r.fail(err)
		} else if len(r.buf)-r.at >= maxHead {
			r.fail(malformed("more than %d bytes before a payload", maxHead))
		} else {
			r.fail(r.more())
		}
	}
}

func (r *Reader) fail(err error) {
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("read drop: %w", err)
	}
}

func (r *Reader) take(n int) {
	r.at += n
	r.offset += int64(n)
}

// more reads more into buf, which grows if it is full.
func (r *Reader) more() error {
	if r.at > 0 {
		r.buf = r.buf[:copy(r.buf, r.buf[r.at:])]
		r.at = 0
	}
	if len(r.buf) == cap(r.buf) {
		bigger := make([]byte, len(r.buf), 2*cap(r.buf))
		copy(bigger, r.buf)
		r.buf = bigger
	}
	n, err := io.ReadAtLeast(r.r, r.buf[len(r.buf):cap(r.buf)], 1)
	r.buf = r.buf[:len(r.buf)+n]
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// part is the payload or slice under way.
type part struct{ r *Reader }

func (p part) Read(b []byte) (n int, err error) {
	r := p.r
	switch {
	case r.err != nil:
		return 0, r.err
	case r.left == 0:
		return 0, io.EOF
	}
	b = b[:min(uint64(len(b)), r.left)]
	if n = copy(b, r.buf[r.at:]); n > 0 {
		r.take(n)
	} else if n, err = r.r.Read(b); n > 0 {
		r.offset += int64(n)
		err = nil
	}
	if r.left -= uint64(n); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		r.fail(err)
		return n, r.err
	}
	return n, nil
}

// skip skips what is left of the payload or slice under way.
func (r *Reader) skip() {
	n := min(r.left, uint64(len(r.buf)-r.at))
	r.take(int(n))
	r.left -= n
	if s, ok := r.r.(io.Seeker); ok && r.err == nil && r.left > uint64(cap(r.buf)) {
		// The last byte is read: one can seek to behind an end.
		if _, err := s.Seek(int64(r.left-1), io.SeekCurrent); err == nil { // of a pipe it isn't possible
			r.offset += int64(r.left - 1)
			r.left = 1
		}
	}
	if r.left > 0 {
		_, _ = io.Copy(io.Discard, part{r}) // its error is r.err
	}
}
