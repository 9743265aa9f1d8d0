package node

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"meadow/core/endpoint"
	"meadow/core/mdn"
	"meadow/core/qr"
)

const (
	showTimeout   = 5 * time.Minute
	acceptTimeout = 2 * time.Minute
	choiceTimeout = 5 * time.Minute  // until the account's device knows what to offer
	typingTimeout = 2 * time.Minute  // from the offer to the typed code
	openTimeout   = 10 * time.Second // until a caller says something
	firstSync     = 20 * time.Second
	qrSize        = 512 // pixels
	maxCallers    = 4   // devices that may present tickets at once
)

// handshakes is the side that shows tickets, of one kind: at most one screen is
// open, and at most one offer is shown on it.
type handshakes struct {
	n       *Node
	kind    handshake
	tickets *mdn.Tickets
	callers chan struct{} // has room for those that may talk at once

	mu   sync.Mutex // guards all below
	open *ticketScreen
}

// handshake is a kind of them.
type handshake struct {
	failed string                   // the name of Local's value of failed attempts
	near   bool                     // tickets are shown on this network too
	asked  [2]string                // what to say if nobody asks for a code, and the hint
	ticket func(mdn.Ticket) []any   // fields of the event beside the usual ones
	qr     func(mdn.Ticket) string  // what a picture of a ticket says
	offer  func(confirm) []any      // fields of the event that asks for a code
	error  func(err, c error) error // in a user's words; c is why the connection ended
	refuse func() bool              // nobody is answered now

	// meet is the handshake over a stream, which calls confirm to have a code typed.
	// What it returns tells the end on the screen.
	meet func(ctx context.Context, c *endpoint.Conn, s mdn.Stream, screen *ticketScreen, confirm confirming) (over, error)
}

type (
	confirming func(ctx context.Context, o mdn.Offer) (code string, ok bool, err error)
	over       func(ctx context.Context, emit func(Event) error) error
)

func newHandshakes(n *Node, kind handshake, tickets *mdn.Tickets) *handshakes {
	return &handshakes{n: n, kind: kind, tickets: tickets, callers: make(chan struct{}, maxCallers)}
}

// load goes on with the failed attempts that were before a restart.
func (p *handshakes) load(ctx context.Context) error {
	b, _, err := p.n.cfg.Local.Value(ctx, p.kind.failed)
	if err != nil {
		return err
	}
	var f mdn.Failures
	if len(b) > 0 && json.Unmarshal(b, &f) != nil {
		p.n.log.Warn("The failed attempts to pair weren't read") // then they count anew
	}
	p.tickets.Resume(f, func(f mdn.Failures) {
		b, err := json.Marshal(f)
		if err == nil {
			err = p.n.cfg.Local.PutValues(context.WithoutCancel(ctx), map[string][]byte{p.kind.failed: b})
		}
		if err != nil {
			p.n.log.Warn("A failed attempt to pair wasn't noted", "error", err)
		}
	})
	return nil
}

// show runs a screen until one handshake has succeeded, its time is over or it is
// closed.
func (p *handshakes) show(ctx context.Context, s *ticketScreen, timeout time.Duration, emit func(Event) error) error {
	if err := p.begin(s); err != nil {
		return err
	}
	defer p.end(s)
	if timeout <= 0 {
		timeout = showTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return p.showTickets(ctx, s, emit)
}

func (p *handshakes) begin(s *ticketScreen) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open != nil {
		return fail(CodeExists, "end the other one first", "such a screen is open already")
	}
	p.open = s
	return nil
}

func (p *handshakes) end(s *ticketScreen) {
	p.mu.Lock()
	p.open = nil
	p.mu.Unlock()
	if p.kind.near {
		p.n.nearby.Hide()
	}
	close(s.closed)
	if s.qrFile != "" {
		_ = os.Remove(s.qrFile)
	}
}

func (p *handshakes) screen() *ticketScreen {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open
}

// showTickets is the screen's loop.
func (p *handshakes) showTickets(ctx context.Context, s *ticketScreen, emit func(Event) error) error {
	n := p.n
	expires, err := p.showTicket(ctx, s, emit)
	if err != nil {
		return err
	}
	asking := false
	for {
		fresh := time.NewTimer(expires.Sub(n.cfg.Now()))
		if asking {
			fresh.Stop() // the ticket is taken: what is asked decides
		}
		renew := false
		select {
		case news := <-s.news:
			switch news := news.(type) {
			case confirm:
				asking = true
				if p.kind.near {
					n.nearby.Hide() // that ticket has had its attempt
				}
				err = emit(event(n.cfg.Now(), "confirm", append(p.kind.offer(news), "until", Time{n.cfg.Now().Add(typingTimeout)})...))
			case ticketDead:
				asking, renew = false, true
				err = emit(event(n.cfg.Now(), "refused", "code", string(news.reason)))
			case over:
				return news(ctx, emit)
			}
		case <-fresh.C:
			renew = true
		case <-n.stopping:
			err = stopped()
		case <-ctx.Done():
			err = showEnded(ctx)
		}
		fresh.Stop()
		if renew && err == nil {
			expires, err = p.showTicket(ctx, s, emit)
		}
		if err != nil {
			return err
		}
	}
}

