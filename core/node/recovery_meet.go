package node

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"meadow/core/endpoint"
	"meadow/core/key"
	"meadow/core/willow"
)

// dial looks for a device where it is said to be, as long as none is connected.
func (r *recovery) dial(from string) {
	a, err := netip.ParseAddrPort(from)
	if err != nil || len(r.n.engine.Peers()) > 0 || time.Since(r.dialled) < r.wait || r.n.peers.isPaused() {
		return
	}
	r.dialled, r.wait = time.Now(), min(2*r.wait, retryLast)
	r.n.crew.do(func(ctx context.Context) { r.n.meetStranger(ctx, a) })
}

// meetStranger syncs with whoever is at an address: its key isn't known.
func (n *Node) meetStranger(ctx context.Context, a netip.AddrPort) {
	dialling, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	_, err := n.endpoint.DialAt(dialling, key.NewDevice().Endpoint(), alpnSync, a)
	var other *endpoint.IdentityError
	if !errors.As(err, &other) || other.Have == n.cfg.Device.Endpoint() || n.peers.session(other.Have) != nil {
		n.log.Debug("Nobody to meet there", "at", a, "error", err)
		return
	}
	c, err := n.endpoint.DialAt(dialling, other.Have, alpnSync, a)
	if err != nil {
		n.log.Debug("Device not reached", "device", other.Have, "error", err)
		return
	}
	n.peers.serve(ctx, c)
}

// beacon is the key under which a device announces itself that was made with the
// words, see above; zero on a device that mustn't know the home space.
func (n *Node) beacon() (id key.Endpoint, mine bool) {
	if home := n.account.Home(); n.account.Paired() && home != (willow.NamespaceID{}) {
		_, mine = n.recovery.working()
		return key.Endpoint(home), mine
	}
	return id, false
}

// meetRecovered connects to a device that announces itself so.
func (n *Node) meetRecovered(ctx context.Context, id key.Endpoint) {
	here, _ := n.nearby.Lookup(ctx, id) // never fails
	for _, a := range here {
		n.meetStranger(ctx, a)
	}
}
