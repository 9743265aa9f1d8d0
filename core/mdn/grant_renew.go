package mdn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// How long another device of the account waits before it renews what the device
// that signed a token could.
const (
	waitForSigner = 10 * time.Minute    // for a person's new device
	renewLate     = 5 * 24 * time.Hour  // for a window
	forgetAfter   = 30 * 24 * time.Hour // invitations that ended without an answer
)

// Renew gives what runs out again: windows for writing, tokens for devices that a
// person has added since, chains that died with a device of this account; and it
// withdraws what was given beyond what is to be. So it completes what was begun on
// other devices, too. It is called now and then, and after the account has changed;
// next is when it should be at the latest, zero if nothing is due. When a grant's
// end has come subscribers hear of its space.
func (a *Account) Renew(ctx context.Context) (next time.Time, err error) {
	a.cutting.Lock()
	defer a.cutting.Unlock()
	if !a.Full() || a.Removed() {
		return next, nil
	}
	now := a.Now()
	failed := a.noticeEnds(ctx, now)
	v := a.now.Load()
	ids := make([]TokenID, 0, len(v.deals().given))
	for id := range v.deals().given {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, compareTokens)
	for _, id := range ids {
		at, err := a.renewGrant(ctx, id, now)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("renew a grant: %w", err))
		}
		next = earlier(next, at)
	}
	return earlier(next, a.now.Load().nextEnd(now)), errors.Join(failed, a.forgetTokens(ctx, now))
}

// earlier returns the earlier of two times, of which zero is none.
func earlier(x, y time.Time) time.Time {
	if x.IsZero() || !y.IsZero() && y.Before(x) {
		return y
	}
	return x
}

// nextEnd is when the next grant or invitation ends.
func (v *view) nextEnd(now time.Time) (next time.Time) {
	add := func(t *Token) {
		if !t.Until.IsZero() && t.Until.After(now) {
			next = earlier(next, t.Until)
		}
	}
	for _, g := range v.deals().given {
		if v.runs(g, now) {
			add(&g.Token)
		}
	}
	for _, all := range []map[TokenID]*incoming{v.deals().received, v.deals().passed} {
		for _, t := range all {
			if t.ended.IsZero() {
				add(&t.Token)
			}
		}
	}
	return next
}

// noticeEnds has subscribers hear of what has run out since it was last called.
func (a *Account) noticeEnds(ctx context.Context, now time.Time) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	v, before := a.now.Load(), a.noticed
	a.noticed = now
	var spaces []willow.NamespaceID
	add := func(t *Token) {
		if t.over(now) && t.Until.After(before) && !slices.Contains(spaces, t.Space) {
			spaces = append(spaces, t.Space)
		}
	}
	for _, g := range v.deals().given {
		add(&g.Token)
	}
	for _, all := range []map[TokenID]*incoming{v.deals().received, v.deals().passed} {
		for _, t := range all {
			add(&t.Token)
		}
	}
	if len(spaces) == 0 {
		return nil
	}
	err := a.refresh(ctx)
	a.notify(append(spaces, v.home)...)
	return err
}

// renewGrant does for one grant what is due, and returns when more is.
func (a *Account) renewGrant(ctx context.Context, id TokenID, now time.Time) (next time.Time, err error) {
	v := a.now.Load()
	g := v.deals().given[id]
	p, known := v.person(g.To)
	at, mine := time.Time{}, a.excess(v, g)
	if goes := v.runs(g, now) || v.broken(g, now); goes && known && !p.Blocked && v.inSpaces(g.Space) {
		at = a.due(v, g, p, now)
	}
	switch {
	case !at.IsZero() && !at.After(now):
		_, err := a.carryGrant(ctx, a.renewing(id), g.Space)
		if errors.Is(err, ErrNotAllowed) || errors.Is(err, ErrNoDevice) {
			return time.Time{}, nil // there is nothing to give it from now, or nobody to give it to
		}
		v := a.now.Load()
		if g := v.deals().given[id]; g != nil && err == nil {
			at = a.due(v, g, p, now)
		}
		return at, err
	case len(mine) > 0:
		_, err := a.carryGrant(ctx, func(v *view) ([]*cut, []draft, error) {
			cuts, err := a.cutHandovers(v, g.Space, mine)
			return cuts, nil, err
		}, g.Space)
		return at, err
	}
	return at, nil
}

