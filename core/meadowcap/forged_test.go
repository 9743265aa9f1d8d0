package meadowcap

import (
	"errors"
	"slices"
	"testing"

	"meadow/core/key"
	"meadow/core/willow"
)

// signed makes the token of an entry without asking whether it grants anything.
func signed(d key.Device, c *Capability, e willow.Entry) willow.Authorised {
	return willow.Authorised{Entry: e, Token: willow.Token{Capability: c.Encode(), Signature: d.Sign(willow.AppendEntry(nil, e))}}
}

// encodable reports whether a capability's areas lie one in the other.
func encodable(c *Capability) bool {
	for i, d := range c.Delegations {
		if !includes(c.Cut(i).Area(), d.Area) {
			return false
		}
	}
	return true
}

// TestForgedTokens: whoever forged a capability for their own key can sign an entry with
// it, rightly; it is refused for the forgery, each time.
func TestForgedTokens(t *testing.T) {
	count := 0
	check := func(right *Capability, forge forgery, step int) {
		forged := *right
		forged.Delegations = slices.Clone(right.Delegations)
		reason := forge.do(&forged, step)
		if reason == "" || !encodable(&forged) {
			return
		}
		if c, err := DecodeUnder(willow.Willow25, forged.Encode()); err != nil || c.ValidUnder(willow.Willow25) == nil {
			return // what was forged isn't in the encoding
		}
		signer := holders[len(right.Delegations)]
		if forged.Receiver() == device(20).Receiver() {
			signer = device(20)
		}
		count++
		a := signed(signer, &forged, willow.Entry{
			Namespace: forged.Namespace, Subspace: willow.SubspaceID(holders[0].Receiver()),
			Path: willow.MustPath("a", "b", "", "c"), Timestamp: 5000, PayloadDigest: willow.EmptyDigest,
		})
		v := NewVerifierUnder(willow.Willow25, 10)
		for range 2 {
			if c, err := v.Entry(a.Entry, a.Token); !errors.Is(err, ErrInvalid) || c != nil {
				t.Errorf("communal %v, handed on %d times, %s in step %d: %v", right.Communal(), len(right.Delegations), forge.name, step, err)
			}
		}
	}
	for _, communal := range []bool{false, true} {
		for depth := range len(holders) {
			right := matrixChain(t, communal, Write, depth)
			for _, forge := range forgeries {
				for step := range depth + 1 {
					check(right, forge, step)
				}
			}
		}
	}
	if t.Logf("%d forged tokens", count); count < 60 {
		t.Error("hardly any token was forged")
	}
}

// TestHandoverMessages writes down what is signed, from the text: the first handover,
// the second and the third, of each kind of capability.
func TestHandoverMessages(t *testing.T) {
	to := device(20).Receiver()
	area, code := matrixArea(3), []byte(nil)
	for _, communal := range []bool{false, true} {
		for _, m := range []Mode{Read, Write} {
			for depth := range 3 {
				c := matrixChain(t, communal, m, depth)
				code = willow.AppendAreaInArea(nil, area, c.Area())
				want := slices.Concat(code, c.Initial[:], to[:])
				switch {
				case depth > 0:
					want = slices.Concat(code, c.Delegations[depth-1].Signature[:], to[:])
				case communal:
					want = slices.Concat([]byte{byte(m)}, c.Namespace[:], code, to[:])
				}
				next, err := c.Delegate(holders[depth], area, to)
				if err != nil {
					t.Fatal(err)
				}
				if !holders[depth].Receiver().Verify(want, next.Delegations[depth].Signature) {
					t.Errorf("communal %v, %v, handed on %d times: %x isn't what was signed", communal, m, depth+1, want)
				}
				if !communal && !c.Namespace.Verify(slices.Concat([]byte{2 + byte(m)}, c.User[:]), c.Initial) {
					t.Errorf("%v: not the initial authorisation", m)
				}
			}
		}
	}
	enum := NewEnumeration(namespaceKey(9), holders[0].Receiver())
	if !enum.Namespace.Verify(slices.Concat([]byte{4}, enum.User[:]), enum.Initial) {
		t.Error("not the initial authorisation to enumerate")
	}
	last := enum.Initial
	for depth := range 3 {
		next, err := enum.Delegate(holders[depth], holders[depth+1].Receiver())
		if err != nil {
			t.Fatal(err)
		}
		to := holders[depth+1].Receiver()
		enum = next
		if !holders[depth].Receiver().Verify(slices.Concat(last[:], to[:]), enum.Delegations[depth].Signature) {
			t.Errorf("handed on %d times: not what was signed", depth+1)
		}
		last = enum.Delegations[depth].Signature
	}
}

