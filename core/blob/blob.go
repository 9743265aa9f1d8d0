// Package blob keeps payloads: bytes that are named by their BLAKE3 hash, from
// nothing to as much as the disk holds.
//
// A [Store] puts blobs of at most [InlineLimit] bytes into its [Index]; larger
// ones are files in its own folder, or stay in the user's file that they were
// hashed from. What a row of the index says to be complete is complete: the data
// is on the disk before the row is. A user's file can change under us, so that
// every use of a blob in place looks at the file's size, times and inode first;
// a blob that has gone is reported as [ErrLost], once the index knows.
//
// Most readers need [Store.PutReader], [Store.Open], and for blobs of other
// devices [Store.Provide] on one side and [Store.Fetch] on the other. What
// travels between those two is a bao slice over groups of 16 KiB: every parent
// node is checked before its children, every group before a byte of it is
// written. A BLAKE3 hash doesn't say how long its blob is. A length is a claim
// until the last group is verified under it, so nothing is allocated by it, and
// one that is proven wrong is remembered ([ErrLength]).
//
// Bytes are kept once, but whether a [Scope] has them is decided by scope: see
// [Held]. Who may be given a blob is not decided here.
package blob

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"meadow/core/blob/disk"
)

// GroupSize is the length of a chunk group, the unit of verification: 16 KiB.
const GroupSize = 16 << 10

// Errors that callers branch on. They come wrapped.
var (
	// ErrNotFound: the blob, or part of it, isn't here.
	ErrNotFound = errors.New("blob isn't here")
	// ErrLost: the user's file that the blob was in has changed or gone. The
	// index knows: what needs the blob is to fetch it.
	ErrLost = errors.New("blob was lost: the file that it was in has changed")
	// ErrBusy: another Download of the same blob is open.
	ErrBusy = errors.New("blob is being fetched already")
	// ErrLength: the blob with this hash has another length, proven; there is no
	// use in asking anyone for it.
	ErrLength = errors.New("no blob has this hash and this length")
	// ErrCorrupt: what a peer sent doesn't belong to the blob. Nothing of it was
	// kept but what had been verified before.
	ErrCorrupt = errors.New("received bytes don't match the hash")
	// ErrChanged: a file was written while it was read. Try again later.
	ErrChanged = errors.New("file changed while it was read")
	// ErrLocal: this device's disk or index failed, not the peer. If somebody can
	// do something about it, a *disk.Trouble in it says what.
	ErrLocal = errors.New("this device can't store it")
	// ErrTooLarge: the blob exceeds the caller's limit.
	ErrTooLarge = errors.New("blob exceeds the limit")
)

// sweepGrace is how long a blob that nothing refers to stays: the time between
// putting bytes and writing the entry that names them must be less.
const sweepGrace = time.Hour

// DropGrace is how long ago a blob must have been put for Drop to delete it. It is
// enough for the entry of a file that is being written.
const DropGrace = 5 * time.Second

// Store keeps blobs. Its methods may be called concurrently.
type Store struct {
	dir  string // immutable
	idx  Index
	room *disk.Keeper
	log  *slog.Logger
	now  func() time.Time // even, see steady

	opened time.Time // immutable; what was put before isn't being put any more

	grace, dropGrace time.Duration // immutable but in tests

	// rows serialises changes of one blob's row together with its files: take
	// lock(h) around reading a row, renaming or removing files and Put.
	rows [64]sync.Mutex

	mu     sync.Mutex
	active map[Hash]*opened // open Downloads
	lent   map[Hash]bool    // between Materialise and Moved
}

// Open opens the store whose files are below dir, which is made if absent.
// Remains of an earlier process that no row refers to are removed. A folder must
// belong to one Store at a time.
func Open(dir string, idx Index, log *slog.Logger) (*Store, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	s := &Store{
		dir: dir, idx: idx, room: disk.NewKeeper(filepath.Dir(dir)), log: log,
		grace: sweepGrace, dropGrace: DropGrace, now: steady(),
		active: make(map[Hash]*opened), lent: make(map[Hash]bool),
	}
	s.opened = s.now()
	// Partial blobs live under their hash; what is in tmp belonged to a process
	// that has ended.
	if err := os.RemoveAll(s.tmpDir()); err != nil {
		return nil, fmt.Errorf("open blobs: remove temporary files: %w", err)
	}
	if err := os.MkdirAll(s.tmpDir(), 0o700); err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	return s, nil
}

// steady returns a clock that starts at the time of now and then goes on evenly,
// whatever becomes of the system's clock.
func steady() func() time.Time {
	start := time.Now()
	return func() time.Time { return start.Add(time.Since(start)) }
}

// SetClock has the store count by another clock, which must go evenly. It is for
// tests, and to be called before anything else.
func (s *Store) SetClock(now func() time.Time) { s.now = now }

// Close ends the use of the store. Downloads and Readers must have been closed.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.active); n > 0 {
		return fmt.Errorf("close blobs: %d downloads are open", n)
	}
	return nil
}

func (s *Store) tmpDir() string { return filepath.Join(s.dir, "tmp") }

func (s *Store) path(h Hash, ext string) string {
	name := h.String()
	return filepath.Join(s.dir, name[:2], name+ext)
}

// dataPath is the file of a blob of kind File, complete or not: which of the
// two, the row says.
func (s *Store) dataPath(h Hash) string { return s.path(h, ".data") }

// treePath is the file of a blob's outboard; see outboard.go.
func (s *Store) treePath(h Hash) string { return s.path(h, ".obao") }

// makeDir makes the folder of a blob's files.
func (s *Store) makeDir(h Hash) error {
	dir := filepath.Dir(s.dataPath(h))
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return s.own(err)
	}
	return s.own(syncDir(s.dir))
}

// temp makes a new temporary file.
func (s *Store) temp() (*os.File, error) {
	f, err := os.CreateTemp(s.tmpDir(), "put-")
	if errors.Is(err, fs.ErrNotExist) && os.Mkdir(s.tmpDir(), 0o700) == nil {
		f, err = os.CreateTemp(s.tmpDir(), "put-") // someone has tidied up
	}
	return f, s.own(err)
}

// lock takes the lock of a blob's row and returns what releases it.
func (s *Store) lock(h Hash) (unlock func()) {
	m := &s.rows[stripe(h)]
	m.Lock()
	return m.Unlock
}

func stripe(h Hash) int { return int(h[0]) % 64 }

// discard closes and removes a temporary file. Failing is harmless: Open and
// Sweep remove what is left.
func discard(f *os.File) {
	if f == nil {
		return
	}
	_ = f.Close()
	_ = os.Remove(f.Name())
}
