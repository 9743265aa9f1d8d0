package consync

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"meadow/core/blob"
	"meadow/core/willow"
)

// accept serves the payload streams that the peer opens.
func (s *session) accept(ctx context.Context) error {
	var group sync.WaitGroup
	defer group.Wait()
	room := make(chan struct{}, s.e.limits.uploads)
	for {
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		stream, err := s.conn.AcceptStream(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("accepting a payload stream: %w", err)
		}
		group.Go(func() {
			defer func() { <-room }()
			if err := s.provide(ctx, stream); err != nil {
				s.end(err)
			}
		})
	}
}

// provide answers one request. What can't be served resets the stream; only a
// broken rule is an error.
func (s *session) provide(ctx context.Context, stream Stream) error {
	defer stream.CancelRead(codeRefused)
	stop := context.AfterFunc(ctx, func() { reset(stream) })
	defer stop()
	_ = stream.SetDeadline(time.Now().Add(s.e.limits.handshake))
	r, err := readRequest(stream)
	if err != nil {
		stream.CancelWrite(codeRefused)
		if errors.Is(err, errMalformed) {
			return fmt.Errorf("%w: %w", ErrProtocol, err)
		}
		return nil
	}
	s.mu.Lock()
	ex := s.exchanges.theirs[r.handle]
	s.mu.Unlock()
	e, ok := s.mayHave(ctx, ex, r)
	if !ok {
		stream.CancelWrite(codeRefused)
		return nil
	}
	// The exchange ends when the peer may not be served any more.
	stop = context.AfterFunc(ex.ctx, func() { reset(stream) })
	defer stop()
	flow := s.e.meter.begin(s, ex, e, true, r.length-min(r.groups.Bytes(r.length), r.length))
	defer s.payloadMoved(flow)
	defer s.e.meter.end(flow)
	w := &steady{Writer: stream, stream: stream, limit: s.e.limits.progress, count: func(n int) {
		now := time.Now()
		s.payloadSent.Add(uint64(n))
		s.spokeAt.Store(now.UnixNano())
		flow.count(n, now)
		s.e.feed.progress(s)
	}}
	if err := s.e.cfg.Blobs.Provide(ex.ctx, w, blob.Hash(r.digest), r.groups); err != nil {
		s.log.Debug("A payload wasn't provided to its end", "error", err)
		s.refuse(blob.Hash(r.digest))
		stream.CancelWrite(codeRefused)
		return nil
	}
	_ = stream.Close()
	return nil
}

// mayHave returns the live entry that a payload is asked for of, if the peer may
// read it, and the payload is held in the entry's scope. If not, the peer is told
// when it is. ex is nil if there is no such exchange.
func (s *session) mayHave(ctx context.Context, ex *exchange, r request) (willow.Entry, bool) {
	if ex == nil {
		return willow.Entry{}, false
	}
	if !ex.area.Includes(r.entry(ex)) {
		s.deny(ex.ns, WhyOutside)
		return willow.Entry{}, false
	}
	s.refuse(blob.Hash(r.digest)) // first, so that what comes meanwhile is told
	a, ok, err := s.e.cfg.Entries.Get(ctx, ex.ns, r.subspace, r.path)
	if err != nil || !ok || !ex.area.Includes(a.Entry) ||
		a.Entry.PayloadDigest != r.digest || a.Entry.PayloadLength != r.length {
		s.deny(ex.ns, WhyUnheld)
		return willow.Entry{}, false
	}
	held, err := s.e.cfg.Blobs.Has(ctx, scopeOf(a.Entry), blob.Hash(r.digest))
	if err != nil || !held {
		s.deny(ex.ns, WhyUnheld)
		return willow.Entry{}, false
	}
	s.unrefuse(blob.Hash(r.digest))
	return a.Entry, true
}

func reset(s Stream) {
	s.CancelRead(codeRefused)
	s.CancelWrite(codeRefused)
}

// steady counts bytes and gives a stream up that stands still for limit.
type steady struct {
	io.Reader
	io.Writer
	stream Stream
	limit  time.Duration
	count  func(n int)
	setAt  time.Time
	slow   bool // the last piece took long
}

// What is written at once, so that what a slow peer takes is seen coming, and is
// taken within limits.progress.
const (
	fastPiece = 64 << 10
	slowPiece = 16 << 10
	longWrite = time.Second
)

func (c *steady) Read(b []byte) (int, error) {
	c.extend()
	n, err := c.Reader.Read(b)
	c.count(n)
	return n, err
}

func (c *steady) Write(b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		piece := fastPiece
		if c.slow {
			piece = slowPiece
		}
		c.extend()
		began, m := time.Now(), 0
		m, err = c.Writer.Write(b[n:min(n+piece, len(b))])
		c.slow = time.Since(began) > longWrite/2 && c.slow || time.Since(began) > longWrite
		c.count(m)
		n += m
	}
	return n, err
}

// extend moves the deadline, not at every call: it has a cost.
func (c *steady) extend() {
	now := time.Now()
	if now.Sub(c.setAt) < c.limit/8 {
		return
	}
	c.setAt = now
	_ = c.stream.SetDeadline(now.Add(c.limit))
}
