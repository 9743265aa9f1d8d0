package scene

import (
	"context"

	"meadow/core/node"
)

// Flows implements what the screen of access asks for: what may move over each grant,
// and what does.
func (n *Node) Flows(context.Context) (node.Flows, error) {
	f := node.FlowsOf(n.State, n.Friends, n.Given, n.Offered)
	for i := range f.Flows {
		flow := &f.Flows[i]
		switch {
		case !flow.Online:
		case flow.Person == "" && flow.Device == n.State.Devices[1].Name && flow.SpaceID == id("space", 0):
			flow.RateIn, flow.BytesIn, flow.BytesOut = 9_400_000, 310_000_000, 1_200_000
		case flow.Custodian != "" && flow.SpaceID == id("space", 0):
			flow.RateOut, flow.BytesOut = 1_100_000, 20_000_000
		default:
			flow.InStep = true
		}
	}
	f.Time = at(0)
	return f, nil
}
