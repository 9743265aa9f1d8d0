package storage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"meadow/core/willow"
)

// manySubspaces fills a namespace with entries at times in no order, one in each
// subspace, or all in one.
func manySubspaces(t testing.TB, s willow.Store, n int, many bool) willow.NamespaceID {
	t.Helper()
	ns, random := willow.NamespaceID{0x77, 31: 1}, rand.New(rand.NewPCG(1, 2))
	batch := make([]willow.Incoming, n)
	for i := range batch {
		batch[i].Entry = willow.Entry{
			Namespace: ns, Path: willow.MustPath("files", fmt.Sprint(i)),
			Timestamp: willow.Timestamp(random.IntN(1000)), PayloadDigest: willow.EmptyDigest,
		}
		if many {
			batch[i].Entry.Subspace = willow.SubspaceID(digestOf(i))
		}
	}
	fill(t, s, batch, 4000)
	return ns
}

// TestHostileBoxes: who reads an area that no sum is kept of, because of how the
// entries lie or of the times that it leaves out, has each row read once or twice, not
// once for each part of the result, and its parts are as good as others.
func TestHostileBoxes(t *testing.T) {
	const n = 6000
	for name, c := range map[string]struct {
		many  bool
		path  string
		times willow.TimeRange
	}{
		"times":                         {false, "", willow.TimeRange{Start: 100, End: 900}},
		"times of a path":               {false, "files", willow.TimeRange{Start: 100, End: 900}},
		"a path in all subspaces":       {true, "files", willow.AllTimes},
		"times and a path":              {true, "files", willow.TimeRange{Start: 100, End: 900}},
		"few times":                     {false, "", willow.TimeRange{Start: 500, End: 510}},
		"few times of a path":           {false, "files", willow.TimeRange{Start: 990, Open: true}},
		"few times in all subspaces":    {true, "files", willow.TimeRange{Start: 500, End: 510}},
		"times in all subspaces":        {true, "", willow.TimeRange{Start: 100, End: 900}},
		"a path that nobody has":        {true, "nothing", willow.AllTimes},
		"a path that comes before them": {true, "a", willow.AllTimes},
	} {
		t.Run(name, func(t *testing.T) {
			d := openTest(t)
			d.bounds.inOrder = 500
			ns := manySubspaces(t, d.Entries(), n, c.many)
			area := willow.Area{AnySubspace: true, Times: c.times}
			if c.path != "" {
				area.Path = willow.MustPath(c.path)
			}
			checkHostileBox(t, d, ns, area, n)
		})
	}
}

func checkHostileBox(t *testing.T, d *DB, ns willow.NamespaceID, area willow.Area, n uint64) {
	t.Helper()
	ctx, s := context.Background(), d.Entries()
	var spent [3]uint64
	meter := func(i int) context.Context { return willow.WithMeter(ctx, willow.Budget(1e9, &spent[i])) }
	taken, err1 := take(s.Range(meter(0), ns, willow.FullRange, area), int(n)+1)
	sum, err2 := s.Summary(meter(1), ns, willow.FullRange, area)
	parts, err3 := s.Split(meter(2), ns, willow.FullRange, area, 16)
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	count := uint64(taken)
	if sum.Count != count || (len(parts) == 16) != (count > 0) {
		t.Errorf("%d entries, their sum says %d, in %d parts", count, sum.Count, len(parts))
	}
	if count < n/50 && area.Times != willow.AllTimes && (max(spent[0], spent[1]) > n/5 || spent[2] > n/5+15*500) {
		t.Errorf("%v rows were read for %d entries", spent, count)
	}
	if max(spent[0], spent[1]) > n*5/4 || spent[2] > n*5/4+15*1000 {
		t.Errorf("%v rows were read of %d entries", spent, n)
	}
	d.bounds.pieces = 20 // more are there
	merged, err := s.Split(ctx, ns, willow.FullRange, area, 16)
	if err != nil || len(merged) != len(parts) {
		t.Errorf("%d parts if few are remembered, not %d, %v", len(merged), len(parts), err)
	}
	for _, part := range append(parts, merged...) {
		sum, err := s.Summary(ctx, ns, part, area)
		if err != nil || sum.Count > count/8 {
			t.Errorf("%d entries of %d are in one part, %v", sum.Count, count, err)
		}
	}
}

