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
	if err := n.mayManage(); err != nil {
		return err
	}
	if o.Kind != "" && o.Kind != mdn.Full && o.Kind != mdn.Limited {
		return fail(CodeUsage, "give full or limited", "a device can't be %q", o.Kind)
	}
	if o.Spaces == "" {
		o.Spaces = "all"
	}
	chosen, err := n.chosenSpaces(o.Spaces)
	if err != nil {
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
	d, err := n.accept(ctx, c, t, mdn.AcceptOptions{Kind: o.Kind, Spaces: chosen}, emit)
	_ = c.Close(closeDone)
	var failed *mdn.PairError
	unanswered := errors.As(err, &failed) && failed.Reason == mdn.ReasonUnanswered
	if err == nil || unanswered {
		n.peers.reached(t.Endpoint, c.RemoteAddr())
		n.spaces.reread()
		n.peers.kick()
	}
	if err == nil {
		n.bus.emit("paired", "device", d.Name)
		return n.tellPaired(ctx, d, emit)
	}
	return acceptError(ctx, err, c.Err())
}

// acceptError says in a user's words why no device was added; closed is why the
// connection ended, if it did.
func acceptError(ctx context.Context, err, closed error) error {
	var failed *mdn.PairError
	switch {
	case errors.As(err, &failed) && failed.Reason == mdn.ReasonUnanswered:
		return fail(CodeUnanswered, "see on it, and in `meadow device list`; pair it again if it hasn't joined",
			"the device was let in but its last answer didn't come: it may have joined")
	case errors.Is(err, mdn.ErrOldDevice):
		return fail(CodeRefused, "update Meadow on the other device, then show a new ticket",
			"the other device's version of Meadow can't be a limited device; nothing was given")
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fail(CodeTimeout, "show a new ticket and try again", "the code wasn't typed in time; nothing was given")
	default:
		return pairError(err, closed)
	}
}

func (n *Node) accept(ctx context.Context, c *endpoint.Conn, t mdn.Ticket, o mdn.AcceptOptions, emit func(Event) error) (mdn.DeviceInfo, error) {
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
	o.ShowCode = shower.show
	return n.account.Accept(ctx, stream, b, t.Secret, o)
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
