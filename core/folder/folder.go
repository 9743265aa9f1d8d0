package folder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"meadow/core/blob"
	"meadow/core/blob/disk"
	"meadow/core/folder/names"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// ErrStopped is returned by calls that wait for a Folder whose Run has ended.
var ErrStopped = errors.New("the folder is not being synced any more")

// Tree is what a Folder needs of a space's tree; *tree.Tree is one. Paths are
// slash-separated raw bytes.
type Tree interface {
	// Lookup returns the latest version of a path, which may be a tombstone.
	Lookup(ctx context.Context, path string) (v tree.Version, ok bool, err error)
	// Walk iterates the latest versions at and below a path, "" being the whole
	// tree, tombstones included.
	Walk(ctx context.Context, prefix string) iter.Seq2[tree.Version, error]
	// History returns what is known of a path's versions.
	History(ctx context.Context, path string) ([]tree.Version, error)
	// Write makes versions, each of a path of its own, and returns them, or what
	// is there already where an edit changes nothing.
	Write(ctx context.Context, edits []tree.Edit) ([]tree.Version, error)
	// Orphaned reports whether the version that a base names has been set aside,
	// and latest, the path's version or the zero one, hasn't seen it.
	Orphaned(ctx context.Context, path string, b tree.Base, latest tree.Version) (bool, error)
	// Settle makes what follows from versions that others wrote: conflict copies.
	Settle(ctx context.Context) (tree.Settled, error)
}

// Blobs is what a Folder needs of the blob store; *blob.Store is one.
type Blobs interface {
	PutInlineBatch(ctx context.Context, puts []blob.InlinePut) error
	AddFile(ctx context.Context, scope blob.Scope, path string, copyLimit int64) (blob.Hash, uint64, blob.Place, error)
	HashFile(ctx context.Context, path string) (blob.Hash, uint64, error)
	Hold(ctx context.Context, scope blob.Scope, h blob.Hash) (bool, error)
	ReadAll(ctx context.Context, h blob.Hash, limit int64) ([]byte, error)
	ReadMany(ctx context.Context, hs []blob.Hash) (map[blob.Hash][]byte, error)
	Materialise(ctx context.Context, h blob.Hash, dst string, keepCopyLimit int64) (place blob.Place, moved bool, err error)
	Moved(ctx context.Context, h blob.Hash, place blob.Place) error
	Recheck(ctx context.Context, path string) error
	Has(ctx context.Context, scope blob.Scope, h blob.Hash) (bool, error)
	PutReader(ctx context.Context, scope blob.Scope, r io.Reader) (blob.Hash, uint64, error)
	At(ctx context.Context, path string) (h blob.Hash, ok bool, err error)
	Release(ctx context.Context, h blob.Hash, path string) (left bool, err error)
	Room() *disk.Keeper
}

// Config is what a Folder is made of. All but Spares, Rescan, Restless, Log, OnChange, Why,
// OnKept and OnNames must be set.
type Config struct {
	ID        string // names the folder in the index
	Dir       string // the directory, which exists
	Tree      Tree
	Blobs     Blobs
	Scope     blob.Scope // where blobs of this tree are held
	Index     Index
	CopyLimit int64 // greatest size of files whose bytes are kept twice, without reflinks
	// LeastLimit is the least CopyLimit that the tree's files were ever kept by:
	// larger ones may be the only copy of their bytes. Zero: CopyLimit.
	LeastLimit int64
	Spares     string        // directory for Run alone, made if absent, where large files wait that were replaced; "", or on another file system: in Dir
	Rescan     time.Duration // between full scans; one hour if zero
	Restless   time.Duration // how long a file may change at each look before what it has is taken; half a minute if zero
	Log        *slog.Logger
	OnChange   func() // called after State has changed; calls don't overlap
	// Why says, as a sentence's end, why this device may not write at a path.
	// Nil: it says no more than that.
	Why func(path string) string
	// OnKept is called with changes of this directory that the tree has otherwise, or
	// not at all: some, and how many.
	OnKept func(some []Kept, count int)
	// OnNames is called, now and then, with names that other systems can't hold and
	// that have come into the tree from this directory: some, and how many.
	OnNames func(some []names.Problem, count int)
}

