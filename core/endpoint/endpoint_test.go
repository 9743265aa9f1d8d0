package endpoint

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
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

func TestWrongKeyRefused(t *testing.T) {
	a, b := bind(t, Config{Device: device(1)}), bind(t, Config{Device: device(2)})
	stranger := device(3).Endpoint()
	_, err := a.Dial(patience(t), stranger, proto, b.Addrs()...)
	id, ok := errors.AsType[*IdentityError](err)
	if !ok || id.Want != stranger || id.Have != b.ID() {
		t.Fatalf("got %v, want an IdentityError", err)
	}
	de, ok := errors.AsType[*DialError](err)
	if !ok || len(de.Attempts) != 1 || de.Attempts[0].Addr != b.Addrs()[0] {
		t.Errorf("attempts: %+v", de)
	}
}

func TestSelfDialRefused(t *testing.T) {
	a := bind(t, Config{Device: device(1)})
	if _, err := a.Dial(t.Context(), a.ID(), proto, a.Addrs()...); !errors.Is(err, ErrSelf) {
		t.Errorf("got %v, want ErrSelf", err)
	}
	// A copy of the device's home on another machine is refused too.
	b := bind(t, Config{Device: device(2)})
	err := dialRaw(t, b, clientTLS(mustCertificate(t, device(2)), b.ID(), proto))
	if err == nil {
		t.Error("a second device with the same key was accepted")
	}
}

func TestProtocolMismatch(t *testing.T) {
	a := bind(t, Config{Device: device(1)})
	b := bind(t, Config{Device: device(2), ALPNs: []string{"meadow-test/0", proto}})
	if _, err := a.Dial(patience(t), b.ID(), "meadow-test/9", b.Addrs()...); !errors.Is(err, ErrProtocol) {
		t.Errorf("got %v, want ErrProtocol", err)
	}
	c, err := a.Dial(patience(t), b.ID(), "meadow-test/0", b.Addrs()...)
	if err != nil || c.ALPN() != "meadow-test/0" {
		t.Errorf("second protocol: %v", err)
	}
}

// dialRaw dials e with a TLS configuration of the test's and returns how the
// connection ended. A refusal of the client's certificate comes after the
// client's handshake.
func dialRaw(t *testing.T, e *Endpoint, conf *tls.Config) error {
	t.Helper()
	udp, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(loopback))
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	tr := &quic.Transport{Conn: udp}
	defer tr.Close()
	ctx := patience(t)
	c, err := tr.Dial(ctx, net.UDPAddrFromAddrPort(e.Addrs()[0]), conf, quicConfig())
	if err != nil {
		return err
	}
	accepted := make(chan struct{})
	go func() {
		defer close(accepted)
		if got, err := e.Accept(c.Context()); err == nil {
			_ = got.Close(77)
		}
	}()
	<-c.Context().Done()
	<-accepted
	err = context.Cause(c.Context())
	if app, ok := errors.AsType[*quic.ApplicationError](err); ok && app.ErrorCode == 77 {
		return nil
	}
	return err
}

func TestClientCertificatesRefused(t *testing.T) {
	b := bind(t, Config{Device: device(2)})
	good := mustCertificate(t, device(1))
	two := good
	two.Certificate = [][]byte{good.Certificate[0], mustCertificate(t, device(3)).Certificate[0]}
	stolen := mustCertificate(t, device(3)) // shows a key whose secret it lacks
	stolen.PrivateKey = device(4).TLS()
	for name, certs := range map[string][]tls.Certificate{
		"none": nil, "rsa": {rsaCertificate(t)}, "ecdsa": {ecdsaCertificate(t)}, "two": {two}, "stolen": {stolen},
	} {
		conf := clientTLS(good, b.ID(), proto)
		conf.Certificates = certs
		if err := dialRaw(t, b, conf); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	conf := clientTLS(good, b.ID(), proto)
	conf.MaxVersion = tls.VersionTLS12
	if err := dialRaw(t, b, conf); err == nil {
		t.Error("TLS 1.2: accepted")
	}
	if err := dialRaw(t, b, clientTLS(good, b.ID(), proto)); err != nil {
		t.Errorf("good certificate: %v", err)
	}
}

// listenRaw serves with a TLS configuration of the test's.
func listenRaw(t *testing.T, conf *tls.Config) netip.AddrPort {
	t.Helper()
	udp, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(loopback))
	if err != nil {
		t.Fatal(err)
	}
	tr := &quic.Transport{Conn: udp}
	t.Cleanup(func() { tr.Close(); udp.Close() })
	if _, err := tr.Listen(conf, quicConfig()); err != nil {
		t.Fatal(err)
	}
	return udp.LocalAddr().(*net.UDPAddr).AddrPort()
}

