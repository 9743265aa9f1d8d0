package folder_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"meadow/core/blob"
	"meadow/core/folder"
)

// errKilled is what every part answers once the process was "killed".
var errKilled = errors.New("killed")

// mortal counts the calls a folder makes that leave a trace, and dies at one of
// them: that call and all later ones do nothing.
type mortal struct {
	mu   sync.Mutex
	left int
	die  context.CancelFunc
}

func (m *mortal) step() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left--; m.left == 0 {
		m.die()
	}
	if m.left <= 0 {
		return errKilled
	}
	return nil
}

type mortalBlobs struct {
	folder.Blobs
	m *mortal
}

func (b mortalBlobs) Moved(ctx context.Context, h blob.Hash, p blob.Place) error {
	if err := b.m.step(); err != nil {
		return err
	}
	return b.Blobs.Moved(ctx, h, p)
}

func (b mortalBlobs) AddFile(ctx context.Context, s blob.Scope, path string, limit int64) (blob.Hash, uint64, blob.Place, error) {
	if err := b.m.step(); err != nil {
		return blob.Hash{}, 0, blob.Place{}, err
	}
	return b.Blobs.AddFile(ctx, s, path, limit)
}

func (b mortalBlobs) Materialise(ctx context.Context, h blob.Hash, dst string, limit int64) (blob.Place, bool, error) {
	if err := b.m.step(); err != nil {
		return blob.Place{}, false, err
	}
	return b.Blobs.Materialise(ctx, h, dst, limit)
}

func (b mortalBlobs) Release(ctx context.Context, h blob.Hash, path string) (bool, error) {
	if err := b.m.step(); err != nil {
		return true, err
	}
	return b.Blobs.Release(ctx, h, path)
}

type mortalIndex struct {
	folder.Index
	m *mortal
}

func (i mortalIndex) Put(ctx context.Context, name string, rows []folder.Row, remove []string) error {
	if err := i.m.step(); err != nil {
		return err
	}
	return i.Index.Put(ctx, name, rows, remove)
}

// TestKilledBetweenSteps ends a folder at each of its steps, while it writes
// what another device has changed, and starts it again.
func TestKilledBetweenSteps(t *testing.T) {
	pad := strings.Repeat(".", 40<<10)
	for at := 1; at <= 10; at++ {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			t.Parallel()
			a, b := newDevice(t, "a"), newDevice(t, "b")
			b.copyLimit = 20 << 10
			a.write("edited", "one")
			a.write("edited large", "one"+pad)
			a.write("renamed large", "two"+pad)
			a.write("deleted/large", "three"+pad)
			a.write("deleted/small", "three")
			a.start()
			b.start()
			exchange(a, b)
			b.stop()

			a.write("edited", "another")
			a.write("edited large", "another"+pad)
			a.rename("renamed large", "new/name")
			a.remove("deleted")
			a.write("added", "four")
			a.scan()
			send(a, b)

			m := &mortal{left: at}
			b.wrap = func(c folder.Config) folder.Config {
				c.Blobs, c.Index = mortalBlobs{c.Blobs, m}, mortalIndex{c.Index, m}
				return c
			}
			m.die = func() { b.cancel() }
			b.run()
			if err := b.folder.WaitApplied(b.ctx()); err == nil {
				t.Log("done before it could be killed")
			}
			b.stop()
			b.start()
			exchange(a, b)
			b.has(a.disk())
			a.same()
			b.same()
		})
	}
}

// TestKilledInLargeConflict ends a folder at each of its steps while the only
// place of bytes makes room for another version.
func TestKilledInLargeConflict(t *testing.T) {
	for at := 1; at <= 8; at++ {
		for place := range spares {
			t.Run(fmt.Sprint(place, at), func(t *testing.T) {
				t.Parallel()
				a, b := largeDevice(t, "a").start(), largeDevice(t, "b").start()
				a.write("f.txt", "base"+largePad)
				exchange(a, b)
				b.write("f.txt", "of b"+largePad)
				b.scan()
				b.stop()
				a.write("f.txt", "of a"+largePad)
				a.scan()
				send(a, b)

				m := &mortal{left: at}
				b.sparesAt(place)
				wrap := b.wrap
				b.wrap = func(c folder.Config) folder.Config {
					c = wrap(c)
					c.Blobs, c.Index = mortalBlobs{c.Blobs, m}, mortalIndex{c.Index, m}
					return c
				}
				m.die = func() { b.cancel() }
				b.run()
				if err := b.folder.WaitApplied(b.ctx()); err == nil {
					t.Log("done before it could be killed")
				}
				b.stop()
				b.shown() // someone asks for the bytes before the folder is back
				b.sparesAt(place)
				b.start()
				exchange(a, b)
				b.has(a.disk())
				b.lost("of a"+largePad, "of b"+largePad)
				a.available()
				b.available()
			})
		}
	}
}

