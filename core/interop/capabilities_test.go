package interop

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

func (d draw) seed() (s [32]byte) {
	for i := range s {
		s[i] = byte(d.Uint32())
	}
	return s
}

func (d draw) device() key.Device { return key.DeviceFromSeed(d.seed()) }

func seedWord(d interface{ Seed() [32]byte }) string {
	seed := d.Seed()
	return bytesWord(seed[:])
}

// owned draws the key of a namespace that has an owner.
func (d draw) owned() key.NamespaceSecret {
	for {
		if s := key.NamespaceFromSeed(d.seed()); s.Namespace().Owned() {
			return s
		}
	}
}

// communal draws a namespace that has no owner.
func (d draw) communal() willow.NamespaceID {
	for {
		if ns := key.NamespaceFromSeed(d.seed()).Namespace(); !ns.Owned() {
			return ns
		}
	}
}

// chain is a capability that was handed on, with the keys that it went through.
type chain struct {
	*meadowcap.Capability
	keys []key.Device
}

func (c chain) receiver() key.Device { return c.keys[len(c.keys)-1] }

// root draws a capability that wasn't handed on, of either kind, and checks that the
// crate makes the same.
func (d draw) root(t *testing.T, o *oracle, m meadowcap.Mode) chain {
	t.Helper()
	if d.bool() {
		return d.ownedRoot(t, o, m)
	}
	user := d.device()
	id, ns := user.Receiver(), d.communal()
	c := meadowcap.NewCommunal(ns, m, id)
	if theirs := o.bytes(t, "capability", "communal", m.String(), ns[:], id[:]); !bytes.Equal(theirs, c.Encode()) {
		t.Errorf("a communal capability is %x there, %x here", theirs, c.Encode())
	}
	return chain{c, []key.Device{user}}
}

// ownedRoot is root of an owned capability.
func (d draw) ownedRoot(t *testing.T, o *oracle, m meadowcap.Mode) chain {
	t.Helper()
	user := d.device()
	id := user.Receiver()
	ns := d.owned()
	c := meadowcap.NewOwned(ns, m, id)
	theirs := o.bytes(t, "capability", "owned", m.String(), seedWord(ns), id[:])
	if !bytes.Equal(theirs, c.Encode()) {
		t.Errorf("an owned capability is %x there, %x here", theirs, c.Encode())
	}
	return chain{c, []key.Device{user}}
}

// handOn hands a capability on here and there: the bytes are the same, so those
// that were signed are.
func (d draw) handOn(t *testing.T, o *oracle, c chain, area willow.Area) chain {
	t.Helper()
	to := d.device()
	id := to.Receiver()
	next, err := c.Delegate(c.receiver(), area, id)
	for errors.Is(err, meadowcap.ErrAmbiguous) { // by chance
		area = d.inside(c.Area())
		next, err = c.Delegate(c.receiver(), area, id)
	}
	if err != nil {
		t.Fatal(err)
	}
	theirs := o.bytes(t, "capability", "delegate", c.Encode(), seedWord(c.receiver()), id[:], areaWords(area))
	if !bytes.Equal(theirs, next.Encode()) {
		t.Errorf("%x handed on is %x there, %x here", c.Encode(), theirs, next.Encode())
	}
	return chain{next, append(slices.Clone(c.keys), to)}
}

// handedOn draws a capability that was handed on depth times.
func (d draw) handedOn(t *testing.T, o *oracle, m meadowcap.Mode, depth int) chain {
	t.Helper()
	c := d.root(t, o, m)
	for range depth {
		c = d.handOn(t, o, c, d.inside(c.Area()))
	}
	return c
}

// describe is what both sides say of a capability's bytes, nil if they aren't one in
// the canonical form, or in any: the words of the crate's answer.
func describe(how string, b []byte) []string {
	c, rest, err := meadowcap.DecodeAny(willow.Willow25, b)
	if how == "canonic" {
		rest = nil
		c, err = meadowcap.DecodeUnder(willow.Willow25, b)
	}
	if err != nil {
		return nil
	}
	receiver, kind := c.Receiver(), "owned"
	if c.Communal() {
		kind = "communal"
	}
	words := []string{
		fmt.Sprint(len(b) - len(rest)), bytesWord(c.Encode()), kind, fmt.Sprint(len(c.Delegations)),
		bytesWord(c.Namespace[:]), bytesWord(receiver[:]),
	}
	words = append(words, areaWords(c.Area())...)
	if c.ValidUnder(willow.Willow25) != nil {
		return append(words, "invalid")
	}
	return append(words, "valid")
}

