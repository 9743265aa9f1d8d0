package storage

import (
	"context"
	"fmt"
	"iter"

	"meadow/core/willow"
)

// Aside implements willow.Store. It reads page by page: what is set aside, or
// comes back, meanwhile may be seen or not.
func (s *entries) Aside(ctx context.Context, ns willow.NamespaceID, within willow.Area) iter.Seq2[willow.Authorised, error] {
	return func(yield func(willow.Authorised, error) bool) {
		b, ok := boxOf(willow.FullRange, within)
		if !ok {
			return
		}
		err := s.view(ctx, ns, func(q querier, id int64) error {
			return s.aside(ctx, q, ns, id, b, within, yield)
		})
		if err != nil {
			yield(willow.Authorised{}, fmt.Errorf("read what is set aside: %w", err))
		}
	}
}

func (s *entries) aside(ctx context.Context, q querier, ns willow.NamespaceID, id int64, b box, within willow.Area, yield func(willow.Authorised, error) bool) error {
	keys := run{lo: b.lo, hi: b.hi}
	if b.hi == afterSubspace(b.lo) {
		keys = b.runIn(b.lo)
	}
	from := row{key: keys.lo} // the last row of the page before: several may be at one key
	for first := true; ; first = false {
		if err := ctx.Err(); err != nil {
			return err
		}
		page, err := collect(q, 6, `SELECT `+tokenColumns+` FROM dead WHERE ns = ?1 AND key >= ?2 AND key < ?3
			AND (?4 OR (key, ts, digest, len) > (?2, ?5, ?6, ?7)) ORDER BY key, ts, digest, len LIMIT ?8`,
			id, []byte(from.key), []byte(keys.hi), first, stored(from.ts), from.digest[:], int64(from.length), pageSize)
		if err != nil {
			return err
		}
		for i := range page {
			a, err := s.authorised(q, ns, &page[i])
			if err != nil {
				return err
			}
			if within.Includes(a.Entry) && !yield(a, nil) {
				return nil
			}
		}
		if len(page) < pageSize {
			return nil
		}
		from = page[len(page)-1]
	}
}
