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

func device(n byte) key.Device { return key.DeviceFromSeed([key.Size]byte{n}) }

// namespaceKey returns the nth of some fixed namespaces that Meadow may create.
func namespaceKey(n byte) key.NamespaceSecret {
	for i := byte(0); ; i++ {
		if s := key.NamespaceFromSeed([key.Size]byte{0xff, n, i}); s.Namespace().Creatable() {
			return s
		}
	}
}

var (
	alfie, betty, gemma, dalton = device(1), device(2), device(3), device(4)

	files    = willow.Area{AnySubspace: true, Path: willow.MustPath("files"), Times: willow.AllTimes}
	myFiles  = willow.Area{Subspace: willow.SubspaceID{7}, Path: willow.MustPath("files", "mine"), Times: willow.AllTimes}
	thisYear = willow.Area{Subspace: willow.SubspaceID{7}, Path: willow.MustPath("files", "mine"), Times: willow.TimeRange{Start: 1000, End: 2000}}
)

// chain returns alfie's root, and what he hands on to betty, she to gemma, and
// she to dalton, each less.
func chain(t testing.TB, m Mode) []*Capability {
	t.Helper()
	c := NewOwned(namespaceKey(1), m, alfie.Receiver())
	cs := []*Capability{c}
	for _, step := range []struct {
		from key.Device
		area willow.Area
		to   key.Device
	}{{alfie, files, betty}, {betty, myFiles, gemma}, {gemma, thisYear, dalton}} {
		var err error
		if c, err = c.Delegate(step.from, step.area, step.to.Receiver()); err != nil {
			t.Fatal(err)
		}
		cs = append(cs, c)
	}
	return cs
}

func entryIn(c *Capability) willow.Entry {
	a := c.Area()
	return willow.Entry{
		Namespace: c.Namespace, Subspace: a.Subspace, Path: a.Path, Timestamp: a.Times.Start,
		PayloadDigest: willow.EmptyDigest,
	}
}

func TestChain(t *testing.T) {
	v := NewVerifier(10)
	for i, c := range chain(t, Write) {
		if err := c.Valid(); err != nil {
			t.Fatal(err)
		}
		holder := []key.Device{alfie, betty, gemma, dalton}[i]
		area := []willow.Area{willow.FullArea, files, myFiles, thisYear}[i]
		if c.Receiver() != holder.Receiver() || c.Area() != area || len(c.Receivers()) != i+1 {
			t.Errorf("capability %d is of %v for %+v", i, c.Receiver(), c.Area())
		}
		e := entryIn(c)
		a, err := Sign(holder, c, e)
		if err != nil {
			t.Fatal(err)
		}
		got, err := v.Entry(a.Entry, a.Token)
		if err != nil || !bytes.Equal(got.Encode(), c.Encode()) {
			t.Errorf("Entry = %+v, %v", got, err)
		}
		for n := range i + 1 {
			if cut := c.Cut(n); cut.Valid() != nil || cut.Receiver() != c.Receivers()[n] {
				t.Errorf("capability %d, cut after %d delegations, is invalid", i, n)
			}
		}
	}
}

// TestShared: what is handed on from one capability twice isn't mixed up.
func TestShared(t *testing.T) {
	root := chain(t, Read)[1]
	one, err := root.Delegate(betty, files, gemma.Receiver())
	if err != nil {
		t.Fatal(err)
	}
	other, err := root.Delegate(betty, files, dalton.Receiver())
	if err != nil {
		t.Fatal(err)
	}
	if one.Valid() != nil || other.Valid() != nil || one.Receiver() != gemma.Receiver() || other.Receiver() != dalton.Receiver() {
		t.Error("two capabilities share memory")
	}
}

