package mdn

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// ErrPath says that there can't be such a folder.
var ErrPath = errors.New("bad path")

// ErrNoDevice says that a person has no device that could be given anything.
var ErrNoDevice = errors.New("no full device of the person is known here")

// Grants returns what this account has given, what has ended included, newest first.
func (a *Account) Grants() []Grant {
	v, now := a.now.Load(), a.Now()
	all := make([]Grant, 0, len(v.deals().given))
	for _, g := range v.deals().given {
		all = append(all, v.grant(g, now))
	}
	slices.SortFunc(all, func(x, y Grant) int {
		return cmp.Or(y.Given.Compare(x.Given), compareTokens(x.ID, y.ID))
	})
	return all
}

// grant describes a grant.
func (v *view) grant(g *given, now time.Time) Grant {
	return Grant{
		Token: g.Token, State: v.stateOf(g, now), By: g.by, Given: g.first,
		Answered: g.reply.at, Ended: g.ended, Told: !g.newer(v.deals().told[g.ID].revision, v.deals().told[g.ID].made),
	}
}

// Grant gives a person access, and returns once that is written: the token is
// delivered by who asks [Account.Letters]. Of a space that this account was given
// itself, it passes on no more than it may: what the options leave open, the
// beginning and the end, is then as it has it. What the person has already of the
// same folder is changed instead, see [Account.ChangeGrant]. Errors: ErrNotFound for
// a person or space that isn't known; ErrNotAllowed if this account can't give that;
// ErrNoDevice; ErrPath.
func (a *Account) Grant(ctx context.Context, o GrantOptions) (Grant, error) {
	a.cutting.Lock()
	defer a.cutting.Unlock()
	v := a.now.Load()
	for _, g := range v.deals().given {
		if g.To == o.To && g.Space == o.Space && g.Path == o.Path && v.runs(g, a.Now()) {
			return a.changeGrant(ctx, g.ID, o)
		}
	}
	g, err := a.give(ctx, o)
	if err != nil {
		return Grant{}, fmt.Errorf("grant: %w", err)
	}
	return g, nil
}

func (a *Account) give(ctx context.Context, o GrantOptions) (Grant, error) {
	a.writing.Lock()
	defer a.writing.Unlock()
	v := a.now.Load()
	w, err := a.wish(v, o)
	if err != nil {
		return Grant{}, err
	}
	rand.Read(w.ID[:]) // never fails, see crypto/rand
	g := &given{by: a.self, first: w.Made}
	if g.Token, err = a.makeToken(v, w); err != nil {
		return Grant{}, err
	}
	if err := a.write(ctx, v, a.givenDrafts(v, g)...); err != nil {
		return Grant{}, err
	}
	a.rereadDealings(ctx, g.Space)
	v = a.now.Load()
	return v.grant(g, a.Now()), nil
}

// givenDrafts are the records of a grant's newest revision, which this device made.
// That of its handovers comes first: what isn't known can't be taken back.
func (a *Account) givenDrafts(v *view, g *given) []draft {
	mine := slices.DeleteFunc(slices.Clone(g.handovers), func(h handover) bool {
		return h.by != a.self || v.set(g.Space).undone(h)
	})
	mine = handoversOf(mine, &g.Token, a.self)
	return []draft{
		{v.home, handedPathOf(g.ID, a.self), handoversRecord(mine).encode()},
		{v.home, idPath(grantsPath, g.ID), g.fields().encode()},
	}
}

// rereadDealings has a record that was just written take effect. It is for who
// holds a.writing.
func (a *Account) rereadDealings(ctx context.Context, spaces ...willow.NamespaceID) {
	if err := a.refresh(context.WithoutCancel(ctx)); err != nil {
		a.Log.WarnContext(ctx, "a grant was changed, but the records weren't all read yet", "error", err)
	}
	a.notify(append(spaces, a.Home())...)
}

// wish is a token that isn't made yet: what is wanted, checked against what this
// account may give. Its id and revision are left open.
func (a *Account) wish(v *view, o GrantOptions) (t Token, err error) {
	if !v.full() {
		return t, ErrNotAllowed
	}
	p, known := v.person(o.To)
	i := slices.IndexFunc(v.spaces, func(s SpaceInfo) bool { return s.ID == o.Space })
	if !known || i < 0 {
		return t, ErrNotFound
	}
	if _, err := folderPath(o.Path); err != nil {
		return t, err
	}
	t = Token{
		Revision: 1, From: v.identity, To: p.Custodian, Space: o.Space, Name: v.spaces[i].Name,
		Path: o.Path, Level: o.Level, Since: cutTime(o.Since), Until: cutTime(o.Until), PassOn: o.PassOn, Made: cutTime(a.Now()),
	}
	if !v.foreign(o.Space) {
		if t.Level == LevelContribute {
			t.Corner = newCorner()
		}
		return t, nil
	}
	failed := ErrNotAllowed
	for _, upper := range v.active(o.Space, a.Now()) {
		w := t
		w.limit(&upper.Token)
		if err := w.within(&upper.Token); err != nil {
			failed = fmt.Errorf("%w: %w", ErrNotAllowed, err)
			continue
		}
		return w, nil
	}
	return t, failed
}

