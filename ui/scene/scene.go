// Package scene has made-up people's data for pictures and tests of screens: a
// [Node] that answers what screens ask as a real node would, without disk and
// network. It exists beside the real node only because no one has two hundred
// devices at hand; what real nodes do with the window is tested with real ones.
package scene

import (
	"context"
	"fmt"
	"strings"
	"time"

	"meadow/core/node"
	"meadow/ui/frame"
)

// Size is how much there is.
type Size string

// The sizes that every screen must look right with.
const (
	Empty Size = "empty" // a fresh account
	Few   Size = "few"   // three of everything
	Many  Size = "many"  // two hundred of everything
	Long  Size = "long"  // very long names
)

// Sizes are all of them.
var Sizes = []Size{Empty, Few, Many, Long}

// At is the moment that the scenes stand still at.
var At = time.Date(2026, time.November, 23, 14, 2, 11, 0, time.UTC)

// Clock stands still at At.
func Clock() time.Time { return At }

// Node answers like a node. Its fields may be changed before it is used.
type Node struct {
	Size   Size
	State  node.Status
	Holds  []node.Hold
	Log    []node.ActivityRow
	Moving node.Transfers

	// Who is known, what they have from the account, and what they offer it.
	Friends []node.Person
	Given   []node.Share
	Offered []node.Invite

	// Accepted are the events of letting a device in, and Around the devices on this
	// network that show a code.
	Accepted []node.Event
	Around   []node.NearbyScreen
	// Shown are the events of its join screen, and ShownEnd how that ends.
	Shown    []node.Event
	ShownEnd error
	Typed    string        // the digits of somebody to be added
	Set      node.Settings // once they were asked for

	// Of what is done with files and spaces: see files.go and spaces.go.
	files    map[string][]node.File
	changes  int
	resolved []node.Resolved
	// heardMore is that all devices have heard of what was taken back.
	heardMore bool
	own       []byte // the account's picture
	aside     []node.SetAside
	deleted   []node.Space

	// Of what goes by hand: see carry.go.
	Drop    node.DropReport // that is shown, and taken in
	DropErr error           // how taking it in, and writing one, ends
	Written []node.DropWhat // and written to drops
	Halfway bool            // writing stays half done
}

// New returns a node with so much in it.
func New(size Size) *Node {
	n := &Node{Size: size}
	n.State = status(size)
	n.Holds, n.Log, n.Moving = holds(n.State), log(n), flows(n)
	n.Friends = people(size)
	n.Given, n.Offered = given(n), offered(n)
	return n
}

func at(ago time.Duration) node.Time { return node.Time{Time: At.Add(-ago)} }

func ptr[T any](v T) *T { return &v }

const (
	longName  = "A rather long name that somebody chose with care, because it says exactly what is in here, and for whom"
	custodian = "5b1d8a1c0f2e4d6b8a9c7e5f3d1b0a2c4e6f8091a2b3c4d5e6f708192a3b4c5d"
)

// id makes up an id of 64 digits.
func id(kind string, i int) string {
	return (fmt.Sprintf("%x%04x", kind, i) + strings.Repeat("0123456789abcdef", 4))[:64]
}

func status(size Size) node.Status {
	s := node.Status{
		Version: "0.1.0", Name: ptr("Anna"), Device: "Desk", Custodian: ptr(custodian), Endpoint: id("device", 0),
		Listen: []string{"192.168.1.20:49152"}, Nearby: true, State: "idle",
	}
	s.Devices, s.Spaces = devices(size), spaces(size)
	switch size {
	case Few:
		s.State = "syncing"
	case Long:
		s.Device = longName
		s.Name = ptr(longName)
	}
	return s
}

