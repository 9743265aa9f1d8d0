package meadowcap

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"meadow/core/key"
	"meadow/core/willow"
)

// communalSecret returns the secret key, which is worth nothing, of the nth of some
// fixed namespaces without an owner.
func communalSecret(n byte) key.NamespaceSecret {
	for i := byte(0); ; i++ {
		if s := key.NamespaceFromSeed([key.Size]byte{0xfe, n, i}); !s.Namespace().Owned() {
			return s
		}
	}
}

func communalKey(n byte) willow.NamespaceID { return communalSecret(n).Namespace() }

// holders are who a chain of the matrix goes through, in order.
var holders = []key.Device{device(11), device(12), device(13), device(14), device(15)}

// matrixArea is what the matrix hands on in each step: less and less, of the first
// holder's subspace.
func matrixArea(step int) willow.Area {
	ss := willow.SubspaceID(holders[0].Receiver())
	return []willow.Area{
		{Subspace: ss, Path: willow.MustPath("a"), Times: willow.AllTimes},
		{Subspace: ss, Path: willow.MustPath("a"), Times: willow.TimeRange{Start: 1000, Open: true}},
		{Subspace: ss, Path: willow.MustPath("a", "b"), Times: willow.TimeRange{Start: 1000, End: 9000}},
		{Subspace: ss, Path: willow.MustPath("a", "b", ""), Times: willow.TimeRange{Start: 2000, End: 8000}},
	}[step]
}

