package scene

import (
	"context"
	"strings"
	"time"

	"meadow/core/node"
)

// Words are an account's, for pictures.
const Words = "abandon ability able about above absent absorb abstract absurd abuse access accident " +
	"account accuse achieve acid acoustic acquire across act action actor actress address"

// Ticket looks like one.
var Ticket = "mdnpair1" + strings.Repeat("mfrggzdfmztwq2lknnwg23tpobyxe43u", 4)

// Host is a program around a window that makes nothing.
type Host struct{ Size Size }

// DeviceName implements first.Host.
func (h Host) DeviceName() string {
	if h.Size == Long {
		return longName[:90]
	}
	return "Laptop"
}

// Make implements first.Host.
func (Host) Make(context.Context, string, string, func(string) error) error { return nil }

// MakeJoining implements first.Host.
func (Host) MakeJoining(context.Context, string) error { return nil }

// Recover implements first.Host.
func (Host) Recover(_ context.Context, _, _, from string) error {
	if from != "" && !strings.Contains(from, ":") {
		return &node.Error{Code: node.CodeUsage, Message: "\"" + from + "\" isn't an address", Hint: "give IP:PORT, such as 192.168.1.20:4711"}
	}
	return nil
}

// event makes one of a pairing.
func event(name string, fields map[string]any) node.Event {
	return node.Event{Name: name, Time: at(0), Fields: fields}
}

func (n *Node) account() string { return *n.State.Name }

// older is the device that lets this one in.
func (n *Node) older() string {
	if n.Size == Long {
		return longName
	}
	return "Desk"
}

// Joining makes it a node of no account, whose join screen shows what Shows says.
func (n *Node) Joining(until string) *Node {
	n.Shown = n.Shows(until)
	n.State.Device = Host{n.Size}.DeviceName()
	return n
}

// Shows are the events of a join screen until one of the name; "" is until the ticket.
func (n *Node) Shows(until string) []node.Event {
	ticket := event("ticket", map[string]any{"ticket": Ticket, "expires": node.Time{Time: At.Add(43 * time.Second)}})
	offer := event("confirm", map[string]any{
		"account": n.account(), "device": n.older(), "kind": "full", "until": node.Time{Time: At.Add(102 * time.Second)},
	})
	switch until {
	case "confirm":
		return []node.Event{ticket, offer}
	case "refused":
		return []node.Event{ticket, offer, event("refused", map[string]any{"code": "wrong_code"}), ticket}
	case "paired":
		return []node.Event{ticket, offer, event("paired", map[string]any{"spaces": n.State.Spaces})}
	}
	return []node.Event{ticket}
}

// PairShow implements first.Node: it emits Shown and ends with ShownEnd.
func (n *Node) PairShow(_ context.Context, _ node.PairShowOptions, emit func(node.Event) error) error {
	for _, e := range n.Shown {
		if err := emit(e); err != nil {
			return err
		}
	}
	return n.ShownEnd
}

// PairConfirm implements first.Node.
func (n *Node) PairConfirm(context.Context, string) error { return nil }

// PairRefuse implements first.Node.
func (n *Node) PairRefuse(context.Context) error { return nil }

// Accepts are the events of letting a device in until one of the name, which is on
// this network or isn't.
func (n *Node) Accepts(until string, near bool) []node.Event {
	who := func(name string, more map[string]any) node.Event {
		fields := map[string]any{"device": Host{n.Size}.DeviceName(), "platform": "darwin", "same_network": near}
		for k, v := range more {
			fields[k] = v
		}
		return event(name, fields)
	}
	all := []node.Event{
		who("found", nil),
		who("waiting", map[string]any{"until": node.Time{Time: At.Add(7 * time.Second)}}),
		who("code", map[string]any{"code": "482913", "until": node.Time{Time: At.Add(102 * time.Second)}}),
		event("paired", map[string]any{"device": node.Device{Name: Host{n.Size}.DeviceName(), Endpoint: id("device", 9)}}),
	}
	for i, e := range all {
		if e.Name == until {
			return all[:i+1]
		}
	}
	return nil
}

// PairAccept implements pair.Node: it emits Accepted.
func (n *Node) PairAccept(_ context.Context, _ node.PairAcceptOptions, emit func(node.Event) error) error {
	for _, e := range n.Accepted {
		if err := emit(e); err != nil {
			return err
		}
	}
	return nil
}

// PairNearby implements pair.Node.
func (n *Node) PairNearby(context.Context, time.Duration) ([]node.NearbyScreen, error) {
	return n.Around, nil
}

// Neighbours are as many devices on this network that show a code as the scene has.
func (n *Node) Neighbours() []node.NearbyScreen {
	var all []node.NearbyScreen
	count := map[Size]int{Few: 2, Many: 12, Long: 2}[n.Size]
	for i := range count {
		s := node.NearbyScreen{Name: "Laptop", Platform: "darwin", Endpoint: id("near", i)}
		if i > 0 {
			s.Name, s.Platform = "Work phone", "android"
		}
		if n.Size == Long {
			s.Name = longName
		}
		all = append(all, s)
	}
	return all
}
