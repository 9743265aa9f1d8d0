package endpoint

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
)

func TestPortTaken(t *testing.T) {
	a := bind(t, Config{Device: device(1)})
	free := netip.MustParseAddrPort("127.0.0.1:0")
	e, err := Bind(t.Context(), Config{
		Device: device(2), ALPNs: []string{proto}, Listen: []netip.AddrPort{free, a.Addrs()[0]},
	})
	if !errors.Is(err, ErrPortTaken) || e != nil {
		t.Fatalf("got %v, want ErrPortTaken", err)
	}
	t.Log(err)
}

func TestBindRefuses(t *testing.T) {
	for name, cfg := range map[string]Config{
		"no key":       {ALPNs: []string{proto}},
		"no protocol":  {Device: device(1)},
		"not our host": {Device: device(1), ALPNs: []string{proto}, Listen: []netip.AddrPort{netip.MustParseAddrPort("192.0.2.7:0")}},
	} {
		if e, err := Bind(t.Context(), cfg); err == nil || e != nil {
			t.Errorf("%s: bound", name)
		}
	}
}

func TestWildcardIsDialable(t *testing.T) {
	a := bind(t, Config{Device: device(1), Listen: []netip.AddrPort{netip.MustParseAddrPort("0.0.0.0:0")}})
	b, err := Bind(t.Context(), Config{Device: device(2), ALPNs: []string{proto}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	addrs := b.Addrs()
	if len(addrs) == 0 {
		t.Fatal("no addresses")
	}
	for _, addr := range addrs {
		if addr.Port() != b.LocalPort() || addr.Addr().IsUnspecified() || addr.Addr().Zone() != "" {
			t.Errorf("address %s, port %d", addr, b.LocalPort())
		}
	}
	connect(t, a, b)
	// Loopback works whether listed or not, in both families where there are.
	for _, ip := range []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.IPv6Loopback()} {
		if ip.Is6() && !b.sockets[0].dual {
			continue
		}
		c, err := a.Dial(patience(t), b.ID(), proto, netip.AddrPortFrom(ip, b.LocalPort()))
		if err != nil {
			t.Errorf("%s: %v", ip, err)
		} else if c.RemoteAddr().Addr() != ip {
			t.Errorf("%s: connected to %s", ip, c.RemoteAddr())
		}
	}
}

func ips(texts ...string) (out []netip.Addr) {
	for _, s := range texts {
		out = append(out, netip.MustParseAddr(s))
	}
	return out
}

func TestDialableAddrs(t *testing.T) {
	all := ips("127.0.0.1", "::1", "fe80::1%eth0", "2001:db8::5", "198.51.100.4", "169.254.3.3", "192.168.1.9", "ff02::1", "10.0.0.2")
	for name, c := range map[string]struct {
		socket     socket
		interfaces []netip.Addr
		want       []netip.Addr
	}{
		"dual stack": {
			socket{addr: netip.MustParseAddrPort("[::]:7"), dual: true},
			all,
			ips("192.168.1.9", "10.0.0.2", "198.51.100.4", "2001:db8::5", "169.254.3.3"),
		},
		"ipv4 only": {
			socket{addr: netip.MustParseAddrPort("0.0.0.0:7")},
			all,
			ips("192.168.1.9", "10.0.0.2", "198.51.100.4", "169.254.3.3"),
		},
		"no network": {
			socket{addr: netip.MustParseAddrPort("[::]:7"), dual: true}, all[:3], ips("127.0.0.1", "::1"),
		},
		"one address": {socket{addr: netip.MustParseAddrPort("127.0.0.1:7")}, all, ips("127.0.0.1")},
	} {
		var got []netip.Addr
		for _, a := range c.socket.dialable(c.interfaces) {
			got = append(got, a.Addr())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestListenAddrs(t *testing.T) {
	parse := func(texts ...string) (out []netip.AddrPort) {
		for _, s := range texts {
			out = append(out, netip.MustParseAddrPort(s))
		}
		return out
	}
	for name, c := range map[string]struct{ in, want []netip.AddrPort }{
		"default":        {nil, parse("[::]:0")},
		"both wildcards": {parse("0.0.0.0:9", "[::]:9"), parse("[::]:9")},
		"any port twice": {parse("127.0.0.1:0", "127.0.0.1:0"), parse("127.0.0.1:0", "127.0.0.1:0")},
		"mapped":         {parse("[::ffff:127.0.0.1]:9", "127.0.0.1:9"), parse("127.0.0.1:9")},
	} {
		if got := listenAddrs(c.in); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestSocketChoice(t *testing.T) {
	e := &Endpoint{sockets: []*socket{
		{addr: netip.MustParseAddrPort("192.168.1.9:1")},
		{addr: netip.MustParseAddrPort("127.0.0.1:2")},
		{addr: netip.MustParseAddrPort("[2001:db8::5]:3")},
	}}
	for to, want := range map[string]uint16{"127.0.0.1": 2, "10.0.0.1": 1, "2001:db8::9": 3} {
		if s := e.socketTo(netip.MustParseAddr(to)); s == nil || s.addr.Port() != want {
			t.Errorf("%s: got %+v, want port %d", to, s, want)
		}
	}
	e.sockets = e.sockets[1:2]
	for _, to := range []string{"10.0.0.1", "::1"} {
		if s := e.socketTo(netip.MustParseAddr(to)); s != nil {
			t.Errorf("%s is dialled from loopback", to)
		}
	}
}