func showEnded(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fail(CodeTimeout, "show a ticket again when the other device is at hand", "no device took a ticket; nothing was changed")
	}
	return ctx.Err()
}

// showTicket issues a ticket and shows it, of some kinds also on this network.
func (p *handshakes) showTicket(ctx context.Context, s *ticketScreen, emit func(Event) error) (expires time.Time, err error) {
	n := p.n
	t, err := p.tickets.Issue(n.endpoint.Addrs())
	var rest *mdn.RestError
	if errors.As(err, &rest) {
		return expires, fail(CodeTooMany, "try again after "+rest.Until.Local().Format("15:04:05"),
			"three attempts to pair failed; this device rests for ten minutes")
	}
	if err != nil {
		return expires, err
	}
	if p.kind.near {
		n.showNearby(ctx, t)
	}
	fields := []any{"ticket", t.String(), "expires", Time{t.Expires}, "qr", nil}
	if file := s.qrFile; file != "" {
		if err := writePicture(file, p.kind.qr(t)); err != nil {
			return expires, fail(CodeIO, "choose another file for --qr", "can't write the picture: %v", err)
		}
		fields[5] = file
	}
	return t.Expires, emit(event(n.cfg.Now(), "ticket", append(fields, p.kind.ticket(t)...)...))
}

// writePicture replaces file with a picture of text, atomically.
func writePicture(file, text string) error {
	png, err := qr.Encode(text, qrSize)
	if err != nil {
		return err
	}
	t, err := os.CreateTemp(filepath.Dir(file), ".meadow-qr-")
	if err != nil {
		return err
	}
	defer os.Remove(t.Name())
	_, err = t.Write(png)
	if err := errors.Join(err, t.Close()); err != nil {
		return err
	}
	return os.Rename(t.Name(), file)
}

// reply answers what the screen asks, and returns what became of it.
func (p *handshakes) reply(ctx context.Context, a typed) error {
	s := p.screen()
	if s == nil || !s.reply(a) {
		return fail(CodeNotFound, p.kind.asked[1], "%s", p.kind.asked[0])
	}
	select {
	case err := <-a.done:
		return p.kind.error(err, nil)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answer handles a connection from a device that scanned a ticket.
func (p *handshakes) answer(ctx context.Context, c *endpoint.Conn) {
	s := p.screen()
	if s == nil || p.kind.refuse() {
		_ = c.Close(closeNoTicket)
		return
	}
	select {
	case p.callers <- struct{}{}:
		defer func() { <-p.callers }()
	default:
		_ = c.Close(closeBusy)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, choiceTimeout+typingTimeout)
	defer cancel()
	asked := false
	offered := s.endWith(cancel)
	told, err := p.meet(ctx, c, s, func() {
		asked = true
		offered()
	})
	offered()
	p.tellEnd(s, told, err, asked)
	if err != nil {
		p.n.log.Debug("A handshake failed", "error", err)
	}
	// The other side closes: it reads our last word first.
	select {
	case <-c.Done():
	case <-time.After(time.Second):
		_ = c.Close(closeDone)
	}
}

// tellEnd tells a screen how a handshake ended, which was asked about or not: what
// strangers try to no avail isn't told.
func (p *handshakes) tellEnd(s *ticketScreen, told over, err error, asked bool) {
	var failed *mdn.PairError
	switch {
	case err == nil:
		s.tell(told)
	case errors.As(err, &failed) && failed.Reason == mdn.ReasonKnown:
		s.tell(over(func(context.Context, func(Event) error) error { return p.kind.error(err, nil) }))
	case errors.As(err, &failed) && (asked || failed.Reason == mdn.ReasonWrongAccount):
		s.tell(ticketDead{failed.Reason})
	case asked || len(p.callers) == 1 && !p.tickets.Open(): // nobody else has it
		s.tell(ticketDead{mdn.ReasonRefused})
	}
}

// meet is the handshake with a device that has connected.
func (p *handshakes) meet(ctx context.Context, c *endpoint.Conn, s *ticketScreen, asked func()) (over, error) {
	opening, cancel := context.WithTimeout(ctx, openTimeout)
	stream, err := c.AcceptStream(opening)
	cancel()
	if err != nil {
		return nil, err
	}
	var answer typed
	told, err := p.kind.meet(ctx, c, stream, s, func(ctx context.Context, o mdn.Offer) (string, bool, error) {
		asked()
		var err error
		answer, err = s.ask(ctx, confirm{o, sameNetwork(c.RemoteAddr().Addr())})
		return answer.code, answer.ok, err
	})
	_ = stream.Close() // the other side waits for it
	if answer.done != nil {
		answer.done <- err
	}
	return told, err
}

// binding ties a handshake to a connection.
func binding(c *endpoint.Conn, label string) (b mdn.Binding, err error) {
	exported, err := c.Export(label, nil, len(b.Exporter))
	if err != nil {
		return b, err
	}
	copy(b.Exporter[:], exported)
	b.Joining, b.Account = c.Local(), c.Peer()
	if c.Initiator() {
		b.Joining, b.Account = c.Peer(), c.Local()
	}
	return b, nil
}
