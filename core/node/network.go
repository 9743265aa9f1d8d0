package node

import (
	"net"
	"net/netip"
)

// localPrefixes returns the networks that this device's interfaces are on.
func localPrefixes() []netip.Prefix {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil // then every network is a foreign one
	}
	var all []netip.Prefix
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok {
			ip, ok := netip.AddrFromSlice(n.IP)
			bits, _ := n.Mask.Size()
			if ok {
				ip = ip.Unmap()
				all = append(all, netip.PrefixFrom(ip, min(bits, ip.BitLen())).Masked())
			}
		}
	}
	return all
}

// sameNetwork reports whether an address is on a network that this device is on.
func sameNetwork(ip netip.Addr) bool {
	ip = ip.Unmap()
	if ip.IsLoopback() || ip.IsLinkLocalUnicast() {
		return true
	}
	for _, p := range localPrefixes() {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}
