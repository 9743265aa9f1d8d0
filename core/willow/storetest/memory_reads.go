package storetest

import (
	"context"
	"iter"
	"slices"

	"meadow/core/willow"
)

// pick returns the live entries for which keep is true, in order.
func (s *Memory) pick(ns willow.NamespaceID, keep func(willow.Entry) bool) []willow.Authorised {
	s.mu.Lock()
	defer s.mu.Unlock()
	var as []willow.Authorised
	for _, a := range s.namespaceLocked(ns).live {
		if keep(a.Entry) {
			as = append(as, a)
		}
	}
	slices.SortFunc(as, func(a, b willow.Authorised) int { return byPlace(a.Entry, b.Entry) })
	return as
}

func sequence[T any](ts []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range ts {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// Get implements willow.Store.
func (s *Memory) Get(_ context.Context, ns willow.NamespaceID, ss willow.SubspaceID, p willow.Path) (willow.Authorised, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.namespaceLocked(ns).live[place{ss, p}]
	return a, ok, nil
}

// metered is sequence for entries, each of which is a row.
func metered[T any](ctx context.Context, as []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, a := range as {
			if err := willow.Spend(ctx, 1); err != nil {
				yield(*new(T), err)
				return
			}
			if !yield(a, nil) {
				return
			}
		}
	}
}

// Area implements willow.Store.
func (s *Memory) Area(ctx context.Context, ns willow.NamespaceID, area willow.Area) iter.Seq2[willow.Authorised, error] {
	return metered(ctx, s.pick(ns, area.Includes))
}

// Range implements willow.Store.
func (s *Memory) Range(ctx context.Context, ns willow.NamespaceID, r willow.Range3D, within willow.Area) iter.Seq2[willow.Authorised, error] {
	return metered(ctx, s.pick(ns, func(e willow.Entry) bool { return r.Includes(e) && within.Includes(e) }))
}

// Latest implements willow.Store.
func (s *Memory) Latest(ctx context.Context, ns willow.NamespaceID, area willow.Area) iter.Seq2[willow.Authorised, error] {
	as := s.pick(ns, area.Includes)
	slices.SortFunc(as, func(a, b willow.Authorised) int { return byAge(a.Entry, b.Entry) })
	return metered(ctx, as)
}

// Summary implements willow.Store.
func (s *Memory) Summary(ctx context.Context, ns willow.NamespaceID, r willow.Range3D, within willow.Area) (sum willow.Summary, err error) {
	var acc willow.Accumulator
	for a, err := range s.Range(ctx, ns, r, within) {
		if err != nil {
			return willow.Summary{}, err
		}
		acc.Add(a.Entry)
		sum.Count++
		sum.Bytes += a.Entry.PayloadLength
	}
	sum.Fingerprint = acc.Fingerprint()
	return sum, nil
}
