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
		Now:      time.Now,
		Log:      slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
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
	d.config.Entries, d.config.Store = d.db.Entries(), d.db.MDN()
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
	ctx := t.Context()
	for _, ns := range common(t, d, to) {
		var raw [][]byte
		for _, s := range d.Statements(ns) {
			raw = append(raw, s.Raw())
		}
		if err := to.AddStatements(ctx, ns, raw); err != nil {
			t.Fatal(err)
		}
		var batch []willow.Incoming
		for a, err := range d.config.Entries.Area(ctx, ns, willow.FullArea) {
			if err != nil {
				t.Fatal(err)
			}
			c, err := to.config.Verifier.Entry(a.Entry, a.Token)
			if err != nil {
				t.Fatal(err)
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

func TestCreate(t *testing.T) {
	d := newDevice(t, "laptop")
	if d.Paired() || (d.Custodian() != key.Namespace{}) {
		t.Fatal("paired from birth")
	}
	w, err := d.Create(t.Context(), "Ann", "laptop", "linux")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := w.Keys()
	if err != nil {
		t.Fatal(err)
	}
	check := func() {
		t.Helper()
		if !d.Paired() || d.Custodian() != keys.Identity.Namespace() || d.Home() != keys.Home.Namespace() || d.Name() != "Ann" {
			t.Error("not the account of the words")
		}
		expect(t, d, "laptop", "")
		self := d.Devices()[0]
		if !self.Self || self.Kind != mdn.Full || self.Receiver != d.receiver() || self.Endpoint != d.endpoint() {
			t.Errorf("have %+v", self)
		}
	}
	check()
	d.restart(t)
	check()
	if _, err := d.Create(t.Context(), "Ann", "laptop", "linux"); !errors.Is(err, mdn.ErrPaired) {
		t.Errorf("a second account: %v", err)
	}
}

func TestCreateRefusesBadNames(t *testing.T) {
	d := newDevice(t, "laptop")
	for _, name := range []string{"", "a/b", "a,b", "a\nb", strings.Repeat("x", 101), "\xff"} {
		if _, err := d.Create(t.Context(), "Ann", name, "linux"); !errors.Is(err, mdn.ErrName) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if d.Paired() {
		t.Error("an account was made")
	}
	if _, err := d.CreateSpace(t.Context(), "notes"); !errors.Is(err, mdn.ErrNotPaired) {
		t.Errorf("a space without an account: %v", err)
	}
}

func TestCreateSpace(t *testing.T) {
	d, w := create(t, "Ann", "laptop")
	s := space(t, d, "notes")
	for _, name := range []string{strings.Repeat("ü", 100), "Notes"} {
		space(t, d, name)
	}
	if _, err := d.CreateSpace(t.Context(), "notes"); !errors.Is(err, mdn.ErrNameTaken) {
		t.Errorf("the name again: %v", err)
	}
	if _, err := d.CreateSpace(t.Context(), strings.Repeat("ü", 101)); !errors.Is(err, mdn.ErrName) {
		t.Errorf("a long name: %v", err)
	}
	d.restart(t)
	i := slices.IndexFunc(d.Spaces(), func(o mdn.SpaceInfo) bool { return o.ID == s.ID })
	if i < 0 || d.Spaces()[i].Name != "notes" || d.Spaces()[i].Created.UnixMicro() != s.Created.UnixMicro() {
		t.Errorf("have %+v", d.Spaces())
	}
	if err := write(t, d, s.ID, "a"); err != nil {
		t.Error(err)
	}
	if !d.MayWrite(s.ID, willow.SubspaceID{7}, willow.Path{}) || d.MayWrite(willow.NamespaceID{1}, willow.SubspaceID{}, willow.Path{}) {
		t.Error("may write where it may not, or not where it may")
	}
	if err := write(t, d, key.NewOwnedNamespace().Namespace(), "a"); !errors.Is(err, mdn.ErrNotAllowed) {
		t.Errorf("another's namespace: %v", err)
	}
	recoverSpace(t, d, w, s.ID)
}

// recoverSpace opens the sealed seed of a space with the words.
func recoverSpace(t *testing.T, d *device, w mdn.Words, space willow.NamespaceID) {
	t.Helper()
	keys, err := w.Keys()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range d.Statements(d.Home()) {
		if seed, ok := s.Body.(mdn.Seed); ok && seed.Space == space {
			if secret, err := seed.Open(keys.Recovery); err != nil || secret.Namespace() != space {
				t.Errorf("the words don't recover the space: %v", err)
			}
			return
		}
	}
	t.Error("no seed of the space")
}

func TestRenameDevice(t *testing.T) {
	d, _ := create(t, "Ann", "laptop")
	heard := make(chan willow.NamespaceID, 100)
	defer d.Subscribe(func(ns willow.NamespaceID) { heard <- ns })()
	got, err := d.RenameDevice(t.Context(), d.receiver(), "desk")
	if err != nil || got.Name != "desk" || !got.Self {
		t.Errorf("have %+v, %v", got, err)
	}
	d.restart(t)
	expect(t, d, "desk", "")
	if len(heard) == 0 {
		t.Error("nobody was told")
	}
	if _, err := d.RenameDevice(t.Context(), key.NewDevice().Receiver(), "x"); !errors.Is(err, mdn.ErrNotFound) {
		t.Errorf("a stranger's device: %v", err)
	}
}

func TestNothingIsShownToStrangers(t *testing.T) {
	ann, _ := create(t, "Ann", "laptop")
	bob, _ := create(t, "Bob", "desk")
	space(t, ann, "notes")
	all, err := ann.Interests(t.Context(), bob.endpoint())
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if i.Namespace == ann.Home() {
			t.Error("the home space is an interest with a stranger")
		}
		if bob.Serve(t.Context(), ann.endpoint(), i.Read) {
			t.Error("a namespace that isn't here is served")
		}
		if ann.Serve(t.Context(), bob.endpoint(), i.Read) {
			t.Error("a stranger is served with another's capability")
		}
		if !ann.Serve(t.Context(), ann.endpoint(), i.Read) {
			t.Error("the receiver isn't served")
		}
	}
	if len(common(t, ann, bob)) > 0 {
		t.Error("strangers have something in common")
	}
}

func TestAddStatementsRefusesForgeries(t *testing.T) {
	d, _ := create(t, "Ann", "laptop")
	home := d.Home()
	genesis := d.Statements(home)[0].Raw()
	forged := slices.Clone(genesis)
	forged[len(forged)-1] ^= 1
	hash := d.StatementsHash(home)
	for name, raw := range map[string][]byte{"forged": forged, "noise": []byte("noise"), "empty": nil} {
		if err := d.AddStatements(t.Context(), home, [][]byte{raw, genesis}); !errors.Is(err, mdn.ErrStatement) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := d.AddStatements(t.Context(), d.Identity(), [][]byte{genesis}); !errors.Is(err, mdn.ErrStatement) {
		t.Errorf("of another namespace: %v", err)
	}
	if err := d.AddStatements(t.Context(), willow.NamespaceID{1}, nil); !errors.Is(err, mdn.ErrUnknownNamespace) {
		t.Errorf("of an unknown namespace: %v", err)
	}
	if d.StatementsHash(home) != hash {
		t.Error("the set changed")
	}
}
