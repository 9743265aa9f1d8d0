package mdn

import (
	"context"
	"fmt"
	"slices"
	"time"

	"meadow/core/key"
	"meadow/core/willow"
)

// Records of what is dealt between this account and others, in the home space. Each
// fact is a record of its own, so that two devices that state different facts at
// once don't undo each other's.
var (
	grantsPath  = willow.MustPath("grants")  // what was given
	handedPath  = willow.MustPath("handed")  // by grant and device: which handovers that made
	endsPath    = willow.MustPath("ends")    // that it was taken back
	repliesPath = willow.MustPath("replies") // what the person answered
	toldPath    = willow.MustPath("told")    // which letters have arrived
	tokensPath  = willow.MustPath("tokens")  // what was received
	answersPath = willow.MustPath("answers") // what this account answered
	passedPath  = willow.MustPath("passed")  // what others have passed on
)

// dealt reports whether a record is one of these, but for grants: nobody gets
// anything by it.
func dealt(p willow.Path) bool {
	return slices.ContainsFunc([]willow.Path{handedPath, endsPath, repliesPath, toldPath, tokensPath, answersPath, passedPath},
		func(base willow.Path) bool { return base.IsPrefixOf(p) })
}

// dealings is what the records say. It isn't changed once made.
type dealings struct {
	given    map[TokenID]*given
	received map[TokenID]*incoming
	passed   map[TokenID]*incoming
	told     map[TokenID]told
	handed   map[[32]byte]*given // by handover
}

// given is a grant of this account.
type given struct {
	Token
	by        key.Receiver // the device that gave it first
	first     time.Time
	handovers []handover // of all its revisions, by all devices; those withdrawn since may be left out
	ended     time.Time  // taken back; zero: not
	reply     reply
	followed  followed
}

// handover is one capability that was handed to a person's device.
type handover struct {
	id     [32]byte
	by     key.Receiver // the device that did
	to     key.Receiver
	level  Level     // LevelRead: to read, else to write as that
	since  time.Time // of what may be read
	until  time.Time // end of the window for writing
	passOn bool      // the token let it be handed on
	at     time.Time // of the record that says so, as long as it isn't written again
}

// reply is whether somebody has accepted, and when.
type reply struct {
	at       time.Time // zero: not answered
	accepted bool
}

// incoming is a token of somebody else: for this account, or passed on below it.
type incoming struct {
	Token
	came   time.Time
	ended  time.Time // its giver has taken it back; zero: not
	answer reply
	by     willow.NamespaceID // who sent it
}

// told is what persons have been told of a token, by letters that arrived.
type told struct {
	revision uint64    // the token itself, whom it is for
	made     time.Time // of that revision
	ended    bool
	answered time.Time // who it is from, of which answer
	up       uint64    // who this account has it from
	upMade   time.Time
	upEnded  bool
}

var noDealings = &dealings{}

func (v *view) deals() *dealings {
	if v.dealings == nil {
		return noDealings
	}
	return v.dealings
}

// idPath is the path of the record about a token.
func idPath(base willow.Path, id TokenID) willow.Path {
	return willow.MustPath(append(base.Components(), string(id[:]))...)
}

func pathID(p willow.Path) (id TokenID, ok bool) {
	components := p.Components()
	if len(components) != 2 || len(components[1]) != len(id) {
		return id, false
	}
	return TokenID([]byte(components[1])), true
}

