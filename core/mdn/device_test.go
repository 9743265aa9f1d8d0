package mdn_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zeebo/blake3"

	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/meadowcap"
	"meadow/core/willow"
	"meadow/storage"
)

// payloads are kept in memory: package blob isn't what is tested here.
type payloads struct {
	mu sync.Mutex
	m  map[willow.Digest][]byte
}

func (p *payloads) Put(_ context.Context, _ willow.NamespaceID, _ willow.SubspaceID, b []byte) (willow.Digest, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := willow.Digest(blake3.Sum256(b))
	p.m[d] = b
	return d, nil
}

func (p *payloads) Get(_ context.Context, d willow.Digest) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b, ok := p.m[d]
	if !ok {
		return nil, errors.New("payload isn't here")
	}
	return b, nil
}

// device is one device with a database of its own.
type device struct {
	*mdn.Account
	name     string
	path     string
	config   mdn.Config
	db       *storage.DB
	payloads *payloads
	faults   faults
	left     []string      // what can't be adopted
	ahead    time.Duration // of its clock
}

func newDevice(t *testing.T, name string) *device {
	t.Helper()
	d := &device{
		name:     name,
		path:     filepath.Join(t.TempDir(), "meadow.db"),
		payloads: &payloads{m: map[willow.Digest][]byte{}},
	}
	d.config = mdn.Config{
		Device:   key.NewDevice(),
		Payloads: d.payloads,
		Verifier: meadowcap.NewVerifier(256),
		Now:      func() time.Time { return time.Now().Add(d.ahead) },
		Log:      slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	d.config.Adopter = adopter{d}
	d.open(t)
	t.Cleanup(func() {
		if err := d.db.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d *device) open(t *testing.T) {
	t.Helper()
	var err error
	if d.db, err = storage.Open(t.Context(), d.path, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	d.config.Entries, d.config.Store = faultyEntries{d.db.Entries(), &d.faults}, faultyStore{d.db.MDN(), &d.faults}
	if d.Account, err = mdn.Open(t.Context(), d.config); err != nil {
		t.Fatal(err)
	}
}

// restart closes and opens the database.
func (d *device) restart(t *testing.T) {
	t.Helper()
	if err := d.db.Close(); err != nil {
		t.Fatal(err)
	}
	d.open(t)
}

func (d *device) receiver() key.Receiver { return d.config.Device.Receiver() }

func (d *device) endpoint() key.Endpoint { return d.config.Device.Endpoint() }

// give copies to another device what a session would: statements, then entries
// with payloads, of every namespace that both would sync with each other.
func (d *device) give(t *testing.T, to *device) {
	t.Helper()
	d.giveSome(t, to, func(willow.Path) bool { return true })
}

// giveSome is give of the entries at some paths.
func (d *device) giveSome(t *testing.T, to *device, some func(willow.Path) bool) {
	t.Helper()
	ctx := t.Context()
	d.giveStatements(t, to)
	for _, in := range exchanged(t, d, to) {
		ns := in.Namespace
		var batch []willow.Incoming
		for a, err := range d.config.Entries.Area(ctx, ns, in.Area) {
			if err != nil {
				t.Fatal(err)
			}
			if !some(a.Entry.Path) {
				continue
			}
			c, err := to.config.Verifier.Entry(a.Entry, a.Token)
			if err != nil {
				t.Fatal(err)
			}
			if a.Entry.PayloadLength == 0 {
				batch = append(batch, willow.Incoming{Authorised: a})
				continue
			}
			b, err := d.payloads.Get(ctx, a.Entry.PayloadDigest)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := to.payloads.Put(ctx, ns, a.Entry.Subspace, b); err != nil {
				t.Fatal(err)
			}
			batch = append(batch, willow.Incoming{Authorised: a, Dead: !to.Live(c)})
		}
		if _, err := to.config.Entries.Insert(ctx, 1, batch); err != nil {
			t.Fatal(err)
		}
	}
	if err := to.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	d.deliver(t, to)
}

// deliver is what hellos do.
func (d *device) deliver(t *testing.T, to *device) {
	t.Helper()
	var records [][]byte
	for _, del := range d.Deliveries(to.endpoint(), to.Delivered()) {
		records = append(records, del.Record)
	}
	if len(records) == 0 {
		return
	}
	_, _ = to.Take(t.Context(), d.endpoint(), records) // it may know better
}

// meet has devices exchange all that they would in sessions, until all is said.
func meet(t *testing.T, all ...*device) {
	t.Helper()
	for range 3 {
		meetOnce(t, all...)
	}
}

// meetOnce has each two of the devices meet once.
func meetOnce(t *testing.T, all ...*device) {
	t.Helper()
	for _, from := range all {
		for _, to := range all {
			if from != to {
				from.giveDead(t, to)
				from.give(t, to)
			}
		}
	}
}

// giveDead tells a device why its chains are dead, as a session does.
func (d *device) giveDead(t *testing.T, to *device) {
	t.Helper()
	all, err := to.Interests(t.Context(), d.endpoint())
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		ours := interests(t, d, to)
		var raw [][]byte
		for _, s := range d.Against(i.Read) {
			raw = append(raw, s.Raw())
		}
		if len(raw) == 0 || !slices.Contains(ours, i.Namespace) && !slices.Contains(d.shows(t, to), i.Namespace) {
			continue
		}
		if err := to.AddStatements(t.Context(), i.Namespace, raw); err != nil {
			t.Fatal(err)
		}
		raw = nil // its last words
		for _, s := range to.Statements(i.Namespace) {
			raw = append(raw, s.Raw())
		}
		if err := d.AddStatements(t.Context(), i.Namespace, raw); err != nil {
			t.Fatal(err)
		}
	}
}

// giveStatements copies statements, which go to whoever shows a live chain, also
// where nothing else does.
func (d *device) giveStatements(t *testing.T, to *device) {
	t.Helper()
	theirs, err := to.Interests(t.Context(), d.endpoint())
	if err != nil {
		t.Fatal(err)
	}
	ours, err := d.Interests(t.Context(), to.endpoint())
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range ours {
		named := slices.ContainsFunc(theirs, func(o mdn.Interest) bool {
			return o.Namespace == i.Namespace && o.Area == i.Area && d.Live(o.Read)
		})
		if !named {
			continue
		}
		var raw [][]byte
		for _, s := range d.Statements(i.Namespace) {
			raw = append(raw, s.Raw())
		}
		if err := to.AddStatements(t.Context(), i.Namespace, raw); err != nil {
			t.Fatal(err)
		}
	}
}

// exchanged returns what two devices would sync: what both name and serve, within
// both capabilities.
func exchanged(t *testing.T, a, b *device) (both []mdn.Interest) {
	t.Helper()
	theirs, err := b.Interests(t.Context(), a.endpoint())
	if err != nil {
		t.Fatal(err)
	}
	ours, err := a.Interests(t.Context(), b.endpoint())
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range ours {
		for _, o := range theirs {
			if o.Namespace != i.Namespace || o.Area != i.Area || !a.Serve(t.Context(), b.endpoint(), o.Read) || !b.Serve(t.Context(), a.endpoint(), i.Read) {
				continue
			}
			area, ok := i.Read.Area().Intersect(o.Read.Area())
			if ok {
				area, ok = area.Intersect(i.Area)
			}
			if i.Area = area; ok {
				both = append(both, i)
			}
		}
	}
	return both
}

// shows is what a device shows a capability for.
func (d *device) shows(t *testing.T, to *device) (all []willow.NamespaceID) {
	t.Helper()
	is, err := d.Interests(t.Context(), to.endpoint())
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range is {
		all = append(all, i.Namespace)
	}
	return all
}

// common returns the namespaces that two devices would sync.
func common(t *testing.T, a, b *device) []willow.NamespaceID {
	t.Helper()
	var both []willow.NamespaceID
	theirs := interests(t, b, a)
	for _, ns := range interests(t, a, b) {
		if slices.Contains(theirs, ns) {
			both = append(both, ns)
		}
	}
	return both
}

// interests returns what d would sync with a peer that serves it.
func interests(t *testing.T, d, peer *device) []willow.NamespaceID {
	t.Helper()
	all, err := d.Interests(t.Context(), peer.endpoint())
	if err != nil {
		t.Fatal(err)
	}
	var ns []willow.NamespaceID
	for _, i := range all {
		if peer.Serve(t.Context(), d.endpoint(), i.Read) {
			ns = append(ns, i.Namespace)
		}
	}
	return ns
}

// files lists what counts of a space on a device, as path=signer of its token.
func (d *device) files(t *testing.T, ns willow.NamespaceID, all ...*device) string {
	t.Helper()
	var list []string
	area := willow.Area{Subspace: willow.SubspaceID(ns), Path: willow.MustPath("files"), Times: willow.AllTimes}
	for e, err := range d.config.Entries.Area(t.Context(), ns, area) {
		if err != nil {
			t.Fatal(err)
		}
		c, err := d.config.Verifier.Entry(e.Entry, e.Token)
		if err != nil {
			t.Fatal(err)
		}
		by := "?"
		for _, o := range all {
			if c.Receiver() == o.receiver() {
				by = o.name
			}
		}
		list = append(list, e.Entry.Path.Components()[1]+"="+by)
	}
	return strings.Join(list, " ")
}

func create(t *testing.T, account, name string) (*device, mdn.Words) {
	t.Helper()
	d := newDevice(t, name)
	w, err := d.Create(t.Context(), account, name, "linux")
	if err != nil {
		t.Fatal(err)
	}
	return d, w
}

func space(t *testing.T, d *device, name string) mdn.SpaceInfo {
	t.Helper()
	s, err := d.CreateSpace(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func names(d *device) (devices, spaces []string) {
	for _, i := range d.Devices() {
		devices = append(devices, i.Name)
	}
	for _, s := range d.Spaces() {
		spaces = append(spaces, s.Name)
	}
	return devices, spaces
}

func expect(t *testing.T, d *device, devices, spaces string) {
	t.Helper()
	ds, ss := names(d)
	if got := fmt.Sprint(ds, ss); got != fmt.Sprint(strings.Fields(devices), strings.Fields(spaces)) {
		t.Errorf("%s knows %s, want [%s] [%s]", d.name, got, devices, spaces)
	}
}

// write signs and stores an entry as package tree would.
func write(t *testing.T, d *device, ns willow.NamespaceID, path string) error {
	t.Helper()
	p := willow.MustPath("files", path)
	e := willow.Entry{Namespace: ns, Subspace: willow.SubspaceID(ns), Path: p, Timestamp: willow.TimestampOf(d.config.Now()), PayloadDigest: willow.EmptyDigest}
	a, err := d.Sign(t.Context(), e)
	if err != nil {
		return err
	}
	if _, err := d.config.Verifier.Entry(a.Entry, a.Token); err != nil {
		t.Fatal(err)
	}
	d.payloads.m[willow.EmptyDigest] = nil
	_, err = d.config.Entries.Insert(t.Context(), 0, []willow.Incoming{{Authorised: a}})
	return err
}
