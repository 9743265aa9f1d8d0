package folder_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"meadow/core/folder/tree"
	"meadow/core/willow"
)

func TestUnwritableNames(t *testing.T) {
	a, b := newDevice(t, "a"), newDevice(t, "b").start()
	long := strings.Repeat("x", 300)
	a.put(
		a.edit("fine", "1"), a.edit("dir/"+long, "2"), a.edit(long+"/f", "3"),
		a.edit(".meadow-0123456789abcdef.tmp", "4"), a.edit("dir/fine", "5"),
	)
	send(a, b)
	b.applied()
	b.has(map[string]string{"fine": "1", "dir": "/", "dir/fine": "5"})
	bad := b.folder.State().Unwritable
	if len(bad) != 3 {
		t.Errorf("unwritable: %v", bad)
	}
	for _, u := range bad {
		t.Log(short(u.Path), ":", u.Reason)
	}
	b.scan() // what can't be written isn't deleted
	if n, _ := b.tree.Counts(b.ctx()); n.Files != 5 {
		t.Errorf("%d files in the tree, want 5", n.Files)
	}
	a.must(discardError(a.tree.Remove(a.ctx(), long)))
	send(a, b)
	b.until("forgets the name", func() bool { return len(b.folder.State().Unwritable) == 2 })
}

func discardError[T any](_ T, err error) error { return err }

// TestSymlinkEscape has a tree in which a folder turns out to be a symlink out
// of the directory.
func TestSymlinkEscape(t *testing.T) {
	outside := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(filepath.Join(outside, "f"), []byte("not ours"), 0o666))

	t.Run("user's", func(t *testing.T) {
		a, b := newDevice(t, "a"), newDevice(t, "b").start()
		b.must(os.Symlink(outside, b.path("dir")))
		a.put(a.edit("dir/f", "ours"), a.edit("dir/new", "ours too"))
		send(a, b)
		b.applied()
		exchange(a, b)
		b.lost("ours", "ours too", "-> "+outside)
	})
	t.Run("of the tree", func(t *testing.T) {
		a, b := newDevice(t, "a"), newDevice(t, "b").start()
		h, err := a.blobs.PutBytes(a.ctx(), scope, []byte(outside))
		a.must(err)
		link := tree.Edit{Path: "dir", Kind: tree.Symlink, Digest: willow.Digest(h), Length: uint64(len(outside))}
		a.put(link)
		send(a, b)
		b.applied()
		b.has(map[string]string{"dir": "-> " + outside})
		a.put(a.edit("dir/f", "ours"))
		send(a, b)
		b.until("has written or refused", func() bool { return b.folder.State().Applied })
		a.put(tree.Edit{Path: "dir/f", Kind: tree.Tombstone})
		send(a, b)
		b.applied()
	})
	got, err := os.ReadFile(filepath.Join(outside, "f"))
	must(err)
	names, err := os.ReadDir(outside)
	must(err)
	if string(got) != "not ours" || len(names) != 1 {
		t.Errorf("the outside has %v, f is %q", names, got)
	}
}

func TestSomethingInTheWay(t *testing.T) {
	a, b := newDevice(t, "a"), newDevice(t, "b").start()
	mkfifo(t, b.path("pipe"))
	mkfifo(t, b.path("dir"))
	a.put(a.edit("pipe", "1"), a.edit("dir/f", "2"), a.edit("other", "3"))
	send(a, b)
	b.applied()
	if bad := b.folder.State().Unwritable; len(bad) != 2 {
		t.Errorf("unwritable: %v", bad)
	}
	b.has(map[string]string{"other": "3"})
	b.remove("pipe")
	b.remove("dir")
	b.write("unrelated", "4") // the next change has them tried again
	b.until("has written all", func() bool { return len(b.folder.State().Unwritable) == 0 && b.folder.State().Applied })
	b.has(map[string]string{"pipe": "1", "dir": "/", "dir/f": "2", "other": "3", "unrelated": "4"})
}

func TestUnreadableFileIsKept(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root can read everything")
	}
	d := newDevice(t, "a")
	d.write("secret/f", "text")
	d.start()
	before := sum(d)
	d.must(os.Chmod(d.path("secret"), 0))
	defer os.Chmod(d.path("secret"), 0o777)
	d.scan()
	if u := d.folder.State().Unreadable; len(u) != 1 || sum(d) != before {
		t.Errorf("unreadable: %v", u)
	}
}
