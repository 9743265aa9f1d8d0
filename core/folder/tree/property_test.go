package tree_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// world is several devices that do anything in any order.
type world struct {
	*rapid.T
	clock    time.Time
	devices  []*device
	texts    int
	written  map[willow.Digest]string // texts that were written
	author   map[willow.Digest]string // who wrote them last
	consumed map[willow.Digest]bool   // replaced or deleted by someone who had seen them
}

var names = []string{"a", "b", "a/x", "a/y", "a/x/z", "b/x.txt"}

// newWorld makes devices that know nothing. Some have real stores, in folders
// of which folder gives new ones.
func newWorld(t *rapid.T, folder func() string) *world {
	w := &world{
		T: t, clock: epoch,
		written: map[willow.Digest]string{}, author: map[willow.Digest]string{}, consumed: map[willow.Digest]bool{},
	}
	sqlite := rapid.IntRange(0, 15).Draw(t, "sqlite") == 3
	for _, name := range []string{"anna", "bert", "cleo"} {
		w.devices = append(w.devices, newDevice(t, name, &w.clock))
	}
	if rapid.Bool().Draw(t, "reader") {
		w.devices = append(w.devices, newDevice(t, "reader", &w.clock))
		w.devices[3].reader = true
	}
	if sqlite {
		for _, d := range w.devices {
			d.useSQLite(folder())
			t.Cleanup(func() { d.must(d.db.Close()) })
		}
	}
	return w
}

func (w *world) device() *device {
	return w.devices[rapid.IntRange(0, len(w.devices)-1).Draw(w.T, "device")]
}

func (w *world) writer() *device {
	var writers []*device
	for _, d := range w.devices {
		if !d.reader {
			writers = append(writers, d)
		}
	}
	return writers[rapid.IntRange(0, len(writers)-1).Draw(w.T, "writer")]
}

func (w *world) path() string { return rapid.SampledFrom(names).Draw(w.T, "path") }

// text is new each time, but now and then empty or the same for all.
func (w *world) text() string {
	switch rapid.IntRange(0, 9).Draw(w.T, "text") {
	case 0:
		return ""
	case 1:
		return "same"
	}
	w.texts++
	return fmt.Sprint("text ", w.texts)
}

// saw notes that a writer knew a version when replacing it.
func (w *world) saw(vs ...tree.Version) {
	for _, v := range vs {
		w.consumed[v.Digest] = true
	}
}

// anyPath is one that is shown on the device, or any.
func (w *world) anyPath(d *device) string {
	all := slices.Clone(names)
	for _, v := range d.list("") {
		all = append(all, v.Path)
	}
	return rapid.SampledFrom(all).Draw(w.T, "path")
}

func (w *world) edit(d *device, path string) tree.Edit {
	text := w.text()
	e := d.edit(path, text)
	e.Kind = rapid.SampledFrom([]tree.Kind{tree.File, tree.File, tree.File, tree.Symlink}).Draw(w.T, "kind")
	e.Exec = rapid.IntRange(0, 9).Draw(w.T, "exec") == 0
	w.written[e.Digest], w.author[e.Digest] = text, d.name
	return e
}

func (w *world) Put(*rapid.T) {
	d := w.writer()
	e := w.edit(d, w.anyPath(d))
	if v := d.lookup(e.Path); v.Digest != e.Digest {
		w.saw(v)
	}
	d.apply(e)
}

// Disk is a change found on disk: made on what was there when the device last
// wrote the tree to disk.
func (w *world) Disk(*rapid.T) {
	d := w.writer()
	e := tree.Edit{Path: w.anyPath(d), Kind: tree.Tombstone}
	if rapid.IntRange(0, 3).Draw(w.T, "delete") > 0 {
		e = w.edit(d, e.Path)
	}
	base := d.disk[e.Path]
	if base.Digest != e.Digest {
		w.consumed[base.Digest] = true
	}
	e.Base = &base
	v := d.apply(e)
	d.disk[e.Path] = tree.Base{Timestamp: v.Timestamp, Digest: v.Digest}
}

func (w *world) Apply(*rapid.T) {
	d := w.device()
	clear(d.disk)
	for _, v := range d.list("") {
		d.disk[v.Path] = tree.Base{Timestamp: v.Timestamp, Digest: v.Digest}
	}
}

func (w *world) Folder(*rapid.T) {
	d := w.writer()
	path := w.path()
	w.saw(d.lookup(path))
	d.apply(tree.Edit{Path: path, Kind: tree.Folder})
}

func (w *world) Remove(*rapid.T) {
	d := w.writer()
	path := w.anyPath(d)
	w.saw(d.list(path)...)
	if _, err := d.tree.Remove(context.Background(), path); err != nil && !errors.Is(err, tree.ErrNotFound) {
		w.Fatal(err)
	}
}

