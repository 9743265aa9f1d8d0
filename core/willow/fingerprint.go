package willow

import (
	"encoding/binary"
	"sync"

	"github.com/zeebo/blake3"
)

// Accumulator is an LtHash-16/1024 sum over a set of entries: a homomorphic
// hash, so that sets can be joined and entries taken out again without looking
// at the rest. The zero value is the empty set's.
//
// The lift of an entry is 2048 bytes of BLAKE3 in derive_key mode with context
// "mdn-willow/1 entry fingerprint" over its canonical encoding; lanes are u16
// little-endian, added modulo 2^16. Tokens and what is held of a payload don't
// count, so that two nodes with the same entries agree.
type Accumulator [1024]uint16

// Fingerprint is the hash of an Accumulator: BLAKE3 derive_key with context
// "mdn-willow/1 fingerprint" over its lanes, little-endian.
type Fingerprint [32]byte

// Add puts e into the set. Adding an entry twice counts it twice.
func (a *Accumulator) Add(e Entry) { a.lift(e, false) }

// Remove takes e out of the set.
func (a *Accumulator) Remove(e Entry) { a.lift(e, true) }

// lifts has hashers that have derived their key: each has 10 KiB.
var lifts = sync.Pool{New: func() any { return blake3.NewDeriveKey("mdn-willow/1 entry fingerprint") }}

func (a *Accumulator) lift(e Entry, negative bool) {
	h := lifts.Get().(*blake3.Hasher)
	defer lifts.Put(h)
	h.Reset()
	var buf [512]byte
	_, _ = h.Write(AppendEntry(buf[:0], e)) // never fails, see blake3
	var lanes [2 * len(a)]byte
	_, _ = h.Digest().Read(lanes[:])
	for i := range a {
		v := binary.LittleEndian.Uint16(lanes[2*i:])
		if negative {
			v = -v
		}
		a[i] += v
	}
}

// Join adds all of b's set to a's.
func (a *Accumulator) Join(b *Accumulator) {
	for i := range a {
		a[i] += b[i]
	}
}

// Subtract takes all of b's set out of a's.
func (a *Accumulator) Subtract(b *Accumulator) {
	for i := range a {
		a[i] -= b[i]
	}
}

// Bytes returns the 2048 bytes that AccumulatorFromBytes reads.
func (a *Accumulator) Bytes() []byte {
	b := make([]byte, 0, 2*len(a))
	for _, v := range a {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	return b
}

// AccumulatorFromBytes is the inverse of Bytes; ok is false if b has another
// length.
func AccumulatorFromBytes(b []byte) (a *Accumulator, ok bool) {
	a = new(Accumulator)
	if len(b) != 2*len(a) {
		return nil, false
	}
	for i := range a {
		a[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return a, true
}

// Fingerprint hashes the sum. Equal sets have equal fingerprints.
func (a *Accumulator) Fingerprint() (f Fingerprint) {
	h := blake3.NewDeriveKey("mdn-willow/1 fingerprint")
	_, _ = h.Write(a.Bytes())
	h.Sum(f[:0])
	return f
}
