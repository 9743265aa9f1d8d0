package storetest

import (
	"fmt"
	"slices"
	"testing"

	"meadow/core/willow"
)

// testMarkPast follows rows of history until they have been dealt with.
func testMarkPast(t *testing.T, s willow.Store) {
	ns := newNamespace()
	p := willow.MustPath("files", "a")
	entry := judgedEntry
	insert(t, s, entry(ns, p, 1), entry(ns, p, 2))
	insert(t, s, entry(ns, p, 3), entry(ns, p, 1)) // 1 is there already
	past := all(t, s.History(ctx, ns, willow.FullArea, true))
	if len(past) != 2 || past[0].Entry.Timestamp != 2 || past[1].Entry.Timestamp != 1 || past[0].ID == past[1].ID {
		t.Fatalf("History = %+v; want those of 2 and 1", past)
	}
	if past[0].Seen || past[0].Gone == 0 || string(past[0].Token.Capability) != "a capability" {
		t.Errorf("History has %+v; want it unseen, with its token and when it went", past[0])
	}
	for range 2 { // marking again is no error, nor is what comes too late again unseen
		if err := s.MarkPast(ctx, past[0].ID); err != nil {
			t.Fatal(err)
		}
		insert(t, s, entry(ns, p, 2))
		checkPast(t, s, ns, willow.FullArea, true, past[1].ID)
		checkPast(t, s, ns, willow.FullArea, false, past[0].ID, past[1].ID)
	}
	if past = all(t, s.History(ctx, ns, willow.FullArea, false)); !past[0].Seen || past[1].Seen {
		t.Errorf("history = %+v; want the newer one seen", past)
	}
	elsewhere := willow.Area{AnySubspace: true, Path: willow.MustPath("claims"), Times: willow.AllTimes}
	checkPast(t, s, ns, elsewhere, false)
}

// checkPast checks which rows history has, in order.
func checkPast(t *testing.T, s willow.Store, ns willow.NamespaceID, within willow.Area, unseenOnly bool, want ...int64) {
	t.Helper()
	var got []int64
	for _, p := range all(t, s.History(ctx, ns, within, unseenOnly)) {
		got = append(got, p.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("history (unseen only: %v) has rows %v, want %v", unseenOnly, got, want)
	}
}

// testExpire forgets history, but not what hasn't been dealt with.
func testExpire(t *testing.T, s willow.Store) {
	ns := newNamespace()
	p := willow.MustPath("files", "a")
	entry := judgedEntry
	insert(t, s, entry(ns, p, 1), entry(ns, p, 2), entry(ns, p, 3))
	past := all(t, s.History(ctx, ns, willow.FullArea, false))
	if len(past) != 2 {
		t.Fatalf("History = %+v; want two", past)
	}
	if err := s.MarkPast(ctx, past[1].ID); err != nil {
		t.Fatal(err)
	}
	newest, grace := max(past[0].Gone, past[1].Gone), willow.Timestamp(willow.UnseenGrace.Microseconds())
	for _, step := range []struct {
		before willow.Timestamp
		left   int
	}{{past[1].Gone, 2}, {newest + 1, 1}, {past[0].Gone + grace, 1}} {
		if err := s.Expire(ctx, step.before); err != nil {
			t.Fatal(err)
		}
		left := all(t, s.History(ctx, ns, willow.FullArea, false))
		if len(left) != step.left || left[0].ID != past[0].ID {
			t.Errorf("after Expire(%d): %+v; want %d, the unseen one first", step.before, left, step.left)
		}
	}
	if err := s.Expire(ctx, past[0].Gone+grace+1); err != nil {
		t.Fatal(err)
	}
	checkPast(t, s, ns, willow.FullArea, false)
	equalEntries(t, "live", area(t, s, ns, willow.FullArea), []willow.Entry{entry(ns, p, 3)})
}

// judgedEntry is entry in the subspace whose history has to be judged.
func judgedEntry(ns willow.NamespaceID, p willow.Path, ts willow.Timestamp) willow.Entry {
	e := entry(ns, 0, p, ts)
	e.Subspace = willow.SubspaceID(ns)
	return e
}

// testUnjudged has history where nobody judges it: it counts as seen at once, and
// expires.
func testUnjudged(t *testing.T, s willow.Store) {
	ns := newNamespace()
	files, about := willow.MustPath("files", "a"), willow.MustPath("about")
	judged := judgedEntry(ns, files, 1)
	insert(t, s, judged, judgedEntry(ns, files, 2))
	insert(t, s, judgedEntry(ns, about, 1), judgedEntry(ns, about, 2), entry(ns, 1, about, 1), entry(ns, 1, about, 2))
	insert(t, s, judgedEntry(ns, willow.MustPath("file"), 2), judgedEntry(ns, willow.MustPath("file", "s"), 1)) // late
	var latest willow.Timestamp
	for _, p := range all(t, s.History(ctx, ns, willow.FullArea, false)) {
		latest = max(latest, p.Gone)
		if p.Seen != (p.Entry != judged) {
			t.Errorf("%v: seen is %v", show([]willow.Entry{p.Entry}), p.Seen)
		}
	}
	if unseen := all(t, s.History(ctx, ns, willow.FullArea, true)); len(unseen) != 1 {
		t.Errorf("%d rows are unseen, want 1", len(unseen))
	}
	if err := s.Expire(ctx, latest+1); err != nil {
		t.Fatal(err)
	}
	if left := all(t, s.History(ctx, ns, willow.FullArea, false)); len(left) != 1 || left[0].Entry != judged {
		t.Errorf("after Expire: %+v; want just what has to be judged", left)
	}
}

// testLate gives entries that something newer prunes at once: history only.
func testLate(t *testing.T, s willow.Store) {
	ns := newNamespace()
	p := willow.MustPath("a")
	m, cancel := newMirror(s, ns)
	defer cancel()
	insert(t, s, entry(ns, 1, p, 5))
	late := entry(ns, 1, willow.MustPath("a", "b"), 1)
	insert(t, s, late)
	insert(t, s, late) // it is there already
	brief, newer := entry(ns, 1, p, 6), entry(ns, 1, p, 7)
	insert(t, s, brief, newer)
	aside := entry(ns, 1, p, 3)
	dead := with(aside, "thief")
	dead.Dead = true
	if _, err := s.Insert(ctx, 1, []willow.Incoming{dead}); err != nil {
		t.Fatal(err)
	}
	if err := s.Rejudge(ctx, ns, func([]byte) bool { return true }); err != nil {
		t.Fatal(err)
	}
	m.await(t, []willow.Entry{newer})
	m.mu.Lock()
	defer m.mu.Unlock()
	want := [][]willow.Entry{nil, {late}, {brief}, {aside}}
	if len(m.changes) != len(want) {
		t.Fatalf("%d changes: %+v; want %d", len(m.changes), m.changes, len(want))
	}
	for i, c := range m.changes {
		equalEntries(t, fmt.Sprintf("change %d: late", i), c.Late, want[i])
	}
}
