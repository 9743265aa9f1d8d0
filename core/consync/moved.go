package consync

import (
	"sync"
	"sync/atomic"

	"meadow/core/willow"
)

// counters are a session's Traffic.
type counters struct {
	controlSent, controlReceived atomic.Uint64
	payloadSent, payloadReceived atomic.Uint64
	entriesSent, entriesReceived atomic.Uint64
	rounds                       atomic.Uint64
}

func (s *session) traffic() Traffic {
	t := Traffic{
		ControlSent: s.controlSent.Load(), ControlReceived: s.controlReceived.Load(),
		PayloadSent: s.payloadSent.Load(), PayloadReceived: s.payloadReceived.Load(),
		EntriesSent: s.entriesSent.Load(), EntriesReceived: s.entriesReceived.Load(),
		Rounds: s.rounds.Load(),
	}
	t.Sent, t.Received = t.ControlSent+t.PayloadSent, t.ControlReceived+t.PayloadReceived
	return t
}

// Moved counts what went through an exchange: entries, and bytes of payloads,
// those included that travel with their entry, and what verifies the others.
type Moved struct {
	EntriesSent, EntriesReceived uint64
	PayloadSent, PayloadReceived uint64
}

// moved is what Moved is read from.
type moved struct {
	entriesOut, entriesIn atomic.Uint64
	bytesOut, bytesIn     atomic.Uint64
}

func (m *moved) read() Moved {
	return Moved{m.entriesOut.Load(), m.entriesIn.Load(), m.bytesOut.Load(), m.bytesIn.Load()}
}

// count counts what moved, for the exchange and for all of its namespace in this
// session.
func (ex *exchange) count(out bool, entries int, bytes uint64) {
	for _, m := range []*moved{&ex.moved, ex.inAll} {
		if out {
			m.entriesOut.Add(uint64(entries))
			m.bytesOut.Add(bytes)
		} else {
			m.entriesIn.Add(uint64(entries))
			m.bytesIn.Add(bytes)
		}
	}
}

// audited reports whether somebody wants to know all that moves.
func (s *session) audited() bool { return s.e.cfg.Audits != nil && s.e.cfg.Audits(s.peer) }

// sentEntries counts entries that were written.
func (s *session) sentEntries(ex *exchange, list []wireEntry) {
	s.entriesSent.Add(uint64(len(list)))
	told := make([]MovedEntry, 0, len(list))
	for i := range list {
		told = append(told, MovedEntry{list[i].entry, uint64(len(list[i].payload))})
	}
	s.movedEntries(ex, true, told)
}

// tookEntries counts entries that came. They are told of once they are stored.
func (s *session) tookEntries(ex *exchange, list []received) {
	s.entriesReceived.Add(uint64(len(list)))
	bytes := uint64(0)
	for i := range list {
		bytes += uint64(len(list[i].payload))
	}
	ex.count(false, len(list), bytes)
}

// storedEntries tells of what the store didn't have before. Whoever makes entries
// up, or sends the same ones again and again, leaves nothing behind by it.
func (s *session) storedEntries(arrivals []arrival, outcomes []willow.Outcome) {
	if !s.audited() {
		return
	}
	for _, a := range arrivals {
		var told []MovedEntry
		for i, r := range a.list {
			if o := outcomes[i]; o == willow.Inserted || o == willow.Dead {
				told = append(told, MovedEntry{r.Entry, uint64(len(r.payload))})
			}
		}
		outcomes = outcomes[len(a.list):]
		if len(told) > 0 {
			s.tellLater(a.from, false, told)
		}
	}
}

// toldAtOnce is how many entries are told of with one event, about, if they move
// within a second.
const toldAtOnce = 1024

// movedEntries counts entries for their exchange, and tells of them if somebody
// wants to know.
func (s *session) movedEntries(ex *exchange, out bool, list []MovedEntry) {
	bytes := uint64(0)
	for i := range list {
		bytes += list[i].Bytes
	}
	ex.count(out, len(list), bytes)
	if len(list) > 0 && s.audited() {
		s.tellLater(ex, out, list)
	}
}

// tellLater leaves entries to be told of.
func (s *session) tellLater(ex *exchange, out bool, list []MovedEntry) {
	s.untold.mu.Lock()
	defer s.untold.mu.Unlock()
	wait := &ex.untold[0]
	if out {
		wait = &ex.untold[1]
	}
	if *wait = append(*wait, list...); len(*wait) >= toldAtOnce || ex.ctx.Err() != nil {
		s.tellLocked(ex)
	}
}

// tellMoved tells of the entries that have moved since that was last done.
func (s *session) tellMoved(ex *exchange) {
	s.untold.mu.Lock()
	defer s.untold.mu.Unlock()
	s.tellLocked(ex)
}

func (s *session) tellLocked(ex *exchange) {
	took, sent := ex.untold[0], ex.untold[1]
	ex.untold = [2][]MovedEntry{}
	if len(took) > 0 {
		s.e.feed.emitLong(EntriesTaken{s.peer, ex.ns, ex.area, len(took), took})
	}
	if len(sent) > 0 {
		s.e.feed.emitLong(EntriesSent{s.peer, ex.ns, ex.area, len(sent), sent})
	}
}

// payloadMoved tells of a payload stream that has ended.
func (s *session) payloadMoved(f *flow) {
	n := f.bytes() - f.had
	if n == 0 || !s.audited() {
		return
	}
	if f.out {
		s.e.feed.emit(PayloadServed{s.peer, f.entry, n})
	} else {
		s.e.feed.emit(PayloadTaken{s.peer, f.entry, n})
	}
}

// untold is what the peer was refused and nobody has been told of yet.
type untold struct {
	mu      sync.Mutex // guards exchange.untold, too
	refused map[denial]int
}

type denial struct {
	ns  willow.NamespaceID
	why Why
}

// deny notes that the peer was refused something. That it asks for what isn't held
// is no news among a person's own devices.
func (s *session) deny(ns willow.NamespaceID, why Why) {
	if why == WhyUnheld && !s.audited() {
		return
	}
	s.untold.mu.Lock()
	defer s.untold.mu.Unlock()
	if s.untold.refused == nil {
		s.untold.refused = make(map[denial]int)
	}
	s.untold.refused[denial{ns, why}]++
}

// tellRefused tells what was refused since that was last done.
func (s *session) tellRefused() {
	s.untold.mu.Lock()
	defer s.untold.mu.Unlock()
	for d, n := range s.untold.refused {
		s.e.feed.emit(Refused{s.peer, d.ns, d.why, n})
	}
	s.untold.refused = nil
}
