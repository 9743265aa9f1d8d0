package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"meadow/core/willow"
)

var ctx = context.Background()

// testEmpty asks about a namespace that nobody has written to.
func testEmpty(t *testing.T, s willow.Store) {
	ns := newNamespace()
	var empty willow.Accumulator
	sum, err := s.Summary(ctx, ns, willow.FullRange, willow.FullArea)
	if want := (willow.Summary{Fingerprint: empty.Fingerprint()}); err != nil || sum != want {
		t.Errorf("Summary = %+v, %v; want %+v", sum, err, want)
	}
	if _, ok, err := s.Get(ctx, ns, willow.SubspaceID{}, willow.Path{}); ok || err != nil {
		t.Errorf("Get = %v, %v; want nothing", ok, err)
	}
	if newest, err := s.Newest(ctx, ns, willow.SubspaceID{}, willow.Path{}); newest != 0 || err != nil {
		t.Errorf("Newest = %d, %v; want 0", newest, err)
	}
	if parts, err := s.Split(ctx, ns, willow.FullRange, willow.FullArea, 4); err != nil || !slices.Equal(parts, []willow.Range3D{willow.FullRange}) {
		t.Errorf("Split = %+v, %v; want the range whole", parts, err)
	}
	if outcomes, err := s.Insert(ctx, 1, nil); len(outcomes) != 0 || err != nil {
		t.Errorf("Insert of nothing = %v, %v", outcomes, err)
	}
	if err := s.Rejudge(ctx, ns, func([]byte) bool { return false }); err != nil {
		t.Errorf("Rejudge: %v", err)
	}
	if err := s.MarkPast(ctx); err != nil {
		t.Errorf("MarkPast of nothing: %v", err)
	}
}

// testFirstToken gives one entry twice: of two valid tokens the first is kept.
func testFirstToken(t *testing.T, s willow.Store) {
	e := entry(newNamespace(), 1, willow.MustPath("a"), 7)
	first, second := with(e, "first"), with(e, "second")
	outcomes, err := s.Insert(ctx, 0, []willow.Incoming{first, second})
	if err != nil || !slices.Equal(outcomes, []willow.Outcome{willow.Inserted, willow.Duplicate}) {
		t.Fatalf("Insert = %v, %v", outcomes, err)
	}
	got, ok, err := s.Get(ctx, e.Namespace, e.Subspace, e.Path)
	if err != nil || !ok || !sameAuthorised(got, first.Authorised) {
		t.Errorf("Get = %+v, %v, %v; want the first token", got, ok, err)
	}
}

// testPermutation delivers the same entries in different orders and groupings,
// some twice: the live sets are the same (S10).
func testPermutation(t *testing.T, s willow.Store) {
	random := rand.New(rand.NewPCG(1, 2))
	var want []willow.Entry
	for round := range 20 {
		ns := newNamespace()
		entries := tangle(ns)
		entries = append(entries, entries[:10]...)
		random.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
		for batch := range slices.Chunk(entries, 1+random.IntN(len(entries))) {
			insert(t, s, batch...)
		}
		got := area(t, s, ns, willow.FullArea)
		for i := range got {
			got[i].Namespace = willow.NamespaceID{} // all that differs
		}
		if round == 0 {
			want = got
		}
		equalEntries(t, fmt.Sprintf("order %d of the same entries", round), got, want)
	}
}

// tangle returns entries many of which prune each other, or tie.
func tangle(ns willow.NamespaceID) (entries []willow.Entry) {
	names := []string{"", "a", "b", "\x00"}
	for i, first := range names {
		for j, second := range names {
			for ts := range 3 {
				p := willow.MustPath([]string{first, second}[:1+(i+j+ts)%2]...)
				e := entry(ns, byte(i%2), p, willow.Timestamp(ts*(j+1)%5))
				e.PayloadDigest[1] = byte(i ^ j)
				entries = append(entries, e)
			}
		}
	}
	return entries
}

// testWriting writes while it iterates: what stays is seen exactly once.
func testWriting(t *testing.T, s willow.Store) {
	ns := newNamespace()
	const n = 1800
	var stay, leave []willow.Entry
	for i := range n {
		e := entry(ns, byte(i%3), willow.MustPath("f", fmt.Sprintf("%04d", i)), 1)
		if e.Subspace[0] == 1 {
			stay = append(stay, e)
		} else {
			leave = append(leave, e)
		}
	}
	insert(t, s, slices.Concat(stay, leave)...)
	var got []willow.Entry
	for a, err := range s.Area(ctx, ns, willow.FullArea) {
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 {
			insert(t, s, entry(ns, 0, willow.MustPath("f"), 2), entry(ns, 2, willow.MustPath("f"), 2))
		}
		if len(got) > 0 && byPlace(got[len(got)-1], a.Entry) >= 0 {
			t.Fatalf("out of order: %v", show([]willow.Entry{got[len(got)-1], a.Entry}))
		}
		got = append(got, a.Entry)
	}
	stayed := slices.DeleteFunc(got, func(e willow.Entry) bool { return e.Subspace[0] != 1 })
	equalEntries(t, "what stayed during an iteration", stayed, stay)
	if now := area(t, s, ns, willow.FullArea); len(now) != len(stay)+2 {
		t.Errorf("after it: %d entries, want %d", len(now), len(stay)+2)
	}
}