// limit fills in what was left open by what was given.
func (t *Token) limit(upper *Token) {
	if t.Until.IsZero() {
		t.Until = upper.Until
	}
	if t.Since.Before(upper.Since) {
		t.Since = upper.Since
	}
	t.Name, t.Corner = upper.Name, willow.SubspaceID{}
	if t.Level == LevelContribute {
		t.Corner = upper.Corner
	}
}

// cutTime is a time as tokens write it.
func cutTime(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return timeOf(microseconds(t))
}

func newCorner() (ss willow.SubspaceID) {
	rand.Read(ss[:]) // never fails, see crypto/rand
	return ss
}

// makeToken hands on capabilities to all full devices of whom a token is for, and
// signs it.
func (a *Account) makeToken(v *view, t Token) (Token, error) {
	p, ok := v.person(t.To)
	if !ok {
		return Token{}, ErrNotFound
	}
	signer := v.whole(v.identity, meadowcap.Write, key.Receiver{})
	if signer == nil {
		return Token{}, ErrNotAllowed
	}
	t.Signer, t.For = signer, nil
	for _, device := range p.full() {
		if len(t.For) == maxHanded {
			break
		}
		h := Handed{Receiver: device}
		var err error
		if h.Read, err = a.handPart(v, &t, meadowcap.Read, t.readArea(), device); err == nil && t.Level != LevelRead {
			h.Write, err = a.handPart(v, &t, meadowcap.Write, t.writeArea(), device)
		}
		if err != nil {
			return Token{}, err
		}
		t.For = append(t.For, h)
	}
	if len(t.For) == 0 {
		return Token{}, ErrNoDevice
	}
	return t.signed(a.Device)
}

// handPart hands on one capability of a part of a space. A window for writing may be
// shorter than the area's, if this device's own is.
func (a *Account) handPart(v *view, t *Token, m meadowcap.Mode, area willow.Area, to key.Receiver) (*meadowcap.Capability, error) {
	failed := ErrNotAllowed
	for _, from := range a.sources(v, t, m) {
		part := area
		if m == meadowcap.Write {
			times, ok := area.Times.Intersect(from.Area().Times)
			if !ok {
				continue
			}
			part.Times = times
		}
		if !from.Area().IncludesArea(part) || slices.Contains(from.Receivers(), to) {
			continue
		}
		c, err := from.Delegate(a.Device, part, to)
		if err == nil && !v.set(t.Space).Live(c) {
			c, err = from.DelegateAgain(a.Device, part, to)
		}
		if err == nil {
			return c, nil
		}
		failed = err
	}
	return nil, failed
}

// sources returns this device's live capabilities from which a token can be made:
// of the whole of an own space, else those of tokens that it may pass on.
func (a *Account) sources(v *view, t *Token, m meadowcap.Mode) (all []*meadowcap.Capability) {
	add := func(c *meadowcap.Capability) {
		if c != nil && v.set(t.Space).Live(c) && !a.doomed(c) {
			all = append(all, c)
		}
	}
	if !v.foreign(t.Space) {
		chains := v.caps[t.Space].read
		if m == meadowcap.Write {
			chains = v.caps[t.Space].write
		}
		for _, c := range chains {
			add(c)
		}
		return all
	}
	for _, upper := range v.active(t.Space, a.Now()) {
		if h := upper.device(a.self); h != nil && t.within(&upper.Token) == nil {
			if m == meadowcap.Read {
				add(h.Read)
			} else {
				add(h.Write)
			}
		}
	}
	return all
}

// handoversOf adds a token's handovers to those of earlier revisions.
func handoversOf(earlier []handover, t *Token, by key.Receiver) []handover {
	all := slices.Clone(earlier)
	add := func(c *meadowcap.Capability, h handover) {
		if h.id = HandoverID(c, len(c.Delegations)); !slices.ContainsFunc(all, func(o handover) bool { return o.id == h.id }) {
			all = append(all, h)
		}
	}
	for _, h := range t.For {
		add(h.Read, handover{by: by, to: h.Receiver, level: LevelRead, since: t.Since, passOn: t.PassOn})
		if h.Write != nil {
			add(h.Write, handover{by: by, to: h.Receiver, level: t.Level, until: cutTime(h.Write.Area().Times.End.Time()), passOn: t.PassOn})
		}
	}
	return bounded(all, t.Made)
}

// bounded leaves out handovers that a record has no room for: windows that are over,
// so that what still gives something can be taken back.
func bounded(all []handover, now time.Time) []handover {
	n := len(all) - maxHandovers
	all = slices.DeleteFunc(all, func(h handover) bool {
		over := n > 0 && !h.until.IsZero() && h.until.Before(now)
		if over {
			n--
		}
		return over
	})
	return all[max(n, 0):]
}
