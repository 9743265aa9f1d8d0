package meadowcap

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"meadow/core/key"
	"meadow/core/willow"
)

// The codes of relations, written a second time from the specification's text; those
// of numbers and areas are package willow's, which has tests of the kind itself.

// speller writes one of the codes that a value has, whichever is drawn.
type speller struct{ *rapid.T }

func (s speller) bool() bool { return rapid.Bool().Draw(s.T, "choice") }

// tagged draws a valid tag of n, and returns the bytes that follow it.
func (s speller) tagged(n uint64, width uint) (tag byte, body []byte) {
	tag, body = willow.CompactTag(n, width), willow.AppendCompact(nil, n, width)
	for first := byte(uint(1)<<width - 4); s.bool() && tag < first+3; {
		if tag++; tag < first {
			tag = first
		}
		body = make([]byte, 1<<(tag-first))
		for i := range min(8, len(body)) {
			body[len(body)-1-i] = byte(n >> (8 * i))
		}
	}
	return tag, body
}

func (s speller) standalone(n uint64) []byte {
	tag, body := s.tagged(n, 8)
	return append([]byte{tag}, body...)
}

// area sometimes makes the number after the head of an area's code longer than it has
// to be.
func (s speller) area(b []byte, subspace bool) []byte {
	if b[0]&0x0c == 0 && s.bool() {
		at := 1
		if subspace {
			at += key.Size
		}
		b = slices.Insert(b, at, 0)
		b[0] |= 0x04
	}
	return b
}

// capability is EncodeMcCapability.
func (s speller) capability(c *Capability) []byte {
	count, body := s.tagged(uint64(len(c.Delegations)), 6)
	head := count
	if c.Mode == Write {
		head |= 0x40
	}
	initial := c.Initial[:]
	rel := willow.FullArea
	if c.Communal() {
		initial, rel = nil, willow.SubspaceArea(willow.SubspaceID(c.User))
	} else {
		head |= 0x80
	}
	b := slices.Concat([]byte{head}, c.Namespace[:], c.User[:], initial, body)
	for _, d := range c.Delegations {
		area := willow.AppendAreaInArea(nil, d.Area, rel)
		b = slices.Concat(b, s.area(area, area[0]&0x80 != 0), d.Receiver[:], d.Signature[:])
		rel = d.Area
	}
	return b
}

// private is EncodePrivateAreaAlmostInArea.
func (s speller) private(a willow.Area, ctx willow.PrivateAreaContext) []byte {
	b := willow.AppendPrivateArea(nil, a, ctx)
	return s.area(b, b[0]&0xc0 == 0x80)
}

// TestCodesOfCapabilities: every form is read by DecodeAny, the canonical one alone by
// DecodeUnder.
func TestCodesOfCapabilities(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, _ := privateChain(t)
		if rapid.Bool().Draw(t, "to write") { // signatures aren't looked at
			c.Mode = Write
		}
		canonical, code := c.Encode(), speller{t}.capability(c)
		got, rest, err := DecodeAny(willow.Willow25, append(slices.Clip(code), "after"...))
		if err != nil || string(rest) != "after" || !bytes.Equal(got.Encode(), canonical) {
			t.Fatalf("%x is %+v, %q, %v; want %+v", code, got, rest, err, c)
		}
		strictly, err := DecodeUnder(willow.Willow25, code)
		if (err == nil) != bytes.Equal(code, canonical) || err == nil && !bytes.Equal(strictly.Encode(), canonical) || err != nil && !errors.Is(err, ErrInvalid) {
			t.Fatalf("%x is strictly %+v, %v; canonical is %x", code, strictly, err, canonical)
		}
	})
}

// longChain makes a capability that was handed on n times, by nobody.
func longChain(c *Capability, n int) *Capability {
	for k := range n {
		c.Delegations = append(c.Delegations, Delegation{Area: c.Area(), Receiver: device(byte(k)).Receiver()})
	}
	return c
}

