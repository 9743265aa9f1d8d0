package key

import (
	"crypto/rand"
	"crypto/sha512"

	"filippo.io/edwards25519"
)

// SignFresh signs msg as Sign does, but differently each time: RFC 8032 derives
// the signature's nonce from key and message alone, so that what was signed and
// taken back could never be said again in other bytes. Here 32 random bytes go
// into it too. The result is an ordinary signature.
func (s secret) SignFresh(msg []byte) (sig Signature) {
	h := sha512.Sum512(s.private.Seed())
	a := must(new(edwards25519.Scalar).SetBytesWithClamping(h[:Size]))

	var salt [Size]byte
	rand.Read(salt[:]) // never fails, see crypto/rand
	r := hashed(h[Size:], salt[:], msg)
	R := new(edwards25519.Point).ScalarBaseMult(r)
	copy(sig[:Size], R.Bytes())

	public := s.public()
	k := hashed(sig[:Size], public[:], msg)
	S := new(edwards25519.Scalar).MultiplyAdd(k, a, r)
	copy(sig[Size:], S.Bytes())
	return sig
}

// hashed is the SHA-512 of parts, reduced to a scalar.
func hashed(parts ...[]byte) *edwards25519.Scalar {
	h := sha512.New()
	for _, p := range parts {
		_, _ = h.Write(p) // never fails, see hash.Hash
	}
	return must(new(edwards25519.Scalar).SetUniformBytes(h.Sum(nil)))
}

func must(s *edwards25519.Scalar, err error) *edwards25519.Scalar {
	if err != nil {
		panic(err) // the lengths above are constants
	}
	return s
}
