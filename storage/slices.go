package storage

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"meadow/core/willow"
)

// scattered: a slice of time is added up in the order of keys if more than one in so
// many entries of the namespace are in it. By time each row takes several times as long.
const scattered = 16

var errScattered = errors.New("the entries of a slice lie scattered")

// isScattered reports whether the box is a slice of time with few entries that lie
// among many others, as the area of who may read a folder from a time on. If adding it
// up in the order of keys doesn't take long, that isn't looked into. Reading them by
// time is metered here.
func (s *summer) isScattered() (bool, error) {
	if s.box.allTimes() {
		return false, nil
	}
	left := s.bounds.inOrder
	count := *s
	count.countOnly, count.part, count.total = true, nil, emptySum
	count.ctx = willow.WithMeter(s.ctx, func(rows uint64) error {
		if rows > left {
			return cmp.Or(willow.Spend(s.ctx, rows), errScattered)
		}
		left -= rows
		return willow.Spend(s.ctx, rows)
	})
	if err := count.byKey(); !errors.Is(err, errScattered) {
		return false, err
	}
	if err := count.whole(); err != nil {
		return false, err
	}
	least, greatest := timeBounds(s.box.times)
	limit := count.total.count / scattered
	var n uint64
	err := s.q.Scan(`SELECT count(*) FROM
			(SELECT 1 FROM entry INDEXED BY entry_time WHERE ns = ? AND ts BETWEEN ? AND ? LIMIT ?)`,
		[]any{s.id, least, greatest, int64(limit)}, &n)
	if n == limit {
		return false, cmp.Or(err, s.spend(n/ofIndex+1))
	}
	return true, cmp.Or(err, s.spend(n+1)) // all are looked at, those beside the box too
}

// timeQuery finds rows in a slice of time and between two keys. To put them in the order
// of keys, SQLite keeps in memory all that it returns: never more than a few.
const timeQuery = `entry INDEXED BY entry_time WHERE ns = ? AND ts BETWEEN ? AND ? AND key >= ? AND key < ?`

func (s *summer) timeArgs() []any {
	least, greatest := timeBounds(s.box.times)
	return []any{s.id, least, greatest, []byte(s.box.lo), []byte(s.box.hi)}
}

// byTime adds up the box from the index of times.
func (s *summer) byTime() (err error) {
	rows, err := s.q.Query("SELECT "+headColumns+" FROM "+timeQuery, s.timeArgs()...)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, rows.Err(), rows.Close()) }()
	for rows.Next() {
		var r row
		if err := cmp.Or(r.scan(rows, 4), s.ctx.Err()); err != nil {
			return err
		}
		if !s.box.includes(&r) {
			continue
		}
		if s.countOnly {
			s.total.count++
			continue
		}
		e, err := r.entry(s.ns)
		if err != nil {
			return err
		}
		s.total.addEntry(e)
	}
	return nil
}

// countByTime is count for a slice of time with few entries that lie scattered. They
// aren't put in order: the pieces are leaves, into which they are sorted one by one.
func (s *splitter) countByTime() (err error) {
	in := &s.summer
	los, level, err := s.leaves()
	if err != nil {
		return err
	}
	counts := make([]uint64, len(los))
	rows, err := in.q.Query("SELECT key FROM "+timeQuery, in.timeArgs()...)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, rows.Err(), rows.Close()) }()
	for rows.Next() {
		var key []byte
		if err := cmp.Or(rows.Scan(&key), in.ctx.Err()); err != nil {
			return err
		}
		if len(key) < subspaceSize {
			return errCorrupt
		}
		if k := string(key); in.box.hasPath(k) {
			i, found := slices.BinarySearch(los, k)
			if !found {
				i--
			}
			counts[i]++
		}
	}
	los = append(los, in.box.hi)
	for i, n := range counts {
		if n > 0 {
			s.add(level, los[i], los[i+1], n)
		}
	}
	return nil
}

// leaves returns where the leaves in the box begin, in order. Of too many, neighbours
// become one, and the level is that of several.
func (s *splitter) leaves() (los []string, level int, err error) {
	in := &s.summer
	rows, err := in.q.Query("SELECT lo FROM node WHERE ns = ? AND level = ? AND lo > ? AND lo < ? ORDER BY lo",
		in.id, leafLevel, []byte(in.box.lo), []byte(in.box.hi))
	if err != nil {
		return nil, 0, err
	}
	read := uint64(0)
	defer func() { err = cmp.Or(err, rows.Err(), rows.Close(), in.spend(read/ofIndex+1)) }()
	for los = []string{in.box.lo}; rows.Next(); read++ {
		var lo []byte
		if err := rows.Scan(&lo); err != nil {
			return nil, 0, err
		}
		if len(los) >= in.bounds.pieces {
			half := los[:0]
			for i := 0; i < len(los); i += 2 {
				half = append(half, los[i])
			}
			los, level = half, rootLevel+1
		}
		los = append(los, string(lo))
	}
	return los, level, nil
}

// slice returns the rows of a box that is a slice of time, if its entries are few and
// lie scattered.
func (s *entries) slice(ctx context.Context, ns willow.NamespaceID, r willow.Range3D, within willow.Area) (found []row, ok bool, err error) {
	if r.Times == willow.AllTimes && within.Times == willow.AllTimes {
		return nil, false, nil
	}
	err = s.inBox(ctx, ns, r, within, func(in summer) (err error) {
		if ok, err = in.isScattered(); !ok || err != nil {
			return err
		}
		found, err = collect(in.q, 6, "SELECT "+tokenColumns+" FROM "+timeQuery+" ORDER BY key LIMIT ?",
			append(in.timeArgs(), in.bounds.sorted)...)
		ok = len(found) < in.bounds.sorted
		found = slices.DeleteFunc(found, func(r row) bool { return !in.box.includes(&r) })
		return err
	})
	return found, ok, err
}
