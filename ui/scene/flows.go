package scene

import (
	"context"

	"meadow/core/node"
)

// Flows implements what the screen of access asks for: what may move over each grant,
// and what does.
func (n *Node) Flows(context.Context) (node.Flows, error) {
	return node.Flows{Flows: []node.Flow{}, Time: at(0)}, nil
}
