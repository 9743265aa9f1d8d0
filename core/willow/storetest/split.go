package storetest

import (
	"context"
	"fmt"
	"testing"

	"meadow/core/willow"
)

// checkParts checks what Split returned for a range with these entries inside.
func checkParts(t tb, r willow.Range3D, parts []willow.Range3D, k int, inside []willow.Entry) {
	t.Helper()
	if len(parts) == 0 || len(parts) > k {
		t.Fatalf("Split: %d parts, want 1 to %d", len(parts), k)
	}
	if len(inside) < 2 && (len(parts) != 1 || parts[0] != r) {
		t.Fatalf("Split of %d entries: %+v, want the whole range %+v", len(inside), parts, r)
	}
	for _, p := range parts {
		if !p.Valid() || p.Times != r.Times {
			t.Fatalf("Split: the part %+v is empty or cuts times", p)
		}
		checkProbe(t, r, parts, willow.Entry{Subspace: p.SubspaceStart, Path: p.PathStart, Timestamp: p.Times.Start})
		n := 0
		for _, e := range inside {
			if p.Includes(e) {
				n++
			}
		}
		if len(inside) >= 2 && k >= 2 && n == len(inside) {
			t.Fatalf("Split: all %d entries are in one part of %d: no progress", n, len(parts))
		}
	}
	for _, e := range inside {
		checkProbe(t, r, parts, e)
	}
}

// checkProbe checks that a point of the range is in one part, and others in none.
func checkProbe(t tb, r willow.Range3D, parts []willow.Range3D, e willow.Entry) {
	t.Helper()
	n := 0
	for _, p := range parts {
		if p.Includes(e) {
			n++
		}
	}
	if r.Includes(e) != (n == 1) || n > 1 {
		t.Fatalf("Split: %v is in %d parts; in the range: %v", show([]willow.Entry{e}), n, r.Includes(e))
	}
}

// testSplit checks that parts are about equal where they can be: in one
// subspace, and over many.
func testSplit(t *testing.T, s willow.Store) {
	ctx := context.Background()
	const n, k = 1000, 16
	for name, subspaces := range map[string]int{"one subspace": 1, "many subspaces": 200} {
		ns := newNamespace()
		var batch []willow.Entry
		for i := range n {
			batch = append(batch, entry(ns, byte(i%subspaces), willow.MustPath("files", fmt.Sprint(i)), willow.Timestamp(i)))
		}
		insert(t, s, batch...)
		parts, err := s.Split(ctx, ns, willow.FullRange, willow.FullArea, k)
		if err != nil {
			t.Fatal(err)
		}
		checkParts(t, willow.FullRange, parts, k, batch)
		if len(parts) < k/2 {
			t.Errorf("%s: %d parts, want about %d", name, len(parts), k)
		}
		for _, p := range parts {
			sum, err := s.Summary(ctx, ns, p, willow.FullArea)
			if err != nil {
				t.Fatal(err)
			}
			if sum.Count > 4*n/k {
				t.Errorf("%s: a part has %d entries of %d in %d parts", name, sum.Count, n, k)
			}
		}
	}
}
