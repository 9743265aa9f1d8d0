package folder_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"meadow/core/folder"
	"meadow/core/folder/tree"
)

// filled makes a device with n files in two folders, each with a text of its own.
func filled(t *testing.T, name string, n int) *device {
	t.Helper()
	d := newDevice(t, name)
	for i := range n {
		d.write(numbered(i), fmt.Sprint("text ", i))
	}
	return d
}

func numbered(i int) string { return fmt.Sprintf("d%d/f%03d", i%2, i) }

// removeFiles removes files from to before to.
func (d *device) removeFiles(from, to int) {
	d.t.Helper()
	for i := from; i < to; i++ {
		d.must(os.Remove(d.path(numbered(i))))
	}
}

// live counts the files of the tree.
func (d *device) live() (n int) {
	d.t.Helper()
	for v, err := range d.tree.List(d.ctx(), "") {
		d.must(err)
		if v.Kind != tree.Folder {
			n++
		}
	}
	return n
}

func (d *device) files() (n int) {
	d.t.Helper()
	for _, text := range d.disk() {
		if text != "/" {
			n++
		}
	}
	return n
}

func TestAllFilesDeletedHere(t *testing.T) {
	t.Parallel()
	for name, allow := range map[string]bool{"allow": true, "keep": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := filled(t, "a", 40).start(), newDevice(t, "b").start()
			exchange(a, b)
			before := sum(a)
			texts := a.disk()
			a.atOnce(func() {
				a.remove("d0")
				a.remove("d1")
			})
			h := a.hold(folder.RemovedHere, 40, 40)
			a.applied()
			if sum(a) != before {
				t.Fatal("something was deleted from the tree")
			}
			files, err := a.folder.Held(a.ctx(), h.ID)
			if a.must(err); len(files) != 40 || files[0].Path != numbered(0) || files[0].Bytes != int64(len("text 0")) {
				t.Errorf("held are %+v", files)
			}
			if _, err := a.folder.Allow(a.ctx(), "00000000"); !errors.Is(err, folder.ErrNoHold) {
				t.Errorf("another hold: %v", err)
			}
			if !allow {
				got, waiting, err := a.folder.Keep(a.ctx(), h.ID)
				if a.must(err); got != h || waiting != 0 {
					t.Errorf("kept %+v, %d waiting; want %+v", got, waiting, h)
				}
				a.noHold()
				a.has(texts)
				if sum(a) != before {
					t.Error("keeping has changed the tree")
				}
				return
			}
			if got, err := a.folder.Allow(a.ctx(), h.ID); err != nil || got != h {
				t.Errorf("allowed %+v, %v; want %+v", got, err, h)
			}
			a.noHold()
			if a.live() != 0 {
				t.Errorf("the tree has %v", a.shown())
			}
			exchange(a, b) // which isn't asked again
			b.noHold()
			b.has(map[string]string{})
		})
	}
}

// TestHoldThreshold: of 20 files more than half, not half; of 19 none.
func TestHoldThreshold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		files, removed int
		held           bool
	}{{19, 19, false}, {20, 10, false}, {20, 11, true}, {41, 20, false}, {41, 21, true}} {
		t.Run(fmt.Sprint(c.removed, " of ", c.files), func(t *testing.T) {
			t.Parallel()
			a, b := filled(t, "a", c.files).start(), newDevice(t, "b").start()
			exchange(a, b)
			b.stop()
			a.atOnce(func() { a.removeFiles(0, c.removed) })
			if c.held {
				a.hold(folder.RemovedHere, c.removed, c.files)
				if n := a.live(); n != c.files {
					t.Errorf("%d files in the tree", n)
				}
			} else {
				a.until("deletes them", func() bool { return a.live() == c.files-c.removed })
				a.noHold()
			}

			// The same, removed by another device.
			b.start()
			b.put(b.removals(0, c.removed)...)
			if c.held {
				b.hold(folder.RemovedElsewhere, c.removed, c.files)
				b.applied()
				if n := b.files(); n != c.files {
					t.Errorf("%d files on disk", n)
				}
			} else {
				b.until("removes them", func() bool { return b.files() == c.files-c.removed })
				b.noHold()
			}
		})
	}
}

