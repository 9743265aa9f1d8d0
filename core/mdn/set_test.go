package mdn

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// world is a namespace with owners 1, 2 and 3 (1 made 2, 2 made 3) and a reader
// 4, given by 2, who let 5 read too.
type world struct {
	ns                         key.NamespaceSecret
	owner1, owner2, owner3     *meadowcap.Capability
	reader2, reader4, reader45 *meadowcap.Capability
}

func newWorld(t testing.TB) world {
	ns := testNamespace(1)
	w := world{
		ns:      ns,
		owner1:  chain(t, ns, meadowcap.Write, 1),
		owner2:  chain(t, ns, meadowcap.Write, 1, 2),
		owner3:  chain(t, ns, meadowcap.Write, 1, 2, 3),
		reader2: chain(t, ns, meadowcap.Read, 1, 2),
	}
	area := willow.Area{Subspace: shared(ns.Namespace()), Path: willow.MustPath("files"), Times: willow.AllTimes}
	w.reader4 = delegateArea(t, w.reader2, testDevice(2), testDevice(4).Receiver(), area)
	w.reader45 = delegate(t, w.reader4, testDevice(4), testDevice(5).Receiver())
	return w
}

// verdicts says which of the world's chains live: owners 1 to 3, readers 2, 4, 5.
func (w world) verdicts(s *Set) (live [6]bool) {
	for i, c := range []*meadowcap.Capability{w.owner1, w.owner2, w.owner3, w.reader2, w.reader4, w.reader45} {
		live[i] = s.Live(c)
		if live[i] != (len(s.Against(c)) == 0) {
			panic("Live and Against disagree")
		}
	}
	return live
}

const yes, no = true, false

func TestCountingRules(t *testing.T) {
	w := newWorld(t)
	d := testDevice
	withdraw := func(epoch uint64, ids ...[32]byte) Withdraw { return Withdraw{epoch, sorted(ids)} }
	to4, to5 := HandoverID(w.reader4, 2), HandoverID(w.reader45, 3)
	to2, to3 := HandoverID(w.owner2, 1), HandoverID(w.owner3, 2)
	remove := func(n byte, kept ...[32]byte) Remove { return Remove{Key: d(n).Receiver(), Kept: sorted(kept)} }
	epoch := func(n uint64, kept [][32]byte, devices ...byte) *Statement {
		e := Epoch{N: n, Kept: sorted(kept)}
		for _, i := range devices {
			e.Devices = append(e.Devices, d(i).Receiver())
		}
		return stateByNamespace(t, w.ns, e)
	}
	by := func(n byte, c *meadowcap.Capability, b Body) *Statement { return stateByDevice(t, d(n), c, b) }
	all := [6]bool{yes, yes, yes, yes, yes, yes}

	for name, test := range map[string]struct {
		statements []*Statement
		want       [6]bool
	}{
		"none": {nil, all},
		"the giver withdraws": {
			[]*Statement{by(4, w.reader4, withdraw(0, to5))}, [6]bool{yes, yes, yes, yes, yes, no},
		},
		"a key before the giver withdraws": {
			[]*Statement{by(2, w.reader2, withdraw(0, to5))}, [6]bool{yes, yes, yes, yes, yes, no},
		},
		"the receiver can't withdraw": {[]*Statement{by(5, w.reader45, withdraw(0, to5))}, all},
		"a later key can't withdraw":  {[]*Statement{by(5, w.reader45, withdraw(0, to4))}, all},
		"an owner who is in no such chain withdraws": {
			[]*Statement{by(3, w.owner3, withdraw(0, to4))}, [6]bool{yes, yes, yes, yes, no, no},
		},
		"an owner withdraws a root": {
			[]*Statement{by(3, w.owner3, withdraw(0, HandoverID(w.owner1, 0)))}, [6]bool{no, no, no, yes, yes, yes},
		},
		"a reader can't withdraw a root": {[]*Statement{by(4, w.reader4, withdraw(0, HandoverID(w.reader2, 0)))}, all},
		"an owner removes": {
			[]*Statement{by(3, w.owner3, remove(2))}, [6]bool{yes, no, no, no, no, no},
		},
		"what the removed key gave is kept": {
			[]*Statement{by(1, w.owner1, remove(2, to3, to4))}, [6]bool{yes, no, yes, no, yes, yes},
		},
		"a handover before the key doesn't keep it": {
			[]*Statement{by(1, w.owner1, remove(3, to2))}, [6]bool{yes, yes, no, yes, yes, yes},
		},
		"a key before it in the chain removes": {
			[]*Statement{by(4, w.reader4, remove(5))}, [6]bool{yes, yes, yes, yes, yes, no},
		},
		"a non-owner removes a key elsewhere": {[]*Statement{by(4, w.reader4, remove(3))}, all},
		"two that remove each other are both out": {
			[]*Statement{by(2, w.owner2, remove(3)), by(3, w.owner3, remove(2))}, [6]bool{yes, no, no, no, no, no},
		},
		"an epoch": {
			[]*Statement{epoch(1, [][32]byte{to4}, 9)}, [6]bool{no, no, no, no, yes, yes},
		},
		"an epoch with a device": {[]*Statement{epoch(1, nil, 1)}, all},
		"what an earlier epoch removed is back": {
			[]*Statement{by(1, w.owner1, remove(2)), epoch(1, nil, 1)}, all,
		},
		"a withdraw of a later epoch doesn't count yet": {[]*Statement{by(1, w.owner1, withdraw(1, to4))}, all},
		"but does then": {
			[]*Statement{by(1, w.owner1, withdraw(1, to4)), epoch(1, nil, 1)}, [6]bool{yes, yes, yes, yes, no, no},
		},
		"a signer whose chain isn't of the epoch": {
			[]*Statement{by(1, w.owner1, withdraw(1, to4)), epoch(1, [][32]byte{to4})}, [6]bool{no, no, no, no, yes, yes},
		},
		"the highest epoch counts": {
			[]*Statement{epoch(2, nil, 1), epoch(1, nil)}, all,
		},
		"genesis and seeds kill nothing": {
			[]*Statement{stateByNamespace(t, w.ns, Genesis{Home: w.ns.Namespace()}), by(1, w.owner1, Seed{})}, all,
		},
	} {
		if got := w.verdicts(NewSet(w.ns.Namespace()).Add(test.statements...)); got != test.want {
			t.Errorf("%s:\n have %v\n want %v", name, got, test.want)
		}
	}
}

