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

// ChangeGrant gives a grant another beginning, end, level or right to pass on; the
// space, the folder and the person stay. The person gets a new revision of the
// token. Where it becomes less, what was handed over is withdrawn, after what came
// by it has been adopted; if not all of that is here, that is a [LeftError], unless
// o.Anyway. Other errors are those of Grant, and ErrEnded.
func (a *Account) ChangeGrant(ctx context.Context, id TokenID, o GrantOptions) (Grant, error) {
	a.cutting.Lock()
	defer a.cutting.Unlock()
	return a.changeGrant(ctx, id, o)
}

func (a *Account) changeGrant(ctx context.Context, id TokenID, o GrantOptions) (Grant, error) {
	v := a.now.Load()
	g := v.deals().given[id]
	switch {
	case g == nil:
		return Grant{}, fmt.Errorf("change a grant: %w", ErrNotFound)
	case v.stateOf(g, a.Now()) == StateEnded:
		return Grant{}, fmt.Errorf("change a grant: %w", ErrEnded)
	}
	o.Space, o.Path, o.To = g.Space, g.Path, g.To
	if w, err := a.wish(v, o); err == nil && g.says(&w) {
		return v.grant(g, a.Now()), nil
	}
	plan := a.changing(id, o)
	if !o.Anyway {
		if err := a.complete(ctx, plan); err != nil {
			return Grant{}, fmt.Errorf("change a grant: %w", err)
		}
	}
	if _, err := a.carryGrant(ctx, plan, g.Space); err != nil {
		return Grant{}, fmt.Errorf("change a grant: %w", err)
	}
	v = a.now.Load()
	if g = v.deals().given[id]; g == nil {
		return Grant{}, fmt.Errorf("read the record of a grant: %w", ErrNotFound)
	}
	return v.grant(g, a.Now()), nil
}

// says reports whether a grant is as wished already.
func (g *given) says(w *Token) bool {
	return g.Level == w.Level && g.PassOn == w.PassOn && g.Since.Equal(w.Since) && g.Until.Equal(w.Until)
}

// carryGrant carries out a plan about grants. Unlike removals it must take effect
// without statements, too.
func (a *Account) carryGrant(ctx context.Context, plan planning, space willow.NamespaceID) (adopted int, err error) {
	ctx = context.WithoutCancel(ctx)
	if adopted, err = a.carry(ctx, plan, nil); err != nil {
		return adopted, err
	}
	a.writing.Lock()
	defer a.writing.Unlock()
	a.rereadDealings(ctx, space)
	return adopted, nil
}

// changing plans a change of a grant.
func (a *Account) changing(id TokenID, o GrantOptions) planning {
	corner := newCorner()
	return func(v *view) ([]*cut, []draft, error) {
		g := v.deals().given[id]
		if g == nil || !g.ended.IsZero() {
			return nil, nil, ErrEnded
		}
		w, err := a.wish(v, o)
		if err != nil {
			return nil, nil, err
		}
		if w.Level == LevelContribute && !v.foreign(w.Space) {
			if w.Corner = corner; g.Level == LevelContribute {
				w.Corner = g.Corner
			}
		}
		return a.remaking(v, g, w)
	}
}

// surplus returns the handovers of a grant that give more than it is to give; all
// of them where what its receiver has passed on is to end.
func (g *given) surplus(w *Token) []handover {
	return slices.DeleteFunc(slices.Clone(g.handovers), func(h handover) bool {
		switch {
		case h.passOn && !w.PassOn, w.device(h.to) == nil:
			return false
		case h.level == LevelRead:
			return !h.since.Before(w.Since)
		}
		return h.level.rank() <= w.Level.rank() && (w.Until.IsZero() || !h.until.After(w.Until))
	})
}

// remaking plans the next revision of a grant. What gives more than it is withdrawn.
func (a *Account) remaking(v *view, g *given, w Token) ([]*cut, []draft, error) {
	w.For = g.For
	if p, ok := v.person(g.To); ok {
		w.For = nil
		for _, r := range p.full() {
			w.For = append(w.For, Handed{Receiver: r})
		}
	}
	cuts, err := a.withdrawals(v, g.Space, g.surplus(&w))
	if err != nil {
		return nil, nil, err
	}
	w.ID, w.Revision, w.unknown, w.otherOps = g.ID, g.Revision+1, g.unknown, g.otherOps
	next := *g
	if next.Token, err = a.makeToken(v.under(cuts...), w); err != nil {
		return nil, nil, err
	}
	return cuts, a.givenDrafts(v, &next), nil
}

// atOnce is how many handovers one statement withdraws at most.
const atOnce = 1000

// withdrawals makes the cuts that withdraw handovers, as far as this device can: an
// owner's device any, another one those that it made itself.
func (a *Account) withdrawals(v *view, ns willow.NamespaceID, all []handover) (cuts []*cut, err error) {
	owner := !v.foreign(ns)
	var ids [][32]byte
	for _, h := range all {
		if (owner || h.by == a.self) && !v.set(ns).undone(h) {
			ids = append(ids, h.id)
		}
	}
	return a.cutHandovers(v, ns, ids)
}

