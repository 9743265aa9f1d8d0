package storetest

import (
	"fmt"
	"slices"
	"testing"

	"meadow/core/willow"
)

// testCapabilities lists what live entries came with: each once, of one namespace,
// whatever dies, comes back or is pruned.
func testCapabilities(t *testing.T, s willow.Store) {
	ns, other := newNamespace(), newNamespace()
	expect := func(ns willow.NamespaceID, live []string, maybe ...string) {
		t.Helper()
		capabilities, err := s.Capabilities(ctx, ns)
		if err != nil {
			t.Fatalf("Capabilities: %v", err)
		}
		got := make([]string, 0, len(capabilities))
		for _, c := range capabilities {
			if !slices.Contains(maybe, string(c)) {
				got = append(got, string(c))
			}
		}
		if slices.Sort(got); !slices.Equal(got, live) {
			t.Errorf("capabilities %q, want %q", got, live)
		}
	}
	put := func(ns willow.NamespaceID, name, capability string, dead bool) {
		t.Helper()
		in := with(entry(ns, 1, willow.MustPath(name), willow.Timestamp(len(capability))), capability)
		in.Dead = dead
		if _, err := s.Insert(ctx, 1, []willow.Incoming{in}); err != nil {
			t.Fatalf("Insert: %v", err)
		}
	}
	expect(ns, []string{})
	for i := range 5 {
		put(ns, fmt.Sprint("own", i), "owner", false)
		put(ns, fmt.Sprint("thief", i), "thief", false)
	}
	put(ns, "dead", "stranger", true)
	put(other, "a", "somebody else", false)
	expect(ns, []string{"owner", "thief"})
	expect(other, []string{"somebody else"})

	thief := true
	rejudge := func() {
		t.Helper()
		err := s.Rejudge(ctx, ns, func(c []byte) bool { return string(c) == "owner" || thief && string(c) == "thief" })
		if err != nil {
			t.Fatal(err)
		}
	}
	thief = false
	rejudge()
	expect(ns, []string{"owner"})
	thief = true
	rejudge()
	expect(ns, []string{"owner", "thief"})

	put(ns, "own0", "a longer one", false) // which is newer
	expect(ns, []string{"a longer one", "owner", "thief"})
	for i := range 5 {
		put(ns, fmt.Sprint("thief", i), "a longer one", false)
	}
	expect(ns, []string{"a longer one", "owner"}, "thief")
}
