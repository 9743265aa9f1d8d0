package folder

import (
	"context"
	"errors"
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
		w.close()
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

// tells waits until all of some paths have been told, in as many batches as it takes.
func (w *watcher) tells(t *testing.T, paths ...string) {
	t.Helper()
	told := map[string]bool{}
	for len(told) < len(paths) {
		b := w.next(t)
		for _, p := range paths {
			if b.paths[p] {
				told[p] = true
			}
		}
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
	w.tells(t, "a")
	w.add("a", 2)
	w.add("a/sub", 3)
	must(os.Rename(filepath.Join(dir, "a"), filepath.Join(dir, "b")))
	w.tells(t, "a", "b")
	w.forget(map[string]bool{"a": true})
	w.add("b", 2)
	w.add("b/sub", 3)
	must(os.WriteFile(filepath.Join(dir, "b", "sub", "f"), nil, 0o666))
	w.tells(t, "b/sub/f")
}

func TestWatchWarning(t *testing.T) {
	full := &os.SyscallError{Syscall: "inotify_add_watch", Err: syscall.ENOSPC}
	for name, c := range map[string]struct {
		make  func(w *watcher)
		every time.Duration
		says  []string
	}{
		"all is well": {func(*watcher) {}, time.Hour, nil},
		"some": {
			func(w *watcher) { w.missed("a", full); w.inodes["b"] = 1 }, time.Minute,
			[]string{"1 of 2 folders can't be watched", "within a minute", "sudo sysctl fs.inotify.max_user_watches="},
		},
		"all": {
			func(w *watcher) { w.missed("", full); w.missed("a", full) }, time.Minute,
			[]string{"all 2 folders can't be watched"},
		},
		"no watcher": {
			func(w *watcher) { w.failed = syscall.EMFILE; w.unwatched[""] = struct{}{} }, time.Minute,
			[]string{"the folder can't be watched", "fs.inotify.max_user_instances="},
		},
		"another reason": {
			func(w *watcher) { w.missed("a", errors.New("a reason")) }, time.Minute,
			[]string{"because a reason", "within a minute"},
		},
		"network": {
			func(w *watcher) { w.sees(&dir{kind: fileSystem{name: "nfs", remote: true}}) }, 30 * time.Second,
			[]string{"this folder is on a file system that other computers may write to (nfs)", "within 30 seconds"},
		},
		"network below": {
			func(w *watcher) { w.sees(&dir{path: "a", kind: fileSystem{name: "cifs", remote: true}}) }, 30 * time.Second,
			[]string{`"a" is on a file system`},
		},
		"slow": {
			func(w *watcher) {
				w.missed("a", full)
				w.sees(&dir{kind: fileSystem{name: "9p", remote: true}})
			}, 10 * time.Minute, []string{"within 10 minutes", "(9p)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := &watcher{blind: newBlind(), inodes: map[string]uint64{}}
			c.make(w)
			f := &Folder{cfg: Config{Rescan: time.Hour}, watch: w}
			if name == "slow" {
				f.scanTook = 12 * time.Second
			}
			if f.every() != c.every {
				t.Errorf("scanned every %v, want %v", f.every(), c.every)
			}
			says := w.warning(f.every())
			if (says == "") != (c.says == nil) {
				t.Errorf("says %q", says)
			}
			for _, want := range c.says {
				if !strings.Contains(says, want) {
					t.Errorf("says %q, without %q", says, want)
				}
			}
		})
	}
}

func TestTimesInWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Millisecond: "within a second", 30 * time.Second: "within 30 seconds", time.Minute: "within a minute",
		61 * time.Second: "within 61 seconds", 91 * time.Second: "within 2 minutes", time.Hour: "within 60 minutes",
		2 * time.Hour: "within 2 hours",
	} {
		if got := inWords(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func TestQuietTimeGrows(t *testing.T) {
	for paths, want := range map[int]time.Duration{1: quietOne, 100: quietSome, 1000: quietMany} {
		if got := quietTime(paths); got != want {
			t.Errorf("after %d paths %v, want %v", paths, got, want)
		}
	}
}
