package mdn

import (
	"bytes"
	"errors"
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

func testTicket() Ticket {
	return Ticket{
		Endpoint: testDevice(1).Endpoint(),
		Secret:   [16]byte{1, 2, 3},
		Addrs:    []netip.AddrPort{netip.MustParseAddrPort("192.0.2.7:4433"), netip.MustParseAddrPort("[2001:db8::1]:65535")},
		Expires:  time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC),
	}
}

func TestTicketVector(t *testing.T) {
	bare := testTicket()
	bare.Addrs = nil
	golden(t, "ticket", map[string]string{"full": testTicket().String(), "bare": bare.String()})
}

func TestParseTicketIsTolerant(t *testing.T) {
	s := testTicket().String()
	sloppy := " " + strings.ToUpper(s[:20]) + "\r\n\t" + s[20:40] + " " + s[40:] + "\n"
	got, err := ParseTicket(sloppy)
	if err != nil || !reflect.DeepEqual(got, testTicket()) {
		t.Errorf("have %+v, %v", got, err)
	}
	for name, bad := range map[string]string{
		"empty": "", "another prefix": "mdnpair2" + s[8:], "cut": s[:len(s)-4], "longer": s + "aaaa", "not base32": s[:30] + "1" + s[31:],
		"huge": s + strings.Repeat(" ", maxTicketText),
	} {
		if _, err := ParseTicket(bad); !errors.Is(err, ErrTicket) {
			t.Errorf("%s: have %v", name, err)
		}
	}
}

func TestTicketLeavesOutUselessAddresses(t *testing.T) {
	ticket := testTicket()
	for _, s := range []string{"[fe80::1%eth0]:1", "0.0.0.0:1", "[::]:1"} {
		ticket.Addrs = append(ticket.Addrs, netip.MustParseAddrPort(s))
	}
	for range 2 * maxAddrs {
		ticket.Addrs = append(ticket.Addrs, netip.MustParseAddrPort("[::ffff:198.51.100.1]:9"))
	}
	got, err := ParseTicket(ticket.String())
	if err != nil || len(got.Addrs) != maxAddrs || got.Addrs[2] != netip.MustParseAddrPort("198.51.100.1:9") {
		t.Errorf("have %v, %v", got.Addrs, err)
	}
}

func FuzzParseTicket(f *testing.F) {
	f.Add(testTicket().String())
	f.Add("MDNPAIR1 aaaa")
	f.Fuzz(func(t *testing.T, s string) {
		ticket, err := ParseTicket(s)
		if err != nil {
			if !reflect.DeepEqual(ticket, Ticket{}) {
				t.Error("a ticket with an error")
			}
			return
		}
		again, err := ParseTicket(ticket.String())
		if err != nil || !reflect.DeepEqual(again, ticket) {
			t.Errorf("have %+v, want %+v, %v", again, ticket, err)
		}
	})
}

func TestPairingVectors(t *testing.T) {
	b := Binding{Exporter: [32]byte{7}, Joining: testDevice(1).Endpoint(), Account: testDevice(2).Endpoint()}
	input := b.input([16]byte{1, 2, 3})
	nonce, salt := [32]byte{4}, [32]byte{5}
	golden(t, "pairing", map[string]string{
		"input":            hexOf(input),
		"proof of account": hex32(pairRite.proof(input, roleAccount)),
		"proof of joining": hex32(pairRite.proof(input, roleJoining)),
		"nonce commitment": hex32(pairRite.nonceCommitment(input, nonce)),
		"code":             pairRite.code(input, nonce),
		"code commitment":  hex32(pairRite.codeCommitment(input, "123456", salt)),
	})
}

// testGrants are the capabilities of device 2, given by 1, of testNamespace(1).
func testGrants(t testing.TB) grantSet {
	root := rootGrants(testNamespace(1), testDevice(1).Receiver())
	to := testDevice(2).Receiver()
	e, err := root.enumeration.Delegate(testDevice(1), to)
	if err != nil {
		t.Fatal(err)
	}
	return grantSet{read: delegate(t, root.read, testDevice(1), to), write: delegate(t, root.write, testDevice(1), to), enumeration: e}
}

func testDeviceInfo() DeviceInfo {
	return DeviceInfo{
		Name: "laptop", Receiver: testDevice(1).Receiver(), Endpoint: testDevice(1).Endpoint(), Sealing: [32]byte{3},
		Kind: Full, Platform: "linux", Added: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC),
	}
}

