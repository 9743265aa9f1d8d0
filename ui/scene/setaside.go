package scene

import (
	"context"
	"fmt"
	"slices"
	"time"

	"meadow/core/node"
)

// PutAside makes up so many files that were set aside in a space.
func (n *Node) PutAside(space, files int) {
	sp := n.State.Spaces[space]
	for i := range files {
		f := node.SetAside{
			ID: fmt.Sprintf("aside%d", i), Space: sp.Name, Path: fmt.Sprintf("Drafts/Note %d.md", i), Author: "Bob's Tower",
			Time: at(time.Duration(i) * time.Hour), Bytes: 1200 * int64(i+1), Here: i%5 != 4, Op: "write",
		}
		if i%7 == 2 {
			f.Op, f.Bytes = "delete", 0
		}
		n.aside = append(n.aside, f)
	}
}

// SetAsideList implements what the screen of a space asks for.
func (n *Node) SetAsideList(_ context.Context, space string) ([]node.SetAside, error) {
	list := []node.SetAside{}
	sp, err := n.space(space)
	if err != nil {
		return list, err
	}
	for _, f := range n.aside {
		if f.Space == sp.Name {
			list = append(list, f)
		}
	}
	return list, nil
}

// SetAsideAdopt implements what the screen of a space asks for.
func (n *Node) SetAsideAdopt(ctx context.Context, ids []string) (int, error) {
	return n.SetAsideDrop(ctx, ids)
}

// SetAsideDrop implements what the screen of a space asks for.
func (n *Node) SetAsideDrop(_ context.Context, ids []string) (int, error) {
	before := len(n.aside)
	n.aside = slices.DeleteFunc(n.aside, func(f node.SetAside) bool { return slices.Contains(ids, f.ID) })
	return before - len(n.aside), nil
}
