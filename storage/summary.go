package storage

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"meadow/core/willow"
)

// Summary implements willow.Store. It takes time for the tree's nodes at the
// borders of the range; in a time range, for the entries of leaves that lie
// across its ends.
func (s *entries) Summary(ctx context.Context, ns willow.NamespaceID, r willow.Range3D, within willow.Area) (willow.Summary, error) {
	total := emptySum
	err := s.inBox(ctx, ns, r, within, func(q querier, id int64, b box) (err error) {
		total, err = (&summer{ctx: ctx, q: q, id: id, ns: ns, times: b.times}).box(b)
		return err
	})
	if err != nil {
		return willow.Summary{}, fmt.Errorf("summarise entries: %w", err)
	}
	return willow.Summary{Fingerprint: total.acc.Fingerprint(), Count: total.count, Bytes: total.bytes}, nil
}

// inBox calls fn with a snapshot, if anything can be in the box.
func (s *entries) inBox(ctx context.Context, ns willow.NamespaceID, r willow.Range3D, within willow.Area, fn func(q querier, id int64, b box) error) error {
	b, ok := boxOf(r, within)
	if !ok {
		return ctx.Err()
	}
	return s.db.view(ctx, func(q querier) error {
		id, ok, err := s.db.namespaceID(q, ns)
		if err != nil || !ok {
			return err
		}
		return fn(q, id, b)
	})
}

// summer adds up runs of entries of one namespace within a time range.
type summer struct {
	ctx       context.Context // for its meter
	q         querier
	id        int64
	ns        willow.NamespaceID
	times     willow.TimeRange
	countOnly bool // leave out the accumulator, and bytes may be left out too
	total     sum
}

// box adds up a box.
func (s *summer) box(b box) (sum, error) {
	s.total = emptySum
	if b.everything && b.allTimes() {
		return s.total, s.whole()
	}
	for run, err := range b.runs(s.q, s.id) {
		if err != nil {
			return s.total, err
		}
		if err := willow.Spend(s.ctx, 1); err != nil {
			return s.total, err
		}
		if err := s.run(run); err != nil {
			return s.total, err
		}
	}
	return s.total, nil
}

// whole adds up the namespace.
func (s *summer) whole() error {
	roots, err := nodesIn(s.q, s.id, rootLevel, "", endOfKeys, !s.countOnly)
	for i := range roots {
		s.total.join(&roots[i].sum)
	}
	return err
}

func (s *summer) run(r run) error {
	if r.lo == string(make([]byte, subspaceSize)) {
		r.lo = "" // where the first node of each level begins
	}
	return s.cover(fanLevel, r.lo, r.hi)
}

// cover adds up a run from the nodes of a level that lie in it, and what is
// beside them from the level below.
func (s *summer) cover(level int, lo, hi string) error {
	if lo >= hi {
		return nil
	}
	if level < leafLevel {
		return s.entries(lo, hi)
	}
	nodes, err := nodesIn(s.q, s.id, level, lo, hi, !s.countOnly)
	if err = cmp.Or(err, willow.Spend(s.ctx, uint64(len(nodes)))); err != nil {
		return err
	}
	if len(nodes) == 0 {
		return s.cover(level-1, lo, hi)
	}
	if err := s.cover(level-1, lo, nodes[0].lo); err != nil {
		return err
	}
	ends, err := s.ends(level, hi)
	if err != nil {
		return err
	}
	for i := range nodes {
		if err := s.node(&nodes[i], i < len(nodes)-1 || ends); err != nil {
			return err
		}
	}
	return nil
}

// node adds up the part of a node before n.hi; whole tells that it is all of it.
func (s *summer) node(n *node, whole bool) error {
	apart := n.sum.count == 0 || n.sum.latest < s.times.Start || !s.times.Open && n.sum.least >= s.times.End
	if apart {
		return nil
	}
	if whole && s.times.Includes(n.sum.least) && s.times.Includes(n.sum.latest) {
		s.total.join(&n.sum)
		return nil
	}
	return s.cover(n.level-1, n.lo, n.hi)
}

// ends reports whether a node of the level ends at hi.
func (s *summer) ends(level int, hi string) (bool, error) {
	if hi == endOfKeys {
		return true, nil
	}
	var one int
	err := s.q.Scan("SELECT 1 FROM node WHERE ns = ? AND level = ? AND lo = ?", []any{s.id, level, []byte(hi)}, &one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// entries adds up a run, within a leaf, one by one.
func (s *summer) entries(lo, hi string) error {
	if s.countOnly {
		least, greatest := timeBounds(s.times)
		var all, n int64
		err := s.q.Scan("SELECT count(*), coalesce(sum(ts BETWEEN ? AND ?), 0) FROM entry WHERE ns = ? AND key >= ? AND key < ?",
			[]any{least, greatest, s.id, []byte(lo), []byte(hi)}, &all, &n)
		s.total.count += uint64(n)
		return cmp.Or(err, willow.Spend(s.ctx, uint64(all)))
	}
	var n uint64
	err := scanEntries(s.q, s.id, s.ns, lo, hi, func(_ string, e willow.Entry) error {
		if n++; s.times.Includes(e.Timestamp) {
			s.total.addEntry(e)
		}
		return nil
	})
	return cmp.Or(err, willow.Spend(s.ctx, n))
}
