package node

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"meadow/core/consync"
	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// Flows returns what moves, or may move, between this device and others: with each
// device of the account over each space that it has, and with each device of a
// person over each share. Rates look back to earlier calls, so they are best when
// it is called once or twice a second.
func (n *Node) Flows(ctx context.Context) (Flows, error) {
	status, err := n.Status(ctx)
	if err != nil {
		return Flows{}, err
	}
	people, err := n.People(ctx)
	if err != nil {
		return Flows{}, err
	}
	shares, err := n.Shares(ctx)
	if err != nil {
		return Flows{}, err
	}
	invites, err := n.Invites(ctx)
	if err != nil {
		return Flows{}, err
	}
	f := FlowsOf(status, people, shares, invites)
	n.fillFlows(&f)
	f.Time = Time{n.cfg.Now()}
	return f, nil
}

// FlowsOf makes the flows of what an account has, without what moves.
func FlowsOf(s Status, people []Person, shares []Share, invites []Invite) Flows {
	f := Flows{Flows: []Flow{}}
	for _, d := range s.Devices {
		if !d.Self {
			f.addDevice(d, s.Spaces)
		}
	}
	devices := make(map[string][]PersonDevice, len(people))
	for _, p := range people {
		devices[p.Custodian] = p.Devices
	}
	for _, sh := range shares {
		if sh.State != mdn.StateAccepted && sh.State != mdn.StateOffered {
			continue
		}
		for _, d := range devices[sh.Custodian] {
			f.addPerson(d, Flow{
				Person: OrNull(sh.With), Custodian: OrNull(sh.Custodian), Space: sh.Space, SpaceID: sh.SpaceID, Path: sh.Path,
				Level: sh.Level, Out: true, LastSync: sh.LastUsed,
				offered: sh.State == mdn.StateOffered,
			})
		}
	}
	for _, in := range invites {
		if in.State != mdn.StateAccepted {
			continue
		}
		for _, d := range devices[in.Custodian] {
			f.addPerson(d, Flow{
				Person: OrNull(in.From), Custodian: OrNull(in.Custodian), Space: in.Space, SpaceID: in.SpaceID, Path: in.Path, Level: in.Level,
			})
		}
	}
	slices.SortStableFunc(f.Flows, func(a, b Flow) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Device, b.Device), cmp.Compare(a.Space, b.Space), cmp.Compare(a.Path, b.Path))
	})
	return f
}

func (f *Flows) addDevice(d Device, spaces []Space) {
	level := LevelFull
	if d.Kind == string(mdn.Limited) {
		level = string(mdn.LevelWrite)
	}
	for _, sp := range spaces {
		if !d.Spaces.All && !slices.Contains(d.Spaces.Names, sp.Name) || sp.Ended {
			continue
		}
		flow := Flow{
			Device: d.Name, Endpoint: d.Endpoint, Space: sp.Name, SpaceID: sp.ID, Level: level, Out: true,
			Online: d.Online, LastSync: d.LastSeen,
		}
		if d.Path != nil {
			flow.Route = OrNull(*d.Path)
		}
		f.Flows = append(f.Flows, flow)
	}
}

func (f *Flows) addPerson(d PersonDevice, flow Flow) {
	flow.Device, flow.Endpoint, flow.Online, flow.Route = d.Name, d.Endpoint, d.Online, d.Path
	f.Flows = append(f.Flows, flow)
}

// flowKey is whom something flows to or from, and of which space.
type flowKey struct {
	peer  key.Endpoint
	space willow.NamespaceID
}

// flowLive is what there is to say of it now.
type flowLive struct {
	rateIn, rateOut   float64
	bytesIn, bytesOut uint64
	inStep            bool
}

// fillFlows adds what moves now. What moves of a space counts for each flow of it to
// that device: a share of all and one of a folder have the same numbers.
func (n *Node) fillFlows(f *Flows) {
	live := n.liveFlows()
	for i := range f.Flows {
		flow := &f.Flows[i]
		peer, err := key.ParseEndpoint(flow.Endpoint)
		if err != nil {
			continue
		}
		space, err := key.ParseNamespace(flow.SpaceID)
		if err != nil || flow.offered { // they don't have it, whatever else of the space they have
			continue
		}
		k := flowKey{peer, space}
		if at, ok := n.syncs.last(k); ok {
			flow.LastSync = &Time{at}
		}
		l, ok := live[k]
		if !ok {
			continue
		}
		flow.RateIn, flow.RateOut = int64(l.rateIn), int64(l.rateOut)
		flow.BytesIn, flow.BytesOut = int64(l.bytesIn), int64(l.bytesOut)
		flow.InStep = l.inStep
		if l.inStep {
			flow.LastSync = &Time{n.cfg.Now()}
		}
	}
}

func (n *Node) liveFlows() map[flowKey]flowLive {
	live := make(map[flowKey]flowLive)
	for _, p := range n.engine.Peers() {
		for ns, s := range p.Namespaces {
			live[flowKey{p.Peer, ns}] = flowLive{inStep: s.InStep(), bytesIn: s.PayloadReceived, bytesOut: s.PayloadSent}
		}
	}
	for _, m := range n.engine.Flows(0).Moving {
		k := flowKey{m.Peer, m.Entry.Namespace}
		l := live[k]
		if m.Out {
			l.rateOut += m.Rate
		} else {
			l.rateIn += m.Rate
		}
		live[k] = l
	}
	return live
}

// syncTimes is when spaces were in step with other devices last, since the start.
type syncTimes struct {
	mu sync.Mutex
	at map[flowKey]time.Time // guarded by mu
}

func (s *syncTimes) last(k flowKey) (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := s.at[k]
	return at, ok
}

// synced takes the sync engine's news: coming into step, and leaving it, are both
// moments at which a space was in step.
func (s *syncTimes) synced(ev consync.Event, now time.Time) {
	in, ok := ev.(consync.NamespaceInStep)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at == nil {
		s.at = make(map[flowKey]time.Time)
	}
	s.at[flowKey{in.Peer, in.Namespace}] = now
}
