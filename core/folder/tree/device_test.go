package tree_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zeebo/blake3"

	"meadow/core/blob"
	"meadow/core/folder/tree"
	"meadow/core/willow"
	"meadow/core/willow/storetest"
	"meadow/storage"
)

var (
	namespace = willow.NamespaceID{0xaa, 31: 1}
	subspace  = willow.SubspaceID(namespace)
	epoch     = time.Date(2026, 11, 22, 21, 4, 5, 0, time.UTC)
)

// fataler is what testing.TB and rapid.T share.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// device is one of the account's devices, with a tree and nothing else.
type device struct {
	t       fataler
	name    string
	entries willow.Store
	db      *storage.DB // of entries, or nil
	blobs   *memBlobs
	tree    *tree.Tree
	clock   *time.Time // shared
	reader  bool       // has no write capability
	disk    map[string]tree.Base
	erased  []willow.Digest // payloads of history that was erased
	lenient bool            // takes every capability for an owner's
	dead    map[string]bool // tokens whose chains are dead
}

func newDevice(t fataler, name string, clock *time.Time) *device {
	d := &device{
		t: t, name: name, entries: &storetest.Memory{}, blobs: newMemBlobs(), clock: clock, disk: map[string]tree.Base{},
	}
	d.start()
	return d
}

// useSQLite gives a new device the store that Meadow runs on.
func (d *device) useSQLite(folder string) {
	db, err := storage.Open(context.Background(), filepath.Join(folder, "meadow.db"), slog.New(slog.DiscardHandler))
	d.must(err)
	d.db, d.entries = db, db.Entries()
	d.start()
}

// start makes the device's tree, as after a start of the program.
func (d *device) start() {
	if d.tree != nil {
		d.tree.Close()
	}
	d.tree = tree.New(tree.Config{
		Namespace: namespace, Subspace: subspace, Entries: d.entries, Blobs: d.blobs, Author: d.author(),
		Sign: func(_ context.Context, e willow.Entry) (willow.Authorised, error) {
			if d.reader {
				return willow.Authorised{}, errors.New("no capability")
			}
			return willow.Authorised{Entry: e, Token: willow.Token{Capability: []byte(d.name)}}, nil
		},
		MayWrite: func(willow.Path) bool { return !d.reader },
		Owner:    func(capability []byte) bool { return d.lenient || !strings.HasPrefix(string(capability), "limited") },
		Live:     func(capability []byte) bool { return !d.dead[string(capability)] },
		Erased:   func(digests []willow.Digest) { d.erased = append(d.erased, digests...) },
		Now:      func() time.Time { return *d.clock },
	})
}

func (d *device) author() (a [32]byte) {
	a = blake3.Sum256([]byte(d.name))
	return a
}

func (d *device) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatalf("%s: %v", d.name, err)
	}
}

// hold puts bytes into the device's blobs.
func (d *device) hold(text string) (willow.Digest, uint64) {
	h := blake3.Sum256([]byte(text))
	if text != "" {
		d.blobs.put(blob.Hash(h), []byte(text))
	}
	return h, uint64(len(text))
}

func (d *device) edit(path, text string) tree.Edit {
	digest, length := d.hold(text)
	return tree.Edit{Path: path, Kind: tree.File, Digest: digest, Length: length, Mtime: epoch}
}

func (d *device) write(path, text string) tree.Version {
	d.t.Helper()
	return d.apply(d.edit(path, text))
}

func (d *device) apply(e tree.Edit) tree.Version {
	d.t.Helper()
	vs, err := d.tree.Write(context.Background(), []tree.Edit{e})
	d.must(err)
	return vs[0]
}

func (d *device) settle() tree.Settled {
	d.t.Helper()
	s, err := d.tree.Settle(context.Background())
	d.must(err)
	return s
}

func (d *device) list(prefix string) (vs []tree.Version) {
	d.t.Helper()
	for v, err := range d.tree.List(context.Background(), prefix) {
		d.must(err)
		vs = append(vs, v)
	}
	return vs
}

