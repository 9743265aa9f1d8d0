package consync

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"meadow/core/blob"
	"meadow/core/key"
	"meadow/core/willow"
)

// Flow is a payload on its way between this node and a peer, or one that is to be
// asked for next.
type Flow struct {
	Peer        key.Endpoint
	Entry       willow.Entry
	Out         bool
	Bytes       uint64    // of the payload that are where they are to be, about
	Had         uint64    // that were there when it began
	Rate        float64   // bytes a second, over the last seconds
	Since, Last time.Time // when it began and when bytes came last; zero if it is to be asked for
}

// Lane is what there is to know of one namespace in the session with one peer that
// isn't in its NamespaceState.
type Lane struct {
	Peer      key.Endpoint
	Namespace willow.NamespaceID
	Began     time.Time // when the first exchange of it did
	Sent      time.Time // when the last bytes of a payload went to the peer; zero: none did
	Lacking   int       // payloads that the peer was asked for in vain
	Again     time.Time // when it is asked for the first of them again
}

// Flows is all that flows at one moment.
type Flows struct {
	Moving  []Flow // the longest under way first
	Next    []Flow // what is asked for next, in its order, at most so many as were asked for
	Lanes   []Lane
	Came    map[willow.NamespaceID]time.Time // when something of a namespace came last, from whomever
	In, Out float64                          // bytes a second of all sessions
}

// rateOver is how far back rates look, if somebody has looked then.
const (
	rateOver  = 3 * time.Second
	rateEvery = 200 * time.Millisecond
)

// meter keeps what is needed to say what flows. Who moves bytes counts them in
// atomics; what they mean is worked out when somebody asks, and so are rates: each
// answer leaves a mark for the next ones. Nothing else is done, and nothing at
// all while nobody asks.
type meter struct {
	mu    sync.Mutex // guards all below
	flows map[*flow]struct{}
	came  map[willow.NamespaceID]*atomic.Int64 // unix nanoseconds
	rates map[*session]*[2]gauge               // in, out
}

func newMeter() *meter {
	return &meter{
		flows: make(map[*flow]struct{}), came: make(map[willow.NamespaceID]*atomic.Int64),
		rates: make(map[*session]*[2]gauge),
	}
}

// flow counts one payload on its way.
type flow struct {
	ex    *exchange
	peer  key.Endpoint
	entry willow.Entry
	out   bool
	had   uint64 // bytes that had come before
	since time.Time

	moved atomic.Uint64 // bytes on the stream
	last  atomic.Int64  // when, unix nanoseconds

	rate gauge // guarded by meter.mu
}

// begin counts a payload until the flow ends.
func (m *meter) begin(s *session, ex *exchange, e willow.Entry, out bool, had uint64) *flow {
	f := &flow{ex: ex, peer: s.peer, entry: e, out: out, had: had, since: time.Now()}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.flows[f] = struct{}{}
	return f
}

func (m *meter) end(f *flow) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.flows, f)
}

// count notes that bytes of the payload moved.
func (f *flow) count(n int, now time.Time) {
	f.moved.Add(uint64(n))
	f.ex.count(f.out, 0, uint64(n))
	f.last.Store(now.UnixNano())
	if f.out {
		f.ex.sent.Store(now.UnixNano())
	} else {
		f.ex.came.Store(now.UnixNano())
	}
}

// arrivals returns where is noted when something of a namespace came.
func (m *meter) arrivals(ns willow.NamespaceID) *atomic.Int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := m.came[ns]
	if at == nil {
		at = new(atomic.Int64)
		m.came[ns] = at
	}
	return at
}

// forget drops the gauges of a session that has ended.
func (m *meter) forget(s *session) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.rates, s)
}

// Of a slice's bytes 64 for each group are hashes, see package blob.
const (
	sliceWhole   = blob.GroupSize + 64
	slicePayload = blob.GroupSize
)

