package mdn

import (
	"context"
	"iter"
	"slices"

	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// doomedRecords iterates what a cut dooms that isn't files and is to be kept: live
// entries; or with an end, the newest before it at each place, which may be
// history, since what pruned it is doomed too.
func (a *Account) doomedRecords(ctx context.Context, c *cut) iter.Seq2[willow.Authorised, error] {
	doomed := a.doomedBy(c)
	return func(yield func(willow.Authorised, error) bool) {
		for e, err := range a.entriesBefore(ctx, c, doomed) {
			if err == nil && (filesPath.IsPrefixOf(e.Entry.Path) || !doomed(e.Token.Capability)) {
				continue
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

func (a *Account) entriesBefore(ctx context.Context, c *cut, doomed func([]byte) bool) iter.Seq2[willow.Authorised, error] {
	if c.until.IsZero() {
		return a.Entries.Area(ctx, c.ns, willow.FullArea)
	}
	return func(yield func(willow.Authorised, error) bool) {
		newest, err := a.newestBefore(ctx, c, doomed)
		if err != nil {
			yield(willow.Authorised{}, err)
			return
		}
		for _, e := range newest {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// newestBefore returns the newest entry at each place of the shared subspace,
// files left out, passing over those that a cut dooms from its end on.
func (a *Account) newestBefore(ctx context.Context, c *cut, doomed func([]byte) bool) (map[willow.Path]willow.Authorised, error) {
	newest := map[willow.Path]willow.Authorised{}
	limit, area := willow.TimestampOf(c.until), sharedArea(c.ns, willow.Path{})
	note := func(e willow.Authorised) {
		if filesPath.IsPrefixOf(e.Entry.Path) || e.Entry.Timestamp >= limit && doomed(e.Token.Capability) {
			return
		}
		if old, ok := newest[e.Entry.Path]; !ok || e.Entry.Compare(old.Entry) > 0 {
			newest[e.Entry.Path] = e
		}
	}
	for e, err := range a.Entries.Area(ctx, c.ns, area) {
		if err != nil {
			return nil, err
		}
		note(e)
	}
	for e, err := range a.Entries.History(ctx, c.ns, area, false) {
		if err != nil {
			return nil, err
		}
		note(e.Authorised)
	}
	return newest, nil
}

// granted returns the capabilities of a namespace that persons were given.
func (a *Account) granted(ns willow.NamespaceID) (all []*meadowcap.Capability) {
	for _, g := range a.Grants() {
		for _, h := range g.For {
			for _, c := range []*meadowcap.Capability{h.Read, h.Write} {
				if c != nil && c.Namespace == ns {
					all = append(all, c)
				}
			}
		}
	}
	return slices.Clip(all)
}
