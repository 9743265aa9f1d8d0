package node

import (
	"context"
	"fmt"
	"slices"
	"time"

	"meadow/core/folder/tree"
	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// crowd is who has what, as it was told last.
type crowd struct {
	devices map[key.Receiver]mdn.DeviceInfo
	spaces  map[key.Receiver]map[willow.NamespaceID]string // names; nil where it isn't known
	all     map[key.Receiver]bool                          // who is to have every space, new ones too
	people  map[willow.NamespaceID]known                   // whom the account knows
	removed bool                                           // this device
}

// known is a person as they were told last.
type known struct {
	name    string
	blocked bool
}

func (n *Node) crowdNow() crowd {
	c := crowd{
		devices: map[key.Receiver]mdn.DeviceInfo{}, spaces: map[key.Receiver]map[willow.NamespaceID]string{},
		all: map[key.Receiver]bool{}, removed: n.account.Removed(), people: map[willow.NamespaceID]known{},
	}
	names := n.peopleNames()
	for _, p := range n.account.People() {
		c.people[p.Custodian] = known{names[p.Custodian], p.Blocked}
	}
	for _, d := range n.account.Devices() {
		c.devices[d.Receiver] = d
		all, ids, known := n.account.StandsFor(d.Receiver)
		if !known || d.Self {
			continue
		}
		has := map[willow.NamespaceID]string{}
		for _, s := range n.account.AllSpaces() {
			if all || slices.Contains(ids, s.ID) {
				has[s.ID] = s.Name
			}
		}
		c.spaces[d.Receiver], c.all[d.Receiver] = has, all
	}
	return c
}

// tellCrowd emits what has changed about devices since the last call. It runs in
// the spaces' loop.
func (s *spaces) tellCrowd() {
	n := s.n
	before, now := s.crowd, n.crowdNow()
	s.crowd = &now
	if before == nil || len(before.devices) == 0 {
		return
	}
	if now.removed && !before.removed {
		n.bus.emit("removed", "account", n.account.Name())
	}
	n.tellPeople(before.people, now.people)
	for r, d := range before.devices {
		if _, still := now.devices[r]; !still {
			n.bus.emit("device_removed", "device", d.Name, "endpoint", d.Endpoint.String())
		}
	}
	for r, d := range now.devices {
		was, listed := before.devices[r]
		if !listed {
			n.bus.emit("device_added", "device", d.Name, "endpoint", d.Endpoint.String(), "kind", d.Kind)
		} else if was.Name != d.Name {
			n.bus.emit("device_renamed", "device", d.Name, "endpoint", d.Endpoint.String(), "before", was.Name)
		}
		s.tellSpaces(d, before.spaces[r], now.spaces[r], before.all[r] && now.all[r])
	}
}

// tellPeople emits what has changed about whom the account knows.
func (n *Node) tellPeople(before, now map[willow.NamespaceID]known) {
	tell := func(name string, who willow.NamespaceID, p known) {
		n.bus.emit(name, "person", p.name, "custodian", who.String())
	}
	for who, p := range before {
		if _, still := now[who]; !still {
			tell("person_forgotten", who, p)
		}
	}
	for who, p := range now {
		switch was, listed := before[who]; {
		case !listed:
			tell("person_added", who, p)
		case p.blocked && !was.blocked:
			tell("person_blocked", who, p)
		case !p.blocked && was.blocked:
			tell("person_unblocked", who, p)
		}
	}
}

// tellSpaces emits which spaces a device was given, and which were withdrawn; every
// says that it was to have all, and still is.
func (s *spaces) tellSpaces(d mdn.DeviceInfo, had, has map[willow.NamespaceID]string, every bool) {
	if had == nil || has == nil {
		return
	}
	for id, name := range has {
		if _, before := had[id]; !before {
			s.n.bus.emit("space_given", "device", d.Name, "endpoint", d.Endpoint.String(), "space", name, "id", id.String(),
				"every", every)
		}
	}
	for id, name := range had {
		if _, still := has[id]; !still && s.known(id) {
			s.n.bus.emit("space_withdrawn", "device", d.Name, "endpoint", d.Endpoint.String(), "space", name, "id", id.String())
		}
	}
}

// known reports whether the account still has a space: one that was deleted
// wasn't withdrawn.
func (s *spaces) known(id willow.NamespaceID) bool {
	return slices.ContainsFunc(s.n.account.AllSpaces(), func(i mdn.SpaceInfo) bool { return i.ID == id })
}

// ending says whether this device can't read a space any more, and since when.
type ending struct {
	ended bool
	since time.Time
}

// endLost ends the spaces that this device can't read any more: their folders
// stop where they are, and nothing is forgotten, so that they can go on.
func (s *spaces) endLost(ctx context.Context) {
	for _, info := range s.n.account.Ended() {
		s.add(info)
		s.mu.Lock()
		sp := s.open[info.ID]
		end, at := sp.ending, sp.attached
		s.mu.Unlock()
		news := !end.ended
		if news {
			end = ending{true, s.endedSince(ctx, info.ID)}
		}
		s.mu.Lock()
		sp.ending = end
		s.mu.Unlock()
		if at != nil {
			s.attaching.Lock()
			if err := s.detach(sp); err != nil && ctx.Err() == nil {
				s.n.log.Debug("The folder of a space that has ended was stopped already", "error", err)
			}
			s.attaching.Unlock()
		}
		if news {
			s.n.bus.emit("space_ended", "space", info.Name, "id", info.ID.String())
		}
	}
}

// endedSince returns when a space ended on this device, and notes it if it is now.
func (s *spaces) endedSince(ctx context.Context, id willow.NamespaceID) time.Time {
	now := s.n.cfg.Now()
	text, ok, err := s.n.cfg.Local.Value(ctx, keyEnded+id.String())
	if err == nil && ok {
		if since, bad := time.Parse(time.RFC3339Nano, string(text)); bad == nil {
			return since
		}
	}
	if err == nil {
		err = s.n.cfg.Local.PutValues(ctx, map[string][]byte{keyEnded + id.String(): []byte(now.UTC().Format(time.RFC3339Nano))})
	}
	if err != nil && ctx.Err() == nil {
		s.n.log.Warn("It wasn't noted when a space ended", "id", id, "error", err)
	}
	return now
}

// forgetEnd forgets when a space ended that this device has.
func (s *spaces) forgetEnd(ctx context.Context, id willow.NamespaceID) {
	_, ok, err := s.n.cfg.Local.Value(ctx, keyEnded+id.String())
	if err == nil && ok {
		err = s.n.cfg.Local.PutValues(ctx, map[string][]byte{keyEnded + id.String(): nil})
	}
	if err != nil && ctx.Err() == nil {
		s.n.log.Warn("It wasn't forgotten when a space ended", "id", id, "error", err)
	}
}

// endOf reports whether a space has ended, and when.
func (s *spaces) endOf(sp *space) (ended bool, since Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !sp.ended {
		return false, Time{}
	}
	return true, Time{sp.since}
}

// endedNotices tells of folders in which work is lost on the others: their space
// has ended.
func (n *Node) endedNotices(ctx context.Context) []Notice {
	var list []Notice
	for _, sp := range n.spaces.all() {
		ended, since := n.spaces.endOf(sp)
		if !ended {
			continue
		}
		dir, err := n.folderKept(ctx, sp)
		if err != nil || dir == nil {
			continue
		}
		ask := "ask on a full device for it with `meadow device spaces`"
		if d := n.describedShare(sp); d != nil {
			ask = "ask " + d.Person + " for it again"
		}
		list = append(list, Notice{
			Code: NoticeEnded,
			Message: fmt.Sprintf("%s is no longer shared with this device since %s; its files stay in %s, and edits there go nowhere",
				sp.name(), since.Local().Format(time.DateTime), *dir),
			Hint: ask + ", or run `meadow space detach` with its name to keep the folder as an ordinary one",
		})
	}
	return list
}

// goOn notes that this device has a space, and reports whether it had ended.
func (s *spaces) goOn(id willow.NamespaceID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.open[id]
	ended := sp.ended
	sp.ending = ending{}
	return ended
}

func (s *spaces) hasEnded(sp *space) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sp.ended
}

