package consync

import (
	"context"
	"sync"
	"time"

	"meadow/core/key"
	"meadow/core/willow"
)

// Event is one of the types below.
type Event interface{ event() }

// SessionOpened says that a peer's control stream is there.
type SessionOpened struct{ Peer key.Endpoint }

// SessionClosed says that a session has ended, and what went through it; Err is
// nil if this side ended it. Origin is that of what it brought to the store.
type SessionClosed struct {
	Peer   key.Endpoint
	Origin willow.Origin
	Err    error
	Traffic
}

// NamespaceOpened says that a namespace is exchanged with the peer from now on,
// inside an area; there may be several.
type NamespaceOpened struct {
	Peer      key.Endpoint
	Namespace willow.NamespaceID
	Area      willow.Area
}

// NamespaceClosed says that a namespace isn't exchanged any more inside an area, and
// what went through that exchange.
type NamespaceClosed struct {
	Peer      key.Endpoint
	Namespace willow.NamespaceID
	Area      willow.Area
	Moved
}

// EntriesSent says which entries have been written to a peer for whom
// Config.Audits, over a second at most. With many there is one for about a
// thousand.
type EntriesSent struct {
	Peer      key.Endpoint
	Namespace willow.NamespaceID
	Area      willow.Area
	Count     int
	Entries   []MovedEntry // nil if too many wait to be told
}

// EntriesTaken is EntriesSent for what came from the peer and is new here: entries
// that are false, or older than what was there already, aren't told of.
type EntriesTaken EntriesSent

// MovedEntry is an entry that was sent, with so many bytes of its payload.
type MovedEntry struct {
	Entry willow.Entry
	Bytes uint64
}

// PayloadServed says that a payload stream to a peer for whom Config.Audits has
// ended, after so many bytes of the payload, which needn't be all of them.
type PayloadServed struct {
	Peer  key.Endpoint
	Entry willow.Entry
	Bytes uint64
}

// PayloadTaken is PayloadServed for a payload that came from the peer.
type PayloadTaken PayloadServed

// Why is why a peer was refused something.
type Why string

// The reasons.
const (
	WhyDead     Why = "dead"     // it showed a chain that is dead
	WhyUnserved Why = "unserved" // the policy doesn't serve what it showed
	WhyOutside  Why = "outside"  // it asked for, or sent, what is outside the area
	WhyUnheld   Why = "unheld"   // there is no such entry, or the payload isn't held; only if Config.Audits
)

// Refused says that a peer was refused something, so many times since the last one,
// of which there is at most one a second for each reason.
type Refused struct {
	Peer      key.Endpoint
	Namespace willow.NamespaceID
	Why       Why
	Times     int
}

// NamespaceInStep says that a namespace, in all areas that are exchanged, has come
// into step with the peer, or isn't any more. Origin is that of what the session brings to the store.
type NamespaceInStep struct {
	Peer      key.Endpoint
	Origin    willow.Origin
	Namespace willow.NamespaceID
	InStep    bool
}

// PayloadsWait says that this device can't store payloads of a namespace: its disk
// is full, or fails. They are fetched when it can, see Engine.RoomAgain.
type PayloadsWait struct {
	Namespace willow.NamespaceID
	Err       error
}

// StatementsAgreed says that a peer has the same statements of a namespace as this
// node.
type StatementsAgreed struct {
	Peer      key.Endpoint
	Namespace willow.NamespaceID
}

// Progress has the traffic of a session that moved, at most ten times a second.
type Progress struct {
	Peer key.Endpoint
	Traffic
}

func (SessionOpened) event()    {}
func (SessionClosed) event()    {}
func (NamespaceOpened) event()  {}
func (NamespaceClosed) event()  {}
func (NamespaceInStep) event()  {}
func (EntriesSent) event()      {}
func (EntriesTaken) event()     {}
func (PayloadServed) event()    {}
func (PayloadTaken) event()     {}
func (Refused) event()          {}
func (PayloadsWait) event()     {}
func (StatementsAgreed) event() {}
func (Progress) event()         {}

// Subscribe calls fn with every event from now on while Run runs, one call at a
// time, in the order in which things happened in each session. If fn is slow,
// progress is dropped first, then, beyond 4096 events, the oldest.
func (e *Engine) Subscribe(fn func(Event)) (cancel func()) { return e.feed.subscribe(fn) }

const (
	feedLimit     = 4096
	feedEntries   = 64 << 10 // in lists that wait
	progressEvery = 100 * time.Millisecond
)

// feed hands events to subscribers from one goroutine.
type feed struct {
	wake chan struct{} // has room for one

	mu     sync.Mutex
	queue  []Event
	listed int                   // entries in lists of queue
	moved  map[*session]struct{} // sessions with progress to tell
	subs   map[int]func(Event)
	nextID int
}

func newFeed() *feed {
	return &feed{
		wake:  make(chan struct{}, 1),
		moved: make(map[*session]struct{}),
		subs:  make(map[int]func(Event)),
	}
}

func (f *feed) subscribe(fn func(Event)) (cancel func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := f.nextID
	f.nextID++
	f.subs[id] = fn
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.subs, id)
	}
}

func (f *feed) emit(ev Event) {
	f.mu.Lock()
	if len(f.queue) >= feedLimit {
		f.queue = f.queue[1:]
	}
	f.queue = append(f.queue, ev)
	f.mu.Unlock()
	poke(f.wake)
}

// emitLong is emit for a list of entries, which is left out if too many wait.
func (f *feed) emitLong(ev Event) {
	f.mu.Lock()
	switch m := ev.(type) {
	case EntriesSent:
		m.Entries = f.roomLocked(m.Entries)
		ev = m
	case EntriesTaken:
		m.Entries = f.roomLocked(m.Entries)
		ev = m
	}
	f.mu.Unlock()
	f.emit(ev)
}

func (f *feed) roomLocked(list []MovedEntry) []MovedEntry {
	if f.listed+len(list) > feedEntries {
		return nil
	}
	f.listed += len(list)
	return list
}

// progress notes that a session's counters moved.
func (f *feed) progress(s *session) {
	f.mu.Lock()
	_, known := f.moved[s]
	f.moved[s] = struct{}{}
	f.mu.Unlock()
	if !known {
		poke(f.wake)
	}
}

func (f *feed) run(ctx context.Context) {
	var due <-chan time.Time // running while there is progress to tell
	for {
		select {
		case <-f.wake:
		case <-due:
			due = nil
			f.deliver(f.takeProgress())
		case <-ctx.Done():
			return
		}
		f.deliver(f.take())
		if due == nil && f.hasProgress() {
			due = time.After(progressEvery)
		}
	}
}

func (f *feed) take() []Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	evs := f.queue
	f.queue, f.listed = nil, 0
	return evs
}

func (f *feed) hasProgress() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.moved) > 0
}

func (f *feed) takeProgress() []Event {
	f.mu.Lock()
	moved := f.moved
	f.moved = make(map[*session]struct{})
	f.mu.Unlock()
	var evs []Event
	for s := range moved {
		evs = append(evs, Progress{s.peer, s.traffic()})
	}
	return evs
}

func (f *feed) deliver(evs []Event) {
	f.mu.Lock()
	fns := make([]func(Event), 0, len(f.subs))
	for _, fn := range f.subs {
		fns = append(fns, fn)
	}
	f.mu.Unlock()
	for _, ev := range evs {
		for _, fn := range fns {
			fn(ev)
		}
	}
}

// poke makes a receiver of c look, unless it is about to anyway.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
