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
	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/qr"
	"meadow/core/willow"
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

// pairing is the joining side: at most one join screen is open, and at most one
// offer is shown on it.
type pairing struct {
	n       *Node
	tickets *mdn.Tickets
	callers chan struct{} // has room for those that may talk at once

	mu   sync.Mutex // guards all below
	open *joinScreen
}

// joinScreen is one run of PairShow.
type joinScreen struct {
	options PairShowOptions
	only    *willow.NamespaceID
	news    chan any      // of ticketDead, confirm and joined
	closed  chan struct{} // the screen is gone

	mu    sync.Mutex // guards answer
	offer chan typed // where an answer goes; nil while nothing is asked
}

type (
	ticketDead struct{ reason mdn.Reason }
	confirm    struct{ mdn.Offer }
	joined     struct {
		mdn.Result
		from key.Endpoint
	}
	// typed is a person's answer to an offer; what became of it goes to done.
	typed struct {
		code string
		ok   bool
		done chan error
	}
)

func newPairing(n *Node) *pairing {
	return &pairing{n: n, tickets: mdn.NewTickets(n.cfg.Device.Endpoint(), n.cfg.Now), callers: make(chan struct{}, maxCallers)}
}

// PairShow opens the join screen: it emits a ticket a minute until a device of
// an account takes one, the code has been typed and this device has joined.
// PairConfirm and PairRefuse answer what it asks.
func (n *Node) PairShow(ctx context.Context, o PairShowOptions, emit func(Event) error) error {
	if n.account.Removed() {
		return removedHere(n.account.Name())
	}
	if n.account.Paired() {
		return fail(CodeAlreadyPaired, "make another home for another account",
			"this device belongs to the account %s already", n.account.Name())
	}
	screen := &joinScreen{options: o, news: make(chan any, 8), closed: make(chan struct{})}
	if o.Custodian != "" {
		id, err := key.ParseNamespace(o.Custodian)
		if err != nil {
			return fail(CodeUsage, "see `meadow status` on a device of the account", "%q isn't a custodian id", o.Custodian)
		}
		screen.only = &id
	}
	if err := n.pairing.begin(screen); err != nil {
		return err
	}
	defer n.pairing.end(screen)
	if o.Timeout <= 0 {
		o.Timeout = showTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	return n.showTickets(ctx, screen, emit)
}

// load goes on with the failed attempts that were before a restart.
func (p *pairing) load(ctx context.Context) error {
	b, _, err := p.n.cfg.Local.Value(ctx, keyPairFailed)
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
			err = p.n.cfg.Local.PutValues(context.WithoutCancel(ctx), map[string][]byte{keyPairFailed: b})
		}
		if err != nil {
			p.n.log.Warn("A failed attempt to pair wasn't noted", "error", err)
		}
	})
	return nil
}

func (p *pairing) begin(s *joinScreen) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open != nil {
		return fail(CodeExists, "end the other one first", "a join screen is open already")
	}
	p.open = s
	return nil
}

func (p *pairing) end(s *joinScreen) {
	p.mu.Lock()
	p.open = nil
	p.mu.Unlock()
	p.n.nearby.Hide()
	close(s.closed)
	if s.options.QRFile != "" {
		_ = os.Remove(s.options.QRFile)
	}
}

func (p *pairing) screen() *joinScreen {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open
}

