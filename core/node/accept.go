package node

import (
	"context"
	"errors"

	"meadow/core/endpoint"
	"meadow/core/mdn"
)

// PairAccept lets the device of a ticket join this account: it emits the code to
// type there, then returns when that device has stored what it was given.
func (n *Node) PairAccept(ctx context.Context, o PairAcceptOptions, emit func(Event) error) error {
	if !n.account.Paired() {
		return notPaired()
	}
	if err := n.twins.refuse(); err != nil {
		return err
	}
	if o.Timeout <= 0 {
		o.Timeout = acceptTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	t, err := n.ticketFor(ctx, o)
	if err != nil {
		return err
	}
	c, err := n.endpoint.Dial(ctx, t.Endpoint, alpnPair, t.Addrs...)
	if err != nil {
		// When the ticket is over is for the other side to say: its clock counts.
		return fail(CodeUnreachable, "check that both devices are on one network and that the ticket is still shown",
			"the other device doesn't answer: %v", err)
	}
	d, err := n.accept(ctx, c, t, emit)
	_ = c.Close(closeDone)
	var failed *mdn.PairError
	unanswered := errors.As(err, &failed) && failed.Reason == mdn.ReasonUnanswered
	if err == nil || unanswered {
		n.peers.reached(t.Endpoint, c.RemoteAddr())
		n.spaces.reread()
		n.peers.kick()
	}
	switch {
	case err == nil:
		n.bus.emit("paired", "device", d.Name)
		return n.tellPaired(ctx, d, emit)
	case unanswered:
		return fail(CodeUnanswered, "see on it, and in `meadow device list`; pair it again if it hasn't joined",
			"the device was let in but its last answer didn't come: it may have joined")
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fail(CodeTimeout, "show a new ticket and try again", "the code wasn't typed in time; nothing was given")
	default:
		return pairError(err, c.Err())
	}
}

func (n *Node) accept(ctx context.Context, c *endpoint.Conn, t mdn.Ticket, emit func(Event) error) (mdn.DeviceInfo, error) {
	stream, err := c.OpenStream(ctx)
	if err != nil {
		return mdn.DeviceInfo{}, err
	}
	b, err := binding(c)
	if err != nil {
		return mdn.DeviceInfo{}, err
	}
	shower := &codeShower{
		now: n.cfg.Now, near: sameNetwork(c.RemoteAddr().Addr()), emit: emit,
		gone: func() { _ = c.Close(closeDone) },
	}
	defer shower.stop()
	return n.account.Accept(ctx, stream, b, t.Secret, mdn.AcceptOptions{ShowCode: shower.show})
}

func (n *Node) ticketFor(ctx context.Context, o PairAcceptOptions) (mdn.Ticket, error) {
	if o.Nearby != "" {
		return n.nearbyTicket(ctx, o.Nearby)
	}
	t, err := mdn.ParseTicket(o.Ticket)
	if err != nil {
		return t, fail(CodeUsage, "copy the whole ticket, or its picture", "%v", err)
	}
	return t, nil
}

func (n *Node) tellPaired(ctx context.Context, d mdn.DeviceInfo, emit func(Event) error) error {
	spaces, err := n.SpaceList(ctx)
	if err != nil {
		return err
	}
	shown, err := n.described(ctx, d.Endpoint)
	if err != nil {
		return err
	}
	return emit(event(n.cfg.Now(), "paired", "device", shown, "spaces", spaces))
}
