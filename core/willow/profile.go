package willow

import (
	"encoding/hex"

	"meadow/core/key"
)

// Profile is a choice of Willow's parameters (Data Model, "Parameters"; Willow'25):
// what differs between those that we know. All have 32-byte ids and digests, paths
// of at most 4096, ed25519, and Meadowcap in common. Entries of one profile must not
// come to a store of another: a signature doesn't tell the profile of its entry.
type Profile struct {
	// Name is in the containers and hash contexts of the profile.
	Name string
	// DefaultNamespace, DefaultSubspace and DefaultDigest make the default entry,
	// and DefaultSignature its token, see [Profile.Default].
	DefaultNamespace NamespaceID
	DefaultSubspace  SubspaceID
	DefaultDigest    Digest // of the empty payload
	DefaultSignature key.Signature
	// Communal says that namespaces without an owner exist. Without it all
	// namespaces that aren't owned (see [NamespaceID.Owned]) are refused, but for
	// the default token, which authorises only the default entry.
	Communal bool
	// MaxDelegations is how often a capability may have been handed on; 0 is
	// without limit, as the specification has it.
	MaxDelegations int
}

// The profiles.
var (
	// MDN1 is Meadow's own: payloads are addressed by BLAKE3, and all namespaces
	// have owners.
	MDN1 = Profile{
		Name:             "mdn-willow/1",
		DefaultNamespace: defaultNamespace,
		DefaultSubspace:  SubspaceID(defaultNamespace),
		DefaultDigest:    EmptyDigest,
		DefaultSignature: key.Signature(mustHex("c5eac014c8977d0374bf8bb3c1bc66a94cc565326840a4e00eec91349bc67884" +
			"bb48c7e4dce491935f2c27abcd8504bab4c8fd0b658700c2c9dd09226e3fd500")),
		MaxDelegations: 64,
	}
	// Willow25 is the specification's, with payloads addressed by WILLIAM3, which
	// we don't have: it is of use where a payload's digest is opaque.
	Willow25 = Profile{
		Name:             "willow25",
		DefaultNamespace: defaultNamespace,
		DefaultSubspace:  SubspaceID(defaultNamespace),
		DefaultDigest:    Digest(mustHex("96d34c5478458231e364767952aaea02a31d2203c66f4365692ef91f351068d2")),
		DefaultSignature: key.Signature(mustHex("2ac93ad2c13fedb696345dbac6e71254e99cb444e5e81b916fca0878f0a8a993" +
			"2bd1a4e846e1ca83377b740a29b8570a85038d50662ba8af66e5683c93521401")),
		Communal: true,
	}
)

// defaultNamespace is communal. Its secret key is public (Willow'25, "Default
// Values").
var defaultNamespace = NamespaceID(mustHex("934e6021339e1f013ba94900edc25d8d74c0b4e573768910ae0f507d8c817318"))

func mustHex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// DefaultEntry returns the default entry of a subspace: at the empty path, of the
// time 0 and without payload (Misc Definitions, default_entry).
func DefaultEntry(ns NamespaceID, subspace SubspaceID, empty Digest) Entry {
	return Entry{Namespace: ns, Subspace: subspace, PayloadDigest: empty}
}

// Default returns the profile's default entry with its default token: what the
// first entry of a drop is told relative to. The token's capability is communal,
// for writing, and hasn't been handed on.
func (p Profile) Default() Authorised {
	const communalWrite = 0x40
	c := append([]byte{communalWrite}, p.DefaultNamespace[:]...)
	return Authorised{
		Entry: DefaultEntry(p.DefaultNamespace, p.DefaultSubspace, p.DefaultDigest),
		Token: Token{Capability: append(c, p.DefaultSubspace[:]...), Signature: p.DefaultSignature},
	}
}
