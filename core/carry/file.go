package carry

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"meadow/core/blob"
	"meadow/core/willow"
	"meadow/core/willow/drop"
)

// file is one that is being read.
type file struct {
	*tally
	src  *source
	base int64 // where the drop begins
	d    *drop.Reader
}

// open reads the header.
func open(ctx context.Context, r io.Reader, progress func(Progress)) (*file, error) {
	f := &file{src: &source{ctx: ctx, r: r}}
	var head [len(magic) + 4]byte
	n, err := io.ReadFull(f.src, head[:])
	switch {
	case f.src.err != nil:
		return f, f.damaged(0, err)
	case !bytes.HasPrefix(head[:n], []byte(family)):
		return f, ErrNotDrop
	case n > len(family) && !bytes.HasPrefix([]byte(magic), head[:min(n, len(magic))]):
		return f, ErrNewer
	case err != nil:
		return f, f.damaged(0, err)
	}
	length := binary.BigEndian.Uint32(head[len(magic):])
	if length > maxHeader {
		return f, f.damaged(int64(len(magic)), errors.New("a header that is too long"))
	}
	b := make([]byte, length+hashSize)
	if _, err := io.ReadFull(f.src, b); err != nil {
		return f, f.damaged(int64(len(magic)), err)
	}
	if !bytes.Equal(headerHash(b[:length]), b[length:]) {
		return f, f.damaged(int64(len(magic)), errors.New("the header isn't what was written"))
	}
	report, err := decodeHeader(b[:length])
	if err != nil {
		return f, f.damaged(int64(len(magic)), err)
	}
	f.tally = newTally(report, progress)
	return f, nil
}

// damaged is about the item that begins at a place. What the medium said is told as
// it is.
func (f *file) damaged(at int64, err error) error {
	switch {
	case f.src.ctx.Err() != nil:
		return f.src.ctx.Err()
	case f.src.err != nil:
		return &PlaceError{at, f.src.err}
	case errors.Is(err, ErrNewer):
		return err
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return &PlaceError{at, fmt.Errorf("%w: %w", ErrDamaged, err)}
}

// statements reads all of them, and gives them to add by space, some at a time.
func (f *file) statements(add func(space int, at int64, raw [][]byte) error) error {
	var (
		raw   [][]byte
		from  int
		place int64
		size  int
	)
	flush := func() error {
		if len(raw) == 0 {
			return nil
		}
		err := add(from, place, raw)
		raw, size = nil, 0
		return err
	}
	for {
		at := f.src.n
		i, b, err := f.statement()
		if err != nil {
			return errors.Join(flush(), f.damaged(at, err))
		}
		if i != from || size+len(b) > maxStatement || i == nowhere {
			if err := flush(); err != nil {
				return err
			}
		}
		if i == nowhere {
			f.base = f.src.n
			f.d = drop.NewReader(f.src.reader(), params())
			return nil
		}
		if len(raw) == 0 {
			from, place = i, at
		}
		raw = append(raw, b)
		size += len(b) + 64
	}
}

// statement reads one of them; space is nowhere behind the last one.
func (f *file) statement() (space int, b []byte, err error) {
	var head [4]byte
	if _, err := io.ReadFull(f.src, head[:2]); err != nil {
		return 0, nil, err
	}
	i := binary.BigEndian.Uint16(head[:])
	switch {
	case i == endOfSet:
		return nowhere, nil, nil
	case int(i) >= len(f.r.Spaces):
		return 0, nil, errors.New("a statement of a space that isn't in the header")
	}
	if _, err := io.ReadFull(f.src, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > maxStatement {
		return 0, nil, errors.New("a statement that is too long")
	}
	b, err = io.ReadAll(io.LimitReader(f.src, int64(n)))
	if err == nil && len(b) < int(n) {
		err = io.ErrUnexpectedEOF
	}
	return int(i), b, err
}

// next returns the next entry and where it is. The error is io.EOF alone behind the
// last one.
func (f *file) next() (a willow.Authorised, m drop.Mode, at int64, err error) {
	a, m, err = f.d.Next()
	at = f.base + f.d.Offset()
	f.progress(at, false)
	if err == nil {
		f.count(f.space(a.Entry.Namespace), func(c *Counts) { c.Entries++ })
		return a, m, at, nil
	}
	if err == io.EOF { //nolint:errorlint // one that wraps it is another
		last, failed := f.d.Last()
		if last {
			return a, m, at, io.EOF
		}
		err = cmp.Or(failed, errors.New("bytes behind the end"))
	}
	return a, m, at, f.damaged(at, err)
}

// source reads until a context ends, counts, and keeps errors of what it reads.
type source struct {
	ctx context.Context // of the call of Read or Show
	r   io.Reader
	n   int64
	err error
}

func (s *source) Read(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.r.Read(b)
	s.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// reader returns what the drop is read from: an io.Seeker if that is one.
func (s *source) reader() io.Reader {
	if seeker, ok := s.r.(io.Seeker); ok {
		return struct {
			io.Reader
			io.Seeker
		}{s, seeker}
	}
	return s
}

// Show says what is in a file, and verifies nothing of it. each is called for every
// entry of a namespace that the header names, with how many bytes of its payload there
// are, and with those themselves if they are one group, raw; it may be nil.
func Show(ctx context.Context, r io.Reader, each func(e willow.Entry, have uint64, payload []byte)) (Report, error) {
	f, err := open(ctx, r, nil)
	if err == nil {
		err = f.statements(func(int, int64, [][]byte) error { return nil })
	}
	for err == nil {
		err = f.show(each)
	}
	return f.end(err)
}

// end is what a call returns that read the file.
func (f *file) end(err error) (Report, error) {
	var r Report
	if f.tally != nil {
		r = f.r
		at := f.src.n
		if f.d != nil {
			at = f.base + f.d.Offset()
		}
		f.progress(at, true)
	}
	if err == nil || err == io.EOF { //nolint:errorlint // one that wraps it is another
		return r, nil
	}
	return r, fmt.Errorf("read a drop: %w", err)
}

func (f *file) show(each func(e willow.Entry, have uint64, payload []byte)) error {
	a, m, _, err := f.next()
	if err != nil {
		return err
	}
	have, payload := uint64(0), []byte(nil)
	if m == drop.Whole {
		have = a.Entry.PayloadLength
		if have <= blob.InlineLimit {
			payload, _ = io.ReadAll(f.d.Payload()) // if that fails Next says why
			have = uint64(len(payload))
		}
	}
	for m >= drop.First {
		run, _, ok, err := f.d.Slice()
		if err != nil || !ok {
			break // Next says why
		}
		have += min(run.End*blob.GroupSize, a.Entry.PayloadLength) - run.Start*blob.GroupSize
	}
	f.count(f.space(a.Entry.Namespace), func(c *Counts) {
		c.Bytes += have
		switch {
		case have < a.Entry.PayloadLength:
			c.Incomplete++
		case have > 0:
			c.Payloads++
		}
	})
	if each != nil && f.space(a.Entry.Namespace) != nowhere {
		each(a.Entry, have, payload)
	}
	return nil
}
