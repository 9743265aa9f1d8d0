package node

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"meadow/core/consync"
	"meadow/core/folder"
	"meadow/core/folder/tree"
	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// still is what there is to know to say why things wait.
type still struct {
	n       *Node
	now     time.Time
	flows   consync.Flows
	peers   []consync.PeerState
	devices []mdn.DeviceInfo // others of the account
}

func (n *Node) stillAt(f consync.Flows, now time.Time) *still {
	s := &still{n: n, now: now, flows: f, peers: n.engine.Peers()}
	s.devices = slices.DeleteFunc(slices.Clone(n.account.Devices()), func(d mdn.DeviceInfo) bool { return d.Self })
	return s
}

// lanes returns the exchanges of a space that there are.
func (s *still) lanes(ns willow.NamespaceID) (all []consync.Lane) {
	for _, l := range s.flows.Lanes {
		if l.Namespace == ns {
			all = append(all, l)
		}
	}
	return all
}

// moving returns what is under way of a space from or to a device, the zero one
// standing for any.
func (s *still) moving(ns willow.NamespaceID, out bool, peer key.Endpoint) (all []consync.Flow) {
	for _, f := range s.flows.Moving {
		if f.Entry.Namespace == ns && f.Out == out && (peer == key.Endpoint{} || f.Peer == peer) {
			all = append(all, f)
		}
	}
	return all
}

// in adds what is to come of a space: what is queued, or else why it waits.
func (s *still) in(ctx context.Context, t *Transfers, sp *space) error {
	missing, err := s.n.cfg.Entries.Missing(ctx, sp.id)
	if err != nil || missing.Count == 0 {
		return err
	}
	files, bytes, last := int64(missing.Count), int64(missing.Bytes), s.flows.Came[sp.id]
	for _, f := range s.moving(sp.id, false, key.Endpoint{}) {
		files, bytes = files-1, bytes-int64(f.Entry.PayloadLength-onDisk(f))
	}
	if givers := s.givers(sp.id, missing.Count); files > 0 && len(givers) > 0 {
		q := Queued{Space: sp.name(), SpaceID: sp.id.String(), Files: files, Bytes: max(bytes, 0)}
		if len(givers) == 1 {
			q.Device, q.Endpoint = OrNull(s.n.deviceName(givers[0])), OrNull(givers[0].String())
		}
		t.Queued = append(t.Queued, q)
	}
	if last.Before(s.n.opened) {
		last = s.n.opened
	}
	if s.now.Sub(last) < stillAfter {
		return nil
	}
	w := Waiting{
		Space: sp.name(), SpaceID: sp.id.String(), Files: int64(missing.Count), Bytes: int64(missing.Bytes), Since: Time{last},
	}
	if err := s.why(ctx, &w, sp); err != nil {
		return err
	}
	t.Waiting = append(t.Waiting, w)
	return nil
}

// notedEvery is after how many bytes the blob store notes what it has of a payload.
const notedEvery = 8 << 20

// onDisk is about how much of what has come of a payload isn't missing any more.
func onDisk(f consync.Flow) uint64 { return f.Had + (f.Bytes-f.Had)/notedEvery*notedEvery }

// givers returns the connected devices that may have what is missing: those that
// weren't asked for all of it in vain.
func (s *still) givers(ns willow.NamespaceID, missing uint64) (ids []key.Endpoint) {
	for _, l := range s.lanes(ns) {
		if uint64(l.Lacking) < missing {
			ids = append(ids, l.Peer)
		}
	}
	return ids
}

// why says why what is missing of a space doesn't come.
func (s *still) why(ctx context.Context, w *Waiting, sp *space) error {
	n, lanes := s.n, s.lanes(sp.id)
	paused, until := n.peers.pausedUntil()
	switch {
	case n.twins.isStill():
		w.Code, w.Reason = WaitingStopped, "a copy of this device's home is at work elsewhere, so nothing is synced here"
	case paused && until.IsZero():
		w.Code, w.Reason = WaitingPaused, "syncing is paused until you resume it"
	case paused:
		w.Code, w.Until = WaitingPaused, &Time{until}
		w.Reason = "syncing is paused until " + until.Local().Format("15:04")
	case n.troubles.ofPayloads(sp.id) != nil:
		w.Code, w.Reason = WaitingTrouble, n.troubles.ofPayloads(sp.id).What
	case len(s.devices) == 0:
		w.Code, w.Reason = WaitingAlone, "the account has no other device that could have it"
	case len(lanes) > 0 && len(s.givers(sp.id, uint64(w.Files))) > 0:
		s.slow(w, sp, lanes)
	default:
		return s.away(ctx, w, sp, lanes)
	}
	return nil
}

// slow is why for what a connected device could give.
func (s *still) slow(w *Waiting, sp *space, lanes []consync.Lane) {
	if asked := s.moving(sp.id, false, key.Endpoint{}); len(asked) > 0 {
		s.about(w, asked[0].Peer)
		w.Code, w.Reason = WaitingSlow, fmt.Sprintf("%s was asked for it, and nothing comes", w.Device)
		return
	}
	for _, l := range lanes {
		if l.Lacking > 0 && l.Again.After(s.now) {
			s.again(w, l)
			return
		}
	}
	w.Code, w.Reason = WaitingTurn, "other files come first"
}

// again is why for what a device was asked for in vain.
func (s *still) again(w *Waiting, l consync.Lane) {
	s.about(w, l.Peer)
	w.Code, w.Reason = WaitingNotThere, fmt.Sprintf("%s is connected, and hasn't got it either", w.Device)
	if s.lacks(l.Peer, l.Namespace) == 0 {
		w.Code, w.Reason = WaitingAsked, fmt.Sprintf("%s was asked for it in vain", w.Device)
	}
	if in := l.Again.Sub(s.now); in > 0 {
		w.Until = &Time{s.n.cfg.Now().Add(in)}
		w.Reason += "; it is asked again in " + seconds(in)
	}
}

