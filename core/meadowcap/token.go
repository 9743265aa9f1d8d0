package meadowcap

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"meadow/core/key"
	"meadow/core/willow"
)

// Tokens writes and reads tokens relative to the authorised entry before and to
// the entry that they are of (Encodings, EncodeMeadowcapAuthorisationTokenRelative):
// what the two capabilities have in common isn't told again, nor what the entry
// says. It remembers the last capabilities, and may be used concurrently.
//
// A capability's encoding here is, for a write capability that includes the entry,
//
//	bits: owned | 3 bits tag of 1 + shared, or of 0 | 4 bits tag of the number of
//	delegations | 1 + shared, or 0 | number of delegations | [32 user | 64 initial
//	authorisation] | each delegation from the one numbered shared on: private area |
//	32 receiver | 64 signature
//
// Shared is how many delegations are those of the capability before. It is told as
// 0 if the two are of different kinds, or of different initial authorisations:
// then owned capabilities have user and authorisation. Areas are told in the context of
// the entry's namespace, subspace and path, inside the area before; the first one
// inside the entry's subspace, in owned capabilities too, whose base is more: so the
// text has it, and a private area may be of any subspace nevertheless.
//
// The independent implementation of this day (willow25 0.7.9) tells the first
// delegation that isn't shared inside the entry's subspace too, even if it isn't the
// chain's first. We follow the text.
type Tokens struct {
	profile willow.Profile

	mu    sync.Mutex
	known map[string]*Capability // by canonical encoding, guarded by mu
}

// tokensKnown bounds what Tokens remembers.
const tokensKnown = 64

// NewTokens returns the tokens of a profile.
func NewTokens(p willow.Profile) *Tokens {
	return &Tokens{profile: p, known: make(map[string]*Capability)}
}

// capability decodes a canonical encoding, or remembers it. The profile's default
// token is always one, whatever its namespace.
func (t *Tokens) capability(enc []byte) (*Capability, error) {
	t.mu.Lock()
	c := t.known[string(enc)]
	t.mu.Unlock()
	if c != nil {
		return c, nil
	}
	p := t.profile
	if string(enc) == string(p.Default().Token.Capability) {
		p = willow.Willow25
	}
	c, err := DecodeUnder(p, enc)
	if err == nil {
		t.remember(enc, c)
	}
	return c, err
}

func (t *Tokens) remember(enc []byte, c *Capability) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.known) >= tokensKnown {
		clear(t.known)
	}
	t.known[string(enc)] = c
}

// Append appends the encoding of the token of e, relative to prev. It fails with
// ErrInvalid or ErrNotGranted if the token can't be e's; signatures aren't looked
// at. Tokens other than prev's must be of the profile.
func (t *Tokens) Append(b []byte, token willow.Token, e willow.Entry, prev willow.Authorised) ([]byte, error) {
	before, err := t.capability(prev.Token.Capability)
	if err != nil {
		return nil, err
	}
	c, err := t.capability(token.Capability)
	if err == nil {
		err = errors.Join(c.allowed(t.profile), c.authorises(e))
	}
	if err != nil {
		return nil, err
	}
	shared, told := c.sharedWith(before)
	n := uint64(len(c.Delegations))
	head := willow.CompactTag(told, 3)<<4 | willow.CompactTag(n, 4)
	if !c.Communal() {
		head |= headOwned
	}
	b = append(b, head)
	b = willow.AppendCompact(b, told, 3)
	b = willow.AppendCompact(b, n, 4)
	if !c.Communal() && told == 0 {
		b = append(b, c.User[:]...)
		b = append(b, c.Initial[:]...)
	}
	for i := shared; i < len(c.Delegations); i++ {
		d := &c.Delegations[i]
		b = willow.AppendPrivateArea(b, d.Area, privately(e, c.Delegations[:i]))
		b = append(b, d.Receiver[:]...)
		b = append(b, d.Signature[:]...)
	}
	return append(b, token.Signature[:]...), nil
}

// authorises is grants, and that a communal capability's user is the one whom the
// encoding takes from the entry.
func (c *Capability) authorises(e willow.Entry) error {
	if err := c.grants(e); err != nil {
		return err
	}
	if c.Communal() && willow.SubspaceID(c.User) != e.Subspace {
		return fmt.Errorf("%w: it is of another subspace", ErrNotGranted)
	}
	return nil
}

// sharedWith returns how many delegations c has in common with the capability
// before it, and how that is told.
func (c *Capability) sharedWith(before *Capability) (shared int, told uint64) {
	switch {
	case c.Communal() != before.Communal():
		return 0, 0
	case !c.Communal() && (c.User != before.User || c.Initial != before.Initial):
		return 0, 0
	}
	for shared < min(len(c.Delegations), len(before.Delegations)) && c.Delegations[shared] == before.Delegations[shared] {
		shared++
	}
	return shared, uint64(shared) + 1
}

