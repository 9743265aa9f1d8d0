package mdn

import (
	"bytes"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

func testContact() contact {
	return contact{
		name: "Ann", called: "Annie", added: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), blocked: true,
		proved: []key.Receiver{testDevice(1).Receiver()},
	}
}

// testIntroduction is by device 1, of testNamespace(1).
func testIntroduction(t testing.TB) *introduction {
	ns := testNamespace(1)
	chain := rootGrants(ns, testDevice(1).Receiver()).write
	return &introduction{
		custodian:  ns.Namespace(),
		chain:      chain,
		statements: []*Statement{stateByDevice(t, testDevice(1), chain, Remove{Key: testDevice(3).Receiver()})},
		entries: []sealedEntry{
			signedRecord(t, ns, profilePath, profileRecord("Ann").encode()),
			signedRecord(t, ns, recordPath(devicesPath, testDevice(1).Receiver()), testDeviceInfo().fields(nil).encode()),
		},
	}
}

// TestContactVectors: what accounts say to each other when they become known.
func TestContactVectors(t *testing.T) {
	b := Binding{Exporter: [32]byte{1}, Joining: testDevice(1).Endpoint(), Account: testDevice(2).Endpoint()}
	input := b.input([16]byte{2})
	nonce, salt := [32]byte{3}, [32]byte{4}
	ns := testNamespace(1).Namespace()
	shown := delegateArea(t, rootGrants(testNamespace(1), testDevice(1).Receiver()).read, testDevice(1),
		testDevice(2).Receiver(), contactArea(ns))
	plain := contact{name: "Ann", added: time.Unix(1, 0)}
	ticket := Ticket{
		Contact: true, Endpoint: testDevice(1).Endpoint(), Secret: [16]byte{5}, Expires: time.Unix(1_767_323_045, 0),
		Addrs: []netip.AddrPort{netip.MustParseAddrPort("192.168.1.20:4711")},
	}
	got := map[string]string{
		"proof of who scanned": hex32(contactRite.proof(input, roleAccount)),
		"proof of who shows":   hex32(contactRite.proof(input, roleJoining)),
		"nonce commitment":     hex32(contactRite.nonceCommitment(input, nonce)),
		"code":                 contactRite.code(input, nonce),
		"code commitment":      hex32(contactRite.codeCommitment(input, "123456", salt)),
		"contact":              hexOf(testContact().fields(nil).encode()),
		"plain contact":        hexOf(plain.fields(nil).encode()),
		"contact path":         hexOf(willow.AppendPath(nil, recordPath(contactsPath, ns))),
		"capability":           hexOf(shown.Encode()),
		"caps of a person":     hexOf(grantSet{read: shown, person: testNamespace(2).Namespace()}.fields().encode()),
		"ticket":               ticket.String(),
		"link":                 ticket.Link(),
	}
	f := profileRecord("Ann")
	f.set("picture", []byte{1, 2, 3})
	got["profile with a picture"] = hexOf(f.encode())
	for i, f := range testIntroduction(t).messages() {
		got[fmt.Sprintf("introduction %d", i)] = hexOf(f.encode())
	}
	golden(t, "contact", got)
}

func TestContactRoundTrip(t *testing.T) {
	want := testContact()
	f := want.fields(nil)
	f.set("future", 7)
	got, err := parseContact(f.encode())
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("have %+v, %v", got, err)
	}
	got.blocked, got.called = false, ""
	again, err := parseContact(got.fields(f).encode())
	if err != nil || again.blocked || again.called != "" || f["future"] == nil {
		t.Errorf("have %+v, %v", again, err)
	}
}

// receivedIntroduction is what a side of a handshake makes of messages.
func receivedIntroduction(t testing.TB, messages []byte) (*introduction, error) {
	var s tape
	s.Write(messages)
	w := newWire(t.Context(), &s)
	w.trust()
	defer w.detach()
	return receiveIntroduction(w)
}

func written(t testing.TB, all []fields) []byte {
	var s tape
	w := newWire(t.Context(), &s)
	defer w.detach()
	for _, f := range all {
		if err := w.send(f); err != nil {
			t.Fatal(err)
		}
	}
	return s.Bytes()
}

// knowing returns an account that can judge introductions.
func knowing(t testing.TB) *Account {
	a := &Account{Config: Config{Verifier: meadowcap.NewVerifier(16)}, self: testDevice(2).Receiver()}
	own := testDeviceInfo()
	own.Receiver, own.Endpoint = testDevice(2).Receiver(), testDevice(2).Endpoint()
	a.now.Store(&view{identity: testNamespace(2).Namespace(), devices: []DeviceInfo{own}})
	return a
}

