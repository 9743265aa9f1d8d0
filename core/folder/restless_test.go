package folder_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"meadow/core/blob"
	"meadow/core/folder"
)

// busyWriter has a program append to a file whenever it is read.
type busyWriter struct {
	folder.Blobs
	busy  atomic.Bool
	reads atomic.Int32
}

func (b *busyWriter) AddFile(ctx context.Context, s blob.Scope, path string, limit int64) (blob.Hash, uint64, blob.Place, error) {
	b.reads.Add(1)
	if b.busy.Load() {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return blob.Hash{}, 0, blob.Place{}, err
		}
		_, err = f.WriteString("one more line\n")
		if err != nil || f.Close() != nil {
			return blob.Hash{}, 0, blob.Place{}, err
		}
	}
	return b.Blobs.AddFile(ctx, s, path, limit)
}

// TestFileThatIsAlwaysWritten: a log file that changes at each reading is taken as
// it was at one moment, and whole once it holds still.
func TestFileThatIsAlwaysWritten(t *testing.T) {
	t.Parallel()
	a := newDevice(t, "a")
	var busy *busyWriter
	a.wrap = func(c folder.Config) folder.Config {
		c.Restless = 500 * time.Millisecond
		busy = &busyWriter{Blobs: c.Blobs}
		busy.busy.Store(true)
		c.Blobs = busy
		return c
	}
	begin := strings.Repeat("a line of the log\n", 3000) // beyond what is inline
	a.write("log", begin)
	a.write("calm", "text")
	a.run()
	a.until("has a part of the log", func() bool { return strings.HasPrefix(a.shown()["log"], begin) })
	first := a.shown()["log"]
	if rest := strings.TrimPrefix(first, begin); strings.ReplaceAll(rest, "one more line\n", "") != "" {
		t.Errorf("the part ends with %q", rest)
	}
	a.until("has more of it", func() bool { return len(a.shown()["log"]) > len(first) })
	// For all that it is written to.
	a.until("is applied", func() bool { s := a.folder.State(); return s.Applied && len(s.Unreadable) == 0 })
	busy.busy.Store(false)
	a.scan()
	a.applied()
	a.same()
}

// TestLargeFileThatIsAlwaysWritten: one that is too large for a copy is reported
// meanwhile.
func TestLargeFileThatIsAlwaysWritten(t *testing.T) {
	t.Parallel()
	a := newDevice(t, "a")
	a.copyLimit = 32 << 10
	var busy *busyWriter
	a.wrap = func(c folder.Config) folder.Config {
		c.Restless = 500 * time.Millisecond
		busy = &busyWriter{Blobs: c.Blobs}
		busy.busy.Store(true)
		c.Blobs = busy
		return c
	}
	a.write("log", strings.Repeat("a line of the log\n", 3000))
	a.run()
	a.until("says why", func() bool { u := a.folder.State().Unreadable; return len(u) == 1 && u[0].Path == "log" })
	a.applied()
	if got := a.shown(); len(got) != 0 {
		t.Errorf("the tree has %v", brief(got))
	}
	busy.busy.Store(false)
	a.until("has it", func() bool { return len(a.folder.State().Unreadable) == 0 && len(a.shown()) == 1 })
	a.applied()
	a.same()
}

// TestTimesThatProgramsSet: neither a time in the future nor one set back hides an
// edit, or has a file read again and again.
func TestTimesThatProgramsSet(t *testing.T) {
	a := newDevice(t, "a")
	var busy *busyWriter
	a.wrap = func(c folder.Config) folder.Config {
		busy = &busyWriter{Blobs: c.Blobs}
		c.Blobs = busy
		return c
	}
	text := strings.Repeat("x", 40<<10)
	future, past := time.Now().AddDate(30, 0, 0), time.Now().AddDate(-30, 0, 0)
	for name, at := range map[string]time.Time{"future": future, "past": past} {
		a.write(name, text)
		a.must(os.Chtimes(a.path(name), at, at))
	}
	a.start()
	for later := 1; later > 0; { // what is new is read once more
		a.scan()
		a.applied()
		var err error
		later, err = a.folder.Later(a.ctx())
		a.must(err)
	}
	reads := busy.reads.Load()
	for range 3 {
		a.scan()
		a.applied()
	}
	if again := busy.reads.Load() - reads; again > 0 {
		t.Errorf("they were read %d times more", again)
	}
	other := strings.Repeat("y", len(text))
	for name, at := range map[string]time.Time{"future": future, "past": past} {
		a.write(name, other) // of the same size
		a.must(os.Chtimes(a.path(name), at, at))
	}
	a.scan()
	a.applied()
	a.same()
}

// TestPathTooLongForASpace: what a space can't hold is reported, and neither lost
// nor read again and again.
func TestPathTooLongForASpace(t *testing.T) {
	a := newDevice(t, "a")
	deep := strings.TrimSuffix(strings.Repeat(strings.Repeat("d", 250)+"/", 15), "/") + "/" + strings.Repeat("f", 100)
	if err := os.MkdirAll(filepath.Dir(a.path(deep)), 0o777); err != nil {
		t.Skip(err)
	}
	a.write(deep, "text")
	a.write("other", "text")
	a.start()
	if u := a.folder.State().Unreadable; len(u) != 1 || u[0].Path != deep || !strings.Contains(u[0].Reason, "more than the") {
		t.Errorf("unreadable: %+v", u)
	}
	a.scan()
	a.applied()
	if b, err := os.ReadFile(a.path(deep)); err != nil || string(b) != "text" {
		t.Errorf("it holds %q, %v", b, err)
	}
	if got := a.shown(); len(got) != 1 || got["other"] != "text" {
		t.Errorf("the tree has %v", brief(got))
	}
}

// TestFolderThatReturns moves a folder away and back: it is read, and watched, as
// before.
func TestFolderThatReturns(t *testing.T) {
	a := newDevice(t, "a").start()
	a.write("dir/f", "one")
	a.write("dir/sub/g", "two")
	a.scan()
	for i := range 3 { // it vanishes under the watcher's eyes, and comes back
		a.rename("dir", "../elsewhere")
		a.until("sees it gone", func() bool { return len(a.shown()) == 0 })
		a.rename("../elsewhere", "dir")
		a.until("sees it back", func() bool { return a.shown()["dir/sub/g"] != "" })
		a.write("dir/sub/g", strings.Repeat("three", i+1))
		a.until("watches it", func() bool { return a.shown()["dir/sub/g"] == strings.Repeat("three", i+1) })
	}
	a.applied()
	a.same()
}
