package node

import (
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"time"

	"meadow/core/consync"
	"meadow/core/key"
	"meadow/core/mdn"
)

// hello is what a node tells when a session starts, and again when it knows
// more. Known is only for the account's own devices: where the others are, so
// that two that were both paired with a third find each other.
type hello struct {
	Version string                      `json:"version,omitempty"`
	Addrs   []netip.AddrPort            `json:"addrs,omitempty"`
	Known   map[string][]netip.AddrPort `json:"known,omitempty"`
	about
	gifts
}

// Limits on what a hello may tell.
const (
	maxHelloAddrs   = 16 // of the device itself
	maxHelloDevices = 32
	maxHints        = 256
	maxKnownAddrs   = 4 // of each other device; all of it is within consync.HelloLimit
)

// greeting returns the hello for a peer. A stranger, who may be nobody's device
// or one of ours that hasn't been heard of yet, gets an empty one; it is greeted
// again once it is known. A device that was removed gets just what it needs to
// believe who tells it so.
func (p *peers) greeting(peer key.Endpoint) []byte {
	h := hello{about: about{Protocol: consync.Minor}}
	if p.n.deviceKnown(peer) {
		addrs := p.n.endpoint.Addrs()
		h.Version, h.Addrs, h.Known = p.n.cfg.Version, addrs[:min(len(addrs), maxHelloAddrs)], p.known(peer)
		p.introduce(&h, peer)
		p.offer(&h, peer)
	} else if _, person := p.n.personOf(peer); person {
		addrs := p.n.endpoint.Addrs() // and nothing of what else there is
		h.Version, h.Addrs = p.n.cfg.Version, addrs[:min(len(addrs), maxHelloAddrs)]
	} else if p.n.account.WasRemoved(key.Receiver(peer)) {
		runs := p.n.twins.runs.short(lineageShown) // or it would take this home for another one
		h.Runs = &runs
	}
	if p.speak != nil {
		p.speak(&h)
	}
	return h.encode()
}

// encode returns the hello as it is shown. What is too much for one is left out,
// what matters least first.
func (h hello) encode() []byte {
	for {
		b, err := json.Marshal(h)
		if err != nil {
			panic(err) // plain values always marshal
		}
		switch {
		case len(b) <= consync.HelloLimit:
			return b
		case len(h.Give) > 1:
			h.Give = h.Give[:len(h.Give)/2]
		case len(h.Met) > 0:
			h.Met = nil
		case len(h.Known) > 0:
			h.Known = nil
		case len(h.Has) > 0:
			h.Has = h.Has[:len(h.Has)/2]
		default:
			h = hello{Version: h.Version, Addrs: h.Addrs, about: h.about} // a record too long for any hello
		}
	}
}

// known returns where other devices are, for one of the account's: those of the
// account and, if it is a full one, which knows of them, persons'.
func (p *peers) known(to key.Endpoint) map[string][]netip.AddrPort {
	full := p.n.fullDevice(to)
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make(map[string][]netip.AddrPort)
	for _, persons := range []bool{false, true} {
		for id, addrs := range p.told {
			person, listed := p.persons[id]
			if id != to && listed && person == persons && (full || !person) && len(all) < maxHelloDevices {
				all[id.String()] = addrs[:min(len(addrs), maxKnownAddrs)]
			}
		}
	}
	return all
}

// fullDevice reports whether a device is a full one of the account.
func (n *Node) fullDevice(id key.Endpoint) bool {
	return slices.ContainsFunc(n.account.Devices(), func(d mdn.DeviceInfo) bool {
		return d.Endpoint == id && d.Kind == mdn.Full
	})
}

// introduce adds what a hello to a device of the account says of this one.
func (p *peers) introduce(h *hello, peer key.Endpoint) {
	runs := p.n.twins.runs.short(lineageShown)
	h.Time, h.Runs = p.clock().UnixMicro(), &runs
	p.mu.Lock()
	defer p.mu.Unlock()
	h.Met, h.Away = p.metLocked(peer)
	if r := p.records[peer]; r != nil && p.n.recent(r.Twin) {
		h.Twin = r.Twin.UnixMicro()
	}
}