func (a *Account) cutHandovers(v *view, ns willow.NamespaceID, ids [][32]byte) (cuts []*cut, err error) {
	slices.SortFunc(ids, compareIDs)
	for some := range slices.Chunk(slices.Compact(ids), atOnce) {
		c, err := a.newCut(v, ns, Withdraw{Epoch: v.set(ns).epoch, Handovers: some})
		if err != nil {
			return nil, err
		}
		cuts = append(cuts, c)
	}
	return cuts, nil
}

// undone reports whether a handover has been withdrawn by an owner or by who made
// it.
func (s *Set) undone(h handover) bool {
	return slices.ContainsFunc(s.withdrawn[h.id], func(w authority) bool { return w.owner || w.signer == h.by })
}

// stating returns the chain with which this device states something of a space: of
// all of it, or else any: what those who don't own a space state counts for chains
// through them.
func (v *view) stating(ns willow.NamespaceID) *meadowcap.Capability {
	if c := v.whole(ns, meadowcap.Write, key.Receiver{}); c != nil {
		return c
	}
	for _, c := range slices.Concat(v.caps[ns].read, v.caps[ns].write) {
		if v.set(ns).begins(c) {
			return c
		}
	}
	return nil
}

// EndGrant takes a grant back: what its receivers, and those they have passed it on
// to, wrote until a time is adopted (zero: all of it), then the handovers are
// withdrawn. What isn't all here is a [LeftError], unless anyway. The grant may also
// be one that somebody else has passed on below this account. It returns how much
// was adopted.
func (a *Account) EndGrant(ctx context.Context, id TokenID, until time.Time, anyway bool) (adopted int, err error) {
	a.cutting.Lock()
	defer a.cutting.Unlock()
	v := a.now.Load()
	plan, space, err := a.ending(v, id, until)
	if err != nil || plan == nil {
		return 0, err
	}
	if !anyway {
		if err := a.complete(ctx, plan); err != nil {
			return 0, fmt.Errorf("end a grant: %w", err)
		}
	}
	if adopted, err = a.carryGrant(ctx, plan, space); err != nil {
		return adopted, fmt.Errorf("end a grant: %w", err)
	}
	return adopted, nil
}

// LeftByEnd lists what EndGrant couldn't adopt now.
func (a *Account) LeftByEnd(ctx context.Context, id TokenID, until time.Time) ([]Left, error) {
	plan, _, err := a.ending(a.now.Load(), id, until)
	if err != nil || plan == nil {
		return nil, err
	}
	var left *LeftError
	if err = a.complete(ctx, plan); errors.As(err, &left) {
		return left.Left, nil
	}
	return nil, err
}

// ending plans the end of a grant; nil if it has ended already.
func (a *Account) ending(v *view, id TokenID, until time.Time) (planning, willow.NamespaceID, error) {
	if !v.full() {
		return nil, willow.NamespaceID{}, ErrNotAllowed
	}
	at := cutTime(a.Now())
	if g := v.deals().given[id]; g != nil {
		if !g.ended.IsZero() {
			return nil, g.Space, nil
		}
		return func(v *view) ([]*cut, []draft, error) {
			g := v.deals().given[id]
			if g == nil {
				return nil, nil, ErrNotFound
			}
			cuts, err := a.withdrawals(v, g.Space, g.handovers)
			for _, c := range cuts {
				c.until = until
			}
			return cuts, []draft{{ns: v.home, path: idPath(endsPath, id), payload: endRecord(at).encode()}}, err
		}, g.Space, nil
	}
	t := v.deals().passed[id]
	switch {
	case t == nil:
		return nil, willow.NamespaceID{}, ErrNotFound
	case !t.ended.IsZero() && v.spent(&t.Token): // its giver may only have said so
		return nil, t.Space, nil
	}
	return func(v *view) ([]*cut, []draft, error) {
		cuts, err := a.cutToken(v, &t.Token)
		for _, c := range cuts {
			c.until = until
		}
		ended := *t
		ended.ended = at
		return cuts, []draft{{ns: v.home, path: idPath(passedPath, id), payload: ended.fields().encode()}}, err
	}, t.Space, nil
}

// cutToken makes the cuts that withdraw what somebody else's token gives. Who has
// given what is passed on can always do that.
func (a *Account) cutToken(v *view, t *Token) ([]*cut, error) {
	var ids [][32]byte
	for _, h := range t.For {
		for _, c := range (grantSet{read: h.Read, write: h.Write}).chains() {
			if !v.foreign(t.Space) || slices.Contains(c.Receivers(), a.self) {
				ids = append(ids, HandoverID(c, len(c.Delegations)))
			}
		}
	}
	if len(ids) == 0 {
		return nil, errors.Join(ErrNotAllowed, errors.New("it wasn't passed on through this device"))
	}
	return a.cutHandovers(v, t.Space, ids)
}
