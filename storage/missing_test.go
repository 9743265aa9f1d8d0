package storage

import (
	"context"
	"fmt"
	"testing"

	"meadow/core/willow"
)

// wantedFiles fills a namespace with n entries whose payloads aren't here, one in each
// subspace, or all in one; every third one lies elsewhere.
func wantedFiles(t testing.TB, s willow.Store, n int, many bool) willow.NamespaceID {
	t.Helper()
	ns := willow.NamespaceID{0x77, 31: 1}
	batch := make([]willow.Incoming, n)
	for i := range batch {
		dir := "files"
		if i%3 == 0 {
			dir = "others"
		}
		batch[i].Entry = willow.Entry{
			Namespace: ns, Path: willow.MustPath(dir, fmt.Sprint(i)), Timestamp: willow.Timestamp(i % 1000),
			PayloadLength: 10, PayloadDigest: digestOf(i),
		}
		if many {
			batch[i].Entry.Subspace = willow.SubspaceID(digestOf(i))
		}
	}
	fill(t, s, batch, 4000)
	return ns
}

// TestCountWanted: what is wanted in an area is counted right, however it lies, and
// takes few of the rows that reading it takes, which a peer has to pay for.
func TestCountWanted(t *testing.T) {
	ctx := context.Background()
	files := willow.MustPath("files")
	for name, n := range map[string]int{ // more than are counted at once
		"one subspace": ofIndex*pageSize + 1000, "many subspaces": 5 * ofIndex * smallPage,
	} {
		t.Run(name, func(t *testing.T) {
			d := openTest(t)
			ns := wantedFiles(t, d.Entries(), n, name == "many subspaces")
			for what, c := range map[string]struct {
				area willow.Area
				most int // rows
			}{
				"all":             {willow.FullArea, 10},
				"a path":          {willow.Area{AnySubspace: true, Path: files, Times: willow.AllTimes}, n / 6},
				"times of a path": {willow.Area{AnySubspace: true, Path: files, Times: willow.TimeRange{Start: 100, End: 900}}, n + n/6},
				"times":           {willow.Area{AnySubspace: true, Times: willow.TimeRange{Start: 100, Open: true}}, n + n/6},
				"nothing":         {willow.Area{AnySubspace: true, Path: willow.MustPath("m"), Times: willow.AllTimes}, n / 6},
			} {
				want := uint64(0)
				for _, err := range d.Entries().Wanted(ctx, ns, c.area) {
					if err != nil {
						t.Fatal(err)
					}
					want++
				}
				var spent uint64
				got, err := d.Entries().CountWanted(willow.WithMeter(ctx, willow.Budget(1e9, &spent)), ns, c.area)
				if err != nil || got != want {
					t.Errorf("%s: %d wanted, %v; want %d", what, got, err, want)
				}
				if spent > uint64(c.most) {
					t.Errorf("%s: %d rows were read of %d, to count %d", what, spent, n, got)
				}
			}
		})
	}
}

// BenchmarkCountWanted counts what is wanted of a folder, as a state of it does.
func BenchmarkCountWanted(b *testing.B) {
	const n = 200_000
	d := openTest(b)
	batch := benchEntries(n, true)
	fill(b, d.Entries(), batch, 1000)
	folder := willow.Area{AnySubspace: true, Path: willow.MustPath("files"), Times: willow.AllTimes}
	for b.Loop() {
		got, err := d.Entries().CountWanted(context.Background(), batch[0].Entry.Namespace, folder)
		if got != n || err != nil {
			b.Fatal(got, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*b.N), "ns/entry")
}