// broken reports whether a grant died with what it was passed on from, and may be
// given again if this account has that in another way.
func (v *view) broken(g *given, now time.Time) bool {
	return g.ended.IsZero() && v.lost(g) && !v.withdrawn(g) && !g.over(now)
}

// inSpaces reports whether a space is one of those that this device has.
func (v *view) inSpaces(ns willow.NamespaceID) bool {
	return slices.ContainsFunc(v.spaces, func(s SpaceInfo) bool { return s.ID == ns })
}

// excess returns the handovers that this device has made and that give more than
// their grant does by now, or have no grant any more: another device has decided
// that, or the same grant was renewed on two devices at once.
func (a *Account) excess(v *view, g *given) (ids [][32]byte) {
	much := g.handovers
	if g.ended.IsZero() {
		much = g.surplus(&g.Token)
	}
	for _, h := range much {
		if h.by == a.self && !v.set(g.Space).undone(h) {
			ids = append(ids, h.id)
		}
	}
	return ids
}

// renewing plans to make a grant again as it is.
func (a *Account) renewing(id TokenID) planning {
	return func(v *view) ([]*cut, []draft, error) {
		g := v.deals().given[id]
		if g == nil || !g.ended.IsZero() {
			return nil, nil, nil
		}
		w, err := a.wish(v, GrantOptions{
			Space: g.Space, Path: g.Path, To: g.To, Level: g.Level, Since: g.Since, Until: g.Until, PassOn: g.PassOn,
		})
		if err != nil {
			return nil, nil, err
		}
		w.Corner = g.Corner
		again := *g
		if p, known := v.person(g.To); known {
			if changed, _ := v.devicesChanged(g, p); changed {
				again.followed = g.followed.again(w.Made)
			}
		}
		return a.remaking(v, &again, w)
	}
}

// due returns when this device should make a grant again; zero if that isn't known.
func (a *Account) due(v *view, g *given, p *person, now time.Time) (at time.Time) {
	mine := g.Signer.Receiver() == a.self
	set := v.set(g.Space)
	if !v.set(v.identity).Live(g.Signer) {
		return now // its signer's device was removed
	}
	for _, h := range g.For {
		for _, c := range (grantSet{read: h.Read, write: h.Write}).chains() {
			if !set.Live(c) && !set.withdraws(HandoverID(c, len(c.Delegations)), c) {
				return now // it died with another device's chain
			}
		}
	}
	if devices, since := v.devicesChanged(g, p); devices {
		if at = g.followed.next(); !mine && at.Before(since.Add(waitForSigner)) {
			at = since.Add(waitForSigner)
		}
		if !at.After(now) {
			return now
		}
	}
	if mine && g.Name != v.nameNow(g) {
		return now
	}
	if end := a.windowEnd(v, g); !end.IsZero() {
		due := end.Add(-windowRenew)
		if !mine {
			due = due.Add(renewLate)
		}
		at = earlier(at, due)
	}
	return at
}

// devicesChanged reports whether a person has other devices than a grant is for, and
// since when.
func (v *view) devicesChanged(g *given, p *person) (changed bool, since time.Time) {
	full := p.full()
	full = full[:min(len(full), maxHanded)]
	for _, r := range full {
		if g.device(r) != nil {
			continue
		}
		i := slices.IndexFunc(p.Devices, func(d DeviceInfo) bool { return d.Receiver == r })
		if at := p.Devices[i].Added; !changed || at.After(since) {
			changed, since = true, at
		}
	}
	for _, h := range g.For {
		if !slices.Contains(full, h.Receiver) && len(full) > 0 {
			return true, time.Time{} // at once
		}
	}
	return changed, since
}

