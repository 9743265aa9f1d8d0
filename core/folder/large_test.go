package folder_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"meadow/core/blob"
	"meadow/core/folder"
)

// largePad makes a text larger than what is kept twice in these tests.
var largePad = strings.Repeat(".", 40<<10)

// largeDevice is a device whose large files are kept once.
func largeDevice(t *testing.T, name string) *device {
	d := newDevice(t, name)
	d.copyLimit = 20 << 10
	return d
}

// spares are the places where a large file may wait.
var spares = map[string]func(d *device) string{
	"in the home":   func(d *device) string { return filepath.Join(d.home, "spares", "space") },
	"in the folder": func(*device) string { return "" },
}

func (d *device) sparesAt(place string) {
	dir := spares[place](d)
	d.wrap = func(c folder.Config) folder.Config {
		c.Spares = dir
		return c
	}
}

// available fails if bytes of anything shown are missing, and stay so: to look
// for them while their file is moved makes the store forget it for a moment.
func (d *device) available() {
	d.t.Helper()
	d.until("has all bytes", func() bool {
		for _, text := range d.shown() {
			if text == "(not here)" {
				return false
			}
		}
		return true
	})
}

// TestLargeConflict: the file that loses is the only place of its bytes.
func TestLargeConflict(t *testing.T) {
	for place := range spares {
		for _, offline := range []bool{false, true} {
			t.Run(fmt.Sprint(place, ", offline ", offline), func(t *testing.T) {
				t.Parallel()
				a, b := largeDevice(t, "a"), largeDevice(t, "b")
				a.sparesAt(place)
				b.sparesAt(place)
				a.start()
				b.start()
				a.write("f.txt", "base"+largePad)
				exchange(a, b)
				if offline {
					b.stop()
				}
				b.write("f.txt", "of b"+largePad)
				if !offline {
					b.scan()
				}
				a.write("f.txt", "tiny")
				a.scan()
				send(a, b)
				if offline {
					b.sparesAt(place)
					b.start()
				}
				exchange(a, b)
				a.has(b.disk())
				a.same()
				a.lost("tiny", "of b"+largePad)
				a.available()
				b.available()
			})
		}
	}
}

// failing is a blob store whose disk is full when files are written.
type failing struct {
	folder.Blobs
	full, hit atomic.Bool
}

func (b *failing) Materialise(ctx context.Context, h blob.Hash, dst string, limit int64) (blob.Place, bool, error) {
	if b.full.Load() {
		b.hit.Store(true)
		return blob.Place{}, false, &os.PathError{Op: "write", Path: dst, Err: syscall.ENOSPC}
	}
	return b.Blobs.Materialise(ctx, h, dst, limit)
}

// TestLargeConflictOnFullDisk: the copy can't be made, and then the file that it
// was to be made of is replaced.
func TestLargeConflictOnFullDisk(t *testing.T) {
	for place := range spares {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			a, b := largeDevice(t, "a").start(), largeDevice(t, "b")
			disk := &failing{}
			b.sparesAt(place)
			wrap := b.wrap
			b.wrap = func(c folder.Config) folder.Config {
				c = wrap(c)
				disk.Blobs = c.Blobs
				c.Blobs = disk
				return c
			}
			b.start()
			a.write("f.txt", "base"+largePad)
			exchange(a, b)
			b.write("f.txt", "of b"+largePad)
			b.scan()
			disk.full.Store(true)
			a.write("f.txt", "tiny")
			a.scan()
			send(a, b)
			b.until("replaces the file", func() bool { return b.disk()["f.txt"] == "tiny" })
			b.until("fails to copy, or needn't", func() bool { return b.folder.State().Applied || disk.hit.Load() })
			b.available()
			b.stop() // what waits is found again
			b.sparesAt(place)
			b.start()
			exchange(a, b)
			a.has(b.disk())
			a.lost("tiny", "of b"+largePad)
		})
	}
}

// TestManyEqualLargeFiles: the blob store remembers fewer places than there are.
func TestManyEqualLargeFiles(t *testing.T) {
	t.Parallel()
	a := largeDevice(t, "a").start()
	const n = blob.MaxPlaces + 1
	for i := range n {
		a.write(fmt.Sprint("f", i), "equal"+largePad)
		a.scan()
	}
	for i := range n - 1 {
		a.remove(fmt.Sprint("f", n-1-i)) // the last ones are remembered
	}
	a.scan()
	a.applied()
	a.has(map[string]string{"f0": "equal" + largePad})
	a.available()

	for i := range n {
		a.write(fmt.Sprint("f", i), "equal"+largePad)
		a.scan()
	}
	for i := range n - 1 {
		a.write(fmt.Sprint("f", n-1-i), fmt.Sprint("edited", i)+largePad)
	}
	a.scan()
	a.applied()
	a.available()
}

// TestLostLargeFileIsFoundAgain: a full scan puts right what the store forgot.
func TestLostLargeFileIsFoundAgain(t *testing.T) {
	a := largeDevice(t, "a").start()
	a.write("f", "text"+largePad)
	a.scan()
	h, err := a.blobs.PutBytes(a.ctx(), blob.Scope{}, []byte("text"+largePad)) // knows the hash
	a.must(err)
	a.must(a.db.Blobs().Lost(a.ctx(), h))
	if a.shown()["f"] != "(not here)" {
		t.Fatal("nothing was lost")
	}
	a.scan()
	a.available()
}
