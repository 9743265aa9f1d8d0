package folder_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"meadow/core/folder"
	"meadow/core/folder/tree"
)

// mounted puts a disk of its own under a directory.
func (d *device) mounted(dir, size string) {
	d.t.Helper()
	if err := unix.Mount("none", dir, "tmpfs", 0, "size="+size); err != nil {
		d.t.Skipf("mounting a small disk needs root: %v", err)
	}
	d.t.Cleanup(func() {
		d.stop()
		d.must(unix.Unmount(dir, unix.MNT_DETACH))
	})
}

// ballast fills a disk but for so many bytes, and frees it again.
func (d *device) ballast(dir string, left uint64) (free func()) {
	d.t.Helper()
	var st unix.Statfs_t
	d.must(unix.Statfs(dir, &st))
	f := filepath.Join(dir, ".ballast")
	d.must(os.WriteFile(f, make([]byte, st.Bavail*uint64(st.Bsize)-left), 0o600))
	return func() { d.must(os.Remove(f)) }
}

// trouble waits until so many paths are in one trouble.
func (d *device) trouble(paths int) folder.Trouble {
	d.t.Helper()
	var s folder.State
	d.until("in trouble", func() bool {
		s = d.folder.State() // the one that is looked at: what waits is tried again now and then
		return len(s.Troubles) > 0 && !s.Scanning && s.Troubles[0].Paths == paths
	})
	if s.Applied || len(s.Unwritable) > 0 || len(s.Unreadable) > 0 || len(s.Troubles) != 1 {
		d.t.Errorf("%s: %+v", d.name, s)
	}
	return s.Troubles[0]
}

// allThere waits until the troubles are over.
func (d *device) allThere() {
	d.t.Helper()
	d.applied()
	d.same()
	if s := d.folder.State(); len(s.Troubles) > 0 || s.Err != "" {
		d.t.Errorf("%s: %+v", d.name, s)
	}
}

// TestFolderFull: what fits is written, what doesn't waits in one sentence, and is
// written when there is room.
func TestFolderFull(t *testing.T) {
	t.Parallel()
	d := newDevice(t, "a")
	d.mounted(d.dir, "16m")
	d.start()
	free := d.ballast(d.dir, 3<<20)
	big := strings.Repeat("0123456789abcdef", 1<<18)
	d.put(d.edit("a big one", big), d.edit("another", big+"x"), d.edit("small", "text"), d.edit("fits", big[:1<<20]))
	d.until("small ones written", func() bool {
		small, err := os.ReadFile(d.path("small"))
		fits, fitsErr := os.ReadFile(d.path("fits"))
		return err == nil && fitsErr == nil && string(small) == "text" && len(fits) == 1<<20
	})
	tr := d.trouble(2)
	if tr.Where != d.dir || !tr.Full || tr.Needs < 6<<20 || tr.Needs > 7<<20 {
		t.Errorf("%+v", tr)
	}
	if got, want := tr.Needing("Photos"), "Photos needs 6."; !strings.HasPrefix(got, want) || !strings.Contains(got, " more on "+d.dir+": ") {
		t.Errorf("it says %q", got)
	}
	free()
	d.allThere()
}

// TestManySmallOnFullFolder: of many small files some are written, to the end of
// the room, and one sentence is said about the rest.
func TestManySmallOnFullFolder(t *testing.T) {
	t.Parallel()
	d := newDevice(t, "a")
	d.mounted(d.dir, "16m")
	d.start()
	free := d.ballast(d.dir, 1<<20)
	var edits []tree.Edit
	for i := range 400 {
		edits = append(edits, d.edit(fmt.Sprintf("%03d", i), strings.Repeat(fmt.Sprint(i), 2000)))
	}
	for some := range slices.Chunk(edits, 40) {
		d.put(some...)
	}
	d.until("some written, some not", func() bool {
		s := d.folder.State()
		return len(s.Troubles) == 1 && s.Pending == s.Troubles[0].Paths && s.Pending < 400 && s.Pending > 100
	})
	free()
	d.allThere()
}

// TestHomeFull: files of the folder that the home has no room for wait, others are
// read.
func TestHomeFull(t *testing.T) {
	t.Parallel()
	d := newDevice(t, "a")
	d.close()
	d.mounted(d.home, "32m") // 4 MiB are kept
	d.open()
	d.start()
	free := d.ballast(d.home, 5<<20)
	d.atOnce(func() { // what the index takes of the room is no matter then
		d.write("big", strings.Repeat("0123456789abcdef", 1<<16-1)) // copied: not over the limit
		d.write("record", "text")
		d.write("more", strings.Repeat("more ", 200_000))
	})
	d.until("the small one read", func() bool { _, ok := d.shown()["record"]; return ok })
	tr := d.trouble(1)
	if tr.Where != d.home || !tr.Full {
		t.Errorf("%+v", tr)
	}
	free()
	d.allThere()
	free = d.ballast(d.home, 3<<20)
	d.write("small", strings.Repeat("more ", 1000)) // goes into the database
	d.remove("record")
	d.until("the deletion read", func() bool { _, ok := d.shown()["record"]; return !ok })
	if tr := d.trouble(1); tr.Where != d.home {
		t.Errorf("%+v", tr)
	}
	free()
	d.allThere()
}

func TestFolderReadOnly(t *testing.T) {
	t.Parallel()
	d := newDevice(t, "a")
	d.mounted(d.dir, "16m")
	d.write("old", "old")
	d.start()
	remount := func(flags uintptr) { d.must(unix.Mount("none", d.dir, "tmpfs", unix.MS_REMOUNT|flags, "size=16m")) }
	remount(unix.MS_RDONLY)
	d.put(d.edit("new", "text"), d.edit("deep/new", "text"), d.edit("old", "new"), d.edit("big", string(bytes.Repeat([]byte("big"), 1<<16))))
	tr := d.trouble(4)
	if tr.Needing("Photos") != "Photos: "+d.dir+" can only be read: it is mounted read-only" {
		t.Errorf("%+v: %s", tr, tr.Needing("Photos"))
	}
	remount(0)
	d.allThere()
}
