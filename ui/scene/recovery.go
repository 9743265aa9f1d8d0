package scene

import (
	"context"

	"meadow/core/node"
)

// Recovering has the account come back by its words.
func (n *Node) Recovering(state string) {
	n.State.Recovery = &node.Recovery{State: state, Since: at(0), Spaces: 3, Missing: 812_000_000, Says: "what is left comes as devices connect"}
	if state == node.RecoveryDone {
		n.State.Recovery.Missing, n.State.Recovery.LeftOut = 0, []string{"Old laptop"}
	}
}

// RecoveryNow implements home.Node.
func (n *Node) RecoveryNow(context.Context) (node.Recovery, error) {
	n.Recovering(node.RecoveryDone)
	return *n.State.Recovery, nil
}
