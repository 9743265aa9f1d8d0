package node

import (
	"context"

	"meadow/core/activity"
	"meadow/core/endpoint"
	"meadow/core/mdn"
)

// join makes this device one of the account whose device has dialled.
func (n *Node) join(ctx context.Context, c *endpoint.Conn, stream mdn.Stream, s *ticketScreen, confirm confirming) (over, error) {
	b, err := binding(c, mdn.ExporterLabel)
	if err != nil {
		return nil, err
	}
	result, err := n.account.Join(ctx, stream, b, n.pairing.tickets, mdn.JoinOptions{
		Device: n.selfName(ctx), Platform: platform(), Custodian: s.only, Confirm: confirm,
	})
	if err != nil {
		return nil, err
	}
	n.journal.note(activity.Row{Kind: ActivityJoined, Details: details("account", n.account.Name())})
	n.peers.reached(c.Peer(), c.RemoteAddr())
	n.spaces.reread()
	n.peers.kick()
	return func(ctx context.Context, emit func(Event) error) error {
		return n.showJoined(ctx, joined{result, c.Peer()}, emit)
	}, nil
}
