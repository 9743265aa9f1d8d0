package mdn

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"

	"github.com/zeebo/blake3"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// honestParcel is what device 1 hands to device 2: identity is namespace 1,
// home 2, and a space 3.
func honestParcel(t *testing.T) *parcel {
	t.Helper()
	p := &parcel{home: testNamespace(2).Namespace()}
	for n := byte(1); n <= 3; n++ {
		root := rootGrants(testNamespace(n), testDevice(1).Receiver())
		e, err := root.enumeration.Delegate(testDevice(1), testDevice(2).Receiver())
		if err != nil {
			t.Fatal(err)
		}
		to := testDevice(2).Receiver()
		p.grants = append(p.grants, grantSet{
			read: delegate(t, root.read, testDevice(1), to), write: delegate(t, root.write, testDevice(1), to), enumeration: e,
		})
	}
	p.statements = []*Statement{genesisOf(t, 1, 2)}
	d := testDeviceInfo()
	p.entries = []sealedEntry{signedRecord(t, testNamespace(1), recordPath(devicesPath, testDevice(2).Receiver()), d.fields(nil).encode())}
	return p
}

func genesisOf(t *testing.T, identity, home byte) *Statement {
	return stateByNamespace(t, testNamespace(home), Genesis{
		Identity: testNamespace(identity).Namespace(), Home: testNamespace(home).Namespace(),
	})
}

func signedRecord(t testing.TB, ns key.NamespaceSecret, p willow.Path, b []byte) sealedEntry {
	t.Helper()
	c := meadowcap.NewOwned(ns, meadowcap.Write, testDevice(1).Receiver())
	a, err := meadowcap.Sign(testDevice(1), c, willow.Entry{
		Namespace: ns.Namespace(), Subspace: shared(ns.Namespace()), Path: p, Timestamp: 7,
		PayloadLength: uint64(len(b)), PayloadDigest: blake3.Sum256(b),
	})
	if err != nil {
		t.Fatal(err)
	}
	return sealedEntry{a, b}
}

// sent passes a parcel over a pipe.
func sent(t *testing.T, p *parcel) (*parcel, error) {
	t.Helper()
	x, y := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		w := newWire(context.Background(), x)
		defer w.detach()
		for _, f := range p.messages() {
			if w.send(f) != nil {
				return
			}
		}
	}()
	w := newWire(t.Context(), y)
	w.trust()
	got, err := receiveParcel(w)
	w.detach()
	x.Close()
	y.Close()
	<-done
	return got, err
}

func TestAParcelIsCheckedWhole(t *testing.T) {
	identity := testNamespace(1).Namespace()
	owner := meadowcap.NewOwned(testNamespace(3), meadowcap.Write, testDevice(1).Receiver())
	for name, change := range map[string]func(p *parcel){
		"":                       func(*parcel) {},
		"no capabilities":        func(p *parcel) { p.grants = nil },
		"no identity":            func(p *parcel) { p.grants = p.grants[1:] },
		"no home":                func(p *parcel) { p.grants = slices.Delete(p.grants, 1, 2) },
		"no enumeration":         func(p *parcel) { p.grants[2].enumeration = nil },
		"another home":           func(p *parcel) { p.home = testNamespace(3).Namespace() },
		"no genesis":             func(p *parcel) { p.statements = nil },
		"another's genesis":      func(p *parcel) { p.statements[0] = genesisOf(t, 3, 2) },
		"a stranger's statement": func(p *parcel) { p.statements = append(p.statements, genesisOf(t, 1, 4)) },
		"a dead space": func(p *parcel) {
			p.statements = append(p.statements, stateByDevice(t, testDevice(1), owner, Remove{Key: testDevice(2).Receiver()}))
		},
		"two epochs": func(p *parcel) {
			for _, d := range []byte{1, 2} {
				e := Epoch{N: 1, Devices: []key.Receiver{testDevice(d).Receiver()}, Kept: [][32]byte{HandoverID(p.grants[2].read, 1), HandoverID(p.grants[2].write, 1)}}
				slices.SortFunc(e.Kept, compareIDs)
				p.statements = append(p.statements, stateByNamespace(t, testNamespace(3), e))
			}
		},
		"another's capability": func(p *parcel) { p.grants[2] = rootGrants(testNamespace(3), testDevice(1).Receiver()) },
		"a part of a space": func(p *parcel) {
			p.grants[2].write = delegateArea(t, owner, testDevice(1), testDevice(2).Receiver(), willow.Area{Times: willow.AllTimes})
		},
		"no record of the device": func(p *parcel) { p.entries = nil },
		"a record of nothing given": func(p *parcel) {
			p.entries = append(p.entries, signedRecord(t, testNamespace(4), profilePath, nil))
		},
		"a forged record":   func(p *parcel) { p.entries[0].Token.Signature[3] ^= 1 },
		"another payload":   func(p *parcel) { p.entries[0].payload = []byte("something else") },
		"a forged root":     func(p *parcel) { p.grants[0].write.Initial[3] ^= 1 },
		"forged enumerator": func(p *parcel) { p.grants[0].enumeration.Initial[3] ^= 1 },
	} {
		p := honestParcel(t)
		change(p)
		got, err := sent(t, p)
		if err == nil {
			_, err = got.check(meadowcap.NewVerifier(16), identity, testDevice(2).Receiver())
		}
		if (err == nil) != (name == "") {
			t.Errorf("%q: have %v", name, err)
		}
	}
}

