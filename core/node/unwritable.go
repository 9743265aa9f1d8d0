package node

import (
	"context"
	"slices"
)

// Unwritable lists what of a space its folder on this device can't hold, and what in
// the folder can't be read.
func (n *Node) Unwritable(ctx context.Context, name string) ([]Unwritable, error) {
	sp, err := n.spaces.find(name)
	if err != nil {
		return nil, err
	}
	own := sp.name()
	list := slices.DeleteFunc(n.unwritable(), func(u Unwritable) bool { return u.Space != own })
	return n.proposed(ctx, list)
}