// heard judges a peer's hello, and hands it to the supervisor, for noting it
// takes a while. The first one of a session says that the peer is online.
func (p *peers) heard(c consync.Conn, b []byte) (minor int, err error) {
	from := c.Peer()
	g := greeted{from, readHello(b), p.clock()}
	s := p.session(from)
	if s == nil || (connection{s.conn}) != c {
		return 0, errReplaced
	}
	if p.n.deviceKnown(from) {
		if err := p.judge(from, s, g.hello.Runs); err != nil {
			return 0, err
		}
	}
	p.mu.Lock()
	first := !s.greeted
	s.greeted = true
	p.mu.Unlock()
	if first {
		p.n.bus.emit("online", p.n.who(from)...)
		p.n.courier.met(from)
	}
	select {
	case p.hellos <- g:
	default: // more than anyone's own devices send
	}
	return g.hello.Protocol, nil
}

// readHello reads a hello; of one that can't be read nothing is taken.
func readHello(b []byte) (h hello) {
	if json.Unmarshal(b, &h) != nil {
		return hello{}
	}
	return h
}

// errReplaced ends a session whose connection isn't the peer's any more.
var errReplaced = errors.New("another connection to the device took over")

type greeted struct {
	from  key.Endpoint
	hello hello
	at    time.Time // by this device's clock
}

// take takes a peer's hello.
func (p *peers) take(g greeted) {
	from, h := g.from, g.hello
	addrs := usable(h.Addrs, maxHelloAddrs)
	p.mu.Lock()
	_, connected := p.sessions[from]
	news := connected && !slices.Equal(p.told[from], addrs)
	if connected {
		p.told[from] = addrs
	}
	p.mu.Unlock()
	if !p.n.expected(from) {
		return
	}
	if s := p.session(from); s != nil {
		p.reached(from, s.conn.RemoteAddr())
	}
	if !p.n.deviceKnown(from) { // a person's: where it is, is all that is heard of it
		p.note(from, addrs)
		if news && len(addrs) > 0 {
			p.n.engine.Greet() // the account's other devices look for it too
		}
		return
	}
	p.learn(from, h, g.at)
	p.compareMet(h.Met, h.Away)
	if h.Twin != 0 {
		p.n.twins.saw(p.n.deviceName(from), time.UnixMicro(h.Twin))
	}
	p.note(from, addrs)
	p.receive(from, h)
	if h.Version != "" { // it knows this device as one of the account's
		p.n.answered(from)
	}
	p.seek(h.Known)
	if news {
		p.n.engine.Greet()
	}
}

// seek takes where others are, by what a device of the account says.
func (p *peers) seek(known map[string][]netip.AddrPort) {
	for text, addrs := range known {
		id, err := key.ParseEndpoint(text)
		if err != nil || id == p.n.cfg.Device.Endpoint() || p.session(id) != nil {
			continue
		}
		if !p.n.expected(id) {
			p.hint(id, usable(addrs, maxKnownAddrs))
			continue
		}
		p.note(id, usable(addrs, maxKnownAddrs))
		p.redial(id)
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
	addrs, s := append(slices.Clone(p.told[id]), p.hints[id]...), p.sessions[id]
	delete(p.hints, id)
	p.mu.Unlock()
	p.note(id, addrs)
	if s != nil {
		p.reached(id, s.conn.RemoteAddr())
	}
}

// hint keeps where a device is said to be that this one will hear of: somebody whom
// the account knows may be known by their address before they are by name.
func (p *peers) hint(id key.Endpoint, addrs []netip.AddrPort) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, has := p.hints[id]; has || len(p.hints) < maxHints {
		p.hints[id] = addrs
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
