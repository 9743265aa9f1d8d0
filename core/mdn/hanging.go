package mdn

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// Hangs is access that hangs below a grant.
type Hangs struct {
	Custodian willow.NamespaceID // zero if it isn't known whose key it is
	Receiver  key.Receiver
	Level     Level
	Path      string
	Until     time.Time      // zero: none, or it isn't known
	Chain     []key.Receiver // from the owner's device to the receiver
	Token     TokenID        // by which it was passed on; zero if that isn't known
}

// PassedOn is a token that somebody else has passed on below this account, as they
// or who they have it from have told.
type PassedOn struct {
	Token
	State string // StateAccepted while it runs; StateEnded or StateExpired
	Came  time.Time
	By    willow.NamespaceID // who has told
}

// PassedOn returns what others have passed on below this account, newest first.
func (a *Account) PassedOn() []PassedOn {
	v, now := a.now.Load(), a.Now()
	all := make([]PassedOn, 0, len(v.deals().passed))
	for _, t := range v.deals().passed {
		all = append(all, PassedOn{t.Token, v.stateOfPassed(t, now), t.came, t.by})
	}
	slices.SortFunc(all, func(x, y PassedOn) int {
		return cmp.Or(y.Came.Compare(x.Came), compareTokens(x.ID, y.ID))
	})
	return all
}

// stateOfPassed is what has become of a token that was passed on. Whoever tells that
// it ended may not have withdrawn anything: what lives goes on.
func (v *view) stateOfPassed(t *incoming, now time.Time) string {
	switch {
	case v.spent(&t.Token):
		return StateEnded
	case t.over(now):
		return StateExpired
	}
	return StateAccepted
}

// Hanging returns what the receiver of a grant has passed on, and those in turn, as
// far as this device knows: what ends with it. It knows of that by letters, by what
// this account has passed on itself, and by what has come that was written by such
// a right. The token may also be one that this account was given, or one that
// somebody else has passed on.
func (a *Account) Hanging(ctx context.Context, id TokenID) ([]Hangs, error) {
	v := a.now.Load()
	space, above, err := v.handoversBy(id)
	if err != nil {
		return nil, err
	}
	h := hanging{v: v, above: above, found: map[key.Receiver]int{}}
	for _, t := range v.deals().passed {
		if t.Space == space && v.stateOfPassed(t, a.Now()) == StateAccepted {
			h.addToken(&t.Token)
		}
	}
	for _, g := range v.deals().given {
		if g.Space == space && v.runs(g, a.Now()) {
			h.addToken(&g.Token)
		}
	}
	chains, err := a.chains(ctx, v, space)
	if err != nil {
		return nil, fmt.Errorf("look for what was passed on: %w", err)
	}
	for _, c := range chains {
		if v.set(space).Live(c) && c.Receiver() != a.self {
			h.add(c, Hangs{Level: levelOf(c), Path: folderOf(c.Area().Path)})
		}
	}
	slices.SortFunc(h.all, func(x, y Hangs) int {
		return cmp.Or(len(x.Chain)-len(y.Chain), compareIDs(x.Receiver, y.Receiver))
	})
	return h.all, nil
}

// handoversBy returns the space of a token, and its handovers by id.
func (v *view) handoversBy(id TokenID) (space willow.NamespaceID, ids map[[32]byte]bool, err error) {
	ids = map[[32]byte]bool{}
	if g := v.deals().given[id]; g != nil {
		for _, h := range g.handovers {
			ids[h.id] = true
		}
		return g.Space, ids, nil
	}
	t := v.deals().passed[id]
	if t == nil {
		t = v.deals().received[id]
	}
	if t == nil {
		return space, nil, ErrNotFound
	}
	for _, h := range t.For {
		for _, c := range (grantSet{read: h.Read, write: h.Write}).chains() {
			ids[HandoverID(c, len(c.Delegations))] = true
		}
	}
	return t.Space, ids, nil
}

// hanging collects what goes on from some handovers, one of each key.
type hanging struct {
	v     *view
	above map[[32]byte]bool
	all   []Hangs
	found map[key.Receiver]int
}

func (h *hanging) addToken(t *Token) {
	for _, d := range t.For {
		h.add(d.Read, Hangs{Custodian: t.To, Level: t.Level, Path: t.Path, Until: t.Until, Token: t.ID})
	}
}

// add adds the receiver of a chain that goes on from one of the handovers.
func (h *hanging) add(c *meadowcap.Capability, as Hangs) {
	below := false
	for n := 1; n < len(c.Delegations); n++ {
		below = below || h.above[HandoverID(c, n)]
	}
	if !below {
		return
	}
	as.Receiver, as.Chain = c.Receiver(), c.Receivers()
	if p, ok := h.v.personOf(key.Endpoint(as.Receiver)); ok {
		as.Custodian = p.Custodian
	}
	i, known := h.found[as.Receiver]
	switch {
	case !known:
		h.found[as.Receiver] = len(h.all)
		h.all = append(h.all, as)
	case h.all[i].Token == TokenID{} && as.Level.rank() > h.all[i].Level.rank():
		h.all[i] = as
	}
}

// levelOf is the level that a capability is of.
func levelOf(c *meadowcap.Capability) Level {
	switch {
	case c.Mode == meadowcap.Read:
		return LevelRead
	case c.Area().Subspace == shared(c.Namespace):
		return LevelWrite
	}
	return LevelContribute
}

// folderOf is a path below files as people see it.
func folderOf(p willow.Path) string {
	components := p.Components()
	if len(components) < 2 {
		return ""
	}
	return strings.Join(components[1:], "/")
}
