//go:build lab

package endpoint

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"golang.org/x/sys/unix"
)

// The lab is network namespaces with cables between them: a and b side by side, or
// on both sides of a router.
const (
	labA4, labA6 = "10.77.0.1", "fd77::1"
	labB4, labB6 = "10.77.0.2", "fd77::2"
)

// namespace is a network namespace by name.
type namespace string

func ip(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// newNamespace makes a namespace that has nothing but loopback.
func newNamespace(t *testing.T, name string) namespace {
	t.Helper()
	n := namespace(fmt.Sprintf("meadow-%d-%s", os.Getpid(), name))
	ip(t, "netns", "add", string(n))
	t.Cleanup(func() { ip(t, "netns", "del", string(n)) })
	n.ip(t, "link", "set", "lo", "up")
	return n
}

// ip runs an ip command in the namespace.
func (n namespace) ip(t *testing.T, args ...string) {
	t.Helper()
	ip(t, append([]string{"-n", string(n)}, args...)...)
}

// do runs fn in the namespace. Sockets that fn makes stay there.
func (n namespace) do(t *testing.T, fn func()) {
	t.Helper()
	runtime.LockOSThread()
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	defer home.Close()
	there, err := os.Open("/run/netns/" + string(n))
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	if err := unix.Setns(int(there.Fd()), unix.CLONE_NEWNET); err != nil {
		t.Fatal(err)
	}
	fn()
	// If this fails the thread must not be used again: it stays locked.
	if err := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); err != nil {
		t.Fatal(err)
	}
	runtime.UnlockOSThread()
}

// bind opens an endpoint on all interfaces of the namespace.
func (n namespace) bind(t *testing.T, seed byte) (e *Endpoint, addrs []netip.AddrPort) {
	t.Helper()
	n.do(t, func() {
		e = bind(t, Config{Device: device(seed), Listen: []netip.AddrPort{netip.MustParseAddrPort("[::]:0")}})
		addrs = e.Addrs()
	})
	return e, addrs
}

// cable makes two namespaces and connects them.
func cable(t *testing.T) (a, b namespace) {
	t.Helper()
	a, b = newNamespace(t, "a"), newNamespace(t, "b")
	a.ip(t, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", string(b))
	for n, addrs := range map[namespace][]string{a: {labA4 + "/24", labA6 + "/64"}, b: {labB4 + "/24", labB6 + "/64"}} {
		for _, addr := range addrs {
			args := []string{"address", "add", addr, "dev", "eth0"}
			if strings.Contains(addr, ":") {
				args = append(args, "nodad")
			}
			n.ip(t, args...)
		}
		n.ip(t, "link", "set", "eth0", "up")
	}
	return a, b
}

func TestLabAddresses(t *testing.T) {
	a, b := cable(t)
	ea, addrsA := a.bind(t, 1)
	eb, addrsB := b.bind(t, 2)
	want := []netip.AddrPort{
		netip.AddrPortFrom(netip.MustParseAddr(labB4), eb.LocalPort()),
		netip.AddrPortFrom(netip.MustParseAddr(labB6), eb.LocalPort()),
	}
	if !slices.Equal(addrsB, want) {
		t.Errorf("addresses %v, want %v", addrsB, want)
	}
	for _, addr := range want {
		c, err := ea.Dial(patience(t), eb.ID(), proto, addr)
		if err != nil || c.RemoteAddr() != addr {
			t.Errorf("%s: %v", addr, err)
		}
	}
	if _, err := eb.Dial(patience(t), ea.ID(), proto, addrsA...); err != nil {
		t.Error(err)
	}
}

func TestLabWithoutNetwork(t *testing.T) {
	e, addrs := newNamespace(t, "alone").bind(t, 1)
	for _, a := range addrs {
		if !a.Addr().IsLoopback() {
			t.Errorf("address %s", a)
		}
	}
	start := time.Now()
	_, err := e.Dial(patience(t), device(2).Endpoint(), proto, netip.MustParseAddrPort(labB4+":9"))
	if err == nil || time.Since(start) > time.Second {
		t.Errorf("an unreachable network took %v to fail: %v", time.Since(start), err)
	}
}

// echo sends a byte to and fro on a stream of the dialling side.
func echo(s io.ReadWriter) error {
	if _, err := s.Write([]byte{1}); err != nil {
		return err
	}
	_, err := io.ReadFull(s, make([]byte, 1))
	return err
}

// routed makes two namespaces and a router between them.
func routed(t *testing.T) (a, b, router namespace) {
	t.Helper()
	a, b, router = newNamespace(t, "a"), newNamespace(t, "b"), newNamespace(t, "r")
	for i, n := range []namespace{a, b} {
		port, net := fmt.Sprintf("eth%d", i), fmt.Sprintf("10.78.%d", i)
		n.ip(t, "link", "add", "eth0", "type", "veth", "peer", "name", port, "netns", string(router))
		n.ip(t, "address", "add", net+".2/24", "dev", "eth0")
		router.ip(t, "address", "add", net+".1/24", "dev", port)
		n.ip(t, "link", "set", "eth0", "up")
		router.ip(t, "link", "set", port, "up")
		n.ip(t, "route", "add", "default", "via", net+".1")
	}
	router.do(t, func() {
		if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644); err != nil {
			t.Fatal(err)
		}
	})
	return a, b, router
}

