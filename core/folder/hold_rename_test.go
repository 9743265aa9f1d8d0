package folder_test

import (
	"fmt"
	"os"
	"testing"

	"meadow/core/folder"
)

// TestNotHeld makes changes after which as many files are there as before.
func TestNotHeld(t *testing.T) {
	t.Parallel()
	const n = 300
	for name, change := range map[string]func(d *device){
		"rename all": func(d *device) { d.rename("d0", "new/d0"); d.rename("d1", "other") },
		"into a folder": func(d *device) {
			for i := range n {
				d.rename(numbered(i), "sub/folder/"+numbered(i))
			}
		},
		"copy and remove": func(d *device) {
			d.must(os.CopyFS(d.home+"/copy", os.DirFS(d.dir)))
			d.must(os.Rename(d.home+"/copy", d.path("copy")))
			d.remove("d0")
			d.remove("d1")
		},
		"checkout": func(d *device) {
			for i := range n {
				d.remove(numbered(i))
				d.write(numbered(i), fmt.Sprint("another ", i))
			}
		},
		"exchange": func(d *device) {
			for i := 0; i < n; i += 2 {
				d.rename(numbered(i), "aside")
				d.rename(numbered(i+1), numbered(i))
				d.rename("aside", numbered(i+1))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := filled(t, "a", n).start(), newDevice(t, "b").start()
			a.must(os.WriteFile(a.path("d0/f000"), nil, 0o666)) // empty ones count too
			exchange(a, b)
			held := make(chan folder.Hold, 10)
			for _, d := range []*device{a, b} {
				d.watchHolds(held)
			}
			change(a)
			a.scan()
			a.applied()
			exchange(a, b)
			a.noHold()
			b.noHold()
			b.has(a.disk())
			a.same()
			if len(held) > 0 {
				t.Errorf("held for a while: %+v", <-held)
			}
		})
	}
}

// watchHolds tells of holds that come up, until the test ends.
func (d *device) watchHolds(found chan<- folder.Hold) {
	done, ended := make(chan struct{}), make(chan struct{})
	f := d.folder
	go func() {
		defer close(ended)
		for {
			c := d.change()
			for _, h := range f.State().Holds {
				select {
				case found <- h:
				default:
				}
			}
			select {
			case <-c:
			case <-done:
				return
			}
		}
	}()
	d.t.Cleanup(func() { close(done); <-ended })
}

// TestReplacedByOthers: other files under other names don't make up for those
// that vanish.
func TestReplacedByOthers(t *testing.T) {
	t.Parallel()
	a, b := filled(t, "a", 30).start(), newDevice(t, "b").start()
	exchange(a, b)
	a.atOnce(func() {
		for i := range 30 {
			d := numbered(i)
			a.must(os.Remove(a.path(d)))
			a.write(d+".locked", fmt.Sprint("unreadable ", i))
		}
	})
	a.hold(folder.RemovedHere, 30, 30)
	exchange(a, b)
	if n := b.files(); n != 60 {
		t.Errorf("%d files on b", n)
	}
}

// TestFolderBecomesAFile: what has the name of a folder that is held waits too.
func TestFolderBecomesAFile(t *testing.T) {
	t.Parallel()
	a := filled(t, "a", 30).start()
	texts := a.disk()
	a.atOnce(func() {
		a.remove("d0")
		a.remove("d1")
		a.write("d1", "a file")
	})
	h := a.hold(folder.RemovedHere, 30, 30)
	a.scan()
	a.applied()
	if got := a.shown(); got["d1"] != "/" || len(got) != len(texts) {
		t.Errorf("the tree shows %v", brief(got))
	}
	_, err := a.folder.Allow(a.ctx(), h.ID)
	a.must(err)
	a.scan()
	a.applied()
	a.has(map[string]string{"d1": "a file"})
	a.same()
}
