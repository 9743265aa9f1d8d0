package endpoint

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"meadow/core/discovery"
	"meadow/core/key"
)

const proto = "meadow-test/1"

var loopback = netip.MustParseAddrPort("127.0.0.1:0")

// bind opens an endpoint on loopback that is closed with the test.
func bind(tb testing.TB, cfg Config) *Endpoint {
	tb.Helper()
	if cfg.Listen == nil {
		cfg.Listen = []netip.AddrPort{loopback}
	}
	if cfg.ALPNs == nil {
		cfg.ALPNs = []string{proto}
	}
	e, err := Bind(tb.Context(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = e.Close() })
	return e
}

// connect dials b from a and returns both ends.
func connect(tb testing.TB, a, b *Endpoint) (dialled, accepted *Conn) {
	tb.Helper()
	dialled, err := a.Dial(tb.Context(), b.ID(), proto, b.Addrs()...)
	if err != nil {
		tb.Fatal(err)
	}
	accepted, err = b.Accept(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return dialled, accepted
}

// patience bounds what should take no time.
func patience(tb testing.TB) context.Context {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), 15*time.Second)
	tb.Cleanup(cancel)
	return ctx
}

func ended(tb testing.TB, c *Conn) error {
	tb.Helper()
	select {
	case <-c.Done():
		return c.Err()
	case <-patience(tb).Done():
		tb.Fatal("connection did not end")
		return nil
	}
}

func TestMutualIdentity(t *testing.T) {
	var mu sync.Mutex
	good := map[key.Endpoint]netip.AddrPort{}
	onGood := func(peer key.Endpoint, addr netip.AddrPort) {
		mu.Lock()
		defer mu.Unlock()
		good[peer] = addr
	}
	a := bind(t, Config{Device: device(1), OnGood: onGood})
	b := bind(t, Config{Device: device(2), OnGood: onGood})
	ca, cb := connect(t, a, b)
	if ca.Peer() != b.ID() || cb.Peer() != a.ID() || ca.Local() != a.ID() || cb.Local() != b.ID() {
		t.Errorf("keys: dialled %s -> %s, accepted %s -> %s", ca.Local(), ca.Peer(), cb.Local(), cb.Peer())
	}
	if !ca.Initiator() || cb.Initiator() {
		t.Error("roles are mixed up")
	}
	if ca.ALPN() != proto || cb.ALPN() != proto {
		t.Errorf("protocols %q and %q, want %q", ca.ALPN(), cb.ALPN(), proto)
	}
	if ca.RemoteAddr() != b.Addrs()[0] || cb.RemoteAddr() != a.Addrs()[0] {
		t.Errorf("addresses %s and %s, want %s and %s", ca.RemoteAddr(), cb.RemoteAddr(), b.Addrs()[0], a.Addrs()[0])
	}
	if ca.RTT() <= 0 || ca.RTT() > time.Second {
		t.Errorf("RTT %v", ca.RTT())
	}
	if ca.Err() != nil {
		t.Errorf("living connection has error %v", ca.Err())
	}
	mu.Lock()
	defer mu.Unlock()
	if good[b.ID()] != b.Addrs()[0] || good[a.ID()] != a.Addrs()[0] {
		t.Errorf("good addresses: %v", good)
	}
}

func TestStreams(t *testing.T) {
	a, b := bind(t, Config{Device: device(1)}), bind(t, Config{Device: device(2)})
	ca, cb := connect(t, a, b)
	msg := bytes.Repeat([]byte("meadow "), 100_000)
	sent := make(chan error, 1)
	go func() {
		s, err := ca.OpenStream(t.Context())
		if err == nil {
			_, err = s.Write(msg)
		}
		if err == nil {
			err = s.Close()
		}
		sent <- err
		_, err = io.Copy(io.Discard, s)
		sent <- err
	}()
	s, err := cb.AcceptStream(patience(t))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(s)
	if err != nil || !bytes.Equal(got, msg) {
		t.Errorf("received %d bytes, %v, want %d", len(got), err, len(msg))
	}
	s.CancelWrite(9)
	if err := <-sent; err != nil {
		t.Errorf("send: %v", err)
	}
	if se, ok := errors.AsType[*quic.StreamError](<-sent); !ok || se.ErrorCode != 9 {
		t.Errorf("reader of a cancelled stream: got %v, want code 9", se)
	}
	if err := s.SetDeadline(time.Now()); err != nil {
		t.Error(err)
	}
}

