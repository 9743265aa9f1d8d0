package nearby

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

const (
	port      = 5353 // of multicast DNS: on both ends of every message
	readAgain = 100 * time.Millisecond
)

var (
	group4 = netip.MustParseAddr("224.0.0.251")
	group6 = netip.MustParseAddr("ff02::fb")
)

func group(v6 bool) netip.Addr {
	if v6 {
		return group6
	}
	return group4
}

// sockets is the air of real links: for each link and family one socket, which
// hears what is sent to the group on that link and nothing else.
type sockets struct {
	heard chan packet
	watch *watch
	done  chan struct{} // close was called
	loops sync.WaitGroup
	open  map[int]*tuned // by the link's index
}

// tuned is an open link.
type tuned struct {
	link  link
	conns [2]net.PacketConn // by family; nil if there is none
}

// newSockets never returns nil: an error is that changes are noticed late.
func newSockets() (*sockets, error) {
	s := &sockets{heard: make(chan packet), done: make(chan struct{}), open: make(map[int]*tuned)}
	var err error
	s.watch, err = watchLinks()
	return s, err
}

func (s *sockets) links() ([]link, error)   { return systemLinks() }
func (s *sockets) packets() <-chan packet   { return s.heard }
func (s *sockets) changed() <-chan struct{} { return s.watch.changed }

func (s *sockets) tune(ctx context.Context, links []link) (works []link, err error) {
	wanted := make(map[int]link)
	for _, l := range links {
		wanted[l.index] = l
	}
	for index, t := range s.open {
		if l, ok := wanted[index]; !ok || !l.equal(t.link) {
			t.close()
			delete(s.open, index)
		}
	}
	for _, l := range links {
		t := s.open[l.index]
		if t == nil {
			t = &tuned{link: l}
			s.open[l.index] = t
		}
		for family := range t.conns {
			v6 := family == 1
			if t.conns[family] != nil || !l.has(v6) {
				continue
			}
			conn, failed := listen(ctx, l, v6)
			if failed != nil {
				err = errors.Join(err, fmt.Errorf("%s: %w", l.name, failed))
				continue
			}
			t.conns[family] = conn
			s.loops.Go(func() { s.read(conn, l.index) })
		}
		if t.conns != [2]net.PacketConn{} {
			works = append(works, l)
		}
	}
	return works, err
}

// listen opens the socket of a link and a family.
func listen(ctx context.Context, l link, v6 bool) (net.PacketConn, error) {
	ifi := &net.Interface{Index: l.index, Name: l.name}
	conn, err := listenGroup(ctx, l, v6)
	if err != nil {
		return nil, err
	}
	to := &net.UDPAddr{IP: group(v6).AsSlice()}
	if v6 {
		p := ipv6.NewPacketConn(conn)
		err = errors.Join(p.JoinGroup(ifi, to), p.SetMulticastInterface(ifi), p.SetMulticastHopLimit(255), p.SetMulticastLoopback(true))
	} else {
		p := ipv4.NewPacketConn(conn)
		err = errors.Join(p.JoinGroup(ifi, to), p.SetMulticastInterface(ifi), p.SetMulticastTTL(255), p.SetMulticastLoopback(true))
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// read passes on what a socket hears until it is closed.
func (s *sockets) read(conn net.PacketConn, index int) {
	b := make([]byte, maxMessage)
	for {
		n, from, err := conn.ReadFrom(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // such as a link that is down
			select {
			case <-time.After(readAgain):
				continue
			case <-s.done:
				return
			}
		}
		udp, ok := from.(*net.UDPAddr)
		if !ok || udp.Port != port {
			continue
		}
		addr := udp.AddrPort().Addr().Unmap().WithZone("")
		select {
		case s.heard <- packet{link: index, from: addr, message: append([]byte(nil), b[:n]...)}:
		case <-s.done:
			return
		}
	}
}

func (s *sockets) send(index int, message []byte) (err error) {
	t := s.open[index]
	if t == nil {
		return nil
	}
	for family, conn := range t.conns {
		if conn != nil {
			_, failed := conn.WriteTo(message, &net.UDPAddr{IP: group(family == 1).AsSlice(), Port: port, Zone: t.zone(family == 1)})
			err = errors.Join(err, failed)
		}
	}
	return err
}

func (t *tuned) zone(v6 bool) string {
	if v6 {
		return t.link.name
	}
	return ""
}

func (t *tuned) close() {
	for _, conn := range t.conns {
		if conn != nil {
			_ = conn.Close()
		}
	}
}

func (s *sockets) close() {
	close(s.done)
	for _, t := range s.open {
		t.close()
	}
	s.watch.close()
	s.loops.Wait()
}
