package storage

import (
	"context"
	"testing"

	"meadow/core/willow"
)

// TestAsidePages reads more of what is set aside than one page holds, with
// several entries at each place.
func TestAsidePages(t *testing.T) {
	ctx := context.Background()
	s := openTest(t).Entries()
	ns := willow.NamespaceID{0x77, 31: 1}
	want := map[willow.Entry]bool{}
	var batch []willow.Incoming
	for i := range 3*pageSize + 7 {
		e := willow.Entry{
			Namespace: ns, Subspace: willow.SubspaceID{byte(i % 2)}, Path: willow.MustPath(string(rune('a' + i%5))),
			Timestamp: willow.Timestamp(i / 3), PayloadDigest: willow.Digest{byte(i), byte(i >> 8)},
		}
		want[e] = true
		batch = append(batch, willow.Incoming{Authorised: willow.Authorised{Entry: e}, Dead: true})
	}
	if _, err := s.Insert(ctx, 1, batch); err != nil {
		t.Fatal(err)
	}
	for _, area := range []willow.Area{
		willow.FullArea,
		{Subspace: willow.SubspaceID{1}, Path: willow.MustPath("c"), Times: willow.AllTimes},
		{AnySubspace: true, Path: willow.MustPath("d"), Times: willow.TimeRange{Start: 5, End: 300}},
	} {
		seen := 0
		for a, err := range s.Aside(ctx, ns, area) {
			if err != nil {
				t.Fatal(err)
			}
			if !want[a.Entry] || !area.Includes(a.Entry) {
				t.Fatalf("%v isn't one of them", a.Entry)
			}
			seen++
		}
		all := 0
		for e := range want {
			if area.Includes(e) {
				all++
			}
		}
		if seen != all {
			t.Errorf("%d of %d", seen, all)
		}
	}
}
