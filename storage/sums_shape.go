package storage

import (
	"errors"

	"meadow/core/willow"
)

// split cuts a leaf into pieces of about leafTarget entries: the first stays, the
// others become leaves of their own.
func (s *sums) split(l *leaf) error {
	s.cache.drop(l.lo)
	pieces := (l.sum.count + s.leafTarget - 1) / s.leafTarget
	per := (l.sum.count + pieces - 1) / pieces
	rest := sum{}
	first := emptySum
	var seen uint64
	var part *node
	err := scanEntries(s.tx, s.id, s.ns, l.lo, l.hi, func(key string, e willow.Entry) error {
		if seen++; seen <= per {
			first.widen(e.Timestamp, e.Timestamp)
			return nil
		}
		if (seen-1)%per == 0 {
			if err := s.finishPart(part, &rest); err != nil {
				return err
			}
			part = &node{level: leafLevel, lo: key, sum: emptySum}
		}
		part.sum.addEntry(e)
		return nil
	})
	if err = errors.Join(err, s.finishPart(part, &rest)); err != nil {
		return err
	}
	l.sum.subtract(&rest)
	l.sum.least, l.sum.latest = first.least, first.latest
	return s.write(&l.node)
}

func (s *sums) finishPart(part *node, rest *sum) error {
	if part == nil {
		return nil
	}
	rest.join(&part.sum)
	return insertNode(s.tx, s.id, part)
}

// merge writes a small leaf, joined with a neighbour below the same node of
// level 1 if both together are small enough. The neighbour must not have been
// changed by this write, or it waits for the next one.
func (s *sums) merge(l *leaf, fans []*node) error {
	s.cache.clear()
	fan := fanOf(fans, l.lo)
	if l.hi < fan.hi && s.leaves[l.hi] == nil {
		next, err := s.find(leafLevel, l.hi)
		if err != nil {
			return err
		}
		if next.lo == l.hi && next.sum.count+l.sum.count <= s.leafTarget {
			l.sum.join(&next.sum)
			return errors.Join(s.drop(&next), s.write(&l.node))
		}
	}
	if l.lo == fan.lo {
		return s.write(&l.node)
	}
	var lo []byte
	err := s.tx.Scan("SELECT lo FROM node WHERE ns = ? AND level = ? AND lo < ? ORDER BY lo DESC LIMIT 1",
		[]any{s.id, leafLevel, []byte(l.lo)}, &lo)
	if err != nil {
		return err
	}
	if s.leaves[string(lo)] == nil {
		before, err := s.find(leafLevel, string(lo))
		if err != nil {
			return err
		}
		if before.sum.count+l.sum.count <= s.leafTarget {
			before.sum.join(&l.sum)
			return errors.Join(s.drop(&l.node), s.write(&before))
		}
	}
	return s.write(&l.node)
}

// mendFan writes a node of level 1: split if it has too many leaves, dropped if
// it is empty.
func (s *sums) mendFan(fan *node) error {
	if fan.sum.count == 0 && fan.lo != "" {
		s.cache.clear()
		_, err := s.tx.Exec("DELETE FROM node WHERE ns = ? AND level = ? AND lo >= ? AND lo < ?",
			s.id, leafLevel, []byte(fan.lo), []byte(fan.hi))
		return errors.Join(err, s.drop(fan))
	}
	var n int
	err := s.tx.Scan("SELECT count(*) FROM node WHERE ns = ? AND level = ? AND lo >= ? AND lo < ?",
		[]any{s.id, leafLevel, []byte(fan.lo), []byte(fan.hi)}, &n)
	if err != nil {
		return err
	}
	if n <= s.fanMax {
		return s.write(fan)
	}
	return s.splitFan(fan)
}

// splitFan cuts a node of level 1 into pieces of about fanTarget leaves.
func (s *sums) splitFan(fan *node) error {
	leaves, err := nodesIn(s.tx, s.id, leafLevel, fan.lo, fan.hi, true)
	if err != nil {
		return err
	}
	rest := sum{}
	first := emptySum
	for i := range leaves[:s.fanTarget] {
		first.widen(leaves[i].sum.least, leaves[i].sum.latest)
	}
	for at := s.fanTarget; at < len(leaves); at += s.fanTarget {
		end := at + s.fanTarget
		if len(leaves)-end < s.fanTarget/2 {
			end = len(leaves)
		}
		part := &node{level: fanLevel, lo: leaves[at].lo, sum: emptySum}
		for i := range leaves[at:end] {
			part.sum.join(&leaves[at+i].sum)
		}
		if err := s.finishPart(part, &rest); err != nil {
			return err
		}
		if end == len(leaves) {
			break
		}
	}
	fan.sum.subtract(&rest)
	fan.sum.least, fan.sum.latest = first.least, first.latest
	return s.write(fan)
}
