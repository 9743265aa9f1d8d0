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
	err := s.inBox(ctx, ns, r, within, func(in summer) error {
		err := in.sum()
		total = in.total
		return err
	})
	if err != nil {
		return willow.Summary{}, fmt.Errorf("summarise entries: %w", err)
	}
	return willow.Summary{Fingerprint: total.acc.Fingerprint(), Count: total.count, Bytes: total.bytes}, nil
}

var errSlow = errors.New("the read takes long")

// inBox calls fn with a snapshot, if anything can be in the box. If that takes long it
// calls fn again, with a snapshot on a connection for what does.
func (s *entries) inBox(ctx context.Context, ns willow.NamespaceID, r willow.Range3D, within willow.Area, fn func(in summer) error) error {
	b, ok := boxOf(r, within)
	if !ok {
		return ctx.Err()
	}
	view := func(ctx context.Context, from *readPool) error {
		return s.db.viewFrom(ctx, from, func(q querier) error {
			id, ok, err := s.db.namespaceID(q, ns)
			if err != nil || !ok {
				return err
			}
			return fn(summer{ctx: ctx, q: q, id: id, ns: ns, box: b, bounds: s.db.bounds})
		})
	}
	left := s.db.bounds.quick
	err := view(willow.WithMeter(ctx, func(rows uint64) error {
		err := willow.Spend(ctx, rows)
		if rows > left && err == nil {
			err = errSlow
		}
		left -= min(rows, left)
		return err
	}), s.db.reads)
	if errors.Is(err, errSlow) {
		err = view(ctx, s.db.slow)
	}
	return err
}

// summer adds up entries of one namespace that are in a box.
type summer struct {
	ctx       context.Context // for its meter
	q         querier
	id        int64
	ns        willow.NamespaceID
	box       box
	bounds    bounds
	countOnly bool                                           // leave out the accumulator, and bytes may be left out too
	part      func(level int, lo, hi string, n uint64) error // told of what is added up, in order; may be nil
	mixed     bool                                           // what is added up now also has what isn't in the box
	total     sum
}

// spend meters what was read, and ends with ctx.
func (s *summer) spend(rows uint64) error { return cmp.Or(s.ctx.Err(), willow.Spend(s.ctx, rows)) }

// sum adds up the box.
func (s *summer) sum() error {
	s.total = emptySum
	if s.box.everything && s.box.allTimes() {
		return s.whole()
	}
	if few, err := s.isScattered(); err != nil {
		return err
	} else if few {
		return s.byTime()
	}
	return s.byKey()
}

// byKey adds up the box from the tree, and from entries where it has no sums.
func (s *summer) byKey() error {
	for run, err := range s.box.runs(s.q, s.id, s.bounds.many) {
		if err = cmp.Or(err, s.spend(1)); err != nil {
			return err
		}
		if s.mixed = run.mixed; run.lo == string(make([]byte, subspaceSize)) {
			run.lo = "" // where the first node of each level begins
		}
		if err := s.cover(fanLevel, run.lo, run.hi); err != nil {
			return err
		}
	}
	return nil
}

// whole adds up the namespace.
func (s *summer) whole() error {
	s.total = emptySum
	roots, err := nodesIn(s.q, s.id, rootLevel, "", endOfKeys, !s.countOnly)
	for i := range roots {
		s.total.join(&roots[i].sum)
	}
	return err
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
	if err = cmp.Or(err, s.spend(uint64(len(nodes)))); err != nil {
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
	times := s.box.times
	if n.sum.count == 0 || n.sum.latest < times.Start || !times.Open && n.sum.least >= times.End {
		return nil
	}
	if s.mixed {
		some, all := s.box.covers(n.lo, n.hi)
		if !some {
			return nil
		}
		whole = whole && all
	}
	if whole && times.Includes(n.sum.least) && times.Includes(n.sum.latest) {
		s.total.join(&n.sum)
		return s.added(n.level, n.lo, n.hi, n.sum.count)
	}
	return s.cover(n.level-1, n.lo, n.hi)
}

// added tells of a node that was added up, or, below leafLevel, of a part of one.
func (s *summer) added(level int, lo, hi string, count uint64) error {
	if s.part == nil || count == 0 {
		return nil
	}
	return s.part(level, lo, hi, count)
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
	var all, count uint64
	var err error
	if s.countOnly {
		all, count, err = s.countEntries(lo, hi)
		s.total.count += count
	} else {
		err = scanEntries(s.q, s.id, s.ns, lo, hi, func(key string, e willow.Entry) error {
			if all++; s.box.times.Includes(e.Timestamp) && (!s.mixed || s.box.hasPath(key)) {
				count++
				s.total.addEntry(e)
			}
			return nil
		})
	}
	return cmp.Or(err, s.spend(all), s.added(leafLevel-1, lo, hi, count))
}

// inBoxSQL is true of rows whose times and paths are in a box, see box.args.
const inBoxSQL = "+ts BETWEEN ? AND ? AND " + onPathSQL

// onPathSQL is true of rows whose paths are.
const onPathSQL = "substr(key, 33) >= ? AND (? = x'' OR substr(key, 33) < ?)"

// args are the arguments of inBoxSQL.
func (b *box) args() []any {
	least, greatest := timeBounds(b.times)
	return []any{least, greatest, []byte(b.pathLo), []byte(b.pathHi), []byte(b.pathHi)}
}

func (s *summer) countEntries(lo, hi string) (all, count uint64, err error) {
	args := append(s.box.args(), s.id, []byte(lo), []byte(hi))
	err = s.q.Scan("SELECT count(*), coalesce(sum("+inBoxSQL+"), 0) FROM entry WHERE ns = ? AND key >= ? AND key < ?",
		args, &all, &count)
	return all, count, err
}
