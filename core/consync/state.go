package consync

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"meadow/core/key"
	"meadow/core/willow"
)

// PeerState is a snapshot of the session with one peer.
type PeerState struct {
	Peer       key.Endpoint
	Since      time.Time
	RTT        time.Duration
	Namespaces map[willow.NamespaceID]NamespaceState // those exchanged now, all areas of one together
	// Declared: the peer has said what it is interested in, so that Common is all
	// there is.
	Declared bool
	// Common are the namespaces that both are interested in, exchanged or not yet,
	// without those of which the peer's chain is dead.
	Common map[willow.NamespaceID]bool
	// Agreed are those of which the peer has the statements that this node has now.
	Agreed map[willow.NamespaceID]bool
	Traffic
}

// Traffic counts what went through a session so far. Control bytes include
// frames and small payloads; payload bytes are those of payload streams.
type Traffic struct {
	Sent, Received               uint64 // all bytes
	ControlSent, ControlReceived uint64
	PayloadSent, PayloadReceived uint64
	EntriesSent, EntriesReceived uint64
	Rounds                       uint64 // round trips of the longest reconciliation
}

// NamespaceState is how far two nodes are with one namespace, inside Area. If
// several areas of it are exchanged, what it says is true of all of them: Area is
// the widest, fingerprints are of one that differs if any does.
type NamespaceState struct {
	Area                         willow.Area   // of both granted areas and the one that is named
	Areas                        []willow.Area // if there are several
	Ours, Theirs                 willow.Fingerprint
	OursMissing, TheirsMissing   uint64 // payloads not held
	OursApplied, TheirsApplied   bool
	PayloadSent, PayloadReceived uint64 // as Moved has them, of all of the session
	OursCurrent                  bool   // nothing changed here since Ours was taken
	OursKnown, TheirsKnown       bool   // whether there was a first state
	Reconciled                   bool   // an exchange was completed, or not needed
}

// InStep reports whether both sides hold the same entries and all payloads, and
// have written them to where the user sees them.
func (n NamespaceState) InStep() bool {
	return n.OursKnown && n.TheirsKnown && n.OursCurrent && n.Ours == n.Theirs &&
		n.OursMissing == 0 && n.TheirsMissing == 0 && n.OursApplied && n.TheirsApplied
}

// note notes whether an interest is one that both would exchange.
func (s *session) note(o *overlap, common bool) {
	o.common = common
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.of[o.ns], func(o *overlap) bool { return o.common }) {
		s.common[o.ns] = true
	} else {
		delete(s.common, o.ns)
	}
}

// agree notes whether both have told the same hash of their statements.
func (s *session) agree(ns willow.NamespaceID, hash [32]byte, agreed bool) {
	s.mu.Lock()
	before, was := s.agreed[ns]
	if agreed {
		s.agreed[ns] = hash
	} else {
		delete(s.agreed, ns)
	}
	s.mu.Unlock()
	if agreed && (!was || before != hash) {
		s.e.feed.emit(StatementsAgreed{s.peer, ns})
	}
}

// InStep reports whether all namespaces exchanged with the peer are in step.
// There may be none.
func (s PeerState) InStep() bool {
	for _, n := range s.Namespaces {
		if !n.InStep() {
			return false
		}
	}
	return true
}

// Peers returns the state of every session, ordered by peer. A change of the
// store is reflected as soon as the store has reported it.
func (e *Engine) Peers() []PeerState {
	var states []PeerState
	for _, s := range e.all() {
		states = append(states, s.state())
	}
	slices.SortFunc(states, func(a, b PeerState) int {
		return cmp.Compare(string(a.Peer[:]), string(b.Peer[:]))
	})
	return states
}

// state is the session as Peers shows it.
func (s *session) state() PeerState {
	p := PeerState{
		Peer: s.peer, Since: s.since, RTT: s.conn.RTT(), Traffic: s.traffic(),
		Namespaces: make(map[willow.NamespaceID]NamespaceState), Agreed: make(map[willow.NamespaceID]bool),
	}
	s.mu.Lock()
	p.Declared, p.Common = s.declared, maps.Clone(s.common)
	agreed := maps.Clone(s.agreed)
	for ns, list := range s.exchanges.of {
		state, went := merged(list), s.moved[ns].read()
		state.PayloadSent, state.PayloadReceived = went.PayloadSent, went.PayloadReceived
		p.Namespaces[ns] = state
	}
	s.mu.Unlock()
	for ns, hash := range agreed {
		p.Agreed[ns] = s.e.cfg.Policy.StatementsHash(ns) == hash
	}
	return p
}
