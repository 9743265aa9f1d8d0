package storetest

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"meadow/core/willow"
)

// machine drives one namespace of a store and the model side by side.
type machine struct {
	store willow.Store
	ns    willow.NamespaceID
	model
	seen []willow.Entry // every entry ever drawn
	told *mirror
}

func runMachine(t *testing.T, s willow.Store) {
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{store: s, ns: newNamespace()}
		m.model = model{known: make(map[willow.Entry]willow.Authorised), dead: make(map[string]bool)}
		var cancel func()
		m.told, cancel = newMirror(s, m.ns)
		defer cancel()
		t.Repeat(map[string]func(*rapid.T){
			"":        m.check,
			"insert":  m.insertSome,
			"insert2": m.insertSome, // twice as likely as each of the others
			"rejudge": m.rejudgeSome,
			"get":     m.checkGet,
			"area":    m.checkArea,
			"latest":  m.checkLatest,
			"range":   m.checkRange,
			"split":   m.checkSplit,
			"wanted":  m.checkWanted,
			"history": m.checkHistory,
			"aside":   m.checkAside,
		})
	})
}

func (m *machine) drawEntry(t *rapid.T) willow.Entry {
	if len(m.seen) > 0 && rapid.IntRange(0, 3).Draw(t, "again") == 0 {
		return rapid.SampledFrom(m.seen).Draw(t, "seen")
	}
	return willow.Entry{
		Namespace:     m.ns,
		Subspace:      subspaces.Draw(t, "subspace"),
		Path:          paths.Draw(t, "path"),
		Timestamp:     timestamps.Draw(t, "timestamp"),
		PayloadLength: lengths.Draw(t, "length"),
		PayloadDigest: digests.Draw(t, "digest"),
	}
}

func (m *machine) insertSome(t *rapid.T) {
	origin := willow.Origin(rapid.IntRange(1, 3).Draw(t, "origin"))
	var batch []willow.Incoming
	var want [][]willow.Outcome
	for range rapid.IntRange(0, 8).Draw(t, "entries") {
		e, c := m.drawEntry(t), caps.Draw(t, "capability")
		m.seen = append(m.seen, e)
		in := with(e, c)
		if in.Dead = m.dead[c]; m.moot(in) {
			continue
		}
		batch = append(batch, in)
		want = append(want, m.insert(in))
	}
	got, err := m.store.Insert(context.Background(), origin, batch)
	if err != nil || len(got) != len(want) {
		t.Fatalf("Insert: %d outcomes for %d entries, error %v", len(got), len(want), err)
	}
	for i := range got {
		if !slices.Contains(want[i], got[i]) {
			t.Fatalf("entry %v (dead: %v): outcome %d, want %v", show([]willow.Entry{batch[i].Entry}), batch[i].Dead, got[i], want[i])
		}
	}
}

func (m *machine) rejudgeSome(t *rapid.T) {
	for _, c := range []string{"alfie", "betty", "gemma"} {
		m.dead[c] = rapid.IntRange(0, 2).Draw(t, c) == 0
	}
	live := func(c []byte) bool { return !m.dead[string(c)] }
	if err := m.store.Rejudge(context.Background(), m.ns, live); err != nil {
		t.Fatalf("Rejudge: %v", err)
	}
}

// check runs after every step: the live set with its tokens, in order, and what
// the subscription has told.
func (m *machine) check(t *rapid.T) {
	m.compare(t, "Area(full)", m.store.Area(context.Background(), m.ns, willow.FullArea), willow.FullArea.Includes)
	m.told.await(t, entriesOf(m.pick(everything)))
}

func (m *machine) compare(t *rapid.T, what string, got func(func(willow.Authorised, error) bool), keep func(willow.Entry) bool) {
	t.Helper()
	g, w := all(t, got), m.pick(keep)
	equalEntries(t, what, entriesOf(g), entriesOf(w))
	for i := range g {
		if !sameAuthorised(g[i], w[i]) {
			t.Fatalf("%s: %v came with the token of %q, want the first one, of %q", what,
				g[i].Entry.Path, g[i].Token.Capability, w[i].Token.Capability)
		}
	}
}

func (m *machine) checkGet(t *rapid.T) {
	ss, p := subspaces.Draw(t, "subspace"), paths.Draw(t, "path")
	got, ok, err := m.store.Get(context.Background(), m.ns, ss, p)
	if err != nil {
		t.Fatalf("Get: %v", err)
	}
	want := m.pick(func(e willow.Entry) bool { return e.Subspace == ss && e.Path == p })
	if ok != (len(want) == 1) || ok && !sameAuthorised(got, want[0]) {
		t.Fatalf("Get = %+v, %v; want %+v", got, ok, want)
	}
	newest, err := m.store.Newest(context.Background(), m.ns, ss, p)
	if err != nil || newest != m.newest(ss, p) {
		t.Fatalf("Newest(%v) = %d, %v; want %d", p, newest, err, m.newest(ss, p))
	}
}

func (m *machine) checkArea(t *rapid.T) {
	a := areas.Draw(t, "area")
	m.compare(t, "Area", m.store.Area(context.Background(), m.ns, a), a.Includes)
	m.checkSummary(t, willow.AreaRange(a), willow.FullArea)
}

