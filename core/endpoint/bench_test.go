package endpoint

import (
	"context"
	"io"
	"net"
	"net/netip"
	"testing"

	"github.com/quic-go/quic-go"
)

// BenchmarkStream sends 256 MiB over one stream of one connection on loopback:
// through an endpoint, and through quic-go with its own defaults and the same
// certificates. Both are in one run so that their ratio means something.
func BenchmarkStream(b *testing.B) {
	const size = 256 << 20
	b.Run("endpoint", func(b *testing.B) {
		x, y := bind(b, Config{Device: device(1)}), bind(b, Config{Device: device(2)})
		cx, cy := connect(b, x, y)
		measure(b, size, func() (io.WriteCloser, error) { return cx.OpenStream(b.Context()) },
			func() (io.Reader, error) { return cy.AcceptStream(b.Context()) })
	})
	b.Run("endpoint, limits off", func(b *testing.B) {
		x, y := bind(b, Config{Device: device(1)}), bind(b, Config{Device: device(2)})
		cx, cy := connect(b, x, y)
		for _, c := range []*Conn{cx, cy} {
			c.Paced(&Pace{In: NewLimit(), Out: NewLimit(), Exempt: func(netip.AddrPort) bool { return false }})
		}
		measure(b, size, func() (io.WriteCloser, error) { return cx.OpenStream(b.Context()) },
			func() (io.Reader, error) { return cy.AcceptStream(b.Context()) })
	})
	b.Run("quic-go", func(b *testing.B) {
		cx, cy := bare(b)
		measure(b, size, func() (io.WriteCloser, error) { return cx.OpenStreamSync(b.Context()) },
			func() (io.Reader, error) { return cy.AcceptStream(b.Context()) })
	})
}

// measure sends size bytes over a new stream in each turn, from the first
// written to the last read.
func measure(b *testing.B, size int64, open func() (io.WriteCloser, error), accept func() (io.Reader, error)) {
	b.SetBytes(size)
	chunk := make([]byte, 64<<10)
	for b.Loop() {
		sent := make(chan error, 1)
		go func() {
			w, err := open()
			for n := int64(0); n < size && err == nil; n += int64(len(chunk)) {
				_, err = w.Write(chunk)
			}
			if err == nil {
				err = w.Close()
			}
			sent <- err
		}()
		r, err := accept()
		if err != nil {
			b.Fatal(err)
		}
		buf := make([]byte, 64<<10)
		n, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{r}, buf)
		if err != nil || n != size {
			b.Fatalf("received %d bytes: %v", n, err)
		}
		if err := <-sent; err != nil {
			b.Fatal(err)
		}
	}
}

// bare returns both ends of a connection that quic-go made with its defaults.
func bare(b *testing.B) (dialled, accepted *quic.Conn) {
	b.Helper()
	transport := func() *quic.Transport {
		udp, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(loopback))
		if err != nil {
			b.Fatal(err)
		}
		tr := &quic.Transport{Conn: udp}
		b.Cleanup(func() { tr.Close(); udp.Close() })
		return tr
	}
	id := device(2).Endpoint()
	server, client := transport(), transport()
	ln, err := server.Listen(serverTLS(mustCertificate(b, device(2)), id, []string{proto}, ""), &quic.Config{})
	if err != nil {
		b.Fatal(err)
	}
	dialled, err = client.Dial(b.Context(), ln.Addr(), clientTLS(mustCertificate(b, device(1)), id, proto), &quic.Config{})
	if err != nil {
		b.Fatal(err)
	}
	accepted, err = ln.Accept(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	return dialled, accepted
}

// BenchmarkDial connects and closes again.
func BenchmarkDial(b *testing.B) {
	x, y := bind(b, Config{Device: device(1)}), bind(b, Config{Device: device(2)})
	for b.Loop() {
		c, _ := connect(b, x, y)
		_ = c.Close(0)
	}
}
