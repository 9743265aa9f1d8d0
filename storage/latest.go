package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"

	"meadow/core/willow"
)

// countBudget bounds what it may take to find out how many entries are in a box.
const countBudget = 2048

// Latest implements willow.Store. A box with few of a namespace's entries is read
// as often as it takes to find the next bounds.sorted of them; from where that
// would take longer, all entries of the namespace are looked at by time, and those of
// one time that are more than a page as often as it takes to find the next
// bounds.sorted of them. So no iteration looks at more rows than the namespace has,
// about, if not very many have one time; what it looks at is metered in any case.
func (s *entries) Latest(ctx context.Context, ns willow.NamespaceID, area willow.Area) iter.Seq2[willow.Authorised, error] {
	return func(yield func(willow.Authorised, error) bool) {
		b, ok := boxOf(willow.FullRange, area)
		if !ok {
			return
		}
		err := s.view(ctx, ns, func(q querier, id int64) error {
			n := newestFirst{ctx: ctx, q: q, id: id, box: b, bounds: s.db.bounds}
			n.yield = func(r *row) (bool, error) {
				a, err := s.authorised(q, ns, r)
				return err == nil && yield(a, nil), err
			}
			byTime, err := s.isLarge(ctx, ns, area)
			switch {
			case err != nil:
				return err
			case byTime:
				return n.byTime()
			}
			return n.bySorting()
		})
		if err != nil {
			yield(willow.Authorised{}, fmt.Errorf("read newest entries: %w", err))
		}
	}
}

// isLarge reports whether all entries of the namespace should be looked at for the
// newest of an area.
func (s *entries) isLarge(ctx context.Context, ns willow.NamespaceID, area willow.Area) (large bool, err error) {
	var spent uint64
	limited := willow.WithMeter(ctx, willow.Budget(countBudget, &spent))
	err = s.inBox(limited, ns, willow.FullRange, area, func(some summer) error {
		some.countOnly = true
		all := some
		if err := all.whole(); err != nil {
			return err
		}
		if err := some.sum(); err != nil {
			return err
		}
		n, sorted := some.total.count, uint64(s.db.bounds.sorted)
		large = n > sorted && n/sorted*n > all.total.count
		return nil
	})
	if errors.Is(err, willow.ErrBudget) {
		large, err = true, nil
	}
	return large, cmp.Or(err, willow.Spend(ctx, spent))
}

// newestFirst goes through the entries of a box, newest first.
type newestFirst struct {
	ctx    context.Context
	q      querier
	id     int64
	box    box
	bounds bounds
	after  *row // the last one yielded, nil at the start
	yield  func(*row) (more bool, err error)
}

// byAge orders rows newest first.
func byAge(r, s *row) int { return cmp.Or(s.compare(r), cmp.Compare(s.key, r.key)) }

// give yields rows in order, and remembers where it is. more is false if the
// consumer has had enough.
func (n *newestFirst) give(rows []row) (more bool, err error) {
	for i := range rows {
		r := &rows[i]
		n.after = r
		if !n.box.includes(r) {
			continue
		}
		if more, err := n.yield(r); !more || err != nil {
			return false, err
		}
	}
	return true, nil
}

// next returns the next n.bounds.sorted of the rows that read gives, or all that are left.
func (n *newestFirst) next(read func(keep func(r row, _ error) bool) error) (kept []row, err error) {
	cut := func() {
		slices.SortFunc(kept, func(a, b row) int { return byAge(&a, &b) })
		kept = kept[:min(len(kept), n.bounds.sorted)]
	}
	err = read(func(r row, _ error) bool {
		if n.box.includes(&r) && (n.after == nil || byAge(n.after, &r) < 0) {
			kept = append(kept, r)
		}
		if len(kept) == 2*n.bounds.sorted {
			cut()
		}
		return true
	})
	cut()
	return kept, err
}

// again gives what read gives, which is asked again and again, each time for the
// next n.bounds.sorted.
func (n *newestFirst) again(read func(keep func(r row, _ error) bool) error) (more bool, err error) {
	for {
		kept, err := n.next(read)
		if err != nil {
			return false, err
		}
		if more, err := n.give(kept); !more || err != nil || len(kept) < n.bounds.sorted {
			return more, err
		}
	}
}

// bySorting reads the box again and again.
func (n *newestFirst) bySorting() error {
	const query = `SELECT ` + tokenColumns + ` FROM entry WHERE ns = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?`
	_, err := n.again(func(keep func(row, error) bool) error {
		for run, err := range n.box.runs(n.q, n.id, n.bounds.many) {
			if err != nil {
				return err
			}
			if _, err := pages(n.ctx, n.q, n.id, n.box, run, 6, query, keep); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// byTime reads the namespace by its index of times, page by page. What is left of a
// page is in order once its entries of the same time are; the last of these may go
// on in the next page, or be more than a page.
func (n *newestFirst) byTime() error {
	const query = `SELECT ` + tokenColumns + ` FROM entry INDEXED BY entry_time
		WHERE ns = ? AND ts >= ? AND ts <= ? ORDER BY ts DESC LIMIT ?`
	least, greatest := timeBounds(n.box.times)
	for {
		if err := n.ctx.Err(); err != nil {
			return err
		}
		page, err := collect(n.q, 6, query, n.id, least, greatest, pageSize)
		if err = cmp.Or(err, willow.Spend(n.ctx, max(uint64(len(page)), 1))); err != nil {
			return err
		}
		whole := page
		if len(page) == pageSize {
			greatest = stored(page[len(page)-1].ts)
			whole = page[:slices.IndexFunc(page, func(r row) bool { return stored(r.ts) == greatest })]
		}
		slices.SortFunc(whole, func(a, b row) int { return byAge(&a, &b) })
		more, err := n.give(whole)
		if more && err == nil && len(page) == pageSize && len(whole) == 0 {
			more, err = n.ofTime(greatest)
			if greatest == least {
				return err
			}
			greatest--
		}
		if !more || err != nil || len(page) < pageSize {
			return err
		}
	}
}

// ofTime yields the entries of one time, reading them again and again.
func (n *newestFirst) ofTime(ts int64) (more bool, err error) {
	return n.again(func(keep func(row, error) bool) error {
		after, rows := int64(math.MinInt64), pageSize
		for rows == pageSize {
			rows, after, err = n.pageOfTime(ts, after, keep)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// pageOfTime reads some entries of one time, in the order of their ids, after one.
func (n *newestFirst) pageOfTime(ts, after int64, keep func(row, error) bool) (read int, last int64, err error) {
	const query = `SELECT ` + tokenColumns + `, id FROM entry INDEXED BY entry_time
		WHERE ns = ? AND ts = ? AND id > ? ORDER BY id LIMIT ?`
	if err := n.ctx.Err(); err != nil {
		return 0, 0, err
	}
	rows, err := n.q.Query(query, n.id, ts, after, pageSize)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = cmp.Or(errors.Join(err, rows.Close()), willow.Spend(n.ctx, max(uint64(read), 1))) }()
	for rows.Next() {
		var r row
		if err := r.scan(rows, 6, &last); err != nil {
			return read, last, err
		}
		read++
		keep(r, nil)
	}
	return read, last, rows.Err()
}
