package willow

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ErrURI is wrapped by every error about Willow URIs.
var ErrURI = errors.New("malformed Willow URI")

// MaxURI is the greatest length of a URI's text, in bytes. The greatest path needs
// a quarter of it.
const MaxURI = 1 << 16

// URI is a Willow URI ("Willow URIs", with the parameters of Willow'25). Without
// Area it identifies an entry, and a slice of its payload if From or To is there;
// with it an area of interest:
//
//	willow://NAMESPACE.SUBSPACE/COMPONENT…?hints=…&digest=…&from=0&to=17#FRAGMENT
//	willow://NAMESPACE.SUBSPACE/COMPONENT…?area&hints=…&count=5&size=99&from=0&to=17#FRAGMENT
//
// A namespace is 64 hex digits after + if it is communal or - if it is owned, a
// subspace or digest is 64 hex digits. Without a slash the path is empty; a slash
// at the end is an empty last component. A URI says nothing about who may read
// what it identifies, and nothing of it is a secret.
//
// Where the specification has gaps or contradicts itself:
//   - an area is written ?area, as in its examples, not &area; size is size, though
//     its bytes spell "sipe";
//   - a missing size is unlimited, like one of 2^64-1, and a size of 0 is 0;
//   - components "." and ".." have no URI: they would be read as dot segments. They
//     are neither written nor read, percent-encoded either;
//   - an area of any subspace has _ for its subspace, which is ours;
//   - a fragment is percent-decoded, and % in it always encoded: else "%41" and "A"
//     would be written alike;
//   - a dot segment at the end leaves no slash: a/b/.. is a, as the specification
//     says, though a/ by RFC 3986;
//   - an empty range of times is not a value, so an area with to <= from is refused;
//     a slice of a payload may be empty;
//   - a text of more than MaxURI bytes is refused.
type URI struct {
	Namespace NamespaceID
	Subspace  SubspaceID // zero if Area.AnySubspace
	Path      Path
	Hints     []string // URIs of other kinds, where to get it, best first
	Fragment  *string  // any bytes, for applications
	Area      *URIArea // nil for an entry

	// Of an entry:

	Digest   *Digest // only an entry with this payload is meant
	From, To *uint64 // bytes of the payload, see Slice
}

// URIArea is what an area of interest has that an entry's place doesn't.
type URIArea struct {
	AnySubspace bool
	Times       TimeRange
	MaxCount    uint64 // 0 is unlimited
	MaxSize     uint64 // Unlimited is no limit
}

// NewURIArea returns what makes a URI that of an area of interest. The subspace and
// path of i are the URI's own.
func NewURIArea(i AreaOfInterest) *URIArea {
	return &URIArea{AnySubspace: i.Area.AnySubspace, Times: i.Area.Times, MaxCount: i.MaxCount, MaxSize: i.MaxSize}
}

// Interest returns the area of interest that u identifies; ok is false if it is an
// entry's URI.
func (u URI) Interest() (i AreaOfInterest, ok bool) {
	if u.Area == nil {
		return AreaOfInterest{}, false
	}
	a := Area{AnySubspace: u.Area.AnySubspace, Subspace: u.Subspace, Path: u.Path, Times: u.Area.Times}
	return AreaOfInterest{Area: a, MaxCount: u.Area.MaxCount, MaxSize: u.Area.MaxSize}, true
}

// Identifies reports whether e is the entry that u identifies, or is in its area;
// the area's limits don't count.
func (u URI) Identifies(e Entry) bool {
	if u.Namespace != e.Namespace {
		return false
	}
	if i, ok := u.Interest(); ok {
		return i.Area.Includes(e)
	}
	return u.Subspace == e.Subspace && u.Path == e.Path && (u.Digest == nil || *u.Digest == e.PayloadDigest)
}

// Slice returns which bytes of a payload of some length u identifies, from <= to
// <= length; ok is false if it identifies an entry without its payload.
func (u URI) Slice(length uint64) (from, to uint64, ok bool) {
	if u.From == nil && u.To == nil {
		return 0, 0, false
	}
	to = length
	if u.From != nil {
		from = min(*u.From, length)
	}
	if u.To != nil {
		to = max(from, min(*u.To, length))
	}
	return from, to, true
}

