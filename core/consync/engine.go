package consync

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"meadow/core/blob"
	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// The reasons for which a session ends by itself. Serve wraps them.
var (
	ErrProtocol = errors.New("peer broke the sync protocol")
	ErrLimit    = errors.New("peer went over a limit")
	ErrStalled  = errors.New("peer made no progress")
	ErrReplaced = errors.New("another connection to the peer took over")
	ErrStopped  = errors.New("sync engine has stopped")

	// ErrNothingShared: there was no namespace for a while that the two may
	// exchange.
	ErrNothingShared = errors.New("nothing is shared with the peer")
)

// The application error codes of a connection that the engine closes. There is
// one for all broken rules, so that it tells the peer nothing.
const (
	CodeOK       uint64 = 0
	CodeProtocol uint64 = 1
	CodeLimit    uint64 = 2
	CodeShutdown uint64 = 3
	codeRefused  uint64 = 4 // resets one payload stream
)

// Config is what an Engine needs. OnHello, Applied and Audits may be nil.
type Config struct {
	Local key.Endpoint
	// Entries judges what it is given by the same statements as Policy: see
	// willow.Store.Judge.
	Entries  willow.Store
	Blobs    *blob.Store
	Policy   Policy
	Verifier *meadowcap.Verifier
	// Hello returns what is shown to a peer when a session begins and after
	// each call of Greet, at most HelloLimit bytes. Any authenticated peer sees
	// it, whatever it may read, so it must not tell a stranger what only the
	// person's own devices may know. It must be quick. Nil: nothing.
	Hello func(peer key.Endpoint) []byte
	// OnHello is called with what a peer shows over a connection, one call at a time for each
	// session, before anything that the peer sends after it is looked at. It
	// returns the minor version of the wire that the peer speaks, 0 if it doesn't
	// say; an error ends the session. It must not block and must not keep the
	// bytes.
	OnHello func(conn Conn, hello []byte) (minor int, err error)
	// Applied reports whether what the node holds of a namespace has been
	// written to where the user sees it. It must be quick, and must be false from
	// a commit on that isn't, no later than when Entries tells the engine, so
	// what it goes by has to subscribe to Entries before Run. Nil: always.
	Applied func(ns willow.NamespaceID) bool
	// Audits reports whether there is to be an event of all that goes to a peer and
	// comes from it. It must be quick. Nil: never.
	Audits func(peer key.Endpoint) bool
	Log    *slog.Logger
	Now    func() time.Time
}

// Engine syncs with any number of peers, one session each. Its methods may be
// called concurrently.
type Engine struct {
	cfg    Config
	limits limits
	feed   *feed
	meter  *meter

	running chan struct{} // closed once Run has subscribed
	stopped chan struct{} // closed when Run ends

	mu        sync.Mutex
	sessions  map[key.Endpoint]*session // peer -> its session
	group     sync.WaitGroup            // sessions being served
	ended     bool                      // no more sessions are taken
	lastGiven willow.Origin             // sessions count from 1
	fetching  map[blob.Hash]*session    // who is asked for a payload
	purses    map[key.Endpoint]*purse   // of peers with a session, or who lately had one and whose isn't full yet
	rested    map[restKey]restPair      // bounded by restedLimit
}

// restKey is an exchange that may rest though the sides differ.
type restKey struct {
	peer key.Endpoint
	ns   willow.NamespaceID
	area willow.Area
}

// restPair is the fingerprints, ours and theirs, that a complete exchange left
// unequal: another one would change nothing.
type restPair struct{ ours, theirs willow.Fingerprint }

// NewEngine makes an engine. Nothing happens before Run.
func NewEngine(cfg Config) *Engine {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Engine{
		cfg:      cfg,
		limits:   defaultLimits,
		feed:     newFeed(),
		meter:    newMeter(),
		running:  make(chan struct{}),
		stopped:  make(chan struct{}),
		sessions: make(map[key.Endpoint]*session),
		fetching: make(map[blob.Hash]*session),
		purses:   make(map[key.Endpoint]*purse),
		rested:   make(map[restKey]restPair),
	}
}

// Run follows the store and the policy and delivers events until ctx ends, then
// ends all sessions and returns when they have. It is called once.
func (e *Engine) Run(ctx context.Context) error {
	stopStore := e.cfg.Entries.Subscribe(e.changed)
	defer stopStore()
	stopPolicy := e.cfg.Policy.Subscribe(e.policyChanged)
	defer stopPolicy()
	close(e.running)
	e.feed.run(ctx)

	e.mu.Lock()
	e.ended = true
	e.mu.Unlock()
	close(e.stopped)
	e.group.Wait()
	return ctx.Err()
}

