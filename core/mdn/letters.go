package mdn

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"meadow/core/willow"
)

// Letter is something for a person: a token, an answer, or what was passed on.
type Letter struct {
	ID  [32]byte
	To  willow.NamespaceID
	Raw []byte // at most MaxLetter bytes
}

// MaxLetter bounds a letter, in bytes.
const MaxLetter = 512 << 10

// ErrLetter is wrapped by every error about a letter that can't be one, or is about
// something that it may not be about.
var ErrLetter = errors.New("bad letter")

// letter is what a Letter says. Of the fields one group is set: token; answer and
// at; ended and at; passed, and at if that has ended.
type letter struct {
	token    []byte  // a token for who gets the letter
	answer   TokenID // they gave it
	accepted bool
	ended    TokenID // who sends the letter has taken it back
	passed   []byte  // a token that was passed on below who gets the letter
	at       time.Time
	sort     time.Time // by which letters are ordered
}

func (l *letter) fields() fields {
	f := fields{}
	switch {
	case l.token != nil:
		f.set("token", l.token)
	case l.passed != nil:
		f.set("passed", l.passed)
	case l.answer != TokenID{}:
		f.set("answer", l.answer[:])
		f.set("accepted", l.accepted)
	default:
		f.set("ended", l.ended[:])
	}
	if !l.at.IsZero() {
		f.set("at", microseconds(l.at))
	}
	return f
}

func parseLetter(raw []byte) (l letter, err error) {
	if len(raw) > MaxLetter {
		return l, fmt.Errorf("%w: longer than %d bytes", ErrLetter, MaxLetter)
	}
	f, err := parseFields(raw)
	if err != nil {
		return l, fmt.Errorf("%w: %w", ErrLetter, err)
	}
	r := &reader{fields: f}
	switch {
	case r.has("token"):
		l.token = r.bytes("token", MaxToken)
	case r.has("passed"):
		l.passed = r.bytes("passed", MaxToken)
		if r.has("at") {
			l.at = r.moment("at")
		}
	case r.has("answer"):
		r.fixed("answer", l.answer[:])
		l.accepted, l.at = r.flag("accepted"), r.moment("at")
	default:
		r.fixed("ended", l.ended[:])
		l.at = r.moment("at")
	}
	if r.err != nil {
		return letter{}, fmt.Errorf("%w: %w", ErrLetter, r.err)
	}
	return l, nil
}

func newLetter(to willow.NamespaceID, l *letter) Letter {
	raw := l.fields().encode()
	return Letter{ID: deriveKey("mdn-letter-id/1", to[:], raw), To: to, Raw: raw}
}

// Letters returns what is to be delivered, the oldest first. It goes on returning a
// letter until LetterDelivered. Blocked persons get none.
func (a *Account) Letters() []Letter {
	v, now := a.now.Load(), a.Now()
	if !v.full() {
		return nil
	}
	type dated struct {
		Letter
		at time.Time
	}
	var all []dated
	add := func(to willow.NamespaceID, l letter) {
		if p, ok := v.person(to); ok && !p.Blocked {
			all = append(all, dated{newLetter(to, &l), l.sort})
		}
	}
	for _, g := range v.deals().given {
		a.lettersOfGrant(v, g, now, add)
	}
	for _, t := range v.deals().received {
		told := v.deals().told[t.ID]
		if !t.answer.at.IsZero() && !t.answer.at.Equal(told.answered) && t.ended.IsZero() && !t.over(now) {
			add(t.From, letter{answer: t.ID, accepted: t.answer.accepted, at: t.answer.at, sort: t.answer.at})
		}
	}
	for _, t := range v.deals().passed {
		a.lettersUp(v, &t.Token, t.ended, add)
	}
	slices.SortFunc(all, func(x, y dated) int { return cmp.Or(x.at.Compare(y.at), compareIDs(x.ID, y.ID)) })
	letters := make([]Letter, len(all))
	for i := range all {
		letters[i] = all[i].Letter
	}
	return letters
}

