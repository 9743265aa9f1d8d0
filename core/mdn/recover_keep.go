package mdn

import (
	"context"
	"slices"
	"time"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// keepIn adds to an epoch the devices that are kept, with the handovers to them,
// and the handovers to persons that go on.
func (a *Account) keepIn(ctx context.Context, v *view, ns willow.NamespaceID, o RefoundOptions, e *Epoch) error {
	chains, err := a.chains(ctx, v, ns)
	if err != nil {
		return err
	}
	for _, k := range o.Keep {
		e.Devices = withKey(e.Devices, k)
	}
	persons := a.keptPersons(v, ns, o)
	for _, c := range chains {
		n := len(c.Delegations)
		id := HandoverID(c, n)
		device := n > 0 && slices.Contains(o.Keep, c.Receiver()) && v.keepable(ns, c)
		if device || persons[id] && v.set(ns).Live(c) {
			e.Kept = append(e.Kept, id)
		}
	}
	slices.SortFunc(e.Kept, compareIDs)
	e.Kept = slices.Compact(e.Kept)
	return nil
}

// keepable reports whether a device that is kept may keep a chain: it is live, or
// died only because a device was removed, which is what a thief does first; and the
// device is to have the namespace.
func (v *view) keepable(ns willow.NamespaceID, c *meadowcap.Capability) bool {
	if ns != v.identity && ns != v.home {
		if s, known := v.standing[c.Receiver()]; known && !s.has(ns) {
			return false
		}
	}
	for s := range v.set(ns).against(c) {
		if s.Kind() != KindRemove {
			return false
		}
	}
	return true
}

// keptPersons returns the handovers to persons that an epoch keeps: all, but for
// what devices that don't stay have granted lately (see RecentGrant), since nobody
// knows whose hands they were in; or, with a time, from then on.
func (a *Account) keptPersons(v *view, ns willow.NamespaceID, o RefoundOptions) map[[32]byte]bool {
	kept, gone := map[[32]byte]bool{}, a.goneFor(v, o)
	for _, g := range v.deals().given {
		if g.Space == ns && g.ended.IsZero() && v.keepsGrant(g, gone, RemoveOptions{Since: o.Since}, a.Now()) {
			for _, h := range g.keptHandovers(gone, o.Since) {
				kept[h.id] = true
			}
		}
	}
	for _, g := range v.grants { // persons who know the account go on reading who it is
		late := !o.Since.IsZero() && !g.at.Time().Before(o.Since) && slices.Contains(gone, key.Receiver(giverOf(g.read)))
		if g.ns == ns && g.person != (willow.NamespaceID{}) && !late {
			kept[HandoverID(g.read, len(g.read.Delegations))] = true
		}
	}
	return kept
}

// keptHandovers returns the handovers of a grant that stays when devices leave the
// account: with a time, those that they made from then on don't, even if another
// device has made the grant again since.
func (g *given) keptHandovers(gone []key.Receiver, since time.Time) []handover {
	return slices.DeleteFunc(slices.Clone(g.handovers), func(h handover) bool {
		return !since.IsZero() && slices.Contains(gone, h.by) && !h.at.Before(since)
	})
}

// goneFor returns the devices that don't stay; with a time also those that aren't
// listed any more and have given something to persons: a thief may have unlisted
// them.
func (a *Account) goneFor(v *view, o RefoundOptions) (gone []key.Receiver) {
	add := func(k key.Receiver) {
		if k != a.self && !slices.Contains(o.Keep, k) && !slices.Contains(gone, k) {
			gone = append(gone, k)
		}
	}
	for _, d := range v.devices {
		add(d.Receiver)
	}
	if o.Since.IsZero() {
		return gone
	}
	for _, g := range v.deals().given {
		add(g.by)
		add(g.Signer.Receiver())
		for _, h := range g.handovers {
			add(h.by)
		}
	}
	for _, g := range v.grants {
		if g.person != (willow.NamespaceID{}) {
			add(key.Receiver(giverOf(g.read)))
		}
	}
	return gone
}

// letIn returns the devices that this one has let into the account itself.
func (a *Account) letIn(ctx context.Context, v *view) (all []key.Receiver, err error) {
	for _, d := range v.devices {
		e, ok, err := a.Entries.Get(ctx, v.identity, shared(v.identity), recordPath(devicesPath, d.Receiver))
		if err != nil {
			return nil, err
		}
		if c, err := a.Verifier.Capability(e.Token.Capability); ok && !d.Self && err == nil && c.Receiver() == a.self {
			all = append(all, d.Receiver)
		}
	}
	return all, nil
}
