package folder_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zeebo/blake3"

	"meadow/core/blob"
	"meadow/core/folder"
	"meadow/core/folder/tree"
	"meadow/core/willow"
	"meadow/storage"
)

// patience is how long a test waits for what must happen.
const patience = time.Minute

var (
	namespace = willow.NamespaceID{0xaa, 31: 1}
	subspace  = willow.SubspaceID(namespace)
	scope     = func() (s blob.Scope) {
		copy(s[:], namespace[:])
		copy(s[32:], subspace[:])
		return s
	}()
)

// device is one device of an account, with all real parts but a network.
type device struct {
	t     testing.TB
	name  string
	home  string
	dir   string
	db    *storage.DB
	blobs *blob.Store
	tree  *tree.Tree

	copyLimit int64
	readOnly  atomic.Bool
	wrap      func(folder.Config) folder.Config // of the next start

	folder *folder.Folder
	cancel context.CancelFunc
	ended  chan error

	mu      sync.Mutex
	changed chan struct{} // closed at every change of the store or the folder
}

// newDevice makes a device whose folder isn't attached yet.
func newDevice(t testing.TB, name string) *device {
	t.Helper()
	top := t.TempDir()
	d := &device{
		t: t, name: name, home: filepath.Join(top, "home"), dir: filepath.Join(top, "dir"),
		copyLimit: 1 << 20, changed: make(chan struct{}),
	}
	d.must(os.Mkdir(d.home, 0o700))
	d.must(os.Mkdir(d.dir, 0o777))
	d.open()
	t.Cleanup(func() {
		d.stop()
		d.close()
	})
	return d
}

func (d *device) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatalf("%s: %v", d.name, err)
	}
}

func (d *device) open() {
	ctx := context.Background()
	var err error
	d.db, err = storage.Open(ctx, filepath.Join(d.home, "meadow.db"), slog.New(slog.DiscardHandler))
	d.must(err)
	d.blobs, err = blob.Open(filepath.Join(d.home, "blobs"), d.db.Blobs(), nil)
	d.must(err)
	d.tree = tree.New(tree.Config{
		Namespace: namespace, Subspace: subspace, Entries: d.db.Entries(), Blobs: d.blobs,
		Author: blake3.Sum256([]byte(d.name)),
		Sign: func(_ context.Context, e willow.Entry) (willow.Authorised, error) {
			return willow.Authorised{Entry: e, Token: willow.Token{Capability: []byte(d.name)}}, nil
		},
		MayWrite: func(willow.Path) bool { return !d.readOnly.Load() },
		Now:      time.Now,
	})
	d.db.Entries().Subscribe(func(c willow.Change) {
		var paths []string
		for _, a := range c.Inserted {
			paths = append(paths, treePath(a.Entry.Path))
		}
		for _, e := range append(c.Removed, c.Available...) {
			paths = append(paths, treePath(e.Path))
		}
		if f := d.attached(); f != nil {
			f.Notify(paths...)
		}
		d.signal()
	})
}

// treePath is the path of the file that an entry belongs to.
func treePath(p willow.Path) string {
	var names []string
	for _, c := range p.Components()[1:] {
		if c == "" {
			break
		}
		names = append(names, c)
	}
	return strings.Join(names, "/")
}

func (d *device) close() {
	d.tree.Close()
	d.must(errors.Join(d.blobs.Close(), d.db.Close()))
}

func (d *device) attached() *folder.Folder {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.folder
}

func (d *device) signal() {
	d.mu.Lock()
	defer d.mu.Unlock()
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *device) change() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.changed
}

// start attaches the folder and waits until it is applied.
func (d *device) start() *device {
	d.t.Helper()
	d.run()
	d.applied()
	return d
}

// run attaches the folder.
func (d *device) run() {
	d.t.Helper()
	cfg := folder.Config{
		ID: "space", Dir: d.dir, Tree: d.tree, Blobs: d.blobs, Scope: scope, Index: d.db.Folders(),
		CopyLimit: d.copyLimit, Spares: filepath.Join(d.home, "spares"), OnChange: d.signal, Log: slog.New(slog.NewTextHandler(logWriter{d}, nil)),
	}
	if d.wrap != nil {
		cfg, d.wrap = d.wrap(cfg), nil
	}
	f, err := folder.New(cfg)
	d.must(err)
	d.mu.Lock()
	d.folder = f
	d.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	d.cancel, d.ended = cancel, make(chan error, 1)
	go func() { d.ended <- f.Run(ctx) }()
}