func (m *machine) checkLatest(t *rapid.T) {
	a := areas.Draw(t, "area")
	got := entriesOf(all(t, m.store.Latest(context.Background(), m.ns, a)))
	want := entriesOf(m.pick(a.Includes))
	slices.SortFunc(want, byAge)
	equalEntries(t, "Latest", got, want)
}

func (m *machine) checkRange(t *rapid.T) {
	r, within := ranges.Draw(t, "range"), areas.Draw(t, "within")
	m.compare(t, "Range", m.store.Range(context.Background(), m.ns, r, within),
		func(e willow.Entry) bool { return r.Includes(e) && within.Includes(e) })
	m.checkSummary(t, r, within)
}

func (m *machine) checkSummary(t *rapid.T, r willow.Range3D, within willow.Area) {
	t.Helper()
	got, err := m.store.Summary(context.Background(), m.ns, r, within)
	if want := m.summary(r, within); err != nil || got != want {
		t.Fatalf("Summary = %+v, %v; want %+v", got, err, want)
	}
}

func (m *machine) checkSplit(t *rapid.T) {
	r, within := ranges.Draw(t, "range"), areas.Draw(t, "within")
	k := rapid.IntRange(1, 9).Draw(t, "k")
	parts, err := m.store.Split(context.Background(), m.ns, r, within, k)
	if err != nil {
		t.Fatalf("Split: %v", err)
	}
	inside := entriesOf(m.pick(func(e willow.Entry) bool { return r.Includes(e) && within.Includes(e) }))
	checkParts(t, r, parts, k, inside)
	probe := willow.Entry{Subspace: subspaces.Draw(t, "subspace"), Path: paths.Draw(t, "path"), Timestamp: timestamps.Draw(t, "timestamp")}
	checkProbe(t, r, parts, probe)
}

func (m *machine) checkWanted(t *rapid.T) {
	a := areas.Draw(t, "area")
	want := entriesOf(m.pick(func(e willow.Entry) bool { return a.Includes(e) && e.PayloadLength > 0 }))
	equalEntries(t, "Wanted", all(t, m.store.Wanted(context.Background(), m.ns, a)), want)
	if n, err := m.store.CountWanted(context.Background(), m.ns, a); err != nil || n != uint64(len(want)) {
		t.Fatalf("CountWanted = %d, %v; want %d", n, err, len(want))
	}
	var missing willow.Missing
	for _, e := range m.pick(func(e willow.Entry) bool { return e.PayloadLength > 0 }) {
		missing.Count++
		missing.Bytes += e.Entry.PayloadLength
	}
	if got, err := m.store.Missing(context.Background(), m.ns); err != nil || got != missing {
		t.Fatalf("Missing = %+v, %v; want %+v", got, err, missing)
	}
}

// checkHistory leaves out what is live again, or under a dead chain: stores may
// have that in history or not.
func (m *machine) checkHistory(t *rapid.T) {
	a := areas.Draw(t, "area")
	var got []willow.Entry
	last := willow.Timestamp(math.MaxUint64)
	for _, p := range all(t, m.store.History(context.Background(), m.ns, a, false)) {
		if !a.Includes(p.Entry) || p.Entry.Timestamp > last {
			t.Fatalf("History: %v isn't in the area, or not newest first", show([]willow.Entry{p.Entry}))
		}
		last = p.Entry.Timestamp
		if m.alive(p.Entry) && m.obsolete(p.Entry) {
			got = append(got, p.Entry)
		}
	}
	slices.SortFunc(got, total)
	equalEntries(t, "History", got, m.past(a))
	for _, e := range got {
		if !m.told.toldOf(e) {
			t.Fatalf("%v is in history, but no change told of it", show([]willow.Entry{e}))
		}
	}
}

// checkAside: what is known under dead chains is set aside, but for what may as
// well be in history.
func (m *machine) checkAside(t *rapid.T) {
	a := areas.Draw(t, "area")
	kept := map[willow.Entry]bool{}
	for _, p := range all(t, m.store.History(context.Background(), m.ns, a, false)) {
		kept[p.Entry] = true
	}
	seen := map[willow.Entry]bool{}
	var last willow.Entry
	for i, got := range all(t, m.store.Aside(context.Background(), m.ns, a)) {
		e := got.Entry
		if !a.Includes(e) || m.live(e) {
			t.Fatalf("Aside: %v isn't in the area, or live", show([]willow.Entry{e}))
		}
		if seen[e] || i > 0 && byPlace(last, e) > 0 {
			t.Fatalf("Aside: %v comes after %v", show([]willow.Entry{e}), show([]willow.Entry{last}))
		}
		if !m.dead[string(got.Token.Capability)] {
			t.Fatalf("Aside: %v came with a live chain", show([]willow.Entry{e}))
		}
		last, kept[e], seen[e] = e, true, true
	}
	for e := range m.known {
		if a.Includes(e) && !m.alive(e) && !kept[e] {
			t.Fatalf("%v is neither set aside nor in history", show([]willow.Entry{e}))
		}
	}
}
