package mdn

import (
	"context"
	"slices"
	"time"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// Interest is a part of a namespace that this device would sync with a peer, and
// the read capability that it would show for it. Area is what both sides name.
type Interest struct {
	Namespace willow.NamespaceID
	Read      *meadowcap.Capability
	Area      willow.Area
}

// interests collects Interests; of one part of a namespace the first counts.
type interests struct {
	v   *view
	all []Interest
}

// add adds an interest, unless there is no capability to show for it. One of whose
// entries nothing is exchanged now, because of a conflict, is one nevertheless: by
// its statements it is heard how that is solved (see Serve).
func (l *interests) add(ns willow.NamespaceID, read *meadowcap.Capability, area willow.Area) {
	if read == nil || l.v.dropped[ns] {
		return
	}
	if !slices.ContainsFunc(l.all, func(o Interest) bool { return o.Namespace == ns && o.Area == area }) {
		l.all = append(l.all, Interest{ns, read, area})
	}
}

// Interests returns what this device would sync with a peer, by namespace: with
// another device of the account, all that both may have; with a person's, what one
// has let the other read; with a stranger, who may be a device of the account that
// this one hasn't heard of, the account's identity and home. These they can't name
// without knowing them, nor show a capability for. With a device that was removed
// from the account there is nothing but the identity space, by which it learns of
// that; and such a device itself has nothing else, by which it hears if the words
// bring it back.
func (a *Account) Interests(_ context.Context, peer key.Endpoint) ([]Interest, error) {
	v := a.now.Load()
	if !v.paired() {
		return nil, nil
	}
	l := interests{v: v}
	if v.cutOff(a.self) {
		l.add(v.identity, v.shown(v.identity), willow.FullArea)
		return l.all, nil
	}
	p, known := v.personOf(peer)
	switch {
	case v.removed(key.Receiver(peer)):
		l.add(v.identity, v.shown(v.identity), willow.FullArea)
	case v.own(peer):
		l.addOwn(v.ownFull(peer), a.self, a.Now())
	case known:
		if !p.Blocked {
			l.addPerson(p, a.self, a.Now())
			l.addPassed(key.Receiver(peer), a.self, a.Now())
		}
	default:
		if who, doubted := v.doubted[peer]; doubted {
			l.add(who, v.read(who), contactArea(who))
		}
		l.add(v.identity, v.shown(v.identity), willow.FullArea)
		l.add(v.home, v.shown(v.home), willow.FullArea)
		l.addPassed(key.Receiver(peer), a.self, a.Now())
	}
	slices.SortStableFunc(l.all, func(x, y Interest) int { return compareIDs(x.Namespace, y.Namespace) })
	return l.all, nil
}

// own reports whether a peer is another device of the account, as far as is known
// here.
func (v *view) own(peer key.Endpoint) bool {
	return slices.ContainsFunc(v.devices, func(d DeviceInfo) bool {
		return d.Endpoint == peer && !d.Self && !v.removed(d.Receiver)
	})
}

// addOwn adds what this device would sync with another one of the account: home,
// persons' identities and what they have shared only with a full one.
func (l *interests) addOwn(full bool, self key.Receiver, now time.Time) {
	for ns := range l.v.caps {
		switch {
		case !l.v.foreign(ns):
			if ns != l.v.home || full {
				l.add(ns, l.v.shown(ns), willow.FullArea)
			}
		case !full || l.v.forgotten(ns):
		case l.v.foreignIdentity(ns):
			l.add(ns, l.v.read(ns), contactArea(ns))
		default:
			for _, t := range l.v.active(ns, now) {
				l.addToken(&t.Token, self)
			}
		}
	}
}

// addToken adds what this device may read by a token.
func (l *interests) addToken(t *Token, self key.Receiver) {
	if h := t.device(self); h != nil && l.v.set(t.Space).Live(h.Read) {
		l.add(t.Space, h.Read, t.readArea())
	}
}

// addPerson adds what this device would sync with a person's: identities, what
// they were given and what they have given.
func (l *interests) addPerson(p *person, self key.Receiver, now time.Time) {
	v := l.v
	l.add(v.identity, v.read(v.identity), contactArea(v.identity))
	l.add(p.Custodian, v.read(p.Custodian), contactArea(p.Custodian))
	for _, t := range v.received(p.Custodian, now) {
		l.addToken(&t.Token, self)
	}
	for _, g := range v.deals().given {
		if g.To == p.Custodian && v.tells(g, now) {
			l.add(g.Space, v.reading(g.Space, g.readArea()), g.readArea())
		}
	}
}

// received returns the tokens that a person has given and the account accepted,
// also those that have ended: until their statements have come, whoever has
// something through this account wouldn't hear of it.
func (v *view) received(from willow.NamespaceID, now time.Time) (all []*incoming) {
	for _, t := range v.deals().received {
		if s := v.stateOfReceived(t, now); t.From == from && (s == StateAccepted || s == StateEnded) {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, byArrival)
	return all
}

// toldFor is how long a person is told that a grant has been taken back, when they
// show a capability of it.
const toldFor = 90 * 24 * time.Hour

// tells reports whether this device names a grant's area to its receiver: to serve
// them, or to tell them the statements that ended it.
func (v *view) tells(g *given, now time.Time) bool {
	switch v.stateOf(g, now) {
	case StateEnded:
		return g.ended.IsZero() || now.Sub(g.ended) < toldFor
	case StateExpired, StateDeclined:
		return false
	}
	return true
}

// reading returns this device's shortest capability that includes an area: a live
// one, or else one that has died. With that nothing is exchanged, but whoever has
// something through it is told what killed it.
func (v *view) reading(ns willow.NamespaceID, area willow.Area) (dead *meadowcap.Capability) {
	for _, c := range v.caps[ns].read {
		switch {
		case !c.Area().IncludesArea(area):
		case v.set(ns).Live(c):
			return c
		case dead == nil:
			dead = c
		}
	}
	return dead
}

// addPassed adds what a device may read by tokens that others have passed on, and
// what this one may read by a token that came by way of the other.
func (l *interests) addPassed(peer, self key.Receiver, now time.Time) {
	for _, t := range l.v.deals().received {
		if t.through(peer, self) && l.v.stateOfReceived(t, now) == StateAccepted {
			l.addToken(&t.Token, self)
		}
	}
	for _, t := range l.v.deals().passed {
		if t.device(peer) != nil && t.ended.IsZero() && !t.over(now) {
			l.add(t.Space, l.v.reading(t.Space, t.readArea()), t.readArea())
		}
	}
}

// Serve reports whether a peer may be served with a read capability that it
// showed: it is live, and given to the peer's own key, which nobody has removed
// from the account; and if it isn't of a whole namespace, whoever the peer belongs
// to is to have it now. That is decided by this device's clock and records.
func (a *Account) Serve(_ context.Context, peer key.Endpoint, shown *meadowcap.Capability) bool {
	v := a.now.Load()
	ns := shown.Namespace
	if _, ok := v.caps[ns]; !ok || v.dropped[ns] {
		return false
	}
	set := v.set(ns)
	if shown.Mode != meadowcap.Read || [key.Size]byte(shown.Receiver()) != [key.Size]byte(peer) ||
		set.Conflict() != nil || !set.Live(shown) || v.removed(key.Receiver(peer)) {
		return false
	}
	p, known := v.personOf(peer)
	switch {
	case known && p.Blocked:
		return false
	case shown.Area() == willow.FullArea:
		return true // of the namespace's own account
	case v.own(peer):
		return v.foreign(ns)
	case ns == v.identity:
		return known && contactArea(ns).IncludesArea(shown.Area())
	}
	return v.serves(peer, shown, a.Now()) || v.returns(peer, ns, a.self, a.Now())
}

// through reports whether what a token has for a device has passed through a key.
func (t *Token) through(k, device key.Receiver) bool {
	h := t.device(device)
	return h != nil && k != device && slices.Contains(h.Read.Receivers(), k)
}

// returns reports whether a peer is of who has given this account something of a
// space, or has passed it on before: what this device has of it, they may have.
func (v *view) returns(peer key.Endpoint, ns willow.NamespaceID, self key.Receiver, now time.Time) bool {
	p, known := v.personOf(peer)
	return slices.ContainsFunc(v.active(ns, now), func(t *incoming) bool {
		return known && t.From == p.Custodian || t.through(key.Receiver(peer), self)
	})
}

// serves reports whether a chain comes by a grant of this account that hasn't
// ended: its receiver, or somebody to whom a receiver who may has passed it on.
func (v *view) serves(peer key.Endpoint, shown *meadowcap.Capability, now time.Time) bool {
	keys := shown.Receivers()
	for n := 1; n < len(keys); n++ {
		g := v.deals().handed[HandoverID(shown, n)]
		if g == nil || !v.runs(g, now) {
			continue
		}
		holder, known := v.personOf(key.Endpoint(keys[n]))
		if !known || holder.Blocked || holder.Custodian != g.To {
			continue
		}
		if n == len(keys)-1 || g.PassOn && v.deals().passes(shown, now) {
			return true
		}
	}
	return false
}

// runs reports whether a grant lets its receiver read now. One that wasn't answered
// yet does: that it was accepted may be heard later.
func (v *view) runs(g *given, now time.Time) bool {
	s := v.stateOf(g, now)
	return s == StateOffered || s == StateAccepted
}

// passes reports whether the receiver of a chain is to have what it shows by a token
// that somebody who might has passed on. A chain that this account wasn't told of is
// by who might not: they could bring back whom it has taken access from.
func (d *dealings) passes(shown *meadowcap.Capability, now time.Time) bool {
	for _, t := range d.passed {
		if t.Space == shown.Namespace && t.device(shown.Receiver()) != nil && t.readArea().IncludesArea(shown.Area()) &&
			t.ended.IsZero() && !t.over(now) {
			return true
		}
	}
	return false
}
