package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"meadow/core/consync"
	"meadow/core/folder"
	"meadow/core/mdn"
)

const waitDefault = time.Minute

// WaitSynced reads the attached folders, then returns when at least o.Peers
// other devices, or exactly those of o.With, hold what this one holds in every
// space, and folders here and there are written. After o.Timeout it fails with
// CodeTimeout and says what is missing where.
func (n *Node) WaitSynced(ctx context.Context, o WaitOptions) (Synced, error) {
	if n.account.Removed() {
		return Synced{}, removedHere(n.account.Name())
	}
	with, err := n.named(o.With)
	if err == nil {
		err = n.twins.refuse()
	}
	if err != nil {
		return Synced{}, err
	}
	if o.Timeout <= 0 {
		o.Timeout = waitDefault
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	err = n.scanFolders(ctx)
	for next := 0; err == nil; {
		_, end, more := n.bus.since(next)
		done, devices, failed := n.whoIsInStep(ctx, max(o.Peers, 1), with)
		if failed != nil {
			err = failed
			break
		}
		if done {
			return n.inStepNow(ctx, devices)
		}
		next = end
		select {
		case <-more:
		case <-n.stopping:
			return Synced{}, stopped()
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return Synced{}, n.timedOut(context.WithoutCancel(ctx), o, with)
	}
	return Synced{}, err
}

func (n *Node) named(names []string) ([]mdn.DeviceInfo, error) {
	var with []mdn.DeviceInfo
	for _, name := range names {
		d, err := n.findDevice(name)
		if err != nil {
			return nil, err
		}
		if d.Self {
			return nil, fail(CodeNotAllowed, "name another device", "this device is always in step with itself")
		}
		if !slices.ContainsFunc(with, func(w mdn.DeviceInfo) bool { return w.Endpoint == d.Endpoint }) {
			with = append(with, d)
		}
	}
	if !n.account.Paired() {
		return nil, notPaired()
	}
	return with, nil
}

func (n *Node) scanFolders(ctx context.Context) error {
	for _, sp := range n.spaces.going() {
		if at := n.spaces.folderOf(sp); at != nil {
			err := at.folder.Scan(ctx)
			switch {
			case err == nil, folder.IsMissing(err) && at.folder.State().Applied: // held
			case ctx.Err() != nil:
				return ctx.Err()
			case !n.crew.working():
				return stopped()
			default:
				return fail(CodeFolder, "see `meadow status`", "the folder of %s can't be read: %v", sp.name(), err)
			}
		}
	}
	return nil
}

// whoIsInStep reports whether the wanted devices are in step, and which are.
func (n *Node) whoIsInStep(ctx context.Context, peers int, with []mdn.DeviceInfo) (bool, []Device, error) {
	if !n.allApplied() {
		return false, nil, nil
	}
	all, err := n.DeviceList(ctx)
	if err != nil {
		return false, nil, err
	}
	devices := []Device{}
	for _, d := range all {
		if !d.Self && d.InStep != nil && *d.InStep && (len(with) == 0 || among(d, with)) {
			devices = append(devices, d)
		}
	}
	if len(with) > 0 {
		return len(devices) == len(with), devices, nil
	}
	return len(devices) >= peers, devices, nil
}

func among(d Device, with []mdn.DeviceInfo) bool {
	for _, w := range with {
		if w.Endpoint.String() == d.Endpoint {
			return true
		}
	}
	return false
}

func (n *Node) inStepNow(ctx context.Context, devices []Device) (Synced, error) {
	spaces, err := n.SpaceList(ctx)
	if err != nil {
		return Synced{}, err
	}
	unwritable, err := n.proposed(ctx, n.unwritable())
	return Synced{Spaces: spaces, Devices: devices, Unwritable: unwritable}, err
}

// NotSynced is how the reason of an Unwritable begins if it is about what can't be
// read.
const NotSynced = "not synced: "

// unwritable lists what folders here can't hold, and what in them can't be read.
func (n *Node) unwritable() []Unwritable {
	list := []Unwritable{}
	for _, sp := range n.spaces.going() {
		at := n.spaces.folderOf(sp)
		if at == nil {
			continue
		}
		st := at.folder.State()
		for _, u := range st.Unwritable {
			list = append(list, Unwritable{Space: sp.name(), Path: u.Path, Reason: u.Reason, name: u.Name})
		}
		for _, u := range st.Unreadable {
			list = append(list, Unwritable{Space: sp.name(), Path: u.Path, Reason: NotSynced + u.Reason})
		}
	}
	return list
}

// timedOut says what a wait was still waiting for.
func (n *Node) timedOut(ctx context.Context, o WaitOptions, with []mdn.DeviceInfo) error {
	status, err := n.Status(ctx)
	if err != nil {
		return err
	}
	var why []string
	if n.peers.isPaused() {
		why = append(why, "syncing is paused here")
	}
	why = append(why, n.devicesMissing(status, o, with)...)
	for _, s := range status.Spaces {
		if s.MissingBytes > 0 {
			why = append(why, fmt.Sprintf("%d bytes of %s are missing here", s.MissingBytes, s.Name))
		}
	}
	for _, tr := range status.Trouble {
		why = append(why, tr.What)
	}
	why = append(why, n.foldersMissing()...)
	hint := "see `meadow status` on each device, and wait again"
	if slices.ContainsFunc(status.Devices, func(d Device) bool { return !d.Self && !d.Online }) {
		hint = "bring the devices together and wait again"
	}
	return fail(CodeTimeout, hint,
		"not in step after %v: %s; everything is kept", o.Timeout, strings.Join(why, "; "))
}

// foldersMissing says which folders here aren't what their spaces are, and why.
func (n *Node) foldersMissing() (why []string) {
	for _, sp := range n.spaces.going() {
		at := n.spaces.folderOf(sp)
		if at == nil {
			continue
		}
		st := at.folder.State()
		if st.Away {
			why = append(why, fmt.Sprintf("a disk that the folder of %s is on is missing here", sp.name()))
		}
		for _, h := range st.Holds {
			if h.Cause != folder.Missing {
				why = append(why, fmt.Sprintf("the removal of %d files of %s is held here, see `meadow hold list`", h.Removes, sp.name()))
			}
		}
		if !st.Applied && st.Err == "" {
			why = append(why, fmt.Sprintf("the folder of %s has %s to write", sp.name(), counted(st.Pending, "change")))
			why = append(why, pathsMissing(sp.name(), st)...)
		}
	}
	return why
}

// pathsNamed bounds the paths that are named where there may be many.
const pathsNamed = 3

// pathsMissing names paths of a folder that can't be written, or read, and why.
func pathsMissing(space string, st folder.State) (why []string) {
	for _, u := range slices.Concat(st.Unwritable, st.Unreadable) {
		if len(why) == pathsNamed {
			return append(why, "and others, see `meadow status`")
		}
		why = append(why, fmt.Sprintf("%s in %s: %s", u.Path, space, u.Reason))
	}
	return why
}

// devicesMissing says which devices a wait misses, and why.
func (n *Node) devicesMissing(status Status, o WaitOptions, with []mdn.DeviceInfo) (why []string) {
	others := 0
	for _, d := range status.Devices {
		if d.Self || len(with) > 0 && !among(d, with) {
			continue
		}
		others++
		switch {
		case !d.Online:
			why = append(why, d.Name+" is offline")
		case !*d.InStep:
			why = append(why, n.behind(d))
		}
	}
	if len(with) == 0 && others < max(o.Peers, 1) {
		why = append(why, fmt.Sprintf("the account has %d other devices", others))
	}
	return why
}

// counted writes how many there are of something.
func counted[N ~int | ~int64 | ~uint64](n N, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// listedToHave is toHave of a device as it is listed.
func (n *Node) listedToHave(d Device, p consync.PeerState, sp *space) bool {
	all := n.account.Devices()
	i := slices.IndexFunc(all, func(o mdn.DeviceInfo) bool { return o.Endpoint.String() == d.Endpoint })
	return i < 0 || n.toHave(all[i], p, sp)
}

// behind says what a connected device lacks.
func (n *Node) behind(d Device) string {
	for _, p := range n.engine.Peers() {
		if p.Peer.String() != d.Endpoint {
			continue
		}
		for _, sp := range n.spaces.going() {
			s, shared := p.Namespaces[sp.id]
			switch {
			case !shared && !n.listedToHave(d, p, sp):
			case !shared:
				return fmt.Sprintf("%s doesn't share %s yet", d.Name, sp.name())
			case s.TheirsMissing > 0:
				return fmt.Sprintf("%s still fetches the content of %s of %s", d.Name, counted(s.TheirsMissing, "file"), sp.name())
			case s.OursMissing > 0:
				return fmt.Sprintf("the content of %s of %s is still to come from %s", counted(s.OursMissing, "file"), sp.name(), d.Name)
			case s.Ours != s.Theirs:
				return fmt.Sprintf("%s and this device still exchange changes of %s", d.Name, sp.name())
			case !s.TheirsApplied:
				return fmt.Sprintf("%s still writes its folder of %s, or something is held or missing there", d.Name, sp.name())
			}
		}
		for ns, s := range p.Namespaces {
			if !s.InStep() {
				n.log.Debug("Not in step", "device", d.Name, "namespace", ns, "state", fmt.Sprintf("%+v", s))
			}
		}
	}
	return d.Name + " still reads what is new about the account"
}
