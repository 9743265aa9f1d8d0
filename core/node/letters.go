package node

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"meadow/core/endpoint"
	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// Letters go from device to device over connections of their own, with ALPN
// mdn-letter/1. Who dials opens one stream for each letter, at most lettersAtOnce at a
// time:
//
//	dialler -> answerer  u32 length, big-endian, at most mdn.MaxLetter; the letter; end of stream
//	answerer -> dialler  one byte: 0 it is stored, 1 it was refused; end of stream
//
// and closes when it has the last answer. An answerer closes a connection unread
// unless it comes from a device of a person who is known and not blocked, or if
// the device has brought lettersIn within lettersFor already, of which each connection
// counts as one. A device's second connection closes its first.
const (
	letterStored  = 0
	letterRefused = 1

	lettersAtOnce = 4                // streams of a connection that are read at the same time
	letterWithin  = 30 * time.Second // for a letter and its answer
	letterIdle    = 10 * time.Second // without a stream
	letterDial    = 10 * time.Second
	lettersIn     = 300 // letters that a device may bring …
	lettersFor    = 10 * time.Minute
	letterCallers = 16 // connections that are answered at the same time …
	letterPerson  = 4  // … and of one person's devices
)

var (
	errLetterRefused = errors.New("the letter was refused")
	errLetterLong    = errors.New("the letter is too long")
)

// letterbox is what letters come from and go to: an account.
type letterbox interface {
	People() []mdn.Person
	PersonOf(device key.Endpoint) (mdn.Person, bool)
	Letters() []mdn.Letter
	LetterDelivered(ctx context.Context, l mdn.Letter) error
	Receive(ctx context.Context, from key.Endpoint, raw []byte) error
}

// carrier brings letters to one person, over one connection to one of their devices.
type carrier struct {
	c      *courier
	person mdn.Person
	conn   *endpoint.Conn // nil: none yet
}

var _ mdn.Courier = (*carrier)(nil)

// carrier returns one for a person, if they are known and not blocked.
func (c *courier) carrier(to willow.NamespaceID) (*carrier, bool) {
	for _, p := range c.box.People() {
		if p.Custodian == to {
			return &carrier{c: c, person: p}, !p.Blocked
		}
	}
	return nil, false
}

// Deliver implements mdn.Courier.
func (r *carrier) Deliver(ctx context.Context, l mdn.Letter) error {
	if len(l.Raw) > mdn.MaxLetter {
		return errLetterLong
	}
	if r.conn == nil || r.conn.Err() != nil {
		if err := r.connect(ctx); err != nil {
			return err
		}
	}
	return send(ctx, r.conn, l.Raw)
}

// connect dials the person's devices, those that are connected first.
func (r *carrier) connect(ctx context.Context) error {
	failed := errors.New("the person has no device that takes letters")
	devices := slices.Clone(r.person.Devices)
	slices.SortStableFunc(devices, func(a, b mdn.DeviceInfo) int {
		return btoi(!r.c.online(a.Endpoint)) - btoi(!r.c.online(b.Endpoint))
	})
	for _, d := range devices {
		if d.Kind != mdn.Full {
			continue
		}
		dial, cancel := context.WithTimeout(ctx, letterDial)
		conn, err := r.c.dial(dial, d.Endpoint)
		cancel()
		if err == nil {
			r.conn = conn
			return nil
		}
		failed = err
	}
	return failed
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (r *carrier) close() {
	if r.conn != nil {
		_ = r.conn.Close(closeDone)
	}
}

// send brings one letter and hears what became of it.
func send(ctx context.Context, c *endpoint.Conn, raw []byte) error {
	ctx, cancel := context.WithTimeout(ctx, letterWithin)
	defer cancel()
	s, err := c.OpenStream(ctx)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = s.SetDeadline(time.Now()) })()
	_, err = s.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(raw))), raw...))
	if err := errors.Join(err, s.Close()); err != nil {
		s.CancelRead(0)
		return err
	}
	var answer [1]byte
	if _, err := io.ReadFull(s, answer[:]); err != nil {
		s.CancelRead(0)
		return fmt.Errorf("no answer to a letter: %w", err)
	}
	if answer[0] != letterStored {
		return errLetterRefused
	}
	return nil
}