// going returns the open spaces that haven't ended.
func (s *spaces) going() []*space {
	return slices.DeleteFunc(s.all(), s.hasEnded)
}

// adopter has this device vouch for files that came under a doomed chain.
type adopter struct{ n *Node }

// Adopt implements mdn.Adopter.
func (a adopter) Adopt(ctx context.Context, id willow.NamespaceID, doomed func([]byte) bool, until time.Time) (int, error) {
	t, done := a.tree(id)
	defer done()
	adopted, err := t.Adopt(ctx, doomed, until)
	if len(adopted.Left) > 0 {
		a.n.log.Warn("Files of a device that is cut off aren't here, so they couldn't be kept", "files", len(adopted.Left))
	}
	return len(adopted.Versions), err
}

// Left implements mdn.Adopter.
func (a adopter) Left(ctx context.Context, id willow.NamespaceID, doomed func([]byte) bool, until time.Time) ([]string, error) {
	t, done := a.tree(id)
	defer done()
	return t.Left(ctx, doomed, until)
}

// tree returns the tree of a space, open or not.
func (a adopter) tree(id willow.NamespaceID) (t *tree.View, done func()) {
	s := a.n.spaces
	s.mu.Lock()
	sp := s.open[id]
	s.mu.Unlock()
	if sp != nil {
		return sp.tree, func() {}
	}
	t = s.tree(mdn.SpaceInfo{ID: id})
	return t, t.Close
}

// tendAfter is how long the account must have been quiet before it is tended:
// what was decided elsewhere must have come.
const tendAfter = 10 * time.Second

// tender carries on what other devices have decided about devices.
type tender struct {
	n     *Node
	wake  kicker
	after time.Duration
	aside map[willow.NamespaceID]int // how many versions were told that are set aside; owned by run
}

func (t *tender) run(ctx context.Context) error {
	due := time.NewTimer(t.after)
	defer due.Stop()
	for {
		select {
		case <-t.wake:
			due.Reset(t.after)
		case <-due.C:
			if _, recovering := t.n.recovery.working(); recovering {
				due.Reset(t.after) // who is to have what isn't settled
				continue
			}
			if err := t.n.account.Tend(ctx); err != nil && ctx.Err() == nil {
				t.n.log.Warn("What was decided about devices isn't carried out everywhere yet", "error", err)
				due.Reset(t.after)
			}
			t.tellAside(ctx)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// folderKept returns the folder that a space had when it ended; nil without one.
func (n *Node) folderKept(ctx context.Context, sp *space) (*string, error) {
	dir, ok, err := n.cfg.Local.Value(ctx, keyFolder+sp.id.String())
	if err != nil || !ok {
		return nil, err
	}
	kept := string(dir)
	return &kept, nil
}
