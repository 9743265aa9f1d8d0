package mdn

import (
	"errors"
	"fmt"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// grantSet is the capabilities of one namespace that one device gives another.
//
// A full device gets read, write and enumeration of everything. A limited one
// gets read of everything, and write of the shared subspace at two paths, for
// each of which there is a capability; of the identity space just read.
type grantSet struct {
	read, write *meadowcap.Capability
	claims      *meadowcap.Capability  // the second one for writing, of limited devices
	enumeration *meadowcap.Enumeration // of full devices
	person      willow.NamespaceID     // whose device it is for; zero: the account's own
}

// What a limited device may write in a space, beside reading all of it.
var (
	filesPath  = willow.MustPath("files")
	claimsPath = willow.MustPath("claims")
)

// sharedArea is a path of the shared subspace, with all below it.
func sharedArea(ns willow.NamespaceID, p willow.Path) willow.Area {
	return willow.Area{Subspace: shared(ns), Path: p, Times: willow.AllTimes}
}

// chains returns the capabilities that entries and sessions are judged by.
func (g grantSet) chains() (all []*meadowcap.Capability) {
	for _, c := range []*meadowcap.Capability{g.read, g.write, g.claims} {
		if c != nil {
			all = append(all, c)
		}
	}
	return all
}

func (g grantSet) fields() fields {
	f := fields{}
	f.set("read", g.read.Encode())
	if g.write != nil {
		f.set("write", g.write.Encode())
	}
	if g.claims != nil {
		f.set("claims", g.claims.Encode())
	}
	if g.enumeration != nil {
		f.set("enumeration", g.enumeration.Encode())
	}
	if g.person != (willow.NamespaceID{}) {
		f.set("person", g.person[:])
	}
	return f
}

// maxCapability bounds the encoding of one capability in bytes: 64 delegations,
// each at most a long path and a hundred bytes.
const maxCapability = 64 * (willow.MaxPathLength + 256)

// parseGrants reads a caps record; whether its capabilities are valid, and
// whose, is for [grantSet.check].
func parseGrants(r *reader) (grantSet, error) {
	var g grantSet
	var err error
	for _, c := range []struct {
		name string
		to   **meadowcap.Capability
	}{{"read", &g.read}, {"write", &g.write}, {"claims", &g.claims}} {
		if c.name != "read" && !r.has(c.name) {
			continue
		}
		if *c.to, err = meadowcap.Decode(r.bytes(c.name, maxCapability)); err != nil {
			return g, fmt.Errorf("%s capability: %w", c.name, err)
		}
	}
	if r.has("enumeration") {
		if g.enumeration, err = meadowcap.DecodeEnumeration(r.bytes("enumeration", maxCapability)); err != nil {
			return g, fmt.Errorf("enumeration capability: %w", err)
		}
	}
	if r.has("person") {
		r.fixed("person", g.person[:])
	}
	return g, r.err
}

// check reports, as an error, why some capability isn't valid, of the namespace
// and for the receiver.
func (g grantSet) check(v *meadowcap.Verifier, ns willow.NamespaceID, receiver key.Receiver) error {
	if err := g.checkChains(v, ns, receiver); err != nil || g.enumeration == nil {
		return err
	}
	if g.enumeration.Namespace != ns || g.enumeration.Receiver() != receiver {
		return errors.New("the enumeration capability is for something else")
	}
	return g.enumeration.Valid()
}

// checkChains is check without the enumeration capability. It is quick for
// chains that v has seen before.
func (g grantSet) checkChains(v *meadowcap.Verifier, ns willow.NamespaceID, receiver key.Receiver) error {
	for _, c := range g.chains() {
		mode := meadowcap.Write
		if c == g.read {
			mode = meadowcap.Read
		}
		if c.Mode != mode || c.Namespace != ns || c.Receiver() != receiver {
			return errors.New("a capability is for something else")
		}
		if _, err := v.Capability(c.Encode()); err != nil {
			return err
		}
	}
	return nil
}

// full reports whether g is what a full device gets.
func (g grantSet) full() bool {
	return g.enumeration != nil && g.write != nil && g.claims == nil && Owner(g.write) && g.read.Area() == willow.FullArea
}

// limited reports whether g is what a limited device gets of a namespace of the
// account.
func (g grantSet) limited(identity willow.NamespaceID) bool {
	ns := g.read.Namespace
	switch {
	case g.enumeration != nil || g.read.Area() != willow.FullArea:
		return false
	case ns == identity:
		return g.write == nil && g.claims == nil
	}
	return g.write != nil && g.claims != nil &&
		g.write.Area() == sharedArea(ns, filesPath) && g.claims.Area() == sharedArea(ns, claimsPath)
}

// held returns the capabilities as a store keeps them.
func (g grantSet) held() []Held {
	var h []Held
	for _, c := range g.chains() {
		h = append(h, Held{Namespace: c.Namespace, Encoding: c.Encode()})
	}
	if g.enumeration != nil {
		h = append(h, Held{Namespace: g.enumeration.Namespace, Enumeration: true, Encoding: g.enumeration.Encode()})
	}
	return h
}

// rootGrants has the namespace key sign a device's root capabilities.
func rootGrants(s key.NamespaceSecret, device key.Receiver) grantSet {
	return grantSet{
		read:        meadowcap.NewOwned(s, meadowcap.Read, device),
		write:       meadowcap.NewOwned(s, meadowcap.Write, device),
		enumeration: meadowcap.NewEnumeration(s, device),
	}
}

// lives reports whether all chains of g are live.
func (v *view) lives(g grantSet) bool {
	for _, c := range g.chains() {
		if !v.set(c.Namespace).Live(c) {
			return false
		}
	}
	return true
}

// has reports whether all of g is held already.
func (v *view) has(g grantSet) bool {
	own := v.caps[g.read.Namespace]
	return contains(own.read, g.read) && (g.write == nil || contains(own.write, g.write)) &&
		(g.claims == nil || contains(own.write, g.claims)) &&
		(g.enumeration == nil || contains(own.enumeration, g.enumeration))
}

// delegate hands on to another device what its kind gets of a namespace, from
// this device's shortest live capabilities of all of it. What was withdrawn
// before is handed on in other bytes. The error is an [ErrNotAllowed] if this
// device has no such capability.
func (a *Account) delegate(v *view, ns willow.NamespaceID, to key.Receiver, kind string) (g grantSet, err error) {
	if g.read, err = a.handOn(v, ns, meadowcap.Read, willow.FullArea, to); err != nil {
		return g, err
	}
	if kind == Limited {
		if ns == v.identity {
			return g, nil
		}
		if g.write, err = a.handOn(v, ns, meadowcap.Write, sharedArea(ns, filesPath), to); err == nil {
			g.claims, err = a.handOn(v, ns, meadowcap.Write, sharedArea(ns, claimsPath), to)
		}
		return g, err
	}
	if g.write, err = a.handOn(v, ns, meadowcap.Write, willow.FullArea, to); err != nil {
		return g, err
	}
	for _, e := range v.caps[ns].enumeration {
		handed, err := e.Delegate(a.Device, to)
		if err == nil {
			g.enumeration = handed
			break
		}
	}
	return g, nil
}

// handOn hands on one capability.
func (a *Account) handOn(v *view, ns willow.NamespaceID, m meadowcap.Mode, area willow.Area, to key.Receiver) (*meadowcap.Capability, error) {
	from := v.whole(ns, m, to)
	if from == nil {
		return nil, ErrNotAllowed
	}
	c, err := from.Delegate(a.Device, area, to)
	if err == nil && !v.set(ns).Live(c) {
		c, err = from.DelegateAgain(a.Device, area, to)
	}
	return c, err
}
