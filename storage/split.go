package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sort"

	"meadow/core/willow"
)

// Split implements willow.Store.
func (s *entries) Split(ctx context.Context, ns willow.NamespaceID, r willow.Range3D, within willow.Area, k int) ([]willow.Range3D, error) {
	parts := []willow.Range3D{r}
	err := s.inBox(ctx, ns, r, within, func(in summer) error {
		cuts, err := (&splitter{summer: in}).cuts(k)
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
	summer summer  // of the box
	pieces []piece // those parts of the box that have entries, in order
	total  uint64
}

// piece is a part of a box: keys from lo to before hi.
type piece struct {
	lo, hi string
	level  int    // of the node that it is; below leafLevel it is within a leaf, above rootLevel it is several
	before uint64 // entries of the box that come before it
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

// count finds the pieces of the box. Of too many, neighbours become one.
func (s *splitter) count() error {
	all := s.summer
	all.countOnly = true
	all.part = func(level int, lo, hi string, n uint64) error {
		s.add(level, lo, hi, n)
		return nil
	}
	if few, err := all.isScattered(); err != nil {
		return err
	} else if few {
		return s.countByTime()
	}
	return all.byKey()
}

// add notes a piece with n entries, after those before it.
func (s *splitter) add(level int, lo, hi string, n uint64) {
	if n := len(s.pieces) / 2; 2*n >= s.summer.bounds.pieces {
		for i := range n {
			s.pieces[i] = piece{s.pieces[2*i].lo, s.pieces[2*i+1].hi, rootLevel + 1, s.pieces[2*i].before}
		}
		s.pieces = s.pieces[:n]
	}
	s.pieces = append(s.pieces, piece{lo, hi, level, s.total})
	s.total += n
}

// within adds up what of the box is in a piece of it, from the nodes of a level.
func (s *splitter) within(level int, lo, hi string, part func(level int, lo, hi string, n uint64) error) (uint64, error) {
	in := s.summer
	in.countOnly, in.mixed, in.part, in.total = true, true, part, emptySum
	err := in.cover(level, lo, hi)
	return in.total.count, err
}

// extent returns the ranks of the entries in the subspace of key: from first to
// before after.
func (s *splitter) extent(key string) (first, after uint64, err error) {
	if first, err = s.rank(key[:subspaceSize]); err != nil {
		return 0, 0, err
	}
	after, err = s.rank(afterSubspace(key))
	return first, after, err
}

// rank returns how many entries of the box come before a key.
func (s *splitter) rank(key string) (uint64, error) {
	after := sort.Search(len(s.pieces), func(i int) bool { return s.pieces[i].lo >= key })
	if after == 0 {
		return 0, nil
	}
	p := s.pieces[after-1]
	if p.hi <= key {
		if after == len(s.pieces) {
			return s.total, nil
		}
		return s.pieces[after].before, nil
	}
	n, err := s.within(fanLevel, p.lo, key, nil)
	return p.before + n, err
}

var errFound = errors.New("found")

// at returns the key of the entry with a rank in the box.
func (s *splitter) at(rank uint64) (string, error) {
	p := s.pieces[sort.Search(len(s.pieces), func(i int) bool { return s.pieces[i].before > rank })-1]
	rank -= p.before
	for p.level > leafLevel {
		_, err := s.within(min(p.level-1, fanLevel), p.lo, p.hi, func(level int, lo, hi string, n uint64) error {
			if rank < n {
				p = piece{lo: lo, hi: hi, level: level}
				return errFound
			}
			rank -= n
			return nil
		})
		if err == nil {
			err = errCorrupt
		}
		if !errors.Is(err, errFound) {
			return "", err
		}
	}
	var key []byte
	in := &s.summer
	args := append(in.box.args(), in.id, []byte(p.lo), []byte(p.hi), int64(rank))
	err := in.q.Scan("SELECT key FROM entry WHERE "+inBoxSQL+" AND ns = ? AND key >= ? AND key < ? ORDER BY key LIMIT 1 OFFSET ?",
		args, &key)
	return string(key), cmp.Or(err, in.spend(rank))
}
