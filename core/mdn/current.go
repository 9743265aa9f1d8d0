package mdn

import (
	"context"
	"iter"

	"meadow/core/willow"
)

// current iterates the records below a path as they are to be read: the live
// entries; but what is dated ahead of any clock is passed over as long as history
// has what was there before. Only who wants to wreck the account writes such: it
// goes on as it was until they are removed, which it takes its records to do.
func (a *Account) current(ctx context.Context, ns willow.NamespaceID, below willow.Path) iter.Seq2[willow.Authorised, error] {
	limit := willow.TimestampOf(a.Now().Add(AheadOfClocks))
	return func(yield func(willow.Authorised, error) bool) {
		ahead, err := a.prunedAhead(ctx, ns, below, limit)
		if err != nil {
			yield(willow.Authorised{}, err)
			return
		}
		var late []willow.Authorised
		for e, err := range a.Entries.Area(ctx, ns, sharedArea(ns, below)) {
			if err == nil && e.Entry.Timestamp > limit {
				late = append(late, e)
				continue
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
		if !ahead && len(late) == 0 {
			return
		}
		older, err := a.before(ctx, ns, below, limit)
		if err != nil {
			yield(willow.Authorised{}, err)
			return
		}
		for _, e := range late {
			if _, ok := older[e.Entry.Path]; !ok && !yield(e, nil) {
				return
			}
		}
		for _, e := range older {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// prunedAhead reports whether an entry above a path is dated ahead of any clock.
func (a *Account) prunedAhead(ctx context.Context, ns willow.NamespaceID, p willow.Path, limit willow.Timestamp) (bool, error) {
	for above, ok := p.Parent(); ok; above, ok = above.Parent() {
		e, there, err := a.Entries.Get(ctx, ns, shared(ns), above)
		if err != nil || there && e.Entry.Timestamp > limit {
			return true, err
		}
	}
	return false, nil
}

// before returns the newest entry of history up to a time at each place below a
// path where nothing that is live is of that time.
func (a *Account) before(ctx context.Context, ns willow.NamespaceID, below willow.Path, limit willow.Timestamp) (map[willow.Path]willow.Authorised, error) {
	newest := map[willow.Path]willow.Authorised{}
	for e, err := range a.Entries.History(ctx, ns, sharedArea(ns, below), false) {
		if err != nil {
			return nil, err
		}
		if old, ok := newest[e.Entry.Path]; e.Entry.Timestamp > limit || ok && e.Entry.Compare(old.Entry) <= 0 {
			continue
		}
		if c, err := a.Verifier.Capability(e.Token.Capability); err == nil && a.Live(c) {
			newest[e.Entry.Path] = e.Authorised
		}
	}
	for path := range newest {
		e, there, err := a.Entries.Get(ctx, ns, shared(ns), path)
		if err != nil {
			return nil, err
		}
		if there && e.Entry.Timestamp <= limit {
			delete(newest, path)
		}
	}
	return newest, nil
}
