package mdn

import (
	"context"
	"errors"
	"slices"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// need is a device that should have a namespace.
type need struct {
	ns       willow.NamespaceID
	receiver key.Receiver
	kind     string
	again    bool // it had it before, and lost it
	person   bool // it is a person's identity space
}

// giving says to which devices what they had, and lost, is given again. What they
// never had they get in any case: but that a chain is dead may be heard before
// the decision which led to it, and then the device isn't to have another one.
type giving func(to key.Receiver) bool

func onlyNew(key.Receiver) bool { return false }

// serveStanding hands spaces on to full devices that stand for them and have no
// live capability: their creator didn't know of them.
func (a *Account) serveStanding(ctx context.Context, v *view, r records, give giving) (wrote bool, err error) {
	if !v.full() {
		return false, nil
	}
	drafts := a.ownRecords(v, r)
	for _, n := range a.needs(v, r) {
		if n.again && !give(n.receiver) {
			continue
		}
		g, err := a.fulfil(v, n)
		if err != nil {
			continue // not ours to give
		}
		drafts = append(drafts, draft{v.home, recordPath(capsPath, n.ns, n.receiver, a.self), g.fields().encode()})
	}
	if len(drafts) == 0 {
		return false, nil
	}
	err = a.write(ctx, v, drafts...)
	if errors.Is(err, errEnd) {
		a.Log.WarnContext(ctx, "what devices are to have isn't given: somebody has pruned the account", "error", err)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	a.notify(v.home)
	return true, nil
}

// fulfil makes what a need asks for.
func (a *Account) fulfil(v *view, n need) (g grantSet, err error) {
	if n.person {
		g.read, err = a.showOne(v, n.ns, n.receiver)
		return g, err
	}
	return a.delegate(v, n.ns, n.receiver, n.kind)
}

// needs lists what no device has served yet.
func (a *Account) needs(v *view, r records) []need {
	type of struct {
		ns       willow.NamespaceID
		receiver key.Receiver
	}
	before, served := map[of]bool{}, map[of]bool{}
	for _, g := range r.grants {
		o := of{g.ns, g.receiver}
		before[o], served[o] = true, served[o] || v.lives(g.grantSet)
	}
	var needs []need
	for _, d := range v.devices {
		if d.Self {
			continue
		}
		for ns := range r.spaces {
			o := of{ns, d.Receiver}
			if !r.deleted[ns].deleted && v.standing[d.Receiver].has(ns) && !served[o] {
				needs = append(needs, need{ns: ns, receiver: d.Receiver, kind: d.Kind, again: before[o]})
			}
		}
		// What every device gets, it has got when it was paired; but the chain
		// may have died with the device that it came from.
		for _, ns := range []willow.NamespaceID{v.identity, v.home} {
			o := of{ns, d.Receiver}
			if before[o] && !served[o] && (ns == v.identity || d.Kind == Full) {
				needs = append(needs, need{ns: ns, receiver: d.Receiver, kind: d.Kind, again: true})
			}
		}
	}
	return append(needs, v.unseen(r)...)
}

// unseen lists the full devices that don't see somebody whom the account knows: they
// came later.
func (v *view) unseen(r records) (needs []need) {
	type of struct{ ns, receiver [32]byte }
	sees := map[of]bool{}
	for _, g := range r.grants {
		o := of{g.ns, g.receiver}
		sees[o] = sees[o] || v.lives(g.grantSet)
	}
	for _, d := range v.devices {
		for _, p := range v.people {
			if !d.Self && d.Kind == Full && !sees[of{p.Custodian, d.Receiver}] {
				needs = append(needs, need{ns: p.Custodian, receiver: d.Receiver, person: true})
			}
		}
	}
	return needs
}

// ownRecords are the records of this device's own capabilities of identity and
// home space, if nobody has made them: whoever cuts a chain has to know which
// others go through it.
func (a *Account) ownRecords(v *view, r records) (drafts []draft) {
	for _, ns := range []willow.NamespaceID{v.identity, v.home} {
		known := slices.ContainsFunc(r.grants, func(g grantRecord) bool {
			return g.ns == ns && g.receiver == a.self && v.lives(g.grantSet)
		})
		g := grantSet{
			read:  v.whole(ns, meadowcap.Read, key.Receiver{}),
			write: v.whole(ns, meadowcap.Write, key.Receiver{}),
		}
		if known || g.read == nil || g.write == nil {
			continue
		}
		if own := v.caps[ns].enumeration; len(own) > 0 {
			g.enumeration = own[0]
		}
		giver := [32]byte(ns)
		if keys := g.read.Receivers(); len(keys) > 1 {
			giver = keys[len(keys)-2]
		}
		drafts = append(drafts, draft{v.home, recordPath(capsPath, ns, a.self, giver), g.fields().encode()})
	}
	return drafts
}
