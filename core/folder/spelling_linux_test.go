package folder_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/text/unicode/norm"

	"meadow/core/folder/names"
	"meadow/core/folder/tree"
)

// folding is a file system on which neither case nor the encoding of accents
// counts, as macOS's.
func folding() *oddFS { return &oddFS{same: names.Fold} }

// onFolding makes two devices, the second on a folding file system.
func onFolding(t *testing.T, o *oddFS) (a, b *device) {
	a, b = newDevice(t, "a"), newDevice(t, "b")
	o.mount(t, b.dir)
	return a, b
}

// onTmpfs is onFolding with a tmpfs that folds, which Linux has from 6.13 on if
// it was built with CONFIG_UNICODE.
func onTmpfs(t *testing.T) (a, b *device) {
	a, b = newDevice(t, "a"), newDevice(t, "b")
	if err := unix.Mount("none", b.dir, "tmpfs", 0, "casefold"); err != nil {
		t.Skipf("this kernel has no tmpfs that folds: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(b.dir, unix.MNT_DETACH) })
	const casefold = 0x40000000 // FS_CASEFOLD_FL
	d, err := os.Open(b.dir)
	b.must(err)
	defer d.Close()
	if err := unix.IoctlSetPointerInt(int(d.Fd()), unix.FS_IOC_SETFLAGS, casefold); err != nil {
		t.Skipf("this kernel's tmpfs doesn't fold: %v", err)
	}
	return a, b
}

// TestFoldingNames brings names to a file system that takes them for one.
func TestFoldingNames(t *testing.T) {
	t.Parallel()
	fuse := func(t *testing.T) (a, b *device) { return onFolding(t, folding()) }
	for name, c := range map[string]struct {
		first, second, proposed string
		on                      func(t *testing.T) (a, b *device)
	}{
		"case":           {"Readme", "README", "README (2)", fuse},
		"accents":        {"caf\u00e9", "cafe\u0301", "caf\u00e9 (2)", fuse},
		"folders":        {"Folder/f", "FOLDER/f", "FOLDER (2)/f", fuse},
		"case tmpfs":     {"Readme", "README", "README (2)", onTmpfs},
		"accents, tmpfs": {"caf\u00e9", "cafe\u0301", "caf\u00e9 (2)", onTmpfs},
		"folders, tmpfs": {"Folder/f", "FOLDER/f", "FOLDER (2)/f", onTmpfs},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !inNamespace(t) {
				return
			}
			a, b := c.on(t)
			b.start()
			a.start()
			a.write(c.first, "first")
			exchange(a, b)
			a.write(c.second, "second")
			a.write("other", "goes on")
			exchange(a, b)
			unwritable := func(times string) {
				t.Helper()
				b.scan()
				b.applied()
				if u := b.folder.State().Unwritable; len(u) != 1 || u[0].Path != c.second || !u[0].Name {
					t.Fatalf("%s: unwritable is %+v", times, u)
				}
				if got := b.disk(); got[c.first] != "first" || got[c.second] != "" {
					t.Fatalf("%s: the disk has %v", times, got)
				}
			}
			unwritable("first")
			before := sum(b)
			unwritable("again")
			b.stop()
			b.start()
			unwritable("after a restart")
			if sum(b) != before {
				t.Fatalf("the tree has changed: %v", b.shown())
			}

			// Its edits elsewhere go on, and those of the first one come here.
			a.write(c.second, "second, edited")
			exchange(a, b)
			unwritable("edited")
			a.has(union(map[string]string{c.first: "first", c.second: "second, edited", "other": "goes on"}, a.disk()))
			b.write(c.first, "first, edited")
			exchange(a, b)
			if got := a.disk(); got[c.first] != "first, edited" || got[c.second] != "second, edited" {
				t.Fatalf("a has %v", got)
			}

			// Another name, as `meadow mv` gives it.
			from, _, _ := strings.Cut(c.second, "/")
			to, _, _ := strings.Cut(c.proposed, "/")
			_, err := b.tree.Move(b.ctx(), from, to)
			b.must(err)
			exchange(a, b)
			if u := b.folder.State().Unwritable; len(u) != 0 {
				t.Errorf("unwritable is %+v", u)
			}
			if got := b.disk(); got[c.proposed] != "second, edited" || got[c.first] != "first, edited" {
				t.Errorf("b has %v", got)
			}
			equal(t, "both", b.disk(), a.disk())
			a.same()
			b.same()
		})
	}
}

func union(some, rest map[string]string) map[string]string {
	for p, text := range rest {
		if _, ok := some[p]; !ok && text == "/" {
			some[p] = text
		}
	}
	return some
}

// TestFirstOfTwoLeaves: what was waiting for its name gets it.
func TestFirstOfTwoLeaves(t *testing.T) {
	t.Parallel()
	if !inNamespace(t) {
		return
	}
	a, b := onFolding(t, folding())
	b.start()
	a.put(a.edit("Readme", "first"), a.edit("README", "second"))
	send(a, b)
	b.applied()
	there := b.disk()
	if len(there) != 1 {
		t.Fatalf("b has %v", there)
	}
	for p := range there {
		b.remove(p)
	}
	b.scan()
	b.applied()
	if got := b.disk(); len(got) != 1 || there["Readme"] == got["Readme"] {
		t.Errorf("b had %v, and has %v", there, got)
	}
	b.same()
}

