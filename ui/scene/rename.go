package scene

import (
	"context"

	"meadow/core/node"
)

// DeviceRename implements settings.Node.
func (n *Node) DeviceRename(_ context.Context, device, name string) (node.Device, error) {
	for i, d := range n.State.Devices {
		if d.Endpoint == device || d.Name == device {
			n.State.Devices[i].Name = name
			if d.Self {
				n.State.Device = name
			}
			return n.State.Devices[i], nil
		}
	}
	return node.Device{}, &node.Error{Code: node.CodeNotFound, Message: "no device has that name"}
}
