package meadowcap

import (
	"errors"
	"fmt"
	"slices"

	"meadow/core/key"
	"meadow/core/willow"
)

// MaxDelegations is the number of times that a capability can be handed on. The
// specification has no limit; longer chains don't decode under MDN-1.
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

// Capability is an owned capability. It is not changed once made, so that it
// may be shared between goroutines. Decoding one proves nothing about its
// signatures: see [Capability.Valid] and [Verifier].
type Capability struct {
	Mode        Mode
	Namespace   willow.NamespaceID
	User        key.Receiver  // whom the namespace key authorised
	Initial     key.Signature // by the namespace key, over mode and User
	Delegations []Delegation
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
	return willow.FullArea
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
// covers.
func (c *Capability) signature() key.Signature {
	if n := len(c.Delegations); n > 0 {
		return c.Delegations[n-1].Signature
	}
	return c.Initial
}

// The first byte of an encoding: owned, write, and the number of delegations or,
// from 60 on, that it follows in a byte.
const (
	headOwned = 0x80
	headWrite = 0x40
	headCount = 0x3f
	tagByte   = 60
)

// Encode returns the canonical encoding (Encodings, encode_mc_capability):
//
//	1 head | 32 namespace | 32 user | 64 initial authorisation | [1 count] |
//	each delegation: area inside the area before | 32 receiver | 64 signature
//
// It panics if an area isn't inside the one before, which no capability from
// this package's functions has.
func (c *Capability) Encode() []byte {
	n := len(c.Delegations)
	b := make([]byte, 0, 130+140*n)
	b = append(b, headOwned|byte(c.Mode)<<6|byte(min(n, tagByte)))
	b = append(b, c.Namespace[:]...)
	b = append(b, c.User[:]...)
	b = append(b, c.Initial[:]...)
	if n >= tagByte {
		b = append(b, byte(n))
	}
	area := willow.FullArea
	for _, d := range c.Delegations {
		b = willow.AppendAreaInArea(b, d.Area, area)
		b = append(b, d.Receiver[:]...)
		b = append(b, d.Signature[:]...)
		area = d.Area
	}
	return b
}

// Decode reads what Encode wrote, and nothing else. It doesn't verify
// signatures. Errors wrap ErrInvalid.
func Decode(b []byte) (*Capability, error) {
	const fixed = 1 + 2*key.Size + len(key.Signature{})
	if len(b) < fixed {
		return nil, fmt.Errorf("%w: truncated", ErrInvalid)
	}
	if b[0]&headOwned == 0 {
		return nil, fmt.Errorf("%w: it is of a communal namespace", ErrInvalid)
	}
	c := &Capability{Mode: Mode(b[0] & headWrite >> 6)}
	n := int(b[0] & headCount)
	rest := b[1:]
	rest = rest[copy(c.Namespace[:], rest):]
	rest = rest[copy(c.User[:], rest):]
	rest = rest[copy(c.Initial[:], rest):]
	if n >= tagByte {
		if n > tagByte || len(rest) == 0 || rest[0] < tagByte || rest[0] > MaxDelegations {
			return nil, fmt.Errorf("%w: more than %d delegations, or their number not canonical", ErrInvalid, MaxDelegations)
		}
		n, rest = int(rest[0]), rest[1:]
	}
	if !c.Namespace.Owned() {
		return nil, fmt.Errorf("%w: an owned capability of a communal namespace", ErrInvalid)
	}
	area := willow.FullArea
	for range n {
		var d Delegation
		var err error
		if d.Area, rest, err = willow.DecodeAreaInArea(rest, area); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		if len(rest) < len(d.Receiver)+len(d.Signature) {
			return nil, fmt.Errorf("%w: truncated", ErrInvalid)
		}
		rest = rest[copy(d.Receiver[:], rest):]
		rest = rest[copy(d.Signature[:], rest):]
		c.Delegations = append(c.Delegations, d)
		area = d.Area
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("%w: %d bytes after its end", ErrInvalid, len(rest))
	}
	return c, nil
}

// Valid verifies the whole chain: an owned namespace, at most MaxDelegations,
// keys and signatures by the strict rule of package key, and each area inside
// the one before. Errors wrap ErrInvalid.
func (c *Capability) Valid() error {
	switch {
	case c.Mode > Write:
		return fmt.Errorf("%w: no mode %d", ErrInvalid, c.Mode)
	case !c.Namespace.Owned():
		return fmt.Errorf("%w: it is of a communal namespace", ErrInvalid)
	case len(c.Delegations) > MaxDelegations:
		return fmt.Errorf("%w: more than %d delegations", ErrInvalid, MaxDelegations)
	case !key.Usable(c.User):
		return fmt.Errorf("%w: its user key isn't usable", ErrInvalid)
	case !c.Namespace.Verify(initialMessage(c.Mode, c.User), c.Initial):
		return fmt.Errorf("%w: the namespace key didn't sign it", ErrInvalid)
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

// includes reports whether b is an area, not an empty one, and inside a.
func includes(a, b willow.Area) bool {
	both, ok := a.Intersect(b)
	return ok && both == b
}

// What namespace keys sign begins with one of these bytes.
const (
	initialRead        = 0x02 // 0x03 for write
	initialEnumeration = 0x04
)

// initialMessage is what the namespace key signs to authorise a user: 33 bytes.
func initialMessage(m Mode, user key.Receiver) []byte {
	return slices.Concat([]byte{initialRead + byte(m)}, user[:])
}

// handoverMessage is what c's receiver signs to hand it on: the new area inside
// c's, c's last signature, the new receiver. The area has n bytes; it must be
// inside c's.
func (c *Capability) handoverMessage(area willow.Area, to key.Receiver) (message []byte, n int) {
	message = willow.AppendAreaInArea(make([]byte, 0, 256), area, c.Area())
	n = len(message)
	s := c.signature()
	message = append(message, s[:]...)
	return append(message, to[:]...), n
}
