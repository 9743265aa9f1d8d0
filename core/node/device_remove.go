package node

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"time"

	"meadow/core/consync"
	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// DeviceRemove removes a device for ever, or with DryRun says what that would
// mean: what it has added is kept, as its own; whom it let in stays. Of a stolen
// one what it did since then isn't kept: what it wrote, what it pruned, whom it let
// in. What it has written must be here, unless Anyway.
func (n *Node) DeviceRemove(ctx context.Context, device string, o DeviceRemoveOptions) (DeviceRemoved, error) {
	if err := n.mayManage(); err != nil {
		return DeviceRemoved{}, err
	}
	d, err := n.findDevice(device)
	if err != nil {
		return DeviceRemoved{}, err
	}
	if d.Self {
		return DeviceRemoved{}, n.selfRemoval()
	}
	how, err := n.removeOptions(ctx, d, o)
	if err != nil {
		return DeviceRemoved{}, err
	}
	r, err := n.removalPlan(ctx, d, how)
	if err != nil || o.DryRun {
		return r, err
	}
	adopted, err := n.account.RemoveDevice(ctx, d.Receiver, how)
	if err != nil {
		return DeviceRemoved{}, deviceError(d.Name, err)
	}
	r.Adopted, r.Removed = int64(adopted), true
	n.spaces.reread()
	r.Stopped, r.NotTold = n.receipt(ctx, []willow.NamespaceID{n.account.Identity()}, d.Receiver)
	r.Told = toldOf(r.Stopped)
	return r, nil
}

// removeOptions settles since when a stolen device isn't its owner's any more: when
// it was last seen here, unless that is said. A future time is none.
func (n *Node) removeOptions(ctx context.Context, d mdn.DeviceInfo, o DeviceRemoveOptions) (mdn.RemoveOptions, error) {
	how := mdn.RemoveOptions{Anyway: o.Anyway, KeepRecent: o.KeepRecent}
	if !o.Stolen {
		if o.Since != nil {
			return how, fail(CodeUsage, "say --stolen too", "a time is for a device that was stolen; nothing was changed")
		}
		return how, nil
	}
	now := n.cfg.Now()
	if o.Since != nil {
		if how.Since = *o.Since; how.Since.After(now) {
			return how, fail(CodeUsage, "give the last time when you know that the device was yours",
				"that time hasn't come yet; nothing was changed")
		}
		return how, nil
	}
	how.Since = now
	if n.peers.online(d.Endpoint) != nil {
		return how, nil
	}
	seen, ok, err := n.cfg.Local.LastSeen(ctx, d.Endpoint)
	if err == nil && ok && !seen.IsZero() && seen.Before(now) {
		how.Since = seen
	}
	return how, err
}

// removalPlan says what a removal would mean.
func (n *Node) removalPlan(ctx context.Context, d mdn.DeviceInfo, how mdn.RemoveOptions) (r DeviceRemoved, err error) {
	r = DeviceRemoved{
		Device: d.Name, Endpoint: d.Endpoint.String(), Told: []string{}, NotTold: []string{}, Stopped: []Stopped{},
	}
	if !how.Since.IsZero() {
		r.Stolen, r.Since = true, &Time{how.Since}
	}
	if r.Added, err = n.addedBy(ctx, d.Receiver, how); err == nil {
		r.Granted, err = n.grantedBy(ctx, d.Receiver, how)
	}
	if err == nil {
		r.Left, err = n.leftBehind(ctx, d.Receiver, how)
	}
	return r, err
}

// selfRemoval says how this device could be removed.
func (n *Node) selfRemoval() error {
	for _, d := range n.account.Devices() {
		if !d.Self && d.Kind == mdn.Full {
			return fail(CodeNotAllowed, "run `meadow device remove` on "+d.Name, "a device can't remove itself; nothing was changed")
		}
	}
	return fail(CodeNotAllowed, "pair another full device first, and remove this one there",
		"this is the account's last full device; nothing was changed")
}

// leftBehind lists files that a device has written and that aren't all here.
func (n *Node) leftBehind(ctx context.Context, who key.Receiver, how mdn.RemoveOptions) ([]LeftFile, error) {
	all, err := n.account.LeftBehind(ctx, who, how)
	list := []LeftFile{}
	for _, l := range all {
		if l.Path != "" {
			list = append(list, LeftFile{Space: n.spaces.name(l.Namespace), Path: l.Path})
		}
	}
	return list, err
}

func (n *Node) recently(t time.Time) bool { return t.After(n.cfg.Now().Add(-mdn.RecentGrant)) }

// addedBy lists what is shown of all spaces that a device has written.
func (n *Node) addedBy(ctx context.Context, who key.Receiver, how mdn.RemoveOptions) ([]Added, error) {
	added := []Added{}
	for _, sp := range n.spaces.all() {
		for v, err := range sp.tree.List(ctx, "") {
			if err != nil {
				return nil, err
			}
			if v.Author != [32]byte(who) {
				continue
			}
			at := v.Timestamp.Time()
			added = append(added, Added{
				Space: sp.name(), Path: v.Path, Bytes: int64(v.Length), Time: Time{at},
				Recent: n.recently(at), Dropped: !how.Since.IsZero() && !at.Before(how.Since),
			})
		}
	}
	return added, nil
}

