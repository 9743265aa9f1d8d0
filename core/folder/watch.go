package folder

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A change on disk is looked at when its folder has been quiet for a while,
// which is the longer the more is going on, but never later than burstLimit
// after the first event: an editor's save is seen at once, a build or a checkout
// in a few portions.
const (
	quietOne   = 50 * time.Millisecond  // after the events of one file or two
	quietSome  = 150 * time.Millisecond // beyond someEvents
	quietMany  = 500 * time.Millisecond // beyond manyEvents
	burstLimit = 2 * time.Second
	someEvents = 16
	manyEvents = 256
)

// batch is what happened on disk since the last batch: by path, whether the
// name itself came or went, not just what is behind it. all means that anything
// may have happened.
type batch struct {
	paths map[string]bool
	all   bool
}

// watcher tells of changes below a directory. Where watching isn't possible it
// never does, and says so.
type watcher struct {
	dir     string       // immutable
	log     *slog.Logger // immutable
	batches chan batch
	opened  chan *fsnotify.Watcher // capacity 1: to be read by run
	pending atomic.Bool            // something has happened that no batch has told yet

	// Owned by the caller of again, add and forget.
	fs     *fsnotify.Watcher // nil without watching
	inodes map[string]uint64 // watched folders
	paths  map[uint64]string // the same by inode
	blind                    // what is noticed late
}

func newWatcher(dir string, log *slog.Logger) *watcher {
	w := &watcher{
		dir: dir, log: log, batches: make(chan batch), opened: make(chan *fsnotify.Watcher, 1),
		inodes: map[string]uint64{}, paths: map[uint64]string{}, blind: newBlind(),
	}
	w.again()
	return w
}

// again is to be called before all folders are added once more: what couldn't be
// watched is tried again.
func (w *watcher) again() {
	w.blind = newBlind()
	if w.fs != nil {
		return
	}
	if w.fs, w.failed = fsnotify.NewWatcher(); w.fs != nil {
		w.opened <- w.fs
	}
}

// close ends a watcher after run, which may not have come to know it.
func (w *watcher) close() {
	if w.fs != nil {
		_ = w.fs.Close()
	}
}

// run collects events until ctx ends.
func (w *watcher) run(ctx context.Context) {
	fs := &fsnotify.Watcher{} // which never tells
	b := batch{paths: map[string]bool{}}
	events, first := 0, time.Time{} // in b, and when they began
	quiet := time.NewTimer(time.Hour)
	defer quiet.Stop()
	var out chan batch // w.batches once b is due
	for {
		w.pending.Store(events > 0)
		select {
		case <-ctx.Done():
			return
		case fs = <-w.opened:
			continue
		case <-quiet.C:
			if events > 0 {
				out = w.batches
			}
			continue
		case out <- b:
			b, events, out = batch{paths: map[string]bool{}}, 0, nil
			continue
		case ev, ok := <-fs.Events:
			if !ok {
				return
			}
			if !w.note(&b, ev) {
				continue
			}
		case err, ok := <-fs.Errors:
			if !ok {
				return
			}
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				w.log.Warn("watching failed", "err", err)
			}
			b.all = true
		}
		if events++; events == 1 {
			first = time.Now()
		}
		quiet.Reset(min(quietTime(len(b.paths)), max(0, burstLimit-time.Since(first))))
	}
}

func quietTime(paths int) time.Duration {
	switch {
	case paths > manyEvents:
		return quietMany
	case paths > someEvents:
		return quietSome
	default:
		return quietOne
	}
}

// note puts an event into b and reports whether it counts.
func (w *watcher) note(b *batch, ev fsnotify.Event) bool {
	switch {
	case ev.Name == "":
		return false
	case ev.Name == w.dir: // the directory itself was moved, removed or changed
		b.all = b.all || ev.Has(fsnotify.Remove|fsnotify.Rename)
		return b.all
	}
	p, ok := strings.CutPrefix(filepath.ToSlash(ev.Name), strings.TrimSuffix(filepath.ToSlash(w.dir), "/")+"/")
	if !ok || isTemp(filepath.Base(p)) {
		return false
	}
	b.paths[p] = b.paths[p] || ev.Has(fsnotify.Create|fsnotify.Remove|fsnotify.Rename)
	return true
}

// add watches the folder at p, which has this inode. Call it before reading
// what is in the folder, so that nothing falls in between.
func (w *watcher) add(p string, inode uint64) {
	if known, ok := w.inodes[p]; ok && known == inode {
		return
	}
	if w.fs == nil || w.full != nil {
		w.unwatched[p] = struct{}{}
		return
	}
	// The kernel watches inodes: a folder that was moved would go on reporting
	// under its old path.
	if old, ok := w.paths[inode]; ok && inode != 0 {
		w.remove(old)
	}
	w.remove(p)
	err := w.fs.Add(w.absolute(p))
	switch {
	case err == nil:
		w.inodes[p], w.paths[inode] = inode, p
		delete(w.unwatched, p)
	case errors.Is(err, fs.ErrNotExist): // it has gone: its parent tells
	case errors.Is(err, fs.ErrPermission): // it can't be read either, which is said
	default:
		w.missed(p, err)
	}
}

func (w *watcher) absolute(p string) string { return filepath.Join(w.dir, filepath.FromSlash(p)) }

func (w *watcher) remove(p string) {
	inode, ok := w.inodes[p]
	if !ok {
		return
	}
	delete(w.inodes, p)
	if w.paths[inode] == p {
		delete(w.paths, inode)
	}
	_ = w.fs.Remove(w.absolute(p)) // the kernel may have done it before
}

// forget ends the watching of folders at and below paths that have gone or
// changed hands; "" means all.
func (w *watcher) forget(gone map[string]bool) {
	if len(gone) == 0 {
		return
	}
	for p := range w.inodes {
		if within(p, gone) {
			w.remove(p)
		}
	}
	for p := range w.unwatched {
		if within(p, gone) {
			delete(w.unwatched, p)
		}
	}
}
