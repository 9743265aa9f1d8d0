package frame

import (
	"context"
	"time"

	"meadow/core/node"
)

// Node is what the frame itself needs of a node.
type Node interface {
	Status(ctx context.Context) (node.Status, error)
	HoldList(ctx context.Context) ([]node.Hold, error)
	Events(ctx context.Context, follow bool, emit func(node.Event) error) error
	Pause(ctx context.Context, d time.Duration) (node.Status, error)
	Resume(ctx context.Context) (node.Status, error)
}

// Now is what is so at a moment. It is never changed once it is made, so that it
// may be kept and compared.
type Now struct {
	At     time.Time
	Status node.Status
	Holds  []node.Hold
	Events []node.Event // since the Now before; at most eventsKept
	// Missed is that more happened than Events has.
	Missed bool
}

// Space returns the space of an id.
func (n *Now) Space(id string) (node.Space, bool) {
	for _, s := range n.Status.Spaces {
		if s.ID == id {
			return s, true
		}
	}
	return node.Space{}, false
}

// Has reports whether one of the events since the last Now has one of the names.
func (n *Now) Has(names ...string) bool {
	for _, e := range n.Events {
		for _, name := range names {
			if e.Name == name {
				return true
			}
		}
	}
	return n.Missed
}

// gather asks a node what is so.
func gather(ctx context.Context, n Node, f func() time.Time) (*Now, error) {
	s, err := n.Status(ctx)
	if err != nil {
		return nil, err
	}
	now := &Now{At: f(), Status: s}
	if s.Custodian != nil {
		if now.Holds, err = n.HoldList(ctx); err != nil {
			return nil, err
		}
	}
	return now, nil
}
