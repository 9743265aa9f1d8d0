package folder_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"meadow/core/blob"
	"meadow/core/folder"
	"meadow/core/folder/tree"
)

// texts returns the texts of the files below the directory, sorted by path.
func (d *device) texts() (all []string) {
	d.t.Helper()
	for _, text := range d.disk() {
		if text != "/" {
			all = append(all, text)
		}
	}
	return all
}

// lost fails if a text is in no file of the device.
func (d *device) lost(texts ...string) {
	d.t.Helper()
	have := d.texts()
	for _, want := range texts {
		found := false
		for _, text := range have {
			found = found || text == want
		}
		if !found {
			d.t.Errorf("%s: %s is lost; there is %v", d.name, short(want), brief(d.disk()))
		}
	}
}

func TestAttachToWhatIsThere(t *testing.T) {
	a, b := newDevice(t, "a"), newDevice(t, "b")
	a.write("same", "equal text")
	a.write("differs", "text of a")
	a.write("only a", "a")
	a.start()
	b.write("same", "equal text")
	b.write("differs", "text of b")
	b.write("only b", "b")
	send(a, b) // the tree is there before the folder is attached
	b.start()
	exchange(a, b)
	a.has(b.disk())
	a.lost("equal text", "text of a", "text of b", "a", "b")
	if n := len(a.texts()); n != 5 {
		t.Errorf("%d files, want 5: %v", n, brief(a.disk()))
	}
	if vs, err := b.tree.History(b.ctx(), "same"); err != nil || len(vs) != 1 {
		t.Errorf("equal files became %d versions: %v", len(vs), err)
	}
}

func TestOfflineEdits(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"small": 0, "large": 40 << 10, "kept in place": 2 << 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pad := strings.Repeat(".", size)
			a, b := newDevice(t, "a"), newDevice(t, "b").start()
			a.write("f.txt", "base"+pad)
			a.start()
			exchange(a, b)

			a.write("f.txt", "once"+pad)
			exchange(a, b)
			for _, text := range []string{"2", "3", "4"} {
				a.write("f.txt", text+pad)
				a.scan()
			}
			exchange(a, b)
			b.has(map[string]string{"f.txt": "4" + pad}) // one side alone makes no conflict

			a.write("f.txt", "of a"+pad)
			b.write("f.txt", "of b"+pad)
			exchange(a, b)
			a.has(b.disk())
			a.same()
			a.lost("of a"+pad, "of b"+pad)
			if n := len(a.texts()); n != 2 {
				t.Errorf("%d files, want 2: %v", n, brief(a.disk()))
			}
		})
	}
}

func TestEditAgainstDelete(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"small": 0, "kept in place": 2 << 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pad := strings.Repeat(".", size)
			a, b := newDevice(t, "a"), newDevice(t, "b").start()
			a.write("d/f", "base"+pad)
			a.start()
			exchange(a, b)
			a.remove("d")
			a.scan()
			b.write("d/f", "edited"+pad)
			exchange(a, b)
			a.has(map[string]string{"d": "/", "d/f": "edited" + pad})
			b.has(a.disk())

			b.remove("d")
			b.scan()
			a.write("d/f", "again"+pad)
			a.scan()
			exchange(b, a)
			a.has(map[string]string{"d": "/", "d/f": "again" + pad})
			b.has(a.disk())
		})
	}
}

func TestFileAgainstFolder(t *testing.T) {
	a, b := newDevice(t, "a").start(), newDevice(t, "b").start()
	a.write("x", "file")
	b.write("x/y", "below")
	exchange(a, b)
	a.has(b.disk())
	a.lost("file", "below")
	if a.disk()["x"] != "/" {
		t.Errorf("the folder didn't keep its name: %v", a.disk())
	}
}

