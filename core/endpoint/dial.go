package endpoint

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"meadow/core/discovery"
	"meadow/core/key"
)

// stagger is how long an address is given before the next one is tried beside
// it, as in RFC 8305 but shorter: most wrong addresses never answer.
const stagger = 100 * time.Millisecond

// Dial connects to the peer. It tries addrs in order and then what the sources
// know, each a little after the one before, and keeps the first connection at
// which the peer proves its key; the others are ended. If none does, the error
// is a *DialError. Dial takes as long as ctx lets it, an address at most 10 s.
func (e *Endpoint) Dial(ctx context.Context, peer key.Endpoint, alpn string, addrs ...netip.AddrPort) (*Conn, error) {
	return e.dial(ctx, peer, alpn, addrs, e.cfg.Sources)
}

// DialAt is Dial at these addresses only: no source is asked.
func (e *Endpoint) DialAt(ctx context.Context, peer key.Endpoint, alpn string, addrs ...netip.AddrPort) (*Conn, error) {
	return e.dial(ctx, peer, alpn, addrs, nil)
}

func (e *Endpoint) dial(ctx context.Context, peer key.Endpoint, alpn string, addrs []netip.AddrPort, sources []discovery.Source) (*Conn, error) {
	if peer == e.id && (e.cfg.Self == "" || alpn != e.cfg.Self) {
		return nil, ErrSelf
	}
	if e.ctx.Err() != nil {
		return nil, ErrClosed
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(e.ctx, func() { cancel(ErrClosed) })()
	r := &race{
		e: e, peer: peer, alpn: alpn, sources: sources,
		found: make(chan lookup), ended: make(chan result),
		seen: make(map[netip.AddrPort]bool), failed: &DialError{Peer: peer},
	}
	return r.run(ctx, addrs)
}

type (
	// lookup is what a source answered.
	lookup struct {
		addrs []netip.AddrPort
		err   error
	}
	// result is what came of one address: a connection or an error.
	result struct {
		index int // in race.failed.Attempts
		conn  *Conn
		err   error
	}
)

// race is one Dial. All fields belong to the goroutine of run; the others report
// to it over the two channels.
type race struct {
	e    *Endpoint
	peer key.Endpoint
	alpn string

	sources []discovery.Source

	found   chan lookup
	ended   chan result
	asking  int                     // sources that have not answered
	running int                     // addresses under way
	queue   []netip.AddrPort        // addresses not yet tried
	seen    map[netip.AddrPort]bool // all that were ever queued
	failed  *DialError              // one Attempt for each address tried
}

func (r *race) run(ctx context.Context, addrs []netip.AddrPort) (*Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	winner, err := r.race(ctx, &wg, addrs)
	cancel()
	go func() { wg.Wait(); close(r.ended) }()
	r.drain()
	return winner, err
}

// race starts and collects attempts until one wins or nothing is left.
func (r *race) race(ctx context.Context, wg *sync.WaitGroup, addrs []netip.AddrPort) (*Conn, error) {
	r.enqueue(addrs)
	for _, s := range r.sources {
		r.asking++
		wg.Go(func() { r.ask(ctx, s) })
	}
	next := time.NewTimer(0)
	defer next.Stop()
	for len(r.queue) > 0 || r.running > 0 || r.asking > 0 {
		var start <-chan time.Time
		if len(r.queue) > 0 {
			start = next.C
		}
		select {
		case <-start:
			r.start(ctx, wg)
			next.Reset(stagger)
		case l := <-r.found:
			r.asking--
			r.answered(l)
		case res := <-r.ended:
			r.running--
			if res.err == nil {
				return res.conn, nil
			}
			r.failed.Attempts[res.index].end(res.err)
			next.Reset(0) // don't wait beside nothing
		case <-ctx.Done():
			return nil, r.interrupted(ctx)
		}
	}
	if len(r.failed.Attempts) == 0 {
		r.failed.Attempts = []Attempt{{Err: ErrNoAddress}}
	}
	return nil, r.failed
}

// interrupted is the error of a Dial that ctx ended: each address that was still
// under way failed by it.
func (r *race) interrupted(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, ErrClosed) {
		return ErrClosed
	}
	for i := range r.failed.Attempts {
		if r.failed.Attempts[i].Err == nil {
			r.failed.Attempts[i].end(fmt.Errorf("no answer yet: %w", cause))
		}
	}
	if len(r.failed.Attempts) == 0 {
		r.failed.Attempts = []Attempt{{Err: cause}}
	}
	return r.failed
}

// end notes what came of an attempt.
func (a *Attempt) end(err error) { a.Err, a.Took = err, time.Since(a.began) }

// enqueue adds addresses that are new, as long as there are not too many.
func (r *race) enqueue(addrs []netip.AddrPort) {
	for _, a := range addrs {
		a = netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
		if !r.seen[a] && len(r.seen) < maxAddrs {
			r.seen[a] = true
			r.queue = append(r.queue, a)
		}
	}
}

// ask reports what one source knows.
func (r *race) ask(ctx context.Context, s discovery.Source) {
	addrs, err := s.Lookup(ctx, r.peer)
	select {
	case r.found <- lookup{addrs, err}:
	case <-ctx.Done():
	}
}

func (r *race) answered(l lookup) {
	if l.err != nil {
		r.failed.Attempts = append(r.failed.Attempts, Attempt{Err: fmt.Errorf("look up addresses: %w", l.err)})
	}
	r.enqueue(l.addrs)
}

// start tries the next address of the queue.
func (r *race) start(ctx context.Context, wg *sync.WaitGroup) {
	addr := r.queue[0]
	r.queue = slices.Delete(r.queue, 0, 1)
	index := len(r.failed.Attempts)
	r.failed.Attempts = append(r.failed.Attempts, Attempt{Addr: addr, began: time.Now()})
	r.running++
	wg.Go(func() {
		conn, err := r.e.dialAddr(ctx, r.peer, r.alpn, addr)
		r.ended <- result{index, conn, err}
	})
}

// drain waits for the attempts that lost and closes those that were won too
// late.
func (r *race) drain() {
	for res := range r.ended {
		if res.conn != nil {
			_ = res.conn.Close(codeUnused)
		}
	}
}

// dialAddr dials one address.
func (e *Endpoint) dialAddr(ctx context.Context, peer key.Endpoint, alpn string, addr netip.AddrPort) (*Conn, error) {
	ip := addr.Addr()
	if !ip.IsValid() || ip.IsUnspecified() || ip.IsMulticast() || addr.Port() == 0 {
		return nil, errors.New("not an address of a device")
	}
	s := e.socketTo(ip)
	if s == nil {
		return nil, errors.New("not reachable from the addresses that this device listens on")
	}
	qc, err := s.transport.Dial(ctx, net.UDPAddrFromAddrPort(addr), clientTLS(e.cert, peer, alpn), quicConfig())
	if err != nil {
		return nil, plainDial(err)
	}
	return e.adopt(qc, true)
}
