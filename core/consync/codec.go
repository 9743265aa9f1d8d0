package consync

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// errMalformed is wrapped by every decoding error of this package.
var errMalformed = errors.New("malformed message")

// decoder reads the fields of a message body. After a failure it returns zero
// values and keeps the first error, so that callers check once.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", errMalformed, fmt.Sprintf(format, args...))
	}
	d.b = nil
}

// uint reads a varint of minimal length that is at most limit.
func (d *decoder) uint(limit uint64) uint64 {
	v, n := binary.Uvarint(d.b)
	switch {
	case n <= 0:
		d.fail("bad number")
		return 0
	case n > 1 && d.b[n-1] == 0:
		d.fail("number not minimal")
		return 0
	case v > limit:
		d.fail("number %d over %d", v, limit)
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) number() uint64 { return d.uint(math.MaxUint64) }

// count reads a number of items of at least size bytes each, which must fit in
// what remains: nothing is allocated for items that can't be there.
func (d *decoder) count(size int) int {
	n := d.uint(math.MaxInt32)
	if n*uint64(size) > uint64(len(d.b)) {
		d.fail("%d items in %d bytes", n, len(d.b))
		return 0
	}
	return int(n)
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.fail("truncated")
		return 0
	}
	v := d.b[0]
	d.b = d.b[1:]
	return v
}

// flags reads a byte that has no other bits than those known.
func (d *decoder) flags(known byte) byte {
	v := d.byte()
	if v&^known != 0 {
		d.fail("unknown flags %#x", v)
	}
	return v
}

// bytes reads n bytes, which remain part of the message's buffer.
func (d *decoder) bytes(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.fail("%d bytes of %d", n, len(d.b))
		return nil
	}
	v := d.b[:n:n]
	d.b = d.b[n:]
	return v
}

// rest reads all that remains.
func (d *decoder) rest() []byte { return d.bytes(uint64(len(d.b))) }

func (d *decoder) hash() (h [32]byte) {
	copy(h[:], d.bytes(32))
	return h
}

// end reports the first failure, and one for bytes that nothing read.
func (d *decoder) end() error {
	if d.err == nil && len(d.b) != 0 {
		d.fail("%d bytes too many", len(d.b))
	}
	return d.err
}

// sub lets a decoder of package willow read from what remains. The encodings
// there are relations or canonical; a message has one encoding only, so again
// must give back what was read.
func sub[T any](d *decoder, decode func([]byte) (T, []byte, error), again func([]byte, T) []byte) (v T) {
	if d.err != nil {
		return v
	}
	v, rest, err := decode(d.b)
	if err != nil {
		d.fail("%v", err)
		return *new(T)
	}
	read := d.b[:len(d.b)-len(rest)]
	if string(again(nil, v)) != string(read) {
		d.fail("encoding is not the shortest")
		return *new(T)
	}
	d.b = rest
	return v
}

// appendUint appends v as a varint: 7 bits a byte, low ones first, the top bit
// set in all bytes but the last.
func appendUint[T ~uint64 | ~uint32 | ~int](b []byte, v T) []byte {
	return binary.AppendUvarint(b, uint64(v))
}