// privately is what the next area of a chain is told by, in an entry's token.
func privately(e willow.Entry, before []Delegation) willow.PrivateAreaContext {
	ctx := willow.PrivateAreaContext{
		Private: willow.PrivateInterest{Namespace: e.Namespace, Subspace: e.Subspace, Path: e.Path},
		Rel:     willow.SubspaceArea(e.Subspace),
	}
	if n := len(before); n > 0 {
		ctx.Rel = before[n-1].Area
	}
	return ctx
}

// Decode reads any encoding of e's token relative to prev from the front of b. It
// doesn't verify signatures: but for them the token authorises e. Errors wrap
// ErrInvalid or ErrNotGranted, and willow.ErrTruncated if b ended too early.
func (t *Tokens) Decode(b []byte, e willow.Entry, prev willow.Authorised) (token willow.Token, rest []byte, err error) {
	before, err := t.capability(prev.Token.Capability)
	if err != nil {
		return willow.Token{}, nil, err
	}
	r := reader{b: b}
	c := r.relative(t.profile, e, before)
	r.fill(token.Signature[:])
	if r.err == nil {
		r.fail(c.allowed(t.profile))
	}
	if r.err != nil {
		return willow.Token{}, nil, r.err
	}
	if err := c.authorises(e); err != nil {
		return willow.Token{}, nil, err
	}
	if c == before {
		token.Capability = prev.Token.Capability
		return token, r.b, nil
	}
	token.Capability = c.Encode()
	t.remember(token.Capability, c)
	return token, r.b, nil
}

// relative reads a capability relative to the one before, which it returns if the
// two are equal. It isn't to be used after a failure.
func (r *reader) relative(p willow.Profile, e willow.Entry, before *Capability) *Capability {
	head := r.byte()
	told := r.compact(head>>4&7, 3, false)
	n := r.compact(head&15, 4, false)
	c := &Capability{Mode: Write, Namespace: e.Namespace, User: key.Receiver(e.Subspace)}
	owned := head&headOwned != 0
	if r.err == nil {
		r.fail(checkTold(c, before, owned, told, n))
		r.fail(tooMany(p, n))
	}
	if r.err == nil && owned {
		r.beginning(c, before, told)
	}
	if r.err != nil {
		return c
	}
	if told > 0 {
		c.Delegations = slices.Clip(before.Delegations[:told-1])
	}
	if same(c, before) && n == uint64(len(before.Delegations)) {
		return before
	}
	r.delegations(c, n, e)
	return c
}

// checkTold reports, as an error, what a head mustn't say.
func checkTold(c, before *Capability, owned bool, told, n uint64) error {
	switch {
	case owned == c.Communal():
		return errors.New("its kind isn't that of its namespace")
	case told > 0 && owned == before.Communal():
		return errors.New("told relative to a capability of another kind")
	case told == 0 && !owned && before.Communal():
		return errors.New("not told relative to the communal capability before")
	case told > 0 && told-1 > min(n, uint64(len(before.Delegations))):
		return errors.New("more delegations shared than there are")
	}
	return nil
}

// beginning reads an owned capability's user and initial authorisation, which are
// told if they aren't those of the one before.
func (r *reader) beginning(c, before *Capability, told uint64) {
	if told > 0 {
		c.User, c.Initial = before.User, before.Initial
		return
	}
	r.fill(c.User[:])
	r.fill(c.Initial[:])
	if r.err == nil && !before.Communal() && c.User == before.User && c.Initial == before.Initial {
		r.fail(errors.New("its beginning is that of the capability before, and told again"))
	}
}

// same reports whether two capabilities have all but perhaps later delegations in
// common.
func same(c, before *Capability) bool {
	return c.Mode == before.Mode && c.Namespace == before.Namespace && c.User == before.User &&
		c.Initial == before.Initial && len(c.Delegations) == len(before.Delegations)
}

// delegations reads those from where c ends to the n-th. Those that c has must lie
// one in the other: they came from a chain that may be of another namespace.
func (r *reader) delegations(c *Capability, n uint64, e willow.Entry) {
	area := c.base()
	for i, d := range c.Delegations {
		if !includes(area, d.Area) {
			r.fail(fmt.Errorf("delegation %d widens the area", i+1))
			return
		}
		area = d.Area
	}
	for r.err == nil && uint64(len(c.Delegations)) < n {
		d := r.delegation(func(b []byte) (willow.Area, []byte, error) {
			return willow.DecodePrivateArea(b, privately(e, c.Delegations))
		})
		if r.err == nil && !includes(c.Area(), d.Area) {
			r.fail(fmt.Errorf("delegation %d widens the area", len(c.Delegations)+1))
		}
		c.Delegations = append(c.Delegations, d)
	}
}
