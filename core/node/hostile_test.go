package node

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"meadow/core/blob"
	"meadow/core/consync"
	"meadow/core/endpoint"
	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
	"meadow/storage"
)

// acquainted makes two accounts know each other, as two people do.
func acquainted(t *testing.T, a, b *device) {
	t.Helper()
	n := b.Node
	show := follow(t, func(ctx context.Context, emit func(Event) error) error {
		return n.ContactShow(ctx, ContactShowOptions{}, emit)
	})
	ticket := show.next("ticket").Fields["ticket"].(string)
	m := a.Node
	accept := follow(t, func(ctx context.Context, emit func(Event) error) error {
		return m.ContactAccept(ctx, ContactAcceptOptions{Ticket: ticket}, emit)
	})
	code := accept.next("code").Fields["code"].(string)
	show.next("confirm")
	must(t, b.ContactConfirm(t.Context(), code))
	show.next("added")
	accept.next("added")
	must(t, show.end())
	must(t, accept.end())
}

// patched is a node of somebody who was given something, with a program that
// believes and serves everything and names what it likes.
type patched struct {
	t      *testing.T
	device key.Device
	store  willow.Store
	engine *consync.Engine
	bound  *endpoint.Endpoint
	close  func()

	mu        sync.Mutex
	interests []consync.Interest
	heard     map[willow.NamespaceID]int // statements
	news      chan struct{}              // when anything happens
}

func newPatched(t *testing.T, k key.Device) *patched {
	t.Helper()
	dir := t.TempDir()
	db, err := storage.Open(t.Context(), filepath.Join(dir, "meadow.db"), quiet())
	must(t, err)
	blobs, err := blob.Open(filepath.Join(dir, "blobs"), db.Blobs(), quiet())
	must(t, err)
	p := &patched{
		t: t, device: k, store: db.Entries(),
		heard: make(map[willow.NamespaceID]int), news: make(chan struct{}, 1),
	}
	p.engine = consync.NewEngine(consync.Config{
		Local: k.Endpoint(), Entries: p.store, Blobs: blobs, Policy: p, Verifier: meadowcap.NewVerifier(100),
	})
	p.engine.Subscribe(func(consync.Event) { p.tell() })
	p.bound, err = endpoint.Bind(t.Context(), endpoint.Config{
		Device: k, Listen: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}, ALPNs: []string{alpnSync},
	})
	must(t, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.engine.Run(ctx) }()
	p.close = sync.OnceFunc(func() {
		stop()
		<-ended
		must(t, errors.Join(p.bound.Close(), blobs.Close(), db.Close()))
	})
	t.Cleanup(p.close)
	return p
}

func (p *patched) tell() {
	select {
	case p.news <- struct{}{}:
	default:
	}
}

// names adds interests that show a capability.
func (p *patched) names(ns willow.NamespaceID, read *meadowcap.Capability, areas ...willow.Area) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range areas {
		p.interests = append(p.interests, consync.Interest{Namespace: ns, Read: read, Area: a})
	}
}

func (p *patched) Interests(context.Context, key.Endpoint) ([]consync.Interest, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.interests), nil
}

func (p *patched) Serve(context.Context, key.Endpoint, *meadowcap.Capability) bool { return true }
func (p *patched) Live(*meadowcap.Capability) bool                                 { return true }
func (p *patched) Against(*meadowcap.Capability) []consync.Statement               { return nil }
func (p *patched) StatementsHash(willow.NamespaceID) [32]byte                      { return [32]byte{1} }
func (p *patched) Statements(willow.NamespaceID) []consync.Statement               { return nil }
func (p *patched) Subscribe(func(willow.NamespaceID)) func()                       { return func() {} }

func (p *patched) AddStatements(_ context.Context, ns willow.NamespaceID, raw [][]byte) error {
	p.mu.Lock()
	p.heard[ns] += len(raw)
	p.mu.Unlock()
	p.tell()
	return nil
}

// connect begins a session with a node, and returns how it ends.
func (p *patched) connect(d *device) <-chan error {
	p.t.Helper()
	c, err := p.bound.Dial(p.t.Context(), d.Node.endpoint.ID(), alpnSync, d.listen)
	must(p.t, err)
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		ended <- p.engine.Serve(ctx, connection{c})
		close(done)
	}()
	p.t.Cleanup(func() {
		cancel()
		<-done
	})
	return ended
}

func (p *patched) until(what string, ok func() bool) {
	p.t.Helper()
	late := time.After(30 * time.Second)
	for !ok() {
		select {
		case <-p.news:
		case <-late:
			p.t.Fatalf("%s: it never happened; %+v", what, p.engine.Peers())
		}
	}
}

// reconciled reports whether a namespace is exchanged, and all of it has come.
func (p *patched) reconciled(ns willow.NamespaceID) bool {
	for _, s := range p.engine.Peers() {
		if v := s.Namespaces[ns]; v.TheirsKnown && v.Ours == v.Theirs && v.OursMissing == 0 {
			return true
		}
	}
	return false
}

