package storage

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"meadow/core/willow"
	"meadow/core/willow/storetest"
)

// TestSlicesAreSplit compares with the store in memory: parts of scattered slices of
// time are as they should be, in boxes of all kinds and with trees of all shapes.
func TestSlicesAreSplit(t *testing.T) {
	const n = 2000
	ctx, random := context.Background(), rand.New(rand.NewPCG(3, 4))
	d, m := openSmall(t), new(storetest.Memory)
	d.bounds.inOrder, d.bounds.pieces = 0, 100 // of some 500 leaves
	ns := willow.NamespaceID{0x77, 31: 1}
	path := func() willow.Path {
		return willow.MustPath(fmt.Sprint("d", random.IntN(4)), fmt.Sprint(random.IntN(n)))
	}
	batch := make([]willow.Incoming, n)
	for i := range batch {
		batch[i].Entry = willow.Entry{
			Namespace: ns, Subspace: willow.SubspaceID{byte(random.IntN(5))}, Path: path(),
			Timestamp: willow.Timestamp(random.IntN(1000)), PayloadDigest: willow.EmptyDigest,
		}
	}
	fill(t, d.Entries(), batch, 1000)
	fill(t, m, batch, 1000)
	for range 80 {
		r, within := willow.FullRange, willow.FullArea
		at := willow.Timestamp(random.IntN(1000))
		r.Times = willow.TimeRange{Start: at, End: at + 1 + willow.Timestamp(random.IntN(60))}
		if random.IntN(2) == 0 {
			r.SubspaceStart = willow.SubspaceID{byte(random.IntN(5))}
		}
		if random.IntN(2) == 0 {
			r.PathStart = path()
		}
		if random.IntN(2) == 0 {
			within.Path = willow.MustPath(fmt.Sprint("d", random.IntN(4)))
		}
		if random.IntN(3) == 0 {
			within = willow.Area{Subspace: willow.SubspaceID{byte(random.IntN(5))}, Path: within.Path, Times: willow.AllTimes}
		}
		want, err1 := m.Summary(ctx, ns, r, within)
		got, err2 := d.Entries().Summary(ctx, ns, r, within)
		parts, err3 := d.Entries().Split(ctx, ns, r, within, 6)
		if err1 != nil || err2 != nil || err3 != nil || got != want {
			t.Fatalf("%+v of %+v: %d entries, want %d; %v, %v, %v", within, r, got.Count, want.Count, err1, err2, err3)
		}
		if uint64(len(parts)) < min(want.Count, 2) || len(parts) > 6 {
			t.Errorf("%d entries are in %d parts", want.Count, len(parts))
		}
		all := uint64(0)
		for _, part := range parts {
			sum, err := m.Summary(ctx, ns, part, within)
			if err != nil || sum.Count == 0 && want.Count > 0 || sum.Count == want.Count && want.Count > 1 {
				t.Errorf("a part of %d entries has %d, %v", want.Count, sum.Count, err)
			}
			all += sum.Count
		}
		if all != want.Count {
			t.Errorf("parts have %d entries, not %d", all, want.Count)
		}
	}
}
