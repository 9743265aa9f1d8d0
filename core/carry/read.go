package carry

import (
	"bytes"
	"context"
	"errors"
	"io"

	"meadow/core/blob"
	"meadow/core/willow"
	"meadow/core/willow/drop"
)

// What is verified and stored at once is bounded in entries and in bytes, about.
// Longer payloads than bufferLimit go from the file straight to the blob store.
const (
	batchEntries = 512
	batchBytes   = 2 << 20
	bufferLimit  = 256 << 10
)

// reading is a file that is being taken in.
type reading struct {
	*file
	ctx   context.Context // of the call of Read
	dst   Target
	takes []Reason // of each space in the header
	batch []*item
	size  int // of the batch, in bytes
}

// item is an entry that is to be taken in.
type item struct {
	willow.Authorised
	at    int64
	space int
	known bool   // it is here
	live  bool   // it is here now
	fresh bool   // likewise, and it wasn't
	want  bool   // its payload is wanted, and not here yet
	here  bool   // its payload is here
	long  bool   // its payload is to be taken from the file, once it is live
	got   uint64 // bytes of its payload that came
	whole []byte
	parts []part
}

// part is a slice of a payload, or as much as there is of it.
type part struct {
	run   blob.Run
	bytes []byte
}

// Read takes in what a file has: of namespaces that the target takes, entries that
// are authorised. What is here already isn't verified again, nor read if r is an
// [io.Seeker], which must then begin where the file does; so it goes on quickly when
// it is called again after an error. Whatever the error, what came before it has
// been taken in, verified, and is in the report. Payloads that there is no room for
// are left out, and fetched from other devices as any that are missing. progress
// may be nil.
//
// Errors are ErrNotDrop, ErrNewer, ErrDamaged, ctx's, what reading r failed with (in
// a *PlaceError), or what the target's stores or rules failed with.
func Read(ctx context.Context, r io.Reader, dst Target, progress func(Progress)) (Report, error) {
	f, err := open(ctx, r, progress)
	rd := &reading{file: f, ctx: ctx, dst: dst}
	if err == nil {
		err = rd.prepare()
	}
	for err == nil {
		err = rd.entry()
	}
	if f.tally != nil && ctx.Err() == nil {
		if flushed := rd.flush(); flushed != nil {
			err = flushed
		}
	}
	rd.settle()
	return f.end(err)
}

// prepare asks which namespaces are taken, takes in their statements, and asks again
// where there were some.
func (r *reading) prepare() error {
	for i, s := range r.r.Spaces {
		if first := r.space(s.Namespace); first != i {
			r.takes = append(r.takes, r.takes[first])
			continue
		}
		r.takes = append(r.takes, r.dst.Rules.Takes(s.Namespace))
	}
	changed := make(map[int]bool) // by the first row of each namespace
	err := r.statements(func(i int, at int64, raw [][]byte) error {
		if r.takes[i] != "" {
			return nil
		}
		ns := r.r.Spaces[i].Namespace
		changed[r.space(ns)] = true
		err := r.dst.Rules.AddStatements(r.ctx, ns, raw)
		if errors.Is(err, ErrStatements) {
			r.refuse(r.space(ns), Statements, at, err)
			return nil
		}
		return err
	})
	for i := range changed {
		r.takes[i] = r.dst.Rules.Takes(r.r.Spaces[i].Namespace)
	}
	return err
}

// entry reads one entry, and what of its payload is wanted.
func (r *reading) entry() error {
	a, m, at, err := r.next()
	if err != nil {
		return err
	}
	i := &item{Authorised: a, at: at, space: r.space(a.Entry.Namespace)}
	if reason := r.refused(i); reason != "" {
		r.refuseEntry(i, reason, nil)
		return nil
	}
	if err := r.lookUp(i); err != nil {
		return err
	}
	if i.long = i.want && long(a.Entry.PayloadLength, m); i.want && !i.long {
		r.buffer(i, m)
	}
	r.batch = append(r.batch, i)
	r.size += 256 + len(i.Token.Capability) + len(i.Entry.Path.Key())
	if i.long || len(r.batch) >= batchEntries || r.size >= batchBytes {
		if err := r.flush(); err != nil {
			return err
		}
	}
	if !i.long || !i.live {
		return nil
	}
	err = r.stream(i, m)
	r.finish(i)
	return err
}

// long reports whether a payload goes from the file straight to the blob store.
func long(length uint64, m drop.Mode) bool {
	return m == drop.Whole && length > blob.InlineLimit || m >= drop.First && length > bufferLimit
}

// refused returns why an entry isn't taken in, as far as that can be told without
// verifying it.
func (r *reading) refused(i *item) Reason {
	if i.space == nowhere {
		return Outside
	}
	if reason := r.takes[i.space]; reason != "" {
		return reason
	}
	return r.dst.Rules.Accept(i.Entry)
}

func (r *reading) refuseEntry(i *item, reason Reason, err error) {
	r.count(i.space, func(c *Counts) { c.Refused++ })
	r.refuse(i.space, reason, i.at, err)
}

