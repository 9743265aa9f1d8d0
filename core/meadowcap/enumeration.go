package meadowcap

import (
	"fmt"
	"slices"

	"meadow/core/key"
	"meadow/core/willow"
)

// Enumeration is an enumeration capability: its receiver may learn that others
// are interested in some subspace of the namespace, which two peers need to know
// whose interests overlap awkwardly (Private Interest Overlap, "Dealing With
// Awkwardness"). It grants access to nothing. Like Capability it isn't changed
// once made.
type Enumeration struct {
	Namespace   willow.NamespaceID
	User        key.Receiver
	Initial     key.Signature
	Delegations []EnumDelegation
}

// EnumDelegation hands an enumeration capability on.
type EnumDelegation struct {
	Receiver  key.Receiver
	Signature key.Signature
}

// NewEnumeration makes an owned namespace's enumeration capability for a user.
func NewEnumeration(s key.NamespaceSecret, user key.Receiver) *Enumeration {
	return &Enumeration{Namespace: s.Namespace(), User: user, Initial: s.Sign(enumerationMessage(user))}
}

// enumerationMessage is what the namespace key signs: 33 bytes.
func enumerationMessage(user key.Receiver) []byte {
	return slices.Concat([]byte{initialEnumeration}, user[:])
}

// Receiver returns the key that may use the capability, or hand it on.
func (c *Enumeration) Receiver() key.Receiver {
	if n := len(c.Delegations); n > 0 {
		return c.Delegations[n-1].Receiver
	}
	return c.User
}

// Receivers returns every key that the capability has passed through.
func (c *Enumeration) Receivers() []key.Receiver {
	rs := []key.Receiver{c.User}
	for _, d := range c.Delegations {
		rs = append(rs, d.Receiver)
	}
	return rs
}

// handoverMessage is what c's receiver signs to hand it on: 96 bytes.
func (c *Enumeration) handoverMessage(to key.Receiver) []byte {
	s := c.Initial
	if n := len(c.Delegations); n > 0 {
		s = c.Delegations[n-1].Signature
	}
	return slices.Concat(s[:], to[:])
}

// Delegate hands the capability on from d, its receiver. It fails with
// ErrNotGranted for another d, and with ErrInvalid if c isn't valid or can't be
// handed on to this key, and with ErrAmbiguous.
func (c *Enumeration) Delegate(d key.Device, to key.Receiver) (*Enumeration, error) {
	if err := c.Valid(); err != nil {
		return nil, err
	}
	switch {
	case d.Receiver() != c.Receiver():
		return nil, fmt.Errorf("%w: it was given to %v", ErrNotGranted, c.Receiver())
	case len(c.Delegations) == MaxDelegations:
		return nil, fmt.Errorf("%w: handed on %d times already", ErrInvalid, MaxDelegations)
	case !key.Usable(to):
		return nil, fmt.Errorf("%w: %v isn't a usable key", ErrInvalid, to)
	case slices.Contains(c.Receivers(), to):
		return nil, fmt.Errorf("%w: %v has it already", ErrInvalid, to)
	}
	message := c.handoverMessage(to)
	if readsAsFirstHandover(message, c.Receiver()) {
		return nil, fmt.Errorf("%w: this handover is also one of a communal capability", ErrAmbiguous)
	}
	next := *c
	next.Delegations = append(slices.Clip(c.Delegations), EnumDelegation{to, d.Sign(message)})
	return &next, nil
}

// Encode returns the encoding (Encodings, EncodeMcEnumerationCapability), the shortest
// one:
//
//	32 namespace | 32 user | 64 initial authorisation | S(delegations) |
//	each delegation: 32 receiver | 64 signature
func (c *Enumeration) Encode() []byte {
	b := slices.Concat(c.Namespace[:], c.User[:], c.Initial[:])
	b = willow.AppendStandalone(b, uint64(len(c.Delegations)))
	for _, d := range c.Delegations {
		b = append(b, d.Receiver[:]...)
		b = append(b, d.Signature[:]...)
	}
	return b
}

// DecodeEnumeration reads what Encode wrote, and nothing else. It doesn't
// verify signatures. Errors wrap ErrInvalid.
func DecodeEnumeration(b []byte) (*Enumeration, error) {
	c, rest, err := decodeEnumeration(b, true)
	if err == nil && len(rest) > 0 {
		return nil, fmt.Errorf("%w: %d bytes after its end", ErrInvalid, len(rest))
	}
	return c, err
}

// DecodeEnumerationAny reads any encoding that the relation allows from the front of b,
// else it is as DecodeEnumeration. Errors wrap ErrInvalid, and willow.ErrTruncated if b
// ended too early.
func DecodeEnumerationAny(b []byte) (c *Enumeration, rest []byte, err error) {
	return decodeEnumeration(b, false)
}

func decodeEnumeration(b []byte, canonical bool) (*Enumeration, []byte, error) {
	r, c := reader{b: b}, new(Enumeration)
	r.fill(c.Namespace[:])
	r.fill(c.User[:])
	r.fill(c.Initial[:])
	n := r.compact(r.byte(), 8, canonical)
	r.fail(enumerable(c.Namespace, n))
	for uint64(len(c.Delegations)) < n && r.err == nil {
		var d EnumDelegation
		r.fill(d.Receiver[:])
		r.fill(d.Signature[:])
		c.Delegations = append(c.Delegations, d)
	}
	if r.err != nil {
		return nil, nil, r.err
	}
	return c, r.b, nil
}

// enumerable reports, as an error, that a namespace has no enumeration capabilities, or
// none that was handed on n times.
func enumerable(ns willow.NamespaceID, n uint64) error {
	switch {
	case !ns.Owned():
		return fmt.Errorf("%w: communal namespaces have no enumeration capabilities", ErrInvalid)
	case n > MaxDelegations:
		return fmt.Errorf("%w: more than %d delegations", ErrInvalid, MaxDelegations)
	}
	return nil
}

// Valid verifies the whole chain by the strict rule of package key. Errors wrap
// ErrInvalid.
func (c *Enumeration) Valid() error {
	if err := enumerable(c.Namespace, uint64(len(c.Delegations))); err != nil {
		return err
	}
	switch {
	case !key.Usable(c.User):
		return fmt.Errorf("%w: its user key isn't usable", ErrInvalid)
	case !c.Namespace.Verify(enumerationMessage(c.User), c.Initial):
		return fmt.Errorf("%w: the namespace key didn't sign it", ErrInvalid)
	}
	before := *c
	for i, d := range c.Delegations {
		before.Delegations = c.Delegations[:i]
		if !key.Usable(d.Receiver) {
			return fmt.Errorf("%w: the receiver of delegation %d isn't a usable key", ErrInvalid, i+1)
		}
		if !before.Receiver().Verify(before.handoverMessage(d.Receiver), d.Signature) {
			return fmt.Errorf("%w: delegation %d isn't signed by its giver", ErrInvalid, i+1)
		}
	}
	return nil
}