// lacks returns how many payloads of a namespace a device said that it lacks.
func (s *still) lacks(peer key.Endpoint, ns willow.NamespaceID) uint64 {
	for _, p := range s.peers {
		if p.Peer == peer {
			return p.Namespaces[ns].TheirsMissing
		}
	}
	return 0
}

func (s *still) about(w *Waiting, peer key.Endpoint) {
	w.Device, w.Endpoint = OrNull(s.n.deviceName(peer)), OrNull(peer.String())
}

// away is why for what nobody who is connected can give.
func (s *still) away(ctx context.Context, w *Waiting, sp *space, lanes []consync.Lane) error {
	have, err := s.writers(ctx, sp)
	if err != nil {
		return err
	}
	have = slices.DeleteFunc(have, func(d mdn.DeviceInfo) bool { return s.n.peers.online(d.Endpoint) != nil })
	at := s.n.spaces.folderOf(sp)
	switch {
	case at != nil && diskAway(at.folder.State()):
		w.Code, w.Reason = WaitingHeld, fmt.Sprintf("the disk that the folder of %s is on is missing here", sp.name())
	case len(have) == 1 && s.n.peers.knownOf(have[0].Endpoint).paused:
		s.about(w, have[0].Endpoint)
		w.Code, w.Reason = WaitingAway, fmt.Sprintf("%s has it, and syncing is paused there", w.Device)
	case len(have) == 1:
		s.about(w, have[0].Endpoint)
		w.Code, w.Reason = WaitingAway, fmt.Sprintf("%s has it and isn't connected", w.Device)
	case len(have) > 1:
		w.Code, w.Reason = WaitingAway, "no device that has it is connected: "+nameAll(have)+" have some of it"
	case len(lanes) > 0:
		s.again(w, slices.MinFunc(lanes, func(a, b consync.Lane) int { return cmp.Or(a.Again.Compare(b.Again)) }))
	case len(s.peers) == 0:
		w.Code, w.Reason = WaitingAlone, "no other device is connected"
	default:
		w.Code, w.Reason = WaitingAway, "no device that has it is connected"
	}
	return nil
}

func diskAway(st folder.State) bool {
	return st.Away || slices.ContainsFunc(st.Holds, func(h folder.Hold) bool { return h.Cause == folder.Missing })
}

func nameAll(devices []mdn.DeviceInfo) string {
	names := make([]string, len(devices))
	for i, d := range devices {
		names[i] = d.Name
	}
	slices.Sort(names)
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// writersOf is of how many missing files is looked up who wrote them.
const writersOf = 20

// writers returns the devices of the account that wrote what is missing, as far as
// that is plain: they have had it.
func (s *still) writers(ctx context.Context, sp *space) (found []mdn.DeviceInfo, err error) {
	var paths []string
	for e, err := range s.n.cfg.Entries.Wanted(ctx, sp.id, willow.FullArea) {
		if err != nil {
			return nil, err
		}
		if path, ok := tree.PayloadOf(e.Path); ok {
			paths = append(paths, path)
		}
		if len(paths) == writersOf {
			break
		}
	}
	for v, err := range sp.tree.LookupAll(ctx, paths) {
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(s.devices, func(d mdn.DeviceInfo) bool { return v.Author == [32]byte(d.Receiver) })
		if i >= 0 && !slices.ContainsFunc(found, func(d mdn.DeviceInfo) bool { return d.Endpoint == s.devices[i].Endpoint }) {
			found = append(found, s.devices[i])
		}
	}
	return found, nil
}

// out adds what connected devices lack of a space and don't get from this one.
func (s *still) out(t *Transfers, sp *space) {
	for _, l := range s.lanes(sp.id) {
		lacks := s.lacks(l.Peer, sp.id)
		last := l.Sent
		if last.Before(l.Began) {
			last = l.Began
		}
		if lacks == 0 || s.now.Sub(last) < stillAfter {
			continue
		}
		w := Waiting{Space: sp.name(), SpaceID: sp.id.String(), Out: true, Files: int64(lacks), Since: Time{last}}
		s.about(&w, l.Peer)
		switch asked := s.moving(sp.id, true, l.Peer); {
		case len(asked) > 0:
			w.Code, w.Reason = WaitingSlow, fmt.Sprintf("%s has asked for it, and takes nothing", w.Device)
		case s.ours(l.Peer, sp.id) > 0:
			w.Code, w.Reason = WaitingNotHere, fmt.Sprintf("%s lacks it, and this device hasn't got it either", w.Device)
		default:
			w.Code, w.Reason = WaitingNotAsked, fmt.Sprintf("%s doesn't ask for it: it may have no room, or gets it from another device", w.Device)
		}
		t.Waiting = append(t.Waiting, w)
	}
}

// ours returns how many payloads this device lacks of what it shares with a device.
func (s *still) ours(peer key.Endpoint, ns willow.NamespaceID) uint64 {
	for _, p := range s.peers {
		if p.Peer == peer {
			return p.Namespaces[ns].OursMissing
		}
	}
	return 0
}

// seconds writes a short time for people.
func seconds(d time.Duration) string {
	switch s := int64(d.Round(time.Second).Seconds()); {
	case s < 2:
		return "a second"
	case s < 120:
		return fmt.Sprintf("%d seconds", s)
	default:
		return fmt.Sprintf("%d minutes", (s+30)/60)
	}
}
