package node

import "context"

// What is being built. This file goes.

func unbuilt() error { return fail(CodeInternal, "wait", "not built yet") }

func (n *Node) SetAsideList(ctx context.Context, space string) ([]SetAside, error) {
	return []SetAside{}, nil
}

func (n *Node) SetAsideAdopt(ctx context.Context, ids []string) (int, error) { return 0, unbuilt() }
func (n *Node) SetAsideDrop(ctx context.Context, ids []string) (int, error)  { return 0, unbuilt() }
