// Package carry takes entries and payloads from one device to another in a file:
// on a stick, by letter, any way that carries bytes.
//
// The file isn't encrypted: whoever has it can read it. Nor is it trusted. Every
// entry is verified as if it had come from a stranger over the network, and every
// payload against its entry's digest, before anything of it is stored; what isn't
// signed, the names and dates in the header, is shown and decides nothing.
//
// # The file
//
//	"mdn-drop/1\0"
//	u32 length, big-endian | header: deterministic CBOR | 32 bytes BLAKE3 of it
//	each statement: u16 number of its space in the header | u32 length | its bytes
//	ffff
//	a Willow drop (package drop)
//
// The header is a map: "profile" (the name of the drop's parameters,
// [willow.Profile]), "made" (a Willow timestamp), "spaces", a list of maps: "id"
// (32 bytes), "name" (text), "area" (absolute encoding of what was carried of it),
// "newest" (the greatest number of entries, if limited), "size" (the most bytes, if
// limited). Readers skip keys that they don't know. The header's hash is derive_key
// with context "mdn-drop/1 header"; nothing is hashed over the rest, because
// entries and statements are signed, payloads named by their hashes, the drop's end
// is a byte of its own, and a reader that has a payload already doesn't read it.
//
// Statements come before entries, so that an entry whose chain they end is never
// live, not even for a moment.
//
// Payloads of one group are raw; longer ones are slices of at most 64 groups (1
// MiB) each, so that what came before a file was cut off, or before the medium
// failed, is kept and verified, and what is here already is skipped.
package carry

import (
	"errors"
	"fmt"

	"meadow/core/willow"
)

// What is a part of one namespace to be carried.
type What struct {
	Namespace willow.NamespaceID
	Interest  willow.AreaOfInterest
}

// Progress is how far a call has come. It is told at most ten times a second, and
// at the end.
type Progress struct {
	Entries uint64
	Bytes   uint64 // of the file, written or read
}

// Counts says what became of entries. When reading, each is in exactly one of New,
// Known, Obsolete, Dead and Refused; when writing or showing these are zero.
type Counts struct {
	Entries  uint64
	New      uint64 // live here now, and weren't
	Known    uint64 // were here
	Obsolete uint64 // something newer is here
	Dead     uint64 // the right they were written by has ended
	Refused  uint64 // see Reasons

	Payloads   uint64 // written, taken in or there wholly; empty ones don't count, nor those that were here
	Bytes      uint64 // of payloads, also of those that aren't whole
	Incomplete uint64 // live entries whose payload isn't wholly in the file, or here after reading it
}

// Report says what Write, Read or Show has done or found, so far if it failed.
type Report struct {
	Profile string           // of the header
	Made    willow.Timestamp // likewise, by the clock of who made it
	Counts
	Spaces  []SpaceReport // those in the header, in its order
	Reasons []Refusal     // why something was refused, each reason once
}

// SpaceReport is a Report's part of one namespace. If the header has it more than
// once, what is counted is in the first one.
type SpaceReport struct {
	What
	Name string // what the writer called it
	Counts
	Reasons []Refusal
}

// Reason says why something was refused: one of those here, or what [Rules] said.
type Reason string

// The reasons. Rules return Unknown for namespaces that the device doesn't have.
const (
	Unknown    Reason = "this device doesn't have the space"
	Forged     Reason = "not signed by anybody who may write there"
	Outside    Reason = "of a space that the file doesn't name"
	Damaged    Reason = "damaged content"
	NoRoom     Reason = "no room for the content"
	Statements Reason = "statements that aren't signed by who may make them"
	Others     Reason = "other reasons" // once there are too many to keep apart
)

// Refusal counts what was refused for one reason. For Damaged and NoRoom that is
// payloads, for Statements batches of statements, else entries.
type Refusal struct {
	Reason Reason
	Count  uint64
	First  int64 // where in the file the first one is
	Err    error // about the first one; may be nil
}

// Errors that callers branch on. They come wrapped.
var (
	// ErrNotDrop: the file isn't a Meadow drop at all.
	ErrNotDrop = errors.New("not a Meadow drop")
	// ErrNewer: it is one of a version, or a profile, that isn't known here.
	ErrNewer = errors.New("a drop of a later version")
	// ErrDamaged: the file is cut off or its bytes aren't what was written. A
	// *PlaceError says where; what came before it is kept.
	ErrDamaged = errors.New("the file is damaged or incomplete")
	// ErrStatements: statements that are malformed or aren't signed by who may.
	ErrStatements = errors.New("wrong statements")
)

// PlaceError says where in the file something is wrong, or couldn't be read.
type PlaceError struct {
	Offset int64 // of the item that isn't right, in bytes
	Err    error
}

// Error implements error.
func (e *PlaceError) Error() string { return fmt.Sprintf("at byte %d: %v", e.Offset, e.Err) }

// Unwrap returns what is wrong.
func (e *PlaceError) Unwrap() error { return e.Err }
