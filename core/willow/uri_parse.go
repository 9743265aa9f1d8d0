package willow

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"meadow/core/key"
)

// ParseURI reads a Willow URI. It accepts all that the specification has for a
// URI: parts of the query in any order, numbers with leading zeros, hex digits in
// either case, dot segments; and what RFC 3986 says is the same: the scheme in
// either case, and unreserved bytes percent-encoded. Nothing else is accepted:
// unknown, double or empty parts of the query, reserved bytes as they are. Limits
// of paths count once dot segments are gone. Errors wrap ErrURI.
func ParseURI(s string) (URI, error) {
	p, err := splitURI(s)
	if err != nil {
		return URI{}, err
	}
	if !strings.EqualFold(p.scheme, "willow") {
		return URI{}, fmt.Errorf("%w: it doesn't begin with willow://", ErrURI)
	}
	return p.uri()
}

// Resolve reads a URI reference (RFC 3986, 4.1) as seen from u: a whole Willow
// URI, or one without its scheme, or a path from the root or relative to u's, or
// just another query or fragment. So ../image.png is beside u's parent, and ?area
// is the area at u's path.
func (u URI) Resolve(reference string) (URI, error) {
	text, err := u.AppendText(nil)
	if err != nil {
		return URI{}, err
	}
	base, err := splitURI(string(text))
	if err != nil {
		return URI{}, err
	}
	r, err := splitURI(reference)
	if err != nil {
		return URI{}, err
	}
	if r.scheme != "" {
		return ParseURI(reference)
	}
	switch {
	case r.authority != nil:
	case r.path == "":
		r.path = base.path
		if r.query == nil {
			r.query = base.query
		}
	case r.path[0] != '/':
		folder := base.path[:strings.LastIndexByte(base.path, '/')+1]
		if folder == "" {
			folder = "/"
		}
		r.path = folder + r.path
	}
	if r.authority == nil {
		r.authority = base.authority
	}
	return r.uri()
}

// uriParts is a URI or reference taken apart (RFC 3986, appendix B).
type uriParts struct {
	scheme    string
	authority *string
	path      string
	query     *string
	fragment  *string
}

func splitURI(s string) (p uriParts, err error) {
	if len(s) > MaxURI {
		return p, fmt.Errorf("%w: longer than %d bytes", ErrURI, MaxURI)
	}
	if i := strings.IndexAny(s, ":/?#"); i > 0 && s[i] == ':' {
		p.scheme, s = s[:i], s[i+1:]
	}
	if rest, fragment, ok := strings.Cut(s, "#"); ok {
		s, p.fragment = rest, &fragment
	}
	if rest, query, ok := strings.Cut(s, "?"); ok {
		s, p.query = rest, &query
	}
	if rest, ok := strings.CutPrefix(s, "//"); ok {
		authority := rest
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			authority = rest[:i]
		}
		p.authority, s = &authority, rest[len(authority):]
	}
	p.path = s
	return p, nil
}

// uri reads the parts of an absolute URI, the scheme apart.
func (p uriParts) uri() (URI, error) {
	var u URI
	var err error
	if p.authority == nil {
		return URI{}, fmt.Errorf("%w: no namespace", ErrURI)
	}
	if p.query != nil && (*p.query == "area" || strings.HasPrefix(*p.query, "area&")) {
		u.Area = NewURIArea(Everything(Area{Times: AllTimes}))
	}
	if err = u.readAuthority(*p.authority); err == nil {
		u.Path, err = readPath(p.path)
	}
	if err == nil && p.query != nil {
		err = u.readQuery(*p.query)
	}
	if err == nil && p.fragment != nil {
		var fragment string
		fragment, err = percentDecode(*p.fragment, inFragment)
		u.Fragment = &fragment
	}
	if err != nil {
		return URI{}, err
	}
	return u, nil
}

// readAuthority reads namespace and subspace.
func (u *URI) readAuthority(s string) error {
	namespace, subspace, ok := strings.Cut(s, ".")
	if !ok || namespace == "" {
		return fmt.Errorf("%w: no namespace and subspace", ErrURI)
	}
	var err error
	if u.Namespace, err = key.ParseNamespace(namespace[1:]); err != nil {
		return fmt.Errorf("%w: the namespace isn't + or - and 64 hex digits", ErrURI)
	}
	if namespace[0] != namespaceSign(u.Namespace) {
		return fmt.Errorf("%w: + is for communal namespaces, - for owned ones", ErrURI)
	}
	if subspace == anySubspace && u.Area != nil {
		u.Area.AnySubspace = true
		return nil
	}
	if u.Subspace, err = readHex(subspace); err != nil {
		return fmt.Errorf("%w: the subspace isn't 64 hex digits", ErrURI)
	}
	return nil
}

func readHex(s string) (a [32]byte, err error) {
	if len(s) != hex.EncodedLen(len(a)) {
		return a, hex.ErrLength
	}
	_, err = hex.Decode(a[:], []byte(s))
	return a, err
}

