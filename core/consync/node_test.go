package consync_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"meadow/core/blob"
	"meadow/core/consync"
	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
	"meadow/storage"
)

// node is one device with everything real but its policy and network.
type node struct {
	t      testing.TB
	device key.Device
	db     *storage.DB
	blobs  *blob.Store
	store  willow.Store
	policy *policy
	engine *consync.Engine
	write  map[willow.NamespaceID]*meadowcap.Capability
	hellos chan string
	hello  atomic.Value                        // of string
	audits atomic.Bool                         // what moves is told
	told   atomic.Pointer[func(willow.Change)] // is told of commits before the engine
	close  func()

	mu      sync.Mutex
	wakers  map[chan struct{}]bool
	touched map[willow.NamespaceID]bool // not applied
}

// newNode makes a node and starts its engine; adjust may change the engine first.
func newNode(t testing.TB, adjust ...func(*consync.Engine)) *node {
	t.Helper()
	return newNodeIn(t, t.TempDir(), key.NewDevice(), adjust...)
}

func newNodeIn(t testing.TB, dir string, device key.Device, adjust ...func(*consync.Engine)) *node {
	t.Helper()
	ctx, log := context.Background(), slog.New(slog.DiscardHandler)
	db, err := storage.Open(ctx, filepath.Join(dir, "meadow.db"), log)
	must(t, err)
	blobs, err := blob.Open(filepath.Join(dir, "blobs"), db.Blobs(), log)
	must(t, err)
	n := &node{
		t: t, device: device, db: db, blobs: blobs, store: db.Entries(),
		write:   make(map[willow.NamespaceID]*meadowcap.Capability),
		hellos:  make(chan string, 16),
		wakers:  make(map[chan struct{}]bool),
		touched: make(map[willow.NamespaceID]bool),
	}
	n.policy = &policy{refused: make(map[key.Endpoint]bool)}
	n.policy.rejudge = func(ns willow.NamespaceID, live func([]byte) bool) {
		must(t, n.store.Rejudge(ctx, ns, live))
	}
	n.store.Judge(func(_ willow.NamespaceID, enc []byte) bool {
		c, err := meadowcap.Decode(enc)
		return err == nil && n.policy.Live(c)
	})
	n.engine = consync.NewEngine(consync.Config{
		Local: device.Endpoint(), Entries: n.store, Blobs: blobs, Policy: n.policy,
		Verifier: meadowcap.NewVerifier(4096), Hello: n.greeting,
		OnHello: func(_ consync.Conn, h []byte) (int, error) {
			select {
			case n.hellos <- string(h):
			default: // a test that makes many sessions listens to the first
			}
			if string(h) == "twin" {
				return 0, errTwin
			}
			return strings.Count(string(h), "+"), nil // each + is a minor version
		},
		Audits: func(key.Endpoint) bool { return n.audits.Load() },
		Applied: func(ns willow.NamespaceID) bool {
			n.mu.Lock()
			defer n.mu.Unlock()
			return !n.touched[ns]
		},
	})
	n.hello.Store("hello")
	for _, fn := range adjust {
		fn(n.engine)
	}
	n.engine.Subscribe(func(consync.Event) { n.wake() })
	n.policy.Subscribe(func(willow.NamespaceID) { n.wake() })
	stopStore := n.store.Subscribe(func(c willow.Change) {
		if told := n.told.Load(); told != nil {
			(*told)(c)
		}
		n.wake()
	})
	run, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- n.engine.Run(run) }()
	n.close = sync.OnceFunc(func() {
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("engine ended: %v", err)
		}
		stopStore()
		must(t, blobs.Close())
		must(t, db.Close())
	})
	t.Cleanup(n.close)
	return n
}

var errTwin = errors.New("a twin")

