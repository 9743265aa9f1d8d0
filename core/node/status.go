package node

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"meadow/core/consync"
	"meadow/core/key"
	"meadow/core/mdn"
)

// Status describes the node, its account's devices and its spaces.
func (n *Node) Status(ctx context.Context) (Status, error) {
	s := Status{
		Version: n.cfg.Version, Device: n.selfName(ctx), Endpoint: n.cfg.Device.Endpoint().String(),
		Listen: n.listening(), Nearby: n.nearby.Working(), Devices: []Device{}, Spaces: []Space{}, Notices: n.notices(ctx),
	}
	var err error
	if n.account.Paired() {
		name, custodian := n.account.Name(), n.account.Custodian().String()
		s.Name, s.Custodian = &name, &custodian
		if s.Devices, err = n.DeviceList(ctx); err != nil {
			return Status{}, err
		}
		if s.Spaces, err = n.SpaceList(ctx); err != nil {
			return Status{}, err
		}
		if s.WordsChecked, err = n.wordsChecked(ctx); err != nil {
			return Status{}, err
		}
	}
	paused, until := n.peers.pausedUntil()
	if !until.IsZero() {
		s.PausedUntil = &Time{until}
	}
	s.Recovery, s.Trouble = n.recoveryState(ctx), n.troubles.list(ctx)
	s.State = n.state(s, paused)
	return s, nil
}

// state is the first that applies.
func (n *Node) state(s Status, paused bool) string {
	others, online := 0, 0
	inStep := true
	for _, d := range s.Devices {
		if d.Self {
			continue
		}
		others++
		if d.Online {
			online++
			inStep = inStep && *d.InStep
		}
	}
	switch {
	case s.Name == nil:
		return "unpaired"
	case n.needsUser(s):
		return "attention"
	case paused:
		return "paused"
	case others > 0 && online == 0:
		return "offline"
	case !inStep || !n.allApplied():
		return "syncing"
	default:
		return "idle"
	}
}

// needsUser reports conflicts, and folders that can't go on.
func (n *Node) needsUser(s Status) bool {
	if len(s.Trouble) > 0 || slices.ContainsFunc(s.Notices, func(n Notice) bool { return n.Code == NoticeClone || n.Code == NoticeRemoved || n.Code == NoticeEpochs }) {
		return true
	}
	for _, sp := range s.Spaces {
		if sp.Conflicts > 0 || sp.Holds > 0 || sp.Ended && sp.Folder != nil {
			return true // what is saved in the folder of one that has ended goes nowhere
		}
	}
	for _, sp := range n.spaces.all() {
		if at := n.spaces.folderOf(sp); at != nil {
			if st := at.folder.State(); st.Err != "" || st.Away {
				return true
			}
		}
	}
	return len(n.unwritable()) > 0
}

func (s *spaces) folderOf(sp *space) *attached {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sp.attached
}

func (n *Node) allApplied() bool {
	for _, sp := range n.spaces.going() {
		if !n.spaces.applied(sp.id) {
			return false
		}
	}
	return true
}

func (n *Node) selfName(ctx context.Context) string {
	for _, d := range n.account.Devices() {
		if d.Self {
			return d.Name
		}
	}
	name, _, err := n.cfg.Local.Value(ctx, keyDeviceName)
	if err != nil {
		n.log.Warn("The device's name wasn't read", "error", err)
	}
	return string(name)
}

// DeviceList returns the account's devices, this one first, then by name.
func (n *Node) DeviceList(ctx context.Context) ([]Device, error) {
	sessions := make(map[key.Endpoint]consync.PeerState)
	for _, p := range n.engine.Peers() {
		sessions[p.Peer] = p
	}
	list := []Device{}
	for _, d := range n.account.Devices() {
		dev, err := n.device(ctx, d, sessions)
		if err != nil {
			return nil, err
		}
		list = append(list, dev)
	}
	sortBy(list, func(d Device) string {
		if d.Self {
			return ""
		}
		return "/" + d.Name // no name has a slash
	})
	return list, nil
}

