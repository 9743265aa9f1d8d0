package mdn

import (
	"context"
	"errors"
	"fmt"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// What is kept of one person's letters.
const (
	maxUnanswered = 100  // invitations that nobody has answered, ended ones included
	maxPassed     = 1000 // tokens that they say were passed on
)

// Receive takes a letter that a device has brought, which must be a full device of a
// person whom the account knows and hasn't blocked. It returns once the letter's
// content is stored. What it says that isn't so is an error, and changes nothing.
func (a *Account) Receive(ctx context.Context, from key.Endpoint, raw []byte) error {
	l, err := parseLetter(raw)
	if err != nil {
		return err
	}
	a.writing.Lock()
	defer a.writing.Unlock()
	v := a.now.Load()
	p, ok := v.personOf(from)
	if !ok || p.Blocked || !v.full() || !p.isFull(key.Receiver(from)) {
		return ErrNotAllowed
	}
	switch {
	case l.token != nil:
		err = a.receiveToken(ctx, v, p, l.token)
	case l.passed != nil:
		err = a.receivePassed(ctx, v, p, l)
	case l.answer != TokenID{}:
		err = a.receiveAnswer(ctx, v, p, l)
	default:
		err = a.receiveEnd(ctx, v, p, l)
	}
	if err != nil {
		return fmt.Errorf("receive a letter: %w", err)
	}
	return nil
}

// isFull reports whether a person's device is a full one.
func (p *person) isFull(r key.Receiver) bool {
	for _, d := range p.Devices {
		if d.Receiver == r {
			return d.Kind == Full
		}
	}
	return false
}

// receiveToken takes a token for this account.
func (a *Account) receiveToken(ctx context.Context, v *view, p *person, raw []byte) error {
	t, err := DecodeToken(raw)
	if err != nil {
		return err
	}
	known := v.deals().received[t.ID]
	if known != nil && string(known.raw) == string(raw) {
		return nil
	}
	r := &incoming{Token: t, came: cutTime(a.Now()), by: p.Custodian}
	if known != nil {
		r.came, err = known.came, supersedes(&t, known)
	} else {
		err = v.roomFor(p.Custodian) // before signatures are checked
	}
	if err == nil {
		err = a.checkToken(v, p, &t)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrToken, err)
	}
	if err := a.write(ctx, v, draft{v.home, idPath(tokensPath, t.ID), r.fields().encode()}); err != nil {
		return err
	}
	a.rereadDealings(ctx, t.Space)
	return nil
}

// checkToken reports, as an error, why a token that a person has sent isn't what it
// must be. It proves itself; what it doesn't prove is whose the devices are.
func (a *Account) checkToken(v *view, p *person, t *Token) error {
	if err := t.Verify(a.Verifier); err != nil {
		return err
	}
	switch {
	case t.From != p.Custodian:
		return errFrom
	case t.To != v.identity:
		return errTo
	case !v.set(t.From).Live(t.Signer):
		return errSigner
	case v.foreignTo(t.Space):
		return errSpace
	case t.over(a.Now()):
		return errOver
	}
	known := map[key.Receiver]bool{}
	for _, d := range v.devices {
		known[d.Receiver] = d.Kind == Full
	}
	for _, h := range t.For {
		_, former := v.former[h.Receiver]
		if !known[h.Receiver] && !former && !v.removed(h.Receiver) {
			return errDevice
		}
	}
	if v.killed(t) {
		return errDead
	}
	return nil
}

// Why a token is refused.
var (
	errFrom   = errors.New("it isn't from who sent it")
	errTo     = errors.New("it is for somebody else")
	errSigner = errors.New("its signer's device has been removed")
	errSpace  = errors.New("it is about a space that isn't theirs to give")
	errOver   = errors.New("it has run out")
	errDevice = errors.New("it is for a device that isn't one of this account")
	errDead   = errors.New("what it gives has been taken back")
	errOlder  = errors.New("a newer revision of it is here")
	errOther  = errors.New("another token has its id")
	errEnded  = errors.New("it was taken back before")
	errMany   = errors.New("too many that nobody has answered")
)

// supersedes reports, as an error, why a token can't take the place of one that is
// here.
func supersedes(t *Token, known *incoming) error {
	switch {
	case t.From != known.From || t.To != known.To || t.Space != known.Space || t.Path != known.Path:
		return errOther
	case !t.newer(known.Revision, known.Made):
		return errOlder
	case !known.ended.IsZero():
		return errEnded
	}
	return nil
}