func (n *node) greeting(key.Endpoint) []byte { return []byte(n.hello.Load().(string)) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (n *node) wake() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for c := range n.wakers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// eventually waits until ok holds, looking whenever a node has news.
func eventually(t testing.TB, what string, ok func() bool, nodes ...*node) {
	t.Helper()
	wake := make(chan struct{}, 1)
	for _, n := range nodes {
		n.mu.Lock()
		n.wakers[wake] = true
		n.mu.Unlock()
		defer func() {
			n.mu.Lock()
			delete(n.wakers, wake)
			n.mu.Unlock()
		}()
	}
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	for !ok() {
		select {
		case <-wake:
		case <-deadline.C:
			for _, n := range nodes {
				t.Logf("%+v", n.engine.Peers())
			}
			t.Fatalf("timed out: %s", what)
		}
	}
}

// own makes n the first device of a new namespace.
func (n *node) own() (willow.NamespaceID, *meadowcap.Capability) {
	secret := key.NewOwnedNamespace()
	ns := secret.Namespace()
	n.write[ns] = meadowcap.NewOwned(secret, meadowcap.Write, n.device.Receiver())
	read := meadowcap.NewOwned(secret, meadowcap.Read, n.device.Receiver())
	n.interest(ns, read)
	return ns, read
}

func (n *node) interest(ns willow.NamespaceID, read *meadowcap.Capability) {
	n.policy.change(ns, func() {
		n.policy.interests = append(n.policy.interests, consync.Interest{Namespace: ns, Read: read})
	})
}

// forget withdraws the interest in a namespace.
func (n *node) forget(ns willow.NamespaceID) {
	n.policy.change(ns, func() {
		n.policy.interests = slices.DeleteFunc(n.policy.interests, func(in consync.Interest) bool {
			return in.Namespace == ns
		})
	})
}

// give hands read and write of an area on to another node.
func (n *node) give(to *node, ns willow.NamespaceID, read *meadowcap.Capability, area willow.Area) *meadowcap.Capability {
	n.t.Helper()
	r, err := read.Delegate(n.device, area, to.device.Receiver())
	must(n.t, err)
	w, err := n.write[ns].Delegate(n.device, area, to.device.Receiver())
	must(n.t, err)
	to.write[ns] = w
	to.interest(ns, r)
	return r
}

var subspace = willow.SubspaceID{7}

// put writes an entry as this device.
func (n *node) put(ns willow.NamespaceID, at willow.Timestamp, payload []byte, path ...string) willow.Entry {
	n.t.Helper()
	e := n.sign(ns, at, payload, path...)
	n.insert(0, e)
	return e.Entry
}

func (n *node) sign(ns willow.NamespaceID, at willow.Timestamp, payload []byte, path ...string) willow.Authorised {
	n.t.Helper()
	e := willow.Entry{Namespace: ns, Subspace: subspace, Path: willow.MustPath(path...), Timestamp: at}
	h, err := n.blobs.PutBytes(context.Background(), scope(e), payload)
	must(n.t, err)
	e.PayloadDigest, e.PayloadLength = willow.Digest(h), uint64(len(payload))
	a, err := meadowcap.Sign(n.device, n.write[ns], e)
	must(n.t, err)
	return a
}

func (n *node) insert(origin willow.Origin, list ...willow.Authorised) {
	n.t.Helper()
	var batch []willow.Incoming
	for _, a := range list {
		batch = append(batch, willow.Incoming{Authorised: a})
	}
	_, err := n.store.Insert(context.Background(), origin, batch)
	must(n.t, err)
}

func scope(e willow.Entry) (s blob.Scope) {
	copy(s[:32], e.Namespace[:])
	copy(s[32:], e.Subspace[:])
	return s
}

func (n *node) has(e willow.Entry) bool {
	a, ok, err := n.store.Get(context.Background(), e.Namespace, e.Subspace, e.Path)
	must(n.t, err)
	return ok && a.Entry == e
}

func (n *node) holds(e willow.Entry) bool {
	ok, err := n.blobs.Has(context.Background(), scope(e), blob.Hash(e.PayloadDigest))
	must(n.t, err)
	return ok && n.has(e)
}

func (n *node) fingerprint(ns willow.NamespaceID) willow.Fingerprint {
	sum, err := n.store.Summary(context.Background(), ns, willow.FullRange, willow.FullArea)
	must(n.t, err)
	return sum.Fingerprint
}

// peer returns the state of the session with another node.
func (n *node) peer(other *node) (consync.PeerState, bool) {
	for _, p := range n.engine.Peers() {
		if p.Peer == other.device.Endpoint() {
			return p, true
		}
	}
	return consync.PeerState{}, false
}

// session is a session between two nodes.
type session struct {
	a, b   *conn
	cancel context.CancelFunc
	ended  chan error
	aErr   error
	bErr   error
}

var links byte

// connect runs a session, a dialling b, until it ends or the test does.
func connect(t testing.TB, a, b *node) *session {
	t.Helper()
	return connectUntil(t, a, b, 0)
}

// connectUntil is connect, but payload streams stand still after some bytes.
func connectUntil(t testing.TB, a, b *node, stop int) *session {
	t.Helper()
	links++
	x, y := dial(a.device.Endpoint(), b.device.Endpoint(), links)
	x.stop = stop
	s := &session{a: x, b: y, ended: make(chan error, 2)}
	serve(t, s, a, b, x, y)
	return s
}

func serve(t testing.TB, s *session, a, b *node, x, y consync.Conn) {
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	var group sync.WaitGroup
	group.Go(func() { s.aErr = a.engine.Serve(ctx, x) })
	group.Go(func() { s.bErr = b.engine.Serve(ctx, y) })
	done := make(chan struct{})
	go func() {
		group.Wait()
		close(done)
	}()
	s.ended = make(chan error, 1)
	go func() {
		<-done
		s.ended <- errors.Join(s.aErr, s.bErr)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

// stop ends the session and waits for it.
func (s *session) stop() {
	s.cancel()
	<-s.ended
}

// inStep waits until both nodes say that a namespace is in step.
func inStep(t testing.TB, ns willow.NamespaceID, a, b *node) {
	t.Helper()
	agreed := func(x, y *node) bool {
		p, ok := x.peer(y)
		return ok && p.Namespaces[ns].InStep()
	}
	eventually(t, "nodes in step", func() bool { return agreed(a, b) && agreed(b, a) }, a, b)
}

func name(i int) string { return fmt.Sprintf("n%06d", i) }
