package node

import (
	"context"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"meadow/core/endpoint"
	"meadow/core/key"
	"meadow/core/mdn"
)

// The protocols a node speaks. They are visible to who watches the network.
const (
	alpnSync    = "mdn-willow/1"
	alpnPair    = "mdn-pair/1"
	alpnContact = "mdn-contact/1" // between two accounts that are to know each other
	alpnTwin    = "mdn-twin/1"    // with a copy of this home
	alpnLetter  = "mdn-letter/1"  // letters of persons, see letters.go
)

// Codes with which connections are closed, see research on the wire: peers
// learn no more from them.
const (
	closeDone      = 0
	closeDuplicate = 0x10 // another connection to the same device is kept
	closePaused    = 0x11
	closeBusy      = 0x12
	closeNoTicket  = 0x13 // no join screen is open
	closeTwin      = 0x14 // another home with the peer's key was met first
	closeTwinned   = 0x15 // this home is one of two, and doesn't sync
	closeRefused   = 0x16 // nothing is taken from this device
)

const (
	retryFirst  = 250 * time.Millisecond // after a failed dial, doubling
	retryLast   = 30 * time.Second
	dialAtLeast = 500 * time.Millisecond // whatever is heard of where the device is
	settled     = 2 * time.Second        // an older session gives way to a new connection
	maxStranger = 16                     // sessions with devices not known (yet) to be ours
)

// peers keeps one session with each of the account's devices.
type peers struct {
	n      *Node
	wake   kicker        // devices or pause changed
	hellos chan greeted  // to supervise
	calls  chan struct{} // has room for dials of persons' devices
	clock  func() time.Time
	speak  func(*hello) // makes hellos those of another version, in tests; nil

	mu       sync.Mutex // guards all below
	sessions map[key.Endpoint]*session
	dialers  map[key.Endpoint]kicker             // a dialer per known device, persons' included
	persons  map[key.Endpoint]bool               // the same devices: whether it is a person's
	stops    map[key.Endpoint]context.CancelFunc // of dialers
	told     map[key.Endpoint][]netip.AddrPort   // where devices say they are
	hints    map[key.Endpoint][]netip.AddrPort   // where devices are said to be that aren't known yet
	has      map[key.Endpoint][]mdn.DeliveryID   // what connected devices say they have
	records  map[key.Endpoint]*record            // of the account's devices, by their hellos
	paused   bool
	until    time.Time // zero: until resumed
}

type session struct {
	conn    *endpoint.Conn
	since   time.Time
	done    chan struct{}
	greeted bool // the peer has answered, and wants the session; guarded by peers.mu
	judged  bool // the peer has shown runs that may be its own; guarded by peers.mu
}

func newPeers(n *Node) *peers {
	return &peers{
		n: n, wake: newKicker(), hellos: make(chan greeted, 64), calls: make(chan struct{}, dialPersons), clock: n.cfg.Now,
		sessions: make(map[key.Endpoint]*session), dialers: make(map[key.Endpoint]kicker),
		stops: make(map[key.Endpoint]context.CancelFunc), has: make(map[key.Endpoint][]mdn.DeliveryID),
		persons: make(map[key.Endpoint]bool), hints: make(map[key.Endpoint][]netip.AddrPort), told: make(map[key.Endpoint][]netip.AddrPort), records: make(map[key.Endpoint]*record),
	}
}

// run dials, answers and obeys pauses until ctx ends.
func (p *peers) run(ctx context.Context) error {
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error { return p.accept(ctx, work) })
	work.Go(func() error { return p.supervise(ctx, work) })
	return work.Wait()
}

// accept hands connections to whom they are for.
func (p *peers) accept(ctx context.Context, work *errgroup.Group) error {
	for {
		c, err := p.n.endpoint.Accept(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return err
		}
		work.Go(func() error {
			switch c.ALPN() {
			case alpnPair:
				p.n.pairing.answer(ctx, c)
			case alpnContact:
				p.n.meeting.answer(ctx, c)
			case alpnTwin:
				p.n.twins.answer(ctx, c)
			case alpnLetter:
				p.n.courier.answer(ctx, c)
			default:
				p.serve(ctx, c)
			}
			return nil
		})
	}
}