// testBreakOff ends every iteration early, many times: nothing may be held by it.
func testBreakOff(t *testing.T, s willow.Store) {
	ns := newNamespace()
	for i := range 10 {
		insert(t, s, entry(ns, byte(i), willow.Path{}, 1), entry(ns, byte(i), willow.Path{}, 2))
	}
	for range 50 {
		breakOff(t, s.Area(ctx, ns, willow.FullArea))
		breakOff(t, s.Range(ctx, ns, willow.FullRange, willow.FullArea))
		breakOff(t, s.Wanted(ctx, ns, willow.FullArea))
		breakOff(t, s.History(ctx, ns, willow.FullArea, false))
	}
	insert(t, s, entry(ns, 1, willow.Path{}, 3))
}

func breakOff[T any](t *testing.T, seq func(func(T, error) bool)) {
	t.Helper()
	n := 0
	for _, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 3 {
			return
		}
	}
	t.Fatalf("an iteration gave %d, want more", n)
}

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
	insert(t, s, judgedEntry(ns, about, 1), judgedEntry(ns, about, 2), entry(ns, 1, files, 1), entry(ns, 1, files, 2))
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

// testSubscribe checks what a change says, and that a cancelled subscription is
// silent.
func testSubscribe(t *testing.T, s willow.Store) {
	ns := newNamespace()
	m, cancel := newMirror(s, ns)
	defer cancel()
	var calls atomic.Int64
	silence := s.Subscribe(func(willow.Change) { calls.Add(1) })
	silence()
	before := calls.Load()

	a, b := entry(ns, 1, willow.MustPath("a"), 1), entry(ns, 1, willow.MustPath("a"), 2)
	other := entry(newNamespace(), 1, willow.Path{}, 1)
	if _, err := s.Insert(ctx, 42, []willow.Incoming{with(a, "c"), with(other, "c")}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Insert(ctx, 43, []willow.Incoming{with(b, "c")}); err != nil {
		t.Fatal(err)
	}
	m.await(t, []willow.Entry{b})
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.changes) != 2 || m.changes[0].Origin != 42 || m.changes[1].Origin != 43 {
		t.Fatalf("changes = %+v; want one of origin 42, one of 43", m.changes)
	}
	first, second := m.changes[0], m.changes[1]
	if !slices.Equal(entriesOf(first.Inserted), []willow.Entry{a}) || len(first.Removed) != 0 ||
		string(first.Inserted[0].Token.Capability) != "c" {
		t.Errorf("the first change is %+v", first)
	}
	if !slices.Equal(entriesOf(second.Inserted), []willow.Entry{b}) || !slices.Equal(second.Removed, []willow.Entry{a}) {
		t.Errorf("the second change is %+v", second)
	}
	if calls.Load() != before {
		t.Error("a cancelled subscription was called")
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

// testConcurrent reads while several write: every iteration shows a set without
// anything that should have been pruned, and all writes arrive.
func testConcurrent(t *testing.T, s willow.Store) {
	ns := newNamespace()
	const writers, rounds = 4, 12
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		writing.Go(func() {
			for i := range rounds {
				// A folder's entry prunes what its writer put below it before.
				ts := willow.Timestamp(1 + 2*i)
				dir := willow.MustPath(fmt.Sprint(w))
				below, _ := dir.Append(fmt.Sprint(i))
				batch := []willow.Incoming{with(entry(ns, 1, below, ts), "c"), with(entry(ns, 1, dir, ts-1), "c")}
				if _, err := s.Insert(ctx, willow.Origin(1+w), batch); err != nil {
					t.Errorf("Insert: %v", err)
				}
			}
		})
	}
	for range 2 {
		reading.Go(func() {
			for {
				checkInvariant(t, s, ns)
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
	if got := area(t, s, ns, willow.FullArea); len(got) != 2*writers {
		t.Errorf("in the end: %v; want two entries of each writer", show(got))
	}
}

// checkInvariant iterates everything, and checks it against itself.
func checkInvariant(t *testing.T, s willow.Store, ns willow.NamespaceID) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var es []willow.Entry
	for a, err := range s.Area(ctx, ns, willow.FullArea) {
		if err != nil {
			t.Errorf("Area: %v", err)
			return
		}
		for _, e := range es {
			if e.Prunes(a.Entry) || a.Entry.Prunes(e) {
				t.Errorf("live at once: %v", show([]willow.Entry{e, a.Entry}))
			}
		}
		es = append(es, a.Entry)
	}
}