// readPath reads components and dot segments, which it resolves.
func readPath(s string) (Path, error) {
	var components []string
	for s != "" {
		if s[0] != '/' {
			return Path{}, fmt.Errorf("%w: a path without a slash", ErrURI)
		}
		segment := s[1:]
		if i := strings.IndexByte(segment, '/'); i >= 0 {
			segment = segment[:i]
		}
		s = s[1+len(segment):]
		switch segment {
		case ".":
		case "..":
			components = components[:max(len(components)-1, 0)]
		default:
			c, err := percentDecode(segment, "")
			if err != nil {
				return Path{}, err
			}
			if c == "." || c == ".." {
				return Path{}, fmt.Errorf("%w: a percent-encoded dot segment", ErrURI)
			}
			components = append(components, c)
		}
	}
	p, err := NewPath(components...)
	if err != nil {
		return Path{}, fmt.Errorf("%w: %w", ErrURI, err)
	}
	return p, nil
}

// readQuery reads the parts of a query.
func (u *URI) readQuery(s string) error {
	var from, to *uint64
	number := func(n **uint64) func(string) error { // reads a number
		return func(value string) (err error) {
			*n, err = readNumber(value)
			return err
		}
	}
	known := map[string]func(value string) error{"hints": u.readHints, "from": number(&from), "to": number(&to)}
	var count, size *uint64
	if u.Area != nil {
		_, rest, more := strings.Cut(s, "&")
		if !more {
			return nil
		}
		s, known["count"], known["size"] = rest, number(&count), number(&size)
	} else {
		known["digest"] = u.readDigest
	}
	for part := range strings.SplitSeq(s, "&") {
		name, value, _ := strings.Cut(part, "=")
		read := known[name]
		if read == nil {
			return fmt.Errorf("%w: %.100q has no meaning in its query, or comes twice", ErrURI, name)
		}
		if err := read(value); err != nil {
			return err
		}
		delete(known, name)
	}
	if u.Area == nil {
		u.From, u.To = from, to
		return nil
	}
	return u.Area.limit(count, size, from, to)
}

// limit takes what a query says of an area.
func (a *URIArea) limit(count, size, from, to *uint64) error {
	or := func(n *uint64, missing uint64) uint64 {
		if n == nil {
			return missing
		}
		return *n
	}
	a.MaxCount, a.MaxSize = or(count, 0), or(size, Unlimited)
	a.Times = TimeRange{Start: Timestamp(or(from, 0)), End: Timestamp(or(to, 0)), Open: to == nil}
	if !a.Times.valid() {
		return fmt.Errorf("%w: no times from %d to %d", ErrURI, a.Times.Start, a.Times.End)
	}
	return nil
}

func (u *URI) readHints(s string) error {
	for part := range strings.SplitSeq(s, ";") {
		hint, err := percentDecode(part, "")
		if err != nil {
			return err
		}
		if !isURI(hint) {
			return fmt.Errorf("%w: the hint %.100q is no URI", ErrURI, hint)
		}
		u.Hints = append(u.Hints, hint)
	}
	return nil
}

func (u *URI) readDigest(s string) error {
	d, err := readHex(s)
	if err != nil {
		return fmt.Errorf("%w: the digest isn't 64 hex digits", ErrURI)
	}
	u.Digest = (*Digest)(&d)
	return nil
}

func readNumber(s string) (*uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%w: %.100q is no number below 2^64", ErrURI, s)
	}
	return &n, nil
}

// percentDecode undoes appendPercent. It also reads bytes percent-encoded that
// needn't be.
func percentDecode(s, allowed string) (string, error) {
	if strings.IndexFunc(s, func(c rune) bool { return c > 0x7f || !unreserved(byte(c)) }) < 0 {
		return s, nil
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '%':
			if i+2 >= len(s) {
				return "", fmt.Errorf("%w: %% without two hex digits", ErrURI)
			}
			n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if err != nil {
				return "", fmt.Errorf("%w: %% without two hex digits", ErrURI)
			}
			b = append(b, byte(n))
			i += 2
		case unreserved(c) || strings.IndexByte(allowed, c) >= 0:
			b = append(b, c)
		default:
			return "", fmt.Errorf("%w: %q has to be percent-encoded there", ErrURI, c)
		}
	}
	return string(b), nil
}

// isURI reports whether s is an absolute URI of any scheme, as far as its bytes
// can tell.
func isURI(s string) bool {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || scheme == "" || !isLetter(scheme[0]) {
		return false
	}
	for i := range len(scheme) {
		if c := scheme[i]; !isLetter(c) && (c < '0' || c > '9') && strings.IndexByte("+-.", c) < 0 {
			return false
		}
	}
	_, err := percentDecode(rest, inFragment+"#[]")
	return err == nil
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