// TestSlowReads: one that takes long leaves the connections to others.
func TestSlowReads(t *testing.T) {
	d := openTest(t)
	d.bounds.quick = 100
	s := d.Entries()
	ns := manySubspaces(t, s, 1000, false)
	area := willow.Area{AnySubspace: true, Times: willow.TimeRange{Start: 10, End: 900}}
	slow, release := make(chan struct{}), make(chan struct{})
	rows := uint64(0)
	ctx := willow.WithMeter(context.Background(), func(n uint64) error {
		if rows += n; rows > 500 && rows-n <= 500 {
			close(slow)
			<-release
		}
		return nil
	})
	var done sync.WaitGroup
	done.Go(func() {
		sum, err := s.Summary(ctx, ns, willow.FullRange, area)
		if err != nil || sum.Count < 800 {
			t.Errorf("sum of %d entries, %v", sum.Count, err)
		}
	})
	<-slow
	others := make(chan struct{})
	go func() {
		allReadersAtOnce(t, d)
		close(others)
	}()
	select {
	case <-others:
	case <-time.After(10 * time.Second):
		t.Error("others have to wait")
	}
	// Another slow one waits, but not for longer than it is wanted.
	ended, end := context.WithCancel(context.Background())
	done.Go(func() {
		if _, err := s.Summary(ended, ns, willow.FullRange, area); err == nil {
			t.Error("two slow reads at once")
		}
	})
	end()
	close(release)
	done.Wait()
	<-others
}

// TestSlicesBesideABox: what is looked at by time is metered, in the box or not.
func TestSlicesBesideABox(t *testing.T) {
	d := openTest(t)
	d.bounds.inOrder = 500
	ns := willow.NamespaceID{0x77, 31: 1}
	var batch []willow.Incoming
	for i := range 6300 {
		e := willow.Entry{Namespace: ns, Path: willow.MustPath(fmt.Sprint(i)), Timestamp: willow.Timestamp(i % 2 * 1000), PayloadDigest: willow.EmptyDigest}
		if i >= 6000 {
			e.Subspace, e.Timestamp = willow.SubspaceID{1}, 505
		}
		batch = append(batch, willow.Incoming{Authorised: willow.Authorised{Entry: e}})
	}
	fill(t, d.Entries(), batch, 3000)
	var spent uint64
	ctx := willow.WithMeter(context.Background(), willow.Budget(1e9, &spent))
	sum, err := d.Entries().Summary(ctx, ns, willow.FullRange, willow.Area{Times: willow.TimeRange{Start: 500, End: 510}})
	if err != nil || sum.Count != 0 || spent < 800 || spent > 2000 {
		t.Errorf("%d entries for %d rows, %v", sum.Count, spent, err)
	}
}

// TestNothingLongIsSorted: SQLite has what it sorts in memory, so whatever is read of
// slices of time, it is asked to sort a few rows only.
func TestNothingLongIsSorted(t *testing.T) {
	d := openTest(t)
	d.bounds.inOrder = 500
	ns := manySubspaces(t, d.Entries(), 6000, false)
	checkHostileBox(t, d, ns, willow.Area{AnySubspace: true, Times: willow.TimeRange{Start: 500, End: 510}}, 6000)
	asked := 0
	for _, c := range slices.Concat(d.reads.free, d.slow.free) {
		for query := range maps.Clone(c.statements) {
			if !strings.HasPrefix(query, "SELECT") {
				continue
			}
			asked++
			plan, err := c.Query("EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...)
			if err != nil {
				t.Fatal(err)
			}
			for plan.Next() {
				var id, parent, unused int64
				var detail string
				if err := plan.Scan(&id, &parent, &unused, &detail); err != nil {
					t.Fatal(err)
				}
				if strings.Contains(detail, "ORDER BY") && !strings.Contains(query, "LIMIT") {
					t.Errorf("%s: %s", query, detail)
				}
			}
			if err := errors.Join(plan.Err(), plan.Close()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if asked == 0 {
		t.Error("nothing was asked")
	}
}
