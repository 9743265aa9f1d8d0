package nearby

import (
	"net"
	"net/netip"
	"slices"
)

// maxLinks is how many links are used, those of the lowest index. Machines with
// containers have many more, all after the real ones.
const maxLinks = 16

// link is a network interface that can carry multicast.
type link struct {
	index int
	name  string
	nets  []netip.Prefix // its addresses, each with its network's length
}

// systemLinks returns the links that are up and have an address.
func systemLinks() ([]link, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	const need, never = net.FlagUp | net.FlagMulticast, net.FlagLoopback | net.FlagPointToPoint
	var all []link
	for _, ifi := range interfaces {
		if ifi.Flags&need != need || ifi.Flags&never != 0 {
			continue
		}
		addrs, err := ifi.Addrs()
		if err != nil {
			continue // it has just gone
		}
		l := link{index: ifi.Index, name: ifi.Name}
		for _, a := range addrs {
			if p, ok := prefixOf(a); ok {
				l.nets = append(l.nets, p)
			}
		}
		if len(l.nets) > 0 {
			all = append(all, l)
		}
	}
	slices.SortFunc(all, func(a, b link) int { return a.index - b.index })
	return all, nil
}

func prefixOf(a net.Addr) (netip.Prefix, bool) {
	n, ok := a.(*net.IPNet)
	if !ok {
		return netip.Prefix{}, false
	}
	ip, ok := netip.AddrFromSlice(n.IP)
	bits, _ := n.Mask.Size()
	ip = ip.Unmap()
	return netip.PrefixFrom(ip, min(bits, ip.BitLen())), ok
}

// has reports whether the link has an address of a family.
func (l link) has(v6 bool) bool {
	return slices.ContainsFunc(l.nets, func(p netip.Prefix) bool { return p.Addr().Is6() == v6 })
}

// place returns where this device is on the link, given its listening addresses:
// the addresses of the first port with any.
func (l link) place(bound []netip.AddrPort) (p place, ok bool) {
	for _, b := range bound {
		var addrs []netip.Addr
		for _, n := range l.nets {
			if listens(b.Addr(), n.Addr()) {
				addrs = append(addrs, n.Addr())
			}
		}
		if len(addrs) > 0 {
			slices.SortStableFunc(addrs, func(a, b netip.Addr) int { return rank(a) - rank(b) })
			return newPlace(b.Port(), addrs), true
		}
	}
	return place{}, false
}

// listens reports whether who listens at bound answers at ip. The unspecified
// IPv6 address stands for both families, as it does for package endpoint.
func listens(bound, ip netip.Addr) bool {
	switch {
	case bound == netip.IPv6Unspecified():
		return true
	case bound == netip.IPv4Unspecified():
		return ip.Is4()
	}
	return bound.WithZone("") == ip.WithZone("")
}

// rank orders addresses by how likely a device on the link reaches them.
func rank(ip netip.Addr) int {
	switch {
	case ip.Is4() && ip.IsPrivate():
		return 0
	case ip.Is4() && !ip.IsLinkLocalUnicast():
		return 1
	case ip.IsLinkLocalUnicast():
		return 2
	case ip.IsPrivate():
		return 3
	}
	return 4
}

// dialable returns those addresses of a place that mean this link or a private
// network, likeliest first.
func (l link) dialable(p place) (all []netip.AddrPort) {
	addrs := slices.Clone(p.addrs)
	slices.SortStableFunc(addrs, func(a, b netip.Addr) int { return rank(a) - rank(b) })
	for _, ip := range addrs {
		switch {
		case !ip.IsGlobalUnicast() && !ip.IsLinkLocalUnicast():
			continue
		case ip.Is6() && ip.IsLinkLocalUnicast():
			ip = ip.WithZone(l.name)
		case ip.IsPrivate() || ip.IsLinkLocalUnicast():
		case !slices.ContainsFunc(l.nets, func(n netip.Prefix) bool { return n.Masked().Contains(ip) }):
			continue
		}
		all = append(all, netip.AddrPortFrom(ip, p.port))
	}
	return all
}

// equal reports whether a link is as it was.
func (l link) equal(o link) bool {
	return l.index == o.index && l.name == o.name && slices.Equal(l.nets, o.nets)
}
