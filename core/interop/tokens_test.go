package interop

import (
	"bytes"
	"slices"
	"strconv"
	"testing"

	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// next draws a chain to be told relative to c: itself, what it was, what comes of
// either by handing on, or another.
func (d draw) next(t *testing.T, o *oracle, c chain) chain {
	t.Helper()
	if d.IntN(4) == 0 {
		return d.handedOn(t, o, meadowcap.Write, d.IntN(3))
	}
	n := len(c.Delegations)
	if d.bool() {
		n = d.IntN(n + 1)
	}
	c = chain{c.Cut(n), slices.Clone(c.keys[:n+1])}
	for range d.IntN(3) {
		c = d.handOn(t, o, c, d.inside(c.Area()))
	}
	return c
}

// continues reports whether b has delegations that it shares with a, and others. The
// crate tells the first of the others relative to the entry's subspace, not to the area
// before it.
func continues(a, b *meadowcap.Capability) bool {
	if a.Communal() != b.Communal() || !a.Communal() && (a.User != b.User || a.Initial != b.Initial) {
		return false
	}
	shared := 0
	for shared < min(len(a.Delegations), len(b.Delegations)) && a.Delegations[shared] == b.Delegations[shared] {
		shared++
	}
	return shared > 0 && shared < len(b.Delegations)
}

// TestInteropTokensRelative: a token that one side tells relative to an entry before is
// the same to the other. Of damaged ones, what we take the crate takes so too, if the
// signatures in the capability are right: the crate verifies these at once.
func TestInteropTokensRelative(t *testing.T) {
	o := crate(t)
	d := draw{random(t)}
	tokens := meadowcap.NewTokens(willow.Willow25)
	told, differently, damaged := 0, 0, 0
	for range cases / 10 {
		first := d.handedOn(t, o, meadowcap.Write, d.IntN(4))
		prev := d.sign(t, o, first, d.inArea(first.Namespace, first.Area()))
		if d.IntN(5) == 0 {
			prev = willow.Willow25.Default()
			c, err := meadowcap.DecodeUnder(willow.Willow25, prev.Token.Capability)
			if err != nil {
				t.Fatal(err)
			}
			first = chain{Capability: c}
		}
		second := first
		if len(first.keys) > 0 {
			second = d.next(t, o, first)
		} else {
			second = d.handedOn(t, o, meadowcap.Write, d.IntN(3))
		}
		a := d.sign(t, o, second, d.inArea(second.Namespace, second.Area()))
		b, err := tokens.Append(nil, a.Token, a.Entry, prev)
		if err != nil {
			t.Fatalf("%v after %v: %v", a, prev, err)
		}
		here := func(b []byte) []string { return decodeToken(tokens, b, a.Entry, prev) }
		there := func(b []byte) []string {
			words, _ := o.ask(t, "token", "decode", b, authorisedWords(prev), entryWords(a.Entry))
			return words
		}
		want := []string{strconv.Itoa(len(b)), bytesWord(a.Token.Capability), bytesWord(a.Token.Signature[:])}
		if got := here(b); !slices.Equal(got, want) {
			t.Fatalf("%x is %v here, want %v", b, got, want)
		}
		if continues(first.Capability, second.Capability) {
			if !slices.Equal(there(b), want) {
				differently++
			}
			continue
		}
		told++
		if got := there(b); !slices.Equal(got, want) {
			t.Fatalf("%x is %v there, want %v", b, got, want)
		}
		theirs := o.bytes(t, "token", "encode", authorisedWords(prev), authorisedWords(a))
		want[0] = strconv.Itoa(len(theirs))
		if got := here(theirs); !slices.Equal(got, want) {
			t.Fatalf("%x is %v here, want %v", theirs, got, want)
		}
		for range 5 {
			x := d.damage(b)
			mine := here(x)
			if mine == nil {
				continue
			}
			c, err := meadowcap.DecodeUnder(willow.Willow25, unhex(t, mine[1]))
			if err != nil {
				t.Fatalf("%x, of damaged bytes, is no capability: %v", mine[1], err)
			}
			if c.ValidUnder(willow.Willow25) != nil || continues(first.Capability, c) {
				continue
			}
			if damaged++; !slices.Equal(there(x), mine) {
				t.Errorf("%x, damaged, is %v here, %v there", x, mine, there(x))
			}
		}
	}
	if differently == 0 {
		t.Error("the crate tells tokens now as we do where one capability continues another")
	}
	t.Log(told, "tokens,", differently, "that continue another,", damaged, "damaged ones taken")
}

// decodeToken returns how many bytes a token has, its capability and its signature, nil
// if it is none.
func decodeToken(tokens *meadowcap.Tokens, b []byte, e willow.Entry, prev willow.Authorised) []string {
	token, rest, err := tokens.Decode(bytes.Clone(b), e, prev)
	if err != nil {
		return nil
	}
	return []string{strconv.Itoa(len(b) - len(rest)), bytesWord(token.Capability), bytesWord(token.Signature[:])}
}
