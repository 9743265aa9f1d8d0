package node

import (
	"context"
	"time"

	"meadow/core/key"
)

const (
	retryPersons = 5 * time.Minute // at most, between dials of a person's device
	dialPersons  = 8               // persons' devices that are dialled at once
)

// others returns the devices to be connected with: the account's, and those of
// persons who aren't blocked, which are true.
func (n *Node) others() map[key.Endpoint]bool {
	all := make(map[key.Endpoint]bool)
	if n.account.Removed() {
		return all
	}
	for _, p := range n.account.People() {
		for _, d := range p.Devices {
			if !p.Blocked {
				all[d.Endpoint] = true
			}
		}
	}
	for _, d := range n.account.Devices() {
		if !d.Self {
			all[d.Endpoint] = false
		}
	}
	return all
}

// expected reports whether a device is the account's, or one of a person who isn't
// blocked.
func (n *Node) expected(id key.Endpoint) bool {
	if n.deviceKnown(id) {
		return true
	}
	_, ok := n.personOf(id)
	return ok
}

// retriesAfter is how long a dialer waits at most.
func (p *peers) retriesAfter(id key.Endpoint) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.persons[id] {
		return retryPersons
	}
	return retryLast
}

// turn waits until a device may be dialled: of persons' devices a few at once.
func (p *peers) turn(ctx context.Context, id key.Endpoint) (done func(), err error) {
	p.mu.Lock()
	person := p.persons[id]
	p.mu.Unlock()
	if !person {
		return func() {}, nil
	}
	select {
	case p.calls <- struct{}{}:
		return func() { <-p.calls }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// kickSome is kick for persons' devices too, if that is wanted: they may be many.
func (p *peers) kickSome(persons bool) {
	p.mu.Lock()
	for id, k := range p.dialers {
		if persons || !p.persons[id] {
			k.kick()
		}
	}
	p.mu.Unlock()
	p.wake.kick()
}

// who says in an event whose device a peer is.
func (n *Node) who(id key.Endpoint) []any {
	fields := []any{"device", n.deviceName(id), "endpoint", id.String()}
	if p, ok := n.account.PersonOf(id); ok {
		fields = append(fields, "person", n.personName(p), "custodian", p.Custodian.String())
	}
	return fields
}