type logWriter struct{ d *device }

func (w logWriter) Write(b []byte) (int, error) {
	w.d.t.Logf("%s: %s", w.d.name, bytes.TrimSpace(b))
	return len(b), nil
}

// stop ends the folder's Run, if it runs.
func (d *device) stop() {
	d.t.Helper()
	if d.cancel == nil {
		return
	}
	d.cancel()
	d.must(<-d.ended)
	d.cancel = nil
	d.mu.Lock()
	d.folder = nil
	d.mu.Unlock()
}

func (d *device) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	d.t.Cleanup(cancel)
	return ctx
}

// scan waits for a full scan.
func (d *device) scan() {
	d.t.Helper()
	d.must(d.folder.Scan(d.ctx()))
}

// applied waits until tree and directory agree.
func (d *device) applied() {
	d.t.Helper()
	if err := d.folder.WaitApplied(d.ctx()); err != nil {
		d.t.Fatalf("%s isn't applied: %v; %+v", d.name, err, d.folder.State())
	}
}

// until waits for a condition that a change of store or folder brings about; what is
// instead is told if it never comes.
func (d *device) until(what string, cond func() bool, instead ...func() string) {
	d.t.Helper()
	timeout := time.After(patience)
	for {
		c := d.change()
		if cond() {
			return
		}
		select {
		case <-c:
		case <-timeout:
			for _, tell := range instead {
				d.t.Log(tell())
			}
			d.t.Fatalf("%s: never %s; %+v", d.name, what, d.folder.State())
		}
	}
}

// path is the place of a file on disk.
func (d *device) path(p string) string { return filepath.Join(d.dir, filepath.FromSlash(p)) }

// write writes a file on disk as programs do.
func (d *device) write(p, text string) {
	d.t.Helper()
	for {
		d.must(os.MkdirAll(filepath.Dir(d.path(p)), 0o777))
		err := os.WriteFile(d.path(p), []byte(text), 0o666)
		if !errors.Is(err, fs.ErrNotExist) { // the folder, empty as it was, can have been pruned
			d.must(err)
			return
		}
	}
}

func (d *device) remove(p string) {
	d.t.Helper()
	d.must(os.RemoveAll(d.path(p)))
}

func (d *device) rename(from, to string) {
	d.t.Helper()
	for {
		d.must(os.MkdirAll(filepath.Dir(d.path(to)), 0o777))
		err := os.Rename(d.path(from), d.path(to))
		if _, lost := os.Lstat(d.path(from)); lost != nil || !errors.Is(err, fs.ErrNotExist) {
			d.must(err)
			return
		}
	}
}

// put writes a version without the disk, as another device would have.
func (d *device) put(edits ...tree.Edit) {
	d.t.Helper()
	_, err := d.tree.Write(d.ctx(), edits)
	d.must(err)
}

func (d *device) edit(p, text string) tree.Edit {
	d.t.Helper()
	h, err := d.blobs.PutBytes(d.ctx(), scope, []byte(text))
	d.must(err)
	return tree.Edit{Path: p, Kind: tree.File, Digest: willow.Digest(h), Length: uint64(len(text))}
}

// disk lists what is in the directory: files with their text, links with their
// target, folders with a slash.
func (d *device) disk() map[string]string {
	d.t.Helper()
	all := map[string]string{}
	d.must(filepath.WalkDir(d.dir, func(p string, e fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(d.dir, p)
		rel = filepath.ToSlash(rel)
		switch {
		case rel != "." && errors.Is(err, fs.ErrNotExist): // a folder that was pruned a moment ago
			delete(all, rel)
			return nil
		case err != nil || rel == ".":
			return err
		case rel == ".meadow-0000000000000000.tmp": // where files wait without Config.Spares
			return fs.SkipDir
		case e.IsDir():
			all[rel] = "/"
		case e.Type()&fs.ModeSymlink != 0:
			target, err := os.Readlink(p)
			all[rel] = "-> " + target
			return err
		case e.Type().IsRegular():
			b, err := os.ReadFile(p)
			if errors.Is(err, fs.ErrNotExist) {
				return nil // it was there a moment ago
			}
			all[rel] = string(b)
			return err
		}
		return nil
	}))
	return all
}

