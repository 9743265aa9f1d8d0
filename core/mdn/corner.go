package mdn

import (
	"slices"

	"meadow/core/willow"
)

// Corner is a subspace in which one grant's receivers write.
type Corner struct {
	Subspace willow.SubspaceID
	Person   willow.NamespaceID // zero if it isn't known whose it is
	Mine     bool               // this account writes there
}

// Corners returns the corners of a space that this device knows of by tokens: those
// that the account has given, was given, or that were passed on. In a space that
// others share there may be more, of people whom their owner knows.
func (a *Account) Corners(space willow.NamespaceID) []Corner {
	d := a.now.Load().deals()
	all := map[willow.SubspaceID]Corner{}
	add := func(t *Token, mine bool) {
		if t.Space != space || t.Level != LevelContribute {
			return
		}
		if c, known := all[t.Corner]; known && (c.Mine || !mine) {
			return // who passes a corner on shares it
		}
		all[t.Corner] = Corner{t.Corner, t.To, mine}
	}
	for _, t := range d.received {
		if t.answer.accepted {
			add(&t.Token, true)
		}
	}
	for _, g := range d.given {
		add(&g.Token, false)
	}
	for _, t := range d.passed {
		add(&t.Token, false)
	}
	corners := make([]Corner, 0, len(all))
	for _, c := range all {
		corners = append(corners, c)
	}
	slices.SortFunc(corners, func(x, y Corner) int { return x.Subspace.Compare(y.Subspace) })
	return corners
}

// WritesTo returns the subspace in which this account writes at a path of a space
// now: the shared one, or its own corner; ok is false if it may only read there.
func (a *Account) WritesTo(space willow.NamespaceID, p willow.Path) (ss willow.SubspaceID, ok bool) {
	v, now := a.now.Load(), a.Now()
	if !v.foreign(space) {
		return shared(space), a.MayWrite(space, shared(space), p)
	}
	for _, t := range v.active(space, now) {
		h := t.device(a.self)
		if h == nil || h.Write == nil || !v.set(space).Live(h.Write) {
			continue
		}
		area := h.Write.Area()
		if !area.Path.IsPrefixOf(p) || !area.Times.Includes(willow.TimestampOf(now)) {
			continue
		}
		if t.Level == LevelWrite {
			return area.Subspace, true
		}
		if !ok {
			ss, ok = area.Subspace, true
		}
	}
	return ss, ok
}

// OwnSpace reports whether a space is the account's own, not one that somebody
// shares with it.
func (a *Account) OwnSpace(space willow.NamespaceID) bool { return !a.now.Load().foreign(space) }
