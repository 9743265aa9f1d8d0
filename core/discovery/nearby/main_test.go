package nearby

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"meadow/core/key"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func device(n byte) key.Endpoint { return key.DeviceFromSeed([32]byte{n}).Endpoint() }

// ether is one network that exists in memory.
type ether struct {
	mu   sync.Mutex
	airs []*fakeAir
	sent []sent
}

// sent is one message on the ether.
type sent struct {
	at   time.Time
	from netip.Addr
	message
}

type message struct {
	question *question
	said     []announcement
}

// fakeAir is one device's way onto the ether, with one link.
type fakeAir struct {
	on    *ether
	heard chan packet
	news  chan struct{}

	mu   sync.Mutex
	link []link // none while it is unplugged
	fail error  // of tune
}

func (e *ether) air(ip string) *fakeAir {
	a := &fakeAir{on: e, heard: make(chan packet, 1000), news: make(chan struct{}, 1)}
	a.link = []link{{index: 7, name: "eth0", nets: []netip.Prefix{netip.MustParsePrefix(ip + "/24")}}}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.airs = append(e.airs, a)
	return a
}

func (a *fakeAir) links() ([]link, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.link), nil
}

// move plugs the air in with another address, or out without one.
func (a *fakeAir) move(ip string) {
	a.mu.Lock()
	a.link = nil
	if ip != "" {
		a.link = []link{{index: 7, name: "eth0", nets: []netip.Prefix{netip.MustParsePrefix(ip + "/24")}}}
	}
	a.mu.Unlock()
	a.news <- struct{}{}
}

func (a *fakeAir) tune(_ context.Context, links []link) ([]link, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fail != nil {
		return nil, a.fail
	}
	return links, nil
}

func (a *fakeAir) send(index int, b []byte) error {
	a.mu.Lock()
	var from netip.Addr
	if len(a.link) > 0 {
		from = a.link[0].nets[0].Addr()
	}
	a.mu.Unlock()
	a.on.broadcast(from, b)
	return nil
}

func (e *ether) broadcast(from netip.Addr, b []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	q, said, err := decode(b)
	if err == nil {
		e.sent = append(e.sent, sent{time.Now(), from, message{q, said}})
	}
	for _, to := range e.airs {
		select {
		case to.heard <- packet{7, from, slices.Clone(b)}:
		default:
		}
	}
}

func (a *fakeAir) packets() <-chan packet   { return a.heard }
func (a *fakeAir) changed() <-chan struct{} { return a.news }
func (a *fakeAir) close()                   {}

// since returns what one sender has said since a time.
func (e *ether) since(t time.Time, from string) (all []sent) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, m := range e.sent {
		if !m.at.Before(t) && m.from == netip.MustParseAddr(from) {
			all = append(all, m)
		}
	}
	return all
}

// salts returns the salts announced in messages, in order, each once.
func salts(all []sent) (out []salt) {
	for _, m := range all {
		for _, a := range m.said {
			if a.ttl > 0 && !slices.Contains(out, a.salt) {
				out = append(out, a.salt)
			}
		}
	}
	return out
}

// node is a service at work in a bubble.
type node struct {
	*Service
	air   *fakeAir
	stop  func()
	mu    sync.Mutex
	knows []key.Endpoint
	found []key.Endpoint
}

func (n *node) know(ids ...key.Endpoint) {
	n.mu.Lock()
	n.knows = ids
	n.mu.Unlock()
	n.Refresh()
}

func (n *node) finds() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.found)
}

// start runs a service in the bubble of the test; stop ends it.
func (e *ether) start(t *testing.T, self byte, ip string, port uint16, knows ...byte) *node {
	t.Helper()
	n := &node{air: e.air(ip)}
	for _, k := range knows {
		n.knows = append(n.knows, device(k))
	}
	n.Service = New(Config{
		Self: device(self), Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Known: func() []key.Endpoint {
			n.mu.Lock()
			defer n.mu.Unlock()
			return slices.Clone(n.knows)
		},
		Found: func(id key.Endpoint) {
			n.mu.Lock()
			defer n.mu.Unlock()
			n.found = append(n.found, id)
		},
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := n.run(ctx, n.air, []netip.AddrPort{netip.AddrPortFrom(netip.IPv6Unspecified(), port)}); err != context.Canceled {
			t.Errorf("run ended with %v", err)
		}
	}()
	n.stop = sync.OnceFunc(func() { cancel(); <-ended })
	return n
}

// at returns where n finds a device now.
func (n *node) at(t *testing.T, id byte) []netip.AddrPort {
	t.Helper()
	addrs, err := n.Lookup(t.Context(), device(id))
	if err != nil {
		t.Error(err)
	}
	return addrs
}

// pass lets time pass and everything settle.
func pass(d time.Duration) {
	time.Sleep(d) // of the bubble
	synctest.Wait()
}

func addrPorts(texts ...string) (all []netip.AddrPort) {
	for _, s := range texts {
		all = append(all, netip.MustParseAddrPort(s))
	}
	return all
}
