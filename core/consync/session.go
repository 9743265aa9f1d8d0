package consync

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"meadow/core/key"
	"meadow/core/willow"
)

// session is the exchange with one peer over one connection.
//
// Its goroutines: read takes frames off the control stream; loop handles them
// and all other news, and owns what is known of the peer; send writes the
// control stream, and answers the peer's questions when there is room to;
// verify, keep and store put entries into the store; accept serves payloads and
// fetch gets them. Nothing waits for send, so that two peers who both have much
// to say can't block each other.
type session struct {
	e      *Engine
	conn   Conn
	peer   key.Endpoint
	origin willow.Origin
	log    *slog.Logger
	since  time.Time
	began  time.Time   // by the steady clock
	keys   sessionKeys // set before the goroutines start
	purse  *purse      // the peer's
	ctx    context.Context
	cancel context.CancelCauseFunc

	control Stream // set before the goroutines start
	frames  chan frame
	arrived chan arrival  // to verify
	judged  chan arrival  // verified
	kept    chan batch    // with payloads stored, to store
	newsC   chan struct{} // wakes loop
	sendC   chan struct{} // wakes send
	fetchC  chan struct{} // wakes fetch

	*overlaps         // owned by loop
	turns     *purse  // how often the peer may show another capability, or stop
	sender            // owned by send
	lacking   lacking // has its own mutex
	queue     queue   // the same
	untold    untold  // the same

	// Atomics.
	counters
	storing   atomic.Int64 // arrivals that aren't in the store yet
	loading   atomic.Int64 // payloads being fetched
	speaks    atomic.Int64 // the minor version that the peer has said it speaks
	writingAt atomic.Int64 // unix nanoseconds when a blocked write began, or 0
	heardAt   atomic.Int64 // unix nanoseconds of the last bytes
	spokeAt   atomic.Int64

	mu sync.Mutex
	// Guarded by mu, which is never held while calling out of the package.
	news      news
	exchanges exchanges
	moved     map[willow.NamespaceID]*moved
	ledger    ledger
	out       outbox
	forward   forwardQueue
	refused   refusals
	declared  bool                            // the peer's interests have come, or some of them
	common    map[willow.NamespaceID]bool     // of both, as far as the peer's chain isn't dead
	agreed    map[willow.NamespaceID][32]byte // hash of the statements that both have
}

// news is what loop has to look at beside frames.
type news struct {
	hello  bool        // ours changed
	policy bool        // interests or verdicts may have changed
	done   []*exchange // reconciliation has nothing open any more
	state  []*exchange // our own state was taken
}

// frame is a frame from the peer, or the error that ended reading.
type frame struct {
	typ  byte
	body []byte
}

func newSession(e *Engine, conn Conn, origin willow.Origin) *session {
	peer := conn.Peer()
	s := &session{
		e: e, conn: conn, peer: peer, origin: origin, since: e.cfg.Now(), began: time.Now(),
		log:       e.cfg.Log.With("peer", peer.String()[:8]),
		frames:    make(chan frame),
		arrived:   make(chan arrival, 2),
		judged:    make(chan arrival, 4),
		kept:      make(chan batch),
		newsC:     make(chan struct{}, 1),
		sendC:     make(chan struct{}, 1),
		fetchC:    make(chan struct{}, 1),
		overlaps:  newOverlaps(),
		exchanges: newExchanges(),
		moved:     make(map[willow.NamespaceID]*moved),
		ledger:    newLedger(),
		forward:   newForwardQueue(),
		common:    make(map[willow.NamespaceID]bool),
		agreed:    make(map[willow.NamespaceID][32]byte),
	}
	s.turns = newPurse(e.limits.turnsPerMin, time.Now)
	s.ctx, s.cancel = context.WithCancelCause(context.Background())
	return s
}

// end ends the session; the first reason counts.
func (s *session) end(why error) { s.cancel(why) }

