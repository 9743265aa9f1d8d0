package carry

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"meadow/core/blob"
	"meadow/core/willow"
	"meadow/core/willow/drop"
)

// sliceGroups is how many groups a slice has that we write: 1 MiB. It is gathered
// before it is written, so that a payload can be left unfinished whose file changes
// meanwhile.
const sliceGroups = 64

// writing is a file that is being written.
type writing struct {
	*tally
	ctx context.Context // of the call of Write
	src Source
	out *written
	d   *drop.Writer
	buf bytes.Buffer // a slice
}

// Write writes a file of what the source has. It is whole if the error is nil;
// else it is of no use but to Read, up to where it ends. progress may be nil.
func Write(ctx context.Context, w io.Writer, src Source, what []What, progress func(Progress)) (Report, error) {
	r := Report{Profile: willow.MDN1.Name, Made: src.Made}
	for _, p := range what {
		r.Spaces = append(r.Spaces, SpaceReport{What: p, Name: src.Name(p.Namespace)})
	}
	out := &written{ctx: ctx, w: w}
	wr := &writing{tally: newTally(r, progress), ctx: ctx, src: src, out: out}
	err := wr.preamble()
	wr.d = drop.NewWriter(out, params())
	for i := 0; i < len(what) && err == nil; i++ {
		err = wr.part(what[i])
	}
	if err == nil {
		err = wr.d.Close()
	}
	wr.progress(out.n, true)
	if err != nil {
		return wr.r, fmt.Errorf("write a drop: %w", err)
	}
	return wr.r, nil
}

// preamble writes the header and all statements.
func (w *writing) preamble() error {
	b, err := appendHeader(nil, w.r)
	if err != nil {
		return err
	}
	for i, s := range w.r.Spaces {
		if w.space(s.Namespace) != i {
			continue
		}
		for _, raw := range w.src.Statements(s.Namespace) {
			if len(raw) > maxStatement {
				return fmt.Errorf("a statement of %d bytes", len(raw))
			}
			b = binary.BigEndian.AppendUint16(b, uint16(i))
			b = binary.BigEndian.AppendUint32(b, uint32(len(raw)))
			b = append(b, raw...)
			if len(b) < maxStatement {
				continue
			}
			if _, err := w.out.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err = w.out.Write(binary.BigEndian.AppendUint16(b, endOfSet))
	return err
}

func (w *writing) part(p What) error {
	i := w.space(p.Namespace)
	for a, err := range w.src.Entries(w.ctx, p) {
		if err == nil {
			err = w.ctx.Err()
		}
		if err != nil {
			return err
		}
		if a.Entry.Namespace != p.Namespace {
			return errors.New("an entry of another namespace than what was asked for")
		}
		n, err := w.entry(a)
		if err != nil {
			return err
		}
		w.count(i, func(c *Counts) {
			c.Entries++
			c.Bytes += n
			switch {
			case n < a.Entry.PayloadLength:
				c.Incomplete++
			case n > 0:
				c.Payloads++
			}
		})
		if w.src.Wrote != nil {
			w.src.Wrote(a.Entry, n)
		}
		w.progress(w.out.n, false)
	}
	return nil
}

// entry writes an entry, and says how much of its payload it has written.
func (w *writing) entry(a willow.Authorised) (n uint64, err error) {
	e, h := a.Entry, blob.Hash(a.Entry.PayloadDigest)
	switch {
	case e.PayloadLength == 0:
		return 0, w.d.Entry(a)
	case e.PayloadLength > blob.InlineLimit:
		return w.slices(a, h)
	}
	b, err := w.src.Blobs.ReadHeld(w.ctx, scopeOf(e), h, blob.InlineLimit)
	switch {
	case err != nil && !absent(err):
		return 0, err
	case err != nil || uint64(len(b)) != e.PayloadLength:
		return 0, w.d.Entry(a)
	}
	return e.PayloadLength, w.d.Whole(a, bytes.NewReader(b))
}

// absent reports whether a payload, or the rest of it, isn't here.
func absent(err error) bool {
	return errors.Is(err, blob.ErrNotFound) || errors.Is(err, blob.ErrLost) || errors.Is(err, blob.ErrTooLarge)
}

// slices is entry for a payload of more than one group.
func (w *writing) slices(a willow.Authorised, h blob.Hash) (n uint64, err error) {
	e := a.Entry
	held, err := w.src.Blobs.Has(w.ctx, scopeOf(e), h)
	if err != nil {
		return 0, err
	}
	if held {
		held, err = w.hasLength(h, e.PayloadLength)
	}
	if err != nil || !held {
		return 0, errors.Join(err, w.d.Entry(a))
	}
	if err := w.d.Begin(a); err != nil {
		return 0, err
	}
	count := blob.GroupCount(e.PayloadLength)
	for at := uint64(0); at < count; {
		run := blob.Run{Start: at, End: min(at+sliceGroups, count)}
		w.buf.Reset()
		if err := w.src.Blobs.ProvideSlice(w.ctx, &w.buf, h, run, at); absent(err) {
			return n, nil
		} else if err != nil {
			return n, err
		}
		if err := w.d.Slice(drop.Run(run), func(to io.Writer) error {
			_, err := to.Write(w.buf.Bytes())
			return err
		}); err != nil {
			return n, err
		}
		at = run.End
		n = min(at*blob.GroupSize, e.PayloadLength)
		w.progress(w.out.n, false)
	}
	return n, nil
}

// hasLength reports whether a blob that is here has this length: what is signed needn't
// be true.
func (w *writing) hasLength(h blob.Hash, length uint64) (bool, error) {
	r, err := w.src.Blobs.Open(w.ctx, h)
	if err != nil {
		if absent(err) {
			return false, nil
		}
		return false, err
	}
	return uint64(r.Size()) == length, r.Close()
}

// written counts what is written until a context ends.
type written struct {
	ctx context.Context // of the call of Write
	w   io.Writer
	n   int64
}

func (w *written) Write(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.w.Write(b)
	w.n += int64(n)
	return n, err
}
