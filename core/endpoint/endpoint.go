package endpoint

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/quic-go/quic-go"

	"meadow/core/discovery"
	"meadow/core/key"
)

const (
	// handshakeTimeout is the longest a handshake may take on either side.
	// quic-go gives a silent peer half of it.
	handshakeTimeout = 10 * time.Second
	// idleTimeout and keepAlive: three packets in a row must be lost before a
	// living peer is given up. A dead one is noticed after idleTimeout from
	// the first packet that it didn't answer, so within idleTimeout+keepAlive.
	idleTimeout = 7500 * time.Millisecond
	keepAlive   = 2500 * time.Millisecond
	// closeTimeout bounds Close.
	closeTimeout = 3 * time.Second
	// acceptQueue is how many accepted connections of one socket wait for
	// Accept here; quic-go holds 32 more and refuses those above.
	acceptQueue = 16
	// codeShutdown is the application error code that Close ends connections
	// with, and codeUnused that of the losers of a race of addresses.
	codeShutdown = 0
	codeUnused   = 0
)

// quicConfig returns the settings of every connection; the package comment says
// why they are so.
func quicConfig() *quic.Config {
	return &quic.Config{
		Versions:                       []quic.Version{quic.Version1},
		HandshakeIdleTimeout:           handshakeTimeout / 2,
		MaxIdleTimeout:                 idleTimeout,
		KeepAlivePeriod:                keepAlive,
		InitialStreamReceiveWindow:     1 << 20,
		MaxStreamReceiveWindow:         16 << 20,
		InitialConnectionReceiveWindow: 2 << 20,
		MaxConnectionReceiveWindow:     32 << 20,
		MaxIncomingStreams:             256,
		MaxIncomingUniStreams:          -1,
	}
}

// Config says how an endpoint is bound.
type Config struct {
	Device key.Device
	// Listen are the local addresses. Port 0 means any free one, an
	// unspecified address all interfaces and both families. None means one
	// such address with any port.
	Listen []netip.AddrPort
	// ALPNs are the protocols that are accepted, at least one.
	ALPNs []string
	// Self is the one of ALPNs, if any, in which the device may meet its own key:
	// itself, or a copy of it.
	Self string
	// Sources are asked for addresses by every Dial.
	Sources []discovery.Source
	// Log may be nil.
	Log *slog.Logger
	// OnGood, if set, is called with each address at which a peer has just
	// proved its key. It must not block, and may be called concurrently.
	OnGood func(peer key.Endpoint, addr netip.AddrPort)
}

// Endpoint is a device on the network. Its methods may be called concurrently.
type Endpoint struct {
	// Set by Bind and then only read.
	cfg     Config
	id      key.Endpoint
	cert    tls.Certificate
	log     *slog.Logger
	sockets []*socket
	gate    *gate
	ctx     context.Context // done once Close was called
	cancel  context.CancelCauseFunc

	accepted chan *Conn
	loops    sync.WaitGroup // accept loops
	closing  sync.Once

	mu    sync.Mutex
	conns map[*Conn]struct{} // all that have not ended
}

// Bind opens the endpoint's sockets and starts to accept connections. ctx
// bounds Bind only; Close ends the endpoint. A port in use gives ErrPortTaken,
// and then nothing stays open.
func Bind(ctx context.Context, cfg Config) (*Endpoint, error) {
	if cfg.Device.IsZero() {
		return nil, errors.New("bind: no device key")
	}
	if len(cfg.ALPNs) == 0 {
		return nil, errors.New("bind: no protocols")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cert, err := certificate(cfg.Device)
	if err != nil {
		return nil, err
	}
	e := &Endpoint{
		cfg: cfg, id: cfg.Device.Endpoint(), cert: cert, log: cfg.Log, gate: newGate(),
		accepted: make(chan *Conn, acceptQueue), conns: make(map[*Conn]struct{}),
	}
	e.ctx, e.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	for _, addr := range listenAddrs(cfg.Listen) {
		s, err := e.open(ctx, addr)
		if err != nil {
			_ = e.Close()
			return nil, err
		}
		e.sockets = append(e.sockets, s)
	}
	for _, s := range e.sockets {
		e.loops.Go(func() { e.acceptLoop(s) })
	}
	return e, nil
}

// ID returns the key that others dial.
func (e *Endpoint) ID() key.Endpoint { return e.id }

// Accept returns the next connection whose handshake is complete. It may have
// ended already. After Close it returns ErrClosed.
func (e *Endpoint) Accept(ctx context.Context) (*Conn, error) {
	if e.ctx.Err() != nil {
		return nil, ErrClosed
	}
	select {
	case c := <-e.accepted:
		return c, nil
	case <-e.ctx.Done():
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// acceptLoop passes connections on until the listener is closed.
func (e *Endpoint) acceptLoop(s *socket) {
	for {
		qc, err := s.listener.Accept(context.Background())
		if err != nil {
			if e.ctx.Err() == nil {
				e.log.Error("Socket no longer accepts connections", "addr", s.addr, "err", err)
			}
			return
		}
		e.gate.passed(qc.Context())
		c, err := e.adopt(qc, false)
		if err != nil {
			continue // it ended as it began, or Close has been called
		}
		select {
		case e.accepted <- c:
		case <-e.ctx.Done():
		}
	}
}

// adopt makes a Conn of a connection whose handshake is complete, or closes it
// if the endpoint is closed.
func (e *Endpoint) adopt(qc *quic.Conn, initiator bool) (*Conn, error) {
	c, err := newConn(qc, e.id, initiator)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	if e.ctx.Err() != nil {
		e.mu.Unlock()
		_ = c.Close(codeShutdown)
		return nil, ErrClosed
	}
	e.conns[c] = struct{}{}
	e.mu.Unlock()
	context.AfterFunc(qc.Context(), func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.conns, c)
	})
	if e.cfg.OnGood != nil {
		e.cfg.OnGood(c.peer, c.RemoteAddr())
	}
	return c, nil
}

// Close ends all connections, tells the peers so, waits until they should have
// heard it and closes the sockets. It takes at most 3 s. Bytes that were written
// but not yet received by a peer are lost. Further calls do nothing.
func (e *Endpoint) Close() error {
	e.closing.Do(e.shutdown)
	return nil
}

func (e *Endpoint) shutdown() {
	deadline := time.NewTimer(closeTimeout)
	defer deadline.Stop()
	e.cancel(ErrClosed)
	said := make(chan time.Duration, 1)
	go func() { said <- e.sayGoodbye() }()
	select {
	case rtt := <-said:
		// While the sockets are open, quic-go repeats the close to a peer
		// that missed it and still sends.
		linger(min(3*rtt, time.Second), deadline.C)
	case <-deadline.C:
		defer func() { <-said }() // closed sockets end every connection
	}
	for _, s := range e.sockets {
		s.close()
	}
}

// sayGoodbye stops accepting and closes every connection. It returns the
// longest round-trip time among them.
func (e *Endpoint) sayGoodbye() time.Duration {
	for _, s := range e.sockets {
		_ = s.listener.Close()
	}
	e.loops.Wait()
	e.mu.Lock()
	conns := slices.Collect(maps.Keys(e.conns))
	e.mu.Unlock()
	var rtt time.Duration
	var wg sync.WaitGroup
	for _, c := range conns {
		rtt = max(rtt, c.RTT())
		wg.Go(func() { _ = c.Close(codeShutdown) })
	}
	wg.Wait()
	return rtt
}

// linger waits for d, or until the deadline.
func linger(d time.Duration, deadline <-chan time.Time) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-deadline:
	}
}