func (d *device) removals(from, to int) (edits []tree.Edit) {
	for i := from; i < to; i++ {
		edits = append(edits, tree.Edit{Path: numbered(i), Kind: tree.Tombstone})
	}
	return edits
}

// TestRemovedElsewhere: files of one device are removed from the tree by another
// that has no folder.
func TestRemovedElsewhere(t *testing.T) {
	t.Parallel()
	for name, allow := range map[string]bool{"allow": true, "keep": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b, c := filled(t, "a", 30).start(), newDevice(t, "b").start(), newDevice(t, "c")
			a.write("large", strings.Repeat("large", 1<<20))
			a.must(os.Symlink("large", a.path("link")))
			a.must(os.Mkdir(a.path("empty"), 0o777))
			exchange(a, b)
			exchange(a, c)
			texts := a.disk()
			for _, p := range []string{"d0", "d1", "large", "link", "empty"} {
				_, err := c.tree.Remove(c.ctx(), p)
				c.must(err)
			}
			send(c, a)
			send(c, b)
			h := a.hold(folder.RemovedElsewhere, 32, 32)
			b.hold(folder.RemovedElsewhere, 32, 32)
			a.applied()
			a.has(texts)
			if v, _, _ := c.tree.Lookup(c.ctx(), "large"); h.Author != v.Author {
				t.Errorf("the hold names %x", h.Author)
			}
			if files, err := a.folder.Held(a.ctx(), h.ID); err != nil || len(files) != 32 {
				t.Errorf("held are %v, %v", files, err)
			}
			var err error
			if allow {
				_, err = a.folder.Allow(a.ctx(), h.ID)
				a.must(err)
				a.has(map[string]string{})
				texts = map[string]string{}
			} else {
				_, _, err = a.folder.Keep(a.ctx(), h.ID)
				a.must(err)
			}
			a.noHold()
			a.has(texts)
			exchange(a, b) // what was said on a goes for b
			b.noHold()
			b.has(texts)
			a.same()
			exchange(a, c)
			equal(t, "tree of c", c.shown(), texts)
		})
	}
}

func TestEditWhileHeld(t *testing.T) {
	t.Parallel()
	a, b := filled(t, "a", 30).start(), newDevice(t, "b").start()
	exchange(a, b)
	b.put(b.removals(0, 30)...)
	send(b, a)
	h := a.hold(folder.RemovedElsewhere, 30, 30)
	a.write(numbered(3), "edited meanwhile")
	a.write("new", "made meanwhile")
	a.must(os.Remove(a.path(numbered(4))))
	a.hold(folder.RemovedElsewhere, 28, 30)
	a.applied()
	want := map[string]string{"d1": "/", numbered(3): "edited meanwhile", "new": "made meanwhile"}
	equal(t, "tree", a.shown(), want)
	_, err := a.folder.Allow(a.ctx(), h.ID)
	a.must(err)
	a.has(want)

	// Held here, edited and made again elsewhere.
	a, b = filled(t, "a2", 30).start(), newDevice(t, "b2").start()
	exchange(a, b)
	a.atOnce(func() { a.removeFiles(0, 30) })
	h = a.hold(folder.RemovedHere, 30, 30)
	b.write(numbered(5), "edited elsewhere")
	b.scan()
	send(b, a)
	a.hold(folder.RemovedHere, 29, 30)
	a.write(numbered(6), "text 6") // put back by the user
	a.hold(folder.RemovedHere, 28, 30)
	_, err = a.folder.Allow(a.ctx(), h.ID)
	a.must(err)
	a.noHold()
	want = map[string]string{"d0": "/", "d1": "/", numbered(5): "edited elsewhere", numbered(6): "text 6"}
	a.has(want)
	exchange(a, b)
	b.has(want)
}

