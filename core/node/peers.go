package node

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"meadow/core/endpoint"
	"meadow/core/key"
)

// The protocols a node speaks. They are visible to who watches the network.
const (
	alpnSync = "mdn-willow/1"
	alpnPair = "mdn-pair/1"
)

// Codes with which connections are closed, see research on the wire: peers
// learn no more from them.
const (
	closeDone      = 0
	closeDuplicate = 0x10 // another connection to the same device is kept
	closePaused    = 0x11
	closeBusy      = 0x12
	closeNoTicket  = 0x13 // no join screen is open
)

const (
	retryFirst  = 250 * time.Millisecond // after a failed dial, doubling
	retryLast   = 30 * time.Second
	settled     = 2 * time.Second // an older session gives way to a new connection
	maxStranger = 16              // sessions with devices not known (yet) to be ours
)

// peers keeps one session with each of the account's devices.
type peers struct {
	n      *Node
	wake   kicker       // devices or pause changed
	hellos chan greeted // to supervise
	clock  func() time.Time

	mu       sync.Mutex // guards all below
	sessions map[key.Endpoint]*session
	dialers  map[key.Endpoint]kicker           // a dialer per known device
	told     map[key.Endpoint][]netip.AddrPort // where devices say they are
	paused   bool
	until    time.Time // zero: until resumed
}

type session struct {
	conn    *endpoint.Conn
	since   time.Time
	done    chan struct{}
	greeted bool // the peer has answered, and wants the session; guarded by peers.mu
}

func newPeers(n *Node) *peers {
	return &peers{
		n: n, wake: newKicker(), hellos: make(chan greeted, 64), clock: n.cfg.Now,
		sessions: make(map[key.Endpoint]*session), dialers: make(map[key.Endpoint]kicker),
		told: make(map[key.Endpoint][]netip.AddrPort),
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
			if c.ALPN() == alpnPair {
				p.n.pairing.answer(ctx, c)
			} else {
				p.serve(ctx, c)
			}
			return nil
		})
	}
}

// supervise keeps a dialer for each device of the account, and ends pauses.
func (p *peers) supervise(ctx context.Context, work *errgroup.Group) error {
	for {
		p.dialKnown(ctx, work)
		resume := p.pauseTimer()
		select {
		case <-p.wake:
		case g := <-p.hellos:
			p.take(g.from, g.hello)
		case <-resume.C:
			p.resumeDue(ctx)
		case <-ctx.Done():
			resume.Stop()
			return ctx.Err()
		}
		resume.Stop()
	}
}

