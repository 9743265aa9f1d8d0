package endpoint

import (
	"net/netip"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
)

// Pace is what bounds the streams of connections: limits that they share.
type Pace struct {
	In, Out *Limit
	// Exempt reports whether a connection to that address isn't limited now.
	Exempt func(netip.AddrPort) bool
}

// Paced has the streams that are opened and accepted from now on keep to limits. The
// connection's first stream goes before all others, see Limit. It is called before
// the connection is used.
func (c *Conn) Paced(p *Pace) { c.pace = p }

// fewBytes are never held up by bulk: somebody asks for something.
const fewBytes = 1 << 10

// paced is what a stream of a connection with a Pace is besides.
type paced struct {
	*Pace
	conn   *Conn
	urgent bool

	unread    chan struct{} // closed by CancelRead
	endUnread func()

	mu       sync.Mutex
	deadline time.Time // guarded by mu, which is held while it is set
}

// stream makes a stream of the connection, which has one pace or none.
func (c *Conn) stream(s *quic.Stream) *Stream {
	if c.pace == nil {
		return &Stream{quic: s}
	}
	p := &paced{Pace: c.pace, conn: c, urgent: s.StreamID() == 0, unread: make(chan struct{})}
	p.endUnread = sync.OnceFunc(func() { close(p.unread) })
	return &Stream{quic: s, paced: p}
}

// piece returns how much may pass at once of n bytes; limited is false if a limit
// isn't to be asked.
func (p *paced) piece(l *Limit, n int) (piece int, limited bool) {
	piece = l.piece()
	if piece == 0 || p.Exempt(p.conn.RemoteAddr()) {
		return n, false
	}
	return min(n, piece), true
}

// read reads as fast as the limit allows. Bulk bytes are taken before they are read,
// so that they stay where they are; urgent ones, which may be long in coming, after
// it.
func (p *paced) read(s *quic.Stream, b []byte) (n int, err error) {
	piece, limited := p.piece(p.In, len(b))
	if !limited {
		return s.Read(b)
	}
	if p.urgent {
		if n, err = s.Read(b[:piece]); err != nil {
			return n, err
		}
		return n, p.wait(s, p.In, n, p.unread)
	}
	if err := p.wait(s, p.In, piece, p.unread); err != nil {
		return 0, err
	}
	n, err = s.Read(b[:piece])
	p.In.give(piece - n)
	return n, err
}

// write writes as fast as the limit allows.
func (p *paced) write(s *quic.Stream, b []byte) (n int, err error) {
	for {
		piece, limited := p.piece(p.Out, len(b)-n)
		if !limited {
			m, err := s.Write(b[n:])
			return n + m, err
		}
		if err := p.wait(s, p.Out, piece, s.Context().Done()); err != nil {
			return n, err
		}
		m, err := s.Write(b[n : n+piece])
		if n += m; err != nil || n == len(b) {
			return n, err
		}
	}
}

// wait waits for a limit; that doesn't count by the stream's deadline, which is about
// the peer. A stream that has ended says itself why.
func (p *paced) wait(s *quic.Stream, l *Limit, n int, ended <-chan struct{}) error {
	waited, err := l.take(n, p.urgent || n <= fewBytes, p.conn.quic.Context().Done(), ended)
	if err != nil || waited == 0 {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.deadline.Before(time.Now().Add(-waited)) { // none, or it was over already
		return nil
	}
	p.deadline = p.deadline.Add(waited)
	return s.SetDeadline(p.deadline)
}

func (p *paced) setDeadline(s *quic.Stream, t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deadline = t
	return s.SetDeadline(t)
}