// clockEvery is how often the clock is looked at.
const clockEvery = time.Minute

// supervise keeps a dialer for each device of the account, and ends pauses.
func (p *peers) supervise(ctx context.Context, work *errgroup.Group) error {
	clock := &clockWatch{p.clock().Round(0), time.Now()}
	tick := time.NewTicker(clockEvery)
	defer tick.Stop()
	for {
		p.dialKnown(ctx, work)
		p.checkClock(clock)
		p.saveRecords()
		resume := p.pauseTimer()
		select {
		case <-p.wake:
		case <-tick.C:
		case g := <-p.hellos:
			p.take(g)
		case <-resume.C:
			p.resumeDue(ctx)
		case <-ctx.Done():
			resume.Stop()
			p.saveRecords()
			return ctx.Err()
		}
		resume.Stop()
	}
}

func (p *peers) dialKnown(ctx context.Context, work *errgroup.Group) {
	var added []key.Endpoint
	devices := p.n.others()
	p.mu.Lock()
	p.persons = devices
	for id := range devices {
		if _, has := p.dialers[id]; !has {
			k := newKicker()
			ctx, stop := context.WithCancel(ctx)
			p.dialers[id], p.stops[id] = k, stop
			added = append(added, id)
			work.Go(func() error {
				_ = p.dialer(ctx, id, k) // when it ends is for stop, or Run's context, to say
				return nil
			})
		}
	}
	p.leaveLocked(devices)
	p.mu.Unlock()
	for _, id := range added {
		if err := p.loadRecord(ctx, id); err != nil && ctx.Err() == nil {
			p.n.log.Warn("What was known of a device wasn't read", "device", id, "error", err)
		}
		p.noteStranger(id)
		p.redial(id)
	}
	if len(added) > 0 {
		p.n.nearby.Refresh()
		p.n.engine.Greet() // who was a stranger hears more now
	}
}

// farewell is how long a device that was removed stays connected, so that it can
// be told.
const farewell = 500 * time.Millisecond

// leaveLocked stops dialling devices that aren't the account's or a person's any
// more, and ends their sessions.
func (p *peers) leaveLocked(devices map[key.Endpoint]bool) {
	for id, stop := range p.stops {
		if _, still := devices[id]; still {
			continue
		}
		stop()
		delete(p.stops, id)
		delete(p.dialers, id)
		if s := p.sessions[id]; s != nil {
			time.AfterFunc(farewell, func() { _ = s.conn.Close(closeDone) })
		}
	}
}

// dialer connects to a device whenever there is no session with it.
func (p *peers) dialer(ctx context.Context, id key.Endpoint, again kicker) error {
	wait := retryFirst
	for ctx.Err() == nil {
		if s := p.session(id); s != nil {
			select {
			case <-s.done:
			case <-ctx.Done():
			}
			wait = retryFirst
			if !duplicate(s.conn) {
				continue
			} // else the device has another one, which may have to be heard of first
		} else if !p.isPaused() && !p.n.twins.isStill() {
			lasted, moved := p.attempt(ctx, id, again)
			if lasted || moved {
				wait = retryFirst
			}
			if moved {
				continue
			}
		}
		pause := time.NewTimer(wait)
		select {
		case <-pause.C:
			wait = min(2*wait, p.retriesAfter(id))
		case <-again:
			wait = retryFirst
		case <-ctx.Done():
		}
		pause.Stop()
	}
	return ctx.Err()
}

