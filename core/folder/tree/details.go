package tree

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"meadow/core/willow"
)

const (
	// maxDetails is the greatest length of encoded details.
	maxDetails = 16 << 10
	// maxAuthors is the greatest number of authors in a seen vector.
	maxAuthors = 256
	// detailsVersion is what this code writes as v.
	detailsVersion = 1
	// maxContributor is the greatest length of the name of a contributor in details.
	maxContributor = 64
)

// errDetails is wrapped by every error about details that say nothing.
var errDetails = errors.New("malformed details")

// details are what a details entry's payload says: deterministic CBOR, a map of
//
//	v            uint          1
//	kind         text          file, symlink, folder or tombstone
//	of           [t, digest, length] of the payload entry
//	by           32 bytes      the author's receiver key
//	seen         {32 bytes: t} at most 256 authors
//	mtime        int           nanoseconds since 1970
//	exec         bool
//	conflict_of  bytes, absent if ""; a path below files
//	erase        true, or absent: see Tree.Erase; in tombstones only
//	erased       [path as bytes, t] of an erasing tombstone that it was written over, or absent
//	allowed      true, or absent: see Edit.Allowed
//	at           t, absent if it is that of `of`; never greater
//	name         text, at most 64 bytes, or absent: in corners, how the contributor is called
//	over         [subspace, path as bytes], or absent: see over
//
// and keys that later versions may add, which are kept. No tags, at most 16 KiB.
type details struct {
	version    uint64
	kind       Kind
	of         of
	by         [32]byte
	seen       seen
	mtime      int64
	exec       bool
	conflictOf string
	erase      bool
	erased     *erased
	allowed    bool
	at         willow.Timestamp // when by made it; of.timestamp but in rewritten edits
	name       string
	over       *over
	extra      map[string]cbor.RawMessage
}

// over says, in the details of a version of the shared tree, that it stands for a
// file of a corner which was shown at its path and whose own path is another one:
// what of that file it has seen isn't shown any more. A name with a mark can be
// another one elsewhere, see View.
type over struct {
	_        struct{} `cbor:",toarray"`
	Subspace []byte
	Path     []byte
}

func (o *over) valid() bool {
	return len(o.Subspace) == len(willow.SubspaceID{}) && validPath(string(o.Path))
}

// of names the payload entry that details belong to.
type of struct {
	_         struct{} `cbor:",toarray"`
	Timestamp uint64
	Digest    []byte
	Length    uint64
}

func ofEntry(e willow.Entry) of {
	return of{Timestamp: uint64(e.Timestamp), Digest: e.PayloadDigest[:], Length: e.PayloadLength}
}

func (o of) is(e willow.Entry) bool {
	return o.Timestamp == uint64(e.Timestamp) && o.Length == e.PayloadLength && bytes.Equal(o.Digest, e.PayloadDigest[:])
}

// entry returns the payload entry that o names, as the details entry of a path
// says it; ok is false if the two contradict.
func (o of) entry(details willow.Entry, path string) (e willow.Entry, ok bool) {
	p, err := payloadPath(path)
	_, r, digest := place(details.Path)
	if err != nil || r != detail || !bytes.Equal(o.Digest, digest[:]) || o.Timestamp+1 != uint64(details.Timestamp) {
		return e, false
	}
	e = details
	e.Path, e.Timestamp = p, willow.Timestamp(o.Timestamp)
	e.PayloadLength, e.PayloadDigest = o.Length, digest
	return e, true
}

// seen is a version vector: of each author the greatest timestamp seen.
type seen map[[32]byte]willow.Timestamp

// covers reports whether a version that author made at t has been seen. Files
// without details have no author: just the last one seen is known.
func (s seen) covers(author [32]byte, at willow.Timestamp) bool {
	t, ok := s[author]
	if author == ([32]byte{}) {
		return ok && t == at
	}
	return ok && t >= at
}

