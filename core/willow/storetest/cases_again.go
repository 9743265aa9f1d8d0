package storetest

import (
	"testing"

	"meadow/core/willow"
)

// testSeenAgain: what has been dealt with has to be dealt with again when
// something has died, but only then, and only where history is judged.
func testSeenAgain(t *testing.T, s willow.Store) {
	ns := newNamespace()
	p, elsewhere := willow.MustPath("files", "a"), willow.MustPath("about")
	insert(t, s, judgedEntry(ns, p, 1), judgedEntry(ns, p, 2), judgedEntry(ns, elsewhere, 1), judgedEntry(ns, elsewhere, 2))
	doomed := with(judgedEntry(ns, willow.MustPath("files", "b"), 1), "doomed")
	if _, err := s.Insert(ctx, 1, []willow.Incoming{doomed}); err != nil {
		t.Fatal(err)
	}
	var judged int64
	for _, row := range all(t, s.History(ctx, ns, willow.JudgedArea(ns), true)) {
		judged = row.ID
		if err := s.MarkPast(ctx, row.ID); err != nil {
			t.Fatal(err)
		}
	}
	rejudge := func(dead string) {
		t.Helper()
		if err := s.Rejudge(ctx, ns, func(c []byte) bool { return string(c) != dead }); err != nil {
			t.Fatal(err)
		}
	}
	rejudge("nobody")
	checkPast(t, s, ns, willow.FullArea, true)
	rejudge("doomed")
	checkPast(t, s, ns, willow.FullArea, true, judged)
}