func matrixChain(t *testing.T, communal bool, m Mode, depth int) *Capability {
	t.Helper()
	c := NewOwned(namespaceKey(9), m, holders[0].Receiver())
	if communal {
		c = NewCommunal(communalKey(9), m, holders[0].Receiver())
	}
	for i := range depth {
		var err error
		if c, err = c.Delegate(holders[i], matrixArea(i), holders[i+1].Receiver()); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// A forgery changes a capability at a step: 0 is its beginning, i the i-th
// delegation. It returns why that must be refused, or "" if it doesn't apply there.
type forgery struct {
	name string
	do   func(c *Capability, step int) (reason string)
}

func signedBy(step int) string { return fmt.Sprintf("delegation %d isn't signed by its giver", step) }

// firstBroken is what is wrong if what is at the beginning isn't what was signed.
func firstBroken(c *Capability) string {
	switch {
	case !c.Communal():
		return "the namespace key didn't sign it"
	case len(c.Delegations) > 0:
		return signedBy(1)
	}
	return "" // anybody may say that of any communal namespace
}

var forgeries = []forgery{
	{"another mode", func(c *Capability, step int) string {
		if step > 0 {
			return ""
		}
		c.Mode ^= 1
		return firstBroken(c)
	}},
	{"no mode at all", func(c *Capability, step int) string {
		if step > 0 {
			return ""
		}
		c.Mode = 2
		return "no mode 2"
	}},
	{"another namespace", func(c *Capability, step int) string {
		if step > 0 {
			return ""
		}
		if c.Communal() {
			c.Namespace = communalKey(8)
		} else {
			c.Namespace = namespaceKey(8).Namespace()
		}
		return firstBroken(c)
	}},
	{"a namespace of the other kind", func(c *Capability, step int) string {
		switch {
		case step > 0:
			return ""
		case c.Communal():
			c.Namespace = namespaceKey(9).Namespace()
			if len(c.Delegations) > 0 { // its base is more now: the namespace's key is asked first
				return "the namespace key didn't sign it"
			}
			return "the namespace key didn't sign it"
		}
		c.Namespace = communalKey(9)
		return "nobody can sign for a communal namespace"
	}},
	{"another signature", func(c *Capability, step int) string {
		if step == 0 {
			c.Initial[5] ^= 1
			if c.Communal() {
				return "nobody can sign for a communal namespace"
			}
			return "the namespace key didn't sign it"
		}
		c.Delegations[step-1].Signature[5] ^= 1
		return signedBy(step)
	}},
	{"another receiver", func(c *Capability, step int) string {
		if step == 0 {
			c.User = device(20).Receiver()
			switch {
			case !c.Communal():
				return "the namespace key didn't sign it"
			case len(c.Delegations) > 0:
				return "delegation 1 widens the area" // it is of the user's subspace
			}
			return ""
		}
		c.Delegations[step-1].Receiver = device(20).Receiver()
		return signedBy(step)
	}},
	{"a receiver that isn't a key", func(c *Capability, step int) string {
		if step == 0 {
			c.User = key.Receiver{1} // of small order
			return "user key isn't usable"
		}
		c.Delegations[step-1].Receiver = key.Receiver{1}
		return fmt.Sprintf("the receiver of delegation %d isn't a usable key", step)
	}},
	{"a wider area", func(c *Capability, step int) string {
		if step == 0 {
			return ""
		}
		c.Delegations[step-1].Area = willow.Area{AnySubspace: true, Path: willow.MustPath("b"), Times: willow.AllTimes}
		if step == 1 && !c.Communal() {
			return signedBy(1) // inside all, but not what was handed on
		}
		return fmt.Sprintf("delegation %d widens the area", step)
	}},
	{"a smaller area", func(c *Capability, step int) string {
		if step == 0 {
			return ""
		}
		p, err := c.Delegations[step-1].Area.Path.Append("c")
		if err != nil {
			panic(err)
		}
		c.Delegations[step-1].Area.Path = p
		return signedBy(step)
	}},
	{"no time at all", func(c *Capability, step int) string {
		if step == 0 {
			return ""
		}
		c.Delegations[step-1].Area.Times = willow.TimeRange{Start: 3000, End: 3000}
		return fmt.Sprintf("delegation %d widens the area", step)
	}},
	{"a step left out", func(c *Capability, step int) string {
		if step == 0 || step == len(c.Delegations) {
			return "" // the last one left out is the capability before
		}
		c.Delegations = slices.Delete(c.Delegations, step-1, step)
		return signedBy(step)
	}},
	{"a step twice", func(c *Capability, step int) string {
		if step == 0 {
			return ""
		}
		c.Delegations = slices.Insert(c.Delegations, step, c.Delegations[step-1])
		return signedBy(step + 1)
	}},
	{"two steps the other way round", func(c *Capability, step int) string {
		if step < 2 || c.Delegations[step-1].Area == c.Delegations[step-2].Area {
			return ""
		}
		c.Delegations[step-1], c.Delegations[step-2] = c.Delegations[step-2], c.Delegations[step-1]
		return signedBy(step - 1)
	}},
}

// TestAuthorisationMatrix makes every kind of capability, and forges each step of
// it in every way: each is refused with its reason, and so is a token with it, and
// what decodes is the forged capability and no other (S15, M1-M12).
func TestAuthorisationMatrix(t *testing.T) {
	count := 0
	for _, communal := range []bool{false, true} {
		for _, mode := range []Mode{Read, Write} {
			for depth := range len(holders) {
				right := matrixChain(t, communal, mode, depth)
				if err := right.ValidUnder(willow.Willow25); err != nil {
					t.Fatalf("communal %v, %v, handed on %d times: %v", communal, mode, depth, err)
				}
				if err := right.Valid(); (err != nil) != communal {
					t.Errorf("communal %v under MDN-1: %v", communal, err)
				}
				for _, forge := range forgeries {
					for step := range depth + 1 {
						forged := *right
						forged.Delegations = slices.Clone(right.Delegations)
						reason := forge.do(&forged, step)
						if reason == "" {
							continue
						}
						count++
						err := forged.ValidUnder(willow.Willow25)
						if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), reason) {
							t.Errorf("communal %v, %v, handed on %d times, %s in step %d: %v, want %q", communal, mode, depth, forge.name, step, err, reason)
						}
					}
				}
			}
		}
	}
	t.Logf("%d forgeries", count)
}