func devices(size Size) []node.Device {
	all := []node.Device{{
		Name: "Desk", Endpoint: id("device", 0), Self: true, Kind: "full", Platform: "linux", Online: true, InStep: ptr(true),
		Version: ptr("0.1.0"), Spaces: node.DeviceSpaces{All: true, Known: true},
	}}
	if size == Empty {
		return all
	}
	all = append(all,
		node.Device{
			Name: "Laptop", Endpoint: id("device", 1), Kind: "full", Platform: "darwin", Online: true, InStep: ptr(false),
			Path: ptr("lan"), Address: ptr("192.168.1.34:49152"), RTT: ptr(int64(2)), LastSeen: ptr(at(0)),
			Version: ptr("0.1.0"), Spaces: node.DeviceSpaces{All: true, Known: true},
		},
		node.Device{
			Name: "Phone", Endpoint: id("device", 2), Kind: "limited", Platform: "linux", LastSeen: ptr(at(6 * 24 * time.Hour)),
			Version: ptr("0.1.0"), Spaces: node.DeviceSpaces{Names: []string{"Photos"}, Known: true},
		})
	for i := 3; size == Many && i < 200; i++ {
		d := all[1+i%2]
		d.Name, d.Endpoint = fmt.Sprintf("%s %d", d.Name, i), id("device", i)
		d.LastSeen = ptr(at(time.Duration(i) * time.Hour))
		all = append(all, d)
	}
	for i := range all {
		if size == Long {
			all[i].Name = fmt.Sprintf("%s %d", longName, i)
		}
	}
	return all
}

func spaces(size Size) []node.Space {
	if size == Empty {
		return nil
	}
	all := []node.Space{
		{
			ID: id("space", 0), Name: "Photos", Entries: 1310, Bytes: 4_204_112_901, MissingBytes: 812_000_000, HistoryBytes: 90_000_000,
			Folder: ptr("/home/anna/Pictures"), Holds: 1,
		},
		{ID: id("space", 1), Name: "Work", Entries: 214, Bytes: 120_540_100, Folder: ptr("/home/anna/Work"), Conflicts: 2, Unwritable: 1},
		{ID: id("space", 2), Name: "Recipes", Entries: 48, Bytes: 2_400_000},
	}
	names := []string{"Garden", "Taxes", "Music", "School", "Letters", "House", "Travel", "Books", "Club", "Health"}
	for i := 3; size == Many && i < 200; i++ {
		all = append(all, node.Space{
			ID: id("space", i), Name: fmt.Sprintf("%s %d", names[i%len(names)], 2026-i/len(names)), Entries: int64(i * 7), Bytes: int64(i) * 3_141_592,
		})
	}
	for i := range all {
		all[i].Files = all[i].Entries
		if size == Long {
			all[i].Name = fmt.Sprintf("%s %d", longName, i)
			if all[i].Folder != nil {
				all[i].Folder = ptr("/home/anna/" + strings.Repeat(longName+"/", 3))
			}
		}
	}
	return all
}

func holds(s node.Status) []node.Hold {
	var all []node.Hold
	for _, sp := range s.Spaces {
		if sp.Holds > 0 {
			all = append(all, node.Hold{
				ID: id("hold", 0)[:12], Space: sp.Name, Device: s.Devices[1].Name, Removes: 1204, Of: 1310, Since: at(14 * time.Minute), Kind: "removed",
			})
		}
	}
	return all
}

// Status implements frame.Node.
func (n *Node) Status(context.Context) (node.Status, error) { return n.State, nil }

// HoldList implements frame.Node.
func (n *Node) HoldList(context.Context) ([]node.Hold, error) { return n.Holds, nil }

// Events implements frame.Node: nothing happens in a scene.
func (n *Node) Events(ctx context.Context, follow bool, _ func(node.Event) error) error {
	if follow {
		<-ctx.Done()
	}
	return nil
}

// Pause implements frame.Node.
func (n *Node) Pause(_ context.Context, d time.Duration) (node.Status, error) {
	n.State.State, n.State.PausedUntil = "paused", nil
	if d > 0 {
		n.State.PausedUntil = &node.Time{Time: At.Add(d)}
	}
	return n.State, nil
}

// Resume implements frame.Node.
func (n *Node) Resume(context.Context) (node.Status, error) {
	n.State.State, n.State.PausedUntil = "idle", nil
	return n.State, nil
}

// Place is where a screen is shown best: with a space, if it wants one.
func Place(n *Node, screen string) frame.Place {
	p := frame.Place{Screen: screen}
	if screen == frame.Space && len(n.State.Spaces) > 0 {
		p.Space = n.State.Spaces[0].ID
	}
	return p
}
