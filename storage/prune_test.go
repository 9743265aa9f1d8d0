package storage

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"meadow/core/blob/disk"
	"meadow/core/willow"
	"meadow/core/willow/storetest"
)

// pruned waits until no prune is under way. Each write lets the next step come.
func pruned(t testing.TB, d *DB) {
	t.Helper()
	for more := true; more; more = finished(d) != nil {
		if err := d.entries.Told(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

// hasty is a store whose Insert doesn't wait for what is pruned to be gone, so that
// more comes meanwhile. History and Area do.
type hasty struct {
	*entries
	t testing.TB
}

func (s hasty) Insert(ctx context.Context, origin willow.Origin, batch []willow.Incoming) ([]willow.Outcome, error) {
	outcomes := make([]willow.Outcome, len(batch))
	err := s.db.write(ctx, false, s.inserting(origin, batch, outcomes))
	return outcomes, err
}

func (s hasty) History(ctx context.Context, ns willow.NamespaceID, within willow.Area, unseenOnly bool) iter.Seq2[willow.Past, error] {
	pruned(s.t, s.db)
	return s.entries.History(ctx, ns, within, unseenOnly)
}

func (s hasty) Area(ctx context.Context, ns willow.NamespaceID, area willow.Area) iter.Seq2[willow.Authorised, error] {
	pruned(s.t, s.db)
	return s.entries.Area(ctx, ns, area)
}

// TestLawsWhilePruning delivers entries and verdicts while earlier ones are still
// pruning.
func TestLawsWhilePruning(t *testing.T) {
	storetest.RunLaws(t, func(t testing.TB) willow.Store {
		d := openSmall(t)
		d.portion.all = 1
		return hasty{d.entries, t}
	})
}

var pruneSpace, otherSpace = willow.NamespaceID{0x77, 31: 1}, willow.NamespaceID{0x77, 31: 3}

// many returns n entries below a path.
func many(n int, below ...string) (batch []willow.Incoming) {
	for i := range n {
		p := willow.MustPath(append(slices.Clone(below), fmt.Sprint(i))...)
		batch = append(batch, at(pruneSpace, p, willow.Timestamp(i)))
	}
	return batch
}

func at(ns willow.NamespaceID, p willow.Path, ts willow.Timestamp) willow.Incoming {
	return willow.Incoming{Authorised: willow.Authorised{Entry: willow.Entry{Namespace: ns, Path: p, Timestamp: ts}}}
}

// TestWriteAndReadWhilePruning prunes 1000 entries in steps of 50. In the middle
// others write, in the same namespace and in another, and read.
func TestWriteAndReadWhilePruning(t *testing.T) {
	ctx := context.Background()
	d, m := openTest(t), new(storetest.Memory)
	d.portion.all = 50
	s := d.Entries()
	older := many(1000, "a")
	fill(t, s, older, 1000)
	fill(t, m, older, 1000)

	var told []willow.Change
	middle, goOn := make(chan struct{}), make(chan struct{})
	defer s.Subscribe(func(c willow.Change) {
		if told = append(told, c); len(told) == 5 {
			close(middle)
			<-goOn
		}
	})()
	all := at(pruneSpace, willow.MustPath("a"), 2000)
	fill(t, m, []willow.Incoming{all}, 1)
	inserted := make(chan error)
	go func() {
		_, err := s.Insert(ctx, 7, []willow.Incoming{all})
		inserted <- err
	}()
	<-middle
	got := live(t, s, pruneSpace)
	if want := 1 + 1000 - 5*50; len(got) != want || got[0] != all.Entry {
		t.Errorf("%d entries are live, want the one that prunes and others, %d", len(got), want)
	}
	if sum, err := s.Summary(ctx, pruneSpace, willow.FullRange, willow.FullArea); err != nil || sum.Count != uint64(len(got)) {
		t.Errorf("Summary = %+v, %v; want that of %d entries", sum, err, len(got))
	}
	writes := interrupt(d, older, all)
	for _, batch := range interruptions(older, all) {
		fill(t, m, batch.entry, 1)
	}
	close(goOn)
	for range cap(writes) {
		if err := <-writes; err != nil {
			t.Error(err)
		}
	}
	if err := <-inserted; err != nil {
		t.Fatal(err)
	}
	sameJoin(t, d, m, pruneSpace)
	sameJoin(t, d, m, otherSpace)
	checkTold(t, told, 50, all.Entry)
}

// sameJoin compares with a store in memory that was given the same.
func sameJoin(t *testing.T, d *DB, m *storetest.Memory, ns willow.NamespaceID) {
	t.Helper()
	checkTree(t, d, ns)
	if storetest.Dump(t, d.entries, ns) != storetest.Dump(t, m, ns) {
		t.Errorf("%v isn't the join", ns)
	}
}

// interruption is what others insert while all prunes older, with its outcome.
type interruption struct {
	entry []willow.Incoming // one
	want  willow.Outcome
}

func interruptions(older []willow.Incoming, all willow.Incoming) []interruption {
	last := older[len(older)-1].Entry.Path
	below, _ := last.Append("new")
	old, _ := older[len(older)-2].Entry.Path.Append("old")
	return []interruption{
		{[]willow.Incoming{at(otherSpace, last, 1)}, willow.Inserted},
		{[]willow.Incoming{at(pruneSpace, below, 3000)}, willow.Inserted},
		{[]willow.Incoming{at(pruneSpace, old, 1500)}, willow.Obsolete},
		{[]willow.Incoming{at(pruneSpace, last, 1500)}, willow.Obsolete},
		{older[len(older)-1:], willow.Obsolete},
		{[]willow.Incoming{all}, willow.Duplicate},
	}
}

// interrupt has others insert, and returns when all of them wait for their turn. One
// error comes of each.
func interrupt(d *DB, older []willow.Incoming, all willow.Incoming) <-chan error {
	list := interruptions(older, all)
	writes := make(chan error, len(list))
	for i, in := range list {
		go func() {
			got, err := d.entries.Insert(context.Background(), willow.Origin(10+i), in.entry)
			if err == nil && got[0] != in.want {
				err = fmt.Errorf("outcome %d of write %d, want %d", got[0], i, in.want)
			}
			if err == nil && in.want == willow.Duplicate {
				err = finished(d)
			}
			writes <- err
		}()
	}
	for len(d.queue) < len(list) {
		runtime.Gosched()
	}
	return writes
}

// finished returns an error if a prune is under way: it should have been waited for.
func finished(d *DB) error {
	var n int
	if err := d.scan("SELECT count(*) FROM pruning", nil, &n); err != nil || n > 0 {
		return fmt.Errorf("%d prunes are under way, error %v", n, err)
	}
	return nil
}

// checkTold checks that what others wrote was told right after the step that they
// waited for, the fifth, and that no change is long.
func checkTold(t *testing.T, told []willow.Change, most int, by willow.Entry) {
	t.Helper()
	if len(told) < 20 || told[0].Inserted[0].Entry != by {
		t.Fatalf("%d changes, the first is %+v", len(told), told[0])
	}
	gone, others := 0, []int(nil)
	for i, c := range told {
		gone += len(c.Removed)
		if len(c.Removed) > most {
			t.Errorf("change %d: %d entries are removed, want %d at most", i, len(c.Removed), most)
		}
		if c.Origin != 7 {
			others = append(others, i)
		}
	}
	if !slices.Equal(others, []int{5, 6, 7, 8, 9}[:max(4, min(len(others), 5))]) {
		t.Errorf("changes %v are those of others", others)
	}
	if gone != 1000 {
		t.Errorf("told of %d entries that are gone, want 1000", gone)
	}
}

// TestPruneInOneCommit: what prunes a thousand entries does it at once, and so do many
// that prune some each, so that nobody sees them half done.
func TestPruneInOneCommit(t *testing.T) {
	d := openTest(t)
	var told []willow.Change
	var older, newer []willow.Incoming
	for i := range 400 {
		p := willow.MustPath(fmt.Sprint(i))
		newer = append(newer, at(pruneSpace, p, 2000))
		for j := range usualPortion.each - 1 {
			below, _ := p.Append(fmt.Sprint(j))
			older = append(older, at(pruneSpace, below, 1))
		}
	}
	fill(t, d.Entries(), older, len(older))
	fill(t, d.Entries(), many(1000, "a"), 1000)
	defer d.Entries().Subscribe(func(c willow.Change) { told = append(told, c) })()
	fill(t, d.Entries(), newer, len(newer))
	fill(t, d.Entries(), []willow.Incoming{at(pruneSpace, willow.MustPath("a"), 2000)}, 1)
	if len(told) != 2 || len(told[0].Removed) != len(older) || len(told[1].Removed) != 1000 {
		t.Errorf("%d changes, want one for each commit", len(told))
	}
}

// TestPrunesOfAllKinds compares with the store in memory where prunes overlap, where
// what prunes is replaced or pruned itself, and dies and comes back, all of it before
// they are over.
func TestPrunesOfAllKinds(t *testing.T) {
	for name, trunk := range map[string][]string{
		"shallow": nil, "half": slices.Repeat([]string{"t"}, shallow-2), "deep": slices.Repeat([]string{"t"}, shallow+5),
	} {
		t.Run(name, func(t *testing.T) { prunesOfAllKinds(t, trunk) })
	}
}

// prunesOfAllKinds is that with all paths below one.
func prunesOfAllKinds(t *testing.T, trunk []string) {
	ctx := context.Background()
	d, m := openSmall(t), new(storetest.Memory)
	d.portion = portion{all: 1, each: 1}
	s := hasty{d.entries, t}
	random := rand.New(rand.NewPCG(9, 10))
	path := func() willow.Path {
		components := make([]string, random.IntN(4))
		for i := range components {
			components[i] = string(rune('a' + random.IntN(8)))
		}
		return willow.MustPath(append(slices.Clone(trunk), components...)...)
	}
	top := len(willow.MustPath(trunk...).Key()) + 4
	for round := range 30 {
		var batch []willow.Incoming
		for i := range random.IntN(100) {
			in := at(pruneSpace, path(), willow.Timestamp(round*10+random.IntN(40)))
			if i > 0 && len(in.Entry.Path.Key()) < top && random.IntN(10) > 0 {
				continue // mostly below
			}
			in.Token.Capability = []byte{byte(in.Entry.Timestamp % 3)}
			batch = append(batch, in)
		}
		fill(t, s, batch, 1+random.IntN(100))
		fill(t, m, batch, 1000)
		if dead := byte(random.IntN(5)); dead < 4 {
			live := func(capability []byte) bool { return capability[0] != dead }
			if err := errors.Join(s.Rejudge(ctx, pruneSpace, live), m.Rejudge(ctx, pruneSpace, live)); err != nil {
				t.Fatal(err)
			}
		}
		if random.IntN(4) == 0 {
			pruned(t, d)
			sameJoin(t, d, m, pruneSpace)
		}
	}
}

// TestPruneIsTakenUp closes a database in the middle of a prune: the next one goes
// on with it at its first write.
func TestPruneIsTakenUp(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "meadow.db")
	d, err := Open(ctx, path, quiet)
	if err != nil {
		t.Fatal(err)
	}
	m := new(storetest.Memory)
	d.portion = portion{all: 1, each: 1}
	batch := append(many(1000, "a"), many(10, "b")...)
	fill(t, d.Entries(), batch, 1000)
	ctx, cancel := context.WithCancel(ctx)
	changes, db := 0, d
	defer d.Entries().Subscribe(func(willow.Change) {
		if cancel(); changes > 0 {
			<-db.closing // or all could be over by then
		}
		changes++
	})()
	all := at(pruneSpace, willow.MustPath("a"), 5000)
	if got, err := d.Entries().Insert(ctx, 0, []willow.Incoming{all}); err != nil || got[0] != willow.Inserted {
		t.Fatalf("Insert = %v, %v, though it was done", got, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	ctx = context.Background()
	if d, err = Open(ctx, path, quiet); err != nil {
		t.Fatal(err)
	}
	if finished(d) == nil {
		t.Fatal("it wasn't closed in the middle of a prune")
	}
	pruned(t, d)
	fill(t, m, append(batch, all), 1)
	sameJoin(t, d, m, pruneSpace)
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// TestPruneFails moves the database away in the middle of a prune, and back: who
// waits is told, and it goes on.
func TestPruneFails(t *testing.T) {
	d, m := openTest(t), new(storetest.Memory)
	d.portion = portion{all: 10, each: 1, rest: time.Millisecond}
	batch := many(1000, "a")
	fill(t, d.Entries(), batch, 1000)
	changes := 0
	defer d.Entries().Subscribe(func(willow.Change) {
		if changes++; changes == 3 {
			if err := os.Rename(d.path, d.path+".away"); err != nil {
				t.Error(err)
			}
		}
	})()
	all := at(pruneSpace, willow.MustPath("a"), 5000)
	if _, err := d.Entries().Insert(context.Background(), 1, []willow.Incoming{all}); disk.CauseOf(err) != disk.Gone {
		t.Errorf("Insert: %v, want that the database is gone", err)
	}
	if err := os.Rename(d.path+".away", d.path); err != nil {
		t.Fatal(err)
	}
	pruned(t, d)
	fill(t, m, append(batch, all), 1)
	sameJoin(t, d, m, pruneSpace)
}
