package carry_test

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"log/slog"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"meadow/core/blob"
	"meadow/core/carry"
	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
	"meadow/storage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// device is one with real stores, and rules of the test's.
type device struct {
	t        testing.TB
	key      key.Device
	dir      string // of blobs
	store    willow.Store
	blobs    *blob.Store
	verifier *meadowcap.Verifier
	write    map[willow.NamespaceID]*meadowcap.Capability
	takes    map[willow.NamespaceID]bool
	accept   func(e willow.Entry) carry.Reason
	sets     map[willow.NamespaceID][][]byte
	setError error
	added    func(ns willow.NamespaceID) // after statements; may be nil
	took     []took
	commits  *counting // of blobs
}

// took is what the rules were told of an entry.
type took struct {
	e     willow.Entry
	fresh bool
	have  uint64
}

// counting is an index that counts its commits.
type counting struct {
	blob.Index
	puts int
}

func (c *counting) Put(ctx context.Context, rows []blob.Row, held []blob.Held) error {
	c.puts++
	return c.Index.Put(ctx, rows, held)
}

func newDevice(t testing.TB) *device {
	t.Helper()
	ctx, log, dir := context.Background(), slog.New(slog.DiscardHandler), t.TempDir()
	db, err := storage.Open(ctx, filepath.Join(dir, "meadow.db"), log)
	must(t, err)
	commits := &counting{Index: db.Blobs()}
	dir = filepath.Join(dir, "blobs")
	blobs, err := blob.Open(dir, commits, log)
	must(t, err)
	t.Cleanup(func() {
		must(t, blobs.Close())
		must(t, db.Close())
	})
	return &device{
		t: t, commits: commits, dir: dir, key: key.NewDevice(), store: db.Entries(), blobs: blobs, verifier: meadowcap.NewVerifier(64),
		write: make(map[willow.NamespaceID]*meadowcap.Capability), takes: make(map[willow.NamespaceID]bool),
		accept: func(willow.Entry) carry.Reason { return "" }, sets: make(map[willow.NamespaceID][][]byte),
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// own makes a namespace that the device may write in.
func (d *device) own() willow.NamespaceID {
	secret := key.NewOwnedNamespace()
	ns := secret.Namespace()
	d.write[ns] = meadowcap.NewOwned(secret, meadowcap.Write, d.key.Receiver())
	return ns
}

// give lets another device write in a namespace too.
func (d *device) give(to *device, ns willow.NamespaceID) {
	d.t.Helper()
	c, err := d.write[ns].Delegate(d.key, willow.FullArea, to.key.Receiver())
	must(d.t, err)
	to.write[ns] = c
}

var subspace = willow.SubspaceID{7}

// sign makes an entry whose payload is here.
func (d *device) sign(ns willow.NamespaceID, at willow.Timestamp, payload []byte, path ...string) willow.Authorised {
	d.t.Helper()
	e := willow.Entry{Namespace: ns, Subspace: subspace, Path: willow.MustPath(path...), Timestamp: at}
	h, err := d.blobs.PutBytes(context.Background(), scope(e), payload)
	must(d.t, err)
	e.PayloadDigest, e.PayloadLength = willow.Digest(h), uint64(len(payload))
	a, err := meadowcap.Sign(d.key, d.write[ns], e)
	must(d.t, err)
	return a
}

func (d *device) put(ns willow.NamespaceID, at willow.Timestamp, payload []byte, path ...string) willow.Entry {
	d.t.Helper()
	a := d.sign(ns, at, payload, path...)
	_, err := d.store.Insert(context.Background(), 1, []willow.Incoming{{Authorised: a}})
	must(d.t, err)
	return a.Entry
}

func scope(e willow.Entry) (s blob.Scope) {
	copy(s[:32], e.Namespace[:])
	copy(s[32:], e.Subspace[:])
	return s
}

func (d *device) holds(e willow.Entry) bool {
	d.t.Helper()
	a, ok, err := d.store.Get(context.Background(), e.Namespace, e.Subspace, e.Path)
	must(d.t, err)
	held, err := d.blobs.Has(context.Background(), scope(e), blob.Hash(e.PayloadDigest))
	must(d.t, err)
	return ok && a.Entry == e && (held || e.PayloadLength == 0)
}

func (d *device) holdsAll(list []willow.Entry) {
	d.t.Helper()
	for _, e := range list {
		if !d.holds(e) {
			d.t.Errorf("%v with %d bytes isn't here", e.Path, e.PayloadLength)
		}
	}
}

func (d *device) fingerprint(ns willow.NamespaceID) willow.Fingerprint {
	d.t.Helper()
	sum, err := d.store.Summary(context.Background(), ns, willow.FullRange, willow.FullArea)
	must(d.t, err)
	return sum.Fingerprint
}

func (d *device) source() carry.Source {
	return carry.Source{
		Made: 1234, Blobs: d.blobs,
		Entries: func(ctx context.Context, w carry.What) iter.Seq2[willow.Authorised, error] {
			return d.store.Area(ctx, w.Namespace, w.Interest.Area)
		},
		Name:       func(ns willow.NamespaceID) string { return fmt.Sprintf("space %x", ns[:2]) },
		Statements: func(ns willow.NamespaceID) [][]byte { return d.sets[ns] },
	}
}

func (d *device) target() carry.Target {
	return carry.Target{Entries: d.store, Blobs: d.blobs, Verifier: d.verifier, Rules: rules{d}, Origin: 1}
}

type rules struct{ *device }

func (r rules) Takes(ns willow.NamespaceID) carry.Reason {
	if r.takes[ns] {
		return ""
	}
	return carry.Unknown
}

func (r rules) Accept(e willow.Entry) carry.Reason { return r.accept(e) }

func (r rules) Took(_ context.Context, e willow.Entry, fresh bool, have uint64) {
	r.took = append(r.took, took{e, fresh, have})
}

func (r rules) AddStatements(_ context.Context, ns willow.NamespaceID, raw [][]byte) error {
	for _, b := range raw {
		r.sets[ns] = append(r.sets[ns], bytes.Clone(b))
	}
	if r.added != nil {
		r.added(ns)
	}
	return r.setError
}

// whole is all of some namespaces.
func whole(list ...willow.NamespaceID) (what []carry.What) {
	for _, ns := range list {
		what = append(what, carry.What{Namespace: ns, Interest: willow.Everything(willow.FullArea)})
	}
	return what
}

// pack writes a file of all of some namespaces.
func (d *device) pack(list ...willow.NamespaceID) ([]byte, carry.Report) {
	d.t.Helper()
	var b bytes.Buffer
	r, err := carry.Write(context.Background(), &b, d.source(), whole(list...), nil)
	must(d.t, err)
	return b.Bytes(), r
}

// take reads a file.
func (d *device) take(b []byte) (carry.Report, error) {
	return carry.Read(context.Background(), bytes.NewReader(b), d.target(), nil)
}

func content(seed byte, n int) []byte {
	b := make([]byte, n)
	x := uint32(seed) + 1
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}
