package endpoint

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/quic-go/quic-go"

	"meadow/core/key"
)

// Conn is a connection to a peer that has proved its key. Its methods may be
// called concurrently.
type Conn struct {
	quic      *quic.Conn
	local     key.Endpoint
	peer      key.Endpoint
	initiator bool
	pace      *Pace // see Paced; nil: none
}

// newConn wraps a connection whose handshake is complete.
func newConn(qc *quic.Conn, local key.Endpoint, initiator bool) (*Conn, error) {
	peer, err := peerKey(qc.ConnectionState().TLS)
	if err != nil { // VerifyConnection has let it through: can't happen
		_ = qc.CloseWithError(codeUnused, "")
		return nil, err
	}
	return &Conn{quic: qc, local: local, peer: peer, initiator: initiator}, nil
}

// Peer returns the other end's key.
func (c *Conn) Peer() key.Endpoint { return c.peer }

// Local returns this end's key.
func (c *Conn) Local() key.Endpoint { return c.local }

// Initiator reports whether this end dialled.
func (c *Conn) Initiator() bool { return c.initiator }

// ALPN returns the protocol that both ends agreed on.
func (c *Conn) ALPN() string { return c.quic.ConnectionState().TLS.NegotiatedProtocol }

// RemoteAddr returns the address that the peer is at now.
func (c *Conn) RemoteAddr() netip.AddrPort {
	addr, ok := c.quic.RemoteAddr().(*net.UDPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ap := addr.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// RTT returns the smoothed round-trip time.
func (c *Conn) RTT() time.Duration { return c.quic.ConnectionStats().SmoothedRTT }

// OpenStream opens a stream, waiting while the peer allows no more (256 at a
// time). The peer learns of it with the first byte written.
func (c *Conn) OpenStream(ctx context.Context) (*Stream, error) {
	s, err := c.quic.OpenStreamSync(ctx)
	if err != nil {
		return nil, plain(err)
	}
	return c.stream(s), nil
}

// AcceptStream returns the next stream that the peer opened.
func (c *Conn) AcceptStream(ctx context.Context) (*Stream, error) {
	s, err := c.quic.AcceptStream(ctx)
	if err != nil {
		return nil, plain(err)
	}
	return c.stream(s), nil
}

// Export derives length bytes from the TLS session for a label (RFC 8446, 7.5).
// Both ends get the same bytes; no other connection does. A nil context equals
// an empty one.
func (c *Conn) Export(label string, context []byte, length int) ([]byte, error) {
	tls := c.quic.ConnectionState().TLS
	return tls.ExportKeyingMaterial(label, context, length)
}

// Close ends the connection at once and tells the peer the code. Bytes under way
// in either direction are lost.
func (c *Conn) Close(code uint64) error {
	return c.quic.CloseWithError(quic.ApplicationErrorCode(code), "")
}

// Done is closed when the connection has ended.
func (c *Conn) Done() <-chan struct{} { return c.quic.Context().Done() }

// Err returns nil until the connection has ended and then why: a *CloseError if
// one side closed it.
func (c *Conn) Err() error {
	if c.quic.Context().Err() == nil {
		return nil
	}
	return plain(context.Cause(c.quic.Context()))
}

// Stream is one bidirectional stream. One goroutine may read while another
// writes.
type Stream struct {
	quic  *quic.Stream
	paced *paced // nil: it keeps to no limit
}

// Read reads what has arrived; io.EOF after the peer's Close.
func (s *Stream) Read(p []byte) (int, error) {
	if s.paced != nil {
		return s.paced.read(s.quic, p)
	}
	return s.quic.Read(p)
}

// Write returns when all of p is handed to the connection, not when the peer has
// it.
func (s *Stream) Write(p []byte) (int, error) {
	if s.paced != nil {
		return s.paced.write(s.quic, p)
	}
	return s.quic.Write(p)
}

// Close ends the sending side: the peer reads io.EOF after the last byte.
func (s *Stream) Close() error { return s.quic.Close() }

// SetDeadline bounds later and pending calls of Read and Write; waiting for a limit
// (see Conn.Paced) doesn't count.
func (s *Stream) SetDeadline(t time.Time) error {
	if s.paced != nil {
		return s.paced.setDeadline(s.quic, t)
	}
	return s.quic.SetDeadline(t)
}

// CancelRead tells the peer to stop sending; Read fails from now on.
func (s *Stream) CancelRead(code uint64) {
	s.quic.CancelRead(quic.StreamErrorCode(code))
	if s.paced != nil {
		s.paced.endUnread()
	}
}

// CancelWrite ends the sending side in error; the peer's Read fails.
func (s *Stream) CancelWrite(code uint64) { s.quic.CancelWrite(quic.StreamErrorCode(code)) }
