package consync

import (
	"encoding/binary"

	"meadow/core/blob"
	"meadow/core/key"
	"meadow/core/willow"
)

// One entry of an Entries message. The first is relative to the subspace of
// zeros and the empty path, each other one to the entry before it:
//
//	flags (1: subspace follows, 2: payload follows)
//	[32-byte subspace]     iff it is not the one before
//	encode_path_rel_path   relative to the path before
//	u64 big-endian timestamp | n payload length | 32-byte digest
//	u8 capability slot | 64-byte signature
//	[payload]              payload length bytes, at most blob.InlineLimit
const (
	entrySubspace byte = 1
	entryPayload  byte = 2

	// entryLeast is the least length of an entry on the wire.
	entryLeast = 1 + 1 + 8 + 1 + 32 + 1 + 64
)

// wireEntry is an entry as it travels: the namespace follows from the message's
// handle, the capability from its slot.
type wireEntry struct {
	entry     willow.Entry // without its namespace
	slot      byte
	signature key.Signature
	inline    bool
	payload   []byte // if inline
}

// entries is the Entries message.
type entries struct {
	handle handle
	list   []wireEntry
}

func (entries) kind() byte { return typeEntries }

func (m entries) append(b []byte) []byte {
	b = appendUint(b, m.handle)
	b = appendUint(b, len(m.list))
	var prev willow.Entry
	for _, e := range m.list {
		b = appendWireEntry(b, e, prev)
		prev = e.entry
	}
	return b
}

func appendWireEntry(b []byte, w wireEntry, prev willow.Entry) []byte {
	e, flags := w.entry, byte(0)
	if e.Subspace != prev.Subspace {
		flags |= entrySubspace
	}
	if w.inline {
		flags |= entryPayload
	}
	b = append(b, flags)
	if flags&entrySubspace != 0 {
		b = append(b, e.Subspace[:]...)
	}
	b = willow.AppendPathRelative(b, e.Path, prev.Path)
	b = binary.BigEndian.AppendUint64(b, uint64(e.Timestamp))
	b = appendUint(b, e.PayloadLength)
	b = append(b, e.PayloadDigest[:]...)
	b = append(b, w.slot)
	b = append(b, w.signature[:]...)
	if w.inline {
		b = append(b, w.payload...)
	}
	return b
}

// decodeEntries decodes the body of an Entries message. Payloads remain part of
// body. What it accepts, append would write again, byte for byte.
func decodeEntries(body []byte) (entries, error) {
	d := &decoder{b: body}
	m := entries{handle: d.handle()}
	n := d.count(entryLeast)
	m.list = make([]wireEntry, 0, n)
	var prev willow.Entry
	for range n {
		w := decodeWireEntry(d, prev)
		m.list, prev = append(m.list, w), w.entry
	}
	if err := d.end(); err != nil {
		return entries{}, err
	}
	return m, nil
}

func decodeWireEntry(d *decoder, prev willow.Entry) (w wireEntry) {
	flags := d.flags(entrySubspace | entryPayload)
	e := &w.entry
	e.Subspace = prev.Subspace
	if flags&entrySubspace != 0 {
		if e.Subspace = d.hash(); e.Subspace == prev.Subspace {
			d.fail("subspace given twice")
		}
	}
	e.Path = sub(d,
		func(b []byte) (willow.Path, []byte, error) { return willow.DecodePathRelative(b, prev.Path) },
		func(b []byte, p willow.Path) []byte { return willow.AppendPathRelative(b, p, prev.Path) })
	if t := d.bytes(8); t != nil {
		e.Timestamp = willow.Timestamp(binary.BigEndian.Uint64(t))
	}
	e.PayloadLength = d.number()
	e.PayloadDigest = d.hash()
	w.slot = d.byte()
	copy(w.signature[:], d.bytes(uint64(len(w.signature))))
	if flags&entryPayload != 0 {
		if w.inline = true; e.PayloadLength > blob.InlineLimit {
			d.fail("inline payload of %d bytes", e.PayloadLength)
		}
		w.payload = d.bytes(e.PayloadLength)
	}
	return w
}