// TestEditIsNeverOverwritten edits a file at the moment when a newer version is
// about to be put in its place.
func TestEditIsNeverOverwritten(t *testing.T) {
	a, b := newDevice(t, "a"), newDevice(t, "b")
	a.write("f", "base")
	a.start()
	edit := make(chan func(), 1)
	b.wrap = func(c folder.Config) folder.Config {
		c.Blobs = beforeRead{c.Blobs, edit}
		return c
	}
	b.start()
	exchange(a, b)
	b.has(map[string]string{"f": "base"})

	a.write("f", "of a")
	a.scan()
	edit <- func() { b.write("f", "of b, just now") }
	exchange(a, b)
	a.has(b.disk())
	a.lost("of a", "of b, just now")
}

// beforeRead runs a function before the bytes of the next file are read.
type beforeRead struct {
	folder.Blobs
	next chan func()
}

func (b beforeRead) ReadMany(ctx context.Context, hs []blob.Hash) (map[blob.Hash][]byte, error) {
	select {
	case fn := <-b.next:
		fn()
	default:
	}
	return b.Blobs.ReadMany(ctx, hs)
}

func (b beforeRead) ReadAll(ctx context.Context, h blob.Hash, limit int64) ([]byte, error) {
	select {
	case fn := <-b.next:
		fn()
	default:
	}
	return b.Blobs.ReadAll(ctx, h, limit)
}

// TestFolderForNothing: a folder is made for a file whose bytes don't come, as the file
// is deleted where it was made.
func TestFolderForNothing(t *testing.T) {
	a, b := newDevice(t, "a").start(), newDevice(t, "b")
	missed := make(chan func(), 1)
	b.wrap = func(c folder.Config) folder.Config {
		c.Blobs = &missing{Blobs: c.Blobs, next: missed}
		return c
	}
	b.start()
	a.write("deep/new/f", "text")
	a.scan()
	missed <- func() {
		a.must(os.RemoveAll(a.path("deep")))
		a.scan()
		send(a, b)
	}
	exchange(a, b)
	a.has(map[string]string{})
	b.has(map[string]string{})
}

// missing runs a function before the bytes of the next file are read, and hasn't got
// them.
type missing struct {
	folder.Blobs
	next chan func()
	none bool // owned by whoever stages
}

func (m *missing) ReadMany(ctx context.Context, hs []blob.Hash) (map[blob.Hash][]byte, error) {
	select {
	case fn := <-m.next:
		fn()
		m.none = true
		return map[blob.Hash][]byte{}, nil
	default:
		return m.Blobs.ReadMany(ctx, hs)
	}
}

func (m *missing) Materialise(ctx context.Context, h blob.Hash, dst string, keepCopyLimit int64) (blob.Place, bool, error) {
	if m.none {
		m.none = false
		return blob.Place{}, false, blob.ErrNotFound
	}
	return m.Blobs.Materialise(ctx, h, dst, keepCopyLimit)
}

// TestEditOnOlderVersion writes to a file for which a newer version is in the
// tree, but not on disk yet.
func TestEditOnOlderVersion(t *testing.T) {
	a, b := newDevice(t, "a"), newDevice(t, "b").start()
	a.write("f", "base")
	a.start()
	exchange(a, b)
	a.write("f", "of a"+strings.Repeat(" ", 20<<10))
	a.scan()
	sendEntries(a, b) // without the bytes
	b.write("f", "of b")
	b.scan()
	exchange(a, b)
	a.has(b.disk())
	a.lost("of a"+strings.Repeat(" ", 20<<10), "of b")
}

func TestReplacedFileKeepsItsRights(t *testing.T) {
	a, b := newDevice(t, "a"), newDevice(t, "b").start()
	a.write("f", "one")
	a.start()
	exchange(a, b)
	b.must(os.Chmod(b.path("f"), 0o600))
	a.write("f", "two")
	exchange(a, b)
	fi, err := os.Stat(b.path("f"))
	b.must(err)
	if fi.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, want that of the file before", fi.Mode())
	}
	if v, _, _ := a.tree.Lookup(a.ctx(), "f"); v.Exec || v.Kind != tree.File {
		t.Errorf("f is %+v", v)
	}
}
