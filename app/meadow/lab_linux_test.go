//go:build lab && headless

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"meadow/app/internal/stage"
)

// namespace is a network namespace by name.
type namespace string

func (s *story) ip(args ...string) {
	s.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		s.Fatalf("ip %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// in runs an ip command in a namespace.
func (s *story) in(n namespace, args ...string) {
	s.Helper()
	s.ip(append([]string{"-n", string(n)}, args...)...)
}

// inhabit runs fn in a namespace. Sockets that fn makes stay there.
func (s *story) inhabit(n namespace, fn func()) {
	s.Helper()
	runtime.LockOSThread()
	home, err := os.Open("/proc/thread-self/ns/net")
	s.must(err)
	defer home.Close()
	there, err := os.Open("/run/netns/" + string(n))
	s.must(err)
	defer there.Close()
	s.must(unix.Setns(int(there.Fd()), unix.CLONE_NEWNET))
	fn()
	// If this fails the thread must not be used again: it stays locked.
	s.must(unix.Setns(int(home.Fd()), unix.CLONE_NEWNET))
	runtime.UnlockOSThread()
}

// lab is a story whose nodes have networks of their own.
func lab(t *testing.T) *story {
	if os.Getuid() != 0 {
		t.Skip("only root may make network namespaces")
	}
	return tell(t)
}

// namespace makes a namespace that has nothing but loopback.
func (s *story) namespace(name string) namespace {
	s.Helper()
	n := namespace(fmt.Sprintf("meadow-%d-%s-%s", os.Getpid(), s.Name(), name))
	s.ip("netns", "add", string(n))
	s.Cleanup(func() { s.ip("netns", "del", string(n)) })
	s.in(n, "link", "set", "lo", "up")
	return n
}

// room makes two namespaces and a cable between them.
func (s *story) room() (a, b namespace) {
	s.Helper()
	a, b = s.namespace("a"), s.namespace("b")
	s.in(a, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", string(b))
	s.settle(a, "10.77.0.1/24")
	s.settle(b, "10.77.0.2/24")
	return a, b
}

// settle gives a namespace another address on its cable.
func (s *story) settle(n namespace, addr string) {
	s.Helper()
	s.in(n, "link", "set", "eth0", "up")
	s.in(n, "-4", "address", "flush", "dev", "eth0")
	s.in(n, "address", "add", addr, "dev", "eth0")
}

// withoutIPv6 leaves a namespace with IPv4 only.
func (s *story) withoutIPv6(n namespace) {
	s.Helper()
	s.inhabit(n, func() { s.must(os.WriteFile("/proc/sys/net/ipv6/conf/all/disable_ipv6", []byte("1"), 0o644)) })
}

// resident makes a node that runs in a namespace, with arguments of run.
func (s *story) resident(n namespace, device string, args ...string) *stage.Node {
	d := s.node(device)
	d.Under, d.Args = []string{"ip", "netns", "exec", string(n)}, append([]string{}, args...)
	return d
}

// capture is what was sent to the port of multicast DNS on a namespace's cable.
type capture struct {
	mu  sync.Mutex
	all [][]byte // UDP payloads
}

func (s *story) capture(n namespace) *capture {
	s.Helper()
	c := &capture{}
	var f *os.File
	s.inhabit(n, func() {
		all := int(binary.BigEndian.Uint16(binary.NativeEndian.AppendUint16(nil, unix.ETH_P_ALL)))
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, all)
		s.must(err)
		f = os.NewFile(uintptr(fd), "capture")
	})
	ended := make(chan struct{})
	s.Cleanup(func() { _ = f.Close(); <-ended })
	go func() {
		defer close(ended)
		b := make([]byte, 1<<16)
		for {
			n, err := f.Read(b)
			if err != nil {
				return
			}
			if payload, ok := mdnsOf(b[:n]); ok {
				c.mu.Lock()
				c.all = append(c.all, bytes.Clone(payload))
				c.mu.Unlock()
			}
		}
	}()
	return c
}

// mdnsOf returns what an Ethernet frame says to port 5353.
func mdnsOf(frame []byte) ([]byte, bool) {
	const ethernet = 14
	if len(frame) < ethernet+40+8 {
		return nil, false
	}
	udp := frame[ethernet:]
	switch binary.BigEndian.Uint16(frame[12:]) {
	case unix.ETH_P_IP:
		if udp[9] != unix.IPPROTO_UDP {
			return nil, false
		}
		udp = udp[4*int(udp[0]&15):]
	case unix.ETH_P_IPV6:
		if udp[6] != unix.IPPROTO_UDP {
			return nil, false
		}
		udp = udp[40:]
	default:
		return nil, false
	}
	return udp[8:], binary.BigEndian.Uint16(udp[2:]) == 5353
}

// take returns what was captured since the last take.
func (c *capture) take() (all [][]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	all, c.all = c.all, nil
	return all
}

// holding counts messages with any of the texts, in any case.
func holding(messages [][]byte, texts ...string) (count int) {
	for _, m := range messages {
		m = bytes.ToLower(m)
		if slices.ContainsFunc(texts, func(t string) bool { return bytes.Contains(m, []byte(strings.ToLower(t))) }) {
			count++
		}
	}
	return count
}