func TestALimitedParcelIsCheckedWhole(t *testing.T) {
	identity := testNamespace(1).Namespace()
	full := honestParcel(t)
	for name, change := range map[string]func(p *parcel){
		"":                     func(*parcel) {},
		"no space":             func(p *parcel) { p.grants = p.grants[:1] },
		"no capabilities":      func(p *parcel) { p.grants = nil },
		"no identity":          func(p *parcel) { p.grants = p.grants[1:] },
		"no claims":            func(p *parcel) { p.grants[1].claims = nil },
		"swapped":              func(p *parcel) { p.grants[1].write, p.grants[1].claims = p.grants[1].claims, p.grants[1].write },
		"more than it may":     func(p *parcel) { p.grants[1] = full.grants[2] },
		"all of the identity":  func(p *parcel) { p.grants[0] = full.grants[0] },
		"the home space":       func(p *parcel) { p.grants = append(p.grants, full.grants[1]) },
		"for a full device":    func(p *parcel) { p.limited, p.home = false, full.home },
		"listed as a full one": func(p *parcel) { p.entries = full.entries },
		"not listed":           func(p *parcel) { p.entries = nil },
		"a dead space": func(p *parcel) {
			owner := meadowcap.NewOwned(testNamespace(3), meadowcap.Write, testDevice(1).Receiver())
			p.statements = append(p.statements, stateByDevice(t, testDevice(1), owner, Remove{Key: testDevice(2).Receiver()}))
		},
	} {
		p := limitedParcel(t)
		change(p)
		got, err := sent(t, p)
		if err == nil {
			_, err = got.check(meadowcap.NewVerifier(16), identity, testDevice(2).Receiver())
		}
		if want := name == "" || name == "no space"; (err == nil) != want {
			t.Errorf("%q: have %v", name, err)
		}
	}
}

// TestAnOldDeviceIsntLimited: a joining device that doesn't say that it can be a
// limited one isn't made one.
func TestAnOldDeviceIsntLimited(t *testing.T) {
	x, y := net.Pipe()
	defer x.Close()
	binding := Binding{Exporter: [32]byte{7}, Joining: testDevice(1).Endpoint(), Account: testDevice(2).Endpoint()}
	go func() {
		w := newWire(context.Background(), y)
		defer w.detach()
		if _, err := w.receive(); err == nil {
			_ = w.send(hello(testDeviceInfo(), pairRite.proof(binding.input([16]byte{}), roleJoining)))
		}
	}()
	w := newWire(t.Context(), x)
	defer w.detach()
	c := &accepting{guest: guest{w: w, rite: pairRite, input: binding.input([16]byte{})}, a: &Account{}, binding: binding, options: AcceptOptions{Kind: Limited}}
	if err := c.prove(); err != nil {
		t.Fatal(err)
	}
	if err := c.choose(t.Context()); !errors.Is(err, ErrOldDevice) {
		t.Errorf("have %v", err)
	}
}
