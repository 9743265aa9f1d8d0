package nearby

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"net/netip"
	"slices"
	"time"

	"github.com/zeebo/blake3"

	"meadow/core/key"
)

const (
	maxAddrs = 8 // in an announcement
	daysOff  = 2 // how far clocks may be apart
)

type (
	// salt makes an announcement unlike any other, and names it.
	salt [16]byte
	// hash shows that its maker knows a device's key.
	hash [16]byte
)

func newSalt() (s salt) {
	rand.Read(s[:]) // never fails, see crypto/rand
	return s
}

var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func text(b []byte) string { return encoding.EncodeToString(b) }

// decodeText reads what text wrote of exactly len(b) bytes.
func decodeText(b []byte, s string) bool {
	got, err := encoding.DecodeString(s)
	return err == nil && len(got) == len(b) && copy(b, got) == len(b) && text(b) == s
}

// place is where an announcement says a device is.
type place struct {
	port  uint16
	addrs []netip.Addr // ascending, distinct, without zones, at most maxAddrs
}

// newPlace takes the first addresses.
func newPlace(port uint16, addrs []netip.Addr) place {
	addrs = slices.Clone(addrs[:min(len(addrs), maxAddrs)])
	for i, a := range addrs {
		addrs[i] = a.WithZone("").Unmap()
	}
	slices.SortFunc(addrs, func(a, b netip.Addr) int {
		x, y := a.As16(), b.As16()
		return slices.Compare(x[:], y[:])
	})
	return place{port, slices.Compact(addrs)}
}

func (p place) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, p.port)
	for _, a := range p.addrs {
		a := a.As16()
		b = append(b, a[:]...)
	}
	return b
}

func day(t time.Time) uint32 { return uint32(t.Unix() / 86400) }

// hasher computes hashes; it is for one goroutine.
type hasher struct {
	b3    *blake3.Hasher
	input []byte
}

func newHasher() *hasher { return &hasher{b3: blake3.NewDeriveKey("mdn-nearby/1")} }

func (h *hasher) hash(id key.Endpoint, day uint32, s salt, p place) (sum hash) {
	h.input = append(h.input[:0], id[:]...)
	h.input = binary.BigEndian.AppendUint32(h.input, day)
	h.input = append(h.input, s[:]...)
	h.input = p.append(h.input)
	h.b3.Reset()
	_, _ = h.b3.Write(h.input)        // never fails
	_, _ = h.b3.Digest().Read(sum[:]) // never fails
	return sum
}

// match returns the device whose hash it is. It costs up to hashes(len(known)).
func (h *hasher) match(known []key.Endpoint, today uint32, a announcement) (key.Endpoint, bool) {
	for _, off := range [...]uint32{0, 1, ^uint32(0), 2, ^uint32(1)} {
		for _, id := range known {
			if h.hash(id, today+off, a.salt, a.place) == a.hash {
				return id, true
			}
		}
	}
	return key.Endpoint{}, false
}

func hashes(known int) int { return known * (2*daysOff + 1) }
