package consync

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"meadow/core/willow"
)

// exchange is what both sides share of one interest while they exchange it, from the
// moment that all judgements are made until one of them changes.
type exchange struct {
	// Immutable.
	ns           willow.NamespaceID
	ours, theirs handle
	area         willow.Area // of both granted areas and the one that is named
	opened       time.Time
	ctx          context.Context
	cancel       context.CancelFunc

	// Atomics, unix nanoseconds of the last bytes of payloads, or 0.
	sent atomic.Int64
	came *atomic.Int64 // entries too, of the whole namespace: meter.arrivals

	moved moved
	inAll *moved // of all that the session exchanges of the namespace

	untold [2][]MovedEntry // that came, that went; guarded by session.untold

	// Owned by loop.
	beganAt restPair // what both sides told when the last exchange began
	began   bool

	// Guarded by session.mu.
	view    NamespaceState
	inStep  bool        // as last reported
	marked  time.Time   // when our state became due to be taken again, or zero
	newsAt  time.Time   // when either side's state last changed
	open    int         // our questions without an answer
	todo    int         // the peer's questions that we haven't answered
	running bool        // reconciliation is going on
	depth   int         // of the deepest question of this reconciliation
	dirty   bool        // entries were not forwarded: reconcile again
	awaits  []*exchange // by way of which entries of this one went since it was last begun

	told *state // what the peer knows of our state; owned by send
}

// mark has our state taken again soon; until then the two aren't in step, and
// when they are again it is told. The caller holds session.mu.
func (ex *exchange) mark() {
	ex.view.OursCurrent, ex.inStep = false, false
	if ex.marked.IsZero() {
		ex.marked = time.Now()
	}
}

// hear notes the peer's state. The caller holds session.mu, or has the exchange
// for itself.
func (ex *exchange) hear(m *state) {
	v := &ex.view
	v.Theirs, v.TheirsMissing, v.TheirsApplied, v.TheirsKnown = m.fingerprint, m.missing, m.applied, true
	ex.newsAt = time.Now()
}

// agrees reports whether both sides have the same entries. The caller holds
// session.mu.
func (ex *exchange) agrees() bool {
	v := &ex.view
	return v.OursKnown && v.TheirsKnown && v.OursCurrent && v.Ours == v.Theirs
}

// settle notes what follows from the view, and returns what changed. The caller
// holds session.mu.
func (ex *exchange) settle() (inStep, changed bool) {
	v := &ex.view
	if ex.agrees() {
		v.Reconciled = true
	}
	changed = v.InStep() != ex.inStep
	ex.inStep = v.InStep()
	return ex.inStep, changed
}

// settleLocked is settle for all that is exchanged of the namespace.
func (s *session) settleLocked(ex *exchange) (inStep, changed bool) {
	inStep, changed = ex.settle()
	return inStep, changed && (!inStep || s.exchanges.allInStep(ex))
}

// touched says that Applied may answer differently.
func (s *session) touched(ns willow.NamespaceID) {
	s.mu.Lock()
	list := s.exchanges.of[ns]
	for _, ex := range list {
		ex.mark()
	}
	s.mu.Unlock()
	if len(list) > 0 {
		poke(s.sendC)
	}
}

// onState takes the peer's state of a namespace. It may come before we are
// ready to exchange it.
func (s *session) onState(m state) error {
	o, err := s.overlapOf(m.handle)
	if err != nil {
		return err
	}
	o.state = &m
	if o.ex == nil {
		return nil
	}
	s.mu.Lock()
	missing, known := o.ex.view.TheirsMissing, o.ex.view.TheirsKnown
	o.ex.hear(&m)
	inStep, changed := s.settleLocked(o.ex)
	s.mu.Unlock()
	if changed {
		s.e.feed.emit(NamespaceInStep{s.peer, s.origin, o.ns, inStep})
	}
	if m.missing == 0 {
		s.lacking.doubt(o.handle, known && missing != 0)
	}
	if m.missing <= missing || !known {
		s.wakeFetch()
	}
	s.beginAll(o.ex)
	return nil
}

// takeState takes our state of a namespace and tells the peer what it doesn't
// know. It runs in send.
func (s *session) takeState(ctx context.Context, ex *exchange) error {
	s.mu.Lock()
	ex.marked = time.Time{}
	s.mu.Unlock()
	m, err := s.readState(ctx, ex)
	if err != nil {
		return err
	}
	s.mu.Lock()
	v := &ex.view
	current := ex.marked.IsZero() // else something has changed since
	m.applied = m.applied && current
	if v.Ours != m.fingerprint {
		ex.newsAt = time.Now()
	}
	v.Ours, v.OursMissing, v.OursApplied = m.fingerprint, m.missing, m.applied
	v.OursKnown, v.OursCurrent = true, current
	inStep, changed := s.settleLocked(ex)
	live := s.exchanges.live(ex)
	if live {
		s.news.state = append(s.news.state, ex)
	}
	s.mu.Unlock()
	if !live {
		return nil
	}
	poke(s.newsC)
	if changed {
		s.e.feed.emit(NamespaceInStep{s.peer, s.origin, ex.ns, inStep})
	}
	if ex.told != nil && *ex.told == m {
		return nil
	}
	ex.told = &m
	return s.write(m)
}

