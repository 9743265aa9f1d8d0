package scene

import (
	"context"
	"slices"
	"strings"

	"meadow/core/node"
)

// device finds a device by its endpoint or its name.
func (n *Node) device(id string) *node.Device {
	for i, d := range n.State.Devices {
		if d.Endpoint == id || d.Name == id {
			return &n.State.Devices[i]
		}
	}
	return nil
}

var errNoDevice = &node.Error{Code: node.CodeNotFound, Message: "no device is called so", Hint: "look at the list of devices"}

// DeviceRename implements what the screen of devices asks for.
func (n *Node) DeviceRename(_ context.Context, device, name string) (node.Device, error) {
	d := n.device(device)
	if d == nil {
		return node.Device{}, errNoDevice
	}
	for _, other := range n.State.Devices {
		if other.Name == name && other.Endpoint != d.Endpoint {
			return node.Device{}, &node.Error{
				Code: node.CodeNameTaken, Message: "another device is called \"" + name + "\"; nothing was changed", Hint: "choose another name",
			}
		}
	}
	if d.Name = name; d.Self {
		n.State.Device = name
	}
	return *d, nil
}

// DeviceGive implements what the screen of devices asks for.
func (n *Node) DeviceGive(_ context.Context, device, spaces string, _ bool) (node.DeviceGiven, error) {
	d := n.device(device)
	if d == nil {
		return node.DeviceGiven{}, errNoDevice
	}
	had := d.Spaces
	d.Spaces = node.DeviceSpaces{All: spaces == "all", Known: true}
	g := node.DeviceGiven{Given: []string{}, Withdrawn: []string{}, Adopted: 3, Told: []string{}, NotTold: []string{}}
	for _, s := range n.State.Spaces {
		has := d.Spaces.All || slices.Contains(strings.Split(spaces, ","), s.ID)
		hadIt := had.All || slices.Contains(had.Names, s.Name)
		if has && !d.Spaces.All {
			d.Spaces.Names = append(d.Spaces.Names, s.Name)
		}
		if has && !hadIt {
			g.Given = append(g.Given, s.Name)
		} else if !has && hadIt {
			g.Withdrawn = append(g.Withdrawn, s.Name)
		}
	}
	g.Told, g.NotTold = n.heard(device)
	g.Device = *d
	return g, nil
}

// heard says who is connected and who isn't.
func (n *Node) heard(but string) (told, notTold []string) {
	for _, d := range n.State.Devices {
		switch {
		case d.Self || d.Endpoint == but:
		case d.Online:
			told = append(told, d.Name)
		default:
			notTold = append(notTold, d.Name)
		}
	}
	return told, notTold
}

// DeviceRemove implements what the screen of devices asks for.
func (n *Node) DeviceRemove(_ context.Context, device string, o node.DeviceRemoveOptions) (node.DeviceRemoved, error) {
	d := n.device(device)
	if d == nil {
		return node.DeviceRemoved{}, errNoDevice
	}
	r := node.DeviceRemoved{Device: d.Name, Endpoint: device, Added: []node.Added{}, Granted: []node.DeviceGrant{}, Left: []node.LeftFile{}}
	for _, row := range n.Log {
		if row.Kind == node.ActivityAdded || row.Kind == node.ActivityChanged {
			a := node.Added{Space: string(row.Space), Path: string(row.Path), Bytes: row.Bytes, Time: row.Time}
			a.Dropped = o.Stolen && o.Since != nil && row.Time.After(*o.Since)
			r.Added = append(r.Added, a)
		}
	}
	if d.Kind == "full" && len(n.State.Devices) > 2 {
		r.Granted = append(r.Granted, node.DeviceGrant{Device: n.State.Devices[2].Name, Level: "limited"})
	} else {
		r.Left = append(r.Left, node.LeftFile{Space: "Photos", Path: "2026/Summer/picnic.jpg"})
	}
	for _, p := range n.Friends[:min(len(n.Friends), 1)] {
		r.Granted = append(r.Granted, node.DeviceGrant{Person: p.Name, Space: "Photos", Level: "read", Recent: true, Dropped: !o.KeepRecent})
	}
	if o.DryRun {
		return r, nil
	}
	if len(r.Left) > 0 && !o.Anyway {
		return r, &node.Error{Code: node.CodeNotHere, Message: "1 file isn't all here yet; nothing was changed", Hint: "wait"}
	}
	r.Removed, r.Adopted = true, int64(len(r.Added))
	r.Told, r.NotTold = n.heard(device)
	n.State.Devices = slices.DeleteFunc(n.State.Devices, func(other node.Device) bool { return other.Endpoint == device })
	return r, nil
}

// DeviceDial implements what the screen of devices asks for.
func (n *Node) DeviceDial(_ context.Context, device, address string) (node.Device, error) {
	d := n.device(device)
	if d == nil {
		return node.Device{}, errNoDevice
	}
	if !strings.Contains(address, ":") {
		return node.Device{}, &node.Error{Code: node.CodeUsage, Message: "\"" + address + "\" isn't an address", Hint: "give IP:PORT, such as 192.168.1.20:4711"}
	}
	d.Online, d.InStep, d.Path, d.Address, d.RTT = true, ptr(true), ptr("direct"), &address, ptr(int64(31))
	return *d, nil
}

// Doctor implements what the screen of devices asks for.
func (n *Node) Doctor(_ context.Context, device string) (node.Diagnosis, error) {
	d := n.device(device)
	if d == nil {
		return node.Diagnosis{}, errNoDevice
	}
	return node.Diagnosis{
		Device: d.Name, Endpoint: d.Endpoint, LastSeen: d.LastSeen, Cause: node.CauseAway, Advice: "Switch it on.",
		Checks: []node.Check{
			{What: node.CheckHere, OK: true, Detail: "this device may connect"},
			{What: node.CheckNetwork, OK: true, Detail: "it is on a network"},
			{What: node.CheckNearby, Detail: "it isn't heard", Took: 2000},
			{What: node.CheckAddress, Address: "192.168.1.77:49152", Reason: node.ReasonSilent, Detail: "nothing answers", Took: 3004},
		},
	}, nil
}
