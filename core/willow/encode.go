package willow

import "encoding/binary"

// AppendEntry appends the canonical encoding of e, encode_entry, which tokens
// sign.
func AppendEntry(b []byte, e Entry) []byte { _ = binary.BigEndian; panic("helper") }
