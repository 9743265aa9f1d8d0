package scene

import (
	"context"
	"fmt"

	"meadow/core/node"
)

// HoldShow lists the files of a hold.
func (n *Node) HoldShow(_ context.Context, id string) ([]node.HeldFile, error) {
	for _, h := range n.Holds {
		if h.ID != id {
			continue
		}
		files := make([]node.HeldFile, h.Removes)
		for i := range files {
			name := fmt.Sprintf("IMG_%04d.jpg", 1200+i)
			if n.Size == Long {
				name = fmt.Sprintf("%s %d.jpg", longName, i)
			}
			files[i] = node.HeldFile{Path: fmt.Sprintf("%d/%s", 2014+i/150, name), Bytes: int64(1_800_000 + i*7919%2_400_000)}
		}
		return files, nil
	}
	return nil, &node.Error{Code: node.CodeNotFound, Message: "the hold is over; nothing was changed", Hint: "see what is held now"}
}

// HoldAllow ends a hold.
func (n *Node) HoldAllow(_ context.Context, id string) (node.Hold, error) { return n.endHold(id) }

// HoldKeep ends a hold.
func (n *Node) HoldKeep(_ context.Context, id string) (node.Hold, error) { return n.endHold(id) }

func (n *Node) endHold(id string) (node.Hold, error) {
	for i, h := range n.Holds {
		if h.ID != id {
			continue
		}
		n.Holds = append(n.Holds[:i:i], n.Holds[i+1:]...)
		for j := range n.State.Spaces {
			if n.State.Spaces[j].Name == h.Space {
				n.State.Spaces[j].Holds--
			}
		}
		return h, nil
	}
	return node.Hold{}, &node.Error{Code: node.CodeNotFound, Message: "the hold is over; nothing was changed", Hint: "see what is held now"}
}
