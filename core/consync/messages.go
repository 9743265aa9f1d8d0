package consync

import (
	"fmt"

	"meadow/core/willow"
)

// message is one message of the control stream.
type message interface {
	kind() byte
	append(b []byte) []byte // the body
}

type (
	hello     struct{ data []byte }
	interests struct{ hashes [][32]byte }
	readShown struct {
		handle     handle
		capability []byte
	}
	setHash struct {
		handle handle
		hash   [32]byte
	}
	setIDs struct {
		handle handle
		last   bool
		ids    [][32]byte
	}
	statements struct {
		handle handle
		last   bool
		raw    [][]byte
	}
	state struct {
		handle      handle
		applied     bool
		fingerprint willow.Fingerprint
		missing     uint64
	}
	stop  struct{ handle handle }
	split struct {
		handle  handle
		answers question
		boxes   []box
	}
	equal struct{ answers []question }
	have  struct {
		handle  handle
		answers question
		ids     []entryID
	}
	want struct {
		about question
		index []int
	}
	end        struct{ answers question }
	capability struct {
		slot     byte
		encoding []byte
	}
	available struct {
		handle   handle
		anything bool
		items    []availableItem
	}
	keepAlive struct{}
)

// handle names an interest: the index of its hash among the sender's.
type handle uint32

// question numbers a question of one side, from 1; 0 is the root, which nobody
// asked.
type question uint64

// entryID is a salted hash of an entry, good for one session.
type entryID [16]byte

// box asks whether the peer's entries in a range have the same fingerprint.
type box struct {
	rng         willow.Range3D
	fingerprint willow.Fingerprint
}

// availableItem says that a payload has become complete at the sender. Bytes
// are there if it is small. Layout:
//
//	32-byte subspace | path | 32-byte digest | flags (1: inline) | [n length | bytes]
type availableItem struct {
	subspace willow.SubspaceID
	path     willow.Path
	digest   willow.Digest
	inline   bool
	bytes    []byte
}

func (hello) kind() byte      { return typeHello }
func (interests) kind() byte  { return typeInterests }
func (readShown) kind() byte  { return typeRead }
func (setHash) kind() byte    { return typeSetHash }
func (setIDs) kind() byte     { return typeSetIDs }
func (statements) kind() byte { return typeStatements }
func (state) kind() byte      { return typeState }
func (stop) kind() byte       { return typeStop }
func (split) kind() byte      { return typeSplit }
func (equal) kind() byte      { return typeEqual }
func (have) kind() byte       { return typeHave }
func (want) kind() byte       { return typeWant }
func (end) kind() byte        { return typeEnd }
func (capability) kind() byte { return typeCapability }
func (available) kind() byte  { return typeAvailable }
func (keepAlive) kind() byte  { return typeKeepAlive }

func (m hello) append(b []byte) []byte { return append(b, m.data...) }

func (m interests) append(b []byte) []byte { return appendHashes(b, m.hashes) }

func (m readShown) append(b []byte) []byte {
	return append(appendUint(b, m.handle), m.capability...)
}

func (m setHash) append(b []byte) []byte { return append(appendUint(b, m.handle), m.hash[:]...) }

func (m setIDs) append(b []byte) []byte {
	return appendHashes(appendFlag(appendUint(b, m.handle), m.last), m.ids)
}

func (m statements) append(b []byte) []byte {
	b = appendFlag(appendUint(b, m.handle), m.last)
	b = appendUint(b, len(m.raw))
	for _, s := range m.raw {
		b = append(appendUint(b, len(s)), s...)
	}
	return b
}

func (m state) append(b []byte) []byte {
	b = appendFlag(appendUint(b, m.handle), m.applied)
	b = append(b, m.fingerprint[:]...)
	return appendUint(b, m.missing)
}

func (m stop) append(b []byte) []byte { return appendUint(b, m.handle) }

func (m split) append(b []byte) []byte {
	b = appendUint(appendUint(b, m.handle), m.answers)
	b = appendUint(b, len(m.boxes))
	for _, x := range m.boxes {
		b = append(appendRange(b, x.rng), x.fingerprint[:]...)
	}
	return b
}

func (m equal) append(b []byte) []byte {
	b = appendUint(b, len(m.answers))
	for _, q := range m.answers {
		b = appendUint(b, q)
	}
	return b
}

func (m have) append(b []byte) []byte {
	b = appendUint(appendUint(b, m.handle), m.answers)
	b = appendUint(b, len(m.ids))
	for _, id := range m.ids {
		b = append(b, id[:]...)
	}
	return b
}

func (m want) append(b []byte) []byte {
	b = appendUint(b, m.about)
	b = appendUint(b, len(m.index))
	next := 0
	for _, i := range m.index {
		b = appendUint(b, i-next)
		next = i + 1
	}
	return b
}

func (m end) append(b []byte) []byte { return appendUint(b, m.answers) }

func (m capability) append(b []byte) []byte { return append(append(b, m.slot), m.encoding...) }

func (m available) append(b []byte) []byte {
	b = appendFlag(appendUint(b, m.handle), m.anything)
	b = appendUint(b, len(m.items))
	for _, it := range m.items {
		b = append(b, it.subspace[:]...)
		b = willow.AppendPath(b, it.path)
		b = append(b, it.digest[:]...)
		b = appendFlag(b, it.inline)
		if it.inline {
			b = append(appendUint(b, len(it.bytes)), it.bytes...)
		}
	}
	return b
}

func (keepAlive) append(b []byte) []byte { return b }

func appendFlag(b []byte, set bool) []byte {
	if set {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendHashes(b []byte, hs [][32]byte) []byte {
	for _, h := range hs {
		b = append(b, h[:]...)
	}
	return b
}

func appendRange(b []byte, r willow.Range3D) []byte {
	return willow.AppendRange3D(b, r, willow.FullRange)
}

// decodeMessage decodes the body of any message but Entries. The result keeps
// parts of body. What it accepts, append would write again, byte for byte.
func decodeMessage(typ byte, body []byte) (message, error) {
	d := &decoder{b: body}
	decode := decoders[typ]
	if decode == nil {
		return nil, fmt.Errorf("%w: unknown type %#x", errMalformed, typ)
	}
	m := decode(d)
	if err := d.end(); err != nil {
		return nil, err
	}
	return m, nil
}
