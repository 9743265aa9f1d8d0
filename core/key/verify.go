package key

import (
	"crypto/ed25519"

	"filippo.io/edwards25519"
)

// Verify reports whether sig is a valid ed25519 signature of msg by public,
// under the strict rule of profile MDN-1: RFC 8032 verification as in
// crypto/ed25519 (S < L, cofactorless, R compared bytewise), and neither the
// public key nor R may be of small order or a non-canonical encoding.
//
// The rule is part of the protocol: nodes that judged a signature differently
// would never agree on the entries they hold.
func Verify[K ~[Size]byte](public K, msg []byte, sig Signature) bool {
	k := [Size]byte(public)
	if !Usable(k) || !Usable([Size]byte(sig[:32])) {
		return false
	}
	return ed25519.Verify(k[:], msg, sig[:])
}

// Usable reports whether k is the canonical encoding of a curve point that is
// not of small order. Only such keys are accepted anywhere.
func Usable(k [Size]byte) bool {
	p, err := new(edwards25519.Point).SetBytes(k[:])
	if err != nil {
		return false
	}
	if [Size]byte(p.Bytes()) != k {
		return false
	}
	return new(edwards25519.Point).MultByCofactor(p).Equal(edwards25519.NewIdentityPoint()) == 0
}
