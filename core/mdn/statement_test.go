package mdn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// chain is a root of device 1 handed on to devices 2, 3, …, n.
func chain(t testing.TB, s key.NamespaceSecret, m meadowcap.Mode, devices ...byte) *meadowcap.Capability {
	t.Helper()
	c := meadowcap.NewOwned(s, m, testDevice(devices[0]).Receiver())
	for i := 1; i < len(devices); i++ {
		c = delegate(t, c, testDevice(devices[i-1]), testDevice(devices[i]).Receiver())
	}
	return c
}

// vectors returns a statement of every kind.
func vectors(t testing.TB) map[string]*Statement {
	ns := testNamespace(1)
	c := chain(t, ns, meadowcap.Write, 1, 2)
	handovers := sorted([][32]byte{HandoverID(c, 0), HandoverID(c, 1)})
	return map[string]*Statement{
		"genesis": stateByNamespace(t, ns, Genesis{Identity: testNamespace(2).Namespace(), Home: ns.Namespace(), Recovery: [32]byte{9}}),
		"seed": stateByDevice(t, testDevice(2), c, Seed{
			Space: testNamespace(3).Namespace(), Enc: [encLength]byte{1, 2}, Ciphertext: [ciphertextLength]byte{3, 4},
		}),
		"withdraw": stateByDevice(t, testDevice(2), c, Withdraw{Epoch: 3, Handovers: handovers}),
		"remove":   stateByDevice(t, testDevice(2), c, Remove{Key: testDevice(4).Receiver(), Epoch: 3, Kept: handovers[:1]}),
		"epoch":    stateByNamespace(t, ns, Epoch{N: 3, Devices: []key.Receiver{testDevice(1).Receiver()}, Kept: handovers}),
	}
}

func sorted(ids [][32]byte) [][32]byte {
	for i := range ids {
		for j := range i {
			if compareIDs(ids[i], ids[j]) < 0 {
				ids[i], ids[j] = ids[j], ids[i]
			}
		}
	}
	return ids
}

func TestStatementVectors(t *testing.T) {
	got := map[string]string{}
	set := NewSet(testNamespace(1).Namespace())
	got["hash of none"] = hex32(set.Hash())
	for name, s := range vectors(t) {
		got[name] = hexOf(s.Raw())
		got[name+" id"] = hex32(s.ID())
		set = set.Add(s)
	}
	got["hash of all"] = hex32(set.Hash())
	c := chain(t, testNamespace(1), meadowcap.Write, 1, 2)
	got["root id"] = hex32(HandoverID(c, 0))
	got["handover id"] = hex32(HandoverID(c, 1))
	golden(t, "statements", got)
}

