// Package drop reads and writes Willow drops: entries with their tokens, and
// payloads or parts of them, as one stream of bytes (Willow Drop Format). Memory is
// bounded whatever the stream has. A drop isn't encrypted.
//
//	each entry:
//	  bits: 01 | namespace differs | subspace differs | 2 bits tag of timestamp | 2 bits mode
//	  [32 namespace] | [32 subspace] | path relative to the one before | timestamp |
//	  S(payload length) | 32 digest | token relative to the entry before and this one
//	  mode 00: nothing; 01: the payload; 10: S(groups) | a slice from group 0 on;
//	  11: slices, each
//	    bits: 1 | 3 bits tag of offset | 4 bits tag of length
//	    offset in groups from the end of the slice before | length in groups | the slice
//	00
//
// The first entry is told relative to the profile's default one. The last slice is
// told by the next byte: that of an entry begins with a bit 0, and so does the end.
// What a slice's bytes are is the profile's: under MDN-1 those of package blob.
package drop

import (
	"errors"
	"math"

	"meadow/core/willow"
)

// ErrSlices is wrapped by the error about an entry with slices, if there are none
// in the parameters.
var ErrSlices = errors.New("slices of payloads aren't of this profile")

// Tokens are the tokens of a profile, told relative to the entry before and the one
// that they authorise. Decode returns an error that wraps [willow.ErrTruncated] iff
// b ends early. It needn't verify signatures: whoever reads a drop does.
type Tokens interface {
	Append(b []byte, t willow.Token, e willow.Entry, prev willow.Authorised) ([]byte, error)
	Decode(b []byte, e willow.Entry, prev willow.Authorised) (t willow.Token, rest []byte, err error)
}

// Run is the groups of a slice: Start and those after it below End. It isn't empty.
type Run struct{ Start, End uint64 }

// Slices are the slices of a profile.
type Slices interface {
	// Groups returns how many groups a payload of length bytes has.
	Groups(length uint64) uint64
	// Length returns how many bytes the slice of a run has. before is the end of
	// the slice before, of the same entry, or 0: what that had of a proof isn't sent
	// again. The length is below 2^63.
	Length(length uint64, run Run, before uint64) uint64
}

// Params are the parameters of a drop. Without Slices only whole payloads can be
// read and written.
type Params struct {
	Profile willow.Profile
	Tokens  Tokens
	Slices  Slices
}

// Mode says what of an entry's payload is in the drop.
type Mode byte

// The modes.
const (
	Nothing Mode = iota // no payload
	Whole               // all of it, as it is
	First               // one slice, of the first group and others after it
	Several             // any number of slices
)

// Bits of an entry's first byte, and of a slice's.
const (
	entryBits      = 0x40
	entryMask      = 0xc0
	entryNamespace = 0x20 // the namespace differs, and follows
	entrySubspace  = 0x10 // so does the subspace
	entryMode      = 0x03
	sliceBit       = 0x80
	end            = 0x00
)

// maxPayload is the greatest length of a payload of which there is anything in a
// drop: half of what could be counted, so that its slices can.
const maxPayload = math.MaxInt64 / 2

// runIn reports whether a run that begins after another is one of the payload's.
func (p Params) runIn(run Run, before, length uint64) bool {
	return run.Start >= before && run.Start < run.End && run.End <= p.Slices.Groups(length)
}