// readDealings reads the records.
func (a *Account) readDealings(ctx context.Context, v *view) error {
	d := &dealings{
		given: map[TokenID]*given{}, received: map[TokenID]*incoming{}, passed: map[TokenID]*incoming{},
		told: map[TokenID]told{}, handed: map[[32]byte]*given{},
	}
	for _, kind := range []struct {
		below willow.Path
		add   func(id TokenID, r *reader) error
	}{
		{grantsPath, d.addGiven},
		{endsPath, d.addEnd},
		{repliesPath, d.addReply},
		{toldPath, d.addTold},
		{tokensPath, func(id TokenID, r *reader) error { return addIncoming(d.received, id, r) }},
		{answersPath, d.addAnswer},
		{passedPath, func(id TokenID, r *reader) error { return addIncoming(d.passed, id, r) }},
	} {
		err := a.each(ctx, v.home, kind.below, func(e willow.Authorised, b []byte) error {
			id, ok := pathID(e.Entry.Path)
			if !ok {
				return nil
			}
			r, err := parseRecord(b)
			if err != nil {
				return err
			}
			return kind.add(id, r)
		})
		if err != nil {
			return err
		}
	}
	if err := a.readHanded(ctx, v, d); err != nil {
		return err
	}
	v.dealings = d
	return nil
}

// readHanded reads which handovers the account's devices have made. What gives more
// than its grant does by now counts for nothing here.
func (a *Account) readHanded(ctx context.Context, v *view, d *dealings) error {
	err := a.each(ctx, v.home, handedPath, func(e willow.Authorised, b []byte) error {
		id, by, ok := handedKeys(e.Entry.Path)
		g := d.given[id]
		if !ok || g == nil {
			return nil
		}
		r, err := parseRecord(b)
		if err != nil {
			return err
		}
		all, err := parseHandovers(r, by)
		for i := range all {
			all[i].at = e.Entry.Timestamp.Time()
		}
		g.handovers = append(g.handovers, all...)
		return err
	})
	for _, g := range d.given {
		much := g.surplus(&g.Token)
		for _, h := range g.handovers {
			if !slices.Contains(much, h) {
				d.handed[h.id] = g
			}
		}
	}
	return err
}

func (d *dealings) addGiven(id TokenID, r *reader) error {
	g, err := parseGiven(r)
	if err == nil && g.ID != id {
		err = fmt.Errorf("%w: another grant's record", errFormat)
	}
	if err == nil {
		d.given[id] = &g
	}
	return err
}

func (d *dealings) addEnd(id TokenID, r *reader) error {
	at := r.moment("at")
	if g := d.given[id]; g != nil && r.err == nil {
		g.ended = at
	}
	return r.err
}

func (d *dealings) addReply(id TokenID, r *reader) error {
	answer := parseReply(r)
	if g := d.given[id]; g != nil && r.err == nil {
		g.reply = answer
	}
	return r.err
}

func (d *dealings) addAnswer(id TokenID, r *reader) error {
	answer := parseReply(r)
	if t := d.received[id]; t != nil && r.err == nil {
		t.answer = answer
	}
	return r.err
}

func (d *dealings) addTold(id TokenID, r *reader) error {
	t := parseTold(r)
	if r.err == nil {
		d.told[id] = t
	}
	return r.err
}

func addIncoming(to map[TokenID]*incoming, id TokenID, r *reader) error {
	t, err := parseIncoming(r)
	if err == nil && t.ID != id {
		err = fmt.Errorf("%w: another token's record", errFormat)
	}
	if err == nil {
		to[id] = &t
	}
	return err
}

func (g *given) fields() fields {
	f := fields{}
	f.set("token", g.raw)
	f.set("by", g.by[:])
	f.set("given", microseconds(g.first))
	if g.followed.times > 0 {
		f.set("followed", microseconds(g.followed.last))
		f.set("times", g.followed.times)
	}
	return f
}

func parseGiven(r *reader) (g given, err error) {
	raw := r.bytes("token", MaxToken)
	r.fixed("by", g.by[:])
	if g.first = timeOf(r.uint("given")); r.err != nil {
		return g, r.err
	}
	if r.has("followed") {
		g.followed = followed{last: r.moment("followed"), times: r.uint("times")}
		if r.err != nil {
			return g, r.err
		}
	}
	g.Token, err = DecodeToken(raw)
	return g, err
}