func (d *device) lookup(path string) tree.Version {
	d.t.Helper()
	v, _, err := d.tree.Lookup(context.Background(), path)
	d.must(err)
	return v
}

// shown is the tree as a user would compare it.
func (d *device) shown() (lines []string) {
	for _, v := range d.list("") {
		text, ok := d.blobs.get(blob.Hash(v.Digest))
		switch {
		case v.Kind == tree.Folder:
			text = []byte("/")
		case !ok && v.Length > 0:
			text = []byte("(not here)")
		}
		line := v.Path + "=" + string(text)
		if v.Exec {
			line += " exec"
		}
		if v.Kind == tree.Symlink {
			line += " symlink"
		}
		lines = append(lines, line)
	}
	return lines
}

func (d *device) live() (es []willow.Authorised) {
	for a, err := range d.entries.Area(context.Background(), namespace, willow.Area{Subspace: subspace, Times: willow.AllTimes}) {
		d.must(err)
		es = append(es, a)
	}
	return es
}

// receive inserts entries that another device has, in one commit.
func (d *device) receive(es ...willow.Authorised) {
	d.t.Helper()
	batch := make([]willow.Incoming, len(es))
	for i, e := range es {
		batch[i].Authorised = e
	}
	_, err := d.entries.Insert(context.Background(), 1, batch)
	d.must(err)
}

// fetch copies the payloads of d's live entries that from has.
func (d *device) fetch(from *device) {
	for _, a := range d.live() {
		d.fetchOne(from, a.Entry)
	}
}

func (d *device) fetchOne(from *device, e willow.Entry) {
	h := blob.Hash(e.PayloadDigest)
	if b, ok := from.blobs.get(h); ok {
		d.blobs.put(h, b)
	}
}

// pull is a whole session, one way: all entries, then all payloads.
func (d *device) pull(from *device) {
	d.t.Helper()
	d.receive(from.live()...)
	d.fetch(from)
}

// exchange syncs and settles until nothing changes any more.
func exchange(t fataler, ds ...*device) {
	t.Helper()
	state := func() string {
		var b strings.Builder
		for _, d := range ds {
			for _, a := range d.live() {
				_, held := d.blobs.get(blob.Hash(a.Entry.PayloadDigest))
				fmt.Fprintln(&b, a.Entry, held)
			}
		}
		return b.String()
	}
	for before := "-"; before != state(); {
		before = state()
		if len(before) > 4<<20 {
			t.Fatalf("the trees grow without end")
		}
		for _, d := range ds {
			for _, from := range ds {
				if from != d {
					d.pull(from)
				}
			}
			d.settle()
		}
	}
	for _, d := range ds {
		if s := d.settle(); s.Copies+s.Rewritten+s.Moved > 0 {
			t.Fatalf("%s settles for ever: %+v", d.name, s)
		}
		if !slices.Equal(d.shown(), ds[0].shown()) {
			t.Fatalf("%s shows %q,\n%s shows %q", d.name, d.shown(), ds[0].name, ds[0].shown())
		}
	}
}

// two returns two devices with the same files in step.
func two(t *testing.T, files ...string) (a, b *device) {
	clock := epoch
	a, b = newDevice(t, "anna", &clock), newDevice(t, "bert", &clock)
	for _, f := range files {
		path, text, _ := strings.Cut(f, "=")
		a.write(path, text)
	}
	exchange(t, a, b)
	clock = clock.Add(time.Second)
	return a, b
}

// wants compares what a device shows, conflict copies by their bytes only.
func (d *device) wants(want ...string) {
	d.t.Helper()
	var got []string
	for _, line := range d.shown() {
		if i := strings.Index(line, " (conflict "); i >= 0 {
			j := strings.Index(line, ")")
			line = line[:i] + "(conflict)" + line[j+1:]
		}
		got = append(got, line)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		d.t.Fatalf("%s shows %q, want %q", d.name, got, want)
	}
}