// String returns the URI, or "" if AppendText fails.
func (u URI) String() string {
	b, err := u.AppendText(nil)
	if err != nil {
		return ""
	}
	return string(b)
}

// AppendText appends the URI. It is the only text of it that this package writes.
// It fails for what has no URI, or none that ParseURI would read as the same.
func (u URI) AppendText(b []byte) ([]byte, error) {
	if err := u.check(); err != nil {
		return nil, err
	}
	start := len(b)
	b = append(b, "willow://"...)
	b = append(b, namespaceSign(u.Namespace))
	b = hex.AppendEncode(b, u.Namespace[:])
	b = append(b, '.')
	if u.Area != nil && u.Area.AnySubspace {
		b = append(b, anySubspace...)
	} else {
		b = hex.AppendEncode(b, u.Subspace[:])
	}
	for _, c := range u.Path.Components() {
		b = appendPercent(append(b, '/'), c, "")
	}
	if query := u.query(); len(query) > 0 {
		b = append(append(b, '?'), bytes.Join(query, []byte("&"))...)
	}
	if u.Fragment != nil {
		b = appendPercent(append(b, '#'), *u.Fragment, inFragment)
	}
	if len(b)-start > MaxURI {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrURI, MaxURI)
	}
	return b, nil
}

// check reports why u has no text.
func (u URI) check() error {
	for _, c := range u.Path.Components() {
		if c == "." || c == ".." {
			return fmt.Errorf("%w: the component %q can't be written", ErrURI, c)
		}
	}
	for _, h := range u.Hints {
		if !isURI(h) {
			return fmt.Errorf("%w: the hint %.100q is no URI", ErrURI, h)
		}
	}
	switch {
	case u.Area == nil:
		return nil
	case u.Digest != nil || u.From != nil || u.To != nil:
		return fmt.Errorf("%w: an area has no payload", ErrURI)
	case u.Area.AnySubspace && u.Subspace != SubspaceID{}:
		return fmt.Errorf("%w: any subspace and a certain one", ErrURI)
	case !u.Area.Times.valid() || u.Area.Times.Open && u.Area.Times.End != 0:
		return fmt.Errorf("%w: not a range of times", ErrURI)
	}
	return nil
}

// query returns the parts of the query.
func (u URI) query() (parts [][]byte) {
	add := func(key string, value []byte) { parts = append(parts, slices.Concat([]byte(key), value)) }
	number := func(key string, n uint64) { add(key, strconv.AppendUint(nil, n, 10)) }
	if u.Area != nil {
		add("area", nil)
	}
	if len(u.Hints) > 0 {
		hints := make([][]byte, len(u.Hints))
		for i, h := range u.Hints {
			hints[i] = appendPercent(nil, h, "")
		}
		add("hints=", bytes.Join(hints, []byte(";")))
	}
	if u.Digest != nil {
		add("digest=", hex.AppendEncode(nil, u.Digest[:]))
	}
	if u.From != nil {
		number("from=", *u.From)
	}
	if u.To != nil {
		number("to=", *u.To)
	}
	if a := u.Area; a != nil {
		if a.MaxCount != 0 {
			number("count=", a.MaxCount)
		}
		if a.MaxSize != Unlimited {
			number("size=", a.MaxSize)
		}
		if a.Times.Start != 0 {
			number("from=", uint64(a.Times.Start))
		}
		if !a.Times.Open {
			number("to=", uint64(a.Times.End))
		}
	}
	return parts
}

const (
	// anySubspace stands for any subspace where a URI has one.
	anySubspace = "_"
	// inFragment are the bytes that stand for themselves in fragments, beside
	// unreserved ones.
	inFragment = "!$&'()*+,;=/?:@"
)

// namespaceSign is what a namespace's hex digits follow.
func namespaceSign(ns NamespaceID) byte {
	if ns.Owned() {
		return '-'
	}
	return '+'
}

// unreserved reports whether c always stands for itself.
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// appendPercent appends s with all bytes percent-encoded that are neither
// unreserved nor in allowed.
func appendPercent(b []byte, s, allowed string) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(s) {
		if c := s[i]; unreserved(c) || strings.IndexByte(allowed, c) >= 0 {
			b = append(b, c)
		} else {
			b = append(b, '%', digits[c>>4], digits[c&0xf])
		}
	}
	return b
}