func TestTwoEpochsOfOneNumber(t *testing.T) {
	w := newWorld(t)
	set := NewSet(w.ns.Namespace()).Add(stateByNamespace(t, w.ns, Epoch{N: 1}))
	if set.Conflict() != nil {
		t.Fatal(set.Conflict())
	}
	set = set.Add(stateByNamespace(t, w.ns, Epoch{N: 1, Devices: []key.Receiver{testDevice(1).Receiver()}}))
	if !errors.Is(set.Conflict(), ErrEpochs) {
		t.Errorf("have %v", set.Conflict())
	}
	set = set.Add(stateByNamespace(t, w.ns, Epoch{N: 2})) // a person has decided
	if set.Conflict() != nil {
		t.Errorf("have %v", set.Conflict())
	}
}

func TestNonOwnersCountForAtMost1024(t *testing.T) {
	w := newWorld(t)
	to5 := HandoverID(w.reader45, 3)
	ids := [][32]byte{to5}
	for i := range uint16(maxForeignHandovers) {
		ids = append(ids, [32]byte{0, byte(i >> 8), byte(i)}) // all less than to5
	}
	slices.SortFunc(ids, compareIDs)
	by := func(n byte, c *meadowcap.Capability, ids [][32]byte) [6]bool {
		return w.verdicts(NewSet(w.ns.Namespace()).Add(stateByDevice(t, testDevice(n), c, Withdraw{0, ids})))
	}
	if ids[len(ids)-1] != to5 {
		t.Fatal("the handover isn't the greatest id")
	}
	if live := by(4, w.reader4, ids); !live[5] {
		t.Error("the 1025th handover of a non-owner counts")
	}
	if live := by(4, w.reader4, ids[1:]); live[5] {
		t.Error("the 1024th handover of a non-owner doesn't count")
	}
	if live := by(1, w.owner1, ids); live[5] {
		t.Error("an owner's statement is bounded")
	}
}