// answer takes the letters of a connection until it ends.
func (c *courier) answer(ctx context.Context, conn *endpoint.Conn) {
	code := uint64(closeDone)
	defer func() { _ = conn.Close(code) }()
	p, known := c.box.PersonOf(conn.Peer())
	if !known || p.Blocked || !c.open() {
		code = closeRefused
		return
	}
	if !c.allow(conn.Peer()) || !c.enter(conn, p.Custodian) {
		code = closeBusy
		return
	}
	defer c.leave(conn)
	code = c.takeAll(ctx, conn)
}

// caller is a connection that brings letters.
type caller struct {
	conn   *endpoint.Conn
	person willow.NamespaceID
}

// enter gives a connection a place, that of the device's last one if it has one, and
// reports whether there is one.
func (c *courier) enter(conn *endpoint.Conn, person willow.NamespaceID) bool {
	c.mu.Lock()
	last, again := c.callers[conn.Peer()]
	all, theirs := 0, 0
	for device, o := range c.callers {
		if device == conn.Peer() {
			continue
		}
		if all++; o.person == person {
			theirs++
		}
	}
	ok := all < letterCallers && theirs < letterPerson
	if ok {
		c.callers[conn.Peer()] = caller{conn, person}
	}
	c.mu.Unlock()
	if ok && again {
		_ = last.conn.Close(closeBusy)
	}
	return ok
}

// leave gives a connection's place back, unless another one has it.
func (c *courier) leave(conn *endpoint.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.callers[conn.Peer()].conn == conn {
		delete(c.callers, conn.Peer())
	}
}

// takeAll takes letters until a connection ends, and returns the code to close it
// with.
func (c *courier) takeAll(ctx context.Context, conn *endpoint.Conn) uint64 {
	ctx, cancel := context.WithCancel(ctx)
	room := make(chan struct{}, lettersAtOnce)
	var under sync.WaitGroup
	defer under.Wait()
	defer cancel()
	for {
		room <- struct{}{}
		idle, stop := context.WithTimeout(ctx, letterIdle)
		s, err := conn.AcceptStream(idle)
		stop()
		if err != nil {
			return closeDone
		}
		if !c.allow(conn.Peer()) {
			s.CancelRead(0)
			s.CancelWrite(0)
			return closeBusy
		}
		under.Go(func() {
			defer func() { <-room }()
			c.take(ctx, conn.Peer(), s)
		})
	}
}

// take takes one letter and says what became of it.
func (c *courier) take(ctx context.Context, from key.Endpoint, s *endpoint.Stream) {
	_ = s.SetDeadline(time.Now().Add(letterWithin))
	defer context.AfterFunc(ctx, func() { _ = s.SetDeadline(time.Now()) })()
	raw, err := readLetter(s)
	if err == nil {
		err = c.box.Receive(ctx, from, raw)
	}
	answer := []byte{letterStored}
	if err != nil {
		c.log.Debug("A letter was refused", "device", from, "error", err)
		answer[0] = letterRefused
	}
	if ctx.Err() != nil {
		s.CancelRead(0)
		s.CancelWrite(0)
		return // it isn't known whether it is stored
	}
	_, err = s.Write(answer)
	if err := errors.Join(err, s.Close()); err != nil {
		c.log.Debug("A letter wasn't answered", "device", from, "error", err)
	}
	s.CancelRead(0)
}

// readLetter reads one letter; memory is taken as it comes.
func readLetter(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, fmt.Errorf("read letter: %w", err)
	}
	length := binary.BigEndian.Uint32(head[:])
	if length > mdn.MaxLetter {
		return nil, errLetterLong
	}
	raw, err := io.ReadAll(io.LimitReader(r, int64(length)+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read letter: %w", err)
	case len(raw) != int(length):
		return nil, fmt.Errorf("read letter: %d bytes came in place of %d", len(raw), length)
	}
	return raw, nil
}