// notify hands news to loop.
func (s *session) notify(fn func(*news)) {
	s.mu.Lock()
	fn(&s.news)
	s.mu.Unlock()
	poke(s.newsC)
}

// run runs the session until it ends, and closes the connection.
func (s *session) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { s.end(context.Canceled) })
	defer stop()
	var group sync.WaitGroup
	group.Go(s.watch)
	err := s.open()
	if err != nil {
		s.end(err)
	} else {
		s.e.feed.emit(SessionOpened{s.peer})
		for _, fn := range []func(context.Context) error{s.read, s.loop, s.send, s.verify, s.keep, s.store, s.accept, s.fetch} {
			group.Go(func() {
				if err := fn(s.ctx); err != nil {
					s.end(err)
				}
			})
		}
	}
	<-s.ctx.Done()
	why := context.Cause(s.ctx)
	_ = s.conn.Close(closeCode(why))
	group.Wait()
	s.closeAll()
	if errors.Is(why, context.Canceled) {
		why = nil
	}
	if err == nil {
		s.e.feed.emit(SessionClosed{s.peer, s.origin, why, s.traffic()})
	}
	return why
}

// watch ends the session when the connection or the engine does.
func (s *session) watch() {
	select {
	case <-s.conn.Done():
		s.end(fmt.Errorf("connection ended: %w", s.conn.Err()))
	case <-s.e.stopped:
		s.end(ErrStopped)
	case <-s.ctx.Done():
	}
}

func closeCode(why error) uint64 {
	switch {
	case errors.Is(why, ErrProtocol), errors.Is(why, errMalformed):
		return CodeProtocol
	case errors.Is(why, ErrLimit), errors.Is(why, ErrStalled):
		return CodeLimit
	case errors.Is(why, context.Canceled), errors.Is(why, ErrStopped):
		return CodeShutdown
	default:
		return CodeOK
	}
}

// open derives the session's keys and opens or takes the control stream.
func (s *session) open() error {
	ctx, cancel := context.WithTimeoutCause(s.ctx, s.e.limits.handshake, ErrStalled)
	defer cancel()
	keys, err := deriveKeys(s.conn)
	if err != nil {
		return err
	}
	s.keys = keys
	s.heardAt.Store(time.Now().UnixNano())
	s.spokeAt.Store(time.Now().UnixNano())
	if s.conn.Initiator() {
		s.control, err = s.conn.OpenStream(ctx)
	} else {
		s.control, err = s.conn.AcceptStream(ctx)
	}
	if err != nil {
		return fmt.Errorf("control stream: %w", errors.Join(err, context.Cause(ctx)))
	}
	if s.conn.Initiator() {
		return nil // send writes the stream's first byte
	}
	_ = s.control.SetDeadline(time.Now().Add(s.e.limits.handshake))
	var kind [1]byte
	if _, err := io.ReadFull(s.control, kind[:]); err != nil {
		return fmt.Errorf("control stream: %w", err)
	}
	if kind[0] != streamControl {
		return fmt.Errorf("%w: first stream is of kind %#x", ErrProtocol, kind[0])
	}
	return s.control.SetDeadline(time.Time{})
}

// read takes frames off the control stream.
func (s *session) read(ctx context.Context) error {
	r := bufio.NewReaderSize(&heard{s.control, s}, 64<<10)
	for {
		typ, body, err := readFrame(r)
		if err != nil {
			if errors.Is(err, errMalformed) {
				return fmt.Errorf("%w: %w", ErrProtocol, err)
			}
			return fmt.Errorf("control stream ended: %w", err)
		}
		s.controlReceived.Add(uint64(len(body)) + frameHeader + 1)
		if typ >= typeOptional && decoders[typ] == nil {
			continue // of a later version
		}
		select {
		case s.frames <- frame{typ, body}:
		case <-ctx.Done():
			return nil
		}
	}
}

// heard notes when bytes came in.
type heard struct {
	r io.Reader
	s *session
}

