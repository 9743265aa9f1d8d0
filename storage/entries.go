package storage

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"

	"meadow/core/willow"
)

var _ willow.Store = (*entries)(nil)

// entries implements willow.Store. Iterators read pages of pageSize rows and
// hold nothing between them: their consumers may call the store.
type entries struct {
	db    *DB
	caps  capCache
	judge atomic.Pointer[judge] // nil: Incoming.Dead counts
}

// judge says whether a capability's chain is live.
type judge func(ns willow.NamespaceID, capability []byte) (live bool)

// Judge implements willow.Store.
func (s *entries) Judge(fn func(ns willow.NamespaceID, capability []byte) (live bool)) {
	if fn == nil {
		s.judge.Store(nil)
		return
	}
	ask := judge(fn)
	s.judge.Store(&ask)
}

// Entries returns the store of Willow entries. It takes tokens for verified.
func (d *DB) Entries() willow.Store { return d.entries }

// Subscribe implements willow.Store.
func (s *entries) Subscribe(fn func(willow.Change)) (cancel func()) { return s.db.subs.add(fn) }

// Told implements willow.Store: the writer commits and tells in turn.
func (s *entries) Told(ctx context.Context) error {
	return s.db.write(ctx, false, func(*writeTx) error { return nil })
}

// Get implements willow.Store.
func (s *entries) Get(ctx context.Context, ns willow.NamespaceID, ss willow.SubspaceID, p willow.Path) (a willow.Authorised, ok bool, err error) {
	err = s.view(ctx, ns, func(q querier, id int64) error {
		found, err := collect(q, 6, "SELECT "+tokenColumns+" FROM entry WHERE ns = ? AND key = ?", id, []byte(keyOf(ss, p)))
		if err != nil || len(found) == 0 {
			return err
		}
		ok = true
		a, err = s.authorised(q, ns, &found[0])
		return err
	})
	if err != nil {
		return willow.Authorised{}, false, fmt.Errorf("get entry: %w", err)
	}
	return a, ok, nil
}

// view calls fn with the pool, if the namespace has ever had an entry.
func (s *entries) view(ctx context.Context, ns willow.NamespaceID, fn func(q querier, id int64) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	q := pool{s.db}
	id, ok, err := s.db.namespaceID(q, ns)
	if err != nil || !ok {
		return err
	}
	return fn(q, id)
}

// authorised returns the entry of a row with its token.
func (s *entries) authorised(q querier, ns willow.NamespaceID, r *row) (a willow.Authorised, err error) {
	if a.Entry, err = r.entry(ns); err != nil {
		return a, err
	}
	a.Token.Signature = r.sig
	a.Token.Capability, err = s.caps.get(q, r.cap)
	return a, err
}

// Area implements willow.Store.
func (s *entries) Area(ctx context.Context, ns willow.NamespaceID, area willow.Area) iter.Seq2[willow.Authorised, error] {
	return s.Range(ctx, ns, willow.FullRange, area)
}

// Range implements willow.Store.
func (s *entries) Range(ctx context.Context, ns willow.NamespaceID, r willow.Range3D, within willow.Area) iter.Seq2[willow.Authorised, error] {
	return func(yield func(willow.Authorised, error) bool) {
		for row, err := range s.inRange(ctx, ns, r, within) {
			var a willow.Authorised
			if err == nil {
				a, err = s.authorised(pool{s.db}, ns, &row)
			}
			if err != nil {
				yield(willow.Authorised{}, fmt.Errorf("read entries: %w", err))
				return
			}
			if !yield(a, nil) {
				return
			}
		}
	}
}

// inRange iterates the rows of a box.
func (s *entries) inRange(ctx context.Context, ns willow.NamespaceID, r willow.Range3D, within willow.Area) iter.Seq2[row, error] {
	const query = `SELECT ` + tokenColumns + ` FROM entry
		WHERE ns = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?`
	return func(yield func(row, error) bool) {
		found, ok, err := s.slice(ctx, ns, r, within)
		switch {
		case err != nil:
			yield(row{}, err)
		case ok:
			for _, r := range found {
				if !yield(r, nil) {
					return
				}
			}
		default:
			s.rows(ctx, ns, r, within, 6, query)(yield)
		}
	}
}

// rows iterates the rows of a box: what query, of n columns, finds in each run of
// it, page by page.
func (s *entries) rows(ctx context.Context, ns willow.NamespaceID, r willow.Range3D, within willow.Area, n int, query string) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		b, ok := boxOf(r, within)
		if !ok {
			return
		}
		err := s.view(ctx, ns, func(q querier, id int64) error {
			for run, err := range b.runs(q, id, s.db.bounds.many) {
				if err != nil {
					return err
				}
				more, err := pages(ctx, q, id, b, run, n, query, yield)
				if err != nil || !more {
					return err
				}
			}
			return nil
		})
		if err != nil {
			yield(row{}, err)
		}
	}
}

// smallPage is the number of rows that are read at once where the last ones weren't in
// the box, though they were in a subspace of it.
const smallPage = 16

// pages yields the rows of a run that are in its box, until yield returns false: then
// more is false. Those that aren't are read and metered like the others.
func pages(ctx context.Context, q querier, id int64, b box, run run, n int, query string, yield func(row, error) bool) (more bool, err error) {
	for size := pageSize; ; {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		page, err := collect(q, n, query, id, []byte(run.lo), []byte(run.hi), size)
		if err = cmp.Or(err, willow.Spend(ctx, max(uint64(len(page)), 1))); err != nil {
			return false, err
		}
		for i := range page {
			if b.includes(&page[i]) && !yield(page[i], nil) {
				return false, nil
			}
		}
		if len(page) < size {
			return true, nil
		}
		first, last := page[0].key, page[len(page)-1].key
		run.lo, size = b.next(last), min(2*size, pageSize)
		if !b.hasPath(last) && first[:subspaceSize] == last[:subspaceSize] {
			size = smallPage
		}
	}
}

// capCache remembers capabilities by row id: rows never change, nor does an id
// get another row.
type capCache struct {
	mu    sync.Mutex
	byID  map[int64][]byte
	bytes int
}

// capCacheBytes bounds what the cache holds.
const capCacheBytes = 1 << 20

// get returns the encoding of a capability. It is shared: nobody may change it.
func (c *capCache) get(q querier, id int64) ([]byte, error) {
	c.mu.Lock()
	enc, ok := c.byID[id]
	c.mu.Unlock()
	if ok {
		return enc, nil
	}
	err := q.Scan("SELECT enc FROM cap WHERE id = ?", []any{id}, &enc)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errCorrupt
	}
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byID == nil || c.bytes > capCacheBytes {
		c.byID, c.bytes = map[int64][]byte{}, 0
	}
	c.byID[id] = enc
	c.bytes += len(enc)
	return enc, nil
}
