package meadowcap

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"meadow/core/key"
	"meadow/core/willow"
)

// unlucky is a device whose public key, but for its first byte, reads as the
// beginning of an area of its own subspace: with an open time from the start, told
// in one byte, and a path of one component, whose length it returns. One key in some
// ten thousand reads as an area in one way or another; this one was searched for.
func unlucky(t *testing.T) (d key.Device, length int) {
	t.Helper()
	d = key.DeviceFromSeed([key.Size]byte{0x69, 0x07, 0x02, 77})
	r := d.Receiver()
	if r[0]&1 != 0 || r[1] != 0x60 || r[3] != 0xc1 || r[4] < 27+20 {
		t.Fatalf("%v isn't such a key: the test doesn't test", r)
	}
	return d, int(r[4])
}

// collision is a share that an attacker asks a user of an unlucky key for, in a
// namespace that they made up: signing it would sign an entry in another one, the
// newest that can be, whose payload is whatever has the receiver's key as its hash.
func collision(t *testing.T) (d key.Device, ns willow.NamespaceID, area willow.Area, e willow.Entry) {
	t.Helper()
	d, length := unlucky(t)
	user := d.Receiver()
	e = willow.Entry{
		Namespace: willow.NamespaceID(bytes.Repeat([]byte{0x42}, key.Size)), Subspace: willow.SubspaceID(user),
		Timestamp: ^willow.Timestamp(0), PayloadDigest: willow.Digest(betty.Receiver()),
	}
	e.Namespace[0] = communalRead
	// The area's path goes on in the entry, through its path, time and length.
	e.Path = willow.MustPath(string(bytes.Repeat([]byte{'x'}, length-27-12)))
	message := willow.AppendEntry(nil, e)
	ns = willow.NamespaceID(message[1 : 1+key.Size])
	area, rest, err := willow.DecodeAreaInArea(message[1+key.Size:], willow.SubspaceArea(willow.SubspaceID(user)))
	if err != nil || !bytes.Equal(rest, e.PayloadDigest[:]) {
		t.Fatalf("the entry isn't a handover: %v, %x", err, rest)
	}
	return d, ns, area, e
}

// TestCommunalCollision: a share of a folder that is a forged entry isn't signed,
// nor is the entry, which is a share.
func TestCommunalCollision(t *testing.T) {
	d, ns, area, e := collision(t)
	c := NewCommunal(ns, Read, d.Receiver())
	if message, _ := c.handoverMessage(area, betty.Receiver()); !bytes.Equal(message, willow.AppendEntry(nil, e)) {
		t.Fatal("the two don't collide: the test doesn't test")
	}
	if got, err := c.Delegate(d, area, betty.Receiver()); !errors.Is(err, ErrAmbiguous) || got != nil {
		t.Errorf("Delegate: %v, want it refused", err)
	}
	area.Path = willow.MustPath("files")
	if _, err := c.Delegate(d, area, betty.Receiver()); err != nil {
		t.Errorf("an honest area: %v", err)
	}

	if e.Namespace.Owned() {
		t.Fatal("the entry's namespace has an owner")
	}
	writing := NewCommunal(e.Namespace, Write, d.Receiver())
	if a, err := Sign(d, writing, e); !errors.Is(err, ErrAmbiguous) || a.Token.Capability != nil {
		t.Errorf("Sign: %v, want it refused", err)
	}
	e.Timestamp = 5000
	if _, err := Sign(d, writing, e); err != nil {
		t.Errorf("an honest entry: %v", err)
	}
}

// TestFirstHandoverAsLater: the share of a made-up namespace would hand on quite
// another capability of its signer, one with an end of its times, whose signature
// the attacker knows and puts into the path.
func TestFirstHandoverAsLater(t *testing.T) {
	victim := chain(t, Write)[3] // dalton's, of thisYear
	// What the attacker would like to have: a smaller area of it. Times that are
	// told back from the end begin with 00 or 01, as first handovers do.
	wish := thisYear
	wish.Times = willow.TimeRange{Start: 1990, End: 1995}
	message := wantedHandover(t, victim, wish, dalton.Receiver())
	ns := willow.NamespaceID(message[1 : 1+key.Size])
	area, rest, err := willow.DecodeAreaInArea(message[1+key.Size:], willow.SubspaceArea(willow.SubspaceID(dalton.Receiver())))
	if err != nil || len(rest) != key.Size || ns.Owned() {
		t.Fatalf("the handover isn't one of a communal namespace: %v, %d, %v", err, len(rest), ns)
	}
	c := NewCommunal(ns, Mode(message[0]), dalton.Receiver())
	if first, _ := c.handoverMessage(area, betty.Receiver()); !bytes.Equal(first, message) {
		t.Fatal("the two don't collide: the test doesn't test")
	}
	if _, err := c.Delegate(dalton, area, betty.Receiver()); !errors.Is(err, ErrAmbiguous) {
		t.Errorf("the first handover: %v, want it refused", err)
	}
	if !readsAsFirstHandover(message, dalton.Receiver()) {
		t.Error("the later handover isn't seen to be a first one")
	}
}

// wantedHandover returns the handover of an area like wish to betty that is also
// the first one of a communal namespace by the user: with a last component of some
// length, which ends in the beginning of an area whose path runs to the end of the
// signature.
func wantedHandover(t *testing.T, c *Capability, wish willow.Area, user key.Receiver) []byte {
	t.Helper()
	for at := range 40 {
		for length := range 120 {
			name := bytes.Repeat([]byte{'n'}, at+5)
			copy(name[at:], []byte{0x60, 0x00, 0xc1, byte(length)})
			smaller, err := wish.Path.Append(string(name))
			if err != nil {
				t.Fatal(err)
			}
			area := wish
			area.Path = smaller
			message, _ := c.handoverMessage(area, betty.Receiver())
			if readsAsFirstHandover(message, user) {
				return message
			}
		}
	}
	t.Fatal("no handover reads as a first one: the test doesn't test")
	return nil
}

// TestFirstHandoverAsEnumeration: a first handover of 96 bytes may be one of an
// enumeration capability, if the path ends like a signature.
func TestFirstHandoverAsEnumeration(t *testing.T) {
	c := NewCommunal(communalKey(1), Read, alfie.Receiver())
	area := willow.SubspaceArea(willow.SubspaceID(alfie.Receiver()))
	name := bytes.Repeat([]byte{'x'}, 27)
	for _, test := range []struct {
		last byte
		want error
	}{{'x', nil}, {0x10, ErrAmbiguous}, {0x11, nil}} {
		name[len(name)-1] = test.last
		area.Path = willow.MustPath(string(name))
		if message, _ := c.handoverMessage(area, betty.Receiver()); len(message) != 96 {
			t.Fatalf("the handover has %d bytes", len(message))
		}
		if _, err := c.Delegate(alfie, area, betty.Receiver()); !errors.Is(err, test.want) {
			t.Errorf("a path that ends in %x: %v, want %v", test.last, err, test.want)
		}
	}
	// And the other way round, by an authorisation that reads so.
	enum := NewEnumeration(namespaceKey(1), alfie.Receiver())
	message, _ := c.handoverMessage(area, betty.Receiver())
	enum = &Enumeration{Namespace: enum.Namespace, User: enum.User, Initial: key.Signature(slices.Clone(message[:64]))}
	if !readsAsFirstHandover(enum.handoverMessage(betty.Receiver()), alfie.Receiver()) {
		t.Error("the handover isn't seen to be a first one")
	}
}