// shown lists what the tree shows, like disk; folders that files are in count.
func (d *device) shown() map[string]string {
	d.t.Helper()
	all := map[string]string{}
	for v, err := range d.tree.List(d.ctx(), "") {
		d.must(err)
		switch v.Kind {
		case tree.Folder:
			all[v.Path] = "/"
			continue
		case tree.Symlink:
			all[v.Path] = "-> " + d.bytes(v)
		default:
			all[v.Path] = d.bytes(v)
		}
		for p := filepath.Dir(v.Path); p != "."; p = filepath.Dir(p) {
			all[p] = "/"
		}
	}
	return all
}

func (d *device) bytes(v tree.Version) string {
	d.t.Helper()
	b, err := d.blobs.ReadAll(d.ctx(), blob.Hash(v.Digest), 1<<30)
	if errors.Is(err, blob.ErrNotFound) || errors.Is(err, blob.ErrLost) {
		return "(not here)"
	}
	d.must(err)
	return string(b)
}

// same fails unless disk and tree agree.
func (d *device) same() {
	d.t.Helper()
	equal(d.t, d.name+": disk and tree", d.disk(), d.shown())
}

// has fails unless the directory has exactly this.
func (d *device) has(want map[string]string) {
	d.t.Helper()
	equal(d.t, d.name+": disk", d.disk(), want)
}

func equal(t testing.TB, what string, got, want map[string]string) {
	t.Helper()
	var diff []string
	for p := range got {
		if _, ok := want[p]; !ok {
			diff = append(diff, "  also "+p+" = "+short(got[p]))
		} else if got[p] != want[p] {
			diff = append(diff, "  "+p+" = "+short(got[p])+", not "+short(want[p]))
		}
	}
	for p := range want {
		if _, ok := got[p]; !ok {
			diff = append(diff, "  no "+p+" = "+short(want[p]))
		}
	}
	if sort.Strings(diff); len(diff) > 0 {
		t.Fatalf("%s:\n%s", what, strings.Join(diff, "\n"))
	}
}

func brief(m map[string]string) map[string]string {
	b := map[string]string{}
	for p, text := range m {
		b[p] = short(text)
	}
	return b
}

func short(s string) string { return s[:min(len(s), 40)] }

// send brings all live entries and their payloads from one device to another.
func send(from, to *device) {
	from.t.Helper()
	sendEntries(from, to)
	sendBytes(from, to)
}

func sendEntries(from, to *device) {
	from.t.Helper()
	var batch []willow.Incoming
	for a, err := range from.db.Entries().Area(from.ctx(), namespace, willow.FullArea) {
		from.must(err)
		batch = append(batch, willow.Incoming{Authorised: a})
	}
	_, err := to.db.Entries().Insert(to.ctx(), 1, batch)
	to.must(err)
}

func sendBytes(from, to *device) {
	from.t.Helper()
	var wanted []willow.Entry
	for e, err := range to.db.Entries().Wanted(to.ctx(), namespace, willow.FullArea) {
		to.must(err)
		wanted = append(wanted, e)
	}
	for _, e := range wanted {
		r, err := from.blobs.Open(from.ctx(), blob.Hash(e.PayloadDigest))
		if errors.Is(err, blob.ErrNotFound) || errors.Is(err, blob.ErrLost) {
			continue
		}
		from.must(err)
		_, _, err = to.blobs.PutReader(to.ctx(), scope, io.NewSectionReader(r, 0, r.Size()))
		to.must(err)
		from.must(r.Close())
	}
}

// exchange sends both ways until both devices hold the same and have written it.
func exchange(a, b *device) {
	a.t.Helper()
	for range 10 {
		for _, d := range []*device{a, b} {
			if d.folder != nil {
				d.scan()
				d.applied()
			} else {
				_, err := d.tree.Settle(d.ctx())
				d.must(err)
			}
		}
		if sum(a) == sum(b) {
			return
		}
		send(a, b)
		send(b, a)
	}
	a.t.Fatalf("%s and %s don't come to hold the same", a.name, b.name)
}

func sum(d *device) willow.Fingerprint {
	d.t.Helper()
	s, err := d.db.Entries().Summary(d.ctx(), namespace, willow.FullRange, willow.FullArea)
	d.must(err)
	return s.Fingerprint
}
