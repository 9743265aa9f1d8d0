package mdn

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// tape is a stream that keeps what is written.
type tape struct{ bytes.Buffer }

func (*tape) SetDeadline(time.Time) error { return nil }

func TestMessageVectors(t *testing.T) {
	got := map[string]string{}
	put := func(name string, f fields) {
		var s tape
		w := newWire(t.Context(), &s)
		defer w.detach()
		if err := w.send(f); err != nil {
			t.Fatal(err)
		}
		got[name] = hexOf(s.Bytes())
		r, err := readMessage(&s, maxFrame)
		if err != nil || !bytes.Equal(r.fields.encode(), f.encode()) {
			t.Errorf("%s: read as %v, %v", name, r, err)
		}
	}
	put("hello", hello(testDeviceInfo(), [32]byte{1}))
	put("offer", Offer{
		Account: "Ann", Custodian: testNamespace(1).Namespace(), Device: "laptop", Platform: "linux",
	}.fields([32]byte{2}))
	for i, f := range honestParcel(t).messages() {
		put(fmt.Sprintf("parcel %d", i), f)
	}
	golden(t, "messages", got)
}

func TestPathVectors(t *testing.T) {
	ns, d := testNamespace(1).Namespace(), testDevice(1).Receiver()
	got := map[string]string{}
	for name, p := range map[string]willow.Path{
		"profile":  profilePath,
		"about":    aboutPath,
		"device":   recordPath(devicesPath, d),
		"space":    recordPath(spacesPath, ns),
		"standing": recordPath(standingPath, d),
		"caps":     recordPath(capsPath, ns, d, ns),
	} {
		got[name] = hexOf(willow.AppendPath(nil, p))
	}
	golden(t, "paths", got)
}

// TestKeptVectors: which statements are kept decides the set's hash, so all
// implementations must keep the same.
func TestKeptVectors(t *testing.T) {
	ns := testNamespace(1)
	owner := meadowcap.NewOwned(ns, meadowcap.Write, testDevice(1).Receiver())
	part := delegateArea(t, owner, testDevice(1), testDevice(2).Receiver(),
		willow.Area{Subspace: shared(ns.Namespace()), Times: willow.AllTimes})
	whole := chain(t, ns, meadowcap.Write, 1, 2)
	key := testDevice(3).Receiver()
	id := HandoverID(owner, 0)
	remove := Remove{Key: key}
	keeping := Remove{Key: key, Kept: [][32]byte{id}}
	got := map[string]string{}
	for name, all := range map[string][]*Statement{
		"one target": {
			stateByDevice(t, testDevice(1), owner, remove), stateByDevice(t, testDevice(1), owner, keeping),
		},
		"two epochs": {
			stateByDevice(t, testDevice(1), owner, remove), stateByDevice(t, testDevice(1), owner, Remove{Key: key, Epoch: 1}),
		},
		"two withdrawals": {
			stateByDevice(t, testDevice(1), owner, Withdraw{Handovers: [][32]byte{id}}),
			stateByDevice(t, testDevice(1), owner, Withdraw{Handovers: [][32]byte{id}, Epoch: 1}),
		},
		"an owner and not": {
			stateByDevice(t, testDevice(2), whole, remove), stateByDevice(t, testDevice(2), part, remove),
		},
	} {
		set := NewSet(ns.Namespace()).Add(all...)
		got[name] = fmt.Sprintf("%d %s", len(set.All()), hex32(set.Hash()))
	}
	golden(t, "kept", got)
}

// limitedGrants are the capabilities of device 2 as a limited one, given by 1.
func limitedGrants(t testing.TB, n byte) grantSet {
	root, to := rootGrants(testNamespace(n), testDevice(1).Receiver()), testDevice(2).Receiver()
	ns := testNamespace(n).Namespace()
	return grantSet{
		read:   delegate(t, root.read, testDevice(1), to),
		write:  delegateArea(t, root.write, testDevice(1), to, sharedArea(ns, filesPath)),
		claims: delegateArea(t, root.write, testDevice(1), to, sharedArea(ns, claimsPath)),
	}
}

// limitedParcel is what device 1 hands to device 2 as a limited one: identity is
// namespace 1, and a space 3.
func limitedParcel(t testing.TB) *parcel {
	identity := limitedGrants(t, 1)
	identity.write, identity.claims = nil, nil
	d := testDeviceInfo()
	d.Kind = Limited
	return &parcel{
		limited: true,
		grants:  []grantSet{identity, limitedGrants(t, 3)},
		entries: []sealedEntry{signedRecord(t, testNamespace(1), recordPath(devicesPath, testDevice(2).Receiver()), d.fields(nil).encode())},
	}
}

// TestLimitedVectors has what limited devices brought: all that is new in
// messages and records.
func TestLimitedVectors(t *testing.T) {
	got := map[string]string{
		"caps":             hexOf(limitedGrants(t, 3).fields().encode()),
		"caps of identity": hexOf(limitedParcel(t).grants[0].fields().encode()),
		"offer":            hexOf(Offer{Account: "Ann", Device: "laptop", Platform: "linux", Kind: Limited}.fields([32]byte{2}).encode()),
		"former":           hexOf(formerRecord(testDeviceInfo(), testDeviceInfo().Added, time.Time{}).encode()),
		"former path":      hexOf(willow.AppendPath(nil, recordPath(formerPath, testDevice(1).Receiver()))),
	}
	for i, f := range limitedParcel(t).messages() {
		got[fmt.Sprintf("parcel %d", i)] = hexOf(f.encode())
	}
	id := deliveryID(limitedGrants(t, 3))
	got["delivery id"] = hexOf(id[:])
	golden(t, "limited", got)
}
