package mdn

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// All structured bytes of MDN are CBOR maps with text keys in core
// deterministic encoding (RFC 8949, 4.2). fields is such a map with its values
// still encoded: what is read and written again keeps the keys that this
// version doesn't know.
type fields map[string]cbor.RawMessage

// errFormat is wrapped by every error about bytes that aren't what they should be.
var errFormat = errors.New("malformed")

var (
	encoding = must(cbor.CoreDetEncOptions().EncMode())
	decoding = must(cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		IndefLength:      cbor.IndefLengthForbidden,
		TagsMd:           cbor.TagsForbidden,
		MapKeyByteString: cbor.MapKeyByteStringAllowed,
		MaxNestedLevels:  16,
		MaxArrayElements: 1 << 16,
		MaxMapPairs:      1 << 16,
	}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // options of this file that don't fit together
	}
	return v
}

// encode writes v; it panics for types that CBOR can't write, a mistake of ours.
func encode(v any) []byte { return must(encoding.Marshal(v)) }

// parseFields reads one map, refusing every encoding but the deterministic one.
func parseFields(b []byte) (fields, error) {
	if err := deterministic(b); err != nil {
		return nil, err
	}
	var f fields
	if err := decoding.Unmarshal(b, &f); err != nil || f == nil {
		return nil, fmt.Errorf("%w: not a map with text keys", errFormat)
	}
	return f, nil
}

// deterministic reports whether b is exactly one item as this package would
// write it.
func deterministic(b []byte) error {
	var v any
	if err := decoding.Unmarshal(b, &v); err != nil {
		return fmt.Errorf("%w: %w", errFormat, err)
	}
	again, err := encoding.Marshal(v)
	if err != nil || !bytes.Equal(b, again) {
		return fmt.Errorf("%w: not deterministic CBOR", errFormat)
	}
	return nil
}

// set writes a field.
func (f fields) set(name string, v any) { f[name] = encode(v) }

// encode returns the map's deterministic encoding.
func (f fields) encode() []byte { return encode(f) }

// reader takes fields out of a map and keeps the first error.
type reader struct {
	fields
	err error
}

func (r *reader) fail(name, want string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %q is not %s", errFormat, name, want)
	}
}

func (r *reader) get(name string, v any) bool {
	raw, ok := r.fields[name]
	return ok && decoding.Unmarshal(raw, v) == nil
}

func (r *reader) has(name string) bool { _, ok := r.fields[name]; return ok }

// fixed reads a byte string of exactly len(dst) bytes.
func (r *reader) fixed(name string, dst []byte) {
	var b []byte
	if !r.get(name, &b) || !isKind(r.fields[name], byteString) || len(b) != len(dst) {
		r.fail(name, fmt.Sprintf("%d bytes", len(dst)))
		return
	}
	copy(dst, b)
}

// bytes reads a byte string of at most limit bytes.
func (r *reader) bytes(name string, limit int) []byte {
	var b []byte
	if !r.get(name, &b) || !isKind(r.fields[name], byteString) || len(b) > limit {
		r.fail(name, fmt.Sprintf("a byte string of at most %d bytes", limit))
	}
	return b
}

func (r *reader) uint(name string) (n uint64) {
	if !r.get(name, &n) || !isKind(r.fields[name], unsigned) {
		r.fail(name, "an unsigned integer")
	}
	return n
}

// text reads a text of at most limit bytes.
func (r *reader) text(name string, limit int) (s string) {
	if !r.get(name, &s) || !isKind(r.fields[name], textString) || len(s) > limit {
		r.fail(name, fmt.Sprintf("a text of at most %d bytes", limit))
	}
	return s
}

// flag reads a boolean; an absent one is false.
func (r *reader) flag(name string) (b bool) {
	if r.has(name) && !r.get(name, &b) {
		r.fail(name, "a boolean")
	}
	return b
}

// list reads an array of byte strings of 32 bytes each.
func (r *reader) list(name string) [][32]byte {
	var raws []cbor.RawMessage
	if !r.get(name, &raws) || !isKind(r.fields[name], array) {
		r.fail(name, "an array")
		return nil
	}
	ids := make([][32]byte, len(raws))
	for i, raw := range raws {
		var b []byte
		if !isKind(raw, byteString) || decoding.Unmarshal(raw, &b) != nil || len(b) != 32 {
			r.fail(name, "an array of 32 bytes each")
			return nil
		}
		ids[i] = [32]byte(b)
	}
	return ids
}

// ascending reads a list that must be in strictly ascending order: a set of
// keys or ids has one encoding.
func (r *reader) ascending(name string) [][32]byte {
	ids := r.list(name)
	for i := 1; i < len(ids); i++ {
		if bytes.Compare(ids[i-1][:], ids[i][:]) >= 0 {
			r.fail(name, "in ascending order")
			return nil
		}
	}
	return ids
}

// byteStrings is how lists of ids are written.
func byteStrings[T ~[32]byte](ids []T) [][]byte {
	out := make([][]byte, len(ids))
	for i := range ids {
		b := [32]byte(ids[i])
		out[i] = b[:]
	}
	return out
}

// Major types of CBOR.
const (
	unsigned   = 0
	byteString = 2
	textString = 3
	array      = 4
)

// isKind reports whether an item is of a major type: decoding alone is laxer,
// it would read an array of integers as bytes, or null as an empty text.
func isKind(raw cbor.RawMessage, major byte) bool { return len(raw) > 0 && raw[0]>>5 == major }
