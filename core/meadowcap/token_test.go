package meadowcap

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"meadow/core/key"
	"meadow/core/willow"
)

// someToken draws a token of an entry of the first holder's subspace, by a chain
// that may share its beginning with another one drawn.
func someToken(t *rapid.T, communal bool) willow.Authorised {
	ss := willow.SubspaceID(holders[0].Receiver())
	c := NewOwned(namespaceKey(9), Write, holders[0].Receiver())
	switch {
	case communal:
		c = NewCommunal(communalKey(9), Write, holders[0].Receiver())
	case rapid.Bool().Draw(t, "other user"):
		c = NewOwned(namespaceKey(9), Write, holders[4].Receiver())
	}
	e := willow.Entry{
		Namespace: c.Namespace, Subspace: ss, Path: willow.MustPath("a", "b", "", "d"),
		Timestamp: 5000, PayloadLength: 3, PayloadDigest: willow.EmptyDigest,
	}
	left := append([]key.Device(nil), holders...)
	at := rapid.IntRange(0, len(holders)-1).Draw(t, "depth")
	holder := left[0]
	if c.User != holder.Receiver() {
		holder = left[4]
	}
	components := e.Path.Components()
	depth := 0
	for i := range at {
		next := left[(i+1)%4]
		if next.Receiver() == c.Receiver() || next.Receiver() == c.User {
			continue
		}
		area := c.Area()
		depth = rapid.IntRange(max(depth, area.Path.Len()), len(components)).Draw(t, "components")
		area.Path = willow.MustPath(components[:depth]...)
		if rapid.Bool().Draw(t, "one subspace") {
			area.AnySubspace, area.Subspace = false, ss
		}
		if rapid.Bool().Draw(t, "times") {
			area.Times.Start = max(area.Times.Start, willow.Timestamp(rapid.IntRange(0, 5000).Draw(t, "start")))
		}
		if rapid.Bool().Draw(t, "closed") && area.Times.Open {
			area.Times.Open, area.Times.End = false, willow.Timestamp(rapid.IntRange(5001, 9000).Draw(t, "end"))
		}
		d, err := c.Delegate(holder, area, next.Receiver())
		if err != nil {
			t.Fatal(err)
		}
		c, holder = d, next
	}
	a, err := Sign(holder, c, e)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestTokensRoundTrip(t *testing.T) {
	tokens := NewTokens(willow.Willow25)
	rapid.Check(t, func(t *rapid.T) {
		prev, next := someToken(t, rapid.Bool().Draw(t, "before")), someToken(t, rapid.Bool().Draw(t, "communal"))
		if rapid.IntRange(0, 4).Draw(t, "first") == 0 {
			prev = willow.Willow25.Default()
		}
		b, err := tokens.Append([]byte("x"), next.Token, next.Entry, prev)
		if err != nil {
			t.Fatal(err)
		}
		got, rest, err := tokens.Decode(append(b[1:], "after"...), next.Entry, prev)
		if err != nil || !bytes.Equal(got.Capability, next.Token.Capability) || got.Signature != next.Token.Signature || string(rest) != "after" {
			t.Fatalf("%x: %v, %v", b[1:], got, err)
		}
		cut := rapid.IntRange(0, len(b)-2).Draw(t, "cut")
		if got, rest, err := tokens.Decode(b[1:1+cut], next.Entry, prev); !errors.Is(err, willow.ErrTruncated) || got.Capability != nil || rest != nil {
			t.Fatalf("of %d bytes: %v, %v", cut, got, err)
		}
		again, err := tokens.Append(nil, next.Token, next.Entry, next)
		if err != nil || len(again) > 3+len(next.Token.Signature) {
			t.Fatalf("the same capability again takes %d bytes, %v", len(again), err)
		}
	})
}

// TestTokensRefused: what can't be the token of an entry isn't written, and not read.
func TestTokensRefused(t *testing.T) {
	owned := matrixChain(t, false, Write, 3)
	e := willow.Entry{
		Namespace: owned.Namespace, Subspace: willow.SubspaceID(holders[0].Receiver()),
		Path: willow.MustPath("a", "b", ""), Timestamp: 5000, PayloadDigest: willow.EmptyDigest,
	}
	right, err := Sign(holders[3], owned, e)
	if err != nil {
		t.Fatal(err)
	}
	tokens := NewTokens(willow.MDN1)
	prev := willow.MDN1.Default()
	outside := e
	outside.Path = willow.MustPath("b")
	reading := willow.Token{Capability: matrixChain(t, false, Read, 3).Encode()}
	beginning := hex.EncodeToString(append(owned.User[:], owned.Initial[:]...))
	signature := strings.Repeat("00", len(key.Signature{}))
	if _, err := tokens.Append(nil, right.Token, outside, prev); !errors.Is(err, ErrNotGranted) {
		t.Errorf("outside: %v", err)
	}
	if _, err := tokens.Append(nil, reading, e, prev); !errors.Is(err, ErrNotGranted) {
		t.Errorf("for reading: %v", err)
	}
	if _, err := tokens.Append(nil, prev.Token, prev.Entry, prev); !errors.Is(err, ErrInvalid) {
		t.Errorf("communal under MDN-1: %v", err)
	}
	for name, test := range map[string]struct {
		b    string
		e    willow.Entry
		prev willow.Authorised
	}{
		"a communal one of an owned namespace":           {"00", e, prev},
		"relative to one of another kind":                {"90" + strings.Repeat("00", 64), e, prev},
		"more shared than there are":                     {"d4" + "06", e, right},
		"more shared than are left":                      {"b0", e, right},
		"shared, of an entry that isn't in the area":     {"c3" + strings.Repeat("00", 64), outside, right},
		"more delegations than a profile has":            {"8c41" + strings.Repeat("00", 200), e, prev},
		"a number of delegations that nobody could send": {"8fffffffffffffffff", e, prev},
		"the beginning before, told again":               {"80" + beginning + signature, e, right},
		"a communal one not told relative to another":    {"00" + signature, willow.Willow25.Default().Entry, willow.Willow25.Default()},
	} {
		b, err := hex.DecodeString(test.b)
		if err != nil {
			t.Fatal(err)
		}
		tokens := NewTokens(willow.MDN1)
		if test.e == willow.Willow25.Default().Entry {
			tokens = NewTokens(willow.Willow25)
		}
		if token, rest, err := tokens.Decode(b, test.e, test.prev); err == nil || token.Capability != nil || rest != nil {
			t.Errorf("%s: %v, %v", name, token, err)
		} else if !errors.Is(err, ErrInvalid) && !errors.Is(err, ErrNotGranted) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTokensGolden: made once, then only read.
func TestTokensGolden(t *testing.T) {
	b, err := os.ReadFile("testdata/tokens.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for line := range strings.Lines(string(b)) {
		if name, digits, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name != "#" {
			want[name] = digits
		}
	}
	for _, communal := range []bool{false, true} {
		prev := willow.Willow25.Default()
		for depth := range len(holders) {
			c := matrixChain(t, communal, Write, depth)
			a, err := Sign(holders[depth], c, willow.Entry{
				Namespace: c.Namespace, Subspace: willow.SubspaceID(holders[0].Receiver()),
				Path: willow.MustPath("a", "b", ""), Timestamp: 5000, PayloadDigest: willow.EmptyDigest,
			})
			if err != nil {
				t.Fatal(err)
			}
			got, err := NewTokens(willow.Willow25).Append(nil, a.Token, a.Entry, prev)
			name := map[bool]string{false: "owned-", true: "communal-"}[communal] + string(rune('0'+depth))
			if err != nil || hex.EncodeToString(got) != want[name] {
				t.Errorf("%s %x\nwant %s (%v)", name, got, want[name], err)
			}
			if name += "-capability"; hex.EncodeToString(c.Encode()) != want[name] {
				t.Errorf("%s %x\nwant %s", name, c.Encode(), want[name])
			}
			prev = a
		}
	}
}

func FuzzTokens(f *testing.F) {
	c, e := NewCommunal(communalKey(9), Write, holders[0].Receiver()), willow.Entry{}
	e.Namespace, e.Subspace, e.Path = c.Namespace, willow.SubspaceID(c.User), willow.MustPath("a", "b", "")
	prev := willow.Authorised{Entry: e, Token: willow.Token{Capability: c.Encode()}}
	root := NewOwned(namespaceKey(9), Write, holders[0].Receiver())
	owned := e
	owned.Namespace = root.Namespace
	before := willow.Authorised{Entry: owned, Token: willow.Token{Capability: root.Encode()}}
	tokens := NewTokens(willow.Willow25)
	for _, at := range []struct{ e, prev willow.Authorised }{{prev, before}, {before, prev}, {prev, prev}, {before, before}} {
		if b, err := tokens.Append(nil, at.e.Token, at.e.Entry, at.prev); err != nil {
			f.Fatal(err)
		} else {
			f.Add(b, at.e.Entry.Namespace.Owned(), at.prev.Entry.Namespace.Owned())
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, ofOwned, afterOwned bool) {
		entry, last := e, prev
		if ofOwned {
			entry = owned
		}
		if afterOwned {
			last = before
		}
		token, rest, err := tokens.Decode(b, entry, last)
		if err != nil {
			if token.Capability != nil || rest != nil || !errors.Is(err, ErrInvalid) && !errors.Is(err, ErrNotGranted) {
				t.Fatalf("%v, %v with error %v", token, rest, err)
			}
			return
		}
		again, err := tokens.Append(nil, token, entry, last)
		if err != nil || len(again) > len(b)-len(rest) {
			t.Fatalf("%x is written as %x, %v", b, again, err)
		}
		if got, _, err := tokens.Decode(again, entry, last); err != nil || !bytes.Equal(got.Capability, token.Capability) || got.Signature != token.Signature {
			t.Fatalf("%x, written again, is %v, %v", again, got, err)
		}
	})
}
