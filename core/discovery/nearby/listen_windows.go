package nearby

import (
	"context"
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/sys/windows"
)

// listenGroup binds a socket to the port of all addresses, which is the only way
// here, beside other programs that do.
func listenGroup(ctx context.Context, _ link, v6 bool) (net.PacketConn, error) {
	network, ip := "udp4", netip.IPv4Unspecified()
	if v6 {
		network, ip = "udp6", netip.IPv6Unspecified()
	}
	lc := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		var failed error
		err := c.Control(func(fd uintptr) {
			failed = windows.SetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, windows.SO_REUSEADDR, 1)
		})
		if err != nil {
			return err
		}
		return failed
	}}
	return lc.ListenPacket(ctx, network, netip.AddrPortFrom(ip, port).String())
}