// TestRespelling renames a file or a folder so that only its spelling changes,
// in both directions.
func TestRespelling(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ from, to string }{
		"case":    {"readme", "README"},
		"accents": {"caf\u00e9", "cafe\u0301"},
		"folder":  {"folder", "FOLDER"},
	} {
		for _, large := range []bool{false, true} {
			if large {
				name += ", large"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				if !inNamespace(t) {
					return
				}
				a, b := onFolding(t, folding())
				text := "text"
				if large {
					a.copyLimit, b.copyLimit, text = 16<<10, 16<<10, strings.Repeat("text", 10<<10)
				}
				file := func(p string) string {
					if strings.HasPrefix(name, "folder") {
						p += "/f"
					}
					return p
				}
				a.write(file(c.from), text)
				a.write(file("else"), "stays")
				a.start()
				b.start()
				exchange(a, b)
				check := func(want, other string) {
					t.Helper()
					exchange(a, b)
					for _, d := range []*device{a, b} {
						if got := d.disk(); got[file(want)] != text || got[other] != "" {
							t.Fatalf("%s has %v", d.name, brief(got))
						}
						if u := d.folder.State().Unwritable; len(u) > 0 {
							t.Fatalf("%s: unwritable is %v", d.name, u)
						}
						d.same()
					}
				}
				check(c.from, c.to)
				a.rename(c.from, c.to)
				check(c.to, c.from)
				b.rename(c.to, "meanwhile") // Linux doesn't rename a file to itself
				b.rename("meanwhile", c.from)
				check(c.from, c.to)
				b.rename(c.from, "meanwhile")
				b.rename("meanwhile", c.to)
				check(c.to, c.from)
				a.rename(c.to, c.from)
				check(c.from, c.to)
			})
		}
	}
}

// TestNamesThatAreWrittenInAnotherWay: as VFAT takes dots from the end, and HFS+
// takes accents off their letters.
func TestNamesThatAreWrittenInAnotherWay(t *testing.T) {
	t.Parallel()
	if !inNamespace(t) {
		return
	}
	a, b := onFolding(t, &oddFS{same: names.Fold, written: func(name string) string { return norm.NFD.String(strings.TrimRight(name, ".")) }})
	b.start()
	a.start()
	a.write("dot.", "dot")
	a.write("folder./f", "in a folder")
	a.must(os.Mkdir(a.path("empty."), 0o777))
	a.write("caf\u00e9", "accent")
	a.write("plain", "plain")
	exchange(a, b)
	for range 2 {
		b.has(map[string]string{"plain": "plain"})
		if u := b.folder.State().Unwritable; len(u) != 4 {
			t.Errorf("unwritable is %+v", u)
		}
		if got := a.disk(); len(got) != 6 {
			t.Errorf("a has %v", got)
		}
		a.write("plain", "plain")
		exchange(a, b)
		b.scan()
		b.applied()
	}
	_, err := a.tree.Move(a.ctx(), "dot.", "dot")
	a.must(err)
	exchange(a, b)
	b.has(map[string]string{"plain": "plain", "dot": "dot"})
}

// TestRefusedNames: as exFAT refuses what Windows does.
func TestRefusedNames(t *testing.T) {
	t.Parallel()
	if !inNamespace(t) {
		return
	}
	a, b := onFolding(t, &oddFS{same: names.Fold, refused: func(name string) bool { return strings.ContainsAny(name, `?:`) }})
	b.start()
	a.put(a.edit("what?", "1"), a.edit("a:b/c", "2"), a.edit("fine", "3"), tree.Edit{Path: "gone?", Kind: tree.Folder})
	send(a, b)
	b.applied()
	b.has(map[string]string{"fine": "3"})
	u := b.folder.State().Unwritable
	if len(u) != 3 || !u[0].Name || !u[1].Name || !u[2].Name {
		t.Errorf("unwritable is %+v", u)
	}
}

// TestCoarseTimes edits a file twice within what its file system takes for one
// moment, and has a file locked by another program.
func TestCoarseTimes(t *testing.T) {
	t.Parallel()
	if !inNamespace(t) {
		return
	}
	a := newDevice(t, "a")
	var busy atomic.Bool
	o := &oddFS{grain: 2 * time.Second, fail: func(path, op string) syscall.Errno {
		if path == "locked" && op == "open" && busy.Load() {
			return syscall.EBUSY
		}
		return 0
	}}
	o.mount(t, a.dir)
	a.start()
	moment := time.Now().Truncate(2 * time.Second).Add(2 * time.Second)
	<-time.After(time.Until(moment)) // so that both are in one step
	a.must(os.WriteFile(filepath.Join(o.backing, "f"), []byte("one"), 0o666))
	a.scan()
	if got := a.shown()["f"]; got != "one" {
		t.Fatalf("f is %q", got)
	}
	a.must(os.WriteFile(filepath.Join(o.backing, "f"), []byte("two"), 0o666)) // nobody is told
	a.until("sees the second edit", func() bool { return a.shown()["f"] == "two" })

	busy.Store(true)
	a.write("locked", "text")
	a.until("says why", func() bool {
		u := a.folder.State().Unreadable
		return len(u) == 1 && strings.Contains(u[0].Reason, "busy")
	})
	a.applied()
	busy.Store(false)
	a.until("has read it", func() bool { return a.shown()["locked"] == "text" })
	a.until("has nothing to say", func() bool { return len(a.folder.State().Unreadable) == 0 })
}