// readState reads our state. If it says that all is here and applied, that is
// true of the entries of its fingerprint, unless the exchange has been marked
// meanwhile: a commit can be seen before anyone is told of it, so Applied may
// speak of the time before. Therefore it is asked once all have been told, and
// whoever takes the state looks after that whether there was a mark.
func (s *session) readState(ctx context.Context, ex *exchange) (m state, err error) {
	var sum willow.Summary
	var missing uint64
	err = s.metered(ctx, func(ctx context.Context) (err error) {
		if sum, err = s.e.cfg.Entries.Summary(ctx, ex.ns, willow.FullRange, ex.area); err == nil {
			missing, err = s.e.cfg.Entries.CountWanted(ctx, ex.ns, ex.area)
		}
		return err
	})
	if err != nil {
		return m, fmt.Errorf("reading our state: %w", err)
	}
	m = state{ex.ours, s.applied(ex.ns), sum.Fingerprint, missing}
	if !m.applied || m.missing > 0 {
		return m, nil // no claim that could be false
	}
	if err := s.e.cfg.Entries.Told(ctx); err != nil {
		return m, fmt.Errorf("waiting for the store: %w", err)
	}
	m.applied = s.applied(ex.ns)
	return m, nil
}

func (s *session) applied(ns willow.NamespaceID) bool {
	return s.e.cfg.Applied == nil || s.e.cfg.Applied(ns)
}

// begin starts reconciliation if both sides have told their state, it differs,
// and this side is the one to start: the initiator, the first time; whoever
// left entries out of forwarding, later. It runs in loop.
func (s *session) begin(ex *exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := &ex.view
	first := s.conn.Initiator() && !ex.began
	if !s.exchanges.live(ex) || !v.OursKnown || !v.TheirsKnown || ex.running || !first && !ex.dirty ||
		s.exchanges.hindered(ex) || s.exchanges.overtaken(ex) {
		return
	}
	pair := restPair{v.Ours, v.Theirs}
	if ex.began = true; v.Ours == v.Theirs && !ex.dirty {
		return
	}
	if rested, ok := s.e.restedAt(s.restKey(ex)); ok && rested == pair && !ex.dirty {
		v.Reconciled = true
		return
	}
	s.beginLocked(ex, pair)
}

func (s *session) beginLocked(ex *exchange, pair restPair) {
	ex.beganAt, ex.dirty, ex.running, ex.depth, ex.awaits = pair, false, true, 0, nil
	ex.todo++
	s.out.tasks = append(s.out.tasks, func(ctx context.Context) error { return s.askRoot(ctx, ex) })
	poke(s.sendC)
}

func (s *session) restKey(ex *exchange) restKey { return restKey{s.peer, ex.ns, ex.area} }

// exchangeDone: no question is open on this side. Our state is told again, so
// that both sides see whether they agree.
func (s *session) exchangeDone(ex *exchange) {
	s.mu.Lock()
	ex.view.Reconciled = true
	ex.newsAt = time.Now()
	ex.mark()
	s.mu.Unlock()
	poke(s.sendC)
	s.beginAll(ex)
}

// beginAll is begin for an exchange, and for those that it may have hindered.
func (s *session) beginAll(ex *exchange) {
	s.begin(ex)
	for _, o := range s.of[ex.ns] {
		if o.ex != nil && o.ex != ex {
			s.begin(o.ex)
		}
	}
}

// recheck reconciles again where both sides have been unequal for long without
// any news, and lets a difference rest that a whole reconciliation left as it
// was: one side has reasons to refuse what the other believes.
func (s *session) recheck(now time.Time) {
	if !s.conn.Initiator() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ex := range s.exchanges.ours {
		v := &ex.view
		if !v.OursKnown || !v.TheirsKnown || !v.OursCurrent || v.Ours == v.Theirs || ex.running || s.exchanges.hindered(ex) ||
			now.Sub(ex.newsAt) < s.e.limits.quiet || s.busyLocked() {
			continue
		}
		pair, key := restPair{v.Ours, v.Theirs}, s.restKey(ex)
		if rested, ok := s.e.restedAt(key); ok && rested == pair {
			continue
		}
		if ex.beganAt == pair {
			s.e.rest(key, pair)
			continue
		}
		s.beginLocked(ex, pair)
	}
}
