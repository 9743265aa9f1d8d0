package node

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/willow"
)

const (
	dealingsQuiet = time.Second      // after the account has changed
	dealingsLook  = time.Minute      // at the clock, which may be set or have stood still
	dealingsAgain = 10 * time.Second // after something failed
	endsSoon      = 24 * time.Hour   // before an end
)

// dealings watches over what is shared, both ways: it renews what runs out, tells
// what has changed, whichever device of the account did it, and warns a day before
// an end.
type dealings struct {
	n    *Node
	wake kicker

	known ledger // owned by run

	mu    sync.Mutex // guards heard
	heard map[mdn.TokenID]map[key.Receiver]time.Time
}

// ledger is what was told. It is kept in Local, so that nothing is told twice.
type ledger struct {
	Since   time.Time        `json:"since"` // what is older was there before
	Shares  map[string]entry `json:"shares"`
	Invites map[string]entry `json:"invites"`
}

// entry is a share, or an invitation, as it was told.
type entry struct {
	State string `json:"state"`
	Terms string `json:"terms"` // level, end and right to pass on
	Soon  string `json:"soon"`  // the terms of whose end was warned
}

// deal is a grant or an invitation, as events have it.
type deal struct {
	id        string
	person    willow.NamespaceID
	space     willow.NamespaceID
	spaceName string
	token     *mdn.Token
	state     string
	made      time.Time
}

func newDealings(n *Node) *dealings {
	return &dealings{n: n, wake: newKicker(), heard: make(map[mdn.TokenID]map[key.Receiver]time.Time)}
}

// heardEnd returns when a device of the account took in that the last of some grants
// had ended, as far as this device has noticed; now says that it has by now.
func (d *dealings) heardEnd(grants []mdn.Grant, device key.Receiver, now, self bool) (at time.Time, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, g := range grants {
		t, noted := d.heard[g.ID][device]
		if !noted && !now {
			return at, false
		}
		if !noted {
			if t = d.n.cfg.Now(); self && !g.Ended.IsZero() {
				t = g.Ended
			}
			if d.heard[g.ID] == nil {
				d.heard[g.ID] = make(map[key.Receiver]time.Time)
			}
			d.heard[g.ID][device] = t
		}
		if t.After(at) {
			at = t
		}
	}
	return at, true
}

// kick says that the account may have changed.
func (d *dealings) kick() { d.wake.kick() }

