package endpoint

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"meadow/core/discovery"
	"meadow/core/key"
)

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

// TestDialAt: only what is given is tried.
func TestDialAt(t *testing.T) {
	b := bind(t, Config{Device: device(2)})
	a := bind(t, Config{Device: device(1), Sources: []discovery.Source{
		lookupFunc(func(context.Context) ([]netip.AddrPort, error) { return b.Addrs(), nil }),
	}})
	if c, err := a.DialAt(patience(t), b.ID(), proto, netip.MustParseAddrPort("[2001:db8::1]:9")); err == nil {
		t.Errorf("connected to %s", c.RemoteAddr())
	}
	if _, err := a.DialAt(patience(t), b.ID(), proto); !errors.Is(err, ErrNoAddress) {
		t.Errorf("got %v, want ErrNoAddress", err)
	}
	if _, err := a.DialAt(patience(t), b.ID(), proto, b.Addrs()...); err != nil {
		t.Error(err)
	}
	if got := b.Bound(); !slices.Equal(got, b.Addrs()) {
		t.Errorf("bound to %v", got)
	}
}
