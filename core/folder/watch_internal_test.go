package folder

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// startWatcher watches a new directory.
func startWatcher(t *testing.T) (w *watcher, dir string) {
	t.Helper()
	dir = t.TempDir()
	w = newWatcher(dir, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		w.run(ctx)
		close(done)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	w.add("", 1)
	return w, dir
}

func (w *watcher) next(t *testing.T) batch {
	t.Helper()
	select {
	case b := <-w.batches:
		return b
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was noticed")
		return batch{}
	}
}

func TestLostEvents(t *testing.T) {
	w, dir := startWatcher(t)
	w.fs.Errors <- fsnotify.ErrEventOverflow // as the kernel does when its queue is full
	if b := w.next(t); !b.all {
		t.Errorf("lost events gave %v", b)
	}
	if err := os.WriteFile(filepath.Join(dir, tempName()), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "f"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if b := w.next(t); b.all || len(b.paths) != 1 || !b.paths["f"] {
		t.Errorf("a new file gave %v", b)
	}
}

func TestMovedFolderIsWatchedUnderItsNewName(t *testing.T) {
	w, dir := startWatcher(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.MkdirAll(filepath.Join(dir, "a", "sub"), 0o777))
	w.next(t)
	w.add("a", 2)
	w.add("a/sub", 3)
	must(os.Rename(filepath.Join(dir, "a"), filepath.Join(dir, "b")))
	if b := w.next(t); !b.paths["a"] || !b.paths["b"] {
		t.Errorf("a rename gave %v", b)
	}
	w.forget(map[string]bool{"a": true})
	w.add("b", 2)
	w.add("b/sub", 3)
	must(os.WriteFile(filepath.Join(dir, "b", "sub", "f"), nil, 0o666))
	if b := w.next(t); !b.paths["b/sub/f"] {
		t.Errorf("a file in a renamed folder gave %v", b)
	}
}

func TestWatchWarning(t *testing.T) {
	w := &watcher{}
	if w.warning() != "" {
		t.Error("a warning for nothing")
	}
	w.failed = &os.SyscallError{Syscall: "inotify_add_watch", Err: syscall.ENOSPC}
	if !strings.Contains(w.warning(), "max_user_watches") {
		t.Errorf("the warning is %q", w.warning())
	}
	f := &Folder{cfg: Config{Rescan: time.Hour}, watch: w}
	if f.every() != rescanUnwatched {
		t.Error("a folder that isn't watched is scanned once an hour")
	}
}

func TestQuietTimeGrows(t *testing.T) {
	for paths, want := range map[int]time.Duration{1: quietOne, 100: quietSome, 1000: quietMany} {
		if got := quietTime(paths); got != want {
			t.Errorf("after %d paths %v, want %v", paths, got, want)
		}
	}
}
