package willow

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"time"

	"meadow/core/key"
)

// NamespaceID names a namespace: the public key that owns it.
type NamespaceID = key.Namespace

// SubspaceID names a subspace of a namespace. Any 32 bytes are a subspace.
type SubspaceID [32]byte

// Compare orders subspace ids bytewise.
func (s SubspaceID) Compare(t SubspaceID) int { return bytes.Compare(s[:], t[:]) }

// String returns s as 64 lower-case hex digits.
func (s SubspaceID) String() string { return hex.EncodeToString(s[:]) }

// Digest is the BLAKE3 hash of a payload.
type Digest [32]byte

// String returns d as 64 lower-case hex digits.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// EmptyDigest is the digest of the empty payload.
var EmptyDigest = Digest{
	0xaf, 0x13, 0x49, 0xb9, 0xf5, 0xf9, 0xa1, 0xa6, 0xa0, 0x40, 0x4d, 0xea, 0x36, 0xdc, 0xc9, 0x49,
	0x9b, 0xcb, 0x25, 0xc9, 0xad, 0xc1, 0x12, 0xb7, 0xcc, 0x9a, 0x93, 0xca, 0xe4, 0x1f, 0x32, 0x62,
}

// Timestamp says when an entry was made: TAI microseconds since J2000
// (2000-01-01 12:00 TT), the leap offset frozen at 37 s (FORMATS, "Time").
type Timestamp uint64

const unixToTimestamp = 946_727_930_816_000

// TimestampOf returns the timestamp of t, 0 for times before the epoch.
func TimestampOf(t time.Time) Timestamp {
	return Timestamp(max(t.UnixMicro()-unixToTimestamp, 0))
}

// Time returns the time of t, in UTC. Timestamps beyond the year 9999 give its
// last microsecond, the latest time that can be written down.
func (t Timestamp) Time() time.Time {
	const latest = 253_402_300_799_999_999 // the end of 9999, in unix microseconds
	if t > latest-unixToTimestamp {
		return time.UnixMicro(latest).UTC()
	}
	return time.UnixMicro(int64(t) + unixToTimestamp).UTC()
}

// Entry is a Willow entry: the metadata of one payload. Entries compare with ==.
type Entry struct {
	Namespace     NamespaceID
	Subspace      SubspaceID
	Path          Path
	Timestamp     Timestamp
	PayloadLength uint64
	PayloadDigest Digest
}

// Compare orders entries by newer-than: timestamp, then digest, then length. It
// is positive if e is newer than f. Namespace, subspace and path don't count.
func (e Entry) Compare(f Entry) int {
	return cmp.Or(
		cmp.Compare(e.Timestamp, f.Timestamp),
		bytes.Compare(e.PayloadDigest[:], f.PayloadDigest[:]),
		cmp.Compare(e.PayloadLength, f.PayloadLength),
	)
}

// Prunes reports whether a store that holds e must not hold f: same namespace
// and subspace, e's path a prefix of f's, and e newer.
func (e Entry) Prunes(f Entry) bool {
	return e.Namespace == f.Namespace && e.Subspace == f.Subspace &&
		e.Path.IsPrefixOf(f.Path) && e.Compare(f) > 0
}

// Token authorises an entry: the canonical encoding of a Meadowcap capability,
// and its receiver's signature of the encoded entry.
type Token struct {
	Capability []byte
	Signature  key.Signature
}

// Authorised is an entry whose token has been verified against exactly this
// entry (meadowcap.Verifier). Only such pairs may be given to a store.
type Authorised struct {
	Entry Entry
	Token Token
}
