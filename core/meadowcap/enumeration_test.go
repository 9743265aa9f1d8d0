package meadowcap

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"meadow/core/key"
)

func enumerations(t testing.TB) []*Enumeration {
	t.Helper()
	c := NewEnumeration(namespaceKey(1), alfie.Receiver())
	cs := []*Enumeration{c}
	for _, step := range [][2]key.Device{{alfie, betty}, {betty, gemma}} {
		var err error
		if c, err = c.Delegate(step[0], step[1].Receiver()); err != nil {
			t.Fatal(err)
		}
		cs = append(cs, c)
	}
	return cs
}

func TestEnumeration(t *testing.T) {
	for i, c := range enumerations(t) {
		again, err := DecodeEnumeration(c.Encode())
		if err != nil || c.Valid() != nil || again.Valid() != nil || !bytes.Equal(again.Encode(), c.Encode()) {
			t.Errorf("capability %d: %v", i, err)
		}
		if want := []key.Device{alfie, betty, gemma}[i].Receiver(); again.Receiver() != want || !slices.Contains(again.Receivers(), want) {
			t.Errorf("capability %d is of %v, want %v", i, again.Receiver(), want)
		}
		b := c.Encode()
		for bit := range 8 * len(b) {
			wrong := slices.Clone(b)
			wrong[bit/8] ^= 1 << (bit % 8)
			c, err := DecodeEnumeration(wrong)
			if err == nil {
				err = c.Valid()
			}
			if !errors.Is(err, ErrInvalid) {
				t.Fatalf("capability %d with bit %d flipped: %v", i, bit, err)
			}
		}
	}
}

func TestEnumerationRefused(t *testing.T) {
	c := enumerations(t)[2]
	for name, test := range map[string]struct {
		d    key.Device
		to   key.Receiver
		want error
	}{
		"not the receiver": {betty, dalton.Receiver(), ErrNotGranted},
		"back":             {gemma, alfie.Receiver(), ErrInvalid},
		"to no key":        {gemma, key.Receiver{}, ErrInvalid},
	} {
		if got, err := c.Delegate(test.d, test.to); !errors.Is(err, test.want) || got != nil {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	// A read capability's authorisation isn't one for enumeration.
	crossed := *c
	crossed.Initial = NewOwned(namespaceKey(1), Read, alfie.Receiver()).Initial
	if err := crossed.Valid(); !errors.Is(err, ErrInvalid) {
		t.Errorf("the authorisation of a read capability: %v", err)
	}
}

// TestEnumerationInvalid: each of these is signed by who could.
func TestEnumerationInvalid(t *testing.T) {
	c := enumerations(t)[2]
	hand := func(c *Enumeration, to key.Receiver) *Enumeration {
		next := *c
		next.Delegations = append(slices.Clip(c.Delegations), EnumDelegation{to, gemma.Sign(c.handoverMessage(to))})
		return &next
	}
	long := enumerations(t)[2]
	for len(long.Delegations) <= MaxDelegations {
		long = hand(long, gemma.Receiver())
	}
	for name, c := range map[string]*Enumeration{
		"of a communal namespace":  NewEnumeration(communalSecret(1), alfie.Receiver()),
		"for no key":               NewEnumeration(namespaceKey(1), key.Receiver{1}),
		"handed on to no key":      hand(c, key.Receiver{1}),
		"handed on too often":      long,
		"handed on by its giver":   hand(hand(c, dalton.Receiver()), alfie.Receiver()),
		"of somebody else's place": {Namespace: namespaceKey(2).Namespace(), User: c.User, Initial: c.Initial},
	} {
		if err := c.Valid(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if again := hand(c, dalton.Receiver()); again.Valid() != nil {
		t.Errorf("handed on: %v", again.Valid())
	}
}

func FuzzDecodeEnumeration(f *testing.F) {
	for _, c := range enumerations(f) {
		f.Add(c.Encode())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := DecodeEnumeration(b)
		if err != nil {
			if !errors.Is(err, ErrInvalid) || c != nil {
				t.Fatalf("%+v with error %v", c, err)
			}
		} else if again := c.Encode(); !bytes.Equal(again, b) {
			t.Fatalf("%x decodes, but is written %x", b, again)
		}
		loose, rest, err2 := DecodeEnumerationAny(b)
		if err == nil && err2 != nil || err2 == nil && len(loose.Encode()) > len(b)-len(rest) {
			t.Fatalf("%x in any form is %+v, %v", b, loose, err2)
		}
	})
}