// bytes returns how much of the payload there is.
func (f *flow) bytes() uint64 {
	return min(f.had+f.moved.Load()/sliceWhole*slicePayload+f.moved.Load()%sliceWhole, f.entry.PayloadLength)
}

// sample is how much had moved at a time.
type sample struct {
	at    time.Time
	bytes uint64
}

// gauge is what a rate is worked out from.
type gauge struct {
	kept []sample
	last float64
}

// rate returns bytes a second, of a count that began at 0.
func (s *gauge) rate(now, began time.Time, bytes uint64) float64 {
	if len(s.kept) == 0 {
		s.kept = append(s.kept, sample{began, 0})
	}
	for len(s.kept) > 1 && now.Sub(s.kept[1].at) >= rateOver {
		s.kept = s.kept[1:]
	}
	if base := s.kept[0]; now.Sub(base.at) >= rateEvery {
		s.last = float64(bytes-base.bytes) / now.Sub(base.at).Seconds()
	}
	switch since := now.Sub(s.kept[len(s.kept)-1].at); {
	case since >= 2*rateOver: // nobody has asked for long: the next answer begins here
		s.kept = []sample{{now, bytes}}
	case since >= rateEvery:
		s.kept = append(s.kept, sample{now, bytes})
	}
	return s.last
}

// Flows returns what flows now, and at most next payloads that are to be asked for.
func (e *Engine) Flows(next int) Flows {
	now := time.Now()
	f := Flows{Came: make(map[willow.NamespaceID]time.Time)}
	sessions := e.all()
	e.meter.read(&f, sessions, now)
	slices.SortFunc(f.Moving, func(a, b Flow) int {
		return cmp.Or(a.Since.Compare(b.Since), a.Entry.Path.Compare(b.Entry.Path))
	})
	asked := make(map[blob.Hash]bool)
	for _, s := range sessions {
		f.Lanes = append(f.Lanes, s.lanes()...)
		for _, w := range s.queue.first(next) {
			if len(f.Next) < next && !asked[w.hash()] && !s.maySkip(w) {
				asked[w.hash()] = true
				f.Next = append(f.Next, Flow{Peer: s.peer, Entry: w.entry})
			}
		}
	}
	return f
}

// read adds what is counted.
func (m *meter) read(f *Flows, sessions []*session, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for fl := range m.flows {
		f.Moving = append(f.Moving, Flow{
			Peer: fl.peer, Entry: fl.entry, Out: fl.out, Bytes: fl.bytes(), Had: fl.had, Since: fl.since, Last: unixNano(&fl.last),
			Rate: fl.rate.rate(now, fl.since, fl.moved.Load()),
		})
	}
	for ns, at := range m.came {
		if t := unixNano(at); !t.IsZero() {
			f.Came[ns] = t
		}
	}
	for _, s := range sessions {
		if s.ctx.Err() != nil {
			continue // nobody would forget its gauges
		}
		r := m.rates[s]
		if r == nil {
			r = new([2]gauge)
			m.rates[s] = r
		}
		t := s.traffic()
		f.In += r[0].rate(now, s.began, t.Received)
		f.Out += r[1].rate(now, s.began, t.Sent)
	}
}

// unixNano returns the time of an atomic, zero for 0.
func unixNano(at *atomic.Int64) time.Time {
	if n := at.Load(); n != 0 {
		return time.Unix(0, n)
	}
	return time.Time{}
}

// lanes describes what the session exchanges.
func (s *session) lanes() (all []Lane) {
	s.mu.Lock()
	for ns, list := range s.exchanges.of {
		l := Lane{Peer: s.peer, Namespace: ns, Began: list[0].opened}
		for _, ex := range list {
			if sent := unixNano(&ex.sent); sent.After(l.Sent) {
				l.Sent = sent
			}
		}
		all = append(all, l)
	}
	s.mu.Unlock()
	for i := range all {
		all[i].Lacking, all[i].Again = s.lacking.about(all[i].Namespace)
	}
	return all
}