// join returns the least vector that covers all of s and others, cut to the
// newest maxAuthors.
func (s seen) join(others ...seen) seen {
	all := make(seen, len(s)+1)
	for _, o := range append(others, s) {
		for a, t := range o {
			all[a] = max(all[a], t)
		}
	}
	return all.newest(maxAuthors)
}

func (s seen) newest(n int) seen {
	if len(s) <= n {
		return s
	}
	authors := make([][32]byte, 0, len(s))
	for a := range s {
		authors = append(authors, a)
	}
	slices.SortFunc(authors, func(a, b [32]byte) int {
		return cmp.Or(cmp.Compare(s[b], s[a]), bytes.Compare(a[:], b[:]))
	})
	kept := make(seen, n)
	for _, a := range authors[:n] {
		kept[a] = s[a]
	}
	return kept
}

var (
	encMode = must(cbor.CoreDetEncOptions().EncMode())
	decMode = must(cbor.DecOptions{
		DupMapKey:           cbor.DupMapKeyEnforcedAPF,
		IndefLength:         cbor.IndefLengthForbidden,
		TagsMd:              cbor.TagsForbidden,
		MaxNestedLevels:     16,
		MaxArrayElements:    maxDetails,
		MaxMapPairs:         maxDetails,
		MapKeyByteString:    cbor.MapKeyByteStringAllowed,
		FieldNameMatching:   cbor.FieldNameMatchingCaseSensitive,
		FieldNameByteString: cbor.FieldNameByteStringForbidden,
		ByteStringToString:  cbor.ByteStringToStringForbidden,
		ByteStringToTime:    cbor.ByteStringToTimeForbidden,
		UTF8:                cbor.UTF8RejectInvalid,
		BigIntDec:           cbor.BigIntDecodeValue,
	}.DecMode())
)

func must[M any](m M, err error) M {
	if err != nil {
		panic(err) // the options above are constants
	}
	return m
}

// encode returns the one encoding of d. Where it would be too long, the oldest
// authors go, then the keys this code doesn't know.
func (d *details) encode() []byte {
	for authors := min(len(d.seen), maxAuthors); ; authors-- {
		b := d.marshal(d.seen.newest(max(authors, 0)), d.extra)
		switch {
		case len(b) <= maxDetails:
			return b
		case authors <= 0:
			return d.marshal(nil, nil)
		}
	}
}

func (d *details) marshal(s seen, extra map[string]cbor.RawMessage) []byte {
	m := make(map[string]any, 12+len(extra))
	for k, v := range extra {
		m[k] = v
	}
	vector := make(map[cbor.ByteString]uint64, len(s))
	for a, t := range s {
		vector[cbor.ByteString(a[:])] = uint64(t)
	}
	m["v"], m["kind"], m["of"], m["by"] = d.version, d.kind.String(), d.of, d.by[:]
	m["seen"], m["mtime"], m["exec"] = vector, d.mtime, d.exec
	if d.conflictOf != "" {
		m["conflict_of"] = []byte(d.conflictOf)
	}
	if d.erase {
		m["erase"] = true
	}
	if d.erased != nil {
		m["erased"] = *d.erased
	}
	if d.allowed {
		m["allowed"] = true
	}
	if uint64(d.at) != d.of.Timestamp {
		m["at"] = uint64(d.at)
	}
	if d.name != "" {
		m["name"] = d.name
	}
	if d.over != nil {
		m["over"] = *d.over
	}
	b, err := encMode.Marshal(m)
	if err != nil {
		panic("tree: details can't be encoded: " + err.Error()) // extra is valid CBOR, the rest plain values
	}
	return b
}

