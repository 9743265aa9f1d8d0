//go:build lab && headless

package main

import (
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// traces are the forms in which messages could name a device.
func (s *story) traces(nodes ...*stage.Node) (all []string) {
	host, err := os.Hostname()
	s.must(err)
	all = append(all, string(rune(len(host)))+host) // as a label: some hosts have names of two letters
	for _, n := range nodes {
		id, err := hex.DecodeString(n.Endpoint)
		s.must(err)
		all = append(all, n.Device, n.Endpoint[:16], string(id[:8]), base32.StdEncoding.EncodeToString(id)[:12])
	}
	return all
}

// tags returns the names of the instances that were announced.
func tags(messages [][]byte) (all []string) {
	label := regexp.MustCompile(`\x1a([a-z2-7]{26})`)
	for _, m := range messages {
		for _, found := range label.FindAllSubmatch(m, -1) {
			if tag := string(found[1]); !slices.Contains(all, tag) {
				all = append(all, tag)
			}
		}
	}
	return all
}

// meet waits until nodes are in step and returns how long that took.
func (s *story) meetNearby(a, b *stage.Node) time.Duration {
	s.Helper()
	began := time.Now()
	s.inStep(a, b)
	return time.Since(began)
}

func (s *story) nearby(n *stage.Node) (found []node.NearbyScreen) {
	s.Helper()
	s.must(n.Do(s.ctx, &found, "pair", "nearby"))
	return found
}

// neighbours are two nodes, not paired yet, each in a namespace.
func (s *story) neighbours(args ...string) (laptop, desk *stage.Node, there, here namespace) {
	s.Helper()
	there, here = s.room()
	laptop, desk = s.resident(there, "laptop", args...), s.resident(here, "desk", args...)
	_, err := laptop.Init(s.ctx, "Ada")
	s.must(err)
	s.must(desk.InitJoin(s.ctx))
	s.must(laptop.Start(s.ctx))
	s.must(desk.Start(s.ctx))
	return laptop, desk, there, here
}

// joinNearby pairs two nodes by the join screen that one finds.
func (s *story) joinNearby(account, joining *stage.Node, who string) {
	s.Helper()
	show, err := joining.Stream(s.ctx, "pair", "show")
	s.must(err)
	_, err = show.Next("ticket")
	s.must(err)
	accept, err := account.Stream(s.ctx, "pair", "accept", "--nearby", who)
	s.must(err)
	code, err := accept.Next("code")
	s.must(err)
	if code["device"] != joining.Device || code["same_network"] != true {
		s.Errorf("code: %v", code)
	}
	_, err = show.Next("confirm")
	s.must(err)
	s.must(joining.Do(s.ctx, nil, "pair", "confirm", "--code", fmt.Sprint(code["code"])))
	for _, stream := range []*stage.Stream{show, accept} {
		_, err := stream.Next("paired")
		s.must(err)
		if exit := stream.End(); exit != 0 {
			s.Errorf("exit code %d", exit)
		}
	}
}

// TestLabNearby: two devices are paired by the list of join screens, and find each
// other again when both have moved to other addresses and ports.
func TestLabNearby(t *testing.T) {
	s := lab(t)
	laptop, desk, there, here := s.neighbours()
	heard := s.capture(there)
	if found := s.nearby(laptop); len(found) > 0 {
		t.Errorf("join screens: %+v", found)
	}
	show, err := desk.Stream(s.ctx, "pair", "show")
	s.must(err)
	_, err = show.Next("ticket")
	s.must(err)
	found := s.nearby(laptop)
	if len(found) != 1 || found[0].Name != "desk" || found[0].Endpoint != desk.Endpoint ||
		!strings.HasPrefix(found[0].Addresses[0], "10.77.0.2:") {
		t.Errorf("join screens: %+v", found)
	}
	show.Interrupt()
	show.End()
	if found := s.nearby(laptop); len(found) > 0 {
		t.Errorf("join screens after the end: %+v", found)
	}
	s.fails(laptop, 1, node.CodeNotFound, "pair", "accept", "--nearby", "desk")
	s.fails(laptop, 2, node.CodeUsage, "pair", "accept")
	s.joinNearby(laptop, desk, "desk")
	s.inStep(laptop, desk)
	if holding(heard.take(), s.traces(desk)...) == 0 {
		t.Error("the join screen wasn't seen on the wire")
	}

	// Both move while they don't run.
	s.must(laptop.Stop())
	s.must(desk.Stop())
	s.settle(there, "10.78.0.1/24")
	s.settle(here, "10.78.0.2/24")
	laptop.Args, desk.Args = []string{"--listen", "[::]:40001"}, []string{"--listen", "[::]:40002"}
	heard.take()
	s.must(laptop.Start(s.ctx))
	s.must(desk.Start(s.ctx))
	t.Logf("both restarted elsewhere: connected and in step %v after the second was ready", s.meetNearby(laptop, desk).Round(time.Millisecond))

	s.settle(here, "10.78.0.9/24")
	s.nearby(laptop) // takes long enough for what is said then
	// What was said of them since they are paired names nobody.
	all := heard.take()
	if n := holding(all, s.traces(laptop, desk)...); n > 0 {
		t.Errorf("%d of %d messages name a device", n, len(all))
	}
	if got := tags(all); len(got) < 3 {
		t.Errorf("with two devices of which one moved only %d tags were announced", len(got))
	}
	s.must(laptop.Stop())
	s.must(desk.Stop())
}

// TestLabNearbySilent: without mDNS nothing is sent, and before a device is paired
// it says nothing of itself.
func TestLabNearbySilent(t *testing.T) {
	s := lab(t)
	laptop, desk, there, _ := s.neighbours("--no-mdns")
	heard := s.capture(there)
	var status node.Status
	s.must(laptop.Do(s.ctx, &status, "status"))
	if status.Nearby {
		t.Error("it says that it looks around")
	}
	s.fails(laptop, 1, node.CodeNotAllowed, "pair", "nearby")
	s.must(stage.Pair(s.ctx, laptop, desk))
	s.inStep(laptop, desk)
	s.must(desk.Stop())
	s.must(laptop.Stop())
	if all := heard.take(); len(all) > 0 {
		t.Errorf("%d messages in spite of --no-mdns", len(all))
	}
	for _, args := range [][]string{{"--listen", "127.0.0.1:0"}, {"--listen", "127.0.0.1:0", "--listen", "[::1]:0"}} {
		laptop.Args = args
		s.must(laptop.Start(s.ctx))
		s.must(laptop.Stop())
	}
	if all := heard.take(); len(all) > 0 {
		t.Errorf("%d messages while it listened on loopback only", len(all))
	}
	desk.Args, laptop.Args = []string{}, []string{"--listen", "10.77.0.1:0"}
	s.must(laptop.Start(s.ctx))
	s.must(desk.Start(s.ctx))
	s.inStep(desk, laptop)
	if len(heard.take()) == 0 {
		t.Error("nothing was captured of those that do announce themselves")
	}
	s.must(desk.Stop())
	s.must(laptop.Stop())
}

// TestLabNearbyLinkDown: a device that starts without a network is found soon after
// it gets one.
func TestLabNearbyLinkDown(t *testing.T) {
	s := lab(t)
	laptop, desk, _, here := s.neighbours()
	s.joinNearby(laptop, desk, desk.Endpoint[:12])
	s.inStep(laptop, desk)
	for i, addr := range []string{"10.77.0.50/24", "10.77.0.51/24"} {
		s.must(desk.Stop())
		s.in(here, "link", "set", "eth0", "down")
		s.in(here, "-4", "address", "flush", "dev", "eth0")
		desk.Args = []string{"--listen", fmt.Sprintf("[::]:%d", 41000+i)}
		s.must(desk.Start(s.ctx))
		s.settle(here, addr)
		t.Logf("plugged in: connected and in step %v later", s.meetNearby(laptop, desk).Round(time.Millisecond))
	}
}

// TestLabNearbyMove: a device that gets another address while it is connected is
// followed there, though nobody says that the old connection is dead.
func TestLabNearbyMove(t *testing.T) {
	s := lab(t)
	laptop, desk, there, here := s.neighbours()
	s.withoutIPv6(there)
	s.withoutIPv6(here)
	s.joinNearby(laptop, desk, "desk")
	s.inStep(laptop, desk)
	for i := range 4 {
		n, addr := here, fmt.Sprintf("10.77.0.%d/24", 10+i)
		if i%2 == 1 {
			n = there
		}
		s.settle(n, addr)
		s.must(laptop.Do(s.ctx, nil, "space", "create", fmt.Sprint("Notes ", i)))
		t.Logf("one got another address: in step %v later", s.meetNearby(laptop, desk).Round(time.Millisecond))
	}
}

// TestLabNearbyPort: another program that shares the port doesn't matter; one that
// doesn't share it is a warning, and tried again.
func TestLabNearbyPort(t *testing.T) {
	s := lab(t)
	there, here := s.room()
	laptop, desk := s.resident(there, "laptop"), s.resident(here, "desk")
	_, err := laptop.Init(s.ctx, "Ada")
	s.must(err)
	s.must(desk.InitJoin(s.ctx))
	var held []net.PacketConn
	s.inhabit(there, func() {
		for _, network := range []string{"udp4", "udp6"} {
			c, err := net.ListenPacket(network, ":5353")
			s.must(err)
			held = append(held, c)
		}
	})
	s.inhabit(here, func() {
		for _, group := range []string{"224.0.0.251", "ff02::fb"} {
			network := "udp4"
			if strings.Contains(group, ":") {
				network = "udp6"
			}
			ifi, err := net.InterfaceByName("eth0")
			s.must(err)
			c, err := net.ListenMulticastUDP(network, ifi, &net.UDPAddr{IP: net.ParseIP(group), Port: 5353})
			s.must(err)
			defer s.Cleanup(func() { _ = c.Close() })
		}
	})
	s.must(laptop.Start(s.ctx))
	s.must(desk.Start(s.ctx))
	s.fails(laptop, 1, node.CodeNotAllowed, "pair", "nearby")
	if !strings.Contains(laptop.Log(), "may not be found") {
		t.Errorf("laptop says %q", laptop.Log())
	}
	for _, c := range held {
		s.must(c.Close())
	}
	began := time.Now()
	for {
		var status node.Status
		s.must(laptop.Do(s.ctx, &status, "status"))
		if status.Nearby {
			break
		}
		if time.Since(began) > 20*time.Second {
			t.Fatal("it isn't tried again")
		}
	}
	t.Logf("the port was free: used %v later", time.Since(began).Round(time.Millisecond))
	s.joinNearby(laptop, desk, "desk")
}

// TestLabNearbyFlood: a hundred thousand announcements of strangers neither grow the
// node nor keep it from its own.
func TestLabNearbyFlood(t *testing.T) {
	s := lab(t)
	laptop, desk, _, here := s.neighbours()
	s.joinNearby(laptop, desk, "desk")
	s.inStep(laptop, desk)
	s.must(desk.Stop())
	before := s.residentKB(laptop)
	var c net.PacketConn
	s.inhabit(here, func() {
		ifi, err := net.InterfaceByName("eth0")
		s.must(err)
		c, err = net.ListenMulticastUDP("udp4", ifi, &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353})
		s.must(err)
	})
	began := time.Now()
	const count = 100_000
	for i := range count {
		_, err := c.WriteTo(strangersAnnouncement(i), &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353})
		s.must(err)
	}
	took := time.Since(began)
	s.must(c.Close())
	after := s.residentKB(laptop)
	t.Logf("%d announcements in %v: %d kB before, %d kB after", count, took.Round(time.Millisecond), before, after)
	if after > before+16<<10 {
		t.Errorf("it grew from %d to %d kB", before, after)
	}
	desk.Args = []string{"--listen", "[::]:42000"}
	s.must(desk.Start(s.ctx))
	t.Logf("and then: connected and in step %v later", s.meetNearby(laptop, desk).Round(time.Millisecond))
}