// lettersOfGrant adds what is to be said of a grant: the token to whom it is for,
// or that it has ended; and to who this account has the space from that it was
// passed on.
func (a *Account) lettersOfGrant(v *view, g *given, now time.Time, add func(willow.NamespaceID, letter)) {
	told := v.deals().told[g.ID]
	ended := g.ended
	switch v.stateOf(g, now) {
	case StateOffered, StateAccepted, StateDeclined:
		if g.newer(told.revision, told.made) {
			add(g.To, letter{token: g.raw, sort: g.Made})
		}
	case StateEnded:
		if ended.IsZero() {
			ended = g.Made // withdrawn by another device, whose record is on its way
		} else if !told.ended && now.Sub(ended) < toldFor {
			add(g.To, letter{ended: g.ID, at: ended, sort: ended})
		}
	}
	a.lettersUp(v, &g.Token, ended, add)
}

// lettersUp adds what is to be said of a token to who this account has the space
// from, if it was passed on.
func (a *Account) lettersUp(v *view, t *Token, ended time.Time, add func(willow.NamespaceID, letter)) {
	told := v.deals().told[t.ID]
	if !t.newer(told.up, told.upMade) && (ended.IsZero() || told.upEnded) {
		return
	}
	if upper := v.above(t); upper != nil && upper.From != t.From {
		add(upper.From, letter{passed: t.raw, at: ended, sort: t.Made})
	}
}

// above returns the token by which this account has what a token passes on; nil if
// that is the account's own, or isn't known.
func (v *view) above(t *Token) *incoming {
	for _, upper := range v.deals().received {
		if upper.Space == t.Space && upper.answer.accepted && goesThrough(t, &upper.Token) {
			return upper
		}
	}
	return nil
}

// goesThrough reports whether a token's chains begin with those of another one.
func goesThrough(t, upper *Token) bool {
	for _, h := range t.For {
		n := slices.IndexFunc(upper.For, func(u Handed) bool {
			d := len(u.Read.Delegations)
			return len(h.Read.Delegations) > d && HandoverID(h.Read, d) == HandoverID(u.Read, d)
		})
		if n < 0 {
			return false
		}
	}
	return true
}

// LetterDelivered notes that a letter has been stored by a device of the person.
func (a *Account) LetterDelivered(ctx context.Context, l Letter) error {
	says, err := parseLetter(l.Raw)
	if err != nil {
		return err
	}
	a.writing.Lock()
	defer a.writing.Unlock()
	v := a.now.Load()
	id, t, err := v.noted(says)
	if err != nil {
		return err
	}
	if t == v.deals().told[id] {
		return nil
	}
	if err := a.write(ctx, v, draft{v.home, idPath(toldPath, id), t.fields().encode()}); err != nil {
		return fmt.Errorf("note that a letter was delivered: %w", err)
	}
	a.rereadDealings(ctx)
	return nil
}

// noted returns what has been told once a letter has arrived.
func (v *view) noted(l letter) (id TokenID, t told, err error) {
	var raw Token
	switch {
	case l.token != nil:
		if raw, err = DecodeToken(l.token); err != nil {
			return id, t, err
		}
		t = v.deals().told[raw.ID]
		if raw.newer(t.revision, t.made) {
			t.revision, t.made = raw.Revision, raw.Made
		}
		return raw.ID, t, nil
	case l.passed != nil:
		if raw, err = DecodeToken(l.passed); err != nil {
			return id, t, err
		}
		t = v.deals().told[raw.ID]
		if t.upEnded = t.upEnded || !l.at.IsZero(); raw.newer(t.up, t.upMade) {
			t.up, t.upMade = raw.Revision, raw.Made
		}
		return raw.ID, t, nil
	case l.answer != TokenID{}:
		t = v.deals().told[l.answer]
		t.answered = l.at
		return l.answer, t, nil
	}
	t = v.deals().told[l.ended]
	t.ended = true
	return l.ended, t, nil
}
