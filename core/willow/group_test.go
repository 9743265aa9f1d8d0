package willow

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestAreas checks inclusion and intersection by the entries that areas include.
func TestAreas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := areaGen.Draw(t, "a"), areaGen.Draw(t, "b")
		if rapid.Bool().Draw(t, "inside") {
			b = insideGen(a).Draw(t, "b inside a")
			if !a.IncludesArea(b) {
				t.Fatalf("%+v doesn't include %+v", a, b)
			}
		}
		both, ok := a.Intersect(b)
		if ok && (!a.IncludesArea(both) || !b.IncludesArea(both) || !both.Times.valid()) {
			t.Fatalf("the intersection %+v isn't in both", both)
		}
		if swapped, ok2 := b.Intersect(a); ok2 != ok || swapped != both {
			t.Fatalf("intersected the other way: %+v, %v", swapped, ok2)
		}
		if a.IncludesArea(b) && (!ok || both != b) {
			t.Fatalf("the intersection with an area inside is %+v", both)
		}
		e := probe(t, a, b)
		if got, want := ok && both.Includes(e), a.Includes(e) && b.Includes(e); got != want {
			t.Fatalf("%v in the intersection: %v, want %v", e, got, want)
		}
		if a.IncludesArea(b) && b.Includes(e) && !a.Includes(e) {
			t.Fatalf("%v is in b, but not in a, which includes b", e)
		}
		for _, x := range []Area{a, b} {
			if r := AreaRange(x); !r.Valid() || r.Includes(e) != x.Includes(e) {
				t.Fatalf("%v in the range of %+v: %v", e, x, r.Includes(e))
			}
		}
	})
}

// probe draws an entry, often at the borders of the areas.
func probe(t *rapid.T, a, b Area) Entry {
	e := entryGen.Draw(t, "probe")
	if rapid.Bool().Draw(t, "near") {
		x := rapid.SampledFrom([]Area{a, b}).Draw(t, "which")
		e.Subspace, e.Path = x.Subspace, x.Path
		e.Timestamp = rapid.SampledFrom([]Timestamp{
			a.Times.Start - 1, a.Times.Start, b.Times.Start, a.Times.End - 1, a.Times.End, b.Times.End, b.Times.End - 1,
		}).Draw(t, "when")
		if longer, err := e.Path.Append(componentGen.Draw(t, "below")); err == nil && rapid.Bool().Draw(t, "go below") {
			e.Path = longer
		}
	}
	return e
}

// TestRanges checks intersection of ranges by the entries that they include.
func TestRanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := areaGen.Draw(t, "a"), areaGen.Draw(t, "b")
		r, s := rangeGen.Draw(t, "r"), rangeGen.Draw(t, "s")
		if rapid.Bool().Draw(t, "of areas") {
			r, s = AreaRange(a), AreaRange(b)
		}
		both, ok := r.Intersect(s)
		if ok && !both.Valid() || !ok && both != (Range3D{}) {
			t.Fatalf("Intersect = %+v, %v", both, ok)
		}
		if swapped, ok2 := s.Intersect(r); ok2 != ok || swapped != both {
			t.Fatalf("intersected the other way: %+v, %v", swapped, ok2)
		}
		if same, ok := r.Intersect(r); !ok || same != r {
			t.Fatalf("intersected with itself: %+v, %v", same, ok)
		}
		if all, ok := r.Intersect(FullRange); !ok || all != r {
			t.Fatalf("intersected with everything: %+v, %v", all, ok)
		}
		e := probe(t, a, b)
		if got, want := ok && both.Includes(e), r.Includes(e) && s.Includes(e); got != want {
			t.Fatalf("%v in the intersection: %v, want %v", e, got, want)
		}
	})
}

// TestBorders has ranges at their borders, in each dimension, and what stands for any
// subspace although it is one.
func TestBorders(t *testing.T) {
	r := Range3D{
		SubspaceStart: SubspaceID{1}, SubspaceEnd: SubspaceID{3}, PathStart: MustPath("a"), PathEnd: MustPath("c"),
		Times: TimeRange{Start: 10, End: 30},
	}
	e := Entry{Subspace: r.SubspaceStart, Path: r.PathStart, Timestamp: r.Times.Start}
	last := Entry{Subspace: SubspaceID{2, 31: 0xff}, Path: MustPath("b\xff", ""), Timestamp: 29}
	if !r.Valid() || !r.Includes(e) || !r.Includes(last) {
		t.Error("what is at the borders isn't in the range")
	}
	for name, out := range map[string]func(*Entry){
		"before the subspaces":    func(e *Entry) { e.Subspace = SubspaceID{31: 0xff} },
		"the end of subspaces":    func(e *Entry) { e.Subspace = r.SubspaceEnd },
		"before the paths":        func(e *Entry) { e.Path = Path{} },
		"the end of paths":        func(e *Entry) { e.Path = r.PathEnd },
		"below the end of paths":  func(e *Entry) { e.Path = MustPath("c", "") },
		"before the times":        func(e *Entry) { e.Timestamp = 9 },
		"the end of times":        func(e *Entry) { e.Timestamp = 30 },
		"the last time there is":  func(e *Entry) { e.Timestamp = 1<<64 - 1 },
		"the first time there is": func(e *Entry) { e.Timestamp = 0 },
	} {
		if out(&e); r.Includes(e) {
			t.Errorf("%s is in the range", name)
		}
		e = Entry{Subspace: r.SubspaceStart, Path: r.PathStart, Timestamp: r.Times.Start}
	}
	for name, empty := range map[string]func(*Range3D){
		"subspaces": func(r *Range3D) { r.SubspaceEnd = r.SubspaceStart },
		"paths":     func(r *Range3D) { r.PathEnd = r.PathStart },
		"times":     func(r *Range3D) { r.Times.End = r.Times.Start },
	} {
		s := r
		if empty(&s); s.Valid() {
			t.Errorf("a range of no %s is valid", name)
		}
	}
	open := TimeRange{Start: 1<<64 - 1, Open: true}
	if !open.Includes(1<<64-1) || open.Includes(1<<64-2) || (TimeRange{End: 1<<64 - 1}).Includes(1<<64-1) {
		t.Error("the last time")
	}
	zero := SubspaceArea(SubspaceID{})
	if zero.IncludesArea(FullArea) || !FullArea.IncludesArea(zero) || zero == FullArea {
		t.Error("the area of subspace 0 includes that of any")
	}
	if both, ok := zero.Intersect(FullArea); !ok || both != zero {
		t.Errorf("subspace 0 in any is %+v, %v", both, ok)
	}
}

