package folder_test

import (
	"context"
	"strings"
	"testing"

	"meadow/core/blob"
	"meadow/core/folder"
)

// cut has what a removed device wrote leave the tree.
func (d *device) cut(name string) {
	d.t.Helper()
	d.must(d.db.Entries().Rejudge(d.ctx(), namespace, func(capability []byte) bool { return string(capability) != name }))
}

// orphans waits until exactly these paths are reported as being on this device only.
func (d *device) orphans(want ...string) {
	d.t.Helper()
	d.until("reports "+strings.Join(want, ", "), func() bool {
		s := d.folder.State()
		if !s.Applied || len(s.Unreadable) != len(want) {
			return false
		}
		for i, u := range s.Unreadable {
			if u.Path != want[i] || !strings.Contains(u.Reason, "device that was removed") {
				return false
			}
		}
		return true
	})
}

// TestOrphan: what a removed device wrote and nobody adopted stays on disk, is
// reported, and isn't added again until somebody does.
func TestOrphan(t *testing.T) {
	t.Parallel()
	a, b := newDevice(t, "a").start(), newDevice(t, "b").start()
	b.write("d/new", "of b")
	b.write("mine", "also of b")
	b.write("put", "b's")
	exchange(a, b)
	was, _, err := a.tree.Lookup(a.ctx(), "d/new")
	a.must(err)
	a.cut("b")
	a.orphans("d/new", "mine", "put")
	a.stop()
	a.close()
	a.open() // what an earlier process has put is swept if nothing refers to it
	_, err = a.blobs.Sweep(a.ctx())
	a.must(err)
	a.start()
	a.orphans("d/new", "mine", "put")
	a.scan()
	all := map[string]string{"d": "/", "d/new": "of b", "mine": "also of b", "put": "b's"}
	a.has(all)
	if len(a.shown()) != 0 {
		t.Fatalf("they were added again: %v", a.shown())
	}
	if ok, err := a.blobs.Has(a.ctx(), scope, blob.Hash(was.Digest)); err != nil || !ok {
		t.Errorf("the bytes were swept: %v", err)
	}

	a.write("d/new", "edited")
	a.remove("mine")
	a.put(a.edit("put", "b's"))
	a.scan()
	a.orphans()
	a.has(map[string]string{"d": "/", "d/new": "edited", "put": "b's"})
	a.same()
}

// TestOrphanOverOlder: where the tree has an older version, that is written and
// the newer file stays beside it.
func TestOrphanOverOlder(t *testing.T) {
	t.Parallel()
	for _, pad := range []string{"", largePad} {
		a, b := largeDevice(t, "a").start(), largeDevice(t, "b").start()
		a.write("f.txt", "old"+pad)
		a.write("f (set aside).txt", "in the way")
		a.write("gone", "text")
		exchange(a, b)
		a.remove("gone")
		exchange(a, b)
		b.write("f.txt", "newer"+pad)
		b.write("gone", "again")
		exchange(a, b)
		a.cut("b")
		a.orphans("f (set aside 2).txt", "gone")
		want := map[string]string{
			"f.txt": "old" + pad, "f (set aside 2).txt": "newer" + pad,
			"f (set aside).txt": "in the way", "gone": "again",
		}
		a.has(want)
		a.stop()
		a.start()
		a.scan()
		a.orphans("f (set aside 2).txt", "gone")
		a.has(want)
		if got := a.shown(); len(got) != 2 || got["f.txt"] != "old"+pad {
			t.Fatalf("the tree has %v", brief(got))
		}

		// It is the user's to take or to leave.
		a.rename("f (set aside 2).txt", "f.txt")
		a.remove("gone")
		a.scan()
		a.orphans()
		a.has(map[string]string{"f.txt": "newer" + pad, "f (set aside).txt": "in the way"})
		a.same()
	}
}

// TestOrphanAndNews: a version that hasn't seen the orphan doesn't replace it, one
// that has does.
func TestOrphanAndNews(t *testing.T) {
	t.Parallel()
	for name, seen := range map[string]bool{"seen": true, "unseen": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b, c := newDevice(t, "a").start(), newDevice(t, "b"), newDevice(t, "c")
			b.put(b.edit("f", "of b"))
			send(b, a)
			a.applied()
			a.has(map[string]string{"f": "of b"})
			if seen {
				send(b, c)
			}
			a.cut("b")
			a.orphans("f")
			c.put(c.edit("f", "of c"))
			c.cut("b")
			send(c, a)
			if seen {
				a.orphans()
				a.has(map[string]string{"f": "of c"})
				return
			}
			a.orphans("f (set aside)")
			a.has(map[string]string{"f": "of c", "f (set aside)": "of b"})
		})
	}
}

// brokenIndex fails after a number of writes, as if the process had ended.
type brokenIndex struct {
	folder.Index
	left int
	stop context.CancelFunc
}

func (x *brokenIndex) Put(ctx context.Context, name string, rows []folder.Row, remove []string) error {
	if x.left--; x.left < 0 {
		x.stop()
		return context.Canceled
	}
	return x.Index.Put(ctx, name, rows, remove)
}

// TestOrphanCrash ends the process at each write of the index while an orphan is
// moved.
func TestOrphanCrash(t *testing.T) {
	t.Parallel()
	for n := range 6 {
		a, b := newDevice(t, "a").start(), newDevice(t, "b")
		a.write("f", "old")
		exchange(a, b)
		b.put(b.edit("f", "newer"))
		send(b, a)
		a.applied()
		a.stop()
		a.cut("b")
		x := &brokenIndex{left: n}
		a.wrap = func(c folder.Config) folder.Config {
			x.Index = c.Index
			c.Index = x
			return c
		}
		ended, cancel := context.WithCancel(context.Background())
		x.stop = cancel
		a.run()
		a.until("fails or is done", func() bool { return ended.Err() != nil || a.folder.State().Applied })
		a.stop()
		cancel()
		a.start()
		a.scan()
		a.orphans("f (set aside)")
		a.has(map[string]string{"f": "old", "f (set aside)": "newer"})
		if v, ok, err := a.tree.Lookup(a.ctx(), "f (set aside)"); err != nil || ok {
			t.Errorf("after %d writes it was added again: %+v, %v", n, v, err)
		}
	}
}

// TestOrphanOfLongName: the other name fits.
func TestOrphanOfLongName(t *testing.T) {
	t.Parallel()
	a, b := newDevice(t, "a").start(), newDevice(t, "b")
	name := strings.Repeat("ä", 120) + ".text"
	a.write(name, "old")
	exchange(a, b)
	b.put(b.edit(name, "newer"))
	send(b, a)
	a.applied()
	a.cut("b")
	a.until("writes the old one", func() bool { return len(a.folder.State().Unreadable) == 1 && a.disk()[name] == "old" })
	found := false
	for p, text := range a.disk() {
		found = found || text == "newer" && strings.HasSuffix(p, " (set aside).text")
	}
	if !found {
		t.Errorf("disk: %v", a.disk())
	}
}