// TestTooManyDelegations: as many as a profile has, and one more, in each encoding.
func TestTooManyDelegations(t *testing.T) {
	for _, n := range []int{MaxDelegations, MaxDelegations + 1, 300} {
		check := func(what string, mdn1, w25 error) {
			t.Helper()
			if (mdn1 == nil) != (n == MaxDelegations) || mdn1 != nil && !errors.Is(mdn1, ErrInvalid) || w25 != nil {
				t.Errorf("%s, %d: %v under MDN-1, %v under Willow'25", what, n, mdn1, w25)
			}
		}
		under := func(decode func(willow.Profile) error) (error, error) {
			return decode(willow.MDN1), decode(willow.Willow25)
		}
		c := longChain(NewOwned(namespaceKey(1), Write, alfie.Receiver()), n)
		mdn1, w25 := under(func(p willow.Profile) error { _, err := DecodeUnder(p, c.Encode()); return err })
		check("a capability", mdn1, w25)

		e := entryIn(c)
		prev := willow.Willow25.Default()
		b, err := NewTokens(willow.Willow25).Append(nil, willow.Token{Capability: c.Encode()}, e, prev)
		if err != nil {
			t.Fatal(err)
		}
		mdn1, w25 = under(func(p willow.Profile) error { _, _, err := NewTokens(p).Decode(b, e, prev); return err })
		check("a token", mdn1, w25)

		c.Mode = Read
		i := PersonalInterest{Receiver: c.Receiver()}
		i.Namespace, i.AnySubspace = c.Namespace, true
		if b, err = c.AppendPrivately(nil, i); err != nil {
			t.Fatal(err)
		}
		mdn1, w25 = under(func(p willow.Profile) error { _, _, err := DecodePrivately(p, b, i); return err })
		check("told privately", mdn1, w25)

		enum := NewEnumeration(namespaceKey(1), alfie.Receiver())
		for k := range n {
			enum.Delegations = append(enum.Delegations, EnumDelegation{Receiver: device(byte(k)).Receiver()})
		}
		_, mdn1 = DecodeEnumeration(enum.Encode())
		check("an enumeration capability", mdn1, nil)
		_, _, mdn1 = DecodeEnumerationPrivately(enum.AppendPrivately(nil), enum.Namespace, enum.Receiver())
		check("an enumeration capability told privately", mdn1, nil)
	}
}

// token is EncodeMeadowcapAuthorisationTokenRelative, which tells how many of the
// delegations in common are shared.
func (s speller) token(a willow.Authorised, c, before *Capability) []byte {
	shared, told := 0, uint64(0)
	if continues(c, before) {
		shared = rapid.IntRange(0, inCommon(c, before)).Draw(s.T, "shared")
		told = uint64(shared) + 1
	}
	hack, hackBody := s.tagged(told, 3)
	count, countBody := s.tagged(uint64(len(c.Delegations)), 4)
	b := slices.Concat([]byte{hack<<4 | count}, hackBody, countBody)
	if !c.Communal() {
		b[0] |= 0x80
		if told == 0 {
			b = slices.Concat(b, c.User[:], c.Initial[:])
		}
	}
	for i := shared; i < len(c.Delegations); i++ {
		d := c.Delegations[i]
		b = slices.Concat(b, s.private(d.Area, tokenContext(a.Entry, c, i)), d.Receiver[:], d.Signature[:])
	}
	return append(b, a.Token.Signature[:]...)
}

// continues reports whether delegations of the capability before can be shared.
func continues(c, before *Capability) bool {
	return c.Communal() && before.Communal() ||
		!c.Communal() && !before.Communal() && c.User == before.User && c.Initial == before.Initial
}

func inCommon(c, before *Capability) (n int) {
	for n < min(len(c.Delegations), len(before.Delegations)) && c.Delegations[n] == before.Delegations[n] {
		n++
	}
	return n
}

// tokenContext is what the i-th area of an entry's token is told in: ctx_(i-1).
func tokenContext(e willow.Entry, c *Capability, i int) (ctx willow.PrivateAreaContext) {
	ctx.Private = willow.PrivateInterest{Namespace: e.Namespace, Subspace: e.Subspace, Path: e.Path}
	if ctx.Rel = willow.SubspaceArea(e.Subspace); i > 0 {
		ctx.Rel = c.Delegations[i-1].Area
	}
	return ctx
}