// TestEntryRefused takes a right token and makes one thing of it wrong (S8, S15).
func TestEntryRefused(t *testing.T) {
	caps := chain(t, Write)
	last := caps[3]
	right, err := Sign(dalton, last, entryIn(last))
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := NewOwned(namespaceKey(2), Write, dalton.Receiver())
	reading := chain(t, Read)[3]
	// token makes a token whose signature is right, whatever it authorises.
	token := func(d key.Device, c *Capability, e willow.Entry) willow.Token {
		return willow.Token{Capability: c.Encode(), Signature: d.Sign(willow.AppendEntry(nil, e))}
	}
	change := func(f func(*willow.Entry)) willow.Authorised {
		e := right.Entry
		f(&e)
		return willow.Authorised{Entry: e, Token: token(dalton, last, e)}
	}
	for name, test := range map[string]struct {
		a    willow.Authorised
		want error
	}{
		"right":                     {right, nil},
		"another entry":             {willow.Authorised{Entry: change(func(e *willow.Entry) { e.PayloadLength++ }).Entry, Token: right.Token}, ErrInvalid},
		"namespace of another (B3)": {willow.Authorised{Entry: right.Entry, Token: token(dalton, elsewhere, right.Entry)}, ErrNotGranted},
		"for reading":               {willow.Authorised{Entry: right.Entry, Token: token(dalton, reading, right.Entry)}, ErrNotGranted},
		"signed by the giver":       {willow.Authorised{Entry: right.Entry, Token: token(gemma, last, right.Entry)}, ErrInvalid},
		"too early":                 {change(func(e *willow.Entry) { e.Timestamp = 999 }), ErrNotGranted},
		"too late":                  {change(func(e *willow.Entry) { e.Timestamp = 2000 }), ErrNotGranted},
		"other subspace":            {change(func(e *willow.Entry) { e.Subspace = willow.SubspaceID{8} }), ErrNotGranted},
		"above the path":            {change(func(e *willow.Entry) { e.Path = willow.MustPath("files") }), ErrNotGranted},
		"beside the path":           {change(func(e *willow.Entry) { e.Path = willow.MustPath("files", "minecraft") }), ErrNotGranted},
		"no capability":             {willow.Authorised{Entry: right.Entry}, ErrInvalid},
		"more after its end":        {willow.Authorised{Entry: right.Entry, Token: willow.Token{Capability: append(last.Encode(), 0), Signature: right.Token.Signature}}, ErrInvalid},
	} {
		for range 2 { // the second time from memory
			v := NewVerifier(1)
			if c, err := v.Entry(test.a.Entry, test.a.Token); !errors.Is(err, test.want) || (c == nil) != (test.want != nil) {
				t.Errorf("%s: %v, want %v", name, err, test.want)
			}
		}
	}
}

