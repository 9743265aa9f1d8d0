package storage

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"meadow/core/willow"
	"meadow/core/willow/storetest"
)

// small is a shape that makes trees of a few dozen entries deep.
var small = shape{leafTarget: 4, leafMax: 8, leafMin: 2, fanTarget: 3, fanMax: 6}

func openSmall(t testing.TB) *DB {
	d := openTest(t)
	d.shape, d.bounds = small, bounds{sorted: 16, many: 2, pieces: 8, quick: 50, inOrder: 10}
	d.portion = portion{all: 3, each: 1}
	return d
}

func TestStoreWithDeepTrees(t *testing.T) {
	storetest.Run(t, func(t testing.TB) willow.Store { return openSmall(t).Entries() })
}

// checkTree compares every node of a namespace's tree with the entries it covers,
// and the entries with each other.
func checkTree(t testing.TB, d *DB, ns willow.NamespaceID) {
	t.Helper()
	err := d.view(context.Background(), func(q querier) error {
		id, ok, err := d.namespaceID(q, ns)
		if err != nil || !ok {
			return err
		}
		var all []willow.Entry
		var keys []string
		err = scanEntries(q, id, ns, "", endOfKeys, func(key string, e willow.Entry) error {
			all, keys = append(all, e), append(keys, key)
			return nil
		})
		if err != nil {
			return err
		}
		for i := range all {
			for j := i + 1; j < len(all) && all[i].Subspace == all[j].Subspace && all[i].Path.IsPrefixOf(all[j].Path); j++ {
				if all[i].Prunes(all[j]) {
					t.Errorf("%v is live below a newer %v", all[j].Path, all[i].Path)
				}
			}
		}
		var above []string
		for level := rootLevel; level >= leafLevel; level-- {
			nodes, err := nodesIn(q, id, level, "", endOfKeys, true)
			if err != nil {
				return err
			}
			above = checkLevel(t, nodes, above, all, keys)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// checkLevel checks the nodes of one level, and that the level above begins only
// where they do. It returns where they begin.
func checkLevel(t testing.TB, nodes []node, above []string, all []willow.Entry, keys []string) (starts []string) {
	t.Helper()
	at := 0
	for i := range nodes {
		n := &nodes[i]
		starts = append(starts, n.lo)
		want := emptySum
		for ; at < len(all) && keys[at] < n.hi; at++ {
			want.addEntry(all[at])
		}
		if n.sum.count != want.count || n.sum.bytes != want.bytes || n.sum.acc != want.acc {
			t.Errorf("level %d node %q: sum of %d entries, has %d", n.level, n.lo, n.sum.count, want.count)
		}
		if want.count > 0 && (n.sum.least > want.least || n.sum.latest < want.latest) {
			t.Errorf("level %d node %q: times %d to %d, entries have %d to %d",
				n.level, n.lo, n.sum.least, n.sum.latest, want.least, want.latest)
		}
	}
	if len(nodes) == 0 || nodes[0].lo != "" || at != len(all) {
		t.Errorf("nodes begin at %q and cover %d of %d entries", starts, at, len(all))
	}
	for _, lo := range above {
		if !slices.Contains(starts, lo) {
			t.Errorf("a node begins at %q, but none of the level below it", lo)
		}
	}
	return starts
}

// TestTreeMendsItself lets a tree grow, shrink to nothing, and grow again.
func TestTreeMendsItself(t *testing.T) {
	d := openSmall(t)
	s := d.Entries()
	ns := willow.NamespaceID{0x77, 31: 1}
	random := rand.New(rand.NewPCG(3, 4))
	now := willow.Timestamp(0)
	for round := range 2 {
		var batch []willow.Incoming
		for range 400 {
			now++
			e := willow.Entry{
				Namespace: ns, Subspace: willow.SubspaceID{byte(random.IntN(3))}, Timestamp: now,
				Path:          willow.MustPath(fmt.Sprint(random.IntN(5)), fmt.Sprint(random.IntN(1000))),
				PayloadLength: uint64(random.IntN(3)),
			}
			batch = append(batch, willow.Incoming{Authorised: willow.Authorised{Entry: e}})
		}
		fill(t, s, batch, 1+random.IntN(200))
		checkTree(t, d, ns)
		full := countLeaves(t, d)
		for i := range 15 { // prune folder by folder
			now++
			e := willow.Entry{Namespace: ns, Subspace: willow.SubspaceID{byte(i % 3)}, Path: willow.MustPath(fmt.Sprint(i / 3)), Timestamp: now}
			fill(t, s, []willow.Incoming{{Authorised: willow.Authorised{Entry: e}}}, 1)
			checkTree(t, d, ns)
		}
		if left := countLeaves(t, d); left > full*3/4 {
			t.Errorf("round %d: %d leaves for 15 entries, of %d before", round, left, full)
		}
	}
}

func countLeaves(t testing.TB, d *DB) (n int) {
	t.Helper()
	if err := d.scan("SELECT count(*) FROM node WHERE level = 0", nil, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestSplitIsEven cuts one large subspace between two small ones.
func TestSplitIsEven(t *testing.T) {
	d := openTest(t)
	s := d.Entries()
	batch := benchEntries(2000, false)
	for _, ss := range []byte{0, 2} {
		in := batch[0]
		in.Entry.Subspace = willow.SubspaceID{ss}
		batch = append(batch, in)
	}
	fill(t, s, batch, 1000)
	ns := batch[0].Entry.Namespace
	parts, err := s.Split(context.Background(), ns, willow.FullRange, willow.FullArea, 16)
	if err != nil {
		t.Fatal(err)
	}
	var total uint64
	for _, part := range parts {
		sum, err := s.Summary(context.Background(), ns, part, willow.FullArea)
		if err != nil {
			t.Fatal(err)
		}
		if sum.Count > 2002/8 {
			t.Errorf("a part of %d entries of 2002", sum.Count)
		}
		total += sum.Count
	}
	if len(parts) > 16 || total != 2002 {
		t.Errorf("%d parts with %d entries, want at most 16 with 2002", len(parts), total)
	}
}