// matchToken reports whether the front of b, which is as long as was read, is a code of
// a token.
func matchToken(b []byte, token willow.Token, c, before *Capability, e willow.Entry) bool {
	r := reader{b: b[1:]}
	told, n := r.compact(b[0]>>4&7, 3, false), r.compact(b[0]&15, 4, false)
	shared := uint64(0)
	if continues(c, before) {
		shared = told - 1
	}
	if b[0]&0x80 != 0 == c.Communal() || n != uint64(len(c.Delegations)) || (told == 0) == continues(c, before) ||
		shared > uint64(inCommon(c, before)) || c.Namespace != e.Namespace || c.Mode != Write || !c.Area().Includes(e) {
		return false
	}
	want := []byte(nil)
	if told == 0 && !c.Communal() {
		want = slices.Concat(c.User[:], c.Initial[:])
	}
	for i := int(shared); i < len(c.Delegations); i++ {
		if want != nil && !bytes.HasPrefix(r.b, want) || r.err != nil {
			return false
		}
		r.b = r.b[len(want):]
		d := c.Delegations[i]
		a := r.area(func(b []byte) (willow.Area, []byte, error) {
			return willow.DecodePrivateArea(b, tokenContext(e, c, i))
		})
		if a != d.Area || !c.Cut(i).Area().IncludesArea(a) {
			return false
		}
		want = slices.Concat(d.Receiver[:], d.Signature[:])
	}
	return r.err == nil && bytes.Equal(r.b, append(want, token.Signature[:]...))
}

// damage changes an encoding, often near its front.
func damage(t *rapid.T, b []byte) []byte {
	b = slices.Clone(b)
	at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
	if rapid.Bool().Draw(t, "near the front") {
		at %= 8
	}
	switch rapid.IntRange(0, 3).Draw(t, "how") {
	case 0:
		return slices.Insert(b, at, make([]byte, rapid.SampledFrom([]int{1, 2, 4, 32, 96}).Draw(t, "zeros"))...)
	case 1:
		return slices.Delete(b, at, at+1)
	}
	b[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
	return b
}

// TestCodesOfTokens: a token is read in every form, and what is read as one is a form
// of it.
func TestCodesOfTokens(t *testing.T) {
	tokens := NewTokens(willow.Willow25)
	rapid.Check(t, func(t *rapid.T) {
		prev, a := someToken(t, rapid.Bool().Draw(t, "before")), someToken(t, rapid.Bool().Draw(t, "communal"))
		if rapid.IntRange(0, 4).Draw(t, "first") == 0 {
			prev = willow.Willow25.Default()
		}
		before, err := tokens.capability(prev.Token.Capability)
		c, err2 := tokens.capability(a.Token.Capability)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		code := speller{t}.token(a, c, before)
		got, rest, err := tokens.Decode(append(slices.Clip(code), "after"...), a.Entry, prev)
		if err != nil || string(rest) != "after" || !bytes.Equal(got.Capability, a.Token.Capability) || got.Signature != a.Token.Signature {
			t.Fatalf("%x: %v, %q, %v; want %v", code, got, rest, err, a.Token)
		}
		for range 10 {
			b := damage(t, code)
			got, rest, err := tokens.Decode(b, a.Entry, prev)
			if err != nil {
				continue
			}
			c, err := tokens.capability(got.Capability)
			if err != nil || !matchToken(b[:len(b)-len(rest)], got, c, before, a.Entry) {
				t.Fatalf("%x is read as %+v, of which it is no code, %v", b, c, err)
			}
		}
	})
}

// privately is EncodeMcCapabilityRelativePrivateInterest.
func (s speller) privately(c *Capability, i PersonalInterest) []byte {
	b := s.standalone(uint64(len(c.Delegations)))
	if !c.Communal() {
		if len(c.Delegations) > 0 {
			b = append(b, c.User[:]...)
		}
		b = append(b, c.Initial[:]...)
	}
	rel := willow.FullArea
	if !i.AnySubspace {
		rel = willow.SubspaceArea(i.Subspace)
	}
	for k, d := range c.Delegations {
		b = append(b, s.private(d.Area, willow.PrivateAreaContext{Private: i.PrivateInterest, Rel: rel})...)
		if k < len(c.Delegations)-1 {
			b = append(b, d.Receiver[:]...)
		}
		b = append(b, d.Signature[:]...)
		rel = d.Area
	}
	return b
}

// TestCodesPrivately: a capability told privately is read in every form, and what is
// read as one is admitted by the interest and inside its chain.
func TestCodesPrivately(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, i := privateChain(t)
		code := speller{t}.privately(c, i)
		got, rest, err := DecodePrivately(willow.Willow25, append(slices.Clip(code), "after"...), i)
		if err != nil || string(rest) != "after" || !bytes.Equal(got.Encode(), c.Encode()) {
			t.Fatalf("%x: %+v, %q, %v; want %+v", code, got, rest, err, c)
		}
		for range 10 {
			b := damage(t, code)
			got, rest, err := DecodePrivately(willow.Willow25, b, i)
			if err != nil {
				continue
			}
			for k, d := range got.Delegations {
				if !got.Cut(k).Area().IncludesArea(d.Area) {
					t.Fatalf("%x: delegation %d widens %+v", b, k+1, got)
				}
			}
			if again, err := got.AppendPrivately(nil, i); err != nil || len(again) > len(b)-len(rest) || got.Receiver() != i.Receiver {
				t.Fatalf("%x is read as %+v, which is written %x, %v", b, got, again, err)
			}
		}
	})
}