func TestNonOwnersStatementsAreBoundedInAnyOrder(t *testing.T) {
	w := newWorld(t)
	var all []*Statement
	for i := range maxForeignStatements + 40 {
		b := Withdraw{Epoch: uint64(i % 2), Handovers: [][32]byte{{byte(i >> 8), byte(i)}}}
		all = append(all, stateByDevice(t, testDevice(4), w.reader4, b))
	}
	all = append(all, stateByDevice(t, testDevice(1), w.owner1, Withdraw{}))
	whole := NewSet(w.ns.Namespace()).Add(all...)
	if n := len(whole.All()); n != maxForeignStatements+1 {
		t.Errorf("%d statements kept", n)
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	parts := NewSet(w.ns.Namespace())
	for part := range slices.Chunk(all, 400) {
		parts = parts.Add(NewSet(w.ns.Namespace()).Add(part...).All()...)
	}
	if parts.Hash() != whole.Hash() {
		t.Error("the order decides what is kept")
	}
}

// TestDelegatedKeysShareTheBound: whoever was handed a part can make keys and hand it
// on to them; all that they sign counts as theirs.
func TestDelegatedKeysShareTheBound(t *testing.T) {
	w := newWorld(t)
	ns := w.ns.Namespace()
	var all []*Statement
	for n := byte(20); n < 28; n++ {
		c := delegate(t, w.reader4, testDevice(4), testDevice(n).Receiver())
		for i := range 200 {
			all = append(all, stateByDevice(t, testDevice(n), c, Withdraw{Handovers: [][32]byte{{n, byte(i)}}}))
		}
		for i := range 20 {
			large := make([][32]byte, 100)
			for k := range large {
				large[k] = [32]byte{n, byte(i), byte(k)}
			}
			all = append(all, stateByDevice(t, testDevice(n), c, Withdraw{Handovers: large}))
		}
	}
	whole := NewSet(ns).Add(all...)
	if n := len(whole.All()); n != maxForeignStatements+maxForeignLarge {
		t.Errorf("%d statements kept", n)
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	parts := NewSet(ns)
	for some := range slices.Chunk(all, 300) {
		parts = parts.Add(some...)
	}
	if parts.Hash() != whole.Hash() {
		t.Error("the order decides what is kept")
	}
}

func TestOfEqualStatementsTheLeastIsKept(t *testing.T) {
	w := newWorld(t)
	a := stateByDevice(t, testDevice(1), w.owner1, Remove{Key: testDevice(5).Receiver()})
	b := stateByDevice(t, testDevice(1), w.owner1, Remove{Key: testDevice(5).Receiver(), Kept: [][32]byte{{1}}})
	want := a
	if compareIDs(b.ID(), a.ID()) < 0 {
		want = b
	}
	for _, order := range [][]*Statement{{a, b}, {b, a}} {
		set := NewSet(w.ns.Namespace()).Add(order[0]).Add(order[1])
		if all := set.All(); len(all) != 1 || all[0].ID() != want.ID() {
			t.Errorf("have %d statements", len(all))
		}
	}
}

// TestAnyOrderOneVerdict: statements may come in any order, grouping and
// repetition, relayed by nodes that kept only what counts: the set and all
// verdicts are the same.
func TestAnyOrderOneVerdict(t *testing.T) {
	w := newWorld(t)
	signers := []struct {
		device byte
		c      *meadowcap.Capability
	}{{1, w.owner1}, {2, w.owner2}, {3, w.owner3}, {2, w.reader2}, {4, w.reader4}, {5, w.reader45}}
	var handovers [][32]byte
	for _, c := range []*meadowcap.Capability{w.owner3, w.reader45} {
		for n := range len(c.Delegations) + 1 {
			handovers = append(handovers, HandoverID(c, n))
		}
	}
	subset := func(r *rapid.T, label string) [][32]byte {
		return sorted(rapid.SliceOfNDistinct(rapid.SampledFrom(handovers), 0, 3, rapid.ID).Draw(r, label))
	}
	statement := rapid.Custom(func(r *rapid.T) *Statement {
		by := rapid.SampledFrom(signers).Draw(r, "signer")
		epoch := rapid.Uint64Range(0, 2).Draw(r, "epoch")
		device := testDevice(rapid.ByteRange(1, 5).Draw(r, "device")).Receiver()
		switch rapid.IntRange(0, 5).Draw(r, "kind") {
		case 0:
			return stateByNamespace(t, w.ns, Epoch{N: epoch + 1, Devices: []key.Receiver{device}, Kept: subset(r, "kept")})
		case 1, 2:
			return stateByDevice(t, testDevice(by.device), by.c, Remove{Key: device, Epoch: epoch, Kept: subset(r, "kept")})
		default:
			return stateByDevice(t, testDevice(by.device), by.c, Withdraw{Epoch: epoch, Handovers: subset(r, "ids")})
		}
	})
	rapid.Check(t, func(r *rapid.T) {
		all := rapid.SliceOfN(statement, 0, 8).Draw(r, "statements")
		whole := NewSet(w.ns.Namespace()).Add(all...)
		shuffled := rapid.Permutation(append(slices.Clone(all), all...)).Draw(r, "order")
		parts := NewSet(w.ns.Namespace())
		for len(shuffled) > 0 {
			n := rapid.IntRange(1, len(shuffled)).Draw(r, "group")
			relay := NewSet(w.ns.Namespace()).Add(shuffled[:n]...)
			parts = parts.Add(relay.All()...)
			shuffled = shuffled[n:]
		}
		if parts.Hash() != whole.Hash() || w.verdicts(parts) != w.verdicts(whole) {
			r.Fatalf("order matters: %v and %v", w.verdicts(parts), w.verdicts(whole))
		}
		if (parts.Conflict() == nil) != (whole.Conflict() == nil) {
			r.Fatal("order decides whether epochs conflict")
		}
	})
}
