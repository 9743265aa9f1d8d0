package node

import (
	"context"
	"errors"
	"sync"
	"time"

	"meadow/core/activity"
	"meadow/core/endpoint"
	"meadow/core/mdn"
)

// answer handles a connection from a device that scanned a ticket.
func (p *pairing) answer(ctx context.Context, c *endpoint.Conn) {
	s := p.screen()
	if s == nil || p.n.account.Paired() {
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
	result, err := p.join(ctx, c, s, func() {
		asked = true
		offered()
	})
	offered()
	var failed *mdn.PairError
	switch {
	case err == nil:
		p.n.journal.note(activity.Row{Kind: ActivityJoined, Details: details("account", p.n.account.Name())})
		p.n.peers.reached(c.Peer(), c.RemoteAddr())
		p.n.spaces.reread()
		p.n.peers.kick()
		s.tell(joined{result, c.Peer()})
	case errors.As(err, &failed) && (asked || failed.Reason == mdn.ReasonWrongAccount):
		s.tell(ticketDead{failed.Reason})
	case asked || len(p.callers) == 1 && !p.tickets.Open(): // nobody else has it
		s.tell(ticketDead{mdn.ReasonRefused})
	}
	if err != nil {
		p.n.log.Debug("Pairing failed", "error", err)
	}
	// The other side closes: it reads our last word first.
	select {
	case <-c.Done():
	case <-time.After(time.Second):
		_ = c.Close(closeDone)
	}
}

// endWith has cancel called when the screen closes; offered ends that.
func (s *joinScreen) endWith(cancel func()) (offered func()) {
	over := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case <-s.closed:
			cancel()
		case <-over:
		}
	})
	return sync.OnceFunc(func() {
		close(over)
		watch.Wait()
	})
}

func (p *pairing) join(ctx context.Context, c *endpoint.Conn, s *joinScreen, asked func()) (mdn.Result, error) {
	opening, cancel := context.WithTimeout(ctx, openTimeout)
	stream, err := c.AcceptStream(opening)
	cancel()
	if err != nil {
		return mdn.Result{}, err
	}
	b, err := binding(c)
	if err != nil {
		return mdn.Result{}, err
	}
	var answer typed
	result, err := p.n.account.Join(ctx, stream, b, p.tickets, mdn.JoinOptions{
		Device: p.n.selfName(ctx), Platform: platform(), Custodian: s.only,
		Confirm: func(ctx context.Context, o mdn.Offer) (string, bool, error) {
			asked()
			var err error
			answer, err = s.ask(ctx, o)
			return answer.code, answer.ok, err
		},
	})
	_ = stream.Close() // the other side waits for it
	if answer.done != nil {
		answer.done <- err
	}
	return result, err
}