func TestRecordVectors(t *testing.T) {
	ns := testNamespace(1).Namespace()
	d := testDevice(1).Receiver()
	sealing, err := sealingKey(testDevice(1))
	if err != nil {
		t.Fatal(err)
	}
	paths := willow.AppendPath(nil, recordPath(capsPath, ns, d, testDevice(2).Receiver()))
	golden(t, "records", map[string]string{
		"profile":         hexOf(profileRecord("Ann").encode()),
		"device":          hexOf(testDeviceInfo().fields(nil).encode()),
		"space":           hexOf(spaceRecord("notes", testDeviceInfo().Added).encode()),
		"about":           hexOf(aboutRecord("notes").encode()),
		"standing all":    hexOf(standing{all: true}.encode()),
		"standing chosen": hexOf(standing{spaces: []willow.NamespaceID{ns}}.encode()),
		"standing none":   hexOf(standing{}.encode()),
		"caps":            hexOf(testGrants(t).fields().encode()),
		"caps path":       hexOf(paths),
		"device path":     hexOf(willow.AppendPath(nil, recordPath(devicesPath, d))),
		"account value":   hexOf(accountRecord(ns, testNamespace(2).Namespace())),
		"sealing key":     hexOf(sealing.PublicKey().Bytes()),
	})
}

func TestRecordsRoundTrip(t *testing.T) {
	want := testDeviceInfo()
	f := want.fields(nil)
	f.set("future", 7)
	got, kept, err := parseDevice(want.Receiver, f.encode())
	if err != nil || got != want {
		t.Errorf("have %+v, %v", got, err)
	}
	got.Name = "desk"
	if again, kept, err := parseDevice(want.Receiver, got.fields(kept).encode()); err != nil || again.Name != "desk" || kept["future"] == nil {
		t.Errorf("an unknown key is lost: %v, %v", kept, err)
	}
	for _, want := range []standing{{all: true}, {}, {spaces: []willow.NamespaceID{{1}, {2}}}} {
		if got, err := parseStanding(want.encode()); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("have %+v, %v", got, err)
		}
	}
	g := testGrants(t)
	r, err := parseRecord(g.fields().encode())
	if err != nil {
		t.Fatal(err)
	}
	read, err := parseGrants(r)
	if err != nil {
		t.Fatal(err)
	}
	v := meadowcap.NewVerifier(4)
	ns := testNamespace(1).Namespace()
	if err := read.check(v, ns, testDevice(2).Receiver()); err != nil {
		t.Error(err)
	}
	swapped := grantSet{read: g.write, write: g.read}
	for name, err := range map[string]error{
		"another namespace": read.check(v, testNamespace(2).Namespace(), testDevice(2).Receiver()),
		"another receiver":  read.check(v, ns, testDevice(1).Receiver()),
		"swapped":           swapped.check(v, ns, testDevice(2).Receiver()),
	} {
		if err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func FuzzRecords(f *testing.F) {
	f.Add(testDeviceInfo().fields(nil).encode())
	f.Add(spaceRecord("notes", time.Unix(0, 0)).encode())
	f.Add(profileRecord("Ann").encode())
	f.Add(standing{spaces: []willow.NamespaceID{{1}}}.encode())
	f.Add(testGrants(f).fields().encode())
	f.Add(limitedGrants(f, 1).fields().encode())
	f.Add(formerRecord(testDeviceInfo(), time.Unix(0, 0), time.Unix(1, 0)).encode())
	f.Add(encode(map[string]any{"refused": "used"}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, kept, err := parseDevice(key.Receiver{}, b); err == nil && !bytes.Equal(d.fields(kept).encode(), b) && d.Added.UnixMicro() < 1<<62 {
			t.Errorf("device changed: %x", b)
		}
		if s, err := parseStanding(b); err == nil && !bytes.Equal(s.encode(), b) {
			t.Errorf("standing changed: %x", b)
		}
		r, err := parseRecord(b)
		if err != nil {
			return
		}
		if !bytes.Equal(r.fields.encode(), b) {
			t.Errorf("record changed: %x", b)
		}
		if g, err := parseGrants(r); err == nil && !slices.Equal(g.fields()["read"], r.fields["read"]) {
			t.Errorf("grants changed: %x", b)
		}
		_, _, _ = parseSpace(willow.NamespaceID{}, b)
		_, _, _ = parseAbout(b)
		_, _, _ = parseFormer(b)
		_, _, _ = parseOffer(&reader{fields: r.fields})
		_, _, _ = parseHello(&reader{fields: r.fields}, key.Endpoint{})
		_, _ = parseEntry(&reader{fields: r.fields})
	})
}

func FuzzReadMessage(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 0xa0})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := readMessage(bytes.NewReader(b), maxFrame); (r == nil) != (err != nil) {
			t.Errorf("have %v, %v", r, err)
		}
	})
}
