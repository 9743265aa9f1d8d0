// Package storetest has the conformance suite of [willow.Store], which every
// implementation passes, and [Memory], the simplest implementation.
//
// The suite drives a store with random batches of entries that prune each
// other, tie, repeat and die, and compares whatever the interface can show with
// a model that knows nothing but the definitions.
package storetest

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"meadow/core/willow"
)

// Run tests the stores that open returns. A store may start with entries of
// other namespaces, but must not hold any payload.
func Run(t *testing.T, open func(t testing.TB) willow.Store) {
	t.Run("Model", func(t *testing.T) { runMachine(t, open(t)) })
	RunLaws(t, open)
	for name, test := range map[string]func(*testing.T, willow.Store){
		"Empty":        testEmpty,
		"FirstToken":   testFirstToken,
		"Permutation":  testPermutation,
		"Writing":      testWriting,
		"BreakOff":     testBreakOff,
		"Split":        testSplit,
		"MarkPast":     testMarkPast,
		"Expire":       testExpire,
		"Unjudged":     testUnjudged,
		"Revival":      testRevival,
		"SeenAgain":    testSeenAgain,
		"Subscribe":    testSubscribe,
		"Told":         testTold,
		"Late":         testLate,
		"NewestAside":  testNewestAside,
		"Capabilities": testCapabilities,
		"Judge":        testJudge,
		"JudgeLate":    testJudgeLate,
		"Concurrent":   testConcurrent,
		"LatestMany":   testLatestMany,
		"LatestTies":   testLatestTies,
		"LatestWrites": testLatestWrites,
		"Meter":        testMeter,
		"Select":       testSelect,
		"SelectLong":   testSelectLong,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// RunLaws tests just that stores which open returns hold the join of what they were
// given. It reads a store only after it has called History or Area, so that these can
// wait for what a store that isn't quite one may still have to do.
func RunLaws(t *testing.T, open func(t testing.TB) willow.Store) {
	t.Run("Laws", func(t *testing.T) { runLaws(t, open(t), open(t)) })
	t.Run("Joins", func(t *testing.T) { runJoins(t, open(t)) })
}

// tb is what the suite needs of testing.T and rapid.T.
type tb interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// patience is how long the suite waits for what should come at once.
const patience = 10 * time.Second

var namespaces atomic.Uint64

// newNamespace returns a namespace that no other test uses, so that many tests
// share one store.
func newNamespace() (ns willow.NamespaceID) {
	binary.BigEndian.PutUint64(ns[8:], namespaces.Add(1))
	ns[0], ns[31] = 0x77, 1
	return ns
}

// entry returns an entry with a timestamp, and a digest and length made of it.
func entry(ns willow.NamespaceID, ss byte, p willow.Path, ts willow.Timestamp) willow.Entry {
	return willow.Entry{
		Namespace: ns, Subspace: willow.SubspaceID{ss}, Path: p,
		Timestamp: ts, PayloadLength: uint64(ts) + 1, PayloadDigest: willow.Digest{byte(ts)},
	}
}

// with gives an entry a token under a capability. Stores don't look into tokens.
func with(e willow.Entry, capability string) willow.Incoming {
	token := willow.Token{Capability: []byte(capability)}
	copy(token.Signature[:], capability)
	token.Signature[63] = byte(e.Timestamp)
	return willow.Incoming{Authorised: willow.Authorised{Entry: e, Token: token}}
}

// insert inserts entries under one live capability.
func insert(t tb, s willow.Store, entries ...willow.Entry) []willow.Outcome {
	t.Helper()
	batch := make([]willow.Incoming, len(entries))
	for i, e := range entries {
		batch[i] = with(e, "a capability")
	}
	outcomes, err := s.Insert(context.Background(), 1, batch)
	if err != nil {
		t.Fatalf("Insert: %v", err)
	}
	return outcomes
}

// all collects what an iterator gives.
func all[T any](t tb, seq iter.Seq2[T, error]) []T {
	t.Helper()
	var ts []T
	for v, err := range seq {
		if err != nil {
			t.Fatalf("iterating: %v", err)
		}
		ts = append(ts, v)
	}
	return ts
}

// area returns the entries that the store iterates in an area.
func area(t tb, s willow.Store, ns willow.NamespaceID, a willow.Area) []willow.Entry {
	t.Helper()
	return entriesOf(all(t, s.Area(context.Background(), ns, a)))
}

func entriesOf(as []willow.Authorised) []willow.Entry {
	es := make([]willow.Entry, len(as))
	for i, a := range as {
		es[i] = a.Entry
	}
	return es
}

// byPlace is the order of iteration: by subspace, then path.
func byPlace(a, b willow.Entry) int {
	return cmp.Or(a.Subspace.Compare(b.Subspace), a.Path.Compare(b.Path))
}

// byAge is the order of Latest.
func byAge(a, b willow.Entry) int { return cmp.Or(b.Compare(a), byPlace(b, a)) }

// total orders all entries of a namespace, for comparing sets.
func total(a, b willow.Entry) int { return cmp.Or(byPlace(a, b), a.Compare(b)) }

func sameAuthorised(a, b willow.Authorised) bool {
	return a.Entry == b.Entry && a.Token.Signature == b.Token.Signature &&
		string(a.Token.Capability) == string(b.Token.Capability)
}

// equalEntries compares sequences, and tells the difference.
func equalEntries(t tb, what string, got, want []willow.Entry) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%s:\n got %v\nwant %v", what, show(got), show(want))
	}
}