func TestSignRefused(t *testing.T) {
	last := chain(t, Write)[3]
	e := entryIn(last)
	outside := e
	outside.Timestamp = 5000
	foreign := e
	foreign.Namespace = namespaceKey(2).Namespace()
	for name, sign := range map[string]func() (willow.Authorised, error){
		"giver":     func() (willow.Authorised, error) { return Sign(gemma, last, e) },
		"outside":   func() (willow.Authorised, error) { return Sign(dalton, last, outside) },
		"namespace": func() (willow.Authorised, error) { return Sign(dalton, last, foreign) },
		"reading":   func() (willow.Authorised, error) { return Sign(dalton, chain(t, Read)[3], e) },
	} {
		if a, err := sign(); !errors.Is(err, ErrNotGranted) || a.Token.Capability != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDelegateRefused(t *testing.T) {
	caps := chain(t, Write)
	forged := caps[2].Cut(2)
	forged.Initial[5] ^= 1
	stranger := device(9).Receiver()
	empty := thisYear
	empty.Times.End = empty.Times.Start
	odd := files
	odd.Subspace = willow.SubspaceID{1} // although any
	for name, test := range map[string]struct {
		c    *Capability
		d    key.Device
		area willow.Area
		to   key.Receiver
		want error
	}{
		"not the receiver":   {caps[2], betty, myFiles, stranger, ErrNotGranted},
		"wider path":         {caps[2], gemma, files, stranger, ErrNotGranted},
		"any subspace":       {caps[2], gemma, willow.Area{AnySubspace: true, Path: myFiles.Path, Times: willow.AllTimes}, stranger, ErrNotGranted},
		"wider times":        {caps[3], dalton, myFiles, stranger, ErrNotGranted},
		"empty times":        {caps[3], dalton, empty, stranger, ErrNotGranted},
		"area not in form":   {caps[0], alfie, odd, stranger, ErrNotGranted},
		"back to the giver":  {caps[2], gemma, myFiles, betty.Receiver(), ErrInvalid},
		"to oneself":         {caps[2], gemma, myFiles, gemma.Receiver(), ErrInvalid},
		"to no key":          {caps[2], gemma, myFiles, key.Receiver{}, ErrInvalid},
		"to a key of order1": {caps[2], gemma, myFiles, key.Receiver{1}, ErrInvalid},
		"forged":             {forged, gemma, myFiles, stranger, ErrInvalid},
	} {
		if c, err := test.c.Delegate(test.d, test.area, test.to); !errors.Is(err, test.want) || c != nil {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

func TestLongestChain(t *testing.T) {
	c := NewOwned(namespaceKey(1), Read, device(0).Receiver())
	for n := range byte(MaxDelegations) {
		if again, err := Decode(c.Encode()); err != nil || again.Valid() != nil || len(again.Delegations) != int(n) {
			t.Fatalf("%d delegations: %v", n, err)
		}
		var err error
		if c, err = c.Delegate(device(n), willow.FullArea, device(n+1).Receiver()); err != nil {
			t.Fatal(err)
		}
	}
	b := c.Encode()
	if again, err := Decode(b); err != nil || again.Valid() != nil {
		t.Errorf("the longest chain: %v", err)
	}
	if _, err := c.Delegate(device(MaxDelegations), willow.FullArea, device(200).Receiver()); !errors.Is(err, ErrInvalid) {
		t.Errorf("a longer one: %v", err)
	}
	for name, change := range map[string]func(b []byte){
		"count too great": func(b []byte) { b[129] = MaxDelegations + 1 },
		"count too small": func(b []byte) { b[129] = 59 },
		"two byte tag":    func(b []byte) { b[0] = b[0]&0xc0 | 61 },
	} {
		wrong := slices.Clone(b)
		change(wrong)
		if _, err := Decode(wrong); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFlippedBits: every bit of an encoding matters, for its form or a signature.
func TestFlippedBits(t *testing.T) {
	b := chain(t, Write)[2].Encode()
	for bit := range 8 * len(b) {
		wrong := slices.Clone(b)
		wrong[bit/8] ^= 1 << (bit % 8)
		c, err := Decode(wrong)
		if err == nil {
			if again := c.Encode(); !bytes.Equal(again, wrong) {
				t.Fatalf("bit %d: decodes, but isn't canonical", bit)
			}
			err = c.Valid()
		}
		if !errors.Is(err, ErrInvalid) {
			t.Fatalf("bit %d: %v", bit, err)
		}
	}
}

// TestForged makes chains that a liar could make, who signs what he can.
func TestForged(t *testing.T) {
	liar := device(66)
	caps := chain(t, Write)
	communal := NewOwned(communalSecret(1), Write, alfie.Receiver())
	hand := func(c *Capability, d key.Device, area willow.Area, to key.Receiver) *Capability {
		message, _ := c.handoverMessage(area, to)
		next := *c
		next.Delegations = append(slices.Clip(c.Delegations), Delegation{area, to, d.Sign(message)})
		return &next
	}
	wider := *caps[2]
	wider.Delegations = slices.Clone(wider.Delegations)
	wider.Delegations[1].Area = willow.FullArea
	mode := *caps[2]
	mode.Mode = Read
	user := *caps[2]
	user.User = liar.Receiver()
	smallOrder := NewOwned(namespaceKey(1), Write, key.Receiver{})
	for name, c := range map[string]*Capability{
		"handed on by a stranger": hand(caps[2], liar, myFiles, liar.Receiver()),
		"wider area":              &wider,
		"other mode":              &mode,
		"other user":              &user,
		"communal namespace":      communal,
		"user of small order":     smallOrder,
		"to a key of small order": hand(caps[2], gemma, myFiles, key.Receiver{0: 1}),
		"no such mode":            NewOwned(namespaceKey(1), 2, alfie.Receiver()),
	} {
		if err := c.Valid(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Decode(communal.Encode()); !errors.Is(err, ErrInvalid) {
		t.Errorf("an owned capability of a communal namespace decodes: %v", err)
	}
	asCommunal := caps[0].Encode()
	asCommunal[0] &^= headOwned
	if _, err := Decode(asCommunal); !errors.Is(err, ErrInvalid) {
		t.Errorf("a communal capability decodes: %v", err)
	}
}

// TestVerifierForgets: what it has forgotten it verifies again.
func TestVerifierForgets(t *testing.T) {
	v := NewVerifier(2)
	var encodings [][]byte
	for n := range byte(10) {
		encodings = append(encodings, NewOwned(namespaceKey(n), Read, alfie.Receiver()).Encode())
	}
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SampledFrom(encodings).Draw(t, "capability")
		c, err := v.Capability(b)
		if err != nil || !bytes.Equal(c.Encode(), b) {
			t.Fatalf("%v", err)
		}
		if again, _ := v.Capability(b); again != c {
			t.Fatal("it forgot at once")
		}
		if len(v.young) > v.size || len(v.old) > v.size {
			t.Fatalf("it remembers %d and %d", len(v.young), len(v.old))
		}
	})
}
