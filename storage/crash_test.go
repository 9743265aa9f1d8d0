package storage

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"meadow/core/willow"
	"meadow/core/willow/storetest"
)

// crashEnv holds the path of the database that a child writes to.
const crashEnv = "MEADOW_STORAGE_CRASH"

var crashNamespace = willow.NamespaceID{0x77, 31: 1}

// TestCrashChild is the child of TestKilledAtAnyMoment: it writes until it is
// killed, and says after each commit how many there were.
func TestCrashChild(t *testing.T) {
	path := os.Getenv(crashEnv)
	if path == "" {
		t.Skip("run by TestKilledAtAnyMoment")
	}
	d, err := Open(context.Background(), path, quiet)
	if err != nil {
		t.Fatal(err)
	}
	d.shape, d.portion = small, portion{all: 3, each: 1}
	var done uint64
	if v, ok, err := d.Local().Value(context.Background(), "done"); err != nil {
		t.Fatal(err)
	} else if ok {
		done, _ = strconv.ParseUint(string(v), 10, 64)
	}
	for ; ; done++ {
		if _, err := d.Entries().Insert(context.Background(), willow.Origin(done%2), crashBatch(done)); err != nil {
			t.Fatal(err)
		}
		fmt.Printf("done %d\n", done)
		if done%16 == 0 {
			values := map[string][]byte{"done": strconv.AppendUint(nil, done, 10)}
			if err := d.Local().PutValues(context.Background(), values); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// crashBatch is what the child's commit of a number inserts: its first entry
// stays for ever.
func crashBatch(n uint64) []willow.Incoming {
	random := rand.New(rand.NewPCG(n, 0))
	batch := []willow.Incoming{{Authorised: willow.Authorised{Entry: markOf(n)}}}
	for range random.IntN(60) {
		p := willow.MustPath(fmt.Sprint(random.IntN(4)), fmt.Sprint(random.IntN(100)))
		if random.IntN(40) == 0 {
			p, _ = p.Parent()
		}
		batch = append(batch, willow.Incoming{Authorised: willow.Authorised{Entry: willow.Entry{
			Namespace: crashNamespace, Subspace: willow.SubspaceID{byte(random.IntN(2))}, Path: p,
			Timestamp: willow.Timestamp(n), PayloadLength: random.Uint64N(5),
		}}})
	}
	return batch
}

func markOf(n uint64) willow.Entry {
	return willow.Entry{
		Namespace: crashNamespace, Subspace: willow.SubspaceID{9},
		Path: willow.MustPath(fmt.Sprint(n)), Timestamp: willow.Timestamp(n),
	}
}

// TestKilledAtAnyMoment kills a process that writes, again and again, and checks
// that the database opens, has all that was reported as done and holds the
// store's invariant. A process that begins again delivers some of it again; still
// the store is the join of its first commits, each whole or not there, and in the
// end, when all are delivered in another order, of all.
func TestKilledAtAnyMoment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "meadow.db")
	want := new(joined)
	for round := range 4 {
		commits := 1 + rand.IntN(60)
		last := killAfter(t, path, commits)
		d, err := Open(context.Background(), path, quiet)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		pruned(t, d)
		checkTree(t, d, crashNamespace)
		if _, ok, err := d.Entries().Get(context.Background(), crashNamespace, willow.SubspaceID{9}, markOf(last).Path); err != nil || !ok {
			t.Errorf("round %d: commit %d is lost, %v", round, last, err)
		}
		var report string
		if err := d.scan("PRAGMA integrity_check", nil, &report); err != nil || report != "ok" {
			t.Errorf("round %d: integrity: %s, %v", round, report, err)
		}
		want.check(t, d, last)
		if round == 3 {
			want.deliverAll(t, d)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// joined is a store in memory with the child's first commits.
type joined struct {
	storetest.Memory
	n uint64 // how many
}

// take joins the child's commits up to the one of a number.
func (j *joined) take(t *testing.T, last uint64) {
	t.Helper()
	for ; j.n <= last; j.n++ {
		if _, err := j.Insert(context.Background(), 1, crashBatch(j.n)); err != nil {
			t.Fatal(err)
		}
	}
}

// check compares a database whose writer was killed after it had reported a
// commit: the next one may be there too.
func (j *joined) check(t *testing.T, d *DB, last uint64) {
	t.Helper()
	j.take(t, last)
	got := storetest.Dump(t, d.Entries(), crashNamespace)
	if got == storetest.Dump(t, &j.Memory, crashNamespace) {
		return
	}
	j.take(t, j.n)
	if got != storetest.Dump(t, &j.Memory, crashNamespace) {
		t.Fatalf("killed after commit %d, the database isn't the join of commits up to it or the next", last)
	}
}

// deliverAll delivers all commits and some more to a database, in any order.
func (j *joined) deliverAll(t *testing.T, d *DB) {
	t.Helper()
	j.take(t, j.n+20)
	for _, n := range rand.Perm(int(j.n)) {
		if _, err := d.Entries().Insert(context.Background(), 1, crashBatch(uint64(n))); err != nil {
			t.Fatal(err)
		}
	}
	if storetest.Dump(t, d.Entries(), crashNamespace) != storetest.Dump(t, &j.Memory, crashNamespace) {
		t.Errorf("%d commits in another order aren't the same join", j.n)
	}
}

// killAfter runs a child until it has reported some commits, and kills it in the
// midst of the next ones. It returns the number of the last one reported.
func killAfter(t *testing.T, path string, commits int) (last uint64) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestCrashChild$", "-test.v")
	child.Env = append(os.Environ(), crashEnv+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for seen := 0; lines.Scan(); {
		n, err := fmt.Sscanf(lines.Text(), "done %d", &last)
		if err != nil || n != 1 {
			continue
		}
		if seen++; seen == commits {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
	return last
}