func (p *peers) dialKnown(ctx context.Context, work *errgroup.Group) {
	var added []key.Endpoint
	p.mu.Lock()
	for _, d := range p.n.account.Devices() {
		if _, has := p.dialers[d.Endpoint]; !has && !d.Self {
			k := newKicker()
			p.dialers[d.Endpoint] = k
			added = append(added, d.Endpoint)
			work.Go(func() error { return p.dialer(ctx, d.Endpoint, k) })
		}
	}
	p.mu.Unlock()
	for _, id := range added {
		p.noteStranger(id)
	}
	if len(added) > 0 {
		p.n.engine.Greet() // who was a stranger hears more now
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
			continue
		}
		if !p.isPaused() {
			c, err := p.n.endpoint.Dial(ctx, id, alpnSync)
			if err == nil {
				since := p.clock()
				p.serve(ctx, c)
				if p.clock().Sub(since) > settled {
					wait = retryFirst // it was there; at once turned away counts as a failure
				}
			} else {
				p.n.log.Debug("Device not reached", "device", id, "error", err)
			}
		}
		pause := time.NewTimer(wait)
		select {
		case <-pause.C:
			wait = min(2*wait, retryLast)
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
	s := &session{conn: c, since: p.clock(), done: make(chan struct{})}
	old, code, ok := p.register(c.Peer(), s)
	if !ok {
		_ = c.Close(code)
		return
	}
	if old != nil {
		_ = old.conn.Close(closeDuplicate)
	}
	p.reached(c.Peer(), c.RemoteAddr())
	p.n.bus.pulse()
	err := p.n.engine.Serve(ctx, connection{c})
	_ = c.Close(closeDone)
	p.mu.Lock()
	current := p.sessions[c.Peer()] == s
	if current {
		delete(p.sessions, c.Peer())
		if !p.n.deviceKnown(c.Peer()) {
			delete(p.told, c.Peer())
		}
	}
	p.mu.Unlock()
	close(s.done)
	if err != nil && ctx.Err() == nil {
		p.n.log.Debug("Session ended", "device", c.Peer(), "error", err)
	}
	if current {
		p.reached(c.Peer(), c.RemoteAddr())
		p.n.bus.pulse()
	}
}

// register makes s the session with a device, or tells why not; old is the one
// in whose place it comes, to be closed. Of two connections made at the same
// time, both sides keep the one that the lesser key dialled; an older session
// gives way, for its peer may have forgotten it.
func (p *peers) register(id key.Endpoint, s *session) (old *session, code uint64, ok bool) {
	known := p.n.deviceKnown(id)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.paused {
		return nil, closePaused, false
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
		if !p.n.deviceKnown(id) {
			count++
		}
	}
	return count
}

func dialledByLesser(c *endpoint.Conn) bool {
	local, peer := c.Local(), c.Peer()
	return c.Initiator() == (string(local[:]) < string(peer[:]))
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

func (p *peers) isPaused() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.paused
}

// kick makes the dialers try at once, and looks for new devices.
func (p *peers) kick() {
	p.mu.Lock()
	for _, k := range p.dialers {
		k.kick()
	}
	p.mu.Unlock()
	p.wake.kick()
}

// dial connects to a device at an address and returns when it is online.
func (p *peers) dial(ctx context.Context, id key.Endpoint, a netip.AddrPort) error {
	if p.isPaused() {
		return fail(CodeNotAllowed, "run `meadow resume` first", "syncing is paused; nothing was dialled")
	}
	p.reachable(id, a, time.Time{})
	c, err := p.n.endpoint.Dial(ctx, id, alpnSync, a)
	if err != nil {
		return fail(CodeUnreachable, "check the address, and that Meadow runs there",
			"the device doesn't answer at %s: %v", a, err)
	}
	ended := make(chan struct{})
	ok := p.n.crew.do(func(ctx context.Context) {
		defer close(ended)
		p.serve(ctx, c)
	})
	if !ok {
		_ = c.Close(closeDone)
		return stopped()
	}
	return p.waitOnline(ctx, c, ended)
}

// waitOnline returns when the device that c leads to is online, over c or another
// connection, or fails when c's session has ended.
func (p *peers) waitOnline(ctx context.Context, c *endpoint.Conn, ended <-chan struct{}) error {
	for next := 0; ; {
		_, end, more := p.n.bus.since(next)
		if p.online(c.Peer()) != nil {
			return nil
		}
		next = end
		select {
		case <-more:
			continue
		case <-ended:
			if p.online(c.Peer()) != nil {
				return nil
			}
		case <-ctx.Done():
		}
		var closed *endpoint.CloseError
		if errors.As(c.Err(), &closed) && closed.Remote && closed.Code == closePaused {
			return fail(CodeUnreachable, "run `meadow resume` there", "the device answered, but syncing is paused there")
		}
		return fail(CodeUnreachable, "try again", "the device answered but didn't stay connected")
	}
}

// reached notes that a device was at an address just now.
func (p *peers) reached(id key.Endpoint, a netip.AddrPort) { p.reachable(id, a, p.clock()) }

func (p *peers) reachable(id key.Endpoint, a netip.AddrPort, at time.Time) {
	if !p.n.deviceKnown(id) {
		return // anyone can dial this device, and make up keys to do so
	}
	if err := p.n.cfg.Local.PutAddress(context.Background(), id, a, at); err != nil {
		p.n.log.Warn("A device's address wasn't noted", "error", err)
	}
}
