// Package indextest has what an implementation of [blob.Index] must do, as tests,
// and one in memory.
package indextest

import (
	"bytes"
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"meadow/core/blob"
)

// Run tests an index. open returns an empty one, in which nothing refers to any
// blob.
func Run(t *testing.T, open func(t *testing.T) blob.Index) {
	for name, test := range map[string]func(*testing.T, blob.Index){
		"rows":      testRows,
		"held":      testHeld,
		"places":    testPlaces,
		"needed":    testNeeded,
		"inline":    testInline,
		"lost":      testLost,
		"refuted":   testRefuted,
		"deletion":  testDeletion,
		"cancelled": testCancelled,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

var (
	scopeA = blob.Scope{0: 1}
	scopeB = blob.Scope{63: 1}
)

func hash(b byte) blob.Hash { return blob.Hash{b, 31: b} }

func groups(runs ...blob.Run) (g blob.Groups) {
	for _, r := range runs {
		g.Add(r)
	}
	return g
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func testRows(t *testing.T, idx blob.Index) {
	ctx := context.Background()
	huge := uint64(1<<63 - 5)
	rows := []blob.Row{
		{Hash: hash(1), Kind: blob.Inline},
		{Hash: hash(2), Length: 3, Kind: blob.Inline, Bytes: []byte{0, 1, 2}, Have: blob.All(1)},
		{Hash: hash(3), Length: 1 << 20, Kind: blob.File, Have: blob.All(64)},
		{Hash: hash(4), Length: huge, Kind: blob.File, Have: groups(blob.Run{Start: 1, End: 2}, blob.Run{Start: 7, End: 1 << 40})},
		{Hash: hash(5), Length: 1 << 20, Kind: blob.InPlace, Have: blob.All(64), Places: []blob.Place{
			{Path: "/b\xff", Size: 1 << 20, MtimeNS: -1, CtimeNS: 1, Inode: 1<<64 - 1}, {Path: "/a"},
		}},
	}
	must(t, idx.Put(ctx, rows, nil))
	rows[2].Kind, rows[2].Places = blob.InPlace, []blob.Place{{Path: "/c", Size: 1}}
	rows[3].Have = groups(blob.Run{Start: 0, End: 9})
	rows[4].Kind, rows[4].Places = blob.File, nil
	must(t, idx.Put(ctx, rows[2:], nil))
	for _, want := range rows {
		got, ok, err := idx.Row(ctx, want.Hash)
		must(t, err)
		if !ok || !sameRow(got, want) {
			t.Errorf("row is %+v, put was %+v", got, want)
		}
	}
	if _, ok, err := idx.Row(ctx, hash(9)); ok || err != nil {
		t.Errorf("row never put: %v, %v", ok, err)
	}
}

func sameRow(a, b blob.Row) bool {
	same := bytes.Equal(a.Bytes, b.Bytes) && slices.Equal(a.Places, b.Places) && a.Have.Equal(b.Have)
	a.Bytes, a.Places, a.Have = b.Bytes, b.Places, b.Have
	return same && reflect.DeepEqual(a, b)
}

func testHeld(t *testing.T, idx blob.Index) {
	ctx := context.Background()
	all, part := blob.All(64), groups(blob.Run{Start: 3, End: 5})
	row := blob.Row{Hash: hash(1), Length: 1 << 20, Kind: blob.File, Have: all}
	must(t, idx.Put(ctx, []blob.Row{row}, []blob.Held{{Scope: scopeA, Hash: hash(1), Have: part}}))
	wantHeld(t, idx, scopeA, hash(1), part)
	wantHeld(t, idx, scopeB, hash(1), blob.Groups{})
	must(t, idx.Put(ctx, nil, []blob.Held{
		{Scope: scopeA, Hash: hash(1), Have: all},
		{Scope: scopeB, Hash: hash(1), Have: part},
		{Scope: scopeB, Hash: hash(2), Have: part}, // there is no such row
	}))
	wantHeld(t, idx, scopeA, hash(1), all)
	wantHeld(t, idx, scopeB, hash(1), part)
	wantHeld(t, idx, scopeB, hash(2), blob.Groups{})
}

func wantHeld(t *testing.T, idx blob.Index, scope blob.Scope, h blob.Hash, want blob.Groups) {
	t.Helper()
	got, err := idx.Held(context.Background(), scope, h)
	must(t, err)
	if !got.Equal(want) {
		t.Errorf("held is %v, not %v", got.Runs(), want.Runs())
	}
}

func testPlaces(t *testing.T, idx blob.Index) {
	ctx := context.Background()
	at := func(h blob.Hash, paths ...string) blob.Row {
		r := blob.Row{Hash: h, Length: 1 << 20, Kind: blob.InPlace, Have: blob.All(64)}
		for _, p := range paths {
			r.Places = append(r.Places, blob.Place{Path: p})
		}
		return r
	}
	must(t, idx.Put(ctx, []blob.Row{at(hash(1), "/x", "/y"), at(hash(2), "/y")}, nil))
	must(t, idx.Put(ctx, []blob.Row{at(hash(1), "/y", "/z")}, nil))
	for path, want := range map[string]int{"/x": 0, "/y": 2, "/z": 1, "/": 0} {
		hs, err := idx.InPlaceAt(ctx, path)
		must(t, err)
		if len(hs) != want {
			t.Errorf("%d blobs at %s, not %d", len(hs), path, want)
		}
	}
}

func testInline(t *testing.T, idx blob.Index) {
	ctx := context.Background()
	rows := []blob.Row{
		{Hash: hash(1), Length: 1 << 20, Kind: blob.File, Have: blob.All(64)},
		{Hash: hash(2), Length: 1 << 20, Kind: blob.File},
	}
	for i := byte(3); i < 200; i++ {
		rows = append(rows, blob.Row{Hash: hash(i), Length: 1, Kind: blob.Inline, Bytes: []byte{i}, Have: blob.All(1)})
	}
	must(t, idx.Put(ctx, rows, nil))
	for _, n := range []byte{0, 1, 3, 10, 64, 65, 128, 255} {
		var hs []blob.Hash
		for i := range n {
			hs = append(hs, hash(i), hash(i))
		}
		got, err := idx.Inline(ctx, hs)
		must(t, err)
		if want := max(0, min(int(n), 200)-3); len(got) != want {
			t.Errorf("of %d blobs %d are inline, not %d", n, len(got), want)
		}
		for h, b := range got {
			if len(b) != 1 || hash(b[0]) != h {
				t.Errorf("blob %v has the bytes %v", h, b)
			}
		}
	}
}

func testNeeded(t *testing.T, idx blob.Index) {
	ctx := context.Background()
	must(t, idx.Put(ctx, []blob.Row{{Hash: hash(1), Length: 1, Kind: blob.Inline, Bytes: []byte{1}, Have: blob.All(1)}}, nil))
	for i := byte(1); i <= 2; i++ { // one that is here and one that isn't: no entry names either
		if needed, err := idx.Needed(ctx, hash(i)); needed || err != nil {
			t.Errorf("blob %d is needed: %v", i, err)
		}
	}
}

func testLost(t *testing.T, idx blob.Index) {
	ctx := context.Background()
	row := blob.Row{Hash: hash(1), Length: 1 << 20, Kind: blob.InPlace, Have: blob.All(64), Places: []blob.Place{{Path: "/x"}}}
	must(t, idx.Put(ctx, []blob.Row{row}, []blob.Held{
		{Scope: scopeA, Hash: hash(1), Have: blob.All(64)}, {Scope: scopeB, Hash: hash(1), Have: blob.All(2)},
	}))
	must(t, idx.Lost(ctx, hash(1)))
	must(t, idx.Lost(ctx, hash(1)))
	if _, ok, err := idx.Row(ctx, hash(1)); ok || err != nil {
		t.Errorf("row of a lost blob: %v, %v", ok, err)
	}
	if hs, err := idx.InPlaceAt(ctx, "/x"); len(hs) != 0 || err != nil {
		t.Errorf("lost blob is at a place: %v", err)
	}
	must(t, idx.Put(ctx, []blob.Row{row}, nil))
	wantHeld(t, idx, scopeA, hash(1), blob.Groups{})
	wantHeld(t, idx, scopeB, hash(1), blob.Groups{})
}

func testRefuted(t *testing.T, idx blob.Index) {
	ctx := context.Background()
	must(t, idx.Refute(ctx, hash(1), 1<<64-1))
	must(t, idx.Refute(ctx, hash(1), 1<<64-1))
	for length, want := range map[uint64]bool{1<<64 - 1: true, 0: false} {
		if got, err := idx.Refuted(ctx, hash(1), length); got != want || err != nil {
			t.Errorf("length %d refuted: %v, %v", length, got, err)
		}
	}
}

func testDeletion(t *testing.T, idx blob.Index) {
	ctx := context.Background()
	rows := []blob.Row{{Hash: hash(9), Kind: blob.Inline}} // the empty one stays
	for i := byte(1); i <= 3; i++ {
		rows = append(rows, blob.Row{Hash: hash(i), Length: 1, Kind: blob.Inline, Bytes: []byte{i}, Have: blob.All(1)})
	}
	must(t, idx.Put(ctx, rows, []blob.Held{{Scope: scopeA, Hash: hash(1), Have: blob.All(1)}}))
	past, future := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	if hs, err := idx.Unreferenced(ctx, past, blob.Hash{}, 10); len(hs) != 0 || err != nil {
		t.Errorf("recent blobs are unreferenced: %v, %v", hs, err)
	}
	hs, err := idx.Unreferenced(ctx, future, blob.Hash{}, 2)
	must(t, err)
	if !slices.Equal(hs, []blob.Hash{hash(1), hash(2)}) {
		t.Errorf("first two unreferenced are %v", hs)
	}
	hs, err = idx.Unreferenced(ctx, future, hash(2), 2)
	must(t, err)
	if !slices.Equal(hs, []blob.Hash{hash(3)}) {
		t.Errorf("unreferenced after the second are %v", hs)
	}
	if gone, err := idx.Delete(ctx, past, []blob.Hash{hash(1)}); len(gone) != 0 || err != nil {
		t.Errorf("recent blob deleted: %v, %v", gone, err)
	}
	gone, err := idx.Delete(ctx, future, []blob.Hash{hash(1), hash(7), hash(9)})
	must(t, err)
	if !slices.Equal(gone, []blob.Hash{hash(1)}) {
		t.Errorf("deleted: %v", gone)
	}
	if _, ok, _ := idx.Row(ctx, hash(1)); ok {
		t.Error("deleted row is there")
	}
	wantHeld(t, idx, scopeA, hash(1), blob.Groups{})
}

func testCancelled(t *testing.T, idx blob.Index) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := idx.Row(ctx, hash(1)); err == nil {
		t.Error("Row ignores the context")
	}
	if err := idx.Put(ctx, []blob.Row{{Hash: hash(1), Kind: blob.Inline}}, nil); err == nil {
		t.Error("Put ignores the context")
	}
}