func (n *Node) device(ctx context.Context, d mdn.DeviceInfo, sessions map[key.Endpoint]consync.PeerState) (Device, error) {
	dev := Device{
		Name: d.Name, Endpoint: d.Endpoint.String(), Self: d.Self, Kind: string(d.Kind), Platform: d.Platform,
		Spaces: n.spacesOf(d),
	}
	if d.Self {
		always := true
		dev.Online, dev.InStep, dev.Version = true, &always, &n.cfg.Version
		return dev, nil
	}
	known := n.peers.knownOf(d.Endpoint)
	if dev.Notice = n.noticeOf(d.Endpoint, known); known.Version != "" {
		dev.Version = &known.Version
	}
	now := n.cfg.Now()
	if seen, ok, err := n.cfg.Local.LastSeen(ctx, d.Endpoint); err != nil {
		return Device{}, err
	} else if ok && !seen.IsZero() {
		if seen.After(now) {
			seen = now // the clock was ahead then
		}
		dev.LastSeen = &Time{seen}
	}
	var err error
	if dev.Unanswered, err = n.account.Unanswered(ctx, d.Receiver); err != nil {
		return Device{}, err
	}
	session := n.peers.online(d.Endpoint)
	if session == nil {
		return dev, nil
	}
	state, ok := sessions[d.Endpoint]
	inStep := ok && n.inStep(d, state)
	path, address := pathKind(session.conn.RemoteAddr()), session.conn.RemoteAddr().String()
	rtt := session.conn.RTT().Milliseconds()
	dev.Online, dev.InStep, dev.Path, dev.Address, dev.RTT = true, &inStep, &path, &address, &rtt
	dev.LastSeen = &Time{now}
	if ok && !inStep {
		dev.Waits = n.waits(d, state)
	}
	return dev, nil
}

// Where something waits.
const (
	WaitsHere  = "here"
	WaitsThere = "there"
)

// waits says where something waits if a session has nothing more to exchange.
func (n *Node) waits(d mdn.DeviceInfo, p consync.PeerState) (where string) {
	if !n.sharesAll(d, p) {
		return ""
	}
	for ns, s := range p.Namespaces {
		done := s
		done.OursApplied, done.TheirsApplied = true, true
		switch {
		case s.InStep():
		case !done.InStep(), !s.OursApplied && !n.spaces.holds(ns):
			return "" // it moves
		case !s.OursApplied:
			where = WaitsHere
		case where == "":
			where = WaitsThere
		}
	}
	return where
}

// inStep reports whether a session's other side holds what this device holds in
// every namespace that both have, all of it written where it belongs.
func (n *Node) inStep(d mdn.DeviceInfo, p consync.PeerState) bool {
	return p.InStep() && n.sharesAll(d, p)
}

// sharesAll reports whether a session is about every namespace that both have.
func (n *Node) sharesAll(d mdn.DeviceInfo, p consync.PeerState) bool {
	if len(p.Namespaces) == 0 { // there is nothing yet: two devices share an account at least
		return false
	}
	for _, sp := range n.spaces.going() {
		if _, shared := p.Namespaces[sp.id]; !shared && n.toHave(d, p, sp) {
			return false
		}
	}
	return true
}

// toHave reports whether a session is to be about a space. A limited device has
// none that persons share with the account.
func (n *Node) toHave(d mdn.DeviceInfo, p consync.PeerState, sp *space) bool {
	all, spaces, known := n.account.StandsFor(d.Receiver)
	switch {
	case !known: // by a limited device: then what the other one says of itself counts
		return p.Common[sp.id] || !p.Declared
	case d.Kind == mdn.Limited && !n.account.OwnSpace(sp.id):
		return false
	}
	return all || slices.Contains(spaces, sp.id)
}

// The ways to a device.
const (
	pathLAN    = "lan"
	pathDirect = "direct"
)

// pathKind tells the local network from further ways.
func pathKind(a netip.AddrPort) string {
	ip := a.Addr().Unmap()
	if ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
		return pathLAN
	}
	return pathDirect
}

