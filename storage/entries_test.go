package storage

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"meadow/core/willow"
	"meadow/core/willow/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t testing.TB) willow.Store { return openTest(t).Entries() })
}

// TestDeepPaths compares with the store in memory on paths that are prefixes of
// each other, deeper than what is looked up component by component.
func TestDeepPaths(t *testing.T) {
	ctx := context.Background()
	s, m := openTest(t).Entries(), new(storetest.Memory)
	ns := willow.NamespaceID{0x77, 31: 1}
	random := rand.New(rand.NewPCG(5, 6))
	path := func() willow.Path {
		components := make([]string, random.IntN(3*shallow))
		for i := range components {
			if random.IntN(20) == 0 {
				components[i] = "b"
			}
		}
		return willow.MustPath(components...)
	}
	for i := range 600 {
		e := willow.Entry{Namespace: ns, Path: path(), Timestamp: willow.Timestamp(random.IntN(100))}
		in := []willow.Incoming{{Authorised: willow.Authorised{Entry: e}}}
		got, err := s.Insert(ctx, 1, in)
		if err != nil {
			t.Fatal(err)
		}
		if want, _ := m.Insert(ctx, 1, in); got[0] != want[0] {
			t.Fatalf("entry %d at %v: outcome %d, want %d", i, e.Path, got[0], want[0])
		}
		p := path()
		newest, err := s.Newest(ctx, ns, willow.SubspaceID{}, p)
		if want, _ := m.Newest(ctx, ns, willow.SubspaceID{}, p); err != nil || newest != want {
			t.Fatalf("Newest(%v) = %d, %v; want %d", p, newest, err, want)
		}
	}
	if got, want := live(t, s, ns), live(t, m, ns); !slices.Equal(got, want) {
		t.Errorf("live: %v\nwant %v", got, want)
	}
}

func live(t *testing.T, s willow.Store, ns willow.NamespaceID) (es []willow.Entry) {
	t.Helper()
	for a, err := range s.Area(context.Background(), ns, willow.FullArea) {
		if err != nil {
			t.Fatal(err)
		}
		es = append(es, a.Entry)
	}
	return es
}

// TestLastSubspace writes where no key has a successor.
func TestLastSubspace(t *testing.T) {
	ctx := context.Background()
	s := openTest(t).Entries()
	ns := willow.NamespaceID{0x77, 31: 1}
	var last willow.SubspaceID
	for i := range last {
		last[i] = 0xff
	}
	longest := make([]byte, willow.MaxPathLength)
	for i := range longest {
		longest[i] = 0xff
	}
	e := willow.Entry{Namespace: ns, Subspace: last, Path: willow.MustPath(longest), Timestamp: 1}
	fill(t, s, []willow.Incoming{{Authorised: willow.Authorised{Entry: e}}}, 1)
	sum, err := s.Summary(ctx, ns, willow.FullRange, willow.Area{Subspace: last, Times: willow.AllTimes})
	if err != nil || sum.Count != 1 {
		t.Errorf("Summary = %+v, %v; want one entry", sum, err)
	}
	e.Path, e.Timestamp = willow.Path{}, 2
	fill(t, s, []willow.Incoming{{Authorised: willow.Authorised{Entry: e}}}, 1)
	if got := live(t, s, ns); !slices.Equal(got, []willow.Entry{e}) {
		t.Errorf("live: %v; want just the empty path", got)
	}
}