// listed is the records of so many full devices, from a number on.
func listed(t testing.TB, ns key.NamespaceSecret, from, count int) (all []sealedEntry) {
	for i := range count {
		d := testDeviceInfo()
		d.Receiver, d.Endpoint = testDevice(byte(from+i)).Receiver(), testDevice(byte(from+i)).Endpoint()
		all = append(all, signedRecord(t, ns, recordPath(devicesPath, d.Receiver), d.fields(nil).encode()))
	}
	return all
}

// TestFirstFull: of more full devices than count the first ones do.
func TestFirstFull(t *testing.T) {
	var all []DeviceInfo
	for i := range maxPersonFull + 8 {
		all = append(all, DeviceInfo{Kind: Full, Name: "full"}, DeviceInfo{Kind: Limited, Name: string(rune('a' + i%8))})
	}
	want := append(slices.Clone(all[:2*maxPersonFull]), slices.DeleteFunc(slices.Clone(all[2*maxPersonFull:]), func(d DeviceInfo) bool { return d.Kind == Full })...)
	if got := firstFull(all); !reflect.DeepEqual(got, want) {
		t.Errorf("have %d devices, want %d", len(got), len(want))
	}
}

func TestIntroductions(t *testing.T) {
	a, peer := knowing(t), testDevice(1).Endpoint()
	honest, err := receivedIntroduction(t, written(t, testIntroduction(t).messages()))
	if err != nil {
		t.Fatal(err)
	}
	in, err := honest.check(a, peer)
	if err != nil || in.person.Name != "Ann" || len(in.person.Devices) != 1 || in.custodian != testNamespace(1).Namespace() {
		t.Fatalf("have %+v, %v", in, err)
	}
	ns, other := testNamespace(1), testNamespace(3)
	root := rootGrants(ns, testDevice(1).Receiver())
	stolen := testDeviceInfo()
	stolen.Receiver, stolen.Endpoint = testDevice(2).Receiver(), testDevice(2).Endpoint()
	for name, change := range map[string]func(i *introduction){
		"own account":       func(i *introduction) { i.custodian = testNamespace(2).Namespace() },
		"another custodian": func(i *introduction) { i.custodian = other.Namespace() },
		"a read chain":      func(i *introduction) { i.chain = root.read },
		"a part's chain": func(i *introduction) {
			i.chain = delegateArea(t, rootGrants(ns, testDevice(4).Receiver()).write, testDevice(4), testDevice(1).Receiver(), contactArea(ns.Namespace()))
		},
		"another's chain": func(i *introduction) { i.chain = delegate(t, root.write, testDevice(1), testDevice(3).Receiver()) },
		"a dead chain": func(i *introduction) {
			i.statements = append(i.statements, stateByDevice(t, testDevice(1), i.chain, Remove{Key: testDevice(1).Receiver()}))
		},
		"another's words": func(i *introduction) {
			i.statements = append(i.statements, stateByDevice(t, testDevice(1), rootGrants(other, testDevice(1).Receiver()).write, Remove{Key: testDevice(4).Receiver()}))
		},
		"no profile": func(i *introduction) { i.entries = i.entries[1:] },
		"no device":  func(i *introduction) { i.entries = i.entries[:1] },
		"another's record": func(i *introduction) {
			i.entries = append(i.entries, signedRecord(t, other, profilePath, profileRecord("Bob").encode()))
		},
		"something else": func(i *introduction) {
			i.entries = append(i.entries, signedRecord(t, ns, spacesPath, profileRecord("x").encode()))
		},
		"a name that isn't": func(i *introduction) { i.entries[0] = signedRecord(t, ns, profilePath, profileRecord("a\nb").encode()) },
		"a long name": func(i *introduction) {
			i.entries[0] = signedRecord(t, ns, profilePath, profileRecord(strings.Repeat("x", 10_000)).encode())
		},
		"another's device": func(i *introduction) {
			i.entries = append(i.entries, signedRecord(t, ns, recordPath(devicesPath, stolen.Receiver), stolen.fields(nil).encode()))
		},
		"a limited device": func(i *introduction) {
			d := testDeviceInfo()
			d.Kind = Limited
			i.entries[1] = signedRecord(t, ns, recordPath(devicesPath, d.Receiver), d.fields(nil).encode())
		},
		"another's endpoint": func(i *introduction) {
			d := testDeviceInfo()
			d.Endpoint = testDevice(4).Endpoint()
			i.entries[1] = signedRecord(t, ns, recordPath(devicesPath, d.Receiver), d.fields(nil).encode())
		},
		"very many devices": func(i *introduction) {
			i.entries = append(i.entries, listed(t, ns, 100, maxPersonFull)...)
		},
		"a forged signature": func(i *introduction) { i.entries[0].Token.Signature[0] ^= 1 },
	} {
		i := testIntroduction(t)
		change(i)
		if _, err := i.check(a, peer); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	many := testIntroduction(t)
	many.entries = append(many.entries, listed(t, ns, 100, maxPersonFull-1)...)
	if in, err = many.check(a, peer); err != nil || len(in.person.Devices) != maxPersonFull {
		t.Errorf("of as many devices as there may be: %v", err)
	}
	for name, messages := range map[string][]fields{
		"nothing":     nil,
		"no end":      testIntroduction(t).messages()[:2],
		"grants":      append([]fields{testGrants(t).fields()}, testIntroduction(t).messages()...),
		"a home":      {fields{"home": encode(make([]byte, 32))}},
		"a limited":   {fields{"limited": encode(true)}},
		"a bad chain": {fields{"chain": encode([]byte{1}), "custodian": encode(make([]byte, 32))}},
	} {
		if _, err := receivedIntroduction(t, written(t, messages)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// TestShownCapabilities: of what a person gives only what it should be is taken.
func TestShownCapabilities(t *testing.T) {
	a, ns := knowing(t), testNamespace(1)
	in, err := testIntroduction(t).check(a, testDevice(1).Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	root, to := rootGrants(ns, testDevice(1).Receiver()), testDevice(2).Receiver()
	good := delegateArea(t, root.read, testDevice(1), to, contactArea(ns.Namespace()))
	if err := in.checkShown(a, []*meadowcap.Capability{good}); err != nil {
		t.Fatal(err)
	}
	for name, all := range map[string][]*meadowcap.Capability{
		"none":              nil,
		"the full area":     {delegate(t, root.read, testDevice(1), to)},
		"writing":           {delegateArea(t, root.write, testDevice(1), to, contactArea(ns.Namespace()))},
		"another namespace": {delegateArea(t, rootGrants(testNamespace(3), testDevice(1).Receiver()).read, testDevice(1), to, contactArea(testNamespace(3).Namespace()))},
		"another device":    {good, delegateArea(t, root.read, testDevice(1), testDevice(5).Receiver(), contactArea(ns.Namespace()))},
		"by who is removed": {good, delegateArea(t, delegate(t, root.read, testDevice(1), testDevice(3).Receiver()), testDevice(3), to, contactArea(ns.Namespace()))},
	} {
		if err := in.checkShown(a, all); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func FuzzIntroduction(f *testing.F) {
	f.Add(written(f, testIntroduction(f).messages()))
	f.Add(written(f, []fields{{"refused": encode("already_known")}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		i, err := receivedIntroduction(t, b)
		if err != nil {
			return
		}
		if again := written(t, i.messages()); !bytes.HasPrefix(b, again) && len(i.statements) == 0 && len(i.entries) == 0 {
			t.Errorf("have %x of %x", again, b)
		}
		_, _ = i.check(knowing(t), testDevice(1).Endpoint())
	})
}

func FuzzContact(f *testing.F) {
	f.Add(testContact().fields(nil).encode())
	f.Add(contact{name: "Bob"}.fields(nil).encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := parseContact(b); err == nil && c.added.UnixMicro() < 1<<62 {
			if again, err := parseContact(c.fields(nil).encode()); err != nil || !reflect.DeepEqual(again, c) {
				t.Errorf("have %+v of %+v, %v", again, c, err)
			}
		}
		_, _, _ = parseProfile(b)
		_, _ = parsePersonDevice(key.Receiver{}, b)
		_ = checkPicture(b)
	})
}

func FuzzContactTicket(f *testing.F) {
	f.Add(Ticket{Contact: true}.String())
	f.Add(Ticket{Contact: true}.Link() + "/#x")
	f.Add(Ticket{}.String())
	f.Fuzz(func(t *testing.T, s string) {
		ticket, err := ParseContactTicket(s)
		if err != nil {
			return
		}
		if again, err := ParseContactTicket(ticket.Link()); err != nil || !reflect.DeepEqual(again, ticket) || !ticket.Contact {
			t.Errorf("have %+v of %+v, %v", again, ticket, err)
		}
		if _, err := ParseTicket(s); err == nil {
			t.Errorf("%q is a ticket of both kinds", s)
		}
	})
}