// TestLeftovers starts in a directory that a killed process has left.
func TestLeftovers(t *testing.T) {
	d := newDevice(t, "a")
	d.write("kept", "text")
	d.write("dir/aside", "set aside for a moment")
	d.start()
	d.stop()
	d.rename("dir/aside", "dir/.meadow-0123456789abcdef.tmp") // its row is still there
	d.write(".meadow-ffffffffffffffff.tmp", "half a fi")
	d.write("dir/.meadow-ffffffffffffffff.tmp.lent", "half a fi")
	d.write(".meadow-drop-ffffffffffffffff.tmp", "perhaps it is being written")
	d.write(".meadow-notes", "the user's")
	d.start()
	if _, err := os.Stat(d.path(".meadow-drop-ffffffffffffffff.tmp")); err != nil {
		t.Error(err)
	}
	d.must(os.Remove(d.path(".meadow-drop-ffffffffffffffff.tmp")))
	d.has(map[string]string{"kept": "text", "dir": "/", "dir/aside": "set aside for a moment", ".meadow-notes": "the user's"})
	d.same()
	if vs, err := d.tree.History(d.ctx(), "dir/aside"); err != nil || len(vs) != 1 {
		t.Errorf("%d versions of a file that came back: %v", len(vs), err)
	}
}

// TestIndexLost starts without an index: nothing is a conflict, nothing new.
func TestIndexLost(t *testing.T) {
	a, b := newDevice(t, "a"), newDevice(t, "b").start()
	a.write("f", "one")
	a.write("dir/large", strings.Repeat("two", 10_000))
	a.must(os.Mkdir(a.path("empty"), 0o777))
	a.start()
	exchange(a, b)
	b.stop()
	b.must(b.db.Folders().Forget(b.ctx(), "space"))
	before := sum(b)
	b.start()
	b.has(a.disk())
	if sum(b) != before {
		t.Error("the tree has changed")
	}
}

// TestWrittenBeforeRow is a crash after a version went into the tree and before
// its row, followed by a newer version: the file isn't an edit of its own.
func TestWrittenBeforeRow(t *testing.T) {
	a, b := newDevice(t, "a"), newDevice(t, "b").start()
	a.write("f", "one")
	a.start()
	exchange(a, b)
	b.stop()
	b.write("f", "two")
	b.put(b.edit("f", "two")) // what Run does before it writes the row
	send(b, a)
	a.applied()
	a.write("f", "three")
	a.scan()
	send(a, b)
	b.start()
	exchange(a, b)
	b.has(map[string]string{"f": "three"})
}

func TestMissingRootDeletesNothing(t *testing.T) {
	d := newDevice(t, "a")
	d.write("f", "text")
	d.write("dir/g", "text")
	d.start()
	before := sum(d)
	elsewhere := filepath.Join(d.home, "elsewhere")

	d.must(os.Rename(d.dir, elsewhere))
	if err := d.folder.Scan(d.ctx()); err == nil {
		t.Error("a scan of nothing succeeded")
	}
	d.until("says what is wrong", func() bool { s := d.folder.State(); return s.Err != "" && len(s.Holds) == 1 })
	t.Log(d.folder.State().Err)

	d.must(os.Mkdir(d.dir, 0o777)) // like a mount point without its disk
	if err := d.folder.Scan(d.ctx()); err == nil {
		t.Error("a scan of another directory succeeded")
	}
	d.stop()
	d.run() // nor after a restart
	if err := d.folder.Scan(d.ctx()); err == nil {
		t.Error("a scan of another directory succeeded after a restart")
	}
	t.Log(d.folder.State().Err)
	if sum(d) != before {
		t.Fatal("the tree has changed")
	}

	d.must(os.Remove(d.dir))
	d.must(os.Rename(elsewhere, d.dir))
	d.scan()
	d.applied()
	if sum(d) != before {
		t.Fatal("the tree has changed")
	}
	d.remove("f")
	d.scan()
	d.same()
}

func TestMovedDirectoryIsRecognised(t *testing.T) {
	d := newDevice(t, "a")
	d.write("f", "text")
	d.start()
	d.stop()
	copied := d.dir + ".copy"
	d.must(os.CopyFS(copied, os.DirFS(d.dir)))
	d.must(os.RemoveAll(d.dir))
	d.must(os.Rename(copied, d.dir))
	d.start()
	d.same()
}