func show(es []willow.Entry) []string {
	var s []string
	for _, e := range es {
		s = append(s, fmt.Sprintf("%x…%v@%d #%x…/%d", e.Subspace[:1], e.Path, e.Timestamp, e.PayloadDigest[:1], e.PayloadLength))
	}
	return s
}

// mirror is a live set that knows only what a subscription told it.
type mirror struct {
	ns willow.NamespaceID

	mu      sync.Mutex
	live    map[willow.Entry]willow.Authorised // guarded by mu
	past    map[willow.Entry]bool              // ever Removed or Late; guarded by mu
	changes []willow.Change                    // guarded by mu
	news    chan struct{}                      // has room for one
}

func newMirror(s willow.Store, ns willow.NamespaceID) (m *mirror, cancel func()) {
	m = &mirror{ns: ns, live: make(map[willow.Entry]willow.Authorised), past: make(map[willow.Entry]bool), news: make(chan struct{}, 1)}
	return m, s.Subscribe(m.apply)
}

func (m *mirror) apply(c willow.Change) {
	if c.Namespace != m.ns {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changes = append(m.changes, c)
	for _, a := range c.Inserted {
		m.live[a.Entry] = a
	}
	for _, e := range c.Removed {
		delete(m.live, e)
		m.past[e] = true
	}
	for _, e := range c.Late {
		m.past[e] = true
	}
	select {
	case m.news <- struct{}{}:
	default:
	}
}

// entries returns what the mirror has, in order.
func (m *mirror) entries() []willow.Entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	es := make([]willow.Entry, 0, len(m.live))
	for e := range m.live {
		es = append(es, e)
	}
	slices.SortFunc(es, total)
	return es
}

// toldOf reports whether an entry was ever said to have left the live set, or
// never to have been in it.
func (m *mirror) toldOf(e willow.Entry) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.past[e]
}

// await waits until the mirror has exactly the entries wanted, which are in
// order.
func (m *mirror) await(t tb, want []willow.Entry) {
	t.Helper()
	deadline := time.After(patience)
	for !slices.Equal(m.entries(), want) {
		select {
		case <-m.news:
		case <-deadline:
			equalEntries(t, "what the subscription told", m.entries(), want)
			return
		}
	}
}
