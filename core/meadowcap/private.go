package meadowcap

import (
	"fmt"

	"meadow/core/key"
	"meadow/core/willow"
)

// PersonalInterest is what two peers know who tell each other read capabilities
// privately: an interest, and the key of the one whose capability it is (Encodings,
// PersonalPrivateInterest). What is in it isn't told.
type PersonalInterest struct {
	willow.PrivateInterest
	Receiver key.Receiver
}

// base is the area before any delegation, as far as it is told from.
func (i PersonalInterest) base() willow.Area {
	if i.AnySubspace {
		return willow.FullArea
	}
	return willow.SubspaceArea(i.Subspace)
}

// context is what the delegation after others is told in.
func (i PersonalInterest) context(before []Delegation) willow.PrivateAreaContext {
	ctx := willow.PrivateAreaContext{Private: i.PrivateInterest, Rel: i.base()}
	if n := len(before); n > 0 {
		ctx.Rel = before[n-1].Area
	}
	return ctx
}

// admits returns an error that wraps ErrNotGranted if c can't be told in the
// interest: one to read, of its namespace and for its receiver, whose area's path is
// related to its own, and that is of its subspace if it has one. A communal capability
// is of one subspace, and so must the interest be.
//
// Encodings asks that the area's path is a prefix of the interest's; but by Private
// Interest Overlap ("Exchanging Capabilities") whoever is told of an interest sends
// capabilities whose areas are inside it. Private areas can be told either way.
func (i PersonalInterest) admits(c *Capability) error {
	a := c.Area()
	switch {
	case c.Mode != Read:
		return fmt.Errorf("%w: it isn't one to read", ErrNotGranted)
	case c.Namespace != i.Namespace:
		return fmt.Errorf("%w: it is of another namespace", ErrNotGranted)
	case c.Receiver() != i.Receiver:
		return fmt.Errorf("%w: it is another's", ErrNotGranted)
	case c.Communal() && (i.AnySubspace || willow.SubspaceID(c.User) != i.Subspace):
		return fmt.Errorf("%w: it isn't of the interest's subspace alone", ErrNotGranted)
	case !i.AnySubspace && (a.AnySubspace || a.Subspace != i.Subspace):
		return fmt.Errorf("%w: it isn't of the interest's subspace", ErrNotGranted)
	case !a.Path.IsRelatedTo(i.Path):
		return fmt.Errorf("%w: its path isn't related to the interest's", ErrNotGranted)
	}
	return nil
}

// AppendPrivately appends an encoding of a read capability relative to an interest
// (Encodings, EncodeMcCapabilityRelativePrivateInterest), the shortest one:
//
//	S(delegations) | in owned ones: [32 user] | 64 initial authorisation |
//	each delegation: private area | 32 receiver | 64 signature
//
// The user is there if there are delegations; the last one's receiver is not. It
// fails with ErrNotGranted if the interest doesn't admit c, and with ErrInvalid if
// c's areas don't lie one in the other.
func (c *Capability) AppendPrivately(b []byte, i PersonalInterest) ([]byte, error) {
	if err := i.admits(c); err != nil {
		return nil, err
	}
	n := len(c.Delegations)
	b = willow.AppendStandalone(b, uint64(n))
	if !c.Communal() {
		if n > 0 {
			b = append(b, c.User[:]...)
		}
		b = append(b, c.Initial[:]...)
	}
	for k, d := range c.Delegations {
		ctx := i.context(c.Delegations[:k])
		if !includes(c.Cut(k).Area(), d.Area) || !ctx.Admits(d.Area) {
			return nil, fmt.Errorf("%w: delegation %d widens the area", ErrInvalid, k+1)
		}
		b = willow.AppendPrivateArea(b, d.Area, ctx)
		if k < n-1 {
			b = append(b, d.Receiver[:]...)
		}
		b = append(b, d.Signature[:]...)
	}
	return b, nil
}

// DecodePrivately reads any encoding of a read capability relative to an interest
// from the front of b. The namespace's kind says which kind it is of. It doesn't
// verify signatures. Errors wrap ErrInvalid or ErrNotGranted, and
// willow.ErrTruncated if b ended too early.
func DecodePrivately(p willow.Profile, b []byte, i PersonalInterest) (c *Capability, rest []byte, err error) {
	r := reader{b: b}
	c = &Capability{Mode: Read, Namespace: i.Namespace, User: key.Receiver(i.Subspace)}
	n := r.standalone()
	if r.err == nil {
		r.fail(c.allowed(p))
		r.fail(tooMany(p, n))
	}
	if !c.Communal() {
		c.User = i.Receiver
		if n > 0 {
			r.fill(c.User[:])
		}
		r.fill(c.Initial[:])
	}
	for uint64(len(c.Delegations)) < n && r.err == nil {
		d := Delegation{Receiver: i.Receiver}
		d.Area = r.area(func(b []byte) (willow.Area, []byte, error) {
			return willow.DecodePrivateArea(b, i.context(c.Delegations))
		})
		if uint64(len(c.Delegations)) < n-1 {
			r.fill(d.Receiver[:])
		}
		r.fill(d.Signature[:])
		if r.err == nil && !includes(c.Area(), d.Area) {
			r.fail(fmt.Errorf("delegation %d widens the area", len(c.Delegations)+1))
		}
		c.Delegations = append(c.Delegations, d)
	}
	if r.err != nil {
		return nil, nil, r.err
	}
	if err := i.admits(c); err != nil {
		return nil, nil, err
	}
	return c, r.b, nil
}

// standalone reads S(n).
func (r *reader) standalone() uint64 { return r.compact(r.byte(), 8, false) }

// AppendPrivately appends an encoding of c relative to its namespace and receiver
// (Encodings, EncodeMcEnumerationCapabilityRelativePrivateInterest), the shortest one:
//
//	8 bits tag of delegations | delegations | 64 initial authorisation | [32 user] |
//	each delegation: 32 receiver | 64 signature
//
// The user is there if there are delegations; the last one's receiver is not.
func (c *Enumeration) AppendPrivately(b []byte) []byte {
	n := len(c.Delegations)
	b = append(willow.AppendStandalone(b, uint64(n)), c.Initial[:]...)
	if n > 0 {
		b = append(b, c.User[:]...)
	}
	for k, d := range c.Delegations {
		if k < n-1 {
			b = append(b, d.Receiver[:]...)
		}
		b = append(b, d.Signature[:]...)
	}
	return b
}

// DecodeEnumerationPrivately reads any encoding of the enumeration capability of a
// receiver and a namespace from the front of b. It doesn't verify signatures. Errors
// wrap ErrInvalid, and willow.ErrTruncated if b ended too early.
func DecodeEnumerationPrivately(b []byte, ns willow.NamespaceID, to key.Receiver) (c *Enumeration, rest []byte, err error) {
	r := reader{b: b}
	n := r.standalone()
	r.fail(enumerable(ns, n))
	c = &Enumeration{Namespace: ns, User: to}
	r.fill(c.Initial[:])
	if n > 0 {
		r.fill(c.User[:])
	}
	for uint64(len(c.Delegations)) < n && r.err == nil {
		d := EnumDelegation{Receiver: to}
		if uint64(len(c.Delegations)) < n-1 {
			r.fill(d.Receiver[:])
		}
		r.fill(d.Signature[:])
		c.Delegations = append(c.Delegations, d)
	}
	if r.err != nil {
		return nil, nil, r.err
	}
	return c, r.b, nil
}
