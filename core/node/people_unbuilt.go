package node

import "context"

// What is being built. This file goes.

func unbuilt() error { return fail(CodeInternal, "wait", "not built yet") }

func (n *Node) ContactShow(ctx context.Context, o ContactShowOptions, emit func(Event) error) error {
	return unbuilt()
}

func (n *Node) ContactAccept(ctx context.Context, o ContactAcceptOptions, emit func(Event) error) error {
	return unbuilt()
}
func (n *Node) ContactConfirm(ctx context.Context, code string) error { return unbuilt() }
func (n *Node) ContactRefuse(ctx context.Context) error               { return unbuilt() }
func (n *Node) People(ctx context.Context) ([]Person, error)          { return []Person{}, nil }
func (n *Node) PersonCall(ctx context.Context, person, name string) (Person, error) {
	return Person{}, unbuilt()
}

func (n *Node) PersonBlock(ctx context.Context, person string, blocked bool) (Person, error) {
	return Person{}, unbuilt()
}
func (n *Node) PersonForget(ctx context.Context, person string) error { return unbuilt() }
func (n *Node) Picture(ctx context.Context) ([]byte, error)           { return nil, nil }
func (n *Node) SetPicture(ctx context.Context, image []byte) error    { return unbuilt() }

func (n *Node) SetAsideList(ctx context.Context, space string) ([]SetAside, error) {
	return []SetAside{}, nil
}

func (n *Node) SetAsideAdopt(ctx context.Context, ids []string) (int, error) { return 0, unbuilt() }
func (n *Node) SetAsideDrop(ctx context.Context, ids []string) (int, error)  { return 0, unbuilt() }
