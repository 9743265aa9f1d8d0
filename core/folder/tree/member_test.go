package tree_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zeebo/blake3"

	"meadow/core/blob"
	"meadow/core/folder/tree"
	"meadow/core/willow"
	"meadow/core/willow/storetest"
)

var (
	cornerOfBob   = willow.SubspaceID{0xb0, 1}
	cornerOfCarol = willow.SubspaceID{0xca, 1}
)

// member is one device of somebody who has a space: its owner, a contributor or a
// reader.
type member struct {
	t       fataler
	name    string
	entries willow.Store
	blobs   *scopedBlobs
	view    *tree.View
	clock   *time.Time // shared
	corners []tree.Corner
	writes  func(ss willow.SubspaceID) bool
}

// scopedBlobs is blobs that are held by scopes.
type scopedBlobs struct {
	*memBlobs
	held map[string]bool
}

func (b *scopedBlobs) PutInlineBatch(ctx context.Context, puts []blob.InlinePut) error {
	for _, p := range puts {
		b.hold(p.Scope, p.Hash)
	}
	return b.memBlobs.PutInlineBatch(ctx, puts)
}

func (b *scopedBlobs) hold(s blob.Scope, h blob.Hash) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held[string(s[:])+string(h[:])] = true
}

func (b *scopedBlobs) Has(_ context.Context, s blob.Scope, h blob.Hash) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held[string(s[:])+string(h[:])], nil
}

func (b *scopedBlobs) Hold(_ context.Context, s blob.Scope, h blob.Hash) (bool, error) {
	b.hold(s, h)
	return true, nil
}

func newMember(t fataler, name string, clock *time.Time, writes func(ss willow.SubspaceID) bool, corners ...tree.Corner) *member {
	m := &member{
		t: t, name: name, entries: &storetest.Memory{}, blobs: &scopedBlobs{newMemBlobs(), map[string]bool{}}, clock: clock,
		writes: writes, corners: corners,
	}
	m.start()
	return m
}

// start makes the device's view, as after a start of the program.
func (m *member) start() {
	if m.view != nil {
		m.view.Close()
	}
	m.view = tree.NewView(tree.ViewConfig{
		Config: tree.Config{
			Namespace: namespace, Subspace: subspace, Entries: m.entries, Blobs: m.blobs, Author: blake3.Sum256([]byte(m.name)),
			Sign: func(_ context.Context, e willow.Entry) (willow.Authorised, error) {
				if !m.writes(e.Subspace) {
					return willow.Authorised{}, errors.New("no capability")
				}
				return willow.Authorised{Entry: e, Token: willow.Token{Capability: []byte(m.name)}}, nil
			},
			Owner: func(capability []byte) bool { return string(capability) == "alice" },
			Now:   m.now,
		},
		MayWriteIn: func(ss willow.SubspaceID, _ willow.Path) bool { return m.writes(ss) },
		Corners:    func() []tree.Corner { return m.corners },
		Called: func() string {
			first, _, _ := strings.Cut(m.name, " ")
			return strings.ToUpper(first[:1]) + first[1:]
		},
		Hold: m.blobs.Hold,
	})
}

func (m *member) now() time.Time { return *m.clock }

// again does something with a view that is made anew.
func (m *member) again(do func()) {
	old := m.view
	m.view = nil
	m.start()
	do()
	m.view.Close()
	m.view = old
}

// ids is what is shown, by version.
func (m *member) ids() (ids []string) {
	for _, v := range m.list() {
		ids = append(ids, v.Path+" "+v.ID())
	}
	return ids
}

// receive inserts entries that another device has, in one commit.
func (m *member) receive(es ...willow.Authorised) {
	m.t.Helper()
	batch := make([]willow.Incoming, len(es))
	for i, e := range es {
		batch[i].Authorised = e
	}
	_, err := m.entries.Insert(context.Background(), 1, batch)
	m.must(err)
}

// company is an owner, two contributors and a reader.
type company struct {
	alice, bob, carol, rita *member
	all                     []*member
	clock                   time.Time
}

func newCompany(t fataler) *company {
	c := &company{clock: epoch}
	in := func(own willow.SubspaceID) func(willow.SubspaceID) bool {
		return func(ss willow.SubspaceID) bool { return ss == own }
	}
	c.alice = newMember(t, "alice", &c.clock, func(willow.SubspaceID) bool { return true })
	c.bob = newMember(t, "bob", &c.clock, in(cornerOfBob), tree.Corner{Subspace: cornerOfBob, Mine: true})
	c.carol = newMember(t, "carol", &c.clock, in(cornerOfCarol), tree.Corner{Subspace: cornerOfCarol, Mine: true})
	c.rita = newMember(t, "rita", &c.clock, func(willow.SubspaceID) bool { return false })
	c.all = []*member{c.alice, c.bob, c.carol, c.rita}
	return c
}

func (m *member) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatalf("%s: %v", m.name, err)
	}
}

func (m *member) edit(path, text string) tree.Edit {
	h := blob.Hash(blake3.Sum256([]byte(text)))
	if text != "" {
		scope, _, err := m.view.WriteScope(context.Background(), path)
		m.must(err)
		m.blobs.put(h, []byte(text))
		m.blobs.hold(scope, h)
	}
	return tree.Edit{Path: path, Kind: tree.File, Digest: willow.Digest(h), Length: uint64(len(text)), Mtime: epoch}
}

func (m *member) write(path, text string) tree.Version {
	m.t.Helper()
	return m.apply(m.edit(path, text))
}

