package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"meadow/core/willow"
)

// scattered returns entries whose times have nothing to do with their places:
// many of few times, so that most have to be told apart by digest, length or place.
func scattered(ns willow.NamespaceID, n, times int) (es []willow.Entry) {
	random := rand.New(rand.NewPCG(5, 6))
	for i := range n {
		e := entry(ns, byte(i%5), willow.MustPath(fmt.Sprint("d", i%7), fmt.Sprint(i)), willow.Timestamp(random.IntN(times)))
		e.PayloadDigest = willow.Digest{byte(random.IntN(3)), byte(random.IntN(50))}
		e.PayloadLength = uint64(random.IntN(2)) << 63
		es = append(es, e)
	}
	return es
}

func checkLatest(t *testing.T, s willow.Store, ns willow.NamespaceID, a willow.Area, es []willow.Entry) {
	t.Helper()
	want := slices.DeleteFunc(slices.Clone(es), func(e willow.Entry) bool { return !a.Includes(e) })
	slices.SortFunc(want, byAge)
	equalEntries(t, fmt.Sprintf("Latest(%+v)", a), entriesOf(all(t, s.Latest(ctx, ns, a))), want)
}

// testLatestMany asks for the newest of areas of all sizes.
func testLatestMany(t *testing.T, s willow.Store) {
	ns := newNamespace()
	es := scattered(ns, 3000, 1<<40)
	insert(t, s, es...)
	times := willow.TimeRange{Start: 1 << 38, End: 1 << 39}
	for _, a := range []willow.Area{
		willow.FullArea,
		{AnySubspace: true, Times: times},
		{AnySubspace: true, Path: willow.MustPath("d3"), Times: willow.AllTimes},
		{Subspace: willow.SubspaceID{3}, Times: willow.AllTimes},
		{Subspace: willow.SubspaceID{3}, Path: willow.MustPath("d3"), Times: times},
		{Subspace: willow.SubspaceID{9}, Times: willow.AllTimes},
	} {
		checkLatest(t, s, ns, a, es)
	}
}

// testLatestTies has far more entries of one time than are read at once.
func testLatestTies(t *testing.T, s willow.Store) {
	ns := newNamespace()
	es := scattered(ns, 3000, 2)
	insert(t, s, es...)
	checkLatest(t, s, ns, willow.FullArea, es)
	checkLatest(t, s, ns, willow.Area{AnySubspace: true, Path: willow.MustPath("d0"), Times: willow.AllTimes}, es)
}

// testLatestWrites writes while it iterates: what stays is seen exactly once, in
// order.
func testLatestWrites(t *testing.T, s willow.Store) {
	ns := newNamespace()
	es := scattered(ns, 2400, 40)
	insert(t, s, es...)
	var got []willow.Entry
	for a, err := range s.Latest(ctx, ns, willow.FullArea) {
		if err != nil {
			t.Fatal(err)
		}
		if len(got)%500 == 0 { // everything below a folder goes
			e := entry(ns, byte(len(got)/500), willow.MustPath("d1"), willow.Timestamp(100+len(got)))
			insert(t, s, e)
		}
		if n := len(got); n > 0 && byAge(got[n-1], a.Entry) >= 0 {
			t.Fatalf("out of order: %v", show([]willow.Entry{got[n-1], a.Entry}))
		}
		got = append(got, a.Entry)
	}
	gone := func(e willow.Entry) bool { return willow.MustPath("d1").IsPrefixOf(e.Path) }
	stayed, want := slices.DeleteFunc(got, gone), slices.DeleteFunc(es, gone)
	slices.SortFunc(want, byAge)
	equalEntries(t, "what stayed", stayed, want)
}

