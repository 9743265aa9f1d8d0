package scene

import (
	"context"
	"strings"
	"time"

	"meadow/core/node"
)

// Contact looks like a person's ticket.
var Contact = "mdncontact1" + strings.Repeat("mfrggzdfmztwq2lknnwg23tpobyxe43u", 4)

// stranger is who is at the other end of a meeting.
func (n *Node) stranger() string {
	if n.Size == Long {
		return longName
	}
	return "Dora Weiss"
}

// Meets are the events of becoming known until one of the name: of who shows the
// ticket, or of who accepts it.
func (n *Node) Meets(shows bool, until string, near bool) []node.Event {
	who := map[string]any{
		"person": n.stranger(), "device": "Dora's laptop", "custodian": id("person", 500), "platform": "darwin",
		"same_network": near, "until": node.Time{Time: At.Add(102 * time.Second)},
	}
	ticket := event("ticket", map[string]any{"ticket": Contact, "link": "meadow://contact/" + Contact, "expires": node.Time{Time: At.Add(43 * time.Second)}})
	added := event("added", map[string]any{"person": n.stranger(), "custodian": id("person", 500)})
	code := map[string]any{"code": "482913"}
	for k, v := range who {
		code[k] = v
	}
	all := []node.Event{event("code", code), added}
	if shows {
		all = []node.Event{ticket, event("confirm", who), added}
		if until == "refused" {
			return []node.Event{ticket, event("confirm", who), event("refused", map[string]any{"code": "wrong_code"}), ticket}
		}
	}
	for i, e := range all {
		if e.Name == until {
			return all[:i+1]
		}
	}
	return nil
}

// meet emits events of becoming known, and knows whoever was added.
func (n *Node) meet(events []node.Event, emit func(node.Event) error) error {
	for _, e := range events {
		if e.Name == "added" {
			n.Friends = append(n.Friends, node.Person{
				Name: n.stranger(), Calls: n.stranger(), Custodian: id("person", 500), Online: true, Added: at(0), LastSeen: ptr(at(0)),
				Devices: []node.PersonDevice{{Name: "Dora's laptop", Endpoint: id("theirs", 500), Kind: "full", Platform: "darwin", Online: true}},
			})
		}
		if err := emit(e); err != nil {
			return err
		}
	}
	return nil
}

// ContactShow implements meet.Node: it emits Shown.
func (n *Node) ContactShow(_ context.Context, _ node.ContactShowOptions, emit func(node.Event) error) error {
	return n.meet(n.Shown, emit)
}

// ContactAccept implements meet.Node: it emits Accepted, and ends with ShownEnd.
func (n *Node) ContactAccept(_ context.Context, _ node.ContactAcceptOptions, emit func(node.Event) error) error {
	if err := n.meet(n.Accepted, emit); err != nil {
		return err
	}
	return n.ShownEnd
}

// ContactConfirm implements meet.Node.
func (n *Node) ContactConfirm(_ context.Context, code string) error {
	n.Typed = code
	return nil
}

// ContactRefuse implements meet.Node.
func (n *Node) ContactRefuse(context.Context) error {
	n.Typed = "refused"
	return nil
}
