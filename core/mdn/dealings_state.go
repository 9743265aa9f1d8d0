package mdn

import (
	"cmp"
	"slices"
	"time"

	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// stateOf is what has become of a grant.
func (v *view) stateOf(g *given, now time.Time) string {
	switch {
	case !g.ended.IsZero() || v.withdrawn(g) || v.lost(g):
		return StateEnded
	case g.over(now):
		return StateExpired
	case g.reply.at.IsZero():
		return StateOffered
	case g.reply.accepted:
		return StateAccepted
	}
	return StateDeclined
}

// withdrawn reports whether all that was given by a grant's newest revision has
// been withdrawn: by another device whose record hasn't come yet, or by who this
// account has it from. What died with something else can be given again.
func (v *view) withdrawn(g *given) bool {
	set := v.set(g.Space)
	return !slices.ContainsFunc(g.For, func(h Handed) bool {
		return !set.withdraws(HandoverID(h.Read, len(h.Read.Delegations)), h.Read)
	})
}

// withdraws reports whether a counting statement withdraws the last handover of a
// chain.
func (s *Set) withdraws(id [32]byte, c *meadowcap.Capability) bool {
	keys := c.Receivers()
	return slices.ContainsFunc(s.withdrawn[id], func(w authority) bool { return w.reaches(keys[:len(keys)-1]) })
}

// stateOfReceived is what has become of a token that this account was given.
func (v *view) stateOfReceived(t *incoming, now time.Time) string {
	switch {
	case !t.ended.IsZero() || v.killed(&t.Token):
		return StateEnded
	case t.over(now):
		return StateExpired
	case t.answer.at.IsZero():
		return StateOffered
	case t.answer.accepted:
		return StateAccepted
	}
	return StateDeclined
}

// killed reports whether a token is for none of the account's devices any more.
func (v *view) killed(t *Token) bool {
	set := v.set(t.Space)
	return !slices.ContainsFunc(t.For, func(h Handed) bool { return set.Live(h.Read) })
}

// spent reports whether nothing that a token gives is live any more.
func (v *view) spent(t *Token) bool {
	set := v.set(t.Space)
	return !slices.ContainsFunc(t.For, func(h Handed) bool {
		return slices.ContainsFunc((grantSet{read: h.Read, write: h.Write}).chains(), set.Live)
	})
}

// active returns the tokens of a space that the account has accepted and that
// haven't ended, those given first first.
func (v *view) active(space willow.NamespaceID, now time.Time) (all []*incoming) {
	for _, t := range v.deals().received {
		if t.Space == space && v.stateOfReceived(t, now) == StateAccepted {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, byArrival)
	return all
}

func byArrival(x, y *incoming) int {
	return cmp.Or(x.came.Compare(y.came), compareTokens(x.ID, y.ID))
}

func compareTokens(x, y TokenID) int { return slices.Compare(x[:], y[:]) }

// foreign reports whether a namespace is of another account: this device has no
// capability of all of it.
func (v *view) foreign(ns willow.NamespaceID) bool {
	return !slices.ContainsFunc(v.caps[ns].read, func(c *meadowcap.Capability) bool { return c.Area() == willow.FullArea })
}

// since returns the spaces of which something is dealt otherwise than it was before.
func (d *dealings) since(before *dealings) (changed []willow.NamespaceID) {
	add := func(ns willow.NamespaceID) {
		if !slices.Contains(changed, ns) {
			changed = append(changed, ns)
		}
	}
	for id, g := range d.given {
		if o := before.given[id]; o == nil || o.Revision != g.Revision || !o.ended.Equal(g.ended) || o.reply != g.reply ||
			string(o.raw) != string(g.raw) {
			add(g.Space)
		}
	}
	for _, kind := range [][2]map[TokenID]*incoming{{before.received, d.received}, {before.passed, d.passed}} {
		for id, t := range kind[1] {
			if o := kind[0][id]; o == nil || !o.ended.Equal(t.ended) || o.answer != t.answer || string(o.raw) != string(t.raw) {
				add(t.Space)
			}
		}
	}
	return changed
}

// newer reports whether a token takes the place of another revision of it: two that
// were made at once are told apart by when.
func (t *Token) newer(revision uint64, made time.Time) bool {
	return t.Revision > revision || t.Revision == revision && t.Made.After(made)
}