// strangersAnnouncement is one as other accounts' devices send, or, each second
// one, a join screen.
func strangersAnnouncement(i int) []byte {
	label := func(b []byte, l string) []byte { return append(append(b, byte(len(l))), l...) }
	salt := strings.Map(func(r rune) rune { return []rune("abcdefghij")[r-'0'] }, fmt.Sprintf("%025d", i)) + "a"
	service := label(label(label(nil, "_mdn"), "_udp"), "local")
	service = append(service, 0)
	instance, host := append(label(nil, salt), service...), append(label(label(nil, salt), "local"), 0)
	var text []byte
	if i%2 == 0 {
		text = label(label(text, "v=1"), "h="+salt)
	} else {
		text = label(label(text, "v=1"), "e="+salt+salt)
		text = label(label(label(text, "k="+salt), "x=1800000000"), "n=evil")
	}
	record := func(b, name []byte, kind byte, data []byte) []byte {
		b = append(append(b, name...), 0, kind, 0, 1, 0, 0, 0, 60)
		return append(append(b, byte(len(data)>>8), byte(len(data))), data...)
	}
	b := []byte{0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 3}
	b = record(b, service, 12, instance)
	b = record(b, instance, 33, append([]byte{0, 0, 0, 0, 0, 9}, host...))
	b = record(b, instance, 16, text)
	return record(b, host, 1, []byte{10, 77, 0, 66})
}

