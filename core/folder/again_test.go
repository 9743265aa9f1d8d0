package folder_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"meadow/core/blob"
	"meadow/core/folder"
)

// TestMadeAgain makes files again with bytes that they have had: what was
// deleted before is no reason to delete it again.
func TestMadeAgain(t *testing.T) {
	for name, size := range map[string]int{"small": 0, "large": 40 << 10, "kept in place": 2 << 20} {
		pad := strings.Repeat(".", size)
		stays := func(t *testing.T, a, b *device) {
			t.Helper()
			a.scan()
			a.applied()
			a.has(map[string]string{"f": "one" + pad})
			a.same()
			exchange(a, b)
			b.has(map[string]string{"f": "one" + pad})
		}
		t.Run(name+", deleted here", func(t *testing.T) {
			t.Parallel()
			a, b := newDevice(t, "a").start(), newDevice(t, "b").start()
			a.write("f", "one"+pad)
			exchange(a, b)
			a.remove("f")
			a.scan()
			a.applied()
			a.write("f", "one"+pad)
			stays(t, a, b)
		})
		t.Run(name+", deleted elsewhere", func(t *testing.T) {
			t.Parallel()
			a, b := newDevice(t, "a").start(), newDevice(t, "b").start()
			a.write("f", "one"+pad)
			exchange(a, b)
			b.remove("f")
			exchange(a, b)
			a.has(map[string]string{})
			a.write("f", "one"+pad)
			stays(t, a, b)
		})
		t.Run(name+", while stopped", func(t *testing.T) {
			t.Parallel()
			a, b := newDevice(t, "a").start(), newDevice(t, "b").start()
			a.write("f", "one"+pad)
			exchange(a, b)
			a.remove("f")
			exchange(a, b)
			a.stop()
			a.write("f", "one"+pad)
			d := time.Now().Add(-time.Hour) // as if from an archive
			a.must(os.Chtimes(a.path("f"), d, d))
			a.start()
			stays(t, a, b)
		})
		t.Run(name+", deleted and made anew elsewhere", func(t *testing.T) {
			t.Parallel()
			a, b := newDevice(t, "a").start(), newDevice(t, "b").start()
			a.write("f", "one"+pad)
			exchange(a, b)
			a.remove("f")
			exchange(a, b)
			a.stop()
			b.write("f", "two"+pad)
			b.scan()
			send(b, a)
			a.write("f", "one"+pad)
			a.start()
			exchange(a, b)
			b.has(a.disk())
			a.lost("one"+pad, "two"+pad)
		})
	}
}

// TestGoesBack edits a file until it has the bytes that it had at first.
func TestGoesBack(t *testing.T) {
	a, b := newDevice(t, "a").start(), newDevice(t, "b").start()
	for _, text := range []string{"one", "two", "one", "two", "one"} {
		a.write("f", text)
		exchange(a, b)
		b.has(map[string]string{"f": text})
		a.same()
	}
}

// TestWrittenBeforeFirstRow is like TestWrittenBeforeRow for a new file.
func TestWrittenBeforeFirstRow(t *testing.T) {
	a, b := newDevice(t, "a").start(), newDevice(t, "b").start()
	b.stop()
	b.write("f", "one")
	b.put(b.edit("f", "one"))
	send(b, a)
	a.applied()
	a.write("f", "two")
	a.scan()
	send(a, b)
	<-time.After(25 * time.Millisecond) // so that the file's times show that it is older
	b.start()
	exchange(a, b)
	b.has(map[string]string{"f": "two"})
}

// TestBackBeforeDeletion makes a file again after a scan has missed it, and
// before that is written to the tree.
func TestBackBeforeDeletion(t *testing.T) {
	a := newDevice(t, "a")
	a.write("f", "text")
	a.write("g", "text")
	read := make(chan func(), 1)
	a.wrap = func(c folder.Config) folder.Config {
		c.Blobs = beforePut{c.Blobs, read}
		return c
	}
	a.start()
	away := filepath.Join(a.home, "f")
	a.must(os.Rename(a.path("f"), away))
	a.write("g", "edited")
	read <- func() { a.must(os.Rename(away, a.path("f"))) }
	a.scan()
	a.applied()
	a.has(map[string]string{"f": "text", "g": "edited"})
	a.same()
	if vs, err := a.tree.History(a.ctx(), "f"); err != nil || len(vs) != 1 {
		t.Errorf("%d versions of what was never deleted: %v", len(vs), err)
	}
}

// beforePut runs a function before small files are stored.
type beforePut struct {
	folder.Blobs
	next chan func()
}

func (b beforePut) PutInlineBatch(ctx context.Context, puts []blob.InlinePut) error {
	select {
	case fn := <-b.next:
		fn()
	default:
	}
	return b.Blobs.PutInlineBatch(ctx, puts)
}
