package node

import (
	"context"
	"errors"

	"meadow/core/endpoint"
	"meadow/core/key"
	"meadow/core/mdn"
)

// joined is what a device has after joining, and from which device.
type joined struct {
	mdn.Result
	from key.Endpoint
}

// newPairing returns the joining side of pairing.
func newPairing(n *Node) *handshakes {
	return newHandshakes(n, handshake{
		failed: keyPairFailed, near: true,
		asked:  [2]string{"no device asks this one to join", "scan the ticket with a device of the account first"},
		ticket: func(mdn.Ticket) []any { return nil },
		qr:     mdn.Ticket.String,
		offer: func(o confirm) []any {
			return []any{"account", o.Account, "custodian", o.Custodian.String(), "device", o.Device, "kind", o.Kind}
		},
		error:  pairError,
		refuse: func() bool { return n.account.Paired() },
		meet:   n.join,
	}, mdn.NewTickets(n.cfg.Device.Endpoint(), n.cfg.Now))
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
	screen := newTicketScreen(o.QRFile)
	if o.Custodian != "" {
		id, err := key.ParseNamespace(o.Custodian)
		if err != nil {
			return fail(CodeUsage, "see `meadow status` on a device of the account", "%q isn't a custodian id", o.Custodian)
		}
		screen.only = &id
	}
	return n.pairing.show(ctx, screen, o.Timeout, emit)
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

// PairConfirm gives the code that the account's device shows. A wrong one ends
// the attempt.
func (n *Node) PairConfirm(ctx context.Context, code string) error {
	return n.pairing.reply(ctx, typed{code: code, ok: true, done: make(chan error, 1)})
}

// PairRefuse turns the offer down.
func (n *Node) PairRefuse(ctx context.Context) error {
	err := n.pairing.reply(ctx, typed{done: make(chan error, 1)})
	var refused *Error
	if errors.As(err, &refused) && refused.Code == CodeRefused {
		return nil // as it was meant
	}
	return err
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
