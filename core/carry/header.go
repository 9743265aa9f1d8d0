package carry

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/fxamacker/cbor/v2"
	"github.com/zeebo/blake3"

	"meadow/core/blob"
	"meadow/core/meadowcap"
	"meadow/core/willow"
	"meadow/core/willow/drop"
)

const (
	family = "mdn-drop/"
	magic  = family + "1\x00"

	maxHeader    = 1 << 20 // bytes
	maxStatement = 1 << 20
	maxName      = 1 << 10
	endOfSet     = math.MaxUint16 // instead of the number of a space
	hashSize     = 32
)

// header is what precedes the statements.
type header struct {
	Profile string  `cbor:"profile"`
	Made    uint64  `cbor:"made"`
	Spaces  []space `cbor:"spaces"`
}

type space struct {
	ID     []byte  `cbor:"id"`
	Name   string  `cbor:"name"`
	Area   []byte  `cbor:"area"`
	Newest uint64  `cbor:"newest,omitempty"`
	Size   *uint64 `cbor:"size,omitempty"`
}

var (
	encoding = must(cbor.CoreDetEncOptions().EncMode())
	decoding = must(cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
		MaxNestedLevels:   16,
		MaxArrayElements:  1 << 14,
		MaxMapPairs:       1 << 14,
	}.DecMode())
)

func must[M any](m M, err error) M {
	if err != nil {
		panic(err)
	}
	return m
}

// appendHeader appends what the file begins with.
func appendHeader(b []byte, r Report) ([]byte, error) {
	h := header{Profile: r.Profile, Made: uint64(r.Made), Spaces: []space{}}
	for _, s := range r.Spaces {
		row := space{
			ID: s.Namespace[:], Name: s.Name, Area: willow.AppendArea(nil, s.Interest.Area), Newest: s.Interest.MaxCount,
		}
		if s.Interest.MaxSize != willow.Unlimited {
			row.Size = &s.Interest.MaxSize
		}
		h.Spaces = append(h.Spaces, row)
	}
	enc, err := encoding.Marshal(h)
	if err != nil {
		return nil, err
	}
	if _, err := decodeHeader(enc); err != nil {
		return nil, fmt.Errorf("what is to be carried can't be told: %w", err)
	}
	b = append(b, magic...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(enc)))
	b = append(b, enc...)
	return append(b, headerHash(enc)...), nil
}

func headerHash(enc []byte) []byte {
	sum := make([]byte, hashSize)
	blake3.DeriveKey("mdn-drop/1 header", enc, sum)
	return sum
}

// decodeHeader decodes the map. It is ErrNewer if it isn't of our profile.
func decodeHeader(enc []byte) (r Report, err error) {
	if len(enc) > maxHeader {
		return Report{}, errors.New("a header that is too long")
	}
	var h header
	if err := decoding.Unmarshal(enc, &h); err != nil {
		return Report{}, err
	}
	if h.Profile != willow.MDN1.Name {
		return Report{}, fmt.Errorf("%w: of profile %.20q", ErrNewer, h.Profile)
	}
	r = Report{Profile: h.Profile, Made: willow.Timestamp(h.Made)}
	for _, row := range h.Spaces {
		s, err := row.report()
		if err != nil {
			return Report{}, err
		}
		r.Spaces = append(r.Spaces, s)
	}
	return r, nil
}

func (s space) report() (r SpaceReport, err error) {
	area, rest, err := willow.DecodeArea(s.Area)
	switch {
	case err != nil:
		return SpaceReport{}, err
	case len(rest) > 0, len(s.ID) != len(r.Namespace), len(s.Name) > maxName:
		return SpaceReport{}, errors.New("a malformed space in the header")
	}
	r.Name, r.Namespace = s.Name, willow.NamespaceID(s.ID)
	r.Interest = willow.AreaOfInterest{Area: area, MaxCount: s.Newest, MaxSize: willow.Unlimited}
	if s.Size != nil {
		r.Interest.MaxSize = *s.Size
	}
	return r, nil
}

// params are the parameters of the drop in a file.
func params() drop.Params {
	return drop.Params{Profile: willow.MDN1, Tokens: meadowcap.NewTokens(willow.MDN1), Slices: slicing{}}
}

// slicing says what package blob's slices are.
type slicing struct{}

// Groups implements drop.Slices.
func (slicing) Groups(length uint64) uint64 { return blob.GroupCount(length) }

// Length implements drop.Slices.
func (slicing) Length(length uint64, run drop.Run, before uint64) uint64 {
	return blob.SliceLength(length, blob.Run(run), before)
}

func scopeOf(e willow.Entry) (sc blob.Scope) {
	copy(sc[:32], e.Namespace[:])
	copy(sc[32:], e.Subspace[:])
	return sc
}
