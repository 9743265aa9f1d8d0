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
	d.shape = small
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
// store's invariant.
func TestKilledAtAnyMoment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "meadow.db")
	for round := range 4 {
		commits := 1 + rand.IntN(60)
		last := killAfter(t, path, commits)
		d, err := Open(context.Background(), path, quiet)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		checkTree(t, d, crashNamespace)
		if _, ok, err := d.Entries().Get(context.Background(), crashNamespace, willow.SubspaceID{9}, markOf(last).Path); err != nil || !ok {
			t.Errorf("round %d: commit %d is lost, %v", round, last, err)
		}
		var report string
		if err := d.scan("PRAGMA integrity_check", nil, &report); err != nil || report != "ok" {
			t.Errorf("round %d: integrity: %s, %v", round, report, err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
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