// grantedBy lists what a device has given others: spaces, and "" for being let
// into the account; and persons.
func (n *Node) grantedBy(ctx context.Context, who key.Receiver, how mdn.RemoveOptions) ([]DeviceGrant, error) {
	all, err := n.account.Granted(ctx, who)
	if err != nil {
		return nil, deviceError("", err)
	}
	leaving := n.account.Leaving(who, how)
	list := []DeviceGrant{}
	names := n.authors()
	devices := map[key.Receiver]mdn.DeviceInfo{}
	for _, d := range n.account.Devices() {
		devices[d.Receiver] = d
	}
	for _, g := range all {
		d, ours := devices[g.Receiver]
		if !ours {
			continue // persons are listed by their shares
		}
		grant := DeviceGrant{Device: author([32]byte(g.Receiver), names), Level: g.Level, Time: &Time{d.Added}, Recent: n.recently(d.Added)}
		grant.Dropped = slices.ContainsFunc(leaving.Devices, func(l mdn.DeviceInfo) bool { return l.Receiver == g.Receiver })
		switch g.Namespace {
		case n.account.Home():
			continue // goes with the identity space
		case n.account.Identity():
			grant.Level = mdn.Limited
			if g.Level == mdn.Full {
				grant.Level = mdn.Full
			}
		default:
			grant.Space = n.spaces.name(g.Namespace)
		}
		list = append(list, grant)
	}
	sortBy(list, func(g DeviceGrant) string { return g.Space + "/" + g.Device }) // no name has a slash
	return append(list, n.sharedBy(who, leaving)...), nil
}

// sharedBy lists what a device has granted to persons and that goes on.
func (n *Node) sharedBy(who key.Receiver, leaving mdn.Leave) (list []DeviceGrant) {
	persons := map[willow.NamespaceID]string{}
	for _, p := range n.account.People() {
		persons[p.Custodian] = cmp.Or(p.Called, p.Name)
	}
	for _, g := range n.account.Grants() {
		if g.By != who || g.State != mdn.StateOffered && g.State != mdn.StateAccepted {
			continue
		}
		list = append(list, DeviceGrant{
			Space: n.spaces.name(g.Space), Person: cmp.Or(persons[g.To], g.To.String()), Share: hex.EncodeToString(g.ID[:]),
			Level: string(g.Level), Time: &Time{g.Made}, Recent: n.recently(g.Made),
			Dropped: slices.ContainsFunc(leaving.Grants, func(l mdn.Grant) bool { return l.ID == g.ID }),
		})
	}
	return list
}

const receiptTimeout = 2 * time.Second

func toldOf(stopped []Stopped) []string {
	told := []string{}
	for _, s := range stopped {
		told = append(told, s.Device)
	}
	return told
}

// receipt says which other devices have taken in what was published in spaces, and
// since when that is known here, and which haven't heard. Those that are connected
// get a moment.
func (n *Node) receipt(ctx context.Context, spaces []willow.NamespaceID, but key.Receiver) (stopped []Stopped, notTold []string) {
	ctx, cancel := context.WithTimeout(ctx, receiptTimeout)
	defer cancel()
	at := map[key.Endpoint]time.Time{}
	for {
		_, _, more := n.bus.since(1 << 62)
		waiting := false
		stopped, notTold = []Stopped{}, []string{}
		sessions := map[key.Endpoint]consync.PeerState{}
		for _, p := range n.engine.Peers() {
			sessions[p.Peer] = p
		}
		for _, d := range n.account.Devices() {
			if d.Self || d.Receiver == but || !n.hasAny(d.Receiver, spaces) {
				continue
			}
			online := n.peers.online(d.Endpoint) != nil
			agreed := online && n.agrees(d.Receiver, spaces, sessions[d.Endpoint])
			if !agreed {
				notTold = append(notTold, d.Name)
				waiting = waiting || online
				continue
			}
			if at[d.Endpoint].IsZero() {
				at[d.Endpoint] = n.cfg.Now()
			}
			stopped = append(stopped, Stopped{d.Name, Time{at[d.Endpoint]}})
		}
		if !waiting {
			return stopped, notTold
		}
		select {
		case <-more:
		case <-ctx.Done():
			return stopped, notTold
		}
	}
}

// hasAny reports whether a device has one of the namespaces.
func (n *Node) hasAny(d key.Receiver, spaces []willow.NamespaceID) bool {
	return slices.ContainsFunc(spaces, func(ns willow.NamespaceID) bool { return n.account.Has(d, ns) })
}

// agrees reports whether a device has taken in what this one knows of those of the
// namespaces that it has.
func (n *Node) agrees(d key.Receiver, spaces []willow.NamespaceID, p consync.PeerState) bool {
	for _, ns := range spaces {
		if !p.Agreed[ns] && n.account.Has(d, ns) {
			return false
		}
	}
	return true
}
