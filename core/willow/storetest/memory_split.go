package storetest

import (
	"context"

	"meadow/core/willow"
)

// Split implements willow.Store: it halves the fullest part until there are k.
func (s *Memory) Split(ctx context.Context, ns willow.NamespaceID, r willow.Range3D, within willow.Area, k int) ([]willow.Range3D, error) {
	inside := func(r willow.Range3D) []willow.Entry {
		return entriesOf(s.pick(ns, func(e willow.Entry) bool { return r.Includes(e) && within.Includes(e) }))
	}
	parts := []willow.Range3D{r}
	counts := []int{len(inside(r))}
	for range counts[0] {
		if err := willow.Spend(ctx, 1); err != nil {
			return nil, err
		}
	}
	for len(parts) < k {
		fullest := 0
		for i, n := range counts {
			if n > counts[fullest] {
				fullest = i
			}
		}
		if counts[fullest] < 2 {
			break
		}
		a, b := halve(parts[fullest], inside(parts[fullest]))
		parts[fullest], counts[fullest] = a, len(inside(a))
		parts, counts = append(parts, b), append(counts, len(inside(b)))
	}
	return parts, nil
}

// halve cuts r, whose entries, at least two, are in order: between paths if they
// are all in one subspace, else between subspaces, as near to the middle as can
// be.
func halve(r willow.Range3D, entries []willow.Entry) (a, b willow.Range3D) {
	a, b = r, r
	first, middle := entries[0].Subspace, len(entries)/2
	if first == entries[len(entries)-1].Subspace {
		a.PathOpen, a.PathEnd = false, entries[middle].Path
		b.PathStart = a.PathEnd
		return a, b
	}
	cut := middle // the least index from the middle on, else the greatest, where a subspace begins
	for cut < len(entries) && entries[cut].Subspace == entries[cut-1].Subspace {
		cut++
	}
	if cut == len(entries) {
		for cut = middle; entries[cut].Subspace == entries[cut-1].Subspace; cut-- {
		}
	}
	a.SubspaceOpen, a.SubspaceEnd = false, entries[cut].Subspace
	b.SubspaceStart = a.SubspaceEnd
	return a, b
}
