package storetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"meadow/core/willow"
)

// Dump writes down what a store can be asked about a namespace: its live entries
// with their tokens, what isn't live any more, and what each method says of every
// place where something is live, and above it. Stores that hold the same have the
// same dump, byte for byte, however it came there. Where a store cuts ranges is up
// to it, and so is whether it has what is dead in history or set aside: that isn't
// in a dump.
func Dump(t tb, s willow.Store, ns willow.NamespaceID) string {
	t.Helper()
	var b strings.Builder
	write := func(kind string, a willow.Authorised) {
		fmt.Fprintf(&b, "%s %x %x %x\n", kind, willow.AppendEntry(nil, a.Entry), a.Token.Capability, a.Token.Signature)
	}
	gone := make(map[willow.Entry]willow.Authorised)
	for _, p := range all(t, s.History(ctx, ns, willow.FullArea, false)) {
		gone[p.Entry] = p.Authorised
	}
	for _, a := range all(t, s.Aside(ctx, ns, willow.FullArea)) {
		gone[a.Entry] = a
	}
	spots := make(map[place]struct{})
	for _, a := range all(t, s.Area(ctx, ns, willow.FullArea)) {
		write("live", a)
		delete(gone, a.Entry)
		above, _ := a.Entry.Path.Parent()
		spots[placeOf(a.Entry)], spots[place{a.Entry.Subspace, above}] = struct{}{}, struct{}{}
	}
	for _, e := range slices.SortedFunc(maps.Keys(gone), total) {
		write("gone", gone[e])
	}
	for _, a := range all(t, s.Latest(ctx, ns, willow.FullArea)) {
		write("latest", a)
	}
	for _, e := range all(t, s.Wanted(ctx, ns, willow.FullArea)) {
		write("wanted", willow.Authorised{Entry: e})
	}
	missing, err := s.Missing(ctx, ns)
	if err != nil {
		t.Fatalf("Missing: %v", err)
	}
	fmt.Fprintf(&b, "missing %+v\n", missing)
	dumpArea(t, &b, s, ns, willow.FullArea)
	for _, at := range slices.SortedFunc(maps.Keys(spots), place.compare) {
		dumpArea(t, &b, s, ns, willow.Area{Subspace: at.subspace, Path: at.path, Times: willow.AllTimes})
	}
	return b.String()
}

func (p place) compare(q place) int {
	return cmp.Or(p.subspace.Compare(q.subspace), p.path.Compare(q.path))
}

// dumpArea writes what a store says of an area, and of the place it is made of.
func dumpArea(t tb, b *strings.Builder, s willow.Store, ns willow.NamespaceID, a willow.Area) {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Fatalf("asking about %+v: %v", a, err)
		}
	}
	sum, err := s.Summary(ctx, ns, willow.AreaRange(a), willow.FullArea)
	must(err)
	wanted, err := s.CountWanted(ctx, ns, a)
	must(err)
	newest, err := s.Newest(ctx, ns, a.Subspace, a.Path)
	must(err)
	_, found, err := s.Get(ctx, ns, a.Subspace, a.Path)
	must(err)
	fmt.Fprintf(b, "area %v %v %v: %x %d %d, %d, %d, %v\n", a.AnySubspace, a.Subspace, a.Path, sum.Fingerprint, sum.Count, sum.Bytes, wanted, newest, found)
}

// sameDump compares dumps, and tells the first lines that differ.
func sameDump(t tb, what, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("%s, line %d:\n got %s\nwant %s", what, i, g[i], w[i])
		}
	}
	t.Fatalf("%s: %d lines, want %d", what, len(g), len(w))
}
