package node

import (
	"meadow/core/mdn"
)

// ownerOf fills in whose a space is, and what may be done in it: of several accepted
// invitations what the one allows that allows most; of a space that has ended what
// the last one did.
func (n *Node) ownerOf(sp *space, s *Space) {
	s.Level = LevelFull
	var best *mdn.Invitation
	for _, i := range n.account.Invitations() {
		if i.Space != sp.id || i.State == mdn.StateOffered || i.State == mdn.StateDeclined && !s.Ended {
			continue
		}
		if best == nil || n.betterThan(&i, best) {
			best = &i
		}
	}
	if best == nil {
		return
	}
	s.Shared = &SharedSpace{
		Person: n.whoIs(best.From), Custodian: best.From.String(), Level: string(best.Level), Path: best.Path,
		Until: timeOrNil(best.Until), MayPassOn: best.PassOn, Invite: tokenText(best.ID),
		Parts: []SharedPart{},
	}
	for _, i := range n.given(sp) {
		if s.Ended {
			break
		}
		s.Shared.Parts = append(s.Shared.Parts, SharedPart{n.whoIs(i.From), string(i.Level), i.Path, timeOrNil(i.Until)})
	}
	s.Owner, s.Level, s.Until = OrNull(s.Shared.Person), s.Shared.Level, s.Shared.Until
}

// sharedWith returns whose a space is and by which invitation it is here; nil for the
// account's own.
func (n *Node) sharedWith(sp *space) *SharedSpace {
	var s Space
	s.Ended = n.spaces.hasEnded(sp)
	n.ownerOf(sp, &s)
	return s.Shared
}

// describedShare is how a space that has ended was shared by a person; nil if it is
// the account's own.
func (n *Node) describedShare(sp *space) *SharedSpace {
	s := Space{Ended: true}
	n.ownerOf(sp, &s)
	return s.Shared
}

// betterThan reports whether an invitation says more about what may be done than
// another one: it lasts, it allows more, its end is later.
func (n *Node) betterThan(i, other *mdn.Invitation) bool {
	lasts, otherLasts := n.stateNow(i.State, i.Until) == ShareAccepted, n.stateNow(other.State, other.Until) == ShareAccepted
	switch {
	case lasts != otherLasts:
		return lasts
	case i.Level != other.Level:
		return levelRank(i.Level) > levelRank(other.Level)
	case i.Until.IsZero() || other.Until.IsZero():
		return i.Until.IsZero() && !other.Until.IsZero()
	}
	return i.Until.After(other.Until)
}
