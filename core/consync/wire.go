package consync

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Version history of the wire. A protocol with another major version has another
// name (mdn-willow/1); Minor counts what was added to one since.
//
//	1.0  the first
//	1.1  types from 0x40 on are optional: who doesn't know one passes over it
//
// Nodes of 1.0 end a session in which a type comes that they don't know. So
// whatever is added to a message of theirs, or comes as a new one below 0x40,
// ends it; an optional message isn't sent before the peer's Hello has said, by
// way of Config.OnHello, that it speaks 1.1.
//
// A stream begins with one byte that says what it is. A control stream is then
// a sequence of frames in each direction:
//
//	u32 big-endian length | u8 type | body        length counts type and body
//
// Numbers (n below) are minimal varints. h is the sender's handle of an
// interest: the index of its hash among all that the sender has sent. q is a
// question's number, counted from 1 by its asker over the whole session and not
// sent where it is asked. Ranges are encode_3drange_relative_3drange, relative
// to the range of all entries. Paths, capabilities and entries are Willow's.
const (
	streamControl byte = 0x01 // frames, both ways; the initiator's first stream
	streamPayload byte = 0x02 // one request, answered by blob.Provide's bytes
)

// The types of messages, with the layout of their bodies.
const (
	typeHello      byte = 0x01 // opaque bytes, at most HelloLimit
	typeInterests  byte = 0x02 // 32-byte hashes
	typeRead       byte = 0x03 // h | capability
	typeSetHash    byte = 0x04 // h | 32-byte hash of the statement set
	typeSetIDs     byte = 0x05 // h | flags (1: last) | 32-byte ids
	typeStatements byte = 0x06 // h | flags (1: last) | n | n × (n length | bytes)
	typeState      byte = 0x07 // h | flags (1: applied) | 32-byte fingerprint | n missing
	typeStop       byte = 0x08 // h
	typeSplit      byte = 0x10 // h | q answered, 0: root | n | n × (range | 32-byte fingerprint): asks n
	typeEqual      byte = 0x11 // n | n × (q answered)
	typeHave       byte = 0x12 // h | q answered, 0: root | n | n × 16-byte id: asks 1
	typeWant       byte = 0x13 // q of a Have | n | n × (n index, less the one before and 1): asks 1
	typeEnd        byte = 0x14 // q answered
	typeCapability byte = 0x18 // u8 slot | capability
	typeEntries    byte = 0x19 // h | n | n × entry, see entries.go
	typeAvailable  byte = 0x1a // h | flags (1: anything) | n | n × item, see available
	typeKeepAlive  byte = 0x1f // nothing
	typeOptional   byte = 0x40 // and above: none yet
)

// Minor is the minor version of the wire that this package speaks, and
// minorOptional the one from which on optional messages may be sent.
const (
	Minor         = 1
	minorOptional = 1
)

// Limits on what one frame may hold. Lengths are checked before anything is
// allocated.
const (
	frameLimit      = 64 << 10  // type and body, for all types but these:
	statementsLimit = 128 << 10 // Statements: one statement may have 64 KiB
	entriesLimit    = 512 << 10 // Entries, Available: they carry payloads

	// HelloLimit is the greatest length of a Hello, in bytes.
	HelloLimit = 16 << 10
	// NamespaceLimit is how many hashes a peer may send in a session.
	NamespaceLimit = 4096
)

// greets reports whether messages of a type may come before anything has been
// exchanged. The others answer, or follow, a State of ours.
func greets(typ byte) bool {
	switch typ {
	case typeHello, typeInterests, typeRead, typeSetHash, typeSetIDs, typeStatements, typeState, typeStop, typeKeepAlive:
		return true
	default:
		return false
	}
}

const frameHeader = 4

func limitOf(typ byte) int {
	switch typ {
	case typeEntries, typeAvailable:
		return entriesLimit
	case typeStatements:
		return statementsLimit
	default:
		return frameLimit
	}
}

// appendFrame appends m as a frame.
func appendFrame(b []byte, m message) []byte {
	at := len(b)
	b = append(b, 0, 0, 0, 0, m.kind())
	b = m.append(b)
	binary.BigEndian.PutUint32(b[at:], uint32(len(b)-at-frameHeader))
	return b
}

// readFrame reads one frame and returns its type and body in a buffer of its own.
func readFrame(r io.Reader) (typ byte, body []byte, err error) {
	var head [frameHeader + 1]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	length, typ := binary.BigEndian.Uint32(head[:]), head[frameHeader]
	if length == 0 || uint64(length) > uint64(limitOf(typ)) {
		return 0, nil, fmt.Errorf("%w: type %#x with length %d", errMalformed, typ, length)
	}
	body = make([]byte, length-1)
	if _, err := io.ReadFull(r, body); err != nil {
		return 0, nil, fmt.Errorf("frame cut short: %w", err)
	}
	return typ, body, nil
}