// has lists all that came of a namespace, by path; "*" is in another subspace than
// the shared one.
func (p *patched) has(ns willow.NamespaceID) []string {
	p.t.Helper()
	all := map[string]bool{}
	for a, err := range p.store.Area(p.t.Context(), ns, willow.FullArea) {
		must(p.t, err)
		all[strings.Join(a.Entry.Path.Components(), "/")] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// TestPatchedNode: Bob, who may contribute to one folder, has a program that keeps
// to nothing. It gets nothing but that folder and changes nothing, and after his
// access has ended it gets nothing at all.
func TestPatchedNode(t *testing.T) {
	t.Parallel()
	ann, bob := fresh(t, "Ann", "laptop").start(), fresh(t, "Bob", "desk").start()
	acquainted(t, ann, bob)
	_, err := ann.SpaceCreate(t.Context(), "Photos")
	must(t, err)
	ann.put("Photos", "Rome/a", "of Rome")
	ann.put("Photos", "Oslo/secret", strings.Repeat("SECRET", 10_000))
	share, err := ann.Share(t.Context(), ShareOptions{Space: "Photos", Path: "Rome", With: "Bob", Level: "contribute"})
	must(t, err)
	bob.until("the invitation", func() bool { return len(bob.account.Invitations()) > 0 })
	invites, err := bob.Invites(t.Context())
	must(t, err)
	_, err = bob.InviteAccept(t.Context(), invites[0].ID)
	must(t, err)
	in := bob.account.Invitations()[0]
	has := in.For[0]
	annsIdentity := in.From
	k := bob.cfg.Device
	bob.close()

	p := newPatched(t, k)
	photos := in.Space
	area := has.Read.Area()
	wider := area
	wider.Path = willow.MustPath("files")
	p.names(photos, has.Read, willow.FullArea, wider, area, willow.Area{AnySubspace: true, Path: willow.MustPath("files", "Oslo"), Times: willow.AllTimes})
	p.names(annsIdentity, has.Read, willow.FullArea) // of another namespace
	ended := p.connect(ann)
	p.until("what Bob may read comes", func() bool { return p.reconciled(photos) })
	for _, path := range p.has(photos) {
		if !strings.HasPrefix(path, "files/Rome") {
			t.Errorf("Bob got %s", path)
		}
	}
	if len(p.has(photos)) == 0 || len(p.has(annsIdentity)) > 0 {
		t.Errorf("Bob got %q of the folder, and of the account %q", p.has(photos), p.has(annsIdentity))
	}

	before := ann.digestOf(photos)
	overwrite := willow.Entry{
		Namespace: photos, Subspace: willow.SubspaceID(photos), Path: willow.MustPath("files", "Rome", "a"),
		Timestamp: willow.TimestampOf(time.Now().Add(time.Hour)), PayloadDigest: willow.EmptyDigest,
	}
	forged := willow.Authorised{Entry: overwrite, Token: willow.Token{
		Capability: has.Write.Encode(), Signature: k.Sign(willow.AppendEntry(nil, overwrite)),
	}}
	_, err = p.store.Insert(t.Context(), 0, []willow.Incoming{{Authorised: forged}})
	must(t, err)
	if err := <-ended; err == nil {
		t.Error("the session goes on after a forged entry")
	}
	if ann.digestOf(photos) != before || ann.get("Photos", "Rome/a") != "of Rome" {
		t.Error("Bob has overwritten Ann's file")
	}

	done, err := ann.Revoke(t.Context(), RevokeOptions{ID: share.ID})
	must(t, err)
	now, err := ann.Revoke(t.Context(), RevokeOptions{ID: share.ID, DryRun: true})
	if err != nil || !now.Done || len(now.Stopped) != len(done.Stopped) || len(now.Shares) != 1 || done.Holds.Seen == nil || now.Holds.Seen != nil {
		t.Errorf("its receipt is %+v and later %+v, %v", done, now, err)
	}
	p.close()                // Ann knows its address
	late := newPatched(t, k) // with nothing of before
	late.names(photos, has.Read, area, willow.FullArea)
	late.connect(ann)
	late.until("Bob is told why", func() bool {
		late.mu.Lock()
		defer late.mu.Unlock()
		return late.heard[photos] > 0
	})
	ann.put("Photos", "Rome/later", "later")
	ann.until("Ann has noted it", func() bool {
		rows, err := ann.Audit(t.Context(), AuditQuery{Kind: AuditRefused, Person: "Bob"})
		return err == nil && len(rows.Rows) > 0
	})
	if got := late.has(photos); len(got) > 0 {
		t.Errorf("Bob got %q after his access had ended", got)
	}
}

// digestOf is the fingerprint of all that counts of a namespace.
func (d *device) digestOf(ns willow.NamespaceID) willow.Fingerprint {
	d.t.Helper()
	sum, err := d.cfg.Entries.Summary(d.t.Context(), ns, willow.FullRange, willow.FullArea)
	must(d.t, err)
	return sum.Fingerprint
}

var _ consync.Policy = (*patched)(nil)