// Erase deletes what is shown, and history goes too: but nothing that hasn't been
// replaced knowingly.
func (w *world) Erase(*rapid.T) {
	d := w.writer()
	path := w.anyPath(d)
	w.saw(d.list(path)...)
	_, _, err := d.tree.Erase(context.Background(), path)
	if err != nil && !errors.Is(err, tree.ErrNotFound) && !errors.Is(err, tree.ErrBusy) {
		w.Fatal(err)
	}
}

// erased checks that a device remembers nothing of a path that a deletion it knows
// of has erased; but for one that was written within a microsecond of the latest
// version, and lost: its details are live.
func (w *world) erased(d *device, path string) {
	vs, err := d.tree.History(context.Background(), path)
	d.must(err)
	latest := d.lookup(path)
	for _, e := range vs {
		tie := e.Timestamp+1 >= latest.Timestamp && e.ID() != latest.ID()
		for _, v := range vs {
			if e.Erases() && !tie && v.HasDetails && v.Author != ([32]byte{}) && v.Timestamp < e.Timestamp && e.Seen[v.Author] >= v.Timestamp {
				w.Fatalf("%s remembers %s of %s, which %s has erased", d.name, v.ID(), path, e.ID())
			}
		}
	}
}

func (w *world) Move(*rapid.T) {
	d := w.writer()
	_, err := d.tree.Move(context.Background(), w.anyPath(d), w.path())
	for _, allowed := range []error{nil, tree.ErrNotFound, tree.ErrExists, tree.ErrIntoItself, tree.ErrNotFolder} {
		if errors.Is(err, allowed) {
			return
		}
	}
	w.Fatal(err)
}

func (w *world) Deliver(*rapid.T) {
	from, to := w.device(), w.device()
	es := from.live()
	if len(es) == 0 {
		return
	}
	var chosen []willow.Authorised
	for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(es)-1), 1, 8).Draw(w.T, "entries") {
		chosen = append(chosen, es[i])
	}
	if rapid.Bool().Draw(w.T, "together") {
		to.receive(chosen...)
	} else {
		for _, e := range chosen {
			to.receive(e)
		}
	}
	if rapid.Bool().Draw(w.T, "payloads") {
		for _, e := range chosen {
			to.fetchOne(from, e.Entry)
		}
	}
}

func (w *world) Session(*rapid.T) { w.device().pull(w.device()) }

func (w *world) Settle(*rapid.T) { w.device().settle() }

// Completed ends waiting for details, whether a session was whole or not: too
// early, it makes copies that nobody needs.
func (w *world) Completed(*rapid.T) { w.device().tree.Completed(w.clock) }

func (w *world) Restart(*rapid.T) { w.device().start() }

func (w *world) Tick(*rapid.T) {
	w.clock = w.clock.Add(time.Duration(rapid.IntRange(1, 50).Draw(w.T, "µs")) * time.Microsecond)
}

// finish brings all devices in step and checks what must be true then.
func (w *world) finish() {
	exchange(w, w.devices...)
	for _, d := range w.devices[1:] {
		if !slices.EqualFunc(d.live(), w.devices[0].live(), func(a, b willow.Authorised) bool { return a.Entry == b.Entry }) {
			w.Fatalf("%s and %s have different entries", d.name, w.devices[0].name)
		}
	}
	shown := map[willow.Digest]bool{willow.EmptyDigest: true}
	var paths []string
	for _, v := range w.devices[0].list("") {
		shown[v.Digest] = true
		paths = append(paths, v.Path)
	}
	if found := w.devices[0].lookupAll(paths...); len(found) != len(paths) {
		w.Fatalf("%d of %d paths found", len(found), len(paths))
	}
	for _, d := range w.devices {
		for _, path := range append(paths, names...) {
			w.erased(d, path)
		}
	}
	for _, digest := range slices.SortedFunc(maps.Keys(w.written), func(a, b willow.Digest) int { return slices.Compare(a[:], b[:]) }) {
		if !shown[digest] && !w.consumed[digest] {
			w.Fatalf("%q is lost; all show %q", w.written[digest], w.devices[0].shown())
		}
	}
}

// TestAnyOrder: whatever several devices do, and however entries and payloads
// reach them, all end with one tree, and no bytes are gone that nobody replaced
// knowingly. `go test -run AnyOrder -rapid.checks=100000` looks for longer.
func TestAnyOrder(t *testing.T) {
	folder := t.TempDir
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, folder)
		t.Repeat(map[string]func(*rapid.T){
			"put": w.Put, "put again": w.Put, "disk": w.Disk, "apply": w.Apply, "folder": w.Folder, "remove": w.Remove,
			"erase": w.Erase, "move": w.Move, "deliver": w.Deliver, "deliver more": w.Deliver, "session": w.Session, "settle": w.Settle,
			"restart": w.Restart, "tick": w.Tick, "completed": w.Completed,
		})
		w.finish()
	})
}
