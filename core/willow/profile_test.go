package willow

import (
	"slices"
	"testing"

	"github.com/zeebo/blake3"

	"meadow/core/key"
)

// TestProfiles checks the facts of the profiles: the default entry encodes to 99
// bytes, and the default token's signature, made elsewhere, is of these. The key
// to make it with is public.
func TestProfiles(t *testing.T) {
	secret := key.DeviceFromSeed([32]byte{
		94, 20, 172, 228, 210, 200, 2, 143, 200, 154, 143, 4, 118, 91, 25, 210,
		205, 117, 45, 145, 187, 55, 60, 12, 158, 212, 118, 39, 107, 92, 69, 65,
	})
	for _, p := range []Profile{MDN1, Willow25} {
		d := p.Default()
		b := AppendEntry(nil, d.Entry)
		if len(b) != 99 {
			t.Errorf("%s: the default entry has %d bytes, want 99", p.Name, len(b))
		}
		if key.Receiver(p.DefaultNamespace) != secret.Receiver() || p.DefaultNamespace.Owned() {
			t.Errorf("%s: the default namespace isn't the known communal one", p.Name)
		}
		if !secret.Receiver().Verify(b, d.Token.Signature) || secret.Sign(b) != d.Token.Signature {
			t.Errorf("%s: the default token doesn't verify", p.Name)
		}
		if want := slices.Concat([]byte{0x40}, p.DefaultNamespace[:], p.DefaultSubspace[:]); !slices.Equal(d.Token.Capability, want) {
			t.Errorf("%s: the default capability is %x", p.Name, d.Token.Capability)
		}
	}
	if MDN1.Communal || MDN1.MaxDelegations != 64 || !Willow25.Communal || Willow25.MaxDelegations != 0 {
		t.Error("which namespaces there are, or how often a capability may be handed on")
	}
	if EmptyDigest != Digest(blake3.Sum256(nil)) {
		t.Error("EmptyDigest isn't the hash of nothing")
	}
}
