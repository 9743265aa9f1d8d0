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
		breakOff(t, s.Latest(ctx, ns, willow.FullArea))
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

// testConcurrent reads while several write: every iteration shows a set without
// anything that what had been inserted before prunes, and all writes arrive.
func testConcurrent(t *testing.T, s willow.Store) {
	ns := newNamespace()
	const writers, rounds = 4, 12
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	var inserted sync.Map // entries that Insert has returned for
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
				for _, in := range batch {
					inserted.Store(in.Entry, true)
				}
			}
		})
	}
	for range 2 {
		reading.Go(func() {
			for {
				checkInvariant(t, s, ns, &inserted)
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

// checkInvariant iterates everything, and checks it against itself: against those
// entries at least that have been inserted when it begins.
func checkInvariant(t *testing.T, s willow.Store, ns willow.NamespaceID, inserted *sync.Map) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	before := make(map[willow.Entry]bool)
	inserted.Range(func(e, _ any) bool {
		before[e.(willow.Entry)] = true
		return true
	})
	var es []willow.Entry
	for a, err := range s.Area(ctx, ns, willow.FullArea) {
		if err != nil {
			t.Errorf("Area: %v", err)
			return
		}
		for _, e := range es {
			if before[e] && e.Prunes(a.Entry) || before[a.Entry] && a.Entry.Prunes(e) {
				t.Errorf("live at once: %v", show([]willow.Entry{e, a.Entry}))
			}
		}
		es = append(es, a.Entry)
	}
}
