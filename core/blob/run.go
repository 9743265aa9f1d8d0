package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// A blob also travels as the slices of some runs of its groups, one after the
// other, as in a drop of MDN-1 (Willow Drop Format, slice mode 11). Each is as any
// slice is, see slice.go, but without the length, which whoever receives it knows;
// and without the parents that the run before had: those with a group of it, or of
// one before it, below them.

// errRun is about a run that isn't one of the blob, or can't follow the one before.
var errRun = errors.New("no such run of groups")

// runIn reports whether run can follow one that ended with before.
func runIn(run Run, before, length uint64) bool {
	return before <= run.Start && run.Start < run.End && run.End <= GroupCount(length)
}

// SliceLength returns how many bytes the slice of a run has, of a blob of length
// bytes. before is the end of the run before, 0 if it is the first. It is 0 if the
// run isn't one of the blob.
func SliceLength(length uint64, run Run, before uint64) uint64 {
	if !runIn(run, before, length) {
		return 0
	}
	n := min(run.End*GroupSize, length) - run.Start*GroupSize
	return n + nodeSize*parents(0, GroupCount(length), run, before)
}

// parents returns the number of parents that the slice of a run has, of those over
// groups start to end - 1.
func parents(start, end uint64, run Run, before uint64) (n uint64) {
	switch {
	case end-start == 1 || end <= run.Start || run.End <= start:
		return 0
	case run.Start <= start && end <= run.End:
		return end - start - 1
	case start >= before:
		n = 1
	}
	mid := split(start, end)
	return n + parents(start, mid, run, before) + parents(mid, end, run, before)
}

// ProvideSlice writes the slice of a run of a complete blob; before is the end of the
// run before, 0 if it is the first. The errors are those of Provide.
func (s *Store) ProvideSlice(ctx context.Context, w io.Writer, h Hash, run Run, before uint64) error {
	return s.provide(ctx, w, h, func(w io.Writer, p *provider) error {
		length := p.r.row.Length
		if !runIn(run, before, length) {
			return errRun
		}
		sw := &sliceWriter{w: w, src: p, asked: Groups{runs: []Run{run}}, after: before, buf: make([]byte, 0, nodeSize)}
		return sw.node(ctx, 0, GroupCount(length), decodeCV(h[:]), true)
	})
}

// part is a subtree that is known by its chaining value alone.
type part struct {
	start, end uint64
	want       cv
	root       bool
}

// ReadSlice reads the slice of a run. Runs come in order, from the first: before is
// the end of the run before, 0 to begin anew. Groups that are here already are
// verified again. r should have nothing else: it is read ahead. What was verified
// before an error stays. The errors are those of ReadFrom, but for ErrNotFound, and a
// run proves no length wrong: without room for one it is ErrLocal at once, and whoever
// fetches the blob from a peer finds out. After an error only a first run can be read.
func (d *Download) ReadSlice(ctx context.Context, r io.Reader, run Run, before uint64) error {
	if d.done {
		return nil
	}
	return d.received(d.receiveSlice(ctx, r, run, before))
}

func (d *Download) receiveSlice(ctx context.Context, r io.Reader, run Run, before uint64) error {
	parts := d.next
	d.next = nil
	if before == 0 {
		parts = whole(d.hash, d.length)
	}
	switch {
	case d.lack != nil:
		return local(d.lack)
	case before > 0 && (parts == nil || before != d.after) || !runIn(run, before, d.length):
		return fmt.Errorf("%w: %w", ErrCorrupt, errRun)
	}
	defer d.readAhead(r)()
	sr := &sliceReader{r: d.in, sink: d, length: d.length}
	later, err := sr.run(ctx, parts, run)
	d.next, d.after = later, run.End
	return err
}

// run reads the slice of a run, whose groups are in parts. It returns the parts
// behind the run; nil after an error.
func (r *sliceReader) run(ctx context.Context, parts []part, run Run) (later []part, err error) {
	later = make([]part, 0, len(parts))
	r.asked, r.later = Groups{runs: []Run{run}}, &later
	for _, p := range parts {
		if err := r.node(ctx, p.start, p.end, p.want, p.root); err != nil {
			return nil, err
		}
	}
	return later, nil
}

// whole is the parts of a blob before anything is known of it.
func whole(h Hash, length uint64) []part {
	return []part{{0, GroupCount(length), decodeCV(h[:]), true}}
}