// Serve runs one session over conn until it ends, and closes conn. It returns
// nil if ctx ended it, else why it ended. It waits for Run to have begun.
//
// A peer has one session. Of two connections that were dialled from both sides
// at once, both nodes keep the one that the smaller endpoint key dialled; a
// newer connection dialled from the same side replaces the older one.
func (e *Engine) Serve(ctx context.Context, conn Conn) error {
	select {
	case <-e.running:
	case <-ctx.Done():
		_ = conn.Close(CodeShutdown)
		return nil
	}
	s, err := e.admit(conn)
	if err != nil {
		_ = conn.Close(CodeOK)
		return err
	}
	defer e.group.Done()
	err = s.run(ctx)
	e.leave(s)
	return err
}

// admit makes the session of conn, which takes the place of an older one. One whose
// connection has ended is none any more, though it may not have left yet.
func (e *Engine) admit(conn Conn) (*session, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ended {
		return nil, ErrStopped
	}
	peer := conn.Peer()
	if old := e.sessions[peer]; old != nil {
		preferred := bytes.Compare(e.cfg.Local[:], peer[:]) < 0
		if old.conn.Initiator() == preferred && conn.Initiator() != preferred && !ended(old.conn) {
			return nil, ErrReplaced
		}
		old.end(ErrReplaced)
	}
	e.lastGiven++
	s := newSession(e, conn, e.lastGiven)
	s.purse = e.purseLocked(peer)
	e.sessions[peer] = s
	e.group.Add(1)
	return s, nil
}

func ended(conn Conn) bool {
	select {
	case <-conn.Done():
		return true
	default:
		return false
	}
}

// purseLocked returns the purse of a peer: a new session doesn't come with a new one.
func (e *Engine) purseLocked(peer key.Endpoint) *purse {
	maps.DeleteFunc(e.purses, func(p key.Endpoint, of *purse) bool { return e.sessions[p] == nil && of.full() })
	if e.purses[peer] == nil {
		e.purses[peer] = newPurse(e.limits.rowsPerMin, time.Now)
	}
	return e.purses[peer]
}

func (e *Engine) leave(s *session) {
	e.meter.forget(s)
	e.mu.Lock()
	if e.sessions[s.peer] == s {
		delete(e.sessions, s.peer)
	}
	e.mu.Unlock()
}

// all returns the sessions there are.
func (e *Engine) all() []*session {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := make([]*session, 0, len(e.sessions))
	for _, s := range e.sessions {
		all = append(all, s)
	}
	return all
}

// PeerOf returns the peer of the session that brings entries with an origin, the zero
// key if it has ended.
func (e *Engine) PeerOf(origin willow.Origin) key.Endpoint {
	for _, s := range e.all() {
		if s.origin == origin {
			return s.peer
		}
	}
	return key.Endpoint{}
}

// Greet shows every peer what Hello returns now.
func (e *Engine) Greet() {
	for _, s := range e.all() {
		s.notify(func(n *news) { n.hello = true })
	}
}

// greeting returns what a peer is shown.
func (e *Engine) greeting(peer key.Endpoint) []byte {
	if e.cfg.Hello == nil {
		return nil
	}
	b := e.cfg.Hello(peer)
	if len(b) > HelloLimit {
		e.cfg.Log.Error("A hello is too long and isn't shown", "length", len(b), "limit", HelloLimit)
		return nil
	}
	return b
}

// Touch says that Config.Applied may answer differently now for a namespace.
func (e *Engine) Touch(ns willow.NamespaceID) {
	for _, s := range e.all() {
		s.touched(ns)
	}
}

// RoomAgain has payloads fetched now that this device couldn't store before.
func (e *Engine) RoomAgain() {
	for _, s := range e.all() {
		s.lacking.unhold()
		s.wakeFetch()
	}
}

// changed forwards a commit. The store calls it; it doesn't block.
func (e *Engine) changed(c willow.Change) {
	for _, s := range e.all() {
		s.changed(c)
	}
}

// policyChanged has interests and verdicts looked at again.
func (e *Engine) policyChanged(willow.NamespaceID) {
	for _, s := range e.all() {
		s.notify(func(n *news) { n.policy = true })
	}
}

// claim reserves a payload for one session, so that no two peers are asked for
// it at once. It is released when the download ends, however it ends.
func (e *Engine) claim(h blob.Hash, s *session) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.fetching[h] != nil {
		return false
	}
	e.fetching[h] = s
	return true
}

func (e *Engine) claimed(h blob.Hash) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.fetching[h] != nil
}

// release ends a claim. Others may have passed the payload over meanwhile; if
// it didn't come, they look again.
func (e *Engine) release(h blob.Hash, s *session, done bool) {
	e.mu.Lock()
	if e.fetching[h] == s {
		delete(e.fetching, h)
	}
	e.mu.Unlock()
	if done {
		return
	}
	for _, other := range e.all() {
		if other != s {
			other.wakeFetch()
		}
	}
}

// restedAt returns the pair that an exchange came to rest at, if any.
func (e *Engine) restedAt(k restKey) (restPair, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, ok := e.rested[k]
	return p, ok
}

func (e *Engine) rest(k restKey, p restPair) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.rested) >= restedLimit {
		clear(e.rested)
	}
	e.rested[k] = p
}
