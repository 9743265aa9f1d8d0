package willow

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrEncoding is wrapped by every error of a decoder: the bytes are truncated
// (see [ErrTruncated]), not canonical, or describe no value.
var ErrEncoding = errors.New("malformed encoding")

// ErrTruncated is the [ErrEncoding] of input that ended before anything was found
// wrong with it: whoever reads from a stream tries again with more. Every proper
// beginning of an encoding gives it, and no error that more input would mend is
// another.
var ErrTruncated = fmt.Errorf("%w: truncated", ErrEncoding)

// Compact integers, c64 in the specification (Encodings, "Compact Integer
// Encodings"): a tag of 2 to 8 bits, elsewhere in the encoding, and 0, 1, 2, 4
// or 8 big-endian bytes. The four greatest tags say how many bytes follow; a
// smaller tag is the number itself. The least tag that fits is canonical. S(n) is
// n with a tag that is a byte of its own, 1 to 9 bytes.

// CompactTag returns the canonical tag of n for a tag of width bits, 2 to 8.
func CompactTag(n uint64, width uint) byte {
	first := uint64(1)<<width - 4 // the tag that announces one byte
	switch {
	case n < first:
		return byte(n)
	case n < 1<<8:
		return byte(first)
	case n < 1<<16:
		return byte(first + 1)
	case n < 1<<32:
		return byte(first + 2)
	}
	return byte(first + 3)
}

// AppendCompact appends the bytes that follow n's canonical tag.
func AppendCompact(b []byte, n uint64, width uint) []byte {
	switch first := byte(uint(1)<<width - 4); CompactTag(n, width) {
	case first:
		return append(b, byte(n))
	case first + 1:
		return binary.BigEndian.AppendUint16(b, uint16(n))
	case first + 2:
		return binary.BigEndian.AppendUint32(b, uint32(n))
	case first + 3:
		return binary.BigEndian.AppendUint64(b, n)
	}
	return b
}

// DecodeCompact reads the bytes that follow a tag of width bits from the front of
// b. If canonical, the tag has to be the number's canonical one.
func DecodeCompact(b []byte, tag byte, width uint, canonical bool) (n uint64, rest []byte, err error) {
	c := cursor{b: b, canonical: canonical}
	n = c.compact(tag, width)
	return decoded(&c, n)
}

// AppendStandalone appends S(n).
func AppendStandalone(b []byte, n uint64) []byte {
	return AppendCompact(append(b, CompactTag(n, 8)), n, 8)
}

// DecodeStandalone reads S(n) from the front of b. If canonical, it has to be as
// AppendStandalone writes it.
func DecodeStandalone(b []byte, canonical bool) (n uint64, rest []byte, err error) {
	c := cursor{b: b, canonical: canonical}
	n = c.standalone()
	return decoded(&c, n)
}

// cursor reads an encoding from the front of b. After the first failure err is
// set and every read gives zeros, so that a decoder looks at err where it would
// use a length or a value, and at its end.
type cursor struct {
	b         []byte
	canonical bool // refuse what the canonical encoder wouldn't write
	err       error
}

// decoded is what a decoder returns: what was read and what is left, or an error.
func decoded[T any](c *cursor, v T) (T, []byte, error) {
	if c.err != nil {
		var zero T
		return zero, nil, c.err
	}
	return v, c.b, nil
}

func (c *cursor) fail(reason string) {
	if c.err == nil {
		c.err = fmt.Errorf("%w: %s", ErrEncoding, reason)
	}
}

// take returns the next n bytes, which alias the input, or nil.
func (c *cursor) take(n int) []byte {
	if c.err != nil {
		return nil
	}
	if n > len(c.b) {
		c.err = ErrTruncated
		return nil
	}
	t := c.b[:n]
	c.b = c.b[n:]
	return t
}

func (c *cursor) byte() byte {
	if t := c.take(1); t != nil {
		return t[0]
	}
	return 0
}

func (c *cursor) array() (a [32]byte) {
	copy(a[:], c.take(len(a)))
	return a
}

// compact reads what follows a tag of width bits.
func (c *cursor) compact(tag byte, width uint) (n uint64) {
	first := byte(uint(1)<<width - 4)
	if tag < first {
		return uint64(tag)
	}
	for _, v := range c.take(1 << (tag - first)) {
		n = n<<8 | uint64(v)
	}
	if c.canonical && c.err == nil && CompactTag(n, width) != tag {
		c.fail("a number is longer than it has to be")
	}
	return n
}

func (c *cursor) standalone() uint64 { return c.compact(c.byte(), 8) }
