//go:build unix

package nearby

import (
	"context"
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// listenGroup binds a socket to the group itself, beside other programs that do.
// Package net would bind it to the port of all addresses.
func listenGroup(_ context.Context, l link, v6 bool) (net.PacketConn, error) {
	family := unix.AF_INET
	var to unix.Sockaddr = &unix.SockaddrInet4{Port: port, Addr: group4.As4()}
	if v6 {
		family = unix.AF_INET6
		to = &unix.SockaddrInet6{Port: port, Addr: group6.As16(), ZoneId: uint32(l.index)}
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM, unix.IPPROTO_UDP)
	if err != nil {
		return nil, fmt.Errorf("open a socket: %w", err)
	}
	unix.CloseOnExec(fd)
	f := os.NewFile(uintptr(fd), "mdns")
	defer f.Close() // FilePacketConn has its own
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return nil, fmt.Errorf("share port %d: %w", port, err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
		return nil, fmt.Errorf("share port %d: %w", port, err)
	}
	heedJoinedOnly(fd, v6)
	if err := unix.Bind(fd, to); err != nil {
		return nil, fmt.Errorf("listen on %s, port %d: %w", group(v6), port, err)
	}
	return net.FilePacketConn(f)
}