func TestHoldGrowsAndGoesAway(t *testing.T) {
	t.Parallel()
	a := filled(t, "a", 60).start()
	before := sum(a)
	texts := a.disk()
	aside := a.home + "/aside"
	a.must(os.MkdirAll(aside+"/d0", 0o777))
	move := func(from, to string, i int) { a.must(os.Rename(from+"/"+numbered(i), to+"/"+numbered(i))) }
	a.must(os.MkdirAll(aside+"/d1", 0o777))
	a.atOnce(func() {
		for i := range 40 {
			move(a.dir, aside, i)
		}
	})
	h := a.hold(folder.RemovedHere, 40, 60)
	for i := 40; i < 45; i++ {
		move(a.dir, aside, i)
	}
	if grown := a.hold(folder.RemovedHere, 45, 60); grown.ID != h.ID || !grown.Since.Equal(h.Since) {
		t.Errorf("grown into %+v from %+v", grown, h)
	}

	// The same after a restart, and what went meanwhile.
	a.stop()
	move(a.dir, aside, 45)
	a.run()
	if hs := a.folder.State().Holds; len(hs) > 0 && hs[0].ID != h.ID {
		t.Errorf("started with %+v", hs)
	}
	if kept := a.hold(folder.RemovedHere, 46, 60); kept.ID != h.ID || !kept.Since.Equal(h.Since) {
		t.Errorf("kept as %+v from %+v", kept, h)
	}
	if sum(a) != before {
		t.Fatal("something was deleted from the tree")
	}

	for i := range 46 {
		move(aside, a.dir, i)
	}
	a.until("holds nothing", func() bool { return len(a.folder.State().Holds) == 0 })
	a.noHold()
	a.has(texts)
	if sum(a) != before {
		t.Error("the tree has changed")
	}
	a.stop()
	a.start()
	a.noHold()
}

// TestSlowDeletion removes a folder in slices that are none by themselves.
func TestSlowDeletion(t *testing.T) {
	t.Parallel()
	a, b := filled(t, "a", 60).start(), newDevice(t, "b").start()
	exchange(a, b)
	b.stop()
	for i := range 10 {
		a.removeFiles(6*i, 6*i+6)
		a.scan()
		a.applied()
	}
	a.scan()
	a.applied()
	hs := a.folder.State().Holds
	if n := a.live(); n < 30 || len(hs) != 1 || hs[0].Removes != n || hs[0].Of != 60 || hs[0].Removes+hs[0].Before != 60 {
		t.Errorf("%d files are left, holds %+v", n, hs)
	}

	// The same from another device.
	b.start()
	for i := range 10 {
		b.put(b.removals(6*i, 6*i+6)...)
		b.applied()
	}
	b.applied()
	hs = b.folder.State().Holds
	if n := b.files(); n < 30 || len(hs) != 1 || hs[0].Removes != n || hs[0].Of != 60 {
		t.Errorf("%d files are left, holds %+v", n, hs)
	}
}

// TestKeepWaitsForBytes: large files were nowhere but in the folder.
func TestKeepWaitsForBytes(t *testing.T) {
	t.Parallel()
	a, b := filled(t, "a", 30), newDevice(t, "b").start()
	for i := range 3 {
		a.write(fmt.Sprint("large", i), strings.Repeat(fmt.Sprint("large", i), 1<<20))
	}
	a.start()
	exchange(a, b)
	texts := a.disk()
	a.atOnce(func() {
		for p := range texts {
			a.remove(strings.Split(p, "/")[0])
		}
	})
	h := a.hold(folder.RemovedHere, 33, 33)
	_, waiting, err := a.folder.Keep(a.ctx(), h.ID)
	if a.must(err); waiting != 3 {
		t.Errorf("%d files wait for their bytes", waiting)
	}
	a.until("waits", func() bool { s := a.folder.State(); return s.Pending == 3 && a.files() == 30 })
	sendBytes(b, a)
	a.applied()
	a.has(texts)
	a.same()
}

// TestHeldTwice: what was allowed once is no licence.
func TestHeldTwice(t *testing.T) {
	t.Parallel()
	a := filled(t, "a", 25).start()
	a.atOnce(func() { a.removeFiles(0, 25) })
	h := a.hold(folder.RemovedHere, 25, 25)
	_, err := a.folder.Allow(a.ctx(), h.ID)
	a.must(err)
	for i := range 25 {
		a.write(numbered(i), fmt.Sprint("again ", i))
	}
	a.scan()
	a.applied()
	want := slices.Collect(maps.Keys(a.shown()))
	a.atOnce(func() { a.removeFiles(0, 25) })
	if again := a.hold(folder.RemovedHere, 25, 25); again.ID == h.ID {
		t.Error("the second hold has the id of the first")
	}
	if n := len(a.shown()); n != len(want) {
		t.Errorf("the tree shows %d of %d", n, len(want))
	}
}