func (m *member) apply(e tree.Edit) tree.Version {
	m.t.Helper()
	*m.clock = m.clock.Add(time.Millisecond)
	vs, err := m.view.Write(context.Background(), []tree.Edit{e})
	m.must(err)
	return vs[0]
}

func (m *member) remove(path string) {
	m.t.Helper()
	*m.clock = m.clock.Add(time.Millisecond)
	_, err := m.view.Remove(context.Background(), path)
	m.must(err)
}

func (m *member) entriesOf() (es []willow.Authorised) {
	for a, err := range m.entries.Area(context.Background(), namespace, willow.FullArea) {
		m.must(err)
		es = append(es, a)
	}
	return es
}

// pull is a whole session, one way.
func (m *member) pull(from *member) {
	m.t.Helper()
	es := from.entriesOf()
	m.receive(es...)
	for _, e := range es {
		m.fetch(from, e.Entry)
	}
}

// fetch copies a payload, and tells of it as the store would.
func (m *member) fetch(from *member, e willow.Entry) {
	var scope blob.Scope
	copy(scope[:], e.Namespace[:])
	copy(scope[32:], e.Subspace[:])
	h := blob.Hash(e.PayloadDigest)
	if ok, _ := from.blobs.Has(context.Background(), scope, h); !ok {
		return
	}
	if ok, _ := m.blobs.Has(context.Background(), scope, h); ok {
		return
	}
	if b, ok := from.blobs.get(h); ok {
		m.blobs.put(h, b)
		m.blobs.hold(scope, h)
		for _, a := range m.entriesOf() { // others can have the same details
			if a.Entry.PayloadDigest == e.PayloadDigest && a.Entry.Subspace == e.Subspace {
				m.view.Arrived(a.Entry)
			}
		}
	}
}

func (m *member) lookup(path string) tree.Version {
	m.t.Helper()
	v, _, err := m.view.Lookup(context.Background(), path)
	m.must(err)
	return v
}

func (m *member) list() (vs []tree.Version) {
	m.t.Helper()
	for v, err := range m.view.List(context.Background(), "") {
		m.must(err)
		vs = append(vs, v)
	}
	return vs
}

func (m *member) shown() (lines []string) {
	for _, v := range m.list() {
		text, ok := m.blobs.get(blob.Hash(v.Digest))
		switch {
		case v.Kind == tree.Folder:
			text = []byte("/")
		case (!ok || !v.Present) && v.Length > 0:
			text = []byte("(not here)")
		}
		lines = append(lines, v.Path+"="+string(text))
	}
	return lines
}

// exchange brings all in step.
func (c *company) exchange() {
	for before := ""; ; {
		after := ""
		for _, m := range c.all {
			for _, from := range c.all {
				if from != m {
					m.pull(from)
				}
			}
			_, err := m.view.Settle(context.Background())
			m.must(err)
			after += fmt.Sprintln(m.shown(), len(m.entriesOf()))
		}
		if after == before {
			return
		}
		before = after
	}
}

// wants checks what everybody shows once they are in step.
func (c *company) wants(want ...string) {
	c.alice.t.Helper()
	c.exchange()
	slices.Sort(want)
	for _, m := range c.all {
		got := m.shown()
		slices.Sort(got)
		if !slices.Equal(got, want) {
			m.t.Fatalf("%s shows %q, want %q", m.name, got, want)
		}
		m.consistent()
		m.settled()
	}
}

// settled checks that nothing is shown below a file.
func (m *member) settled() {
	m.t.Helper()
	for _, v := range m.list() {
		for folder := v.Path; strings.Contains(folder, "/"); {
			folder = folder[:strings.LastIndexByte(folder, '/')]
			if u := m.lookup(folder); u.Live() && u.Kind != tree.Folder {
				m.t.Fatalf("%s shows %q below the file %q", m.name, v.Path, folder)
			}
		}
	}
}

// consistent checks that all ways to ask say the same.
func (m *member) consistent() {
	m.t.Helper()
	ctx := context.Background()
	list := m.list()
	counts, err := m.view.Counts(ctx)
	m.must(err)
	paths := map[string]bool{}
	for i, v := range list {
		if paths[v.Path] {
			m.t.Fatalf("%s shows %q twice", m.name, v.Path)
		}
		if i > 0 && list[i-1].Path >= v.Path && !strings.Contains(v.Path, "/") && !strings.Contains(list[i-1].Path, "/") {
			m.t.Fatalf("%s lists %q after %q", m.name, v.Path, list[i-1].Path)
		}
		paths[v.Path] = true
		if u := m.lookup(v.Path); u.ID() != v.ID() {
			m.t.Fatalf("%s looks %q up as %s, lists it as %s", m.name, v.Path, u.ID(), v.ID())
		}
	}
	if listed := countOf(list); counts != listed {
		m.t.Fatalf("%s counts %+v; lists %+v", m.name, counts, listed)
	}
	named := 0
	for n, err := range m.view.Paths(ctx) {
		m.must(err)
		if named++; !paths[n.Path] {
			m.t.Fatalf("%s names %q, which it doesn't list", m.name, n.Path)
		}
	}
	found := 0
	for v, err := range m.view.LookupAll(ctx, slices.Sorted(func(yield func(string) bool) {
		for p := range paths {
			if !yield(p) {
				return
			}
		}
	})) {
		m.must(err)
		if found++; !v.Live() {
			m.t.Fatalf("%s looks up %q as deleted", m.name, v.Path)
		}
	}
	if named != len(list) || found != len(list) {
		m.t.Fatalf("%s lists %d, names %d, finds %d", m.name, len(list), named, found)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
