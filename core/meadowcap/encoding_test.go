package meadowcap

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"

	"meadow/core/willow"
)

func TestGolden(t *testing.T) {
	b, err := os.ReadFile("testdata/capabilities.txt")
	if err != nil {
		t.Fatal(err)
	}
	caps := chain(t, Write)
	signed, err := Sign(dalton, caps[3], entryIn(caps[3]))
	if err != nil {
		t.Fatal(err)
	}
	enum, err := NewEnumeration(namespaceKey(1), alfie.Receiver()).Delegate(alfie, betty.Receiver())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]byte{
		"read-root":       chain(t, Read)[0].Encode(),
		"write-root":      caps[0].Encode(),
		"write-chain":     caps[3].Encode(),
		"enumeration":     enum.Encode(),
		"token-signature": signed.Token.Signature[:],
	}
	for line := range strings.Lines(string(b)) {
		name, want, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || name == "#" {
			continue
		}
		if hex.EncodeToString(got[name]) != want {
			t.Errorf("%s %x\nwant %s", name, got[name], want)
		}
		delete(got, name)
	}
	for name := range got {
		t.Errorf("no golden vector of %s", name)
	}
}

func FuzzDecode(f *testing.F) {
	for _, c := range chain(f, Write) {
		f.Add(c.Encode())
	}
	f.Add(NewOwned(namespaceKey(1), Read, alfie.Receiver()).Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Decode(b)
		if err != nil {
			if !errors.Is(err, ErrInvalid) || c != nil {
				t.Fatalf("%+v with error %v", c, err)
			}
			return
		}
		if again := c.Encode(); !bytes.Equal(again, b) {
			t.Fatalf("%x decodes, but is written %x", b, again)
		}
		for i := range c.Delegations {
			if !c.Cut(i).Area().IncludesArea(c.Delegations[i].Area) {
				t.Fatalf("delegation %d widens the area", i+1)
			}
		}
	})
}

// FuzzDecodeAny: whatever form of a capability is read, of either kind, is that of
// one that is written in the canonical form, which is never longer.
func FuzzDecodeAny(f *testing.F) {
	for _, c := range chain(f, Write) {
		f.Add(c.Encode())
	}
	communal := NewCommunal(communalKey(1), Read, alfie.Receiver())
	area := communal.Area()
	area.Times = thisYear.Times
	second, err := communal.Delegate(alfie, area, betty.Receiver())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(communal.Encode())
	f.Add(second.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		c, rest, err := DecodeAny(willow.Willow25, b)
		if err != nil {
			if !errors.Is(err, ErrInvalid) || c != nil || rest != nil {
				t.Fatalf("%+v, %x with error %v", c, rest, err)
			}
			if strict, err := DecodeUnder(willow.Willow25, b); err == nil {
				t.Fatalf("%+v decodes only strictly", strict)
			}
			return
		}
		canonical := c.Encode()
		if len(canonical) > len(b)-len(rest) {
			t.Fatalf("%x is written as %x", b, canonical)
		}
		again, err := DecodeUnder(willow.Willow25, canonical)
		if err != nil || !bytes.Equal(again.Encode(), canonical) {
			t.Fatalf("%x, written again as %x, is %+v, %v", b, canonical, again, err)
		}
	})
}

func BenchmarkVerifier(b *testing.B) {
	c := chain(b, Write)[2]
	a, err := Sign(gemma, c, entryIn(c))
	if err != nil {
		b.Fatal(err)
	}
	v := NewVerifier(10)
	b.Run("Entry", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := v.Entry(a.Entry, a.Token); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Sign", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Sign(gemma, c, a.Entry); err != nil {
				b.Fatal(err)
			}
		}
	})
}