// TestLabOutage: a short outage of the network between two devices delays what is
// sent, a long one ends the connection on both sides.
func TestLabOutage(t *testing.T) {
	a, b, router := routed(t)
	ea, _ := a.bind(t, 1)
	eb, addrs := b.bind(t, 2)
	ca, err := ea.Dial(patience(t), eb.ID(), proto, addrs...)
	if err != nil {
		t.Fatal(err)
	}
	cb, err := eb.Accept(patience(t))
	if err != nil {
		t.Fatal(err)
	}
	s, err := ca.OpenStream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	echoed := make(chan struct{})
	go func() {
		defer close(echoed)
		if r, err := cb.AcceptStream(t.Context()); err == nil {
			_, _ = io.Copy(r, r)
		}
	}()
	if err := echo(s); err != nil {
		t.Fatal(err)
	}

	router.ip(t, "link", "set", "eth1", "down")
	up := time.AfterFunc(3*time.Second, func() { router.ip(t, "link", "set", "eth1", "up") })
	defer up.Stop()
	if err := echo(s); err != nil {
		t.Errorf("after an outage of 3 s: %v (dialler: %v, acceptor: %v)", err, ca.Err(), cb.Err())
	}

	router.ip(t, "link", "set", "eth1", "down")
	start := time.Now()
	for _, c := range []*Conn{ca, cb} {
		err := ended(t, c)
		if _, ok := errors.AsType[*quic.IdleTimeoutError](err); !ok || time.Since(start) > idleTimeout+keepAlive+time.Second {
			t.Errorf("ended after %v: %v", time.Since(start), err)
		}
	}
	<-echoed
}

// TestLabOwnLinkDown: a device whose own link is gone knows at once.
func TestLabOwnLinkDown(t *testing.T) {
	a, b := cable(t)
	ea, _ := a.bind(t, 1)
	eb, addrs := b.bind(t, 2)
	c, err := ea.Dial(patience(t), eb.ID(), proto, addrs...)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.OpenStream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a.ip(t, "link", "set", "eth0", "down")
	start := time.Now()
	_, _ = s.Write([]byte{1})
	if err := ended(t, c); time.Since(start) > time.Second {
		t.Errorf("ended after %v: %v", time.Since(start), err)
	}
}

func TestLabThroughput(t *testing.T) {
	a, b := cable(t)
	ea, _ := a.bind(t, 1)
	eb, addrs := b.bind(t, 2)
	const size = 64 << 20
	got := make(chan int64, 1)
	go func() {
		n := int64(-1)
		if c, err := eb.Accept(t.Context()); err == nil {
			if s, err := c.AcceptStream(t.Context()); err == nil {
				n, _ = io.Copy(io.Discard, s)
			}
		}
		got <- n
	}()
	c, err := ea.Dial(patience(t), eb.ID(), proto, addrs...)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.OpenStream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if _, err := io.Copy(s, bytes.NewReader(make([]byte, size))); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	if n := <-got; n != size {
		t.Errorf("received %d bytes, want %d", n, size)
	}
	t.Logf("%.0f MiB/s over a link of MTU 1500", size/(1<<20)/time.Since(start).Seconds())
}