// nobodys reports whether a capability is of a user who can't be: one of a communal
// namespace has no signature that would fail.
func nobodys(b []byte) bool {
	c, _, err := meadowcap.DecodeAny(willow.Willow25, b)
	return err == nil && c.Communal() && !key.Usable(c.User)
}

// checkCapability has both sides judge bytes, as the canonical form or as any.
func checkCapability(t *testing.T, o *oracle, how string, b []byte) (mine []string) {
	t.Helper()
	mine = describe(how, b)
	theirs, ok := o.ask(t, "capability", how, b)
	if ok && how == "canonic" && theirs[0] != fmt.Sprint(len(b)) { // more comes after it, which we refuse
		theirs = nil
	}
	if mine == nil && theirs != nil && slices.Contains(theirs, "invalid") && (theirs[2] == "owned") != willow.NamespaceID(unhex(t, theirs[4])).Owned() {
		return nil // we don't even decode what is of the wrong kind
	}
	if mine != nil && theirs != nil && nobodys(b) {
		theirs = append(theirs[:len(theirs)-1:len(theirs)-1], "invalid") // see TestInteropReceivers
	}
	if !slices.Equal(mine, theirs) {
		t.Errorf("%s capability %x: %v here, %v there", how, b, mine, theirs)
	}
	return mine
}

// TestInteropCapabilities: what was authorised and handed on at one side is the same at
// the other, signatures included, and valid; damaged capabilities are the same to both.
func TestInteropCapabilities(t *testing.T) {
	o := crate(t)
	d := draw{random(t)}
	verdicts := make(map[string]int)
	judge := func(c chain) {
		canonical, loose := c.Encode(), d.looseCapability(c.Capability)
		for _, b := range [][]byte{canonical, loose} {
			if mine := checkCapability(t, o, "decode", b); mine == nil || mine[len(mine)-1] != "valid" {
				t.Errorf("%x: %v", b, mine)
			}
			if mine := checkCapability(t, o, "canonic", b); (mine != nil) != bytes.Equal(b, canonical) {
				t.Errorf("%x is %v, canonical is %x", b, mine, canonical)
			}
		}
		for range 5 {
			for how, b := range map[string][]byte{"canonic": d.damage(canonical), "decode": d.damage(loose)} {
				mine := checkCapability(t, o, how, b)
				verdicts[append([]string{"refused"}, mine...)[len(mine)]]++
			}
		}
	}
	for range cases / 10 {
		judge(d.handedOn(t, o, meadowcap.Mode(d.IntN(2)), d.IntN(5)))
	}
	for _, depth := range []int{59, 60, meadowcap.MaxDelegations} { // where their number gets a byte
		judge(d.handedOn(t, o, meadowcap.Write, depth))
	}
	t.Log("damaged ones:", verdicts)
}

// inArea draws an entry that an area of a namespace includes.
func (d draw) inArea(ns willow.NamespaceID, a willow.Area) willow.Entry {
	e := d.entry()
	e.Namespace, e.Path = ns, d.extend(a.Path)
	if !a.AnySubspace {
		e.Subspace = a.Subspace
	}
	e.Timestamp = d.times(a.Times).Start
	return e
}

// sign makes a token here and there, which are the same. It is of another payload if
// the entry itself can't be signed.
func (d draw) sign(t *testing.T, o *oracle, c chain, e willow.Entry) willow.Authorised {
	t.Helper()
	a, err := meadowcap.Sign(c.receiver(), c.Capability, e)
	for errors.Is(err, meadowcap.ErrAmbiguous) { // by chance
		e.PayloadDigest = d.id()
		a, err = meadowcap.Sign(c.receiver(), c.Capability, e)
	}
	if err != nil {
		t.Fatal(err)
	}
	theirs := o.bytes(t, "token", "sign", a.Token.Capability, seedWord(c.receiver()), entryWords(e))
	if !bytes.Equal(theirs, a.Token.Signature[:]) {
		t.Errorf("a signature of %v with %x: %x here, %x there", e, a.Token.Capability, a.Token.Signature, theirs)
	}
	return a
}