func TestStatementsRoundTrip(t *testing.T) {
	v := meadowcap.NewVerifier(16)
	for name, s := range vectors(t) {
		again, err := DecodeStatement(s.Raw())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := again.Verify(v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.Equal(again.Body.fields().encode(), s.Body.fields().encode()) || string(again.Kind()) != name {
			t.Errorf("%s changed: %+v", name, again.Body)
		}
		for i := range s.Raw() {
			forged := bytes.Clone(s.Raw())
			forged[i] ^= 1
			if f, err := DecodeStatement(forged); err == nil && f.Verify(v) == nil {
				t.Fatalf("%s: byte %d can be altered", name, i)
			}
		}
	}
}

// resign builds a statement by hand, so that the body may be anything.
func resign(ns key.NamespaceSecret, k Kind, body []byte) []byte {
	id := ns.Namespace()
	msg := append([]byte(k.domain()), id[:]...)
	msg = append(msg, body...)
	msg = binary.BigEndian.AppendUint16(msg, 0)
	sig := ns.Sign(msg)
	return append(msg, sig[:]...)
}

func TestUnknownKeysAreKept(t *testing.T) {
	ns := testNamespace(1)
	f := Epoch{N: 1}.fields()
	f.set("future", "unknown")
	raw := resign(ns, KindEpoch, f.encode())
	s, err := DecodeStatement(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(meadowcap.NewVerifier(1)); err != nil || !bytes.Equal(s.Raw(), raw) {
		t.Errorf("not passed on as it came: %v", err)
	}
}

func TestMalformedBodies(t *testing.T) {
	ns := testNamespace(1)
	two := [][]byte{bytes.Repeat([]byte{2}, 32), bytes.Repeat([]byte{1}, 32)}
	epoch := func(change func(fields)) []byte {
		f := Epoch{N: 1}.fields()
		change(f)
		return f.encode()
	}
	for name, body := range map[string][]byte{
		"empty":           {},
		"not a map":       encode([]int{1}),
		"null":            encode(nil),
		"number too long": append([]byte{0xa3}, bytes.ReplaceAll(epoch(func(fields) {}), []byte{'n', 1}, []byte{'n', 0x18, 1})[1:]...),
		"indefinite":      {0xbf, 0xff},
		"tagged":          append([]byte{0xd8, 42}, epoch(func(fields) {})...),
		"n is 0":          epoch(func(f fields) { f.set("n", 0) }),
		"n is negative":   epoch(func(f fields) { f.set("n", -1) }),
		"n is null":       epoch(func(f fields) { f.set("n", nil) }),
		"no devices":      epoch(func(f fields) { delete(f, "devices") }),
		"descending":      epoch(func(f fields) { f.set("kept", two) }),
		"twice":           epoch(func(f fields) { f.set("kept", [][]byte{two[0], two[0]}) }),
		"short id":        epoch(func(f fields) { f.set("kept", [][]byte{{1}}) }),
		"id of integers":  epoch(func(f fields) { f.set("kept", [][]int{make([]int, 32)}) }),
		"text as bytes":   epoch(func(f fields) { f.set("kept", []string{strings.Repeat("a", 32)}) }),
		"longer than may": epoch(func(f fields) { f.set("more", make([]byte, MaxStatement)) }),
	} {
		if s, err := DecodeStatement(resign(ns, KindEpoch, body)); !errors.Is(err, ErrStatement) || s != nil {
			t.Errorf("%s: have %v", name, err)
		}
	}
}

func TestWhoMaySign(t *testing.T) {
	ns := testNamespace(1)
	owner := chain(t, ns, meadowcap.Write, 1)
	reader := chain(t, ns, meadowcap.Read, 1)
	part := delegateArea(t, owner, testDevice(1), testDevice(2).Receiver(),
		willow.Area{Subspace: shared(ns.Namespace()), Times: willow.AllTimes})
	genesis := Genesis{Home: ns.Namespace()}
	for name, sign := range map[string]func() (*Statement, error){
		"genesis by a device":      func() (*Statement, error) { return StateByDevice(testDevice(1), owner, genesis) },
		"genesis of another home":  func() (*Statement, error) { return StateByNamespace(ns, Genesis{}) },
		"epoch by a device":        func() (*Statement, error) { return StateByDevice(testDevice(1), owner, Epoch{N: 1}) },
		"seed by the namespace":    func() (*Statement, error) { return StateByNamespace(ns, Seed{}) },
		"seed by a reader":         func() (*Statement, error) { return StateByDevice(testDevice(1), reader, Seed{}) },
		"seed by a part's writer":  func() (*Statement, error) { return StateByDevice(testDevice(2), part, Seed{}) },
		"remove by the namespace":  func() (*Statement, error) { return StateByNamespace(ns, Remove{}) },
		"another's capability":     func() (*Statement, error) { return StateByDevice(testDevice(3), owner, Seed{}) },
		"withdraw by no device":    func() (*Statement, error) { return StateByNamespace(ns, Withdraw{}) },
		"another namespace's home": func() (*Statement, error) { return StateByNamespace(testNamespace(2), genesis) },
	} {
		if _, err := sign(); !errors.Is(err, ErrStatement) {
			t.Errorf("%s: have %v", name, err)
		}
	}
	forged, err := DecodeStatement(resign(ns, KindGenesis, genesis.fields().encode()))
	if err != nil {
		t.Fatal(err)
	}
	forged.raw[len(forged.raw)-1] ^= 1
	if err := forged.Verify(meadowcap.NewVerifier(1)); !errors.Is(err, ErrStatement) {
		t.Errorf("a wrong signature verifies: %v", err)
	}
}

func FuzzDecodeStatement(f *testing.F) {
	for _, s := range vectors(f) {
		f.Add(s.Raw())
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := DecodeStatement(raw)
		if err != nil {
			if s != nil {
				t.Error("a statement with an error")
			}
			return
		}
		if _, known, err := decodeBody(s.Kind(), s.Body.fields().encode()); err != nil || len(known) > 0 {
			t.Errorf("what was read can't be written: %v", err)
		}
		if s.Capability != nil && !bytes.Contains(raw, s.Capability.Encode()) {
			t.Error("the capability isn't canonical")
		}
	})
}
