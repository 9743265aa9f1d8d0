package nearby

import (
	"net/netip"
	"slices"
	"testing"
	"time"
)

func TestPlace(t *testing.T) {
	eth := link{index: 2, name: "eth0", nets: []netip.Prefix{
		netip.MustParsePrefix("fe80::1/64"), netip.MustParsePrefix("2001:db8::1/64"),
		netip.MustParsePrefix("198.51.100.7/24"), netip.MustParsePrefix("192.168.1.20/24"),
	}}
	for bound, want := range map[string]string{
		"[::]:1":           "192.168.1.20 198.51.100.7 2001:db8::1 fe80::1",
		"0.0.0.0:1":        "192.168.1.20 198.51.100.7",
		"192.168.1.20:1":   "192.168.1.20",
		"[fe80::1%eth0]:1": "fe80::1",
		"127.0.0.1:1":      "",
		"10.0.0.1:1":       "",
	} {
		p, ok := eth.place(addrPorts(bound))
		var got string
		for _, a := range p.addrs {
			got += " " + a.String()
		}
		if ok != (want != "") || ok && (got != " "+want || p.port != 1) {
			t.Errorf("bound to %s: %q, %v", bound, got, p)
		}
	}
	p, _ := eth.place(addrPorts("10.0.0.1:1", "192.168.1.20:2", "[2001:db8::1]:3"))
	if p.port != 2 {
		t.Errorf("bound to several: %v", p)
	}
	var many link
	for i := range 20 {
		many.nets = append(many.nets, netip.PrefixFrom(netip.AddrFrom16([16]byte{0x20, 15: byte(i)}), 64))
	}
	many.nets = append(many.nets, netip.MustParsePrefix("10.0.0.1/8"))
	p, _ = many.place(addrPorts("[::]:1"))
	if len(p.addrs) != maxAddrs || !slices.Contains(p.addrs, netip.MustParseAddr("10.0.0.1")) {
		t.Errorf("of many addresses: %v", p.addrs)
	}
}

func TestDialable(t *testing.T) {
	eth := link{index: 2, name: "eth0", nets: []netip.Prefix{
		netip.MustParsePrefix("198.51.100.7/24"), netip.MustParsePrefix("2001:db8::1/64"),
	}}
	got := eth.dialable(newPlace(9, addrs("127.0.0.1", "10.9.9.9", "8.8.8.8", "198.51.100.99", "fe80::5", "2001:db8::77", "2001:db8:1::1", "224.0.0.1")))
	if want := addrPorts("10.9.9.9:9", "198.51.100.99:9", "[fe80::5%eth0]:9", "[2001:db8::77]:9"); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := eth.dialable(newPlace(9, addrs("0.0.0.0", "::", "255.255.255.255", "ff02::1", "::1"))); len(got) > 0 {
		t.Errorf("%v", got)
	}
}

func TestCacheBounds(t *testing.T) {
	c, now := newCache(), time.Now()
	for i := range 10 {
		s := sighting{salt: salt{byte(i)}, until: now.Add(time.Hour), addrs: addrPorts("10.0.0.1:1", netip.AddrPortFrom(netip.MustParseAddr("10.0.0.2"), uint16(i+1)).String())}
		if !c.saw(device(1), s, now) {
			t.Error("a new address is no news")
		}
		if s.salt = (salt{byte(i), 1}); c.saw(device(1), s, now) {
			t.Error("the same addresses again are news")
		}
	}
	if len(c.devices[device(1)]) != maxSightings || c.where(device(1), now)[1] != netip.MustParseAddrPort("10.0.0.2:10") {
		t.Errorf("%v", c.devices)
	}
	if len(c.where(device(1), now.Add(2*time.Hour))) > 0 || len(c.known(0, now.Add(2*time.Hour))) > 0 {
		t.Error("it remembers too long")
	}
	if len(c.known(0, now)) != maxSightings || len(c.known(1, now)) > 0 {
		t.Errorf("known: %v", c.known(0, now))
	}
	for i := range 10 {
		c.showed(salt{byte(i)}, heardScreen{until: now.Add(time.Minute), at: now, sender: netip.MustParseAddr("10.0.0.9")})
	}
	if len(c.screens) != maxPerSender {
		t.Errorf("%d screens of one sender", len(c.screens))
	}
	c.expire(now.Add(2 * time.Hour))
	if len(c.devices)+len(c.screens) > 0 {
		t.Error("something never expires")
	}
}

// TestScreenOnTwoLinks: one screen heard twice is one, with all its addresses.
func TestScreenOnTwoLinks(t *testing.T) {
	c, now := newCache(), time.Now()
	for i, at := range []string{"10.0.0.1:1", "192.168.0.1:1", "10.0.0.1:1"} {
		s := Screen{Name: "phone", Endpoint: device(1), Addrs: addrPorts(at)}
		c.showed(salt{byte(i)}, heardScreen{Screen: s, until: now.Add(time.Minute), at: now.Add(time.Duration(-i)), link: i})
	}
	if got := c.shown(now); len(got) != 1 || !slices.Equal(got[0].Addrs, addrPorts("10.0.0.1:1", "192.168.0.1:1")) {
		t.Errorf("%+v", got)
	}
	c.lost(1)
	if got := c.shown(now); len(got) != 1 || len(got[0].Addrs) != 1 {
		t.Errorf("after a link was lost: %+v", got)
	}
}
