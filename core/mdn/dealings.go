package mdn

import (
	"context"
	"fmt"
	"time"

	"meadow/core/key"
	"meadow/core/willow"
)

// Records of what is dealt between this account and others, in the home space. Each
// fact is a record of its own, so that two devices that state different facts at
// once don't undo each other's.
var (
	grantsPath  = willow.MustPath("grants")  // what was given
	endsPath    = willow.MustPath("ends")    // that it was taken back
	repliesPath = willow.MustPath("replies") // what the person answered
	toldPath    = willow.MustPath("told")    // which letters have arrived
	tokensPath  = willow.MustPath("tokens")  // what was received
	answersPath = willow.MustPath("answers") // what this account answered
	passedPath  = willow.MustPath("passed")  // what others have passed on
)

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
	handovers []handover // of all its revisions
	ended     time.Time  // taken back; zero: not
	reply     reply
}

// handover is one capability that was handed to a person's device.
type handover struct {
	id    [32]byte
	by    key.Receiver // the device that did
	level Level        // LevelRead: to read, else to write as that
	since time.Time    // of what may be read
	until time.Time    // end of the window for writing
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
	revision uint64 // the token itself, whom it is for
	ended    bool
	answered time.Time // who it is from, of which answer
	up       uint64    // who this account has it from
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
	for _, g := range d.given {
		for _, h := range g.handovers {
			d.handed[h.id] = g
		}
	}
	v.dealings = d
	return nil
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
	all := make([]fields, len(g.handovers))
	for i, h := range g.handovers {
		all[i] = fields{}
		all[i].set("id", h.id[:])
		all[i].set("by", h.by[:])
		all[i].set("level", string(h.level))
		if !h.since.IsZero() {
			all[i].set("since", microseconds(h.since))
		}
		if !h.until.IsZero() {
			all[i].set("until", microseconds(h.until))
		}
	}
	f.set("handovers", all)
	return f
}

// maxHandovers bounds those of one grant: 64 devices, renewed for years.
const maxHandovers = 1 << 11

func parseGiven(r *reader) (g given, err error) {
	raw := r.bytes("token", MaxToken)
	r.fixed("by", g.by[:])
	g.first = timeOf(r.uint("given"))
	for _, h := range r.maps("handovers", maxHandovers) {
		g.handovers = append(g.handovers, parseHandover(h))
		if h.err != nil {
			r.err = h.err
		}
	}
	if r.err != nil {
		return g, r.err
	}
	g.Token, err = DecodeToken(raw)
	return g, err
}

func parseHandover(r *reader) (h handover) {
	r.fixed("id", h.id[:])
	r.fixed("by", h.by[:])
	h.level = Level(r.text("level", maxOperation))
	if r.has("since") {
		h.since = r.moment("since")
	}
	if r.has("until") {
		h.until = r.moment("until")
	}
	return h
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
	for name, n := range map[string]uint64{"rev": t.revision, "up": t.up, "answered": microseconds(t.answered)} {
		if n > 0 && (name != "answered" || !t.answered.IsZero()) {
			f.set(name, n)
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
	if r.has("answered") {
		t.answered = r.moment("answered")
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
