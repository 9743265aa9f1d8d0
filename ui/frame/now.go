package frame

import (
	"context"
	"strings"
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
	People(ctx context.Context) ([]node.Person, error)
	Shares(ctx context.Context) ([]node.Share, error)
	Invites(ctx context.Context) ([]node.Invite, error)
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
	Ties
}

// Ties are what binds the account and other people. They change seldom, and are asked
// for less often than the rest.
type Ties struct {
	People  []node.Person
	Shares  []node.Share  // that others have from this account
	Invites []node.Invite // that others offer, or gave
}

// Person returns the person of a custodian id, or of a name.
func (t *Ties) Person(id string) (node.Person, bool) {
	for _, p := range t.People {
		if p.Custodian == id || p.Name == id {
			return p, true
		}
	}
	return node.Person{}, false
}

// Waiting are the invitations that wait for an answer.
func (t *Ties) Waiting() (list []node.Invite) {
	for _, i := range t.Invites {
		if i.State == Offered {
			list = append(list, i)
		}
	}
	return list
}

// The states of shares and invitations.
const (
	Offered  = "offered"
	Accepted = "accepted"
	Declined = "declined"
	Ended    = "ended"
	Expired  = "expired"
)

// tieEvents are those after which ties are others than before; the names begin so.
var tieEvents = []string{"person_", "share", "invit", "set_aside", "recovered"}

func changesTies(events []node.Event) bool {
	for _, e := range events {
		for _, beginning := range tieEvents {
			if strings.HasPrefix(e.Name, beginning) {
				return true
			}
		}
	}
	return false
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

// gatherTies asks a node what binds it and other people.
func gatherTies(ctx context.Context, n Node) (t Ties, err error) {
	if t.People, err = n.People(ctx); err != nil {
		return t, err
	}
	if t.Shares, err = n.Shares(ctx); err != nil {
		return t, err
	}
	t.Invites, err = n.Invites(ctx)
	return t, err
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

// tie adds what binds the account and people, asked again if it is old or may be
// another now.
func (f *Feed) tie(ctx context.Context, now *Now, changed bool) error {
	if now.Status.Custodian == nil {
		return nil
	}
	if changed || time.Since(f.tiesAt) > tiesEvery {
		ties, err := gatherTies(ctx, f.node)
		if err != nil {
			return err
		}
		f.ties, f.tiesAt = ties, time.Now()
	}
	now.Ties = f.ties
	return nil
}