// residentKB is the memory that a node's process holds.
func (s *story) residentKB(n *stage.Node) (size int) {
	s.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.Pid()))
	s.must(err)
	_, rest, _ := strings.Cut(string(b), "VmRSS:")
	_, err = fmt.Sscan(rest, &size)
	s.must(err)
	return size
}

// TestLabDistant: a device that isn't on this network gets its code late, after a
// warning.
func TestLabDistant(t *testing.T) {
	s := lab(t)
	a, b, router := s.namespace("a"), s.namespace("b"), s.namespace("r")
	for i, n := range []namespace{a, b} {
		port, net := fmt.Sprintf("eth%d", i), fmt.Sprintf("10.79.%d", i)
		s.in(n, "link", "add", "eth0", "type", "veth", "peer", "name", port, "netns", string(router))
		s.settle(n, net+".2/24")
		s.in(router, "address", "add", net+".1/24", "dev", port)
		s.in(router, "link", "set", port, "up")
		s.in(n, "route", "add", "default", "via", net+".1")
	}
	s.inhabit(router, func() { s.must(os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644)) })
	laptop, desk := s.resident(a, "laptop"), s.resident(b, "desk")
	_, err := laptop.Init(s.ctx, "Ada")
	s.must(err)
	s.must(desk.InitJoin(s.ctx))
	s.must(laptop.Start(s.ctx))
	s.must(desk.Start(s.ctx))
	if found := s.nearby(laptop); len(found) > 0 {
		t.Errorf("join screens beyond the router: %+v", found)
	}
	show, err := desk.Stream(s.ctx, "pair", "show")
	s.must(err)
	ticket, err := show.Next("ticket")
	s.must(err)
	accept, err := laptop.Stream(s.ctx, "pair", "accept", fmt.Sprint(ticket["ticket"]))
	s.must(err)
	waiting, err := accept.Next("waiting")
	s.must(err)
	began := time.Now()
	if waiting["same_network"] != false || waiting["device"] != "desk" || waiting["code"] != nil {
		t.Errorf("waiting: %v", waiting)
	}
	code, err := accept.Next("code")
	s.must(err)
	if took := time.Since(began); took < 9*time.Second || code["same_network"] != false {
		t.Errorf("after %v: %v", took, code)
	}
	_, err = show.Next("confirm")
	s.must(err)
	s.must(desk.Do(s.ctx, nil, "pair", "confirm", "--code", fmt.Sprint(code["code"])))
	_, err = accept.Next("paired")
	s.must(err)
}
