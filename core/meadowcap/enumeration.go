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

// Encode returns the encoding (Encodings, EncodeMcEnumerationCapability):
//
//	32 namespace | 32 user | 64 initial authorisation | 1 count |
//	each delegation: 32 receiver | 64 signature
func (c *Enumeration) Encode() []byte {
	b := slices.Concat(c.Namespace[:], c.User[:], c.Initial[:], []byte{byte(len(c.Delegations))})
	for _, d := range c.Delegations {
		b = append(b, d.Receiver[:]...)
		b = append(b, d.Signature[:]...)
	}
	return b
}

// DecodeEnumeration reads what Encode wrote, and nothing else. It doesn't
// verify signatures. Errors wrap ErrInvalid.
func DecodeEnumeration(b []byte) (*Enumeration, error) {
	const fixed, each = 2*key.Size + len(key.Signature{}) + 1, key.Size + len(key.Signature{})
	if len(b) < fixed {
		return nil, fmt.Errorf("%w: truncated", ErrInvalid)
	}
	n := int(b[fixed-1])
	if n > MaxDelegations || len(b) != fixed+n*each {
		return nil, fmt.Errorf("%w: its length doesn't fit %d delegations", ErrInvalid, n)
	}
	c := new(Enumeration)
	b = b[copy(c.Namespace[:], b):]
	b = b[copy(c.User[:], b):]
	b = b[copy(c.Initial[:], b)+1:]
	for range n {
		var d EnumDelegation
		b = b[copy(d.Receiver[:], b):]
		b = b[copy(d.Signature[:], b):]
		c.Delegations = append(c.Delegations, d)
	}
	if !c.Namespace.Owned() {
		return nil, fmt.Errorf("%w: communal namespaces have no enumeration capabilities", ErrInvalid)
	}
	return c, nil
}

// Valid verifies the whole chain by the strict rule of package key. Errors wrap
// ErrInvalid.
func (c *Enumeration) Valid() error {
	switch {
	case !c.Namespace.Owned():
		return fmt.Errorf("%w: communal namespaces have no enumeration capabilities", ErrInvalid)
	case len(c.Delegations) > MaxDelegations:
		return fmt.Errorf("%w: more than %d delegations", ErrInvalid, MaxDelegations)
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
