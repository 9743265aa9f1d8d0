package endpoint

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/quic-go/quic-go"
)

func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		var ends []context.CancelFunc
		var ctxs []context.Context
		enter := func() error {
			ctx, cancel := context.WithCancel(t.Context())
			ends = append(ends, cancel)
			ctx, err := g.enter(ctx, nil)
			ctxs = append(ctxs, ctx)
			return err
		}
		for i := range maxHandshakes {
			if want := i >= freeHandshakes; g.mustProve(nil) != want {
				t.Errorf("with %d in flight: proof needed %t, want %t", i, !want, want)
			}
			if err := enter(); err != nil {
				t.Fatal(err)
			}
		}
		if err := enter(); !errors.Is(err, errBusy) {
			t.Errorf("got %v, want errBusy", err)
		}
		g.passed(ctxs[0])
		g.passed(ctxs[0])
		if err := enter(); err != nil {
			t.Errorf("after one handshake is complete: %v", err)
		}
		g.passed(t.Context()) // a dialled connection has no place
		for _, end := range ends {
			end()
		}
		synctest.Wait()
		if n := g.inFlight.Load(); n != 0 {
			t.Errorf("%d places are not given back", n)
		}
	})
}

// TestStalledHandshakes: strangers that never finish their handshakes don't keep
// a peer out, and their places come back.
func TestStalledHandshakes(t *testing.T) {
	a, b := bind(t, Config{Device: device(1)}), bind(t, Config{Device: device(2)})
	const n = freeHandshakes + 8
	hung := make(chan struct{}, n)
	release := make(chan struct{})
	conf := clientTLS(mustCertificate(t, device(3)), b.ID(), proto)
	conf.VerifyConnection = func(tls.ConnectionState) error {
		hung <- struct{}{}
		<-release
		return errors.New("never meant it")
	}
	udp, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(loopback))
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	tr := &quic.Transport{Conn: udp}
	defer tr.Close()
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			if c, err := tr.Dial(patience(t), net.UDPAddrFromAddrPort(b.Addrs()[0]), conf, quicConfig()); err == nil {
				_ = c.CloseWithError(0, "")
			}
		})
	}
	for range n {
		<-hung
	}
	if got := b.gate.inFlight.Load(); got != n {
		t.Errorf("%d handshakes in flight, want %d", got, n)
	}
	connect(t, a, b) // by way of Retry
	close(release)
	wg.Wait()
}
