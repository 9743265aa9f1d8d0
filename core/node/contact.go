package node

import (
	"context"
	"errors"
	"time"

	"meadow/core/endpoint"
	"meadow/core/mdn"
)

// newMeeting returns the side of becoming known to a person that shows tickets.
func newMeeting(n *Node) *handshakes {
	return newHandshakes(n, handshake{
		failed: keyMeetFailed,
		asked:  [2]string{"nobody asks to be added", "have the ticket scanned first: `meadow contact accept` there"},
		ticket: func(t mdn.Ticket) []any { return []any{"link", t.Link()} },
		qr:     mdn.Ticket.Link, // so that a phone's camera opens it
		offer:  func(o confirm) []any { return personOffered(o.Offer, o.near) },
		error:  contactError,
		refuse: func() bool { return !n.account.Full() || n.account.Removed() },
		meet:   n.becomeKnown,
	}, mdn.NewContactTickets(n.cfg.Device.Endpoint(), n.cfg.Now))
}

// personOffered is what is told of whoever is at the other end of a handshake, by
// what they say of themselves.
func personOffered(o mdn.Offer, near bool) []any {
	return []any{
		"person", Shown(o.Account), "custodian", o.Custodian.String(), "device", Shown(o.Device), "platform", Shown(o.Platform),
		"same_network", near,
	}
}

// ContactShow shows tickets with which another account can become known to this one,
// and this one to it: it emits one after another until one was taken, the code has been
// typed and both have stored the other. ContactConfirm and ContactRefuse answer what
// it asks.
func (n *Node) ContactShow(ctx context.Context, o ContactShowOptions, emit func(Event) error) error {
	if err := n.mayManage(); err != nil {
		return err
	}
	return n.meeting.show(ctx, newTicketScreen(o.QRFile), o.Timeout, emit)
}

// becomeKnown is the handshake with a device that has scanned a ticket.
func (n *Node) becomeKnown(ctx context.Context, c *endpoint.Conn, stream mdn.Stream, _ *ticketScreen, confirm confirming) (over, error) {
	b, err := binding(c, mdn.ContactLabel)
	if err != nil {
		return nil, err
	}
	p, err := n.account.Show(ctx, stream, b, n.meeting.tickets, confirm)
	if err != nil {
		return nil, err
	}
	n.met(c)
	return func(_ context.Context, emit func(Event) error) error { return n.tellAdded(p, emit) }, nil
}

// met notes where a person's device is, and has it dialled.
func (n *Node) met(c *endpoint.Conn) {
	n.peers.reached(c.Peer(), c.RemoteAddr())
	n.spaces.reread()
	n.peers.kick()
	n.peers.redial(c.Peer())
}

func (n *Node) tellAdded(p mdn.Person, emit func(Event) error) error {
	return emit(event(n.cfg.Now(), "added", "person", n.personName(p), "custodian", p.Custodian.String()))
}

// ContactConfirm gives the code that the other device shows. A wrong one ends the
// attempt.
func (n *Node) ContactConfirm(ctx context.Context, code string) error {
	return n.meeting.reply(ctx, typed{code: code, ok: true, done: make(chan error, 1)})
}

// ContactRefuse turns whoever asks to be added down.
func (n *Node) ContactRefuse(ctx context.Context) error {
	err := n.meeting.reply(ctx, typed{done: make(chan error, 1)})
	var refused *Error
	if errors.As(err, &refused) && refused.Code == CodeRefused {
		return nil // as it was meant
	}
	return err
}

// ContactAccept takes a ticket that somebody shows: it emits the code to type there,
// then returns when both accounts have stored the other.
func (n *Node) ContactAccept(ctx context.Context, o ContactAcceptOptions, emit func(Event) error) error {
	if err := n.mayManage(); err != nil {
		return err
	}
	t, err := mdn.ParseContactTicket(o.Ticket)
	switch {
	case errors.Is(err, mdn.ErrOtherTicket):
		return fail(CodeUsage, "`meadow pair accept` lets a device join; ask the person for theirs: `meadow contact show`",
			"this is the ticket of a device that wants to join an account, not of a person")
	case err != nil:
		return fail(CodeUsage, "copy the whole ticket or link, or its picture", "%v", err)
	case t.Endpoint == n.cfg.Device.Endpoint():
		return fail(CodeUsage, "take the ticket on a device of the other person", "this is this device's own ticket")
	}
	if o.Timeout <= 0 {
		o.Timeout = acceptTimeout
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer time.AfterFunc(o.Timeout, func() { cancel(context.DeadlineExceeded) }).Stop()
	c, err := n.endpoint.Dial(ctx, t.Endpoint, alpnContact, t.Addrs...)
	if err != nil {
		// When the ticket is over is for the other side to say: its clock counts.
		return fail(CodeUnreachable, "check that the ticket is still shown, and that both devices are on one network or have an open port",
			"the other device doesn't answer: %v", err)
	}
	p, err := n.meet(ctx, c, t, o.Timeout, emit)
	_ = c.Close(closeDone)
	if err != nil {
		if errors.Is(context.Cause(ctx), context.DeadlineExceeded) && !isUnanswered(err) {
			return fail(CodeTimeout, "ask for a new ticket and try again", "the code wasn't typed in time; nothing was given or stored")
		}
		return contactError(err, c.Err())
	}
	n.met(c)
	return n.tellAdded(p, emit)
}

// meet is the handshake with the device of a ticket.
func (n *Node) meet(ctx context.Context, c *endpoint.Conn, t mdn.Ticket, wait time.Duration, emit func(Event) error) (mdn.Person, error) {
	stream, err := c.OpenStream(ctx)
	if err != nil {
		return mdn.Person{}, err
	}
	b, err := binding(c, mdn.ContactLabel)
	if err != nil {
		return mdn.Person{}, err
	}
	// A link is for people who are apart, so a code isn't kept back from afar: what is
	// at stake is whose name stands in a list.
	near := sameNetwork(c.RemoteAddr().Addr())
	shower := &codeShower{now: n.cfg.Now, near: true, emit: emit, gone: func() { _ = c.Close(closeDone) }, wait: wait}
	defer shower.stop()
	return n.account.Meet(ctx, stream, b, t.Secret, func(code string, o mdn.Offer) {
		shower.showTo(code, personOffered(o, near))
	})
}

func isUnanswered(err error) bool {
	var failed *mdn.PairError
	return errors.As(err, &failed) && failed.Reason == mdn.ReasonUnanswered
}

// contactError says in a user's words why nobody was added; closed is why the
// connection ended, if it did.
func contactError(err, closed error) error {
	const again = "ask for a new ticket and try again"
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
		return fail(CodeRefused, again, "this was broken off: %v; nothing was given or stored", err)
	}
	switch failed.Reason {
	case mdn.ReasonKnown:
		return fail(CodeExists, "see `meadow contact list`", "you know each other already; nothing was changed")
	case mdn.ReasonExpired:
		return fail(CodeExpired, again, "%v; nothing was given or stored", failed)
	case mdn.ReasonUnanswered:
		return fail(CodeUnanswered, again+": that completes it",
			"the other side was told everything, but its last answer didn't come: it may have added you; you haven't added it")
	case mdn.ReasonRefused:
		if failed.Remote {
			return fail(CodeRefused, again, "the other side refused; nothing was given or stored")
		}
		return fail(CodeRefused, again, "this was refused: %v; nothing was given or stored", errors.Unwrap(failed))
	}
	return fail(CodeRefused, again, "%v; nothing was given or stored", failed)
}
