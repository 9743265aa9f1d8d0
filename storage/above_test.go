package storage

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"meadow/core/willow"
	"meadow/core/willow/storetest"
)

// deepEntry is at a path of single letters.
func deepEntry(letters string, ts willow.Timestamp) willow.Incoming {
	var path []string
	for _, c := range letters {
		path = append(path, string(c))
	}
	return willow.Incoming{Authorised: willow.Authorised{Entry: willow.Entry{
		Namespace: willow.NamespaceID{0x77, 31: 1}, Path: willow.MustPath(path...), Timestamp: ts, PayloadDigest: willow.EmptyDigest,
	}}}
}

// TestDeepPlaces joins entries far below and above each other, in any order: what is
// remembered of where the nearest ones are is true.
func TestDeepPlaces(t *testing.T) {
	ctx := context.Background()
	for seed := range uint64(20) {
		d, model := openSmall(t), new(storetest.Memory)
		random := rand.New(rand.NewPCG(1, seed))
		trunk := make([]byte, 60)
		for i := range trunk {
			trunk[i] = "ab"[random.IntN(2)]
		}
		for range 40 {
			var batch []willow.Incoming
			for range 1 + random.IntN(10) {
				path := slices.Clone(trunk[:10+random.IntN(50)])
				if random.IntN(2) == 0 {
					path[len(path)-1-random.IntN(9)] = "Bac"[random.IntN(3)]
				}
				batch = append(batch, deepEntry(string(path), willow.Timestamp(len(path)+random.IntN(20))))
			}
			got, err1 := d.Entries().Insert(ctx, 1, batch)
			want, err2 := model.Insert(ctx, 1, batch)
			if err1 != nil || err2 != nil || !slices.Equal(got, want) {
				t.Fatalf("seed %d: outcomes %v, %v; want %v, %v", seed, got, err1, want, err2)
			}
		}
		ns := deepEntry("", 0).Entry.Namespace
		checkTree(t, d, ns)
		got, _ := d.Entries().Summary(ctx, ns, willow.FullRange, willow.FullArea)
		want, _ := model.Summary(ctx, ns, willow.FullRange, willow.FullArea)
		if got != want {
			t.Fatalf("seed %d: %d entries, want %d", seed, got.Count, want.Count)
		}
	}
}

// TestLaddersOfEntries: entries at, or beside, each of a path's prefixes don't have
// every one that comes look at all of them.
func TestLaddersOfEntries(t *testing.T) {
	const depth = 1000
	trunk := make([]byte, depth)
	for i := range trunk {
		trunk[i] = 'b'
	}
	for name, beside := range map[string]string{"above": "", "beside": "a"} {
		t.Run(name, func(t *testing.T) {
			d := openTest(t)
			var ladder, below []willow.Incoming
			for i := range depth {
				ladder = append(ladder, deepEntry(string(trunk[:i])+beside, willow.Timestamp(i+1)))
			}
			for i := range 100 {
				below = append(below, deepEntry(string(trunk)+string(rune('a'+i)), depth))
			}
			fill(t, d.Entries(), ladder, 100)
			fill(t, d.Entries(), below, 100)
			ran := 0
			err := d.write(context.Background(), false, func(tx *writeTx) error {
				ran = tx.conn.ran
				return nil
			})
			if err != nil || ran > 20*depth {
				t.Errorf("%d statements for %d entries, %v", ran, len(ladder)+len(below), err)
			}
		})
	}
}
