package storetest

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"meadow/core/willow"
)

// testRevival follows an entry whose chain dies and comes back, and the same
// entry under a chain that lives.
func testRevival(t *testing.T, s willow.Store) {
	ns := newNamespace()
	old, lost := entry(ns, 1, willow.MustPath("a", "b"), 1), entry(ns, 1, willow.MustPath("a"), 5)
	m, cancel := newMirror(s, ns)
	defer cancel()
	only := func(names ...string) func([]byte) bool {
		return func(c []byte) bool { return slices.Contains(names, string(c)) }
	}
	if _, err := s.Insert(ctx, 1, []willow.Incoming{with(lost, "thief")}); err != nil {
		t.Fatal(err)
	}
	if err := s.Rejudge(ctx, ns, only("owner")); err != nil {
		t.Fatal(err)
	}
	m.await(t, nil)
	if _, err := s.Insert(ctx, 1, []willow.Incoming{with(old, "owner")}); err != nil {
		t.Fatal(err)
	}
	m.await(t, []willow.Entry{old}) // what is dead prunes nothing
	if err := s.Rejudge(ctx, ns, only("owner", "thief")); err != nil {
		t.Fatal(err)
	}
	m.await(t, []willow.Entry{lost}) // it came back, and prunes
	if err := s.Rejudge(ctx, ns, only("owner")); err != nil {
		t.Fatal(err)
	}
	m.await(t, []willow.Entry{old}) // what it had pruned comes back
	outcomes, err := s.Insert(ctx, 1, []willow.Incoming{with(lost, "owner")})
	if err != nil || outcomes[0] != willow.Inserted {
		t.Fatalf("the same entry under a live chain: %v, %v; want it inserted", outcomes, err)
	}
	m.await(t, []willow.Entry{lost})
	got, _, err := s.Get(ctx, ns, lost.Subspace, lost.Path)
	if err != nil || string(got.Token.Capability) != "owner" {
		t.Errorf("its token is of %q, %v; want the live chain's", got.Token.Capability, err)
	}
}

// testNewestAside asks for the newest timestamp where the newest entries are under
// a dead chain, at a prefix, at the place and below it.
func testNewestAside(t *testing.T, s willow.Store) {
	ns := newNamespace()
	expect := func(path willow.Path, want willow.Timestamp) {
		t.Helper()
		if got, err := s.Newest(ctx, ns, willow.SubspaceID{1}, path); err != nil || got != want {
			t.Errorf("Newest(%v) = %d, %v; want %d", path, got, err, want)
		}
	}
	place := willow.MustPath("a", "b")
	insert(t, s, entry(ns, 1, place, 1))
	expect(place, 1)
	for i, names := range [][]string{{"a", "b", "c"}, {"a", "b"}, {"a"}, {}, {"a", "b", "c", "d"}} {
		in := with(entry(ns, 1, willow.MustPath(names...), willow.Timestamp(10+i)), "thief")
		if in.Dead = i > 0; i == 0 {
			in = with(in.Entry, "a capability") // dies later
		}
		if _, err := s.Insert(ctx, 1, []willow.Incoming{in}); err != nil {
			t.Fatal(err)
		}
		expect(place, willow.Timestamp(10+i))
	}
	if err := s.Rejudge(ctx, ns, func([]byte) bool { return false }); err != nil {
		t.Fatal(err)
	}
	expect(place, 14)
	expect(willow.MustPath("a", "x"), 13)
	expect(willow.MustPath("x"), 13)
	insert(t, s, entry(ns, 2, place, 99)) // another subspace
	expect(place, 14)
}

// testJudge lets a function say what is dead, instead of who inserts.
func testJudge(t *testing.T, s willow.Store) {
	ns, other := newNamespace(), newNamespace()
	asked := make(map[string]int)
	s.Judge(func(ns willow.NamespaceID, capability []byte) bool {
		asked[string(ns[:])+string(capability)]++
		return string(capability) == "owner" && ns != other
	})
	at := func(ns willow.NamespaceID, name, capability string, dead bool) willow.Incoming {
		in := with(entry(ns, 1, willow.MustPath(name), 1), capability)
		in.Dead = dead
		return in
	}
	batch := []willow.Incoming{
		at(ns, "a", "owner", true), at(ns, "b", "thief", false), at(ns, "c", "owner", false),
		at(other, "a", "owner", false), at(ns, "d", "thief", true), at(ns, "e", "owner", true),
	}
	expect := func(want ...willow.Outcome) {
		t.Helper()
		got, err := s.Insert(ctx, 1, batch)
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("outcomes %v, %v; want %v", got, err, want)
		}
	}
	expect(willow.Inserted, willow.Dead, willow.Inserted, willow.Dead, willow.Dead, willow.Inserted)
	for key, n := range asked {
		if n != 1 {
			t.Errorf("asked %d times about %q", n, key[32:])
		}
	}
	if len(asked) != 3 {
		t.Errorf("asked about %d capabilities, want 3", len(asked))
	}
	s.Judge(nil)
	batch = []willow.Incoming{at(ns, "f", "owner", true), at(ns, "g", "thief", false)}
	expect(willow.Dead, willow.Inserted)
}

// testJudgeLate has a chain die while entries are inserted that came when it was
// live: none of them is live in the end.
func testJudgeLate(t *testing.T, s willow.Store) {
	var dead atomic.Bool
	s.Judge(func(willow.NamespaceID, []byte) bool { return !dead.Load() })
	defer s.Judge(nil)
	for range 10 {
		ns := newNamespace()
		dead.Store(false)
		var writing sync.WaitGroup
		for w := range 4 {
			writing.Go(func() {
				for i := range 5 {
					in := with(entry(ns, byte(w), willow.MustPath(fmt.Sprint(i)), 1), "c")
					if _, err := s.Insert(ctx, 1, []willow.Incoming{in}); err != nil {
						t.Errorf("Insert: %v", err)
					}
				}
			})
		}
		dead.Store(true)
		if err := s.Rejudge(ctx, ns, func([]byte) bool { return !dead.Load() }); err != nil {
			t.Fatal(err)
		}
		writing.Wait()
		equalEntries(t, "live under a dead chain", area(t, s, ns, willow.FullArea), nil)
	}
}
