package meadowcap

import (
	"errors"
	"fmt"

	"meadow/core/willow"
)

// The first byte of an encoding: owned, write, and the tag of the number of
// delegations, of 6 bits.
const (
	headOwned  = 0x80
	headWrite  = 0x40
	countWidth = 6
)

// Encode returns the canonical encoding (Encodings, encode_mc_capability):
//
//	1 head | 32 namespace | 32 user | [64 initial authorisation] | [count] |
//	each delegation: area inside the area before | 32 receiver | 64 signature
//
// The initial authorisation is there in owned capabilities. It panics if an area
// isn't inside the one before, which no capability from this package's functions has.
func (c *Capability) Encode() []byte {
	n := uint64(len(c.Delegations))
	b := make([]byte, 0, 130+140*n)
	b = append(b, c.head(n))
	b = append(b, c.Namespace[:]...)
	b = append(b, c.User[:]...)
	if !c.Communal() {
		b = append(b, c.Initial[:]...)
	}
	b = willow.AppendCompact(b, n, countWidth)
	area := c.base()
	for _, d := range c.Delegations {
		b = willow.AppendAreaInArea(b, d.Area, area)
		b = append(b, d.Receiver[:]...)
		b = append(b, d.Signature[:]...)
		area = d.Area
	}
	return b
}

func (c *Capability) head(n uint64) byte {
	head := willow.CompactTag(n, countWidth) | byte(c.Mode)<<6
	if !c.Communal() {
		head |= headOwned
	}
	return head
}

// Decode reads what Encode wrote, and nothing else, under MDN-1: see [DecodeUnder].
func Decode(b []byte) (*Capability, error) { return DecodeUnder(willow.MDN1, b) }

// DecodeUnder reads what Encode wrote, and nothing else. It fails for what the
// profile doesn't have: communal namespaces, or so many delegations. It doesn't
// verify signatures. Errors wrap ErrInvalid.
func DecodeUnder(p willow.Profile, b []byte) (*Capability, error) {
	c, rest, err := decode(p, b, true)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%w: %d bytes after its end", ErrInvalid, len(rest))
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// DecodeAny reads any encoding that the relation allows (Encodings,
// EncodeMcCapability) from the front of b, else it is as DecodeUnder. Errors wrap
// ErrInvalid, and willow.ErrTruncated if b ended too early.
func DecodeAny(p willow.Profile, b []byte) (c *Capability, rest []byte, err error) {
	return decode(p, b, false)
}

func decode(p willow.Profile, b []byte, canonical bool) (*Capability, []byte, error) {
	r := reader{b: b}
	head := r.byte()
	c := &Capability{Mode: Mode(head & headWrite >> 6)}
	r.fill(c.Namespace[:])
	r.fill(c.User[:])
	owned := head&headOwned != 0
	if owned {
		r.fill(c.Initial[:])
	}
	n := r.compact(head&(1<<countWidth-1), countWidth, canonical)
	if r.err == nil && owned == c.Communal() {
		r.fail(errors.New("its kind isn't that of its namespace"))
	}
	if r.err == nil {
		r.fail(c.allowed(p))
		r.fail(tooMany(p, n))
	}
	for area := c.base(); n > 0 && r.err == nil; n-- {
		d := r.delegation(func(b []byte) (willow.Area, []byte, error) {
			if canonical {
				return willow.DecodeAreaInArea(b, area)
			}
			return willow.DecodeAreaInAreaAny(b, area)
		})
		c.Delegations = append(c.Delegations, d)
		area = d.Area
	}
	if r.err != nil {
		return nil, nil, r.err
	}
	return c, r.b, nil
}

// reader reads an encoding from the front of b. After the first failure err is set,
// which wraps ErrInvalid, and every read gives zeros.
type reader struct {
	b   []byte
	err error
}

// fail notes a failure, if err is one and the first.
func (r *reader) fail(err error) {
	switch {
	case r.err != nil || err == nil:
	case errors.Is(err, ErrInvalid):
		r.err = err
	default:
		r.err = fmt.Errorf("%w: %w", ErrInvalid, err)
	}
}

// fill reads as many bytes as to has.
func (r *reader) fill(to []byte) {
	if r.err == nil && len(r.b) < len(to) {
		r.fail(willow.ErrTruncated)
	}
	if r.err == nil {
		r.b = r.b[copy(to, r.b):]
	}
}

func (r *reader) byte() byte {
	var b [1]byte
	r.fill(b[:])
	return b[0]
}

// compact reads what follows the tag of a number.
func (r *reader) compact(tag byte, width uint, canonical bool) (n uint64) {
	if r.err == nil {
		var err error
		if n, r.b, err = willow.DecodeCompact(r.b, tag, width, canonical); err != nil {
			r.fail(err)
			return 0
		}
	}
	return n
}

// delegation reads an area, a receiver and a signature.
func (r *reader) delegation(area func([]byte) (willow.Area, []byte, error)) (d Delegation) {
	d.Area = r.area(area)
	r.fill(d.Receiver[:])
	r.fill(d.Signature[:])
	return d
}

func (r *reader) area(decode func([]byte) (willow.Area, []byte, error)) (a willow.Area) {
	if r.err == nil {
		var err error
		if a, r.b, err = decode(r.b); err != nil {
			r.fail(err)
		}
	}
	return a
}