// run works until ctx ends.
func (d *dealings) run(ctx context.Context) error {
	select {
	case <-d.n.spaces.started:
	case <-ctx.Done():
		return ctx.Err()
	}
	d.load(ctx)
	renew := time.Time{} // when to renew at the latest
	for {
		d.tell(ctx)
		d.n.courier.kick()
		if now := d.n.cfg.Now(); !now.Before(renew) {
			renew = d.renew(ctx, now)
		}
		wait := min(dealingsLook, d.nextEnd(), max(renew.Sub(d.n.cfg.Now()), 0))
		pause := time.NewTimer(wait)
		select {
		case <-d.wake:
			renew = d.sooner(renew)
		case <-pause.C:
		case <-ctx.Done():
		}
		pause.Stop()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// sooner has the next renewal soon, once nothing has changed for a moment.
func (d *dealings) sooner(renew time.Time) time.Time {
	soon := d.n.cfg.Now().Add(dealingsQuiet)
	if renew.Before(soon) {
		return renew
	}
	return soon
}

// renew renews what runs out, and returns when to do so again.
func (d *dealings) renew(ctx context.Context, now time.Time) time.Time {
	if !d.n.account.Full() || d.n.account.Removed() || d.n.twins.isStill() {
		return now.Add(dealingsLook)
	}
	next, err := d.n.account.Renew(ctx)
	switch {
	case err != nil && ctx.Err() == nil:
		d.n.log.Warn("What is shared wasn't renewed, trying again", "error", err)
		return now.Add(dealingsAgain)
	case next.IsZero(), next.Sub(now) > time.Hour:
		return now.Add(time.Hour)
	case !next.After(now):
		return now.Add(dealingsAgain)
	}
	return next
}

// nextEnd returns how long it is until something ends, or is to be warned of.
func (d *dealings) nextEnd() time.Duration {
	now, wait := d.n.cfg.Now(), dealingsLook
	for _, x := range append(d.shares(), d.invites()...) {
		if x.token.Until.IsZero() || !running(x.state) {
			continue
		}
		for _, at := range []time.Time{x.token.Until, x.token.Until.Add(-endsSoon)} {
			if at.After(now) {
				wait = min(wait, at.Sub(now))
			}
		}
	}
	return wait
}

func (d *dealings) shares() (all []deal) {
	for _, g := range d.n.account.Grants() {
		all = append(all, deal{
			tokenText(g.ID), g.To, g.Space, d.n.spaceName(g.Space, g.Name), &g.Token, d.n.stateNow(g.State, g.Until), g.Given,
		})
	}
	return all
}

func (d *dealings) invites() (all []deal) {
	for _, i := range d.n.account.Invitations() {
		all = append(all, deal{
			tokenText(i.ID), i.From, i.Space, d.n.spaceName(i.Space, i.Name), &i.Token, d.n.stateNow(i.State, i.Until), i.Came,
		})
	}
	return all
}

// tell tells what has changed since it was last called, and warns.
func (d *dealings) tell(ctx context.Context) {
	changed := d.tellAll("share", "shared", d.shares(), d.known.Shares)
	if d.tellAll("invite", "invited", d.invites(), d.known.Invites) || changed {
		d.save(ctx)
	}
}

// tellAll tells what has changed of some deals; what is the prefix of events, came
// the name of the first one.
func (d *dealings) tellAll(what, came string, deals []deal, told map[string]entry) (changed bool) {
	there := map[string]bool{}
	for _, x := range deals {
		there[x.id] = true
		before, known := told[x.id]
		after := entry{State: x.state, Terms: terms(x.token), Soon: before.Soon}
		for _, event := range d.news(what, came, x, before, after, known) {
			d.emit(event, what, x)
		}
		if d.endsSoon(x) && before.Soon != after.Terms {
			after.Soon = after.Terms
			d.emit(what+"_soon", what, x)
		}
		if after != before {
			told[x.id], changed = after, true
		}
	}
	for id := range told {
		if !there[id] {
			delete(told, id)
			changed = true
		}
	}
	return changed
}

// news returns the events of what has become of a deal.
func (d *dealings) news(what, came string, x deal, before, after entry, known bool) []string {
	switch {
	case !known && (x.made.Before(d.known.Since) || !running(x.state)): // it was there before this device was
		return nil
	case !known && x.state == ShareAccepted:
		return []string{came, what + "_answered"}
	case !known:
		return []string{came}
	case before.State != x.state:
		return []string{what + "_" + stateEvents[x.state]}
	case before.Terms != after.Terms && running(x.state):
		return []string{what + "_changed"}
	}
	return nil
}

// stateEvents are the ends of events' names for states that are new.
var stateEvents = map[string]string{
	ShareOffered: "changed", ShareAccepted: "answered", ShareDeclined: "answered", ShareEnded: "ended", ShareExpired: "expired",
}

// terms is what can be changed of a share; renewing changes none of it.
func terms(t *mdn.Token) string {
	return fmt.Sprintf("%s %d %v", t.Level, t.Until.Unix(), t.PassOn)
}

// endsSoon reports whether somebody is to be warned of an end. What was given for
// a day or less isn't warned of.
func (d *dealings) endsSoon(x deal) bool {
	until := x.token.Until
	left := until.Sub(d.n.cfg.Now())
	return running(x.state) && !until.IsZero() && left > 0 && left <= endsSoon && until.Sub(x.made) > endsSoon+time.Hour
}

func (d *dealings) emit(event, what string, x deal) {
	d.n.bus.emit(event, what, x.id, "person", d.n.whoIs(x.person), "custodian", x.person.String(), "space", x.spaceName,
		"space_id", x.space.String(), "path", x.token.Path, "level", string(x.token.Level), "until", Time{x.token.Until},
		"may_pass_on", x.token.PassOn, "state", x.state)
}

// load reads what was told, or begins to note it.
func (d *dealings) load(ctx context.Context) {
	d.known = ledger{}
	b, ok, err := d.n.cfg.Local.Value(ctx, keyDealings)
	if err != nil || ok && json.Unmarshal(b, &d.known) != nil {
		d.n.log.Warn("What was told of shares wasn't read", "error", err)
	}
	if d.known.Since.IsZero() {
		d.known.Since = d.n.cfg.Now()
	}
	if d.known.Shares == nil {
		d.known.Shares = map[string]entry{}
	}
	if d.known.Invites == nil {
		d.known.Invites = map[string]entry{}
	}
	if !ok {
		d.save(ctx)
	}
}

func (d *dealings) save(ctx context.Context) {
	b, err := json.Marshal(d.known)
	if err == nil {
		err = d.n.cfg.Local.PutValues(ctx, map[string][]byte{keyDealings: b})
	}
	if err != nil && ctx.Err() == nil {
		d.n.log.Warn("What was told of shares wasn't noted", "error", err)
	}
}

// dealingNotices returns what is to be said of shares that end within a day.
func (n *Node) dealingNotices() (list []Notice) {
	now := n.cfg.Now()
	for _, x := range n.dealings.shares() {
		if n.dealings.endsSoon(x) {
			list = append(list, Notice{
				Code:    NoticeEndsSoon,
				Message: fmt.Sprintf("%s's access to %s ends %s", n.whoIs(x.person), placeOf(x.spaceName, x.token.Path), dayTime(x.token.Until, now)),
				Hint:    "give it another end with `meadow share change`, or let it end: what was downloaded stays there",
			})
		}
	}
	for _, x := range n.dealings.invites() {
		if x.state == ShareAccepted && n.dealings.endsSoon(x) {
			list = append(list, Notice{
				Code:    NoticeEndsSoon,
				Message: fmt.Sprintf("%s shares %s with you until %s", n.whoIs(x.person), placeOf(x.spaceName, x.token.Path), dayTime(x.token.Until, now)),
				Hint:    "ask for a later end, or let it end: what is here stays here",
			})
		}
	}
	return list
}

// whoIs names a person by their custodian id: as [Node.peopleNames] does, or by the
// id's first digits.
func (n *Node) whoIs(custodian willow.NamespaceID) string {
	if name := n.peopleNames()[custodian]; name != "" {
		return name
	}
	return custodian.String()[:minPrefix]
}
