package node

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"meadow/core/mdn"
	"meadow/core/willow"
)

// DeviceSpaces says which spaces a device has: all, present and future, or those
// that are named. As JSON it is "all", a list of names, or null where this device
// can't know.
type DeviceSpaces struct {
	All   bool
	Names []string
	Known bool
}

// MarshalJSON implements json.Marshaler.
func (s DeviceSpaces) MarshalJSON() ([]byte, error) {
	switch {
	case !s.Known:
		return []byte("null"), nil
	case s.All:
		return []byte(`"all"`), nil
	case s.Names == nil:
		return []byte("[]"), nil
	}
	return json.Marshal(s.Names)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *DeviceSpaces) UnmarshalJSON(b []byte) error {
	*s = DeviceSpaces{Known: string(b) != "null"}
	if s.All = string(b) == `"all"`; s.All {
		return nil
	}
	return json.Unmarshal(b, &s.Names)
}

// spacesOf says which spaces a device has. A limited device knows its own only.
func (n *Node) spacesOf(d mdn.DeviceInfo) DeviceSpaces {
	all, ids, known := n.account.StandsFor(d.Receiver)
	if !known && !d.Self {
		return DeviceSpaces{}
	}
	s := DeviceSpaces{All: all, Known: true}
	if all {
		return s
	}
	list := n.account.AllSpaces()
	if !known {
		list = n.account.Spaces()
	}
	for _, info := range list {
		if !known || slices.Contains(ids, info.ID) {
			s.Names = append(s.Names, info.Name)
		}
	}
	return s
}

// chosenSpaces reads all, none or NAME,…: nil is all.
func (n *Node) chosenSpaces(text string) ([]willow.NamespaceID, error) {
	switch strings.TrimSpace(text) {
	case "":
		return nil, noSpaces("no spaces are named; nothing was changed")
	case "all":
		return nil, nil
	case "none":
		return []willow.NamespaceID{}, nil
	}
	chosen := []willow.NamespaceID{}
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name == "" {
			return nil, noSpaces("one of the names is empty; nothing was changed")
		}
		id, err := n.accountSpace(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(chosen, id) {
			chosen = append(chosen, id)
		}
	}
	return chosen, nil
}

func noSpaces(message string) error {
	return fail(CodeUsage, "give all, none, or names with commas between them", "%s", message)
}

// accountSpace finds a space of the account, which this device may not have.
func (n *Node) accountSpace(name string) (id willow.NamespaceID, err error) {
	var byName, byID []willow.NamespaceID
	for _, s := range n.account.AllSpaces() {
		if s.Name == name {
			byName = append(byName, s.ID)
		}
		if len(name) >= minPrefix && strings.HasPrefix(s.ID.String(), strings.ToLower(name)) {
			byID = append(byID, s.ID)
		}
	}
	found := byName
	if len(found) == 0 {
		found = byID
	}
	switch len(found) {
	case 0:
		return id, fail(CodeNotFound, "see `meadow space list`", "no space is called %q; nothing was changed", name)
	case 1:
		return found[0], nil
	default:
		return id, fail(CodeAmbiguous, "give its id instead", "%d spaces are meant by %q; nothing was changed", len(found), name)
	}
}

// mayManage reports why this device can't change what others have.
func (n *Node) mayManage() error {
	switch {
	case !n.account.Paired():
		return notPaired()
	case n.account.Removed():
		return removedHere(n.account.Name())
	case !n.account.Full():
		return fail(CodeNotAllowed, "do it on a full device", "a limited device can't do that; nothing was changed")
	}
	return n.twins.refuse()
}

func removedHere(account string) error {
	return fail(CodeRemoved, "to join again, stop it, run `meadow init --join` on this home, start it and pair it: it comes back under a new key, with what it has",
		"this device was removed from the account %s; it keeps its files and syncs no more", account)
}

// DeviceGive says which spaces a device is to have: all, none or NAME,… What it has
// written in one that is withdrawn must be here, unless anyway.
func (n *Node) DeviceGive(ctx context.Context, device, spaces string, anyway bool) (DeviceGiven, error) {
	if err := n.mayManage(); err != nil {
		return DeviceGiven{}, err
	}
	d, err := n.findDevice(device)
	if err != nil {
		return DeviceGiven{}, err
	}
	chosen, err := n.chosenSpaces(spaces)
	if err != nil {
		return DeviceGiven{}, err
	}
	changed, err := n.account.SetSpaces(ctx, d.Receiver, chosen == nil, chosen, anyway)
	if err != nil {
		return DeviceGiven{}, deviceError(d.Name, err)
	}
	n.spaces.reread()
	g := DeviceGiven{
		Given: n.namesOf(changed.Given), Withdrawn: n.namesOf(changed.Withdrawn), Adopted: int64(changed.Adopted),
	}
	var stopped []Stopped
	stopped, g.NotTold = n.receipt(ctx, changed.Withdrawn, d.Receiver)
	g.Told = toldOf(stopped)
	g.Device, err = n.described(ctx, d.Endpoint)
	return g, err
}

// namesOf names spaces, in order.
func (n *Node) namesOf(ids []willow.NamespaceID) []string {
	names := []string{}
	for _, s := range n.account.AllSpaces() {
		if slices.Contains(ids, s.ID) {
			names = append(names, s.Name)
		}
	}
	return names
}

// deviceError says in a user's words why a device can't be changed.
func deviceError(name string, err error) error {
	var left *mdn.LeftError
	switch {
	case errors.As(err, &left):
		return fail(CodeNotHere, "wait until a device that has them is in step, or say --anyway to give them up",
			"%d files that %s has written aren't all here yet; nothing was changed", len(left.Left), name)
	case errors.Is(err, mdn.ErrSelf):
		return fail(CodeNotAllowed, "do it on another full device of the account", "a device can't do that to itself; nothing was changed")
	case errors.Is(err, mdn.ErrUpstream):
		return fail(CodeNotAllowed, "do it on the device that made the account, or remove the device",
			"this device got a space from %s, so it can't take it away there; nothing was changed", name)
	}
	return accountError(err)
}
