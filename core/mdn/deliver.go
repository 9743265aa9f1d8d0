package mdn

import (
	"context"
	"fmt"
	"slices"

	"meadow/core/key"
	"meadow/core/willow"
)

// DeliveryID tells one delivered record from others: the first bytes of the id
// of the handover in its read capability.
type DeliveryID [8]byte

// Delivery is a caps record on its way to the device that it is for, which has
// no other way to it: a limited device can't read the home space, and a full one
// can't once its chain has died. Record is the record as home has it.
type Delivery struct {
	ID     DeliveryID
	Record []byte
}

func deliveryID(g grantSet) (id DeliveryID) {
	h := HandoverID(g.read, len(g.read.Delegations))
	copy(id[:], h[:])
	return id
}

// Deliveries returns what there is for another device of the account, but for
// namespaces of which it says that it has a live capability.
func (a *Account) Deliveries(peer key.Endpoint, has []DeliveryID) (all []Delivery) {
	v := a.now.Load()
	if !v.full() {
		return nil
	}
	i := slices.IndexFunc(v.devices, func(d DeviceInfo) bool { return d.Endpoint == peer && !d.Self })
	if i < 0 {
		return nil
	}
	best, there := map[willow.NamespaceID]grantSet{}, map[willow.NamespaceID]bool{}
	for _, g := range v.grants {
		if !v.delivers(g, v.devices[i]) {
			continue
		}
		there[g.ns] = there[g.ns] || slices.Contains(has, deliveryID(g.grantSet))
		if b, ok := best[g.ns]; !ok || len(g.read.Delegations) < len(b.read.Delegations) {
			best[g.ns] = g.grantSet
		}
	}
	for ns, g := range best {
		if !there[ns] {
			all = append(all, Delivery{deliveryID(g), g.fields().encode()})
		}
	}
	return all
}

// delivers reports whether a record is one that a device can't read by itself.
func (v *view) delivers(g grantRecord, to DeviceInfo) bool {
	return g.receiver == to.Receiver && v.lives(g.grantSet) &&
		(to.Kind == Limited || g.ns == v.identity || g.ns == v.home)
}

// Delivered returns what this device tells others that it has.
func (a *Account) Delivered() (has []DeliveryID) {
	v := a.now.Load()
	for ns := range v.caps {
		for _, c := range v.caps[ns].read {
			if v.set(ns).Live(c) {
				has = append(has, deliveryID(grantSet{read: c}))
			}
		}
	}
	return has
}

// Take takes what a full device of the account delivers, and reports whether any
// of it was news. What isn't for this device, or not what a device of its kind
// gets, is an error; the rest is taken nevertheless.
func (a *Account) Take(ctx context.Context, from key.Endpoint, records [][]byte) (news bool, err error) {
	a.writing.Lock()
	defer a.writing.Unlock()
	old := a.now.Load()
	if !old.ownFull(from) {
		return false, ErrNotAllowed
	}
	v := old.clone()
	var good []grantSet
	for _, b := range records {
		g, bad := a.checkDelivery(v, b)
		if bad != nil {
			err = bad
		} else if !v.has(g) {
			good = append(good, g)
		}
	}
	if len(good) == 0 {
		return false, err
	}
	if failed := a.holdAll(ctx, v, good); failed != nil {
		return false, fmt.Errorf("take capabilities: %w", failed)
	}
	a.now.Store(v)
	failed := a.refresh(ctx)
	for _, g := range good {
		a.notify(g.read.Namespace)
	}
	if failed != nil {
		return true, failed
	}
	return true, err
}

func (a *Account) checkDelivery(v *view, b []byte) (grantSet, error) {
	r, err := parseRecord(b)
	if err != nil {
		return grantSet{}, fmt.Errorf("delivered: %w", err)
	}
	g, err := parseGrants(r)
	if err == nil {
		err = g.check(a.Verifier, g.read.Namespace, a.self)
	}
	limited := v.home == willow.NamespaceID{}
	if err == nil && (limited && !g.limited(v.identity) || !limited && !g.full()) {
		err = fmt.Errorf("%w: not what this device gets", errFormat)
	}
	if err != nil {
		return g, fmt.Errorf("delivered: %w", err)
	}
	return g, nil
}

// holdAll keeps capabilities of this device, in the store and in a view that
// isn't shared yet.
func (a *Account) holdAll(ctx context.Context, v *view, all []grantSet) error {
	var b Batch
	for _, g := range all {
		for _, h := range g.held() {
			if err := v.hold(a.Verifier, h); err != nil {
				return err
			}
		}
		b.Capabilities = append(b.Capabilities, g.held()...)
		if ns := g.read.Namespace; v.sets[ns] == nil {
			set, err := a.loadSet(ctx, ns)
			if err != nil {
				return err
			}
			v.sets[ns] = set
		}
		a.unjudged[g.read.Namespace], a.renewable[g.read.Namespace] = true, true
	}
	if len(all) == 0 {
		return nil
	}
	return a.Store.Commit(ctx, b)
}
