package node

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"slices"
	"time"

	"meadow/core/key"
)

// hello is what a node tells when a session starts, and again when it knows
// more. Known is only for the account's own devices: where the others are, so
// that two that were both paired with a third find each other.
type hello struct {
	Version string                      `json:"version,omitempty"`
	Addrs   []netip.AddrPort            `json:"addrs,omitempty"`
	Known   map[string][]netip.AddrPort `json:"known,omitempty"`
}

// Limits on what a hello may tell.
const (
	maxHelloAddrs   = 16 // of the device itself
	maxHelloDevices = 32
	maxKnownAddrs   = 4 // of each other device; all of it is within consync.HelloLimit
)

// greeting returns the hello for a peer. A stranger, who may be nobody's device
// or one of ours that hasn't been heard of yet, gets an empty one; it is greeted
// again once it is known.
func (p *peers) greeting(peer key.Endpoint) []byte {
	var h hello
	if p.n.deviceKnown(peer) {
		addrs := p.n.endpoint.Addrs()
		h = hello{p.n.cfg.Version, addrs[:min(len(addrs), maxHelloAddrs)], p.known(peer)}
	}
	b, err := json.Marshal(h)
	if err != nil {
		panic(err) // plain values always marshal
	}
	return b
}

func (p *peers) known(but key.Endpoint) map[string][]netip.AddrPort {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make(map[string][]netip.AddrPort)
	for id, addrs := range p.told {
		if id != but && p.n.deviceKnown(id) && len(all) < maxHelloDevices {
			all[id.String()] = addrs[:min(len(addrs), maxKnownAddrs)]
		}
	}
	return all
}

// heard hands a peer's hello to the supervisor, for noting it takes a while. The
// first one of a session says that the peer is online.
func (p *peers) heard(from key.Endpoint, b []byte) {
	p.mu.Lock()
	s := p.sessions[from]
	first := s != nil && !s.greeted
	if first {
		s.greeted = true
	}
	p.mu.Unlock()
	if first {
		p.n.bus.emit("online", "device", p.n.deviceName(from), "endpoint", from.String())
	}
	select {
	case p.hellos <- greeted{from, bytes.Clone(b)}:
	default: // more than anyone's own devices send
	}
}

type greeted struct {
	from  key.Endpoint
	hello []byte
}

// take takes a peer's hello.
func (p *peers) take(from key.Endpoint, b []byte) {
	var h hello
	if err := json.Unmarshal(b, &h); err != nil {
		p.n.log.Debug("Unreadable hello", "device", from)
		return
	}
	addrs := usable(h.Addrs, maxHelloAddrs)
	p.mu.Lock()
	_, connected := p.sessions[from]
	news := connected && !slices.Equal(p.told[from], addrs)
	if connected {
		p.told[from] = addrs
	}
	p.mu.Unlock()
	if !p.n.deviceKnown(from) {
		return
	}
	p.note(from, addrs)
	for text, addrs := range h.Known {
		id, err := key.ParseEndpoint(text)
		if err != nil || id == p.n.cfg.Device.Endpoint() || !p.n.deviceKnown(id) || p.session(id) != nil {
			continue
		}
		p.note(id, usable(addrs, maxKnownAddrs))
		p.redial(id)
	}
	if news {
		p.n.engine.Greet()
	}
}

// usable returns at most limit of the addresses that can be dialled from here.
func usable(addrs []netip.AddrPort, limit int) (some []netip.AddrPort) {
	for _, a := range addrs {
		ip := a.Addr()
		if len(some) < limit && a.IsValid() && a.Port() != 0 && ip.Zone() == "" && !ip.IsUnspecified() && !ip.IsMulticast() {
			some = append(some, a)
		}
	}
	return some
}

// note keeps addresses where a device is said to be.
func (p *peers) note(id key.Endpoint, addrs []netip.AddrPort) {
	for _, a := range addrs {
		p.reachable(id, a, time.Time{})
	}
}

// noteStranger keeps where a device is that was connected before it was known to
// be of this account.
func (p *peers) noteStranger(id key.Endpoint) {
	p.mu.Lock()
	addrs, s := p.told[id], p.sessions[id]
	p.mu.Unlock()
	p.note(id, addrs)
	if s != nil {
		p.reached(id, s.conn.RemoteAddr())
	}
}

// redial makes a device's dialer try at once.
func (p *peers) redial(id key.Endpoint) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k, ok := p.dialers[id]; ok {
		k.kick()
	}
}
