package consync_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"meadow/core/consync"
	"meadow/core/key"
)

// pipe is one direction of a stream: a bounded buffer.
type pipe struct {
	mu       sync.Mutex
	changed  chan struct{} // closed and replaced when anything changes
	buf      []byte
	err      error // of reads, once buf is empty
	werr     error // of writes
	deadline time.Time
	total    int
	limit    int // total at which writes block for ever; 0 is none
}

const pipeSize = 256 << 10

func newPipe() *pipe { return &pipe{changed: make(chan struct{})} }

func (p *pipe) changedLocked() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// wait waits for a change or the deadline. The caller holds mu.
func (p *pipe) waitLocked() error {
	ch, deadline := p.changed, p.deadline
	p.mu.Unlock()
	defer p.mu.Lock()
	var due <-chan time.Time
	if !deadline.IsZero() {
		t := time.NewTimer(time.Until(deadline))
		defer t.Stop()
		due = t.C
	}
	select {
	case <-ch:
		return nil
	case <-due:
		return os.ErrDeadlineExceeded
	}
}

func (p *pipe) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.buf) == 0 {
		if p.err != nil {
			return 0, p.err
		}
		if err := p.waitLocked(); err != nil {
			return 0, err
		}
	}
	n := copy(b, p.buf)
	p.buf = p.buf[n:]
	p.changedLocked()
	return n, nil
}

func (p *pipe) Write(b []byte) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(b) > 0 {
		if p.werr != nil {
			return n, p.werr
		}
		room := min(pipeSize-len(p.buf), len(b))
		if p.limit > 0 {
			room = min(room, p.limit-p.total)
		}
		if room == 0 {
			if err := p.waitLocked(); err != nil {
				return n, err
			}
			continue
		}
		p.buf, b, n = append(p.buf, b[:room]...), b[room:], n+room
		p.total += room
		p.changedLocked()
	}
	return n, nil
}

// finish ends the pipe: reads give err after what is buffered, writes fail.
func (p *pipe) finish(err error, drop bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err, p.werr = err, io.ErrClosedPipe
	}
	if drop {
		p.buf = nil
	}
	p.changedLocked()
}

func (p *pipe) setDeadline(t time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deadline = t
	p.changedLocked()
}

var errReset = errors.New("stream reset")

// stream is one end of a stream in memory.
type stream struct{ in, out *pipe }

func (s *stream) Read(b []byte) (int, error)  { return s.in.Read(b) }
func (s *stream) Write(b []byte) (int, error) { return s.out.Write(b) }
func (s *stream) Close() error                { s.out.finish(io.EOF, false); return nil }
func (s *stream) CancelRead(uint64)           { s.in.finish(errReset, true) }
func (s *stream) CancelWrite(uint64)          { s.out.finish(errReset, true) }
func (s *stream) SetDeadline(t time.Time) error {
	s.in.setDeadline(t)
	s.out.setDeadline(t)
	return nil
}

// link is a connection in memory; conn is one end.
type link struct {
	id   [32]byte
	stop int // payload streams stand still after so many bytes, if not 0
	done chan struct{}
	once sync.Once

	mu      sync.Mutex
	err     error
	code    uint64
	streams []*stream
}

type conn struct {
	*link
	local, peer key.Endpoint
	initiator   bool
	out, in     chan *stream
}

// dial connects two endpoints in memory.
func dial(a, b key.Endpoint, id byte) (*conn, *conn) {
	l := &link{id: [32]byte{id}, done: make(chan struct{})}
	x, y := make(chan *stream, 256), make(chan *stream, 256)
	return &conn{l, a, b, true, x, y}, &conn{l, b, a, false, y, x}
}

func (c *conn) Peer() key.Endpoint    { return c.peer }
func (c *conn) Local() key.Endpoint   { return c.local }
func (c *conn) Initiator() bool       { return c.initiator }
func (c *conn) RTT() time.Duration    { return time.Millisecond }
func (c *conn) Done() <-chan struct{} { return c.done }

func (c *conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

func (c *conn) Export(label string, _ []byte, n int) ([]byte, error) {
	h := sha256.Sum256(append(c.id[:], label...))
	return h[:n], nil
}

func (c *conn) OpenStream(ctx context.Context) (consync.Stream, error) {
	a, b := newPipe(), newPipe()
	mine, theirs := &stream{a, b}, &stream{b, a}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return nil, c.err
	}
	if len(c.streams) > 0 {
		a.limit = c.stop
	}
	c.streams = append(c.streams, mine)
	c.out <- theirs
	return mine, nil
}

// full is an end whose peer allows no more streams than the first.
type full struct {
	*conn
	tried chan struct{} // has room for one
}

func (c full) OpenStream(ctx context.Context) (consync.Stream, error) {
	select {
	case c.tried <- struct{}{}:
	default:
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

func (c *conn) AcceptStream(ctx context.Context) (consync.Stream, error) {
	select {
	case s := <-c.in:
		return s, nil
	case <-c.done:
		return nil, c.Err()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *conn) Close(code uint64) error {
	c.once.Do(func() {
		c.mu.Lock()
		c.err, c.code = errors.New("connection closed"), code
		for _, s := range c.streams {
			s.in.finish(c.err, true)
			s.out.finish(c.err, true)
		}
		c.mu.Unlock()
		close(c.done)
	})
	return nil
}

// closedWith returns the code that the connection was closed with.
func (c *conn) closedWith() uint64 {
	<-c.done
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.code
}
