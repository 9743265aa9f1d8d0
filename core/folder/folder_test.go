package folder_test

import (
	"flag"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"meadow/core/folder"
	"meadow/core/folder/tree"
)

// TestMain runs more tests at a time than there are processors, unless -parallel says
// how many: most of them wait for time to pass.
func TestMain(m *testing.M) {
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "test.parallel" })
	if !said {
		if err := flag.Set("test.parallel", "8"); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}

func TestAttachAddsWhatIsThere(t *testing.T) {
	d := newDevice(t, "a")
	d.write("note.txt", "text")
	d.write("deep/er/note.txt", "other text")
	d.write("large.bin", strings.Repeat("large", 300_000))
	d.must(os.Mkdir(d.path("empty"), 0o777))
	d.must(os.Symlink("/etc/passwd", d.path("link")))
	d.must(os.WriteFile(d.path("run.sh"), []byte("#!/bin/sh"), 0o755))
	d.write("not \xff unicode", "bytes")
	d.must(syscall.Mkfifo(d.path("pipe"), 0o666))
	d.start()
	d.has(map[string]string{
		"note.txt": "text", "deep": "/", "deep/er": "/", "deep/er/note.txt": "other text", "empty": "/",
		"large.bin": strings.Repeat("large", 300_000), "link": "-> /etc/passwd", "run.sh": "#!/bin/sh", "not \xff unicode": "bytes",
	})
	d.same()
	if v, _, _ := d.tree.Lookup(d.ctx(), "run.sh"); !v.Exec {
		t.Error("run.sh isn't executable in the tree")
	}
	if _, ok, _ := d.tree.Lookup(d.ctx(), "deep"); ok {
		t.Error("a folder with something in it was recorded")
	}
	if u := d.folder.State().Unreadable; len(u) != 1 || u[0].Path != "pipe" {
		t.Errorf("unreadable is %v, want the pipe", u)
	}
	if v, _, _ := d.tree.Lookup(d.ctx(), "note.txt"); time.Since(v.Mtime) > time.Minute {
		t.Errorf("mtime is %v", v.Mtime)
	}
}

func TestFirstSync(t *testing.T) {
	a, b := newDevice(t, "a"), newDevice(t, "b").start()
	a.write("note.txt", "text")
	a.write("deep/er/note.txt", "other text")
	a.write("large.bin", strings.Repeat("large", 300_000))
	a.must(os.WriteFile(a.path("run.sh"), []byte("#!/bin/sh"), 0o755))
	a.must(os.Symlink("../outside", a.path("deep/link")))
	a.must(os.Mkdir(a.path("empty"), 0o777))
	then := time.Date(2001, 2, 3, 4, 5, 6, 7000, time.UTC)
	a.must(os.Chtimes(a.path("note.txt"), then, then))
	a.start()
	exchange(a, b)
	b.has(a.disk())
	fi, err := os.Stat(b.path("note.txt"))
	b.must(err)
	if !fi.ModTime().Equal(then) {
		t.Errorf("mtime is %v, want %v", fi.ModTime(), then)
	}
	if fi.Mode().Perm()&0o111 != 0 {
		t.Errorf("note.txt has mode %v", fi.Mode())
	}
	fi, err = os.Stat(b.path("run.sh"))
	b.must(err)
	if fi.Mode().Perm()&0o100 == 0 {
		t.Errorf("run.sh has mode %v", fi.Mode())
	}
}

// TestChanges makes a change on one device and expects the other to follow.
func TestChanges(t *testing.T) {
	start := map[string]string{"a": "one", "dir/b": "two", "dir/c": "three", "dir/deep/d": "four"}
	for name, change := range map[string]func(d *device){
		"edit":            func(d *device) { d.write("a", "another") },
		"edit same size":  func(d *device) { d.write("a", "eno") },
		"add":             func(d *device) { d.write("new/file", "five") },
		"delete":          func(d *device) { d.remove("a") },
		"delete last":     func(d *device) { d.remove("dir/deep/d") },
		"delete folder":   func(d *device) { d.remove("dir") },
		"rename":          func(d *device) { d.rename("a", "z") },
		"rename folder":   func(d *device) { d.rename("dir", "folder") },
		"swap":            func(d *device) { d.rename("a", "x"); d.rename("dir/b", "a"); d.rename("x", "dir/b") },
		"into itself":     func(d *device) { d.rename("a", "x"); d.must(os.Mkdir(d.path("a"), 0o777)); d.rename("x", "a/a") },
		"folder to file":  func(d *device) { d.remove("dir"); d.write("dir", "file") },
		"file to folder":  func(d *device) { d.remove("a"); d.write("a/b/c", "deep") },
		"file to empty":   func(d *device) { d.remove("a"); d.must(os.Mkdir(d.path("a"), 0o777)) },
		"file to link":    func(d *device) { d.remove("a"); d.must(os.Symlink("dir", d.path("a"))) },
		"folder to link":  func(d *device) { d.remove("dir"); d.must(os.Symlink("a", d.path("dir"))) },
		"executable":      func(d *device) { d.must(os.Chmod(d.path("a"), 0o755)) },
		"everything goes": func(d *device) { d.remove("a"); d.remove("dir") },
	} {
		for _, large := range []bool{false, true} {
			if large {
				name += ", kept in place"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				a, b := newDevice(t, "a"), newDevice(t, "b").start()
				pad := ""
				if large { // beyond what is inline, and beyond what is kept twice
					a.copyLimit, b.copyLimit, pad = 16<<10, 16<<10, strings.Repeat("-", 20<<10)
					b.stop()
					b.start()
				}
				for p, text := range start {
					a.write(p, text+pad)
				}
				a.start()
				exchange(a, b)
				b.has(a.disk())
				change(a)
				exchange(a, b)
				b.has(a.disk())
				a.same()
				b.same()
				mode := func(d *device) os.FileMode {
					fi, err := os.Lstat(d.path("a"))
					if err != nil {
						return 0
					}
					return fi.Mode() & (os.ModeType | 0o100)
				}
				if mode(a) != mode(b) {
					t.Errorf("a has mode %v, want %v", mode(b), mode(a))
				}
				if u := b.folder.State().Unwritable; len(u) > 0 {
					t.Errorf("unwritable: %v", u)
				}
			})
		}
	}
}