// findDevice returns the device that a name or an id prefix means.
func (n *Node) findDevice(name string) (mdn.DeviceInfo, error) {
	if !n.account.Paired() {
		return mdn.DeviceInfo{}, notPaired()
	}
	found := named(n.account.Devices(), name,
		func(d mdn.DeviceInfo) string { return d.Name }, func(d mdn.DeviceInfo) string { return d.Endpoint.String() })
	switch len(found) {
	case 0:
		return mdn.DeviceInfo{}, fail(CodeNotFound, "see `meadow device list`", "no device is called %q", name)
	case 1:
		return found[0], nil
	default:
		return mdn.DeviceInfo{}, fail(CodeAmbiguous, "give its id instead", "%d devices are meant by %q", len(found), name)
	}
}

func (n *Node) deviceKnown(id key.Endpoint) bool {
	for _, d := range n.account.Devices() {
		if d.Endpoint == id {
			return true
		}
	}
	return false
}

// deviceName names a device for an event: its name, else its key.
func (n *Node) deviceName(id key.Endpoint) string {
	for _, d := range n.account.Devices() {
		if d.Endpoint == id {
			return d.Name
		}
	}
	if p, ok := n.account.PersonOf(id); ok {
		for _, d := range p.Devices {
			if d.Endpoint == id && d.Name != "" {
				return Shown(d.Name)
			}
		}
	}
	return id.String()
}

// described returns one device as it is now.
func (n *Node) described(ctx context.Context, id key.Endpoint) (Device, error) {
	list, err := n.DeviceList(ctx)
	if err != nil {
		return Device{}, err
	}
	for _, d := range list {
		if d.Endpoint == id.String() {
			return d, nil
		}
	}
	return Device{}, fail(CodeNotFound, "see `meadow device list`", "the device is no longer of this account")
}

// DeviceRename gives a device of the account another name.
func (n *Node) DeviceRename(ctx context.Context, device, name string) (Device, error) {
	if err := CheckName(name); err != nil {
		return Device{}, err
	}
	d, err := n.findDevice(device)
	if err != nil {
		return Device{}, err
	}
	for _, other := range n.account.Devices() {
		if other.Name == name && other.Endpoint != d.Endpoint {
			return Device{}, fail(CodeNameTaken, "choose another name", "another device is called %q; nothing was changed", name)
		}
	}
	if err := n.mayManage(); err != nil {
		return Device{}, err
	}
	if _, err := n.account.RenameDevice(ctx, d.Receiver, name); err != nil {
		return Device{}, accountError(err)
	}
	return n.described(ctx, d.Endpoint)
}

const dialTimeout = 10 * time.Second

// DeviceDial connects to a device at an address, which is kept for later.
func (n *Node) DeviceDial(ctx context.Context, device, address string) (Device, error) {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return Device{}, fail(CodeUsage, "give IP:PORT, such as 192.168.1.20:4711", "%q isn't an address", address)
	}
	d, err := n.findDevice(device)
	if err != nil {
		return Device{}, err
	}
	if d.Self {
		return Device{}, fail(CodeNotAllowed, "name another device", "this device doesn't dial itself")
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if err := n.peers.dial(ctx, d.Endpoint, a); err != nil {
		return Device{}, err
	}
	return n.described(ctx, d.Endpoint)
}

// accountError says in a user's words why the account refused.
func accountError(err error) error {
	switch {
	case errors.Is(err, mdn.ErrNameTaken):
		return fail(CodeNameTaken, "choose another name", "a space of that name exists already; nothing was changed")
	case errors.Is(err, mdn.ErrNotAllowed):
		return fail(CodeNotAllowed, "do it on a full device", "this device may not do that; nothing was changed")
	case errors.Is(err, mdn.ErrNotPaired):
		return notPaired()
	case errors.Is(err, mdn.ErrNotFound):
		return fail(CodeNotFound, "see `meadow device list`", "it is no longer there; nothing was changed")
	}
	return err
}
