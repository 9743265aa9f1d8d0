package endpoint

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"github.com/quic-go/quic-go"

	"meadow/core/key"
)

// maxAddrs is how many addresses Addrs returns, and how many of one peer Dial
// tries. Machines with more than 25 interfaces have been seen.
const maxAddrs = 32

// socket is one UDP socket and the QUIC transport on it.
type socket struct {
	addr      netip.AddrPort // as bound
	dual      bool           // an unspecified IPv6 address that serves IPv4 too
	conn      *net.UDPConn
	transport *quic.Transport
	listener  *quic.Listener
}

// listenAddrs applies the defaults and drops what would bind a port twice.
func listenAddrs(asked []netip.AddrPort) []netip.AddrPort {
	if len(asked) == 0 {
		return []netip.AddrPort{netip.AddrPortFrom(netip.IPv6Unspecified(), 0)}
	}
	var out []netip.AddrPort
	for _, a := range asked {
		ip := a.Addr().Unmap()
		if ip.IsUnspecified() {
			ip = netip.IPv6Unspecified()
		}
		a = netip.AddrPortFrom(ip, a.Port())
		if a.Port() == 0 || !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// open binds addr and listens on it.
func (e *Endpoint) open(ctx context.Context, addr netip.AddrPort) (*socket, error) {
	conn, err := listenUDP(ctx, addr)
	if err != nil {
		return nil, err
	}
	reset, err := resetKey(e.cfg.Device)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	bound := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	s := &socket{conn: conn, dual: bound.Addr() == netip.IPv6Unspecified()}
	s.addr = netip.AddrPortFrom(bound.Addr().Unmap(), bound.Port())
	s.transport = &quic.Transport{
		Conn:                conn,
		ConnectionIDLength:  8,
		StatelessResetKey:   reset,
		ConnContext:         e.gate.enter,
		VerifySourceAddress: e.gate.mustProve,
	}
	s.listener, err = s.transport.Listen(serverTLS(e.cert, e.id, e.cfg.ALPNs, e.cfg.Self), quicConfig())
	if err != nil {
		s.close()
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	return s, nil
}

// listenUDP binds one plain socket: quic-go gets batching, GSO and ECN only from
// a *net.UDPConn.
func listenUDP(ctx context.Context, addr netip.AddrPort) (*net.UDPConn, error) {
	network, text := "udp4", addr.String()
	switch {
	case addr.Addr().IsUnspecified():
		// Both families where the system has both.
		network, text = "udp", fmt.Sprintf(":%d", addr.Port())
	case addr.Addr().Is6():
		network = "udp6"
	}
	var lc net.ListenConfig
	conn, err := lc.ListenPacket(ctx, network, text)
	if isPortTaken(err) {
		return nil, fmt.Errorf("listen on UDP %s: %w: end it, or choose another port (%w)", addr, ErrPortTaken, err)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on UDP %s: %w", addr, err)
	}
	return conn.(*net.UDPConn), nil
}

// resetKey derives the key of stateless resets (RFC 9000, 10.3) from the device
// key, so that it outlives the process.
func resetKey(d key.Device) (*quic.StatelessResetKey, error) {
	seed := d.Seed()
	b, err := hkdf.Key(sha256.New, seed[:], nil, "meadow stateless reset", 32)
	if err != nil {
		return nil, fmt.Errorf("derive stateless reset key: %w", err)
	}
	return (*quic.StatelessResetKey)(b), nil
}

// close ends everything on the socket without a word to the peers.
func (s *socket) close() {
	_ = s.transport.Close()
	_ = s.conn.Close()
}

// reaches reports whether packets to the address can leave from this socket.
func (s *socket) reaches(to netip.Addr) bool {
	if s.dual {
		return true
	}
	local := s.addr.Addr()
	if local.Is4() != to.Is4() {
		return false
	}
	return to.IsLoopback() || !local.IsLoopback()
}

// socketTo returns the socket to dial the address from, or nil. One that is
// bound to loopback goes first for loopback addresses.
func (e *Endpoint) socketTo(to netip.Addr) *socket {
	var best *socket
	for _, s := range e.sockets {
		if s.reaches(to) && (best == nil || to.IsLoopback() && s.addr.Addr().IsLoopback()) {
			best = s
		}
	}
	return best
}

// LocalPort returns the port of the first listening address.
func (e *Endpoint) LocalPort() uint16 { return e.sockets[0].addr.Port() }

// Bound returns the addresses as they are bound. The unspecified IPv6 address
// stands for both families.
func (e *Endpoint) Bound() (all []netip.AddrPort) {
	for _, s := range e.sockets {
		all = append(all, s.addr)
	}
	return all
}

// Addrs returns the addresses at which peers may reach this device now, likeliest
// first, at most 32. An unspecified listening address stands for those of all
// interfaces that are up; loopback is among them only if there is nothing else.
// Addresses that a router translates to are not known here.
func (e *Endpoint) Addrs() []netip.AddrPort {
	var ips []netip.Addr
	if slices.ContainsFunc(e.sockets, func(s *socket) bool { return s.addr.Addr().IsUnspecified() }) {
		ips = interfaceAddrs()
	}
	var out []netip.AddrPort
	for _, s := range e.sockets {
		out = append(out, s.dialable(ips)...)
	}
	return out[:min(len(out), maxAddrs)]
}

// dialable returns the socket's addresses, given those of the interfaces.
func (s *socket) dialable(interfaces []netip.Addr) []netip.AddrPort {
	if !s.addr.Addr().IsUnspecified() {
		return []netip.AddrPort{s.addr}
	}
	var out, loopback []netip.AddrPort
	for _, ip := range interfaces {
		switch a := netip.AddrPortFrom(ip, s.addr.Port()); {
		case !s.reaches(ip):
		case ip.IsLoopback():
			loopback = append(loopback, a)
		case ip.IsGlobalUnicast():
			out = append(out, a)
		case ip.Is4() && ip.IsLinkLocalUnicast():
			// An IPv6 one would need the peer's zone.
			out = append(out, a)
		}
	}
	if len(out) == 0 {
		out = loopback
	}
	slices.SortStableFunc(out, func(a, b netip.AddrPort) int { return rank(a.Addr()) - rank(b.Addr()) })
	return out
}

// rank orders addresses by how likely a device in the same room reaches them.
func rank(ip netip.Addr) int {
	switch {
	case ip.IsLinkLocalUnicast():
		return 3
	case ip.Is4() && ip.IsPrivate():
		return 0
	case ip.Is4():
		return 1
	}
	return 2
}

// interfaceAddrs returns the addresses of all interfaces that are up. A system
// that doesn't tell has none.
func interfaceAddrs() []netip.Addr {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var out []netip.Addr
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok {
			if ip, ok := netip.AddrFromSlice(n.IP); ok {
				out = append(out, ip.Unmap())
			}
		}
	}
	return out
}