func TestPrunes(t *testing.T) {
	base := Entry{Subspace: SubspaceID{1}, Path: MustPath("a", "b"), Timestamp: 5, PayloadDigest: Digest{5}, PayloadLength: 5}
	with := func(change func(*Entry)) Entry {
		e := base
		change(&e)
		return e
	}
	for name, test := range map[string]struct {
		e    Entry
		want bool
	}{
		"itself":                         {base, false},
		"newer":                          {with(func(e *Entry) { e.Timestamp = 6 }), true},
		"older":                          {with(func(e *Entry) { e.Timestamp = 4; e.PayloadDigest = Digest{9} }), false},
		"greater digest":                 {with(func(e *Entry) { e.PayloadDigest = Digest{6}; e.PayloadLength = 0 }), true},
		"greater length":                 {with(func(e *Entry) { e.PayloadLength = 6 }), true},
		"newer prefix":                   {with(func(e *Entry) { e.Timestamp = 6; e.Path = MustPath("a") }), true},
		"newer root":                     {with(func(e *Entry) { e.Timestamp = 6; e.Path = Path{} }), true},
		"prefix, as old, greater digest": {with(func(e *Entry) { e.PayloadDigest = Digest{6}; e.Path = MustPath("a") }), true},
		"newer below":                    {with(func(e *Entry) { e.Timestamp = 6; e.Path = MustPath("a", "b", "c") }), false},
		"newer sibling":                  {with(func(e *Entry) { e.Timestamp = 6; e.Path = MustPath("a", "") }), false},
		"newer, bytes of a prefix":       {with(func(e *Entry) { e.Timestamp = 6; e.Path = MustPath("") }), false},
		"newer elsewhere":                {with(func(e *Entry) { e.Timestamp = 6; e.Subspace = SubspaceID{2} }), false},
		"newer in another namespace":     {with(func(e *Entry) { e.Timestamp = 6; e.Namespace = NamespaceID{1} }), false},
	} {
		if got := test.e.Prunes(base); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestTimestamps(t *testing.T) {
	// 12:00 TT is 32.184 s later than TAI, which was taken to be 37 s ahead of UTC.
	j2000 := time.Date(2000, 1, 1, 12, 0, 0, 0, time.UTC).Add(-32184*time.Millisecond - 37*time.Second)
	if got := TimestampOf(j2000); got != 0 {
		t.Errorf("the epoch is %d", got)
	}
	if got := TimestampOf(j2000.Add(time.Microsecond)); got != 1 {
		t.Errorf("a microsecond later is %d", got)
	}
	if got := TimestampOf(j2000.Add(-time.Hour)); got != 0 {
		t.Errorf("before the epoch is %d", got)
	}
	if got := Timestamp(1<<64 - 1).Time(); got.Year() != 9999 {
		t.Errorf("the last timestamp is %v", got)
	}
	now := time.UnixMicro(time.Now().UnixMicro()).UTC()
	if got := TimestampOf(now).Time(); !got.Equal(now) {
		t.Errorf("there and back, %v is %v", now, got)
	}
}

// TestAccumulator checks that sums are of sets: any order, joined or not, and
// with what was added taken out again.
func TestAccumulator(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := rapid.SliceOfNDistinct(entryGen, 0, 6, func(e Entry) Entry { return e }).Draw(t, "entries")
		cut := rapid.IntRange(0, len(entries)).Draw(t, "cut")
		var all, first, second Accumulator
		for i, e := range entries {
			all.Add(e)
			if i < cut {
				first.Add(e)
			} else {
				second.Add(e)
			}
		}
		joined := second
		joined.Join(&first)
		if joined != all || joined.Fingerprint() != all.Fingerprint() {
			t.Fatal("the parts joined aren't the whole")
		}
		joined.Subtract(&second)
		if joined != first {
			t.Fatal("the whole less one part isn't the other")
		}
		for _, e := range entries[:cut] {
			first.Remove(e)
		}
		if first != (Accumulator{}) {
			t.Fatal("something is left when all is taken out")
		}
		if again, ok := AccumulatorFromBytes(all.Bytes()); !ok || *again != all {
			t.Fatal("written and read again it's another")
		}
		if len(entries) > 0 && all.Fingerprint() == (&Accumulator{}).Fingerprint() {
			t.Fatal("a set has the fingerprint of the empty one")
		}
	})
	for _, n := range []int{0, 1, 2047, 2049} {
		if a, ok := AccumulatorFromBytes(make([]byte, n)); ok || a != nil {
			t.Errorf("%d bytes are read as a sum", n)
		}
	}
}