// nameNow is how the space of a grant is called by now, as its receivers should call
// it.
func (v *view) nameNow(g *given) string {
	if v.foreign(g.Space) {
		if upper := v.above(&g.Token); upper != nil {
			return upper.Name
		}
		return g.Name
	}
	for _, s := range v.spaces {
		if s.ID == g.Space {
			return s.Name
		}
	}
	return g.Name
}

// windowEnd is when the receivers of a grant can't write any more; zero if they
// can't anyway, or if nothing can be done about it: that is the end of the grant, or
// this account's own window.
func (a *Account) windowEnd(v *view, g *given) (end time.Time) {
	for _, h := range g.For {
		if h.Write != nil {
			end = earlier(end, h.Write.Area().Times.End.Time())
		}
	}
	if end.IsZero() || !g.Until.IsZero() && !end.Before(g.Until) {
		return time.Time{}
	}
	w := g.Token
	w.Made = end // as late as it will be made again
	for _, from := range a.sources(v, &w, meadowcap.Write) {
		times, ok := w.writeArea().Times.Intersect(from.Area().Times)
		if ok && times.End.Time().After(end) {
			return end
		}
	}
	return time.Time{}
}

// forgetTokens empties the records of invitations that ended without an answer, a
// while after, and of what was passed on and has ended.
func (a *Account) forgetTokens(ctx context.Context, now time.Time) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	v := a.now.Load()
	var drafts []draft
	old := func(t *incoming) bool {
		end := t.Until
		if !t.ended.IsZero() {
			end = t.ended
		}
		return !end.IsZero() && now.Sub(end) > forgetAfter
	}
	for id, t := range v.deals().received {
		if t.answer.at.IsZero() && old(t) {
			drafts = append(drafts, draft{v.home, idPath(tokensPath, id), nil})
		}
	}
	for id, t := range v.deals().passed {
		if old(t) && (t.over(now) || v.spent(&t.Token)) {
			drafts = append(drafts, draft{v.home, idPath(passedPath, id), nil})
		}
	}
	if len(drafts) == 0 {
		return nil
	}
	if err := a.write(ctx, v, drafts...); err != nil {
		return fmt.Errorf("forget old invitations: %w", err)
	}
	a.rereadDealings(ctx)
	return nil
}

// lost reports whether what a grant passes on has been taken from this account.
func (v *view) lost(g *given) bool {
	return v.foreign(g.Space) && v.killed(&g.Token)
}

// keepsGrant reports whether a grant stays when devices leave the account: it wasn't
// made by one of them lately, nor changed by one after it was stolen.
func (v *view) keepsGrant(g *given, gone []key.Receiver, o RemoveOptions, now time.Time) bool {
	made := slices.Contains(gone, g.by)
	if o.Since.IsZero() {
		return !made || o.KeepRecent || g.first.Before(now.Add(-RecentGrant))
	}
	changed := slices.Contains(gone, g.Signer.Receiver()) && !g.Made.Before(o.Since)
	return !changed && (!made || g.first.Before(o.Since))
}

// losing are the records of the grants that leave with devices. The grants' own are
// written again: those that a thief has written don't count any more, but who has
// such a grant is to hear that it ended.
func (a *Account) losing(v *view, who key.Receiver, gone []key.Receiver, cuts []*cut, o RemoveOptions) (drafts []draft) {
	for id, g := range v.deals().given {
		here := slices.ContainsFunc(cuts, func(c *cut) bool { return c.ns == g.Space }) || v.foreign(g.Space) && v.listed(who)
		if here && g.ended.IsZero() && !v.keepsGrant(g, gone, o, a.Now()) {
			drafts = append(drafts,
				draft{v.home, idPath(grantsPath, id), g.fields().encode()},
				draft{v.home, idPath(endsPath, id), endRecord(a.Now()).encode()})
		}
	}
	return drafts
}