// TestInteropTokens: whoever signs, a token authorises its entry at both sides, and
// nothing else does.
func TestInteropTokens(t *testing.T) {
	o := crate(t)
	d := draw{random(t)}
	v := meadowcap.NewVerifierUnder(willow.Willow25, 100)
	authorised, refused := 0, 0
	judge := func(a willow.Authorised) (ok bool) {
		_, err := v.Entry(a.Entry, a.Token)
		if there := o.yes(t, "token", "authorises", a.Token.Capability, a.Token.Signature[:], entryWords(a.Entry)); there != (err == nil) {
			t.Errorf("%v with token %x: %v here, %v there", a.Entry, a.Token, err, there)
		}
		if err == nil {
			authorised++
		} else {
			refused++
		}
		return err == nil
	}
	for range cases / 10 {
		c := d.handedOn(t, o, meadowcap.Write, d.IntN(4))
		a := d.sign(t, o, c, d.inArea(c.Namespace, c.Area()))
		if !judge(a) {
			t.Errorf("%v isn't authorised", a)
		}
		for _, forged := range d.forgeries(t, o, c, a) {
			judge(forged)
		}
	}
	t.Log(authorised, "authorised,", refused, "refused")
}

// forgeries draws entries with tokens near an authorised one, few of which are authorised.
func (d draw) forgeries(t *testing.T, o *oracle, c chain, a willow.Authorised) (all []willow.Authorised) {
	with := func(change func(*willow.Authorised)) {
		f := a
		change(&f)
		all = append(all, f)
	}
	resigned := func(f *willow.Authorised) { // truly signed, but by no right
		f.Token.Signature = c.receiver().Sign(willow.AppendEntry(nil, f.Entry))
	}
	with(func(f *willow.Authorised) { f.Entry.Timestamp++ })
	with(func(f *willow.Authorised) { f.Entry.PayloadLength-- })
	with(func(f *willow.Authorised) { f.Token.Signature[d.IntN(64)] ^= 1 << d.IntN(8) })
	with(func(f *willow.Authorised) { f.Entry.Namespace = d.owned().Namespace(); resigned(f) })
	with(func(f *willow.Authorised) { f.Entry.Path = d.related(f.Entry.Path); resigned(f) })
	with(func(f *willow.Authorised) { f.Entry.Subspace = d.id(); resigned(f) })
	with(func(f *willow.Authorised) { f.Entry.Timestamp = willow.Timestamp(d.number()); resigned(f) })
	with(func(f *willow.Authorised) { f.Token.Capability = d.damage(f.Token.Capability) })
	with(func(f *willow.Authorised) {
		f.Token.Capability = d.handedOn(t, o, meadowcap.Read, 0).Encode()
	})
	return all
}

// TestInteropSignatures: a signature that isn't strictly right is one to nobody.
func TestInteropSignatures(t *testing.T) {
	o := crate(t)
	d := draw{random(t)}
	judge := func(k key.Receiver, msg []byte, sig key.Signature) bool {
		here := key.Verify(k, msg, sig)
		if there := o.yes(t, "key", "verify", k[:], msg, sig[:]); there != here {
			t.Errorf("%x by %v of %x: %v here, %v there", sig, k, msg, here, there)
		}
		return here
	}
	for range cases / 4 {
		secret, msg := d.device(), []byte(d.component())
		sig := secret.Sign(msg)
		if public := bytesWord(o.bytes(t, "key", "public", seedWord(secret))); public != secret.Receiver().String() {
			t.Errorf("the public key of %s is %s there", seedWord(secret), public)
		}
		if !judge(secret.Receiver(), msg, sig) {
			t.Errorf("%x isn't a signature of %x", sig, msg)
		}
		sig[d.IntN(64)] ^= 1 << d.IntN(8)
		judge(secret.Receiver(), msg, sig)
	}
	// Points of small order and other encodings of such, where lax verifiers differ.
	special := smallOrder(t)
	for _, a := range special {
		for _, r := range special {
			for _, s := range []byte{0, 1, byte(d.Uint32())} {
				sig := key.Signature(append(r[:], make([]byte, 32)...))
				sig[32] = s
				if judge(key.Receiver(a), []byte("message"), sig) {
					t.Errorf("%x is a signature by %x", sig, a)
				}
			}
		}
	}
}

// smallOrder returns the y coordinates of the points of small order with either sign,
// and what isn't canonical of them.
func smallOrder(t testing.TB) (all [][32]byte) {
	for _, y := range []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		k := [32]byte(unhex(t, y))
		all = append(all, k)
		k[31] |= 0x80
		all = append(all, k)
	}
	return all
}
