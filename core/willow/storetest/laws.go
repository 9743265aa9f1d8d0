package storetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"meadow/core/willow"
)

// maxDeliveries is how many entries a history of deliveries has at most.
const maxDeliveries = 200

// deliveries are entries that come to stores, each with the one token it has, and
// the capabilities whose chains die sooner or later.
type deliveries struct {
	ns      willow.NamespaceID
	entries []willow.Incoming
	dead    map[string]bool
}

// drawDeliveries draws entries that prune each other and tie, all different.
func drawDeliveries(t *rapid.T) deliveries {
	d := deliveries{ns: newNamespace(), dead: make(map[string]bool)}
	m := machine{ns: d.ns}
	seen := make(map[willow.Entry]bool)
	for range rapid.IntRange(1, maxDeliveries/2).Draw(t, "entries") {
		e := m.drawEntry(t)
		if !seen[e] {
			seen[e] = true
			d.entries = append(d.entries, with(e, caps.Draw(t, "capability")))
		}
	}
	if rapid.Bool().Draw(t, "some die") {
		d.dead[caps.Draw(t, "dead")] = true
	}
	return d
}

func (d *deliveries) alive(c []byte) bool { return !d.dead[string(c)] }

// to delivers everything to a store: in any order, some of it again, in batches of
// any size, the verdict about chains at any moment.
func (d *deliveries) to(t *rapid.T, s willow.Store) {
	again := rapid.SliceOfN(rapid.SampledFrom(d.entries), 0, maxDeliveries-len(d.entries)).Draw(t, "again")
	line := rapid.Permutation(slices.Concat(d.entries, again)).Draw(t, "order")
	verdict := rapid.IntRange(0, len(line)).Draw(t, "verdict after")
	judged := false
	for done := 0; ; {
		if done >= verdict && !judged {
			if err := s.Rejudge(ctx, d.ns, d.alive); err != nil {
				t.Fatalf("Rejudge: %v", err)
			}
			judged = true
		}
		if done == len(line) {
			return
		}
		batch := slices.Clone(line[done : done+rapid.IntRange(1, min(len(line)-done, 40)).Draw(t, "batch")])
		for i := range batch {
			batch[i].Dead = judged && !d.alive(batch[i].Token.Capability)
		}
		if _, err := s.Insert(ctx, willow.Origin(1+done%3), batch); err != nil {
			t.Fatalf("Insert: %v", err)
		}
		done += len(batch)
	}
}

// live is what the definition of a join has of all deliveries.
func (d *deliveries) live() []willow.Entry {
	m := model{known: make(map[willow.Entry]willow.Authorised), dead: d.dead}
	for _, in := range d.entries {
		m.known[in.Entry] = in.Authorised
	}
	return entriesOf(m.pick(everything))
}

// runLaws delivers the same entries to two stores and to one in memory, each in its
// own order, grouping and repetition: whatever they can be asked, they say the
// same, and what is live is what the definition of a join says (S10).
func runLaws(t *testing.T, one, two willow.Store) {
	rapid.Check(t, func(t *rapid.T) {
		d, third := drawDeliveries(t), new(Memory)
		for _, s := range []willow.Store{one, two, third} {
			d.to(t, s)
		}
		first := Dump(t, one, d.ns)
		equalEntries(t, "the join", area(t, one, d.ns, willow.FullArea), d.live())
		sameDump(t, "another order", Dump(t, two, d.ns), first)
		sameDump(t, "in memory", Dump(t, third, d.ns), first)
		r, within := ranges.Draw(t, "range"), areas.Draw(t, "within")
		sameDump(t, "parts", parts(t, two, d.ns, r, within), parts(t, one, d.ns, r, within))
	})
}

// parts writes down how a store cuts a range, into few and into many, and what the
// parts have: stores of one kind cut what is the same alike.
func parts(t tb, s willow.Store, ns willow.NamespaceID, r willow.Range3D, within willow.Area) string {
	t.Helper()
	var b strings.Builder
	for _, k := range []int{2, 7, 16} {
		ranges, err := s.Split(ctx, ns, r, within, k)
		if err != nil {
			t.Fatalf("Split: %v", err)
		}
		for _, p := range ranges {
			sum, err := s.Summary(ctx, ns, p, within)
			if err != nil {
				t.Fatalf("Summary: %v", err)
			}
			fmt.Fprintf(&b, "%+v: %+v\n", p, sum)
		}
	}
	return b.String()
}

// runJoins gives each of some stores a part of the entries, and has them take what
// is live in one another, in any order, until all have heard of each other: all of
// them, and a store that was there before, hold the join. Here a delivery is a
// whole store, and what has been pruned on the way is never passed on.
func runJoins(t *testing.T, s willow.Store) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDeliveries(t)
		clear(d.dead)
		stores := []willow.Store{s, new(Memory), new(Memory), new(Memory)}
		heard := make([]map[int]bool, len(stores))
		for i := range stores {
			heard[i] = map[int]bool{i: true}
		}
		for _, in := range d.entries {
			at := rapid.IntRange(0, len(stores)-1).Draw(t, "store")
			if _, err := stores[at].Insert(ctx, 1, []willow.Incoming{in}); err != nil {
				t.Fatalf("Insert: %v", err)
			}
		}
		complete := func() bool {
			return !slices.ContainsFunc(heard, func(h map[int]bool) bool { return len(h) < len(stores) })
		}
		for !complete() {
			order := rapid.Permutation([]int{0, 1, 2, 3}).Draw(t, "who hears, and of whom")
			join(t, d.ns, stores[order[0]], stores[order[1]])
			maps.Copy(heard[order[0]], heard[order[1]])
		}
		for _, s := range stores {
			equalEntries(t, "joined", area(t, s, d.ns, willow.FullArea), d.live())
			before := Dump(t, s, d.ns)
			join(t, d.ns, s, s)
			sameDump(t, "joined with itself", Dump(t, s, d.ns), before)
		}
	})
}

// join has a store take what is live in another.
func join(t tb, ns willow.NamespaceID, s, other willow.Store) {
	t.Helper()
	var batch []willow.Incoming
	for _, a := range all(t, other.Area(ctx, ns, willow.FullArea)) {
		batch = append(batch, willow.Incoming{Authorised: a})
	}
	if _, err := s.Insert(ctx, 1, batch); err != nil {
		t.Fatalf("Insert: %v", err)
	}
}