func TestMtimeAloneIsNoVersion(t *testing.T) {
	d := newDevice(t, "a")
	d.write("f", "text")
	d.start()
	before, _, err := d.tree.Lookup(d.ctx(), "f")
	d.must(err)
	now := time.Now().Add(-time.Hour)
	d.must(os.Chtimes(d.path("f"), now, now))
	d.scan()
	after, _, err := d.tree.Lookup(d.ctx(), "f")
	d.must(err)
	if before.ID() != after.ID() {
		t.Error("a new version was written")
	}
}

func TestWatch(t *testing.T) {
	d := newDevice(t, "a").start()
	shows := func(p, text string) {
		t.Helper()
		d.until("shows "+p, func() bool { return d.shown()[p] == text })
	}
	begin := time.Now()
	d.write("f", "one")
	shows("f", "one")
	t.Logf("a new file took %v", time.Since(begin))
	d.write("f", "two")
	shows("f", "two")
	d.write("x/y/z/f", "deep")
	shows("x/y/z/f", "deep")
	d.write("x/y/z/f", "deeper")
	shows("x/y/z/f", "deeper")
	d.rename("x", "w")
	shows("w/y/z/f", "deeper")
	shows("x/y/z/f", "")
	d.write("w/y/z/f", "after the rename")
	shows("w/y/z/f", "after the rename")
	d.remove("w/y")
	shows("w/y/z/f", "")
	d.must(os.MkdirAll(d.path("w/y/z"), 0o777))
	d.write("w/y/z/g", "made again")
	shows("w/y/z/g", "made again")
	d.write("w/y/z/g", "and edited")
	shows("w/y/z/g", "and edited")
	d.applied()
	d.same()
}

func TestTouchedByOwnWritesOnly(t *testing.T) {
	a, b := newDevice(t, "a").start(), newDevice(t, "b").start()
	a.write("f", "text")
	exchange(a, b)
	n, err := b.tree.Counts(b.ctx())
	b.must(err)
	b.scan()
	b.scan()
	if v, err := b.tree.History(b.ctx(), "f"); err != nil || len(v) != 1 || n.Files != 1 {
		t.Errorf("%d versions, %+v, %v: writing a file was taken for an edit", len(v), n, err)
	}
}

func TestStateOfWaiting(t *testing.T) {
	a, b := newDevice(t, "a"), newDevice(t, "b").start()
	a.write("f", "old")
	a.start()
	exchange(a, b)
	a.write("f", strings.Repeat("new", 10_000))
	a.scan()
	sendEntries(a, b)
	// The details' bytes are missing too: nothing can be said about the version.
	b.until("waits", func() bool { s := b.folder.State(); return !s.Applied && s.Pending == 1 })
	b.has(map[string]string{"f": "old"})
	sendBytes(a, b)
	b.applied()
	b.has(map[string]string{"f": strings.Repeat("new", 10_000)})
}

func TestReadOnlyDevice(t *testing.T) {
	d := newDevice(t, "a")
	d.readOnly.Store(true)
	d.write("f", "text")
	d.start()
	if u := d.folder.State().Unreadable; len(u) != 1 || u[0].Path != "f" {
		t.Errorf("unreadable is %v", u)
	}
	d.has(map[string]string{"f": "text"})
}

func TestStoppedFolder(t *testing.T) {
	d := newDevice(t, "a").start()
	f := d.folder
	d.stop()
	if err := f.Scan(d.ctx()); err != folder.ErrStopped {
		t.Errorf("Scan: %v", err)
	}
	f.NotifyAll()
	if err := f.WaitApplied(d.ctx()); err != folder.ErrStopped {
		t.Errorf("WaitApplied: %v", err)
	}
	if err := f.Run(d.ctx()); err == nil {
		t.Error("a folder ran twice")
	}
}

var _ folder.Tree = (*tree.Tree)(nil)
