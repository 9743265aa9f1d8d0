package endpoint

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"testing"

	"github.com/quic-go/quic-go"
)

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
		addr := listenRaw(t, serverTLS(cert, id, []string{proto}, ""))
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
	conf := serverTLS(mustCertificate(t, device(2)), device(2).Endpoint(), []string{proto}, "")
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
