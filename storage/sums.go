package storage

import (
	"errors"
	"fmt"

	"meadow/core/willow"
)

// shape bounds the nodes of a tree of sums. It is no part of any format: two
// devices with the same entries may have different trees.
//
// usualShape was chosen by measuring a million entries: how long the sum of a
// random contiguous range takes of the processor, and a split of it into 16, and
// what the nodes take of the database, each of which has a page of its own.
//
//	leaves of   range: median     p99   split: median   bytes for an entry
//	        32         1.64 ms  4.5 ms         22.1 ms                  132
//	        64         1.31 ms  2.6 ms         15.8 ms                   66
//	        96         1.31 ms  2.3 ms         12.6 ms                   44
//	       128         1.36 ms  2.4 ms          9.9 ms                   33
//	       256         2.00 ms  3.3 ms         12.2 ms                   17
//
// Smaller leaves have more nodes read above them, larger ones more entries hashed
// at both ends.
type shape struct {
	leafTarget uint64 // entries in a leaf after a split
	leafMax    uint64 // entries in a leaf at most
	leafMin    uint64 // leaves with fewer are merged with a neighbour
	fanTarget  int    // leaves of a level 1 node after a split
	fanMax     int    // leaves of a level 1 node at most
}

var usualShape = shape{leafTarget: 128, leafMax: 256, leafMin: 32, fanTarget: 64, fanMax: 128}

// Levels of the tree.
const (
	leafLevel = 0
	fanLevel  = 1
	rootLevel = 2
)

// node is a row of the table node: the sum of the live entries from lo to
// before hi.
type node struct {
	id     int64
	level  int
	lo, hi string // hi is the next node's lo, or endOfKeys
	sum    sum
}

// sum describes a set of entries. least and latest bound their timestamps; they
// may be wider than they are.
type sum struct {
	count, bytes  uint64
	least, latest willow.Timestamp
	acc           willow.Accumulator
}

var emptySum = sum{least: ^willow.Timestamp(0)}

func (s *sum) widen(least, latest willow.Timestamp) {
	s.least, s.latest = min(s.least, least), max(s.latest, latest)
}

func (s *sum) join(t *sum) {
	s.count += t.count
	s.bytes += t.bytes
	s.widen(t.least, t.latest)
	s.acc.Join(&t.acc)
}

// subtract takes t out; the bounds stay as wide as they were.
func (s *sum) subtract(t *sum) {
	s.count -= t.count
	s.bytes -= t.bytes
	s.acc.Subtract(&t.acc)
}

func (s *sum) addEntry(e willow.Entry) {
	s.count++
	s.bytes += e.PayloadLength
	s.widen(e.Timestamp, e.Timestamp)
	s.acc.Add(e)
}

// sums keeps a namespace's tree of sums in step with its entries within one
// write: leaves are changed in memory, and written with all above them by flush.
type sums struct {
	shape
	tx     *writeTx
	id     int64
	ns     willow.NamespaceID
	cache  *leafCache
	leaves map[string]*leaf // changed ones, by lo
	last   *leaf            // where the last entry went
}

// leaf is a node of level 0 with what has to be added to those above.
type leaf struct {
	node
	before sum // as it was before the write
}

func newSums(tx *writeTx, id int64, ns willow.NamespaceID, cache *leafCache) *sums {
	return &sums{shape: tx.w.d.shape, tx: tx, id: id, ns: ns, cache: cache, leaves: map[string]*leaf{}}
}

// createSums writes the tree of an empty namespace.
func createSums(tx *writeTx, id int64) error {
	for level := leafLevel; level <= rootLevel; level++ {
		if err := insertNode(tx, id, &node{level: level, sum: emptySum}); err != nil {
			return err
		}
	}
	return nil
}

func insertNode(tx *writeTx, id int64, n *node) error {
	_, err := tx.Exec("INSERT INTO node (ns, level, lo, cnt, bytes, tmin, tmax, acc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		id, n.level, []byte(n.lo), int64(n.sum.count), int64(n.sum.bytes),
		stored(n.sum.least), stored(n.sum.latest), n.sum.acc.Bytes())
	return err
}

func (s *sums) write(n *node) error {
	_, err := s.tx.Exec("UPDATE node SET cnt = ?, bytes = ?, tmin = ?, tmax = ?, acc = ? WHERE id = ?",
		int64(n.sum.count), int64(n.sum.bytes), stored(n.sum.least), stored(n.sum.latest), n.sum.acc.Bytes(), n.id)
	return err
}

func (s *sums) drop(n *node) error {
	_, err := s.tx.Exec("DELETE FROM node WHERE id = ?", n.id)
	return err
}

