// Package key has the key types of Meadow, one type for each purpose, so that
// the compiler keeps them apart.
//
// A device has one ed25519 key pair. Its public half appears in two roles: as
// [Endpoint], the TLS identity that other devices dial, and as [Receiver], the
// Meadowcap user that capabilities are given to. They are distinct types and
// distinct fields in every format, so that a device can later have a receiver
// of its own for each relationship. A [Namespace] is the public key of a Willow
// namespace; its secret is held only from the namespace's creation to its first
// handovers.
//
// Every signature is judged by one strict rule, [Verify]: what one node accepts
// all nodes accept, or their stores would drift apart.
//
// Public keys print as 64 lower-case hex digits. Secret keys never print, are
// not comparable with ==, and leave this package only through Seed, for storing
// them.
package key

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
)

// Size is the length in bytes of a public key and of a secret seed.
const Size = 32

// ErrFormat is wrapped by every parse error of this package.
var ErrFormat = errors.New("malformed key")

type (
	// Endpoint is the public key by which a device is dialled.
	Endpoint [Size]byte
	// Receiver is the public key that a Meadowcap capability is given to and
	// that signs entries. Meadowcap calls it a user key.
	Receiver [Size]byte
	// Namespace is the public key of a Willow namespace. The lowest bit of its
	// last byte tells owned (1) from communal (0) namespaces.
	Namespace [Size]byte
)

// Signature is an ed25519 signature.
type Signature [ed25519.SignatureSize]byte

// String returns k as 64 lower-case hex digits.
func (k Endpoint) String() string { return hex.EncodeToString(k[:]) }

// String returns k as 64 lower-case hex digits.
func (k Receiver) String() string { return hex.EncodeToString(k[:]) }

// String returns k as 64 lower-case hex digits.
func (k Namespace) String() string { return hex.EncodeToString(k[:]) }

// ParseEndpoint parses the form that String writes, in either case.
func ParseEndpoint(s string) (Endpoint, error) {
	k, err := parse(s)
	return Endpoint(k), err
}

// ParseReceiver parses the form that String writes, in either case.
func ParseReceiver(s string) (Receiver, error) {
	k, err := parse(s)
	return Receiver(k), err
}

// ParseNamespace parses the form that String writes, in either case.
func ParseNamespace(s string) (Namespace, error) {
	k, err := parse(s)
	return Namespace(k), err
}

func parse(s string) (k [Size]byte, err error) {
	if len(s) != 2*Size {
		return k, fmt.Errorf("%w: want %d hex digits, have %d characters", ErrFormat, 2*Size, len(s))
	}
	if _, err := hex.Decode(k[:], []byte(s)); err != nil {
		return [Size]byte{}, fmt.Errorf("%w: not hex", ErrFormat)
	}
	return k, nil
}

// Owned reports whether n is an owned namespace: one whose access is decided by
// the holder of its secret, not by anyone (Willow'25, is_communal).
func (n Namespace) Owned() bool { return n[Size-1]&1 == 1 }

// Verify reports whether sig is k's signature of msg, by the strict rule.
func (k Receiver) Verify(msg []byte, sig Signature) bool { return Verify(k, msg, sig) }

// Verify reports whether sig is n's signature of msg, by the strict rule.
func (n Namespace) Verify(msg []byte, sig Signature) bool { return Verify(n, msg, sig) }

// Device is the secret key of a device. The zero value is not a key.
type Device struct{ secret }

// NamespaceSecret is the secret key of a namespace. The zero value is not a key.
type NamespaceSecret struct{ secret }

// NewDevice makes a device key from the system's randomness.
func NewDevice() Device {
	var seed [Size]byte
	rand.Read(seed[:]) // never fails, see crypto/rand
	return DeviceFromSeed(seed)
}

// DeviceFromSeed returns the device key whose RFC 8032 seed is seed.
func DeviceFromSeed(seed [Size]byte) Device { return Device{newSecret(seed)} }

// Endpoint returns the public key that others dial.
func (d Device) Endpoint() Endpoint { return Endpoint(d.public()) }

// Receiver returns the public key that capabilities are given to.
func (d Device) Receiver() Receiver { return Receiver(d.public()) }

// TLS returns the key as crypto/tls wants it. It is for core/endpoint only.
func (d Device) TLS() ed25519.PrivateKey { return d.private }

// NamespaceFromSeed returns the namespace key whose RFC 8032 seed is seed.
func NamespaceFromSeed(seed [Size]byte) NamespaceSecret { return NamespaceSecret{newSecret(seed)} }

// NewOwnedNamespace draws random seeds until one gives a namespace that Meadow
// may create, see [Namespace.Creatable].
func NewOwnedNamespace() NamespaceSecret {
	for {
		var seed [Size]byte
		rand.Read(seed[:])
		if n := NamespaceFromSeed(seed); n.Namespace().Creatable() {
			return n
		}
	}
}

// Creatable reports whether Meadow creates namespaces with this id: owned, and
// with a first byte above 04, so that no Meadowcap handover or initial
// authorisation can be read as an entry of it (FORMATS, "Keys from words").
func (n Namespace) Creatable() bool { return n.Owned() && n[0] > 0x04 }

// Namespace returns the namespace's public key.
func (s NamespaceSecret) Namespace() Namespace { return Namespace(s.public()) }

// secret is an ed25519 key pair that doesn't print and doesn't compare.
type secret struct {
	_       [0]func()
	private ed25519.PrivateKey
}

func newSecret(seed [Size]byte) secret {
	return secret{private: ed25519.NewKeyFromSeed(seed[:])}
}

func (s secret) public() (k [Size]byte) {
	copy(k[:], s.private[ed25519.SeedSize:])
	return k
}

// IsZero reports whether s is the zero value, no key at all.
func (s secret) IsZero() bool { return len(s.private) == 0 }

// Seed returns the RFC 8032 seed, for writing the key to its file.
func (s secret) Seed() (seed [Size]byte) {
	copy(seed[:], s.private.Seed())
	return seed
}

// Sign signs msg. Only packages that build typed messages call it: what is
// signed must be unreadable as anything else (DESIGN, section 6).
func (s secret) Sign(msg []byte) (sig Signature) {
	copy(sig[:], ed25519.Sign(s.private, msg))
	return sig
}

// Format hides the key from every verb of package fmt.
func (secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, "secret key") }

// GoString hides the key from %#v.
func (secret) GoString() string { return "secret key" }