// showTickets is the join screen's loop.
func (n *Node) showTickets(ctx context.Context, s *joinScreen, emit func(Event) error) error {
	expires, err := n.showTicket(ctx, s, emit)
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
				n.nearby.Hide() // that ticket has had its attempt
				err = emit(event(n.cfg.Now(), "confirm", "account", news.Account,
					"custodian", news.Custodian.String(), "device", news.Device, "kind", news.Kind,
					"until", Time{n.cfg.Now().Add(typingTimeout)}))
			case ticketDead:
				asking, renew = false, true
				err = emit(event(n.cfg.Now(), "refused", "code", string(news.reason)))
			case joined:
				return n.showJoined(ctx, news, emit)
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
			expires, err = n.showTicket(ctx, s, emit)
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

// showTicket issues a ticket and shows it, also on this network.
func (n *Node) showTicket(ctx context.Context, s *joinScreen, emit func(Event) error) (expires time.Time, err error) {
	t, err := n.pairing.tickets.Issue(n.endpoint.Addrs())
	var rest *mdn.RestError
	if errors.As(err, &rest) {
		return expires, fail(CodeTooMany, "try again after "+rest.Until.Local().Format("15:04:05"),
			"three attempts to pair failed; this device rests for ten minutes")
	}
	if err != nil {
		return expires, err
	}
	n.showNearby(ctx, t)
	fields := []any{"ticket", t.String(), "expires", Time{t.Expires}, "qr", nil}
	if file := s.options.QRFile; file != "" {
		if err := writePicture(file, t.String()); err != nil {
			return expires, fail(CodeIO, "choose another file for --qr", "can't write the picture: %v", err)
		}
		fields[5] = file
	}
	return t.Expires, emit(event(n.cfg.Now(), "ticket", fields...))
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

// showJoined waits for the account's first entries, then tells what was joined.
func (n *Node) showJoined(ctx context.Context, j joined, emit func(Event) error) error {
	ctx, cancel := context.WithTimeout(ctx, firstSync)
	defer cancel()
	for next := 0; ctx.Err() == nil; {
		_, end, more := n.bus.since(next)
		if n.hasSpaces(j.Spaces) {
			break
		}
		next = end
		select {
		case <-more:
		case <-ctx.Done():
		}
	}
	ctx = context.WithoutCancel(ctx)
	spaces, err := n.SpaceList(ctx)
	if err != nil {
		return err
	}
	d, err := n.described(ctx, j.from)
	if err != nil {
		return err
	}
	return emit(event(n.cfg.Now(), "paired", "custodian", j.Custodian.String(), "device", d, "spaces", spaces))
}

func (n *Node) hasSpaces(want []mdn.SpaceInfo) bool {
	n.spaces.mu.Lock()
	defer n.spaces.mu.Unlock()
	for _, s := range want {
		if n.spaces.open[s.ID] == nil {
			return false
		}
	}
	return n.deviceKnown(n.cfg.Device.Endpoint())
}

// ask shows an offer and waits for a person's answer, for typingTimeout. A screen
// that closes, or shows another offer, says no.
func (s *joinScreen) ask(ctx context.Context, o mdn.Offer) (typed, error) {
	ctx, cancel := context.WithTimeout(ctx, typingTimeout)
	defer cancel()
	answers := make(chan typed, 1)
	s.mu.Lock()
	busy := s.offer != nil
	if !busy {
		s.offer = answers
	}
	s.mu.Unlock()
	if busy {
		return typed{}, nil
	}
	s.tell(confirm{o})
	var err error
	select {
	case a := <-answers:
		return a, nil
	case <-s.closed:
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.mu.Lock()
	s.offer = nil
	s.mu.Unlock()
	select {
	case a := <-answers: // it came at the same moment, and somebody waits for what becomes of it
		return a, err
	default:
		return typed{}, err
	}
}

// tell hands news to the join screen's loop; a screen that closed misses it.
func (s *joinScreen) tell(news any) {
	select {
	case s.news <- news:
	default:
	}
}

// reply answers what the screen asks; it reports false if it asks nothing.
func (s *joinScreen) reply(a typed) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.offer == nil {
		return false
	}
	s.offer <- a
	s.offer = nil
	return true
}

// PairConfirm gives the code that the account's device shows. A wrong one ends
// the attempt.
func (n *Node) PairConfirm(ctx context.Context, code string) error {
	return n.replyToOffer(ctx, typed{code: code, ok: true, done: make(chan error, 1)})
}

// PairRefuse turns the offer down.
func (n *Node) PairRefuse(ctx context.Context) error {
	err := n.replyToOffer(ctx, typed{done: make(chan error, 1)})
	var refused *Error
	if errors.As(err, &refused) && refused.Code == CodeRefused {
		return nil // as it was meant
	}
	return err
}

func (n *Node) replyToOffer(ctx context.Context, a typed) error {
	s := n.pairing.screen()
	if s == nil || !s.reply(a) {
		return fail(CodeNotFound, "scan the ticket with a device of the account first", "no device asks this one to join")
	}
	select {
	case err := <-a.done:
		return pairError(err, nil)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func binding(c *endpoint.Conn) (b mdn.Binding, err error) {
	exported, err := c.Export(mdn.ExporterLabel, nil, len(b.Exporter))
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

// pairError says in a user's words why pairing failed; closed is why the
// connection ended, if it did.
func pairError(err, closed error) error {
	if err == nil {
		return nil
	}
	var end *endpoint.CloseError
	var failed *mdn.PairError
	switch {
	case errors.As(err, &failed):
	case errors.As(closed, &end) && end.Remote && end.Code == closeNoTicket:
		failed = &mdn.PairError{Reason: mdn.ReasonExpired}
	default:
		return fail(CodeRefused, "show a new ticket and try again", "pairing was broken off: %v; nothing was given or stored", err)
	}
	code := CodeRefused
	switch failed.Reason {
	case mdn.ReasonExpired:
		code = CodeExpired
	case mdn.ReasonAlreadyPaired:
		code = CodeAlreadyPaired
	}
	return fail(code, "show a new ticket and try again", "%v; nothing was given or stored", failed)
}
