package node

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"meadow/core/endpoint"
	"meadow/core/key"
	"meadow/core/willow"
)

// How long a person's letters wait after they couldn't be delivered: at first, at
// most, and at most when they were refused.
const (
	courierFirst   = time.Second
	courierLast    = 5 * time.Minute
	courierRefused = 10 * time.Minute
	courierAtOnce  = 8 // persons to whom letters are brought at the same time
)

// courier brings letters to persons' devices, as often as it takes, and takes those
// that they bring (see letters.go).
type courier struct {
	box    letterbox
	dial   func(ctx context.Context, device key.Endpoint) (*endpoint.Conn, error)
	online func(device key.Endpoint) bool
	open   func() bool // whether anything is sent and taken now
	now    func() time.Time
	log    *slog.Logger
	wake   kicker

	mu      sync.Mutex // guards all below
	rounds  map[willow.NamespaceID]*round
	brought map[key.Endpoint]*tallyOf
	callers map[key.Endpoint]caller // who brings letters now
}

// round is how it goes with one person's letters.
type round struct {
	under bool // somebody is on the way
	wait  time.Duration
	due   time.Time // no sooner than this
}

// tallyOf counts the letters and connections of a device since a time.
type tallyOf struct {
	since time.Time
	count int
}

func newCourier(n *Node) *courier {
	return &courier{
		box: n.account, now: n.cfg.Now, log: n.log, wake: newKicker(),
		dial: func(ctx context.Context, id key.Endpoint) (*endpoint.Conn, error) {
			return n.endpoint.Dial(ctx, id, alpnLetter)
		},
		online:  func(id key.Endpoint) bool { return n.peers.online(id) != nil },
		open:    func() bool { return !n.peers.isPaused() && !n.twins.isStill() },
		callers: make(map[key.Endpoint]caller),
		rounds:  make(map[willow.NamespaceID]*round), brought: make(map[key.Endpoint]*tallyOf),
	}
}

// kick says that there may be letters to deliver.
func (c *courier) kick() { c.wake.kick() }

// met says that a device is connected: what is for its person goes now.
func (c *courier) met(device key.Endpoint) {
	p, known := c.box.PersonOf(device)
	if !known {
		return
	}
	c.mu.Lock()
	if r := c.rounds[p.Custodian]; r != nil {
		r.due, r.wait = time.Time{}, 0
	}
	c.mu.Unlock()
	c.kick()
}

// allow counts a letter that a device brings, or a connection, and reports whether it may.
func (c *courier) allow(device key.Endpoint) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	for id, t := range c.brought {
		if age := now.Sub(t.since); age < 0 || age >= lettersFor {
			delete(c.brought, id)
		}
	}
	t := c.brought[device]
	if t == nil {
		t = &tallyOf{since: now}
		c.brought[device] = t
	}
	t.count++
	return t.count <= lettersIn
}

// run delivers until ctx ends.
func (c *courier) run(ctx context.Context) error {
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(courierAtOnce + 1)
	work.Go(func() error {
		for {
			next := c.turn(ctx, work)
			pause := time.NewTimer(next)
			select {
			case <-c.wake:
			case <-pause.C:
			case <-ctx.Done():
			}
			pause.Stop()
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	})
	return work.Wait()
}

// turn sends somebody to every person whose letters are due, as far as there is
// somebody, and returns when to look again.
func (c *courier) turn(ctx context.Context, work *errgroup.Group) time.Duration {
	next := courierLast
	if !c.open() {
		return courierFirst
	}
	waiting := map[willow.NamespaceID]bool{}
	for _, l := range c.box.Letters() {
		waiting[l.To] = true
	}
	now := c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	for to := range c.rounds {
		if !waiting[to] && !c.rounds[to].under {
			delete(c.rounds, to)
		}
	}
	for to := range waiting {
		r := c.rounds[to]
		if r == nil {
			r = new(round)
			c.rounds[to] = r
		}
		left := min(r.due.Sub(now), courierRefused) // a clock that was set back
		switch {
		case r.under:
		case left > 0:
			next = min(next, left)
		case work.TryGo(func() error { c.bring(ctx, to); return nil }):
			r.under = true
		default:
			next = min(next, courierFirst)
		}
	}
	return next
}

// bring brings a person what there is for them.
func (c *courier) bring(ctx context.Context, to willow.NamespaceID) {
	failed := c.bringAll(ctx, to)
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rounds[to]
	r.under = false
	switch {
	case failed == nil:
		r.wait, r.due = 0, time.Time{}
		c.kick() // there may be new ones
		return
	case errors.Is(failed, errLetterRefused): // whom one has just met may not know it yet
		r.wait = min(max(2*r.wait, courierFirst), courierRefused)
	default:
		r.wait = min(max(2*r.wait, courierFirst), courierLast)
	}
	r.due = c.now().Add(r.wait)
	c.log.Debug("Letters wait", "for", to, "again", r.wait, "error", failed)
	c.kick()
}

// bringAll delivers what there is for a person; what is refused doesn't hold up the
// rest.
func (c *courier) bringAll(ctx context.Context, to willow.NamespaceID) (failed error) {
	carrier, ok := c.carrier(to)
	if !ok {
		return errLetterRefused
	}
	defer carrier.close()
	for _, l := range c.box.Letters() {
		if l.To != to {
			continue
		}
		err := carrier.Deliver(ctx, l)
		if err == nil {
			err = c.box.LetterDelivered(ctx, l)
		}
		switch {
		case err == nil:
		case errors.Is(err, errLetterRefused), errors.Is(err, errLetterLong):
			failed = errLetterRefused
		default:
			return err
		}
	}
	return failed
}
