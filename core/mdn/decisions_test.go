package mdn_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"meadow/core/mdn"
	"meadow/core/willow"
)

// TestDecisionsInAnyOrder: three devices and a limited one remove and are given
// and meet in any order; those that are left agree, and nobody else is served.
func TestDecisionsInAnyOrder(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { anyOrder(t, rand.New(rand.NewPCG(seed, 7))) })
	}
}

func anyOrder(t *testing.T, r *rand.Rand) {
	a, _ := create(t, "Ann", "a")
	notes := space(t, a, "notes")
	b, c, l := newDevice(t, "b"), newDevice(t, "c"), newDevice(t, "l")
	pair(t, a, b)
	pair(t, b, c)
	if o := (&attempt{account: b, joining: l, kind: mdn.Limited}).run(t); o.joinErr != nil {
		t.Fatal(o.joinErr)
	}
	all := []*device{a, b, c, l}
	meet(t, all...)
	for i := range 1 + r.IntN(8) {
		x, y := all[r.IntN(4)], all[r.IntN(4)]
		if x == y {
			continue
		}
		switch r.IntN(6) {
		case 0:
			_, err := x.RemoveDevice(t.Context(), y.receiver(), mdn.RemoveOptions{})
			t.Logf("%s removes %s: %v", x.name, y.name, err)
		case 1:
			every := r.IntN(2) == 0
			_, err := x.SetSpaces(t.Context(), y.receiver(), every, nil, false)
			t.Logf("%s gives %s all: %v, %v", x.name, y.name, every, err)
		case 2:
			_ = write(t, x, notes.ID, string(rune('a'+i)))
		case 3:
			if err := x.Tend(t.Context()); err != nil {
				t.Fatal(err)
			}
		default:
			meet(t, x, y)
			t.Logf("%s meets %s", x.name, y.name)
		}
	}
	var left []*device
	for range 3 {
		meet(t, all...)
		left = nil
		for _, d := range all {
			if !d.Removed() {
				left = append(left, d)
			}
			if err := d.Tend(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	checkLeft(t, notes.ID, left, all)
}

func checkLeft(t *testing.T, notes willow.NamespaceID, left, all []*device) {
	for _, d := range left {
		ds, _ := names(d)
		first, _ := names(left[0])
		if !slices.Equal(ds, first) {
			t.Fatalf("%s lists %v, %s %v", d.name, ds, left[0].name, first)
		}
		if d.name != "l" && !d.Full() {
			t.Fatalf("%s has lost the account", d.name)
		}
		for _, o := range all {
			if !slices.Contains(left, o) && len(interests(t, o, d)) > 0 {
				t.Fatalf("%s serves %s", d.name, o.name)
			}
			if !slices.Contains(left, o) || !hasSpace(d, notes) || !hasSpace(o, notes) {
				continue
			}
			if d.hash(notes) != o.hash(notes) || d.files(t, notes, all...) != o.files(t, notes, all...) {
				t.Fatalf("%s and %s differ: %q and %q", d.name, o.name, d.files(t, notes, all...), o.files(t, notes, all...))
			}
		}
	}
}

func hasSpace(d *device, ns willow.NamespaceID) bool {
	return slices.ContainsFunc(d.Spaces(), func(s mdn.SpaceInfo) bool { return s.ID == ns })
}
