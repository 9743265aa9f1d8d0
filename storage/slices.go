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
// of keys, SQLite keeps in memory all that it returns.
const timeQuery = `entry INDEXED BY entry_time WHERE ns = ? AND ts BETWEEN ? AND ? AND key >= ? AND key < ?`

func (s *summer) timeArgs() []any {
	least, greatest := timeBounds(s.box.times)
	return []any{s.id, least, greatest, []byte(s.box.lo), []byte(s.box.hi)}
}

// byTime adds up the box from the index of times.
func (s *summer) byTime() (err error) {
	query := "SELECT " + headColumns + " FROM " + timeQuery
	if s.part != nil {
		query += " ORDER BY key"
	}
	rows, err := s.q.Query(query, s.timeArgs()...)
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
		e, err := r.entry(s.ns)
		if err != nil {
			return err
		}
		if s.countOnly {
			s.total.count++
		} else {
			s.total.addEntry(e)
		}
		if err := s.added(leafLevel-1, r.key, r.key+"\x00", 1); err != nil {
			return err
		}
	}
	return nil
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