// enumeration is EncodeMcEnumerationCapability, and what it is told privately.
func (s speller) enumeration(c *Enumeration) (code, private []byte) {
	n := len(c.Delegations)
	count := s.standalone(uint64(n))
	code, private = slices.Concat(c.Namespace[:], c.User[:], c.Initial[:], count), slices.Concat(count, c.Initial[:])
	if n > 0 {
		private = append(private, c.User[:]...)
	}
	for k, d := range c.Delegations {
		code = slices.Concat(code, d.Receiver[:], d.Signature[:])
		if k < n-1 {
			private = append(private, d.Receiver[:]...)
		}
		private = append(private, d.Signature[:]...)
	}
	return code, private
}

// TestCodesOfEnumerations: enumeration capabilities, with a number that may be longer
// than it has to be, alone and told privately.
func TestCodesOfEnumerations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := NewEnumeration(namespaceKey(1), holders[0].Receiver())
		for k := range rapid.IntRange(0, len(holders)-1).Draw(t, "depth") {
			c.Delegations = append(c.Delegations, EnumDelegation{holders[k+1].Receiver(), holders[k].Sign([]byte("anything"))})
		}
		code, private := speller{t}.enumeration(c)
		canonical := c.Encode()
		check := func(got *Enumeration, rest []byte, err error) {
			t.Helper()
			if err != nil || string(rest) != "after" || !bytes.Equal(got.Encode(), canonical) {
				t.Fatalf("%+v, %q, %v; want %+v", got, rest, err, c)
			}
		}
		check(DecodeEnumerationAny(append(slices.Clip(code), "after"...)))
		check(DecodeEnumerationPrivately(append(private, "after"...), c.Namespace, c.Receiver()))
		if got, err := DecodeEnumeration(code); (err == nil) != (len(code) == len(canonical)) || err == nil && !bytes.Equal(code, canonical) || err != nil && (got != nil || !errors.Is(err, ErrInvalid)) {
			t.Fatalf("%x is strictly %+v, %v", code, got, err)
		}
		if got, err := DecodeEnumeration(append(canonical, 0)); !errors.Is(err, ErrInvalid) || got != nil {
			t.Fatalf("with more after its end: %+v, %v", got, err)
		}
		cut := rapid.IntRange(0, len(code)-1).Draw(t, "cut")
		if got, rest, err := DecodeEnumerationAny(code[:cut]); !errors.Is(err, willow.ErrTruncated) || got != nil || rest != nil {
			t.Fatalf("of %d bytes: %+v, %v", cut, got, err)
		}
	})
	ns := communalKey(1)
	if c, _, err := DecodeEnumerationAny(slices.Concat(ns[:], make([]byte, 32+64+1))); !errors.Is(err, ErrInvalid) || errors.Is(err, willow.ErrTruncated) {
		t.Errorf("of a communal namespace: %+v, %v", c, err)
	}
}
