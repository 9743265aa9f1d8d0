package mdn

import (
	"crypto/ecdh"
	"crypto/hpke"
	"errors"
	"fmt"

	"meadow/core/key"
	"meadow/core/willow"
)

// sealInfo is the HPKE info of sealed seeds; the space's id is the associated
// data (FORMATS, "Keys from words").
const sealInfo = "mdn-seed/1"

// Lengths of a sealed seed: X25519 encapsulation, and seed with the AEAD's tag.
const (
	encLength        = 32
	ciphertextLength = key.Size + 16
)

// ErrSeed is wrapped when a sealed seed can't be opened, or opens to a seed
// that isn't the space's.
var ErrSeed = errors.New("sealed seed doesn't open")

// SealSeed encrypts the seed of a space to a recovery key.
func SealSeed(recovery *ecdh.PublicKey, s key.NamespaceSecret) (Seed, error) {
	pub, err := hpke.NewDHKEMPublicKey(recovery)
	if err != nil {
		return Seed{}, fmt.Errorf("seal seed: %w", err)
	}
	enc, sender, err := hpke.NewSender(pub, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), []byte(sealInfo))
	if err != nil {
		return Seed{}, fmt.Errorf("seal seed: %w", err)
	}
	space, seed := s.Namespace(), s.Seed()
	ciphertext, err := sender.Seal(space[:], seed[:])
	if err != nil {
		return Seed{}, fmt.Errorf("seal seed: %w", err)
	}
	return Seed{Space: space, Enc: [encLength]byte(enc), Ciphertext: [ciphertextLength]byte(ciphertext)}, nil
}

// Open decrypts the seed and checks that it is the space's.
func (s Seed) Open(recovery *ecdh.PrivateKey) (key.NamespaceSecret, error) {
	priv, err := hpke.NewDHKEMPrivateKey(recovery)
	if err != nil {
		return key.NamespaceSecret{}, fmt.Errorf("%w: %w", ErrSeed, err)
	}
	recipient, err := hpke.NewRecipient(s.Enc[:], priv, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), []byte(sealInfo))
	if err != nil {
		return key.NamespaceSecret{}, fmt.Errorf("%w: %w", ErrSeed, err)
	}
	seed, err := recipient.Open(s.Space[:], s.Ciphertext[:])
	if err != nil || len(seed) != key.Size {
		return key.NamespaceSecret{}, fmt.Errorf("%w: sealed to another key or altered", ErrSeed)
	}
	secret := key.NamespaceFromSeed([key.Size]byte(seed))
	if secret.Namespace() != willow.NamespaceID(s.Space) {
		return key.NamespaceSecret{}, fmt.Errorf("%w: it is another space's", ErrSeed)
	}
	return secret, nil
}