func TestServerCertificatesRefused(t *testing.T) {
	a := bind(t, Config{Device: device(1)})
	id := device(2).Endpoint()
	good := mustCertificate(t, device(2))
	two := good
	two.Certificate = [][]byte{good.Certificate[0], good.Certificate[0]}
	for name, cert := range map[string]tls.Certificate{
		"rsa": rsaCertificate(t), "ecdsa": ecdsaCertificate(t), "two": two,
	} {
		addr := listenRaw(t, serverTLS(cert, id, []string{proto}))
		if _, err := a.Dial(patience(t), id, proto, addr); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestOnlookersLearnNothing: the ClientHello has no server name, and nothing is
// resumed.
func TestOnlookersLearnNothing(t *testing.T) {
	a := bind(t, Config{Device: device(1)})
	hello := make(chan *tls.ClientHelloInfo, 2)
	conf := serverTLS(mustCertificate(t, device(2)), device(2).Endpoint(), []string{proto})
	conf.SessionTicketsDisabled = false
	conf.GetConfigForClient = func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		hello <- h
		return nil, nil
	}
	addr := listenRaw(t, conf)
	for range 2 {
		c, err := a.Dial(patience(t), device(2).Endpoint(), proto, addr)
		if err != nil {
			t.Fatal(err)
		}
		if name := (<-hello).ServerName; name != "" {
			t.Errorf("server name %q is sent in the clear", name)
		}
		state := c.quic.ConnectionState()
		if state.TLS.DidResume || state.Used0RTT || state.TLS.Version != tls.VersionTLS13 {
			t.Errorf("resumed %t, 0-RTT %t, TLS version %x", state.TLS.DidResume, state.Used0RTT, state.TLS.Version)
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

// silent returns the address of a socket that never answers.
func silent(t *testing.T) netip.AddrPort {
	t.Helper()
	udp, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(loopback))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { udp.Close() })
	return udp.LocalAddr().(*net.UDPAddr).AddrPort()
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

type lookupFunc func(ctx context.Context) ([]netip.AddrPort, error)

func (f lookupFunc) Lookup(ctx context.Context, _ key.Endpoint) ([]netip.AddrPort, error) {
	return f(ctx)
}

func TestDialRace(t *testing.T) {
	b := bind(t, Config{Device: device(2)})
	other := bind(t, Config{Device: device(3)})
	dead := []netip.AddrPort{silent(t), other.Addrs()[0], netip.MustParseAddrPort("[2001:db8::1]:9"), {}}
	known := func(addrs ...netip.AddrPort) discovery.Source {
		return lookupFunc(func(context.Context) ([]netip.AddrPort, error) { return addrs, nil })
	}
	failing := lookupFunc(func(context.Context) ([]netip.AddrPort, error) { return nil, io.ErrUnexpectedEOF })
	stuck := lookupFunc(func(ctx context.Context) ([]netip.AddrPort, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	for name, c := range map[string]struct {
		given   []netip.AddrPort
		sources []discovery.Source
	}{
		"given after dead":    {append(slices.Clone(dead), b.Addrs()...), nil},
		"source after dead":   {dead, []discovery.Source{failing, known(silent(t)), known(b.Addrs()...)}},
		"only source":         {nil, []discovery.Source{stuck, known(b.Addrs()...)}},
		"given, sources fail": {b.Addrs(), []discovery.Source{failing, stuck}},
		"twice the same":      {append(b.Addrs(), b.Addrs()...), []discovery.Source{known(b.Addrs()...)}},
	} {
		t.Run(name, func(t *testing.T) {
			a := bind(t, Config{Device: device(1), Sources: c.sources})
			start := time.Now()
			conn, err := a.Dial(patience(t), b.ID(), proto, c.given...)
			if err != nil {
				t.Fatal(err)
			}
			if d := time.Since(start); d > 3*time.Second {
				t.Errorf("took %v: dead addresses were waited for", d)
			}
			if conn.RemoteAddr() != b.Addrs()[0] {
				t.Errorf("connected to %s", conn.RemoteAddr())
			}
		})
	}
}

func TestDialRemembersFailures(t *testing.T) {
	a := bind(t, Config{Device: device(1), Sources: []discovery.Source{
		lookupFunc(func(context.Context) ([]netip.AddrPort, error) { return nil, io.ErrUnexpectedEOF }),
	}})
	other := bind(t, Config{Device: device(3)})
	quiet, v6 := silent(t), netip.MustParseAddrPort("[2001:db8::1]:9")
	start := time.Now()
	_, err := a.Dial(patience(t), device(2).Endpoint(), proto, quiet, other.Addrs()[0], v6)
	if d := time.Since(start); d > handshakeTimeout+time.Second {
		t.Errorf("took %v", d)
	}
	de, ok := errors.AsType[*DialError](err)
	if !ok {
		t.Fatalf("got %v, want a DialError", err)
	}
	reasons := map[netip.AddrPort]error{}
	for _, at := range de.Attempts {
		if at.Err == nil {
			t.Errorf("%s: no reason", at.Addr)
		}
		reasons[at.Addr] = at.Err
	}
	if len(reasons) != 4 || !errors.Is(reasons[quiet], context.DeadlineExceeded) ||
		!errors.Is(reasons[netip.AddrPort{}], io.ErrUnexpectedEOF) {
		t.Errorf("reasons: %v", de)
	}
	if _, ok := errors.AsType[*IdentityError](reasons[other.Addrs()[0]]); !ok {
		t.Errorf("wrong device: %v", reasons[other.Addrs()[0]])
	}
	t.Log(err)
}

func TestDialWithoutAddress(t *testing.T) {
	a := bind(t, Config{Device: device(1)})
	if _, err := a.Dial(t.Context(), device(2).Endpoint(), proto); !errors.Is(err, ErrNoAddress) {
		t.Errorf("got %v, want ErrNoAddress", err)
	}
}

func TestDialCancelled(t *testing.T) {
	a := bind(t, Config{Device: device(1)})
	ctx, cancel := context.WithCancel(t.Context())
	asked := lookupFunc(func(context.Context) ([]netip.AddrPort, error) { cancel(); return nil, nil })
	a.cfg.Sources = []discovery.Source{asked}
	if _, err := a.Dial(ctx, device(2).Endpoint(), proto, silent(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
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
