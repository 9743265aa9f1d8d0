package storage

import (
	"cmp"
	"context"
	"fmt"

	"meadow/core/willow"
)

// Split implements willow.Store.
func (s *entries) Split(ctx context.Context, ns willow.NamespaceID, r willow.Range3D, within willow.Area, k int) ([]willow.Range3D, error) {
	parts := []willow.Range3D{r}
	err := s.inBox(ctx, ns, r, within, func(q querier, id int64, b box) error {
		cut := splitter{ctx: ctx, q: q, id: id, ns: ns, box: b}
		cuts, err := cut.cuts(k)
		if err == nil {
			parts, err = divide(r, cuts)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("split range: %w", err)
	}
	return parts, nil
}

// cut is a place where a range is divided: before a subspace, or within the
// subspace of key, before the path of key.
type cut struct {
	key    string
	inside bool
}

// divide cuts r. Cuts are in order, and those inside a subspace have cuts before
// that subspace and the next one that is populated, unless r's entries begin or
// end with it.
func divide(r willow.Range3D, cuts []cut) ([]willow.Range3D, error) {
	var parts []willow.Range3D
	for i := 0; i < len(cuts); {
		if !cuts[i].inside {
			part := r
			part.SubspaceEnd, part.SubspaceOpen = subspaceOf(cuts[i].key), false
			parts = append(parts, part)
			r.SubspaceStart = part.SubspaceEnd
			i++
			continue
		}
		end := i
		for end < len(cuts) && cuts[end].inside {
			end++
		}
		part := r
		if end < len(cuts) {
			part.SubspaceEnd, part.SubspaceOpen = subspaceOf(cuts[end].key), false
		}
		for ; i < end; i++ {
			p, err := pathOf(cuts[i].key)
			if err != nil {
				return nil, err
			}
			piece := part
			piece.PathEnd, piece.PathOpen = p, false
			parts = append(parts, piece)
			part.PathStart = p
		}
		parts = append(parts, part)
		if end == len(cuts) {
			return parts, nil
		}
		r.SubspaceStart = part.SubspaceEnd
		i++
	}
	return append(parts, r), nil
}

// splitter finds cuts in a box.
type splitter struct {
	ctx   context.Context // for its meter
	q     querier
	id    int64
	ns    willow.NamespaceID
	box   box
	runs  []run    // of the box
	ends  []uint64 // number of entries up to the end of each run
	total uint64
}

// cuts returns at most k - 1 cuts, in order, into parts of about equal numbers.
// Where an even cut would fall inside a subspace that isn't alone in the box,
// the cuts are moved to that subspace's borders, and only what is left over
// divides it.
func (s *splitter) cuts(k int) ([]cut, error) {
	if err := s.count(); err != nil {
		return nil, err
	}
	k = int(min(uint64(max(k, 1)), s.total))
	if k < 2 {
		return nil, nil
	}
	ranks := make([]uint64, 0, k-1)
	for i := 1; i < k; i++ {
		ranks = append(ranks, muldiv(s.total, uint64(i), uint64(k)))
	}
	var cuts []cut
	for len(ranks) > 0 {
		key, err := s.at(ranks[0])
		if err != nil {
			return nil, err
		}
		first, after, err := s.extent(key)
		if err != nil {
			return nil, err
		}
		n := 0 // ranks that fall into this subspace
		for n < len(ranks) && ranks[n] < after {
			n++
		}
		more, err := s.cutSubspace(key, first, after, n)
		if err != nil {
			return nil, err
		}
		cuts = append(cuts, more...)
		ranks = ranks[n:]
	}
	return tidy(cuts), nil
}

// tidy leaves out the second of two equal cuts.
func tidy(cuts []cut) []cut {
	kept := cuts[:0]
	for _, c := range cuts {
		if n := len(kept); n > 0 && !c.inside && !kept[n-1].inside && c.key == kept[n-1].key {
			continue
		}
		kept = append(kept, c)
	}
	return kept
}

// muldiv returns a * b / c for b <= c, for any number of entries.
func muldiv(a, b, c uint64) uint64 { return a/c*b + a%c*b/c }

// cutSubspace spends n cuts on the subspace of key, which has the entries of rank
// first to before after.
func (s *splitter) cutSubspace(key string, first, after uint64, n int) ([]cut, error) {
	start := cut{key: key[:subspaceSize]}
	left, right := first > 0, after < s.total
	var end cut
	if right {
		next, err := s.at(after)
		if err != nil {
			return nil, err
		}
		end.key = next[:subspaceSize]
	}
	if n == 1 && (left || right) {
		if left {
			return []cut{start}, nil
		}
		return []cut{end}, nil
	}
	var cuts []cut
	if left {
		cuts = append(cuts, start)
		n--
	}
	if right {
		n--
	}
	for i := 1; i <= n; i++ {
		inner, err := s.at(first + muldiv(after-first, uint64(i), uint64(n+1)))
		if err != nil {
			return nil, err
		}
		cuts = append(cuts, cut{inner, true})
	}
	if right {
		cuts = append(cuts, end)
	}
	return cuts, nil
}

func (s *splitter) summer() *summer {
	return &summer{ctx: s.ctx, q: s.q, id: s.id, ns: s.ns, times: s.box.times, countOnly: true}
}

// count finds the runs of the box and how many entries they have.
func (s *splitter) count() error {
	for r, err := range s.box.runs(s.q, s.id) {
		if err != nil {
			return err
		}
		if err := willow.Spend(s.ctx, 1); err != nil {
			return err
		}
		n := s.summer()
		if err := n.run(r); err != nil {
			return err
		}
		s.total += n.total.count
		s.runs = append(s.runs, r)
		s.ends = append(s.ends, s.total)
	}
	return nil
}

// extent returns the ranks of the entries in the subspace of key: from first to
// before after.
func (s *splitter) extent(key string) (first, after uint64, err error) {
	ss := key[:subspaceSize]
	for i, r := range s.runs {
		if r.hi <= ss {
			first = s.ends[i]
			continue
		}
		for _, part := range []struct {
			lo, hi string
			rank   *uint64
		}{{r.lo, max(r.lo, ss), &first}, {max(r.lo, ss), min(r.hi, afterSubspace(ss)), &after}} {
			n := s.summer()
			if err := n.run(run{part.lo, part.hi}); err != nil {
				return 0, 0, err
			}
			*part.rank += n.total.count
		}
		return first, first + after, nil
	}
	return first, first, nil
}

// at returns the key of the entry with a rank in the box.
func (s *splitter) at(rank uint64) (string, error) {
	before := uint64(0)
	for i, r := range s.runs {
		if rank < s.ends[i] {
			if r.lo == string(make([]byte, subspaceSize)) {
				r.lo = ""
			}
			return s.seek(fanLevel, r.lo, r.hi, rank-before)
		}
		before = s.ends[i]
	}
	return "", errCorrupt
}

// seek returns the key of the entry with a rank in a run.
func (s *splitter) seek(level int, lo, hi string, rank uint64) (string, error) {
	if level < leafLevel {
		least, greatest := timeBounds(s.box.times)
		var key []byte
		err := s.q.Scan(`SELECT key FROM entry WHERE ns = ? AND key >= ? AND key < ? AND ts BETWEEN ? AND ?
			ORDER BY key LIMIT 1 OFFSET ?`, []any{s.id, []byte(lo), []byte(hi), least, greatest, int64(rank)}, &key)
		return string(key), cmp.Or(err, willow.Spend(s.ctx, rank))
	}
	nodes, err := overlapping(s.q, s.id, level, lo, hi)
	if err = cmp.Or(err, willow.Spend(s.ctx, uint64(len(nodes)))); err != nil {
		return "", err
	}
	for i := range nodes {
		from, to := max(lo, nodes[i].lo), min(hi, nodes[i].hi)
		whole := from == nodes[i].lo && (i < len(nodes)-1 || to == endOfKeys)
		n, err := s.countNode(&nodes[i], from, to, whole)
		if err != nil {
			return "", err
		}
		if rank < n {
			return s.seek(level-1, from, to, rank)
		}
		rank -= n
	}
	return "", errCorrupt
}

// countNode returns the number of entries of the part of a node from lo to
// before hi.
func (s *splitter) countNode(n *node, lo, hi string, whole bool) (uint64, error) {
	c := s.summer()
	part := *n
	part.lo, part.hi = lo, hi
	if err := c.node(&part, whole); err != nil {
		return 0, err
	}
	return c.total.count, nil
}