// Folder keeps one directory and one tree in step. Its methods may be called
// concurrently.
type Folder struct {
	cfg     Config
	log     *slog.Logger
	started atomic.Bool
	rights  Rights        // of cfg.Tree; nil if all may be written
	stopped chan struct{} // closed when Run has ended
	wake    chan struct{} // capacity 1: something is in desk
	news    chan struct{} // capacity 1: OnChange is due

	desk desk // what others ask for, and what they see

	// Owned by Run's goroutine.
	began    time.Time               // when Run did
	rows     map[string]Row          // what the index holds; "" is the root's own row
	watch    *watcher                //
	spares   map[willow.Digest]spare // files aside whose bytes may be wanted again
	later    map[string]retry        // files to look at again
	device   uint64                  // of the root, once seen
	mounts   map[string]bool         // folders where another file system is, or was
	lost     map[string]bool         // those of mounts where it isn't
	prune    map[string]bool         // folders that may have become empty
	events   map[string]bool         // paths that something happened to: see batch
	restless map[string]time.Time    // files that change while they are read: since when
	odd      odd                     // names that have come
	blocked  map[string]uint64       // paths whose place was read because it was taken, for which timestamp
	rescan   bool                    // a full scan is due

	here      *guard          // against mass deletions on this disk
	there     *guard          // and in the tree
	missing   map[string]Hold // disks that aren't in their places, by place
	lostKnown map[string]bool // lost, as missing knows it; nil at first
	looked    time.Time       // when the root was last seen to be there

	stuck      map[string]stuck // paths that wait for a disk
	stuckNews  bool             // the desk doesn't know it all
	stuckTried time.Time
	probeAt    time.Time
	probeWait  time.Duration

	parked map[string]Row // rows of what is ignored
	rules  *rules         // what is ignored

	lastScan time.Time
	scanTook time.Duration // for looking at all, without reading what had changed
	umask    fs.FileMode   // of this process, once known
}

// retry is a file that couldn't be read or written when it was its turn.
type retry struct {
	at    time.Time
	delay time.Duration
	quiet bool // just to be sure: the folder counts as applied meanwhile
}

// New makes a Folder. Nothing happens before Run.
func New(cfg Config) (*Folder, error) {
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("attach %s: %w", cfg.Dir, err)
	}
	cfg.Dir = dir
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.LeastLimit == 0 || cfg.LeastLimit > cfg.CopyLimit {
		cfg.LeastLimit = cfg.CopyLimit
	}
	if cfg.Rescan == 0 {
		cfg.Rescan = time.Hour
	}
	if cfg.Restless == 0 {
		cfg.Restless = restlessAfter
	}
	f := &Folder{
		cfg:      cfg,
		log:      cfg.Log.With("folder", cfg.ID),
		stopped:  make(chan struct{}),
		wake:     make(chan struct{}, 1),
		news:     make(chan struct{}, 1),
		rows:     map[string]Row{},
		parked:   map[string]Row{},
		rules:    newRules(),
		later:    map[string]retry{},
		spares:   map[willow.Digest]spare{},
		mounts:   map[string]bool{},
		lost:     map[string]bool{},
		prune:    map[string]bool{},
		events:   map[string]bool{},
		blocked:  map[string]uint64{},
		restless: map[string]time.Time{},
		stuck:    map[string]stuck{},
		here:     newGuard(RemovedHere, fewHere, limitHere),
		there:    newGuard(RemovedElsewhere, fewThere, limitThere),
		missing:  map[string]Hold{},
		umask:    unknownUmask,
	}
	f.rights, _ = cfg.Tree.(Rights)
	f.desk.init()
	return f, nil
}

// Run syncs until ctx ends, which is no error, or until the index or the tree
// fails. It starts with a full scan, and then writes what the tree has and the
// disk hasn't. A Folder runs once.
func (f *Folder) Run(ctx context.Context) error {
	if !f.started.CompareAndSwap(false, true) {
		return errors.New("run folder: it has run already")
	}
	defer close(f.stopped)
	f.began = time.Now()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := f.begin(ctx); err != nil {
		return f.ended(ctx, fmt.Errorf("read index of folder %s: %w", f.cfg.Dir, err))
	}
	f.watch = newWatcher(f.cfg.Dir, f.log)
	defer f.watch.close()
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() { f.watch.run(ctx) })
	wg.Go(func() { f.tell(ctx) })
	return f.ended(ctx, f.loop(ctx))
}

// ended turns the end of ctx into success.
func (f *Folder) ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// tell calls OnChange, once for all changes that happen during a call.
func (f *Folder) tell(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.news:
			if f.cfg.OnChange != nil {
				f.cfg.OnChange()
			}
		}
	}
}

// nudge makes Run look at the desk.
func (f *Folder) nudge() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// changed announces a new State.
func (f *Folder) changed() {
	select {
	case f.news <- struct{}{}:
	default:
	}
}

// Notify says that versions of these paths have changed in the tree or that
// their payloads have arrived. It returns at once.
func (f *Folder) Notify(paths ...string) {
	f.update(func(d *desk) {
		for _, p := range paths {
			d.dirty[p] = struct{}{}
		}
	})
	f.nudge()
}

// NotifyAll says that any path may have changed in the tree.
func (f *Folder) NotifyAll() {
	f.update(func(d *desk) { d.dirtyAll = true })
	f.nudge()
}

// Scan looks at the whole directory and returns when what it held is in the
// tree, or with the reason why it can't be. A file that is being written stays
// out, and is looked at again: see WaitApplied.
func (f *Folder) Scan(ctx context.Context) error {
	done := make(chan error, 1)
	f.update(func(d *desk) { d.scans = append(d.scans, done) })
	f.nudge()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-f.stopped:
		return ErrStopped
	}
}