func TestExport(t *testing.T) {
	a, b := bind(t, Config{Device: device(1)}), bind(t, Config{Device: device(2)})
	export := func(c *Conn, label, ctx string) string {
		k, err := c.Export(label, []byte(ctx), 32)
		if err != nil || len(k) != 32 {
			t.Fatalf("export: %d bytes, %v", len(k), err)
		}
		return string(k)
	}
	seen := map[string]bool{}
	for range 3 {
		ca, cb := connect(t, a, b)
		for _, label := range []string{"EXPORTER-mdn-pair/1", "EXPORTER-mdn-other/1"} {
			for _, ctx := range []string{"", "x"} {
				k := export(ca, label, ctx)
				if export(cb, label, ctx) != k {
					t.Errorf("the two ends export different bytes for %q, %q", label, ctx)
				}
				if seen[k] {
					t.Errorf("bytes for %q, %q were exported before", label, ctx)
				}
				seen[k] = true
			}
		}
	}
}

func TestCloseCode(t *testing.T) {
	a, b := bind(t, Config{Device: device(1)}), bind(t, Config{Device: device(2)})
	ca, cb := connect(t, a, b)
	if err := ca.Close(42); err != nil {
		t.Fatal(err)
	}
	local, ok := errors.AsType[*CloseError](ended(t, ca))
	if !ok || *local != (CloseError{Code: 42}) {
		t.Errorf("closing end: %v", ca.Err())
	}
	remote, ok := errors.AsType[*CloseError](ended(t, cb))
	if !ok || *remote != (CloseError{Code: 42, Remote: true}) {
		t.Errorf("other end: %v", cb.Err())
	}
	if _, err := cb.OpenStream(t.Context()); err == nil {
		t.Error("a stream was opened on an ended connection")
	}
}

func TestEndpointClose(t *testing.T) {
	a, b := bind(t, Config{Device: device(1)}), bind(t, Config{Device: device(2)})
	var ends []*Conn
	for range 5 {
		ca, cb := connect(t, a, b)
		ends = append(ends, ca, cb)
	}
	if _, err := a.Dial(t.Context(), b.ID(), proto, b.Addrs()...); err != nil {
		t.Fatal(err) // never accepted
	}
	accepting := make(chan error, 1)
	go func() {
		_, err := a.Accept(t.Context())
		accepting <- err
	}()
	start := time.Now()
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	if d := time.Since(start); d > closeTimeout+time.Second/2 {
		t.Errorf("Close took %v", d)
	}
	for _, c := range ends {
		if _, ok := errors.AsType[*CloseError](ended(t, c)); !ok {
			t.Errorf("connection ended with %v, want a CloseError", c.Err())
		}
	}
	if err := <-accepting; !errors.Is(err, ErrClosed) {
		t.Errorf("Accept: got %v, want ErrClosed", err)
	}
	if _, err := a.Accept(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("Accept after Close: got %v, want ErrClosed", err)
	}
	if _, err := a.Dial(t.Context(), b.ID(), proto, b.Addrs()...); !errors.Is(err, ErrClosed) {
		t.Errorf("Dial after Close: got %v, want ErrClosed", err)
	}
	if err := a.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

func TestCloseEndsDial(t *testing.T) {
	a := bind(t, Config{Device: device(1)})
	dialling := make(chan error, 1)
	asked := make(chan struct{})
	a.cfg.Sources = []discovery.Source{lookupFunc(func(context.Context) ([]netip.AddrPort, error) {
		close(asked)
		return nil, nil
	})}
	go func() {
		_, err := a.Dial(t.Context(), device(2).Endpoint(), proto, silent(t))
		dialling <- err
	}()
	<-asked
	_ = a.Close()
	if err := <-dialling; !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
}

// TestKilledPeer: a peer that vanishes without a word is noticed by silence.
func TestKilledPeer(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 10 s")
	}
	t.Parallel()
	a, b := bind(t, Config{Device: device(1)}), bind(t, Config{Device: device(2)})
	ca, _ := connect(t, a, b)
	for _, s := range b.sockets {
		_ = s.conn.Close() // nothing more is sent or read
	}
	start := time.Now()
	err := ended(t, ca)
	if d := time.Since(start); d > idleTimeout+keepAlive+time.Second {
		t.Errorf("noticed after %v", d)
	}
	if _, ok := errors.AsType[*quic.IdleTimeoutError](err); !ok {
		t.Errorf("ended with %v", err)
	}
}

// TestRestartedPeer: a peer that comes back on its port ends its old connections
// with the first packet that it gets on them.
func TestRestartedPeer(t *testing.T) {
	t.Parallel()
	a, b := bind(t, Config{Device: device(1)}), bind(t, Config{Device: device(2)})
	ca, _ := connect(t, a, b)
	addr := b.sockets[0].addr
	for _, s := range b.sockets {
		_ = s.conn.Close()
	}
	again := bind(t, Config{Device: device(2), Listen: []netip.AddrPort{addr}})
	if again.LocalPort() != addr.Port() {
		t.Fatalf("port %d, want %d", again.LocalPort(), addr.Port())
	}
	s, err := ca.OpenStream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = s.Write(bytes.Repeat([]byte{1}, 1000))
	err = ended(t, ca)
	if _, ok := errors.AsType[*quic.StatelessResetError](err); !ok {
		t.Errorf("ended with %v, want a stateless reset", err)
	}
}
