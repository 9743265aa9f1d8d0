package key_test

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	"meadow/core/key"
)

// TestOracleSignFresh checks fresh signatures against crypto/ed25519.
func TestOracleSignFresh(t *testing.T) {
	for n := range byte(50) {
		d := key.DeviceFromSeed([key.Size]byte{n})
		msg := bytes.Repeat([]byte{n}, int(n))
		first, second := d.SignFresh(msg), d.SignFresh(msg)
		if first == second || first == d.Sign(msg) {
			t.Fatal("a fresh signature isn't")
		}
		r := d.Receiver()
		for _, sig := range []key.Signature{first, second} {
			if !r.Verify(msg, sig) || !ed25519.Verify(r[:], msg, sig[:]) {
				t.Fatal("a fresh signature isn't valid")
			}
			if r.Verify(append(msg, 0), sig) {
				t.Fatal("it is valid for another message")
			}
		}
	}
}