// decodeDetails is the inverse of encode; it accepts nothing else. Errors wrap
// errDetails.
func decodeDetails(b []byte) (*details, error) {
	if len(b) > maxDetails {
		return nil, fmt.Errorf("%w: longer than %d bytes", errDetails, maxDetails)
	}
	m := map[string]cbor.RawMessage{}
	if err := decMode.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("%w: %w", errDetails, err)
	}
	d, err := parseDetails(m)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDetails, err)
	}
	if again := d.marshal(d.seen, d.extra); !bytes.Equal(again, b) {
		return nil, fmt.Errorf("%w: not in the one form", errDetails)
	}
	for key, raw := range d.extra { // which marshal has taken as it was
		var value any
		if err := decMode.Unmarshal(raw, &value); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", errDetails, key, err)
		}
		if again, err := encMode.Marshal(value); err != nil || !bytes.Equal(again, raw) {
			return nil, fmt.Errorf("%w: %s: not deterministic", errDetails, key)
		}
	}
	return d, nil
}

func parseDetails(m map[string]cbor.RawMessage) (*details, error) {
	d := &details{}
	var kind string
	var by, conflictOf []byte
	vector := map[cbor.ByteString]uint64{}
	for _, f := range []struct {
		name     string
		into     any
		optional bool
	}{
		{"v", &d.version, false},
		{"kind", &kind, false},
		{"of", &d.of, false},
		{"by", &by, false},
		{"seen", &vector, false},
		{"mtime", &d.mtime, false},
		{"exec", &d.exec, false},
		{"conflict_of", &conflictOf, true},
		{"erase", &d.erase, true},
		{"erased", &d.erased, true},
		{"allowed", &d.allowed, true},
		{"at", (*uint64)(&d.at), true},
		{"name", &d.name, true},
		{"over", &d.over, true},
	} {
		raw, ok := m[f.name]
		if !ok {
			if !f.optional {
				return nil, fmt.Errorf("no %s", f.name)
			}
			continue
		}
		if err := decMode.Unmarshal(raw, f.into); err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		delete(m, f.name)
	}
	if d.at == 0 {
		d.at = willow.Timestamp(d.of.Timestamp)
	}
	d.conflictOf = string(conflictOf)
	if len(m) > 0 {
		d.extra = m
	}
	return d, d.check(kind, by, vector)
}

// check fills in what needs conversion and rejects values that contradict
// each other.
func (d *details) check(kind string, by []byte, vector map[cbor.ByteString]uint64) error {
	if d.kind = parseKind(kind); d.kind == 0 {
		return fmt.Errorf("unknown kind %q", kind)
	}
	empty := d.kind == Folder || d.kind == Tombstone
	switch {
	case d.version == 0:
		return errors.New("no version")
	case len(by) != len(d.by):
		return errors.New("by is not a key")
	case len(d.of.Digest) != len(willow.Digest{}):
		return errors.New("of has no digest")
	case empty && (d.of.Length != 0 || !bytes.Equal(d.of.Digest, willow.EmptyDigest[:])):
		return fmt.Errorf("a %s with bytes", kind)
	case d.erased != nil && !d.erased.valid():
		return errors.New("erased makes no sense")
	case d.conflictOf != "" && !validPath(d.conflictOf):
		return errors.New("conflict_of is not a path")
	}
	copy(d.by[:], by)
	if uint64(d.at) > d.of.Timestamp {
		return errors.New("at is after of")
	}
	if err := d.checkCorner(); err != nil {
		return err
	}
	return d.fillSeen(vector)
}

// checkCorner checks what details say about corners.
func (d *details) checkCorner() error {
	switch {
	case d.over != nil && !d.over.valid():
		return errors.New("over makes no sense")
	case len(d.name) > maxContributor:
		return fmt.Errorf("name has %d bytes, at most %d", len(d.name), maxContributor)
	}
	return nil
}

func (d *details) fillSeen(vector map[cbor.ByteString]uint64) error {
	if len(vector) > maxAuthors {
		return fmt.Errorf("%d authors in seen, at most %d", len(vector), maxAuthors)
	}
	d.seen = make(seen, len(vector))
	for a, t := range vector {
		if len(a) != 32 {
			return errors.New("an author in seen is not a key")
		}
		d.seen[[32]byte([]byte(a))] = willow.Timestamp(t)
	}
	return nil
}

func validPath(path string) bool {
	for name := range strings.SplitSeq(path, "/") {
		if !validName(name) {
			return false
		}
	}
	return true
}
