package meadowcap

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"meadow/core/key"
	"meadow/core/willow"
)

// collidingArea returns an area that an attacker would ask a share of: its
// handover by c's receiver is also an entry in a namespace that begins with
// byte e0 and 31 bytes of the area's subspace. The entry's path runs on through
// the signature that the handover covers; of that, the last two bytes are read
// as timestamp and length.
func collidingArea(subspace willow.SubspaceID) willow.Area {
	component := bytes.Repeat([]byte{'x'}, 40)
	component[28] = 0xc1 // the entry's path: a length of one byte, one component
	component[29] = 10 + 62
	return willow.Area{Subspace: subspace, Path: willow.MustPath(component), Times: willow.AllTimes}
}

// colliding makes capabilities of the full area until one's handover of
// collidingArea is an entry, which nearly every one is.
func colliding(t *testing.T) (c *Capability, e willow.Entry, handover []byte) {
	t.Helper()
	subspace := willow.SubspaceID(namespaceKey(9).Namespace())
	for n := range byte(10) {
		c := NewOwned(namespaceKey(n), Write, alfie.Receiver())
		handover, _ := c.handoverMessage(collidingArea(subspace), betty.Receiver())
		if e, rest, err := willow.DecodeEntry(handover); err == nil && len(rest) == 0 {
			return c, e, handover
		}
	}
	t.Fatal("no handover reads as an entry: the test doesn't test")
	return nil, willow.Entry{}, nil
}

func TestDelegateAmbiguous(t *testing.T) {
	c, e, handover := colliding(t)
	// What the attacker would have got: alfie's signature of this entry.
	if e.PayloadDigest != willow.Digest(betty.Receiver()) || !bytes.Equal(willow.AppendEntry(nil, e), handover) {
		t.Fatalf("the handover reads as %+v", e)
	}
	got, err := c.Delegate(alfie, collidingArea(willow.SubspaceID(namespaceKey(9).Namespace())), betty.Receiver())
	if !errors.Is(err, ErrAmbiguous) || got != nil {
		t.Errorf("Delegate: %v, want it refused", err)
	}
	other := collidingArea(willow.SubspaceID{1})
	other.Path = willow.MustPath("files")
	if _, err := c.Delegate(alfie, other, betty.Receiver()); err != nil {
		t.Errorf("an honest area: %v", err)
	}
}

// TestDelegateFullArea: one signature in about 260 makes the handover of a full
// area an entry too, in a namespace of 29 bytes of that signature, which can't
// exist. It must be handed on all the same.
func TestDelegateFullArea(t *testing.T) {
	for n := range 5000 {
		d := key.DeviceFromSeed([key.Size]byte{byte(n), byte(n >> 8), 1})
		c := NewOwned(namespaceKey(1), Write, d.Receiver())
		message, _ := c.handoverMessage(willow.FullArea, betty.Receiver())
		if _, rest, err := willow.DecodeEntry(message); err != nil || len(rest) > 0 {
			continue
		}
		if next, err := c.Delegate(d, willow.FullArea, betty.Receiver()); err != nil || next.Valid() != nil {
			t.Errorf("a full area can't be handed on: %v", err)
		}
		return
	}
	t.Error("no handover of a full area reads as an entry: the test doesn't test")
}

// TestSignAmbiguous: an entry that is at once the handover of the capability it
// is written with. The attacker has put the capability's signature into a path,
// and a key where the digest is.
func TestSignAmbiguous(t *testing.T) {
	// A handover that is an entry, and a capability that includes that entry:
	// the entry's namespace is e0 and 31 bytes, so that one must be an owned
	// namespace, which its holder grinds for.
	_, e, _ := colliding(t)
	if !e.Namespace.Owned() {
		e.Namespace[31] |= 1
	}
	c := &Capability{Mode: Write, Namespace: e.Namespace, User: alfie.Receiver()}
	handover := willow.AppendEntry(nil, e)
	copy(c.Initial[:], handover[len(handover)-96:])
	message, _ := c.handoverMessage(mustArea(t, handover[:len(handover)-96]), key.Receiver(e.PayloadDigest))
	if !bytes.Equal(message, handover) {
		t.Fatal("the entry isn't a handover: the test doesn't test")
	}
	if a, err := Sign(alfie, c, e); !errors.Is(err, ErrAmbiguous) || a.Token.Capability != nil {
		t.Errorf("Sign: %v, want it refused", err)
	}
	e.PayloadLength++
	if _, err := Sign(alfie, c, e); err != nil {
		t.Errorf("an entry that is no handover: %v", err)
	}
}

func mustArea(t *testing.T, b []byte) willow.Area {
	t.Helper()
	a, rest, err := willow.DecodeAreaInArea(b, willow.FullArea)
	if err != nil || len(rest) > 0 {
		t.Fatal(err)
	}
	return a
}

// TestLengths: by their lengths alone the other messages can't be entries or
// handovers.
func TestLengths(t *testing.T) {
	shortestEntry := len(willow.AppendEntry(nil, willow.Entry{}))
	shortestHandover, _ := NewOwned(namespaceKey(1), Read, alfie.Receiver()).handoverMessage(willow.FullArea, betty.Receiver())
	enum := NewEnumeration(namespaceKey(1), alfie.Receiver())
	if shortestEntry != 99 || len(shortestHandover) != 99 {
		t.Errorf("an entry has %d bytes, a handover %d; want 99", shortestEntry, len(shortestHandover))
	}
	if n := len(enum.handoverMessage(betty.Receiver())); n != 96 {
		t.Errorf("an enumeration handover has %d bytes", n)
	}
	if n, m := len(initialMessage(Write, alfie.Receiver())), len(enumerationMessage(alfie.Receiver())); n != 33 || m != 33 {
		t.Errorf("initial authorisations have %d and %d bytes", n, m)
	}
}

// TestFalseAlarms counts honest shares that would be refused: next to none.
func TestFalseAlarms(t *testing.T) {
	refused := 0
	const n = 100_000
	c := NewOwned(namespaceKey(1), Write, alfie.Receiver())
	shared := willow.Area{Subspace: willow.SubspaceID(c.Namespace), Path: willow.MustPath("files"), Times: willow.AllTimes}
	random := rand.NewChaCha8([32]byte{})
	for range n {
		_, _ = random.Read(c.Initial[:]) // never fails
		c.Initial[63] &= 0x0f            // S is below L
		message, length := c.handoverMessage(shared, betty.Receiver())
		if readsAsEntry(message, length) {
			refused++
		}
	}
	t.Logf("%d of %d refused", refused, n)
	if refused > n/2000 {
		t.Errorf("%d of %d shares of a space's files are refused", refused, n)
	}
}
