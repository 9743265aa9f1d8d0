package willow

import "slices"

// AppendEntry appends the canonical encoding of e (Encodings, encode_entry):
// what tokens sign and fingerprints hash. The default entry's has 99 bytes:
//
//	32 namespace | 32 subspace | path | S(timestamp) | S(payload length) | 32 digest
//
// where S is a compact integer with a tag byte of its own, 1 to 9 bytes.
func AppendEntry(b []byte, e Entry) []byte {
	b = slices.Grow(b, 3*32+5+2*9+len(e.Path.key))
	b = append(b, e.Namespace[:]...)
	b = append(b, e.Subspace[:]...)
	b = AppendPath(b, e.Path)
	b = AppendStandalone(b, uint64(e.Timestamp))
	b = AppendStandalone(b, e.PayloadLength)
	return append(b, e.PayloadDigest[:]...)
}

// DecodeEntry reads what AppendEntry wrote, and nothing else, from the front of
// b. It returns the rest of b.
func DecodeEntry(b []byte) (e Entry, rest []byte, err error) {
	c := cursor{b: b, canonical: true}
	e = c.entry()
	return decoded(&c, e)
}

// DecodeEntryAny reads any encoding of an entry (Encodings, EncodeEntry): numbers
// in it may be longer than they have to be.
func DecodeEntryAny(b []byte) (e Entry, rest []byte, err error) {
	c := cursor{b: b}
	e = c.entry()
	return decoded(&c, e)
}

func (c *cursor) entry() (e Entry) {
	e.Namespace = c.array()
	e.Subspace = c.array()
	e.Path = c.path(Path{})
	e.Timestamp = Timestamp(c.standalone())
	e.PayloadLength = c.standalone()
	e.PayloadDigest = c.array()
	return e
}
