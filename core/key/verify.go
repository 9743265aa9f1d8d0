package key

import (
	"crypto/ed25519"

	"filippo.io/edwards25519"
)

// Verify reports whether sig is a valid ed25519 signature of msg by public,
// under the strict rule of profile MDN-1: RFC 8032 verification as in
// crypto/ed25519 (S < L, cofactorless, R compared bytewise), and neither the
// public key nor R may be of small order or a non-canonical encoding. What has
// a small-order component besides, a point of mixed order, is accepted.
//
// The rule is part of the protocol: nodes that judged a signature differently
// would never agree on the entries they hold.
func Verify[K ~[Size]byte](public K, msg []byte, sig Signature) bool {
	// Comparing bytes is enough: that R is canonical follows from ed25519.Verify,
	// which compares it with an encoding that it has made itself.
	k := [Size]byte(public)
	return canonical(&k) && !smallOrder(&k) && !smallOrder((*[Size]byte)(sig[:Size])) &&
		ed25519.Verify(k[:], msg, sig[:])
}

// Usable reports whether k is the canonical encoding of a curve point that is
// not of small order. Only such keys are accepted anywhere.
func Usable(k [Size]byte) bool {
	if !canonical(&k) || smallOrder(&k) {
		return false
	}
	_, err := new(edwards25519.Point).SetBytes(k[:])
	return err == nil
}

// canonical reports whether the y coordinate in k, little-endian without the
// top bit, is less than p = 2^255 - 19. The other way not to be canonical, the
// sign bit set although x is 0, makes a point of small order.
func canonical(k *[Size]byte) bool {
	if k[Size-1]&0x7f != 0x7f {
		return true
	}
	for i := Size - 2; i > 0; i-- {
		if k[i] != 0xff {
			return true
		}
	}
	return k[0] < 0xed
}

// smallOrders are the y coordinates of the eight points of small order: orders
// 4, 1, 2 and 8. All but the second and third belong to two points.
var smallOrders = [...][Size]byte{
	{},
	{0x01},
	{
		0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
	},
	{
		0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
		0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
	},
	{
		0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
		0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
	},
}

// smallOrder reports whether k, if it is canonical, encodes a point of small
// order, with either sign.
func smallOrder(k *[Size]byte) bool {
	y := *k
	y[Size-1] &= 0x7f
	for i := range smallOrders {
		if y == smallOrders[i] {
			return true
		}
	}
	return false
}