// testMeter has every metered read told of at least what it gives, and ended by
// the meter.
func testMeter(t *testing.T, s willow.Store) {
	ns := newNamespace()
	es := scattered(ns, 1500, 1<<40)
	insert(t, s, es...)
	// Paths of many subspaces at some times: nothing can be summed up by this.
	r := willow.FullRange
	r.PathStart, r.Times = willow.MustPath("d1"), willow.TimeRange{Start: 1 << 10, Open: true}
	within := willow.Area{AnySubspace: true, Times: willow.AllTimes}
	below := willow.Area{AnySubspace: true, Path: willow.MustPath("d1"), Times: willow.AllTimes}
	for name, read := range map[string]struct {
		least uint64
		do    func(m willow.Meter) (n int, err error)
	}{
		"Area":   {1500, func(m willow.Meter) (int, error) { return drain(s.Area(willow.WithMeter(ctx, m), ns, within)) }},
		"Range":  {1500 * 5 / 7, func(m willow.Meter) (int, error) { return drain(s.Range(willow.WithMeter(ctx, m), ns, r, within)) }},
		"Latest": {1500, func(m willow.Meter) (int, error) { return drain(s.Latest(willow.WithMeter(ctx, m), ns, within)) }},
		"Summary": {20, func(m willow.Meter) (int, error) {
			sum, err := s.Summary(willow.WithMeter(ctx, m), ns, r, within)
			return int(sum.Count), err
		}},
		"Split": {20, func(m willow.Meter) (int, error) {
			parts, err := s.Split(willow.WithMeter(ctx, m), ns, r, within, 4)
			return len(parts), err
		}},
		"Wanted": {80, func(m willow.Meter) (int, error) { return drain(s.Wanted(willow.WithMeter(ctx, m), ns, below)) }},
		"CountWanted": {10, func(m willow.Meter) (int, error) {
			n, err := s.CountWanted(willow.WithMeter(ctx, m), ns, below)
			return int(n), err
		}},
	} {
		var spent, some uint64
		if _, err := read.do(willow.Budget(1e6, &spent)); err != nil || spent < read.least {
			t.Errorf("%s: %d rows spent, error %v; want at least %d", name, spent, err, read.least)
		}
		if _, err := read.do(willow.Budget(read.least/2, &some)); !errors.Is(err, willow.ErrBudget) {
			t.Errorf("%s with %d rows: %v, want ErrBudget", name, read.least/2, err)
		}
		if some >= spent {
			t.Errorf("%s spent %d rows of its budget of %d, and %d without one", name, some, read.least/2, spent)
		}
	}
}

func drain[T any](seq func(func(T, error) bool)) (n int, err error) {
	for _, err := range seq {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// testSelect: the newest of an area, up to a number and up to a size.
func testSelect(t *testing.T, s willow.Store) {
	ns := newNamespace()
	es := scattered(ns, 50, 1<<40)
	for i := range es {
		es[i].PayloadLength = uint64(10 + i%3)
	}
	insert(t, s, es...)
	slices.SortFunc(es, byAge)
	later := willow.Area{AnySubspace: true, Path: willow.MustPath("d3"), Times: willow.TimeRange{Start: 1 << 38, Open: true}}
	for _, area := range []willow.Area{willow.FullArea, willow.SubspaceArea(es[len(es)-1].Subspace), later} {
		for _, count := range []uint64{0, 1, 7, 50, 51} {
			sizes := []uint64{willow.Unlimited, 0, 9, 1 << 40}
			var sum uint64
			for _, e := range newest(es, willow.Everything(area))[:5] { // what just fits, and a byte less
				sum += e.PayloadLength
				sizes = append(sizes, sum-1, sum)
			}
			for _, size := range sizes {
				i := willow.AreaOfInterest{Area: area, MaxCount: count, MaxSize: size}
				equalEntries(t, fmt.Sprintf("%+v", i), entriesOf(all(t, willow.Select(ctx, s, ns, i))), newest(es, i))
			}
		}
	}
}

// testSelectLong: lengths that are more together than can be counted.
func testSelectLong(t *testing.T, s willow.Store) {
	ns := newNamespace()
	var es []willow.Entry
	for i := range byte(3) {
		e := entry(ns, i, willow.MustPath("long"), willow.Timestamp(i))
		e.PayloadLength = 1 << 63
		es = append(es, e)
	}
	insert(t, s, es...)
	slices.SortFunc(es, byAge)
	for size, want := range map[uint64]int{willow.Unlimited: 3, willow.Unlimited - 1: 1, 1 << 63: 1, 1<<63 - 1: 0} {
		i := willow.AreaOfInterest{Area: willow.FullArea, MaxSize: size}
		equalEntries(t, fmt.Sprintf("%+v", i), entriesOf(all(t, willow.Select(ctx, s, ns, i))), es[:want])
	}
}

// newest returns what an area of interest has of entries, newest first.
func newest(es []willow.Entry, i willow.AreaOfInterest) (want []willow.Entry) {
	var sum uint64
	for _, e := range es {
		if !i.Area.Includes(e) {
			continue
		}
		if sum += e.PayloadLength; sum > i.MaxSize || i.MaxCount > 0 && uint64(len(want)) == i.MaxCount {
			break
		}
		want = append(want, e)
	}
	return want
}
