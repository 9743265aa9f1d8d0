package mdn

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// Stream carries a pairing: a fresh stream of a mutually authenticated
// connection, or one end of a pipe.
type Stream interface {
	io.ReadWriter
	SetDeadline(t time.Time) error
}

const (
	maxFrame       = 1 << 20 // bytes of one message
	strangersFrame = 1 << 10 // of one message before the other side's proof: its fields are at most 950
	strangersTime  = 10 * time.Second
	linger         = time.Second
)

// wire sends and receives the messages of a pairing: each a deterministic CBOR
// map after its length as u32, big-endian. A message {refused: reason} ends the
// pairing. It belongs to one goroutine.
//
// Anybody can reach a joining device. Until the other side has proved that it
// knows the secret, it gets strangersTime for all its messages together, each of
// at most strangersFrame: what they decode to takes some 100 KiB at worst.
type wire struct {
	s       Stream
	ctx     context.Context // of the whole pairing
	limit   uint32          // bytes of a message that is read
	pending chan received   // of the reader that is under way, else nil
	stop    func() bool
	ended   chan struct{} // closed when the context's effect on s is over
}

type received struct {
	r   *reader
	err error
}

// newWire makes all reads and writes fail once ctx ends, or strangersTime has
// passed without a call to trust.
func newWire(ctx context.Context, s Stream) *wire {
	w := &wire{s: s, ctx: ctx, limit: strangersFrame, ended: make(chan struct{})}
	_ = s.SetDeadline(time.Now().Add(strangersTime)) // a stream that can't is broken, and reads fail
	w.stop = context.AfterFunc(ctx, func() {
		defer close(w.ended)
		w.expire()
	})
	return w
}

// trust lifts the limits for strangers, once the other side has proved to know
// the secret.
func (w *wire) trust() {
	w.limit = maxFrame
	_ = w.s.SetDeadline(time.Time{})
	if w.ctx.Err() != nil { // it ended before the deadline was lifted
		w.expire()
	}
}

// expire makes all reads and writes fail from now on.
func (w *wire) expire() { _ = w.s.SetDeadline(time.Unix(1, 0)) }

func (w *wire) send(f fields) error {
	b := f.encode()
	if len(b) > maxFrame {
		return fmt.Errorf("pairing message of %d bytes: at most %d", len(b), maxFrame)
	}
	_, err := w.s.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...))
	return err
}

// await starts reading the next message, unless that is under way.
func (w *wire) await() <-chan received {
	if w.pending == nil {
		c := make(chan received, 1)
		w.pending = c
		limit := w.limit
		go func() {
			r, err := readMessage(w.s, limit)
			c <- received{r, err}
		}()
	}
	return w.pending
}

// receive returns the next message.
func (w *wire) receive() (*reader, error) {
	m := <-w.await()
	w.pending = nil
	return m.r, m.err
}

func readMessage(s io.Reader, limit uint32) (*reader, error) {
	var head [4]byte
	if _, err := io.ReadFull(s, head[:]); err != nil {
		return nil, fmt.Errorf("the other device hung up: %w", err)
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > limit {
		return nil, refusal("message of %d bytes", n)
	}
	b, err := io.ReadAll(io.LimitReader(s, int64(n)))
	if err == nil && len(b) < int(n) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("the other device hung up: %w", err)
	}
	f, err := parseFields(b)
	if err != nil {
		return nil, refusal("%w", err)
	}
	r := &reader{fields: f}
	if r.has("refused") {
		return nil, &PairError{Reason: toldReason(Reason(r.text("refused", maxName))), Remote: true}
	}
	return r, nil
}

// toldReason is a reason as it goes over the wire: only Accept itself knows of
// ReasonUnanswered, and what a later version says is a refusal to this one.
func toldReason(r Reason) Reason {
	if _, ok := reasonTexts[r]; !ok || r == ReasonUnanswered {
		return ReasonRefused
	}
	return r
}

// close ends the wire's use of the stream. A failure of this side is told to the
// other. It gets a moment to hear that, or the last message, and to hang up.
func (w *wire) close(ctx context.Context, err error) {
	if !w.stop() {
		<-w.ended
	}
	var failure *PairError
	if !errors.As(err, &failure) || ctx.Err() != nil {
		failure = &PairError{Reason: ReasonRefused}
	}
	if !failure.Remote && w.s.SetDeadline(time.Now().Add(linger)) == nil {
		var told error
		if err != nil {
			f := fields{}
			f.set("refused", string(toldReason(failure.Reason)))
			told = w.send(f)
		}
		if told == nil {
			_, _ = w.receive() // nothing more comes: it ends when the other side hangs up
		}
	}
	w.expire()
	if w.pending != nil {
		<-w.pending
	}
}

// detach ends the wire's use of the stream after the last message.
func (w *wire) detach() {
	if !w.stop() {
		<-w.ended
	}
}
