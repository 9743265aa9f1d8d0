package mdn

import (
	"context"
	"fmt"
	"slices"

	"meadow/core/willow"
)

// pack makes the parcel for a new device.
func (a *Account) pack(ctx context.Context, d DeviceInfo, o AcceptOptions) (*parcel, error) {
	v := a.now.Load()
	if !v.full() {
		return nil, fmt.Errorf("hand over: %w", ErrNotAllowed)
	}
	p := &parcel{limited: d.Kind == Limited}
	namespaces := []willow.NamespaceID{v.identity}
	if !p.limited {
		p.home, namespaces = v.home, append(namespaces, v.home)
	}
	chosen := v.chosen(o.Spaces)
	drafts, err := a.packGrants(v, p, d, append(namespaces, chosen...))
	if err != nil {
		return nil, fmt.Errorf("hand over: %w", err)
	}
	own := []draft{{v.identity, recordPath(devicesPath, d.Receiver), d.fields(nil).encode()}}
	stands := draft{v.home, recordPath(standingPath, d.Receiver), standing{all: o.Spaces == nil, spaces: o.Spaces}.encode()}
	if p.limited {
		drafts = append(drafts, stands)
	} else {
		own = append(own, stands)
	}
	if p.entries, err = a.sealAll(ctx, v, own); err == nil {
		p.kept, err = a.sealAll(ctx, v, drafts)
	}
	if err != nil {
		return nil, fmt.Errorf("hand over: %w", err)
	}
	p.own = len(own)
	return p, a.packRecords(ctx, v, p, chosen)
}

// chosen returns the spaces that a new device gets; nil asks for all that this
// device has.
func (v *view) chosen(spaces []willow.NamespaceID) []willow.NamespaceID {
	if spaces != nil {
		return slices.Clone(spaces)
	}
	var all []willow.NamespaceID
	for ns := range v.caps {
		if ns != v.identity && ns != v.home && v.owns(ns) {
			all = append(all, ns)
		}
	}
	return all
}

// packGrants adds the capabilities of namespaces, and their statements, to a
// parcel, and returns the records of them for the home space.
func (a *Account) packGrants(v *view, p *parcel, d DeviceInfo, namespaces []willow.NamespaceID) (drafts []draft, err error) {
	for _, ns := range namespaces {
		g, err := a.delegate(v, ns, d.Receiver, d.Kind)
		if err != nil {
			return nil, err
		}
		p.grants = append(p.grants, g)
		p.statements = append(p.statements, v.set(ns).All()...)
		drafts = append(drafts, draft{v.home, recordPath(capsPath, ns, d.Receiver, a.self), g.fields().encode()})
	}
	return drafts, nil
}

// packRecords adds the records that a new device needs at once: the account's
// name, its devices, and the names of the chosen spaces, which a full device has
// from the home space, together with what devices stand for.
func (a *Account) packRecords(ctx context.Context, v *view, p *parcel, chosen []willow.NamespaceID) error {
	paths := map[willow.NamespaceID][]willow.Path{v.identity: {profilePath}}
	for _, d := range v.devices {
		paths[v.identity] = append(paths[v.identity], recordPath(devicesPath, d.Receiver))
		if !p.limited {
			paths[v.home] = append(paths[v.home], recordPath(standingPath, d.Receiver))
		}
	}
	for _, ns := range chosen {
		if p.limited {
			paths[ns] = append(paths[ns], aboutPath)
		} else {
			paths[v.home] = append(paths[v.home], recordPath(spacesPath, ns))
		}
	}
	for ns, all := range paths {
		for _, path := range all {
			e, ok, err := a.Entries.Get(ctx, ns, shared(ns), path)
			if err != nil {
				return err
			}
			if !ok || e.Entry.PayloadLength > maxRecord {
				continue
			}
			b, err := a.Payloads.Get(ctx, e.Entry.PayloadDigest)
			if err != nil {
				continue // not here yet: it comes by sync
			}
			p.entries = append(p.entries, sealedEntry{e, b})
		}
	}
	return nil
}

// sealAll signs drafts without storing anything.
func (a *Account) sealAll(ctx context.Context, v *view, drafts []draft) ([]sealedEntry, error) {
	sealed := make([]sealedEntry, len(drafts))
	for i, d := range drafts {
		var err error
		if sealed[i], err = a.seal(ctx, v, d); err != nil {
			return nil, err
		}
	}
	return sealed, nil
}
