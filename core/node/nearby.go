package node

import (
	"context"
	"slices"
	"strings"
	"time"

	"meadow/core/discovery/nearby"
	"meadow/core/key"
	"meadow/core/mdn"
)

const lookTimeout = 3 * time.Second // for join screens on this network

// NearbyScreen is one row of pair nearby: a device on this network whose join
// screen is open. Name and Platform are what it says of itself.
type NearbyScreen struct {
	Name      string   `json:"name"`
	Platform  string   `json:"platform"`
	Endpoint  string   `json:"endpoint"`
	Addresses []string `json:"addresses"`
}

func newNearby(n *Node) *nearby.Service {
	return nearby.New(nearby.Config{
		Self: n.cfg.Device.Endpoint(), Known: n.otherDevices, Found: n.appeared, Beacon: n.beacon, Log: n.log, Now: n.cfg.Now,
	})
}

// otherDevices returns the devices to look out for.
func (n *Node) otherDevices() (all []key.Endpoint) {
	for id := range n.others() {
		all = append(all, id)
	}
	return all
}

// appeared has a device dialled that is somewhere else than before. One with this
// device's key is a copy of its home.
func (n *Node) appeared(id key.Endpoint) {
	if id == n.cfg.Device.Endpoint() {
		n.crew.do(n.meetDouble)
		return
	}
	if id == key.Endpoint(n.account.Home()) {
		n.crew.do(func(ctx context.Context) { n.meetRecovered(ctx, id) })
		return
	}
	if s := n.peers.session(id); s != nil {
		n.crew.do(func(ctx context.Context) { n.peers.follow(ctx, id, s) })
		return
	}
	n.peers.redial(id)
}

func (n *Node) meetDouble(ctx context.Context) {
	here, _ := n.nearby.Lookup(ctx, n.cfg.Device.Endpoint()) // never fails
	for _, a := range here {
		n.twins.meetSelf(ctx, a)
	}
}

// follow moves a session to where its device is on this network, unless it is
// there already: the way it takes may be longer, or dead with nobody saying so.
func (p *peers) follow(ctx context.Context, id key.Endpoint, s *session) {
	here, err := p.n.nearby.Lookup(ctx, id)
	if err != nil || p.isPaused() || slices.Contains(here, s.conn.RemoteAddr()) {
		return
	}
	dialling, cancel := context.WithTimeout(ctx, dialTimeout)
	c, err := p.n.endpoint.DialAt(dialling, id, alpnSync, here...)
	cancel()
	if err != nil {
		p.n.log.Debug("Device not reached where it was heard", "device", id, "error", err)
		return
	}
	p.serve(ctx, c)
}

// showNearby announces the join screen's ticket on this network.
func (n *Node) showNearby(ctx context.Context, t mdn.Ticket) {
	n.nearby.Show(nearby.Screen{
		Name: n.selfName(ctx), Platform: platform(), Endpoint: t.Endpoint, Secret: t.Secret, Expires: t.Expires,
	})
}

// PairNearby looks for open join screens on this network, for three seconds if
// the timeout is zero, and returns them by name.
func (n *Node) PairNearby(ctx context.Context, timeout time.Duration) ([]NearbyScreen, error) {
	screens, err := n.screens(ctx, timeout)
	if err != nil {
		return nil, err
	}
	list := []NearbyScreen{}
	for _, s := range screens {
		row := NearbyScreen{Name: s.Name, Platform: s.Platform, Endpoint: s.Endpoint.String(), Addresses: []string{}}
		for _, a := range s.Addrs {
			row.Addresses = append(row.Addresses, a.String())
		}
		list = append(list, row)
	}
	sortBy(list, func(s NearbyScreen) string { return s.Name + "/" + s.Endpoint })
	return list, nil
}

func (n *Node) screens(ctx context.Context, timeout time.Duration) ([]nearby.Screen, error) {
	if !n.account.Paired() {
		return nil, notPaired()
	}
	if !n.nearby.Working() {
		return nil, fail(CodeNotAllowed, "give the ticket instead; or run the node without --no-mdns, connected to a network, "+
			"not on loopback addresses only", "this device doesn't look for others on its networks")
	}
	if timeout <= 0 {
		timeout = lookTimeout
	}
	return n.nearby.Screens(ctx, timeout)
}

// nearbyTicket returns the ticket of the join screen on this network that a name
// or the beginning of an endpoint means.
func (n *Node) nearbyTicket(ctx context.Context, who string) (mdn.Ticket, error) {
	if id, err := key.ParseEndpoint(who); err == nil && n.account.Paired() {
		if seen, err := n.nearby.Screens(ctx, 0); err == nil {
			seen = slices.DeleteFunc(seen, func(s nearby.Screen) bool { return s.Endpoint != id })
			if len(seen) > 0 { // it was chosen from a list
				return ticketOf(seen[0]), nil
			}
		}
	}
	all, err := n.screens(ctx, 0)
	if err != nil {
		return mdn.Ticket{}, err
	}
	named := slices.DeleteFunc(slices.Clone(all), func(s nearby.Screen) bool { return s.Name != who })
	if len(named) == 0 && len(who) >= minPrefix {
		named = slices.DeleteFunc(all, func(s nearby.Screen) bool {
			return !strings.HasPrefix(s.Endpoint.String(), strings.ToLower(who))
		})
	}
	if len(named) == 0 {
		return mdn.Ticket{}, fail(CodeNotFound, "run `meadow pair show` there and see `meadow pair nearby`, or give the ticket instead",
			"no device called %q shows a join screen on this network", who)
	}
	for _, s := range named {
		if s.Endpoint != named[0].Endpoint {
			return mdn.Ticket{}, fail(CodeAmbiguous, "give its endpoint instead, as `meadow pair nearby` shows it",
				"%d join screens on this network are meant by %q", len(named), who)
		}
	}
	return ticketOf(named[0]), nil // of several the newest
}

func ticketOf(s nearby.Screen) mdn.Ticket {
	return mdn.Ticket{Endpoint: s.Endpoint, Secret: s.Secret, Addrs: s.Addrs, Expires: s.Expires}
}

// answered notes that a device which knows this one as its account's has joined.
func (n *Node) answered(id key.Endpoint) {
	for _, d := range n.account.Devices() {
		if d.Endpoint == id && !d.Self {
			if err := n.account.Answered(context.Background(), d.Receiver); err != nil {
				n.log.Warn("It wasn't noted that a device has joined", "device", d.Name, "error", err)
			}
		}
	}
}
