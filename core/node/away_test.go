package node

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

const awayFile = 20 << 10 // bytes: more than travels with an entry

// awayContent is the content of a file after some edits.
func awayContent(file, edit int) []byte {
	b := make([]byte, awayFile)
	rng := rand.NewChaCha8(sha256.Sum256(fmt.Append(nil, file, edit)))
	_, _ = rng.Read(b) // never fails
	return b
}

// away is a folder that is worked on for a week, while another device is away.
type away struct {
	t       *testing.T
	d       *device
	dir     string
	edited  []int // how often
	renamed int
	deleted int
}

func (a *away) file(kind string, i int) string {
	return filepath.Join(a.dir, kind, fmt.Sprintf("%03d", i))
}

func (a *away) write(kind string, i, edit int) {
	a.t.Helper()
	must(a.t, os.MkdirAll(filepath.Join(a.dir, kind), 0o755))
	must(a.t, os.WriteFile(a.file(kind, i), awayContent(len(kind)*1000+i, edit), 0o644))
}

// day does a seventh of a week's work.
func (a *away) day(day int) {
	a.t.Helper()
	const edits, renames, deletions = 500, 200, 100
	for i := edits * day / 7; i < edits*(day+1)/7; i++ {
		file := i % len(a.edited)
		a.edited[file]++
		a.write("edited", file, a.edited[file])
	}
	must(a.t, os.MkdirAll(filepath.Join(a.dir, "renamed"), 0o755))
	for ; a.renamed < renames*(day+1)/7; a.renamed++ {
		must(a.t, os.Rename(a.file("to rename", a.renamed), a.file("renamed", a.renamed)))
	}
	for ; a.deleted < deletions*(day+1)/7; a.deleted++ {
		must(a.t, os.Remove(a.file("to delete", a.deleted)))
	}
	must(a.t, a.d.scanFolders(a.t.Context())) // as the watcher has it done
}

// TestWeekAway: a week of 500 edits, 200 renames and 100 deletions while another
// device is off. Afterwards both are equal, what was renamed wasn't sent, what was
// deleted stays deleted, and it was told as one thing.
func TestWeekAway(t *testing.T) {
	var by atomic.Int64
	laptop, desk := fresh(t, "Ada", "laptop"), fresh(t, "", "desk")
	laptop.now, desk.now = shifted(&by), shifted(&by)
	laptop.start()
	desk.start()
	pair(t, laptop, desk)
	_, err := laptop.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	here, there := filepath.Join(t.TempDir(), "here"), filepath.Join(t.TempDir(), "there")
	work := &away{t: t, d: laptop, dir: here, edited: make([]int, 100)}
	for kind, n := range map[string]int{"edited": 100, "to rename": 200, "to delete": 100, "left alone": 20} {
		for i := range n {
			work.write(kind, i, 0)
		}
	}
	attach(t, laptop, here)
	laptop.inStep("desk")
	attach(t, desk, there)
	desk.inStep("laptop")
	sameFolders(t, here, there)

	desk.close()
	gone := laptop.sessionsEnded(desk, 1)
	for day := range 7 {
		by.Add(int64(24 * time.Hour))
		work.day(day)
	}
	for i := range 10 { // some work was done there, too
		must(t, os.WriteFile(filepath.Join(there, "left alone", fmt.Sprintf("%03d", i)), []byte("on the way"), 0o644))
	}
	desk.start()
	laptop.inStep("desk")
	desk.inStep("laptop")
	sameFolders(t, here, there)
	desk.summary(1, counts5(2, 100, 100, 200, 0)) // two folders are empty now, and recorded as such
	if n := len(desk.told("synced")); n != 1 {
		t.Errorf("%d summaries", n)
	}
	if n := len(desk.told("changed")); n > 30 {
		t.Errorf("told %d times that something has changed", n)
	}
	desk.close()
	var sent uint64
	for _, e := range laptop.told("offline")[gone:laptop.sessionsEnded(desk, gone+1)] {
		sent += e.Fields["payload_sent"].(uint64)
	}
	if whole := uint64(len(work.edited) * awayFile); sent < whole || sent > whole+whole/10 {
		t.Errorf("%d bytes of content were sent, %d are new", sent, whole)
	}
	desk.start()
	laptop.inStep("desk")
	sameFolders(t, here, there)
	for i := range 100 {
		if _, err := os.Lstat(filepath.Join(there, "to delete", fmt.Sprintf("%03d", i))); err == nil {
			t.Fatalf("a deleted file came back")
		}
	}
}

// sessionsEnded waits until no session with another device is left, and at least
// some have ended; it returns how many have.
func (d *device) sessionsEnded(other *device, least int) (n int) {
	d.t.Helper()
	id := other.key()
	d.until("the end of sessions", func() bool {
		n = len(d.told("offline"))
		return n >= least && d.peers.session(id) == nil
	})
	return n
}

// sameFolders fails unless two folders hold the same files.
func sameFolders(t *testing.T, here, there string) {
	t.Helper()
	a, b := everything(t, here), everything(t, there)
	for path, want := range a {
		if !bytes.Equal(b[path], want) {
			t.Errorf("%s has %d bytes here and %d there, or others", path, len(want), len(b[path]))
		}
	}
	if len(a) != len(b) {
		t.Errorf("%d files here, %d there", len(a), len(b))
	}
}

func everything(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := make(map[string][]byte)
	must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		all[rel], err = os.ReadFile(path)
		return err
	}))
	return all
}
