package node

import (
	"context"
	"errors"
	"time"

	"meadow/core/endpoint"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// PairAccept lets the device of a ticket join this account: it emits the code to
// type there, then returns when that device has stored what it was given. What
// that device will be is settled before, or by options.Choose once it is known
// which one it is.
func (n *Node) PairAccept(ctx context.Context, o PairAcceptOptions, emit func(Event) error) error {
	if err := n.mayManage(); err != nil {
		return err
	}
	a := &acceptance{n: n, options: o, emit: emit, wait: o.Timeout}
	if a.wait <= 0 {
		a.wait = acceptTimeout
	}
	if o.Choose == nil {
		var err error
		if a.give.Spaces, err = n.offered(o.Kind, o.Spaces); err != nil {
			return err
		}
		a.give.Kind = o.Kind
	}
	return a.run(ctx)
}

// offered checks what a new device is to be and returns the spaces it gets.
func (n *Node) offered(kind, spaces string) ([]willow.NamespaceID, error) {
	if kind != "" && kind != mdn.Full && kind != mdn.Limited {
		return nil, fail(CodeUsage, "give full or limited", "a device can't be %q", kind)
	}
	if spaces == "" {
		return nil, nil // all
	}
	return n.chosenSpaces(spaces)
}

// acceptance is one run of PairAccept.
type acceptance struct {
	n       *Node
	options PairAcceptOptions
	give    mdn.AcceptOptions
	emit    func(Event) error
	wait    time.Duration // for the code to be typed
	patient *time.Timer   // ends the attempt
}

func (a *acceptance) run(ctx context.Context) error {
	n := a.n
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	wait := a.wait
	if a.options.Choose != nil {
		wait = choiceTimeout
	}
	a.patient = time.AfterFunc(wait, func() { cancel(context.DeadlineExceeded) })
	defer a.patient.Stop()
	t, err := n.ticketFor(ctx, a.options)
	if err != nil {
		return err
	}
	c, err := n.endpoint.Dial(ctx, t.Endpoint, alpnPair, t.Addrs...)
	if err != nil {
		// When the ticket is over is for the other side to say: its clock counts.
		return fail(CodeUnreachable, "check that both devices are on one network and that the ticket is still shown",
			"the other device doesn't answer: %v", err)
	}
	d, err := a.accept(ctx, c, t)
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
		return n.tellPaired(ctx, d, a.emit)
	}
	return acceptError(ctx, err, c.Err())
}

// acceptError says in a user's words why no device was added; closed is why the
// connection ended, if it did.
func acceptError(ctx context.Context, err, closed error) error {
	var failed *mdn.PairError
	var told *Error
	switch {
	case errors.As(err, &told):
		return told
	case errors.As(err, &failed) && failed.Reason == mdn.ReasonUnanswered:
		return fail(CodeUnanswered, "see on it, and in `meadow device list`; pair it again if it hasn't joined",
			"the device was let in but its last answer didn't come: it may have joined")
	case errors.Is(err, mdn.ErrOldDevice):
		return fail(CodeRefused, "update Meadow on the other device, then show a new ticket",
			"the other device's version of Meadow can't be a limited device; nothing was given")
	case errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		return fail(CodeTimeout, "show a new ticket and try again", "the code wasn't typed in time; nothing was given")
	default:
		return pairError(err, closed)
	}
}

func (a *acceptance) accept(ctx context.Context, c *endpoint.Conn, t mdn.Ticket) (mdn.DeviceInfo, error) {
	stream, err := c.OpenStream(ctx)
	if err != nil {
		return mdn.DeviceInfo{}, err
	}
	b, err := binding(c, mdn.ExporterLabel)
	if err != nil {
		return mdn.DeviceInfo{}, err
	}
	shower := &codeShower{
		now: a.n.cfg.Now, near: sameNetwork(c.RemoteAddr().Addr()), emit: a.emit,
		gone: func() { _ = c.Close(closeDone) }, wait: a.wait,
	}
	defer shower.stop()
	give := a.give
	give.ShowCode = shower.show
	if a.options.Choose != nil {
		give.Choose = func(ctx context.Context, peer mdn.DeviceInfo) (string, []willow.NamespaceID, error) {
			return a.choose(ctx, shower, peer)
		}
	}
	return a.n.account.Accept(ctx, stream, b, t.Secret, give)
}

// choose tells which device is there, and asks what it is to be.
func (a *acceptance) choose(ctx context.Context, s *codeShower, peer mdn.DeviceInfo) (string, []willow.NamespaceID, error) {
	s.tell("found", s.about(peer)...)
	kind, spaces, err := a.options.Choose(ctx)
	if err != nil {
		return "", nil, err
	}
	chosen, err := a.n.offered(kind, spaces)
	a.patient.Reset(a.wait)
	return kind, chosen, err
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