// lookUp finds out what is here of an entry.
func (r *reading) lookUp(i *item) error {
	e := i.Entry
	a, ok, err := r.dst.Entries.Get(r.ctx, e.Namespace, e.Subspace, e.Path)
	if err != nil {
		return err
	}
	i.known = ok && a.Entry == e
	if e.PayloadLength == 0 {
		i.here = true
		return nil
	}
	i.here, err = r.dst.Blobs.Has(r.ctx, scopeOf(e), blob.Hash(e.PayloadDigest))
	i.want = !i.here
	return err
}

// buffer reads a payload that isn't long, as much as there is of it.
func (r *reading) buffer(i *item, m drop.Mode) {
	if m == drop.Whole {
		b, err := io.ReadAll(r.d.Payload())
		if err == nil {
			i.whole = b
		}
		r.size += len(b)
		return
	}
	for m >= drop.First {
		run, stream, ok, err := r.d.Slice()
		if !ok || err != nil {
			return // next says why
		}
		b, err := io.ReadAll(stream)
		i.parts = append(i.parts, part{blob.Run(run), b})
		r.size += len(b)
		if err != nil {
			return
		}
	}
}

// stream takes in the payload of a live entry from the file.
func (r *reading) stream(i *item, m drop.Mode) error {
	var err error
	if m == drop.Whole {
		err = r.putWhole(i)
	} else {
		err = r.download(i, func() (blob.Run, io.Reader, bool) {
			run, stream, ok, err := r.d.Slice()
			return blob.Run(run), stream, ok && err == nil
		})
	}
	if _, _, _, failed := r.d.Slice(); failed != nil && !errors.Is(err, blob.ErrLocal) && r.ctx.Err() == nil {
		return nil // next says how the file failed
	}
	return err
}

// putWhole takes in a raw payload that is longer than we write them.
func (r *reading) putWhole(i *item) error {
	n, err := r.dst.Blobs.PutKnown(r.ctx, scopeOf(i.Entry), blob.Hash(i.Entry.PayloadDigest), r.d.Payload())
	if err == nil {
		r.came(i, n)
		i.here = true
	}
	return r.payloadError(i, err)
}

// download takes in slices. What came of them is kept, however it ends.
func (r *reading) download(i *item, next func() (blob.Run, io.Reader, bool)) error {
	e := i.Entry
	d, err := r.dst.Blobs.TakeOver(r.ctx, scopeOf(e), blob.Hash(e.PayloadDigest), e.PayloadLength)
	if err != nil {
		return r.payloadError(i, err)
	}
	had, _ := d.Progress()
	before := uint64(0)
	for !d.Done() && err == nil {
		run, stream, ok := next()
		if !ok {
			break
		}
		err = d.ReadSlice(r.ctx, stream, run, before)
		before = run.End
		r.progress(r.base+r.d.Offset()+int64(min(before*blob.GroupSize, e.PayloadLength)), false)
	}
	i.here = d.Done()
	if closed := d.Close(); err == nil {
		err = closed
	}
	have, _ := d.Progress()
	r.came(i, have-min(had, have))
	return r.payloadError(i, err)
}

func (r *reading) came(i *item, n uint64) {
	i.got += n
	r.count(i.space, func(c *Counts) { c.Bytes += n })
}

// payloadError counts what is wrong with a payload, and returns other errors.
func (r *reading) payloadError(i *item, err error) error {
	switch {
	case errors.Is(err, blob.ErrCorrupt), errors.Is(err, blob.ErrLength):
		r.refuse(i.space, Damaged, i.at, err)
	case isFull(err):
		r.refuse(i.space, NoRoom, i.at, err)
	case errors.Is(err, blob.ErrLost):
		// somebody else will fetch it
	default:
		return err
	}
	return nil
}

// finish counts and tells what became of the payload of a live entry.
func (r *reading) finish(i *item) {
	have := i.got
	if i.here {
		have = i.Entry.PayloadLength
	}
	r.dst.Rules.Took(r.ctx, i.Entry, i.fresh || i.got > 0, have)
	r.count(i.space, func(c *Counts) {
		switch {
		case !i.here:
			c.Incomplete++
		case i.want:
			c.Payloads++
		}
	})
}

// flush takes in the batch, but for the payload of the last item if it is long.
func (r *reading) flush() error {
	batch := r.batch
	r.batch, r.size = nil, 0
	batch, err := r.admit(batch)
	if err != nil {
		return err
	}
	for _, i := range batch {
		if !i.live || i.long {
			continue
		}
		if err == nil {
			err = r.takeParts(i)
		}
		r.finish(i)
	}
	return err
}

// settle leaves entries out of what was counted of which an error kept it from being
// known what becomes of them.
func (r *reading) settle() {
	if r.tally == nil {
		return
	}
	settle := func(c *Counts) { c.Entries = c.New + c.Known + c.Obsolete + c.Dead + c.Refused }
	settle(&r.r.Counts)
	for i := range r.r.Spaces {
		settle(&r.r.Spaces[i].Counts)
	}
}

// takeParts takes in the slices of a payload that isn't long.
func (r *reading) takeParts(i *item) error {
	if len(i.parts) == 0 {
		return nil
	}
	parts := i.parts
	err := r.download(i, func() (blob.Run, io.Reader, bool) {
		if len(parts) == 0 {
			return blob.Run{}, nil, false
		}
		p := parts[0]
		parts = parts[1:]
		return p.run, bytes.NewReader(p.bytes), true
	})
	if errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, blob.ErrLocal) {
		return nil // the file ends in the midst of it
	}
	return err
}
