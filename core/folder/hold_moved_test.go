package folder_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"meadow/core/folder"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// sendBelow sends the entries of what is in some folders, and their payloads.
func sendBelow(from, to *device, folders ...string) {
	from.t.Helper()
	var batch []willow.Incoming
	for a, err := range from.db.Entries().Area(from.ctx(), namespace, willow.FullArea) {
		from.must(err)
		for _, top := range folders {
			if strings.HasPrefix(treePath(a.Entry.Path), top+"/") {
				batch = append(batch, willow.Incoming{Authorised: a})
			}
		}
	}
	_, err := to.db.Entries().Insert(to.ctx(), 1, batch)
	to.must(err)
	sendBytes(from, to)
	to.applied()
}

// inFolder makes a device with n files in the folder m.
func inFolder(t *testing.T, n int, text func(i int) string) (a, b *device) {
	t.Helper()
	a, b = newDevice(t, "a"), newDevice(t, "b").start()
	for i := range n {
		a.write(fmt.Sprintf("m/f%03d", i), text(i))
	}
	a.start()
	exchange(a, b)
	return a, b
}

func unlike(i int) string { return fmt.Sprint("text ", i) }

// move renames a folder.
func (d *device) move(from, to string) {
	d.t.Helper()
	d.rename(from, to)
	d.scan()
	d.applied()
}

func (d *device) removeIn(top string, from, to int) {
	d.t.Helper()
	for i := from; i < to; i++ {
		d.must(os.Remove(d.path(fmt.Sprintf("%s/f%03d", top, i))))
	}
}

