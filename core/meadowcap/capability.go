package meadowcap

import (
	"errors"
	"fmt"
	"slices"

	"meadow/core/key"
	"meadow/core/willow"
)

// MaxDelegations is the number of times that a capability can be handed on under
// MDN-1: that of willow.MDN1. The specification has no limit.
const MaxDelegations = 64

// ErrInvalid is wrapped by every error about a capability that is malformed,
// not canonical or not properly signed.
var ErrInvalid = errors.New("invalid capability")

// Mode says what a capability is for. A write capability doesn't let read.
type Mode uint8

// The modes.
const (
	Read Mode = iota
	Write
)

// String returns "read" or "write".
func (m Mode) String() string {
	if m == Write {
		return "write"
	}
	return "read"
}

// Delegation hands a capability on: its giver, the receiver before, signed that
// Receiver may access Area.
type Delegation struct {
	Area      willow.Area
	Receiver  key.Receiver
	Signature key.Signature
}

// Capability lets its receiver read or write an area of a namespace. In an owned
// namespace the owner's key authorised User for all of it; in a communal one, see
// [Capability.Communal], User has the subspace of that name, by itself. It is not
// changed once made, so that it may be shared between goroutines. Decoding one
// proves nothing about its signatures: see [Capability.Valid] and [Verifier].
type Capability struct {
	Mode        Mode
	Namespace   willow.NamespaceID
	User        key.Receiver  // whom the namespace key authorised
	Initial     key.Signature // by the namespace key, over mode and User; zero in communal ones
	Delegations []Delegation
}

// Communal reports whether the capability is of a communal namespace: one without
// an owner, as the namespace's id says.
func (c *Capability) Communal() bool { return !c.Namespace.Owned() }

// base is the area before any delegation.
func (c *Capability) base() willow.Area {
	if c.Communal() {
		return willow.SubspaceArea(willow.SubspaceID(c.User))
	}
	return willow.FullArea
}

// Receiver returns the key that may use the capability, or hand it on.
func (c *Capability) Receiver() key.Receiver {
	if n := len(c.Delegations); n > 0 {
		return c.Delegations[n-1].Receiver
	}
	return c.User
}

// Area returns the area that the capability grants.
func (c *Capability) Area() willow.Area {
	if n := len(c.Delegations); n > 0 {
		return c.Delegations[n-1].Area
	}
	return c.base()
}

// Receivers returns every key that the capability has passed through: the user,
// then each delegation's receiver.
func (c *Capability) Receivers() []key.Receiver {
	rs := make([]key.Receiver, 0, 1+len(c.Delegations))
	rs = append(rs, c.User)
	for _, d := range c.Delegations {
		rs = append(rs, d.Receiver)
	}
	return rs
}

// Cut returns the capability as it was after its first n delegations. It panics
// if there aren't as many.
func (c *Capability) Cut(n int) *Capability {
	cut := *c
	cut.Delegations = c.Delegations[:n:n]
	return &cut
}

// signature returns the last signature of the chain, which the next handover
// covers; a communal capability that wasn't handed on has none.
func (c *Capability) signature() key.Signature {
	if n := len(c.Delegations); n > 0 {
		return c.Delegations[n-1].Signature
	}
	return c.Initial
}

// Valid verifies the whole chain under MDN-1, which has owned namespaces only and
// at most MaxDelegations; see [Capability.ValidUnder].
func (c *Capability) Valid() error { return c.ValidUnder(willow.MDN1) }

// ValidUnder verifies the whole chain: a namespace and a number of delegations
// that the profile has, keys and signatures by the strict rule of package key, and
// each area inside the one before (Meadowcap, "Proper Capabilities"). Errors wrap
// ErrInvalid.
func (c *Capability) ValidUnder(p willow.Profile) error {
	if err := c.allowed(p); err != nil {
		return err
	}
	switch {
	case c.Mode > Write:
		return fmt.Errorf("%w: no mode %d", ErrInvalid, c.Mode)
	case !key.Usable(c.User):
		return fmt.Errorf("%w: its user key isn't usable", ErrInvalid)
	case !c.Communal() && !c.Namespace.Verify(initialMessage(c.Mode, c.User), c.Initial):
		return fmt.Errorf("%w: the namespace key didn't sign it", ErrInvalid)
	case c.Communal() && c.Initial != key.Signature{}:
		return fmt.Errorf("%w: nobody can sign for a communal namespace", ErrInvalid)
	}
	for i, d := range c.Delegations {
		before := c.Cut(i)
		if !includes(before.Area(), d.Area) {
			return fmt.Errorf("%w: delegation %d widens the area", ErrInvalid, i+1)
		}
		if !key.Usable(d.Receiver) {
			return fmt.Errorf("%w: the receiver of delegation %d isn't a usable key", ErrInvalid, i+1)
		}
		message, _ := before.handoverMessage(d.Area, d.Receiver)
		if !before.Receiver().Verify(message, d.Signature) {
			return fmt.Errorf("%w: delegation %d isn't signed by its giver", ErrInvalid, i+1)
		}
	}
	return nil
}

// allowed reports, as an error, what a profile doesn't have.
func (c *Capability) allowed(p willow.Profile) error {
	if c.Communal() && !p.Communal {
		return fmt.Errorf("%w: it is of a communal namespace", ErrInvalid)
	}
	return tooMany(p, uint64(len(c.Delegations)))
}

// tooMany reports, as an error, that n delegations are more than a profile has.
func tooMany(p willow.Profile, n uint64) error {
	if p.MaxDelegations > 0 && n > uint64(p.MaxDelegations) {
		return fmt.Errorf("%w: more than %d delegations", ErrInvalid, p.MaxDelegations)
	}
	return nil
}

// includes reports whether b is an area, not an empty one, and inside a.
func includes(a, b willow.Area) bool {
	both, ok := a.Intersect(b)
	return ok && both == b
}

// What isn't a later handover begins with one of these bytes: the first handover of
// a communal capability, and what namespace keys sign.
const (
	communalRead       = 0x00 // 0x01 for write
	initialRead        = 0x02 // 0x03 for write
	initialEnumeration = 0x04
)

// initialMessage is what the namespace key signs to authorise a user: 33 bytes.
func initialMessage(m Mode, user key.Receiver) []byte {
	return slices.Concat([]byte{initialRead + byte(m)}, user[:])
}

// handoverMessage is what c's receiver signs to hand it on: the new area inside
// c's, c's last signature, the new receiver. Where there is no signature yet, in a
// communal capability, mode and namespace come before the area instead. The first
// n bytes come before any signature; the area must be inside c's.
func (c *Capability) handoverMessage(area willow.Area, to key.Receiver) (message []byte, n int) {
	message = make([]byte, 0, 256)
	if c.Communal() && len(c.Delegations) == 0 {
		message = append(message, communalRead+byte(c.Mode))
		message = append(message, c.Namespace[:]...)
		message = append(willow.AppendAreaInArea(message, area, c.Area()), to[:]...)
		return message, len(message)
	}
	message = willow.AppendAreaInArea(message, area, c.Area())
	n = len(message)
	s := c.signature()
	message = append(message, s[:]...)
	return append(message, to[:]...), n
}