// serve syncs over a connection until it ends.
func (p *peers) serve(ctx context.Context, c *endpoint.Conn) {
	c.Paced(&p.n.rates.pace)
	s := &session{conn: c, since: p.clock(), done: make(chan struct{})}
	old, code, ok := p.register(c.Peer(), s)
	if !ok {
		_ = c.Close(code)
		return
	}
	if old != nil {
		_ = old.conn.Close(closeDuplicate)
	}
	p.n.bus.pulse()
	err := p.n.engine.Serve(ctx, connection{c})
	_ = c.Close(closeDone)
	p.closedBy(c)
	p.mu.Lock()
	current := p.sessions[c.Peer()] == s
	greeted := s.greeted
	if current {
		delete(p.sessions, c.Peer())
		delete(p.has, c.Peer())
		if !p.n.expected(c.Peer()) {
			delete(p.told, c.Peer())
		}
	}
	p.mu.Unlock()
	close(s.done)
	if err != nil && ctx.Err() == nil {
		p.n.log.Debug("Session ended", "device", c.Peer(), "error", err)
	}
	if current && greeted {
		p.reached(c.Peer(), c.RemoteAddr())
	}
	if current {
		p.n.bus.pulse()
	}
}

// register makes s the session with a device, or tells why not; old is the one
// in whose place it comes, to be closed. Of two connections made at the same
// time, both sides keep the one that the lesser key dialled; an older session
// gives way, for its peer may have forgotten it.
func (p *peers) register(id key.Endpoint, s *session) (old *session, code uint64, ok bool) {
	known, still := p.n.expected(id), p.n.twins.isStill()
	person, is := p.n.account.PersonOf(id)
	blocked := is && person.Blocked
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case still:
		return nil, closeTwinned, false
	case p.paused:
		return nil, closePaused, false
	case p.turnedAwayLocked(id, s.conn.RemoteAddr()):
		return nil, closeTwin, false
	}
	if blocked {
		return nil, closeDone, false
	}
	if !known && p.strangersLocked() >= maxStranger {
		return nil, closeBusy, false
	}
	old = p.sessions[id]
	if old != nil && s.since.Sub(old.since) < settled && dialledByLesser(old.conn) && !dialledByLesser(s.conn) {
		return nil, closeDuplicate, false
	}
	p.sessions[id] = s
	return old, 0, true
}

// strangersLocked counts sessions with devices that aren't known to be ours.
func (p *peers) strangersLocked() (count int) {
	for id := range p.sessions {
		if !p.n.expected(id) {
			count++
		}
	}
	return count
}

func dialledByLesser(c *endpoint.Conn) bool {
	local, peer := c.Local(), c.Peer()
	return c.Initiator() == (string(local[:]) < string(peer[:]))
}

// renew ends all sessions and returns when they have ended. Devices connect again
// by themselves.
func (p *peers) renew(ctx context.Context) {
	p.mu.Lock()
	open := slices.Collect(maps.Values(p.sessions))
	p.mu.Unlock()
	for _, s := range open {
		_ = s.conn.Close(closeDone)
	}
	for _, s := range open {
		select {
		case <-s.done:
		case <-ctx.Done():
		}
	}
}

func (p *peers) session(id key.Endpoint) *session {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sessions[id]
}

// online returns the session with a device: nil until the device has answered,
// and from the moment of a pause on, while sessions are still being closed.
func (p *peers) online(id key.Endpoint) *session {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.sessions[id]; s != nil && s.greeted && !p.paused {
		return s
	}
	return nil
}

// pausedUntil reports a pause, and when it ends: zero is when it is resumed.
func (p *peers) pausedUntil() (paused bool, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.paused, p.until
}

func (p *peers) isPaused() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.paused
}

// kick makes the dialers of the account's devices try at once, and looks for new
// devices.
func (p *peers) kick() { p.kickSome(false) }

// closeAll ends every session.
func (p *peers) closeAll(code uint64) {
	p.mu.Lock()
	open := slices.Collect(maps.Values(p.sessions))
	p.mu.Unlock()
	for _, s := range open {
		_ = s.conn.Close(code)
	}
}

// reached notes that a device was at an address just now.
func (p *peers) reached(id key.Endpoint, a netip.AddrPort) { p.reachable(id, a, p.clock()) }

func (p *peers) reachable(id key.Endpoint, a netip.AddrPort, at time.Time) {
	if !p.n.expected(id) {
		return // anyone can dial this device, and make up keys to do so
	}
	if err := p.n.cfg.Local.PutAddress(context.Background(), id, a, at); err != nil {
		p.n.log.Warn("A device's address wasn't noted", "error", err)
	}
}