// TestRenamesNeverCount renames a folder again and again, with the news of it in
// any portions.
func TestRenamesNeverCount(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(a, b *device){
		"again": func(a, b *device) {
			for i, to := range []string{"r0", "r1", "r2", "m", "r0"} {
				a.move([]string{"m", "r0", "r1", "r2", "m"}[i], to)
				exchange(a, b)
			}
		},
		"new names first": func(a, b *device) {
			for i, to := range []string{"r0", "r1", "m", "r1"} {
				from := []string{"m", "r0", "r1", "m"}[i]
				a.move(from, to)
				sendBelow(a, b, to)
				sendBelow(a, b, from)
			}
		},
		"new names first, old ones much later": func(a, b *device) {
			a.move("m", "r0")
			sendBelow(a, b, "r0")
			a.move("r0", "r1")
			sendBelow(a, b, "r1")
			a.move("r1", "r2")
			sendBelow(a, b, "r2")
			sendBelow(a, b, "m", "r0", "r1")
		},
		"before the first has come": func(a, b *device) {
			a.move("m", "r0")
			a.move("r0", "r1")
			sendBelow(a, b, "r1")
			sendBelow(a, b, "m")
			sendBelow(a, b, "r0")
		},
		"in slices": func(a, b *device) {
			for i, to := range []string{"r0", "r1", "m"} {
				from := []string{"m", "r0", "r1"}[i]
				for k := 0; k < 40; k += 8 {
					for j := k; j < k+8; j++ {
						file := fmt.Sprintf("/f%03d", j)
						a.rename(from+file, to+file)
					}
					a.scan()
					a.applied()
					sendBelow(a, b, to)
					sendBelow(a, b, from)
				}
			}
		},
		"after deletions": func(a, b *device) {
			a.removeIn("m", 0, 16)
			exchange(a, b)
			a.move("m", "r0")
			sendBelow(a, b, "r0")
			sendBelow(a, b, "m")
			a.move("r0", "r1")
		},
		"by both": func(a, b *device) {
			a.move("m", "r0")
			exchange(a, b)
			b.move("r0", "r1")
			exchange(a, b)
			a.move("r1", "r2")
		},
		"with a restart": func(a, b *device) {
			a.move("m", "r0")
			sendBelow(a, b, "r0")
			b.stop()
			send(a, b)
			b.start()
			b.noHold()
			a.move("r0", "r1")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := inFolder(t, 40, unlike)
			held := make(chan folder.Hold, 10)
			a.watchHolds(held)
			b.watchHolds(held)
			story(a, b)
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

// TestOldNamesFirst: as long as nothing is known of the new names, all that is
// seen is a mass deletion.
func TestOldNamesFirst(t *testing.T) {
	t.Parallel()
	a, b := inFolder(t, 40, unlike)
	for i, to := range []string{"r0", "r1"} {
		from := []string{"m", "r0"}[i]
		a.move(from, to)
		sendBelow(a, b, from)
		b.hold(folder.RemovedElsewhere, 40, 40)
		sendBelow(a, b, to)
		exchange(a, b)
		b.noHold()
		b.has(a.disk())
	}
}

// TestHeldAfterRenames: what is really deleted counts by itself.
func TestHeldAfterRenames(t *testing.T) {
	t.Parallel()
	a, b := inFolder(t, 40, unlike)
	for i, to := range []string{"r0", "r1"} {
		from := []string{"m", "r0"}[i]
		a.move(from, to)
		sendBelow(a, b, to)
		sendBelow(a, b, from)
	}
	exchange(a, b)

	a.removeIn("r1", 0, 20)
	exchange(a, b)
	b.noHold()
	a.removeIn("r1", 20, 21)
	a.hold(folder.RemovedHere, 21, 40)
	b.put(tree.Edit{Path: "r1/f020", Kind: tree.Tombstone})
	b.hold(folder.RemovedElsewhere, 21, 40)
}

// TestRenamedWithinDeletions: one that is renamed when others are deleted isn't
// held with them.
func TestRenamedWithinDeletions(t *testing.T) {
	t.Parallel()
	a, b := inFolder(t, 60, unlike)
	a.stop()
	for i := range 60 {
		from := fmt.Sprintf("m/f%03d", i)
		if i < 20 {
			v, _, err := a.tree.Lookup(a.ctx(), from)
			a.must(err)
			a.put(tree.Edit{Path: fmt.Sprintf("n/f%03d", i), Kind: tree.File, Digest: v.Digest, Length: v.Length})
		}
		a.put(tree.Edit{Path: from, Kind: tree.Tombstone})
	}
	sendBelow(a, b, "n")
	sendBelow(a, b, "m")
	b.hold(folder.RemovedElsewhere, 40, 60)
	b.applied()
	if n := b.files(); n != 60 {
		t.Errorf("%d files on b", n)
	}
	h := b.folder.State().Holds[0]
	_, _, err := b.folder.Keep(b.ctx(), h.ID)
	b.must(err)
	b.noHold()
	if n := b.files(); n != 60 {
		t.Errorf("%d files on b, kept", n)
	}
}

// TestRenamedDuringHold: what is renamed meanwhile doesn't add to it, though its
// new name is found first.
func TestRenamedDuringHold(t *testing.T) {
	t.Parallel()
	a, b := inFolder(t, 40, unlike)
	a.atOnce(func() { a.removeIn("m", 0, 30) })
	a.hold(folder.RemovedHere, 30, 40)
	for i := 30; i < 40; i++ {
		a.write(fmt.Sprintf("n/f%03d", i), unlike(i))
	}
	a.scan()
	a.applied()
	a.removeIn("m", 30, 40)
	a.scan()
	a.applied()
	a.hold(folder.RemovedHere, 30, 40)
	if n := a.live(); n != 40 {
		t.Errorf("the tree has %d files", n)
	}
	exchange(a, b)
	b.noHold()
}

// TestAlike: files of the same bytes count each, and may be renamed too.
func TestAlike(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"empty": "", "forms": "name:\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := inFolder(t, 40, func(int) string { return text })
			for i, to := range []string{"r0", "r1", "m", "r1"} {
				from := []string{"m", "r0", "r1", "m"}[i]
				a.move(from, to)
				sendBelow(a, b, to)
				sendBelow(a, b, from)
				exchange(a, b)
				a.noHold()
				b.noHold()
			}
			a.atOnce(func() { a.removeIn("r1", 0, 21) })
			a.hold(folder.RemovedHere, 21, 40)
			var edits []tree.Edit
			for i := range 21 {
				edits = append(edits, tree.Edit{Path: fmt.Sprintf("r1/f%03d", i), Kind: tree.Tombstone})
			}
			b.put(edits...)
			b.hold(folder.RemovedElsewhere, 21, 40)
		})
	}
}

// TestNewNameNotHere: a name under which this disk doesn't get the bytes makes up
// for none.
func TestNewNameNotHere(t *testing.T) {
	t.Parallel()
	a, b := inFolder(t, 40, unlike)
	a.write(".meadowignore", "*.bak\n")
	a.scan()
	exchange(a, b)
	var edits []tree.Edit
	for i := range 40 {
		p := fmt.Sprintf("m/f%03d", i)
		v, _, err := b.tree.Lookup(b.ctx(), p)
		b.must(err)
		edits = append(edits, tree.Edit{Path: p + ".bak", Kind: tree.File, Digest: v.Digest, Length: v.Length},
			tree.Edit{Path: p, Kind: tree.Tombstone})
	}
	b.put(edits...)
	b.hold(folder.RemovedElsewhere, 40, 41)
	if n := b.files(); n != 41 {
		t.Errorf("%d files on b", n)
	}
}
