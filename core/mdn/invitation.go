package mdn

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"meadow/core/key"
	"meadow/core/willow"
)

// Invitation is a token that this account was given.
type Invitation struct {
	Token
	State    string
	Came     time.Time
	Answered time.Time // zero: not yet
	Ended    time.Time // when it was heard that it was taken back; zero: not so
}

// ErrEnded says that a grant or an invitation has ended.
var ErrEnded = errors.New("it has ended")

// Invitations returns the tokens that the account was given, what has ended
// included, newest first.
func (a *Account) Invitations() []Invitation {
	v, now := a.now.Load(), a.Now()
	all := make([]Invitation, 0, len(v.deals().received))
	for _, t := range v.deals().received {
		all = append(all, Invitation{t.Token, v.stateOfReceived(t, now), t.came, t.answer.at, t.ended})
	}
	slices.SortFunc(all, func(x, y Invitation) int {
		return cmp.Or(y.Came.Compare(x.Came), compareTokens(x.ID, y.ID))
	})
	return all
}

// Answer accepts or declines an invitation; an accepted one can be declined later:
// the space goes then; and a declined one accepted. Errors: ErrNotFound, and
// ErrEnded for what has ended or run out.
func (a *Account) Answer(ctx context.Context, id TokenID, accept bool) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	v := a.now.Load()
	t := v.deals().received[id]
	switch {
	case t == nil:
		return ErrNotFound
	case !v.full():
		return ErrNotAllowed
	}
	s := v.stateOfReceived(t, a.Now())
	switch {
	case s == StateEnded || s == StateExpired:
		return ErrEnded
	case accept && s == StateAccepted, !accept && s == StateDeclined:
		return nil
	}
	at := cutTime(a.Now())
	if !at.After(t.answer.at) {
		at = t.answer.at.Add(time.Microsecond) // the later answer counts
	}
	err := a.write(ctx, v, draft{v.home, idPath(answersPath, id), reply{at, accept}.fields().encode()})
	if err != nil {
		return fmt.Errorf("answer an invitation: %w", err)
	}
	a.rereadDealings(ctx, t.Space)
	return nil
}

// takeTokens keeps the capabilities for this device in the tokens that the account
// has accepted.
func (a *Account) takeTokens(ctx context.Context, v *view) error {
	var good []grantSet
	for _, t := range v.deals().received {
		h := t.device(a.self)
		if h == nil || !t.answer.accepted || !t.ended.IsZero() {
			continue
		}
		g := grantSet{read: h.Read, write: h.Write}
		if v.has(g) || v.foreignTo(t.Space) {
			continue
		}
		if err := g.checkChains(a.Verifier, t.Space, a.self); err != nil {
			a.Log.WarnContext(ctx, "token for this device ignored", "error", err)
			continue
		}
		good = append(good, g)
	}
	return a.holdAll(ctx, v, good)
}

// foreignTo reports whether a namespace is one that no token can be about: the
// account's own, or somebody's identity.
func (v *view) foreignTo(ns willow.NamespaceID) bool {
	_, person := v.person(ns)
	return person || ns == v.identity || ns == v.home || len(v.caps[ns].read) > 0 && (!v.foreign(ns) || v.foreignIdentity(ns))
}

// sharedSpaces returns the spaces that others share with the account: by token,
// named so that no two spaces are called the same. ended are those that can't be
// read any more, but for those that this device has let go of.
func (a *Account) sharedSpaces(v *view, r records) (going, ended []SpaceInfo) {
	now := a.Now()
	taken := map[string]bool{}
	for ns, s := range r.spaces {
		taken[s.Name] = taken[s.Name] || !r.deleted[ns].deleted
	}
	listed := map[willow.NamespaceID]bool{}
	for _, t := range v.acceptedOnce(now) {
		if listed[t.Space] || t.device(a.self) == nil {
			continue
		}
		listed[t.Space] = true
		s := SpaceInfo{ID: t.Space, Name: v.nameOf(t, taken), Created: t.came, Owner: t.From}
		taken[s.Name] = true
		if v.stateOfReceived(t, now) == StateAccepted && v.canRead(t, a.self) {
			going = append(going, s)
		} else if !v.dropped[s.ID] {
			ended = append(ended, s)
		}
	}
	return going, ended
}

// acceptedOnce returns the tokens that the account has accepted, those that haven't
// ended first, then by arrival.
func (v *view) acceptedOnce(now time.Time) (tokens []*incoming) {
	for _, t := range v.deals().received {
		held := len(v.caps[t.Space].read) > 0 // it was accepted once
		if (t.answer.accepted || held) && !v.foreignTo(t.Space) {
			tokens = append(tokens, t)
		}
	}
	goes := func(t *incoming) int {
		if v.stateOfReceived(t, now) == StateAccepted {
			return 0
		}
		return 1
	}
	slices.SortFunc(tokens, func(x, y *incoming) int { return cmp.Or(goes(x)-goes(y), byArrival(x, y)) })
	return tokens
}

// canRead reports whether a token's chain for a device lives.
func (v *view) canRead(t *incoming, self key.Receiver) bool {
	h := t.device(self)
	return h != nil && v.set(t.Space).Live(h.Read)
}

// nameOf is how a shared space is called here: as its owner calls it, unless another
// one is called so.
func (v *view) nameOf(t *incoming, taken map[string]bool) string {
	if !taken[t.Name] {
		return t.Name
	}
	from := "somebody"
	if p, ok := v.person(t.From); ok {
		from = p.shown()
	}
	for n := 1; ; n++ {
		tail := fmt.Sprintf(" (from %s)", from)
		if n > 1 {
			tail = fmt.Sprintf(" (from %s, %d)", from, n)
		}
		name := []rune(t.Name)
		name = name[:max(1, min(len(name), maxName-len([]rune(tail))))]
		if s := string(name) + tail; !taken[s] {
			return s
		}
	}
}