// maxHandovers bounds those of one grant and device: what a record has room for.
const maxHandovers = 1500

func handedPathOf(id TokenID, by key.Receiver) willow.Path {
	return willow.MustPath(append(handedPath.Components(), string(id[:]), string(by[:]))...)
}

func handedKeys(p willow.Path) (id TokenID, by key.Receiver, ok bool) {
	components := p.Components()
	if len(components) != 3 || len(components[1]) != len(id) || len(components[2]) != len(by) {
		return id, by, false
	}
	return TokenID([]byte(components[1])), key.Receiver([]byte(components[2])), true
}

// handoversRecord has the handovers of one device.
func handoversRecord(of []handover) fields {
	all := make([]fields, len(of))
	for i, h := range of {
		all[i] = fields{}
		all[i].set("id", h.id[:])
		all[i].set("to", h.to[:])
		all[i].set("level", string(h.level))
		if !h.since.IsZero() {
			all[i].set("since", microseconds(h.since))
		}
		if !h.until.IsZero() {
			all[i].set("until", microseconds(h.until))
		}
		if h.passOn {
			all[i].set("passon", true)
		}
	}
	f := fields{}
	f.set("handovers", all)
	return f
}

func parseHandovers(r *reader, by key.Receiver) (all []handover, err error) {
	for _, m := range r.maps("handovers", maxHandovers) {
		h := handover{by: by}
		m.fixed("id", h.id[:])
		m.fixed("to", h.to[:])
		h.level = Level(m.text("level", maxOperation))
		if m.has("since") {
			h.since = m.moment("since")
		}
		if m.has("until") {
			h.until = m.moment("until")
		}
		if h.passOn = m.flag("passon"); m.err != nil {
			return nil, m.err
		}
		all = append(all, h)
	}
	return all, r.err
}

func (t *incoming) fields() fields {
	f := fields{}
	f.set("token", t.raw)
	f.set("came", microseconds(t.came))
	f.set("by", t.by[:])
	if !t.ended.IsZero() {
		f.set("ended", microseconds(t.ended))
	}
	return f
}

func parseIncoming(r *reader) (t incoming, err error) {
	raw := r.bytes("token", MaxToken)
	t.came = timeOf(r.uint("came"))
	r.fixed("by", t.by[:])
	if r.has("ended") {
		t.ended = r.moment("ended")
	}
	if r.err != nil {
		return t, r.err
	}
	t.Token, err = DecodeToken(raw)
	return t, err
}

func (y reply) fields() fields {
	f := fields{}
	f.set("at", microseconds(y.at))
	f.set("accepted", y.accepted)
	return f
}

func parseReply(r *reader) reply { return reply{r.moment("at"), r.flag("accepted")} }

func (t told) fields() fields {
	f := fields{}
	for name, n := range map[string]uint64{"rev": t.revision, "up": t.up} {
		if n > 0 {
			f.set(name, n)
		}
	}
	for name, at := range map[string]time.Time{"made": t.made, "upmade": t.upMade, "answered": t.answered} {
		if !at.IsZero() {
			f.set(name, microseconds(at))
		}
	}
	for name, set := range map[string]bool{"ended": t.ended, "upended": t.upEnded} {
		if set {
			f.set(name, true)
		}
	}
	return f
}

func parseTold(r *reader) (t told) {
	for name, to := range map[string]*uint64{"rev": &t.revision, "up": &t.up} {
		if r.has(name) {
			*to = r.uint(name)
		}
	}
	for name, to := range map[string]*time.Time{"made": &t.made, "upmade": &t.upMade, "answered": &t.answered} {
		if r.has(name) {
			*to = r.moment(name)
		}
	}
	t.ended, t.upEnded = r.flag("ended"), r.flag("upended")
	return t
}

// endRecord says when something was taken back.
func endRecord(at time.Time) fields {
	f := fields{}
	f.set("at", microseconds(at))
	return f
}
