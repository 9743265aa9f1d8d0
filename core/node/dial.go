package node

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"meadow/core/endpoint"
	"meadow/core/key"
)

// attempt dials a device and syncs with it. Lasted reports that this went on for a
// while: at once turned away counts as a failure. Moved reports that it was given
// up since the device may be somewhere else now.
func (p *peers) attempt(ctx context.Context, id key.Endpoint, again kicker) (lasted, moved bool) {
	done, err := p.turn(ctx, id)
	if err != nil {
		return false, false
	}
	c, moved, err := p.reach(ctx, id, again)
	done()
	if moved {
		return false, true
	}
	if p.n.deviceKnown(id) {
		p.unspoken(id, errors.Is(err, endpoint.ErrProtocol))
	}
	if err != nil {
		p.n.log.Debug("Device not reached", "device", id, "error", err)
		p.lookForSelf(ctx, err)
		return false, false
	}
	since := time.Now()
	p.serve(ctx, c)
	return time.Since(since) > settled, false
}

// reach dials a device until it answers, that fails or again is kicked.
func (p *peers) reach(ctx context.Context, id key.Endpoint, again kicker) (c *endpoint.Conn, moved bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c, err = p.n.endpoint.Dial(ctx, id, alpnSync)
	}()
	patience := time.NewTimer(dialAtLeast)
	defer patience.Stop()
	select {
	case <-ended:
		return c, false, err
	case <-patience.C:
	}
	select {
	case <-ended:
		return c, false, err
	case <-again:
		cancel()
		<-ended
		return c, err != nil, err
	}
}

// lookForSelf meets whoever answered with this device's own key.
func (p *peers) lookForSelf(ctx context.Context, err error) {
	var failed *endpoint.DialError
	if !errors.As(err, &failed) {
		return
	}
	for _, a := range failed.Attempts {
		var other *endpoint.IdentityError
		if errors.As(a.Err, &other) && other.Have == p.n.cfg.Device.Endpoint() {
			p.n.twins.meetSelf(ctx, a.Addr)
		}
	}
}

// dial connects to a device at an address and returns when it is online.
func (p *peers) dial(ctx context.Context, id key.Endpoint, a netip.AddrPort) error {
	if err := p.n.twins.refuse(); err != nil {
		return err
	}
	if p.isPaused() {
		return fail(CodeNotAllowed, "run `meadow resume` first", "syncing is paused; nothing was dialled")
	}
	p.reachable(id, a, time.Time{})
	c, err := p.n.endpoint.DialAt(ctx, id, alpnSync, a)
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

// waitOnline returns when the device that c leads to is online, over c or the
// connection that is kept in its place, or fails when there is none.
func (p *peers) waitOnline(ctx context.Context, c *endpoint.Conn, ended <-chan struct{}) error {
	for next, over := 0, false; ; {
		_, end, more := p.n.bus.since(next)
		if s := p.online(c.Peer()); s != nil && (s.conn == c || over) {
			return nil
		}
		if next = end; over && p.session(c.Peer()) == nil && !duplicate(c) {
			return fail(CodeUnreachable, "try again", "the device answered but didn't stay connected")
		}
		select {
		case <-more:
		case <-ended:
			if err := p.turnedUs(c); err != nil {
				return err
			}
			over, ended = true, nil
		case <-ctx.Done():
			return fail(CodeUnreachable, "try again", "the device answered but didn't stay connected")
		}
	}
}

// duplicate reports whether a connection has ended because another one to the same
// device is kept, which may have to be heard of first.
func duplicate(c *endpoint.Conn) bool {
	var closed *endpoint.CloseError
	return errors.As(c.Err(), &closed) && closed.Code == closeDuplicate
}

// turnedUs says why the other side has closed a connection, if it gave a reason.
func (p *peers) turnedUs(c *endpoint.Conn) error {
	var closed *endpoint.CloseError
	if !errors.As(c.Err(), &closed) || !closed.Remote {
		return nil
	}
	switch closed.Code {
	case closePaused:
		return fail(CodeUnreachable, "run `meadow resume` there", "the device answered, but syncing is paused there")
	case closeTwinned:
		return fail(CodeUnreachable, "see `meadow status` there", "the device answered, but its home is a copy that doesn't sync")
	case closeTwin:
		return p.n.twins.refuse()
	}
	return nil
}