// find returns the node of a level that a key belongs to.
func (s *sums) find(level int, key string) (n node, err error) {
	var lo, hi, acc []byte
	var count, bytes, least, latest int64
	err = s.tx.Scan(`SELECT id, lo, cnt, bytes, tmin, tmax, acc,
			(SELECT lo FROM node WHERE ns = ?1 AND level = ?2 AND lo > ?3 ORDER BY lo LIMIT 1)
		FROM node WHERE ns = ?1 AND level = ?2 AND lo <= ?3 ORDER BY lo DESC LIMIT 1`,
		[]any{s.id, level, []byte(key)}, &n.id, &lo, &count, &bytes, &least, &latest, &acc, &hi)
	if err != nil {
		return n, fmt.Errorf("find sum: %w", err)
	}
	n.level, n.lo, n.hi = level, string(lo), string(hi)
	if hi == nil {
		n.hi = endOfKeys
	}
	return n, n.sum.set(count, bytes, least, latest, acc)
}

// set fills s from its columns. acc may be nil, for none.
func (s *sum) set(count, bytes, least, latest int64, acc []byte) error {
	s.count, s.bytes, s.least, s.latest = uint64(count), uint64(bytes), loaded(least), loaded(latest)
	if acc == nil {
		return nil
	}
	a, ok := willow.AccumulatorFromBytes(acc)
	if !ok {
		return errCorrupt
	}
	s.acc = *a
	return nil
}

// leaf returns the leaf that a key belongs to, to be changed.
func (s *sums) leaf(key string) (*leaf, error) {
	if l := s.last; l != nil && key >= l.lo && key < l.hi {
		return l, nil
	}
	n := s.cache.find(key)
	if n == nil {
		found, err := s.find(leafLevel, key)
		if err != nil {
			return nil, err
		}
		n = &found
	}
	l, ok := s.leaves[n.lo]
	if !ok {
		l = &leaf{node: *n, before: n.sum}
		s.leaves[n.lo] = l
	}
	s.last = l
	return l, nil
}

// add counts a new live entry in.
func (s *sums) add(e willow.Entry, key string) error {
	l, err := s.leaf(key)
	if err == nil {
		l.sum.addEntry(e)
	}
	return err
}

// remove counts an entry out that was live.
func (s *sums) remove(e willow.Entry, key string) error {
	l, err := s.leaf(key)
	if err == nil {
		l.sum.count--
		l.sum.bytes -= e.PayloadLength
		l.sum.acc.Remove(e)
	}
	return err
}

// flush writes the changed leaves and all above them, and mends the tree's
// shape. The entries must have been written.
func (s *sums) flush() error {
	if len(s.leaves) == 0 {
		return nil
	}
	fans, err := s.carry()
	if err != nil {
		return err
	}
	for _, l := range s.leaves {
		switch {
		case l.sum.count > s.leafMax:
			err = s.split(l)
		case l.sum.count < s.leafMin:
			err = s.merge(l, fans)
		default:
			if err = s.write(&l.node); err == nil {
				s.cache.put(l.node)
			}
		}
		if err != nil {
			return err
		}
	}
	for _, fan := range fans {
		if err := s.mendFan(fan); err != nil {
			return err
		}
	}
	s.leaves, s.last = map[string]*leaf{}, nil
	return nil
}

// carry adds what changed in the leaves to the levels above. It returns the
// nodes of level 1, unwritten.
func (s *sums) carry() ([]*node, error) {
	root, err := s.find(rootLevel, "")
	if err != nil {
		return nil, err
	}
	var fans []*node
	for _, l := range s.leaves {
		fan := fanOf(fans, l.lo)
		if fan == nil {
			n, err := s.find(fanLevel, l.lo)
			if err != nil {
				return nil, err
			}
			fan = &n
			fans = append(fans, fan)
		}
		for _, above := range []*node{fan, &root} {
			above.sum.join(&l.sum)
			above.sum.subtract(&l.before)
		}
	}
	return fans, s.write(&root)
}

// fanOf returns the node among fans that a key belongs to.
func fanOf(fans []*node, key string) *node {
	for _, fan := range fans {
		if key >= fan.lo && key < fan.hi {
			return fan
		}
	}
	return nil
}

// nodesIn returns the nodes of a level whose lo is from lo to before hi, without
// their accumulators unless full. hi of the last node is hi.
func nodesIn(q querier, id int64, level int, lo, hi string, full bool) (found []node, err error) {
	query := "SELECT id, lo, cnt, bytes, tmin, tmax, NULL FROM node WHERE ns = ? AND level = ? AND lo >= ? AND lo < ? ORDER BY lo"
	if full {
		query = "SELECT id, lo, cnt, bytes, tmin, tmax, acc FROM node WHERE ns = ? AND level = ? AND lo >= ? AND lo < ? ORDER BY lo"
	}
	rows, err := q.Query(query, id, level, []byte(lo), []byte(hi))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		n := node{level: level, hi: hi}
		var lo, acc []byte
		var count, bytes, least, latest int64
		if err := rows.Scan(&n.id, &lo, &count, &bytes, &least, &latest, &acc); err != nil {
			return nil, err
		}
		if err := n.sum.set(count, bytes, least, latest, acc); err != nil {
			return nil, err
		}
		n.lo = string(lo)
		if len(found) > 0 {
			found[len(found)-1].hi = n.lo
		}
		found = append(found, n)
	}
	return found, rows.Err()
}