// roomFor reports, as an error, that a person has sent too many invitations that
// nobody has answered.
func (v *view) roomFor(who willow.NamespaceID) error {
	n := 0
	for _, t := range v.deals().received {
		if t.From == who && t.answer.at.IsZero() {
			n++
		}
	}
	if n >= maxUnanswered {
		return errMany
	}
	return nil
}

// receiveAnswer takes what a person says to a grant of this account.
func (a *Account) receiveAnswer(ctx context.Context, v *view, p *person, l letter) error {
	g := v.deals().given[l.answer]
	if g == nil || g.To != p.Custodian {
		return ErrNotFound
	}
	if !l.at.After(g.reply.at) {
		return nil // an earlier one, delivered late
	}
	if err := a.write(ctx, v, draft{v.home, idPath(repliesPath, g.ID), reply{l.at, l.accepted}.fields().encode()}); err != nil {
		return err
	}
	a.rereadDealings(ctx, g.Space)
	return nil
}

// receiveEnd takes the news that a token was taken back by who gave it. Of one that
// isn't known there is nothing to be done.
func (a *Account) receiveEnd(ctx context.Context, v *view, p *person, l letter) error {
	t := v.deals().received[l.ended]
	if t == nil || t.From != p.Custodian || !t.ended.IsZero() {
		return nil
	}
	r := *t
	r.ended = cutTime(a.Now())
	if err := a.write(ctx, v, draft{v.home, idPath(tokensPath, t.ID), r.fields().encode()}); err != nil {
		return err
	}
	a.rereadDealings(ctx, t.Space)
	return nil
}

// receivePassed takes the news that somebody below this account has passed on what
// they have from it.
func (a *Account) receivePassed(ctx context.Context, v *view, p *person, l letter) error {
	t, err := DecodeToken(l.passed)
	if err != nil {
		return err
	}
	known := v.deals().passed[t.ID]
	if known != nil && known.by == p.Custodian && string(known.raw) == string(t.raw) && (l.at.IsZero() || !known.ended.IsZero()) {
		return nil
	}
	if err = v.passable(p, &t, known); err == nil {
		err = a.checkPassed(v, p, &t)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrToken, err)
	}
	r := &incoming{Token: t, came: cutTime(a.Now()), by: p.Custodian}
	if known != nil {
		r.came = known.came
	}
	switch {
	case l.at.IsZero():
	case known != nil && !known.ended.IsZero():
		r.ended = known.ended
	default:
		r.ended = cutTime(a.Now()) // not by the sender's clock
	}
	if err := a.write(ctx, v, draft{v.home, idPath(passedPath, t.ID), r.fields().encode()}); err != nil {
		return err
	}
	a.rereadDealings(ctx, t.Space)
	return nil
}

// passable reports, as an error, why the news of a token isn't kept, whatever it is.
func (v *view) passable(p *person, t *Token, known *incoming) error {
	if known != nil {
		switch {
		case known.From != t.From || known.Space != t.Space || known.by != p.Custodian:
			return errOther
		case known.newer(t.Revision, t.Made):
			return errOlder
		}
		return nil
	}
	n := 0
	for _, o := range v.deals().passed {
		if o.by == p.Custodian {
			n++
		}
	}
	if n >= maxPassed {
		return errMany
	}
	return nil
}

// checkPassed reports, as an error, why a token can't have been passed on from what
// a person has: its chains don't go through what they were given, or it gives more.
func (a *Account) checkPassed(v *view, p *person, t *Token) error {
	if err := t.Verify(a.Verifier); err != nil {
		return err
	}
	if q, ok := v.person(t.From); ok && !v.set(q.Custodian).Live(t.Signer) {
		return errSigner
	}
	for _, h := range t.For {
		g := v.grantAbove(h.Read)
		if g == nil || g.To != p.Custodian {
			return errSpace
		}
		if err := t.within(&g.Token); err != nil {
			return err
		}
	}
	return nil
}

// grantAbove returns the grant of this account that a chain goes on from; nil without
// one.
func (v *view) grantAbove(c *meadowcap.Capability) *given {
	for n := 1; n < len(c.Delegations); n++ {
		if g := v.deals().handed[HandoverID(c, n)]; g != nil {
			return g
		}
	}
	return nil
}