// TestTokenMatrix signs an entry that each kind of write capability allows, then
// changes what a token must be right about, one at a time.
func TestTokenMatrix(t *testing.T) {
	for _, communal := range []bool{false, true} {
		for depth := range len(holders) {
			c := matrixChain(t, communal, Write, depth)
			e := willow.Entry{
				Namespace: c.Namespace, Subspace: willow.SubspaceID(holders[0].Receiver()),
				Path: willow.MustPath("a", "b", ""), Timestamp: 5000, PayloadDigest: willow.EmptyDigest,
			}
			right, err := Sign(holders[depth], c, e)
			if err != nil {
				t.Fatal(err)
			}
			v := NewVerifierUnder(willow.Willow25, 10)
			if _, err := v.Entry(right.Entry, right.Token); err != nil {
				t.Fatalf("communal %v, handed on %d times: %v", communal, depth, err)
			}
			if _, err := NewVerifier(10).Entry(right.Entry, right.Token); (err != nil) != communal {
				t.Errorf("communal %v under MDN-1: %v", communal, err)
			}
			check := func(what string, want error, change func(e *willow.Entry, token *willow.Token)) {
				t.Helper()
				e, token := right.Entry, right.Token
				change(&e, &token)
				if _, err := v.Entry(e, token); !errors.Is(err, want) {
					t.Errorf("communal %v, handed on %d times, %s: %v, want %v", communal, depth, what, err, want)
				}
			}
			check("another namespace, though all else is right (B3)", ErrNotGranted, func(e *willow.Entry, token *willow.Token) {
				e.Namespace[4] ^= 1
				token.Signature = holders[depth].Sign(willow.AppendEntry(nil, *e))
			})
			check("a signature by another", ErrInvalid, func(e *willow.Entry, token *willow.Token) {
				token.Signature = device(20).Sign(willow.AppendEntry(nil, *e))
			})
			check("another payload", ErrInvalid, func(e *willow.Entry, _ *willow.Token) { e.PayloadLength++ })
			check("a capability for reading", ErrNotGranted, func(_ *willow.Entry, token *willow.Token) {
				token.Capability = matrixChain(t, communal, Read, depth).Encode()
			})
			for i := range depth { // everything outside each step's area
				area := matrixArea(i)
				for _, out := range []func(*willow.Entry) bool{
					func(e *willow.Entry) bool { e.Subspace[0] ^= 1; return true },
					func(e *willow.Entry) bool { e.Path = willow.MustPath("x"); return true },
					func(e *willow.Entry) bool { e.Timestamp = area.Times.Start - 1; return area.Times.Start > 0 },
					func(e *willow.Entry) bool { e.Timestamp = area.Times.End; return !area.Times.Open },
				} {
					outside := e
					if !out(&outside) {
						continue
					}
					check(fmt.Sprintf("outside the area of step %d", i+1), ErrNotGranted, func(e *willow.Entry, token *willow.Token) {
						*e = outside
						token.Signature = holders[depth].Sign(willow.AppendEntry(nil, outside))
					})
					if _, err := Sign(holders[depth], c, outside); !errors.Is(err, ErrNotGranted) {
						t.Errorf("signed outside the area of step %d: %v", i+1, err)
					}
				}
			}
		}
	}
}

// TestKinds: a capability's kind is its namespace's, told twice. What is told as the
// other kind, and is right in all else, is refused; under MDN-1 all communal ones are.
func TestKinds(t *testing.T) {
	owned, communal, user := namespaceKey(9).Namespace(), communalKey(9), holders[0].Receiver()
	for _, test := range []struct {
		name     string
		head     byte
		ns       willow.NamespaceID
		initial  []byte
		ok, mdn1 bool
	}{
		{"owned", 0xc0, owned, make([]byte, 64), true, true},
		{"communal", 0x40, communal, nil, true, false},
		{"owned, told as communal", 0x40, owned, nil, false, false},
		{"communal, told as owned", 0xc0, communal, make([]byte, 64), false, false},
	} {
		b := slices.Concat([]byte{test.head}, test.ns[:], user[:], test.initial)
		check := func(p willow.Profile, want bool) {
			t.Helper()
			if c, err := DecodeUnder(p, b); (err == nil) != want || err != nil && !errors.Is(err, ErrInvalid) {
				t.Errorf("%s under %s: %+v, %v", test.name, p.Name, c, err)
			}
			if c, rest, err := DecodeAny(p, b); (err == nil) != want || err == nil && (len(rest) > 0 || c.Mode != Write) {
				t.Errorf("%s under %s, any: %+v, %v", test.name, p.Name, c, err)
			}
		}
		check(willow.Willow25, test.ok)
		check(willow.MDN1, test.mdn1)
	}
}