func (h *heard) Read(b []byte) (int, error) {
	n, err := h.r.Read(b)
	if n > 0 {
		h.s.heardAt.Store(time.Now().UnixNano())
		h.s.e.feed.progress(h.s)
	}
	return n, err
}

// loop handles frames and news.
func (s *session) loop(ctx context.Context) error {
	if err := s.greet(ctx); err != nil {
		return err
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-s.newsC: // first: what a peer may have is decided before what it says
			err = s.look(ctx)
		default:
			select {
			case f := <-s.frames:
				err = s.handle(ctx, f)
			case <-s.newsC:
				err = s.look(ctx)
			case <-tick.C:
				err = s.check()
			case <-ctx.Done():
				return nil
			}
		}
		if err != nil {
			return err
		}
	}
}

// look deals with news.
func (s *session) look(ctx context.Context) error {
	s.mu.Lock()
	n := s.news
	s.news = news{}
	s.mu.Unlock()
	if n.hello {
		s.post(hello{s.e.greeting(s.peer)})
	}
	if n.policy {
		if err := s.refresh(ctx); err != nil {
			return err
		}
	}
	for _, ex := range n.done {
		s.exchangeDone(ex)
	}
	for _, ex := range n.state {
		s.beginAll(ex)
	}
	return nil
}

// handle handles one frame.
func (s *session) handle(ctx context.Context, f frame) error {
	if !s.acquainted && !greets(f.typ) {
		return fmt.Errorf("%w: message of type %#x before anything is exchanged", ErrProtocol, f.typ)
	}
	if f.typ == typeEntries {
		return s.onEntries(ctx, f.body)
	}
	m, err := decodeMessage(f.typ, f.body)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	switch m := m.(type) {
	case hello:
		return s.onHello(m)
	case interests:
		return s.onInterests(m)
	case readShown:
		return s.onRead(ctx, m)
	case setHash, setIDs, statements:
		return s.onSet(ctx, m)
	case state:
		return s.onState(m)
	case stop:
		return s.onStop(m)
	case capability:
		return s.onCapability(m)
	case available:
		return s.onAvailable(ctx, m)
	case keepAlive:
		return nil
	default:
		return s.onQuestion(ctx, m, len(f.body))
	}
}

// onHello hands a peer's hello to whom it is for.
func (s *session) onHello(m hello) error {
	if s.e.cfg.OnHello == nil {
		return nil
	}
	minor, err := s.e.cfg.OnHello(s.conn, m.data)
	s.speaks.Store(int64(minor))
	return err
}

// check runs once a second: it keeps the session alive, ends it if the peer is
// stuck, and has another look at lasting differences.
func (s *session) check() error {
	l, now := &s.e.limits, time.Now()
	since := func(at *atomic.Int64) time.Duration { return now.Sub(time.Unix(0, at.Load())) }
	silent := since(&s.heardAt)
	if silent > l.idle {
		return fmt.Errorf("%w: nothing heard for %v", ErrStalled, silent.Round(time.Second))
	}
	if s.writingAt.Load() != 0 && since(&s.writingAt) > l.progress {
		return fmt.Errorf("%w: it doesn't read", ErrStalled)
	}
	s.mu.Lock()
	open, exchanging := len(s.ledger.open), len(s.exchanges.ours) > 0
	s.mu.Unlock()
	switch {
	case exchanging:
		s.aloneSince = time.Time{}
	case s.aloneSince.IsZero():
		s.aloneSince = now
	case now.Sub(s.aloneSince) > l.alone:
		return ErrNothingShared
	}
	if open > 0 && silent > l.progress && s.storing.Load() == 0 {
		return fmt.Errorf("%w: %d questions unanswered", ErrStalled, open)
	}
	if since(&s.spokeAt) > l.idle/3 {
		s.post(keepAlive{})
	}
	s.recheck(now)
	s.tellRefused()
	for _, o := range s.mine {
		if o.ex != nil {
			s.tellMoved(o.ex)
		}
	}
	return nil
}