// TestTokensOfOthers tells tokens relative to those of others: of the same user in
// another namespace, of another user, of the other kind, and with a beginning that
// differs in one part.
func TestTokensOfOthers(t *testing.T) {
	var all []willow.Authorised
	add := func(d key.Device, c *Capability, ss willow.SubspaceID) {
		e := willow.Entry{Namespace: c.Namespace, Subspace: ss, Path: willow.MustPath("a"), Timestamp: 5000, PayloadDigest: willow.EmptyDigest}
		all = append(all, signed(d, c, e))
	}
	for _, n := range []byte{8, 9} {
		for _, d := range holders[:2] {
			ss := willow.SubspaceID(d.Receiver())
			area := willow.SubspaceArea(ss)
			for _, c := range []*Capability{NewOwned(namespaceKey(n), Write, d.Receiver()), NewCommunal(communalKey(n), Write, d.Receiver())} {
				add(d, c, ss)
				next, err := c.Delegate(d, area, holders[2].Receiver())
				if err != nil {
					t.Fatal(err)
				}
				add(holders[2], next, ss)
				forged := *c
				if forged.Initial[7] ^= 1; !c.Communal() {
					add(d, &forged, ss)
				}
			}
		}
	}
	long := longChain(NewOwned(namespaceKey(9), Write, alfie.Receiver()), 20)
	for _, n := range []int{13, 20, 4} { // both numbers need a byte, or one does
		add(alfie, long.Cut(n), willow.SubspaceID(alfie.Receiver()))
	}
	for _, prev := range all {
		for _, a := range all {
			tokens := NewTokens(willow.Willow25)
			b, err := tokens.Append(nil, a.Token, a.Entry, prev)
			if err != nil {
				t.Fatal(err)
			}
			got, rest, err := NewTokens(willow.Willow25).Decode(b, a.Entry, prev)
			if err != nil || len(rest) > 0 || got.Signature != a.Token.Signature || string(got.Capability) != string(a.Token.Capability) {
				t.Fatalf("%x after %x: %x is %x, %v", a.Token.Capability, prev.Token.Capability, b, got.Capability, err)
			}
		}
	}
}

// TestSharedBeginning: delegations are shared only if users and initial authorisations
// are both the same.
func TestSharedBeginning(t *testing.T) {
	c := *matrixChain(t, false, Write, 2)
	for name, change := range map[string]func(c *Capability){
		"another user":          func(c *Capability) { c.User[3] ^= 1 },
		"another authorisation": func(c *Capability) { c.Initial[3] ^= 1 },
	} {
		other := c
		change(&other)
		if shared, told := other.sharedWith(&c); shared != 0 || told != 0 {
			t.Errorf("%s: %d shared, told as %d", name, shared, told)
		}
	}
	if shared, told := c.sharedWith(&c); shared != 2 || told != 3 {
		t.Errorf("with itself: %d shared, told as %d", shared, told)
	}
}

// TestWiderSubspace: a private area may be of any subspace inside one of a certain
// subspace, which nobody may hand on.
func TestWiderSubspace(t *testing.T) {
	c := NewOwned(namespaceKey(9), Write, holders[0].Receiver())
	ss := willow.SubspaceID(holders[0].Receiver())
	to, sig := holders[1].Receiver(), make([]byte, 64)
	e := willow.Entry{Namespace: c.Namespace, Subspace: ss, PayloadDigest: willow.EmptyDigest}
	// The first area is of the entry's subspace, from start; the second of any, which differs.
	token := slices.Concat([]byte{0x82}, c.User[:], c.Initial[:], []byte{0x20, 0, 0}, to[:], sig, []byte{0xe0, 0, 0}, to[:], sig, sig)
	if got, _, err := NewTokens(willow.MDN1).Decode(token, e, willow.MDN1.Default()); !errors.Is(err, ErrInvalid) {
		t.Errorf("in a token: %v, %v", got, err)
	}
	token[32+64+1+3+32+64] = 0x20 // the second is of the subspace too
	if _, _, err := NewTokens(willow.MDN1).Decode(token, e, willow.MDN1.Default()); err != nil {
		t.Errorf("in a token, right: %v", err)
	}
	i := PersonalInterest{Receiver: to}
	i.Namespace, i.AnySubspace = c.Namespace, true
	private := slices.Concat([]byte{2}, c.User[:], c.Initial[:], []byte{0xa0}, ss[:], []byte{0, 0}, to[:], sig, []byte{0xe0, 0, 0}, sig)
	if got, _, err := DecodePrivately(willow.MDN1, private, i); !errors.Is(err, ErrInvalid) {
		t.Errorf("told privately: %v, %v", got, err)
	}
	private[1+32+64+1+32+2+32+64] = 0x20
	got, _, err := DecodePrivately(willow.MDN1, private, i)
	if err != nil {
		t.Fatal("told privately, right: ", err)
	}
	got.Delegations[1].Area = willow.FullArea
	if b, err := got.AppendPrivately(nil, i); !errors.Is(err, ErrInvalid) {
		t.Errorf("telling it privately: %x, %v", b, err)
	}
}

// TestTokensUnderMDN1: no communal capability is read, and no number of delegations
// makes a reader wait for them.
func TestTokensUnderMDN1(t *testing.T) {
	c := NewCommunal(communalKey(9), Write, holders[0].Receiver())
	ss := willow.SubspaceID(holders[0].Receiver())
	a := signed(holders[0], c, willow.Entry{Namespace: c.Namespace, Subspace: ss, PayloadDigest: willow.EmptyDigest})
	b, err := NewTokens(willow.Willow25).Append(nil, a.Token, a.Entry, willow.Willow25.Default())
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err := NewTokens(willow.MDN1).Decode(b, a.Entry, willow.MDN1.Default()); !errors.Is(err, ErrInvalid) || got.Capability != nil {
		t.Errorf("a communal one: %v, %v", got, err)
	}
	owned := NewOwned(namespaceKey(9), Write, holders[0].Receiver())
	e := a.Entry
	e.Namespace = owned.Namespace
	for _, head := range [][]byte{{0x8c, MaxDelegations + 1}, {0x8f, 255, 255, 255, 255, 255, 255, 255, 255}} {
		if _, _, err := NewTokens(willow.MDN1).Decode(slices.Concat(head, owned.User[:], owned.Initial[:]), e, willow.MDN1.Default()); !errors.Is(err, ErrInvalid) || errors.Is(err, willow.ErrTruncated) {
			t.Errorf("%x: %v", head, err)
		}
	}
}
