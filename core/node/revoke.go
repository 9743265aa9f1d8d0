package node

import (
	"context"
	"errors"
	"slices"
	"time"

	"meadow/core/consync"
	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// Revoke takes back a share, or all that a person has, and says what became of it:
// which devices of the account serve it no more, and what the person keeps. With
// DryRun it says what that would mean, and who loses access with them, and changes
// nothing; of a share that has ended, what is known by now of which devices serve it
// no more. What they wrote is kept in this account's name, as far as it was written
// before Since; it must be here, unless Anyway.
func (n *Node) Revoke(ctx context.Context, o RevokeOptions) (Revoked, error) {
	if err := n.mayManage(); err != nil {
		return Revoked{}, err
	}
	grants, err := n.revocable(ctx, o)
	if err != nil {
		return Revoked{}, err
	}
	r := Revoked{Shares: []Share{}, AlsoEnds: []ShareHolder{}, Left: []LeftFile{}, Stopped: []Stopped{}, NotTold: []string{}}
	if !slices.ContainsFunc(grants, func(g mdn.Grant) bool { return g.State != mdn.StateEnded }) {
		r.Done = true // its receipt as it is now, which is asked for all the time
		n.stoppedNow(grants, &r)
	} else if err := n.revoke(ctx, grants, o, &r); err != nil {
		return Revoked{}, err
	}
	for _, g := range grants {
		if now, err := n.findGrant(tokenText(g.ID)); err == nil {
			g = now
		}
		s, err := n.share(ctx, g)
		if err != nil {
			return Revoked{}, err
		}
		r.Shares = append(r.Shares, s)
	}
	return r, nil
}

// revoke says in r what the end of grants means, and ends them unless that is all
// that was asked for.
func (n *Node) revoke(ctx context.Context, grants []mdn.Grant, o RevokeOptions, r *Revoked) (err error) {
	for _, g := range grants {
		also, err := n.hanging(ctx, g)
		if err != nil {
			return err
		}
		r.AlsoEnds = append(r.AlsoEnds, also...)
	}
	if r.Holds, err = n.holding(ctx, grants); err != nil {
		return err
	}
	if r.Left, err = n.leftIn(ctx, grants, o); err != nil || o.DryRun {
		return err
	}
	return n.endGrants(ctx, grants, o, r)
}

// revocable returns the grants that are to end.
func (n *Node) revocable(ctx context.Context, o RevokeOptions) ([]mdn.Grant, error) {
	switch {
	case (o.ID == "") == (o.Person == ""):
		return nil, fail(CodeUsage, "give one of them", "give either a share or a person; nothing was changed")
	case o.Since != nil && o.Since.After(n.cfg.Now()):
		return nil, fail(CodeUsage, "give a time that is past", "what is to come can't be left out; nothing was changed")
	case o.ID != "":
		g, err := n.findGrant(o.ID)
		if err == nil && g.State == mdn.StateEnded && !o.DryRun {
			err = fail(CodeNotFound, "see `meadow shares`", "that share has ended already; nothing was changed")
		}
		return []mdn.Grant{g}, err
	}
	person, err := n.findPerson(o.Person)
	if err != nil {
		return nil, err
	}
	var all []mdn.Grant
	for _, g := range n.account.Grants() {
		if g.To == person.Custodian && g.State != mdn.StateEnded {
			all = append(all, g)
		}
	}
	if len(all) == 0 {
		return nil, fail(CodeNotFound, "see `meadow shares`", "nothing is shared with %s; nothing was changed", n.personName(person))
	}
	return all, nil
}

// endGrants ends grants and notes in r what came of it.
func (n *Node) endGrants(ctx context.Context, grants []mdn.Grant, o RevokeOptions, r *Revoked) error {
	for _, g := range grants {
		adopted, err := n.account.EndGrant(ctx, g.ID, o.since(), o.Anyway)
		if err != nil {
			return n.revokeError(g, err)
		}
		n.dealings.heardEnd([]mdn.Grant{g}, n.cfg.Device.Receiver(), true, false)
		r.Adopted += int64(adopted)
	}
	r.Done = true
	n.spaces.reread()
	n.dealings.kick()
	n.stopped(ctx, grants, r)
	return nil
}

// revokeError says in a user's words why a share can't be taken back.
func (n *Node) revokeError(g mdn.Grant, err error) error {
	var left *mdn.LeftError
	switch {
	case errors.As(err, &left):
		return fail(CodeNotHere, "wait until a device that has them is in step, or say --anyway to give them up",
			"%s that %s has written aren't all here yet; nothing was changed", countOf(int64(len(left.Left)), "file"), n.whoIs(g.To))
	case errors.Is(err, mdn.ErrNotFound):
		return fail(CodeNotFound, "see `meadow shares`", "that share isn't there any more; nothing was changed")
	}
	return accountError(err)
}

// stopped waits for a moment for the other devices that have spaces to take in that
// something has ended there, and notes who has, and who hasn't heard.
func (n *Node) stopped(ctx context.Context, grants []mdn.Grant, r *Revoked) {
	ctx, cancel := context.WithTimeout(ctx, receiptTimeout)
	defer cancel()
	for {
		_, _, more := n.bus.since(1 << 62)
		if waiting := n.stoppedNow(grants, r); !waiting {
			return
		}
		select {
		case <-more:
		case <-ctx.Done():
			return
		}
	}
}

// stoppedNow notes which devices of the account have taken in that grants have
// ended, and which haven't; waiting says that one of those is connected.
func (n *Node) stoppedNow(grants []mdn.Grant, r *Revoked) (waiting bool) {
	sessions := map[key.Endpoint]consync.PeerState{}
	for _, p := range n.engine.Peers() {
		sessions[p.Peer] = p
	}
	r.Stopped, r.NotTold = []Stopped{}, []string{}
	for _, d := range n.account.Devices() {
		has := func(g mdn.Grant) bool { return n.account.Has(d.Receiver, g.Space) }
		if !d.Self && !slices.ContainsFunc(grants, has) {
			continue
		}
		online := n.peers.online(d.Endpoint) != nil
		told := slices.IndexFunc(grants, func(g mdn.Grant) bool {
			return has(g) && !d.Self && !(online && sessions[d.Endpoint].Agreed[g.Space])
		}) < 0
		if at, ok := n.dealings.heardEnd(grants, d.Receiver, told, d.Self); ok {
			r.Stopped = append(r.Stopped, Stopped{Device: d.Name, At: Time{at}})
			continue
		}
		r.NotTold = append(r.NotTold, d.Name)
		waiting = waiting || online
	}
	return waiting
}

// holding says what the person of some grants may have of what they are for: all of
// it, if they were ever connected.
func (n *Node) holding(ctx context.Context, grants []mdn.Grant) (h Holding, err error) {
	for i, g := range grants {
		inAnother := func(o mdn.Grant) bool {
			return o.Space == g.Space && covers(o.Path, g.Path) && !o.Since.After(g.Since)
		}
		if slices.ContainsFunc(grants[:i], inAnother) || g.Answered.IsZero() {
			continue
		}
		sp, err := n.spaces.find(g.Space.String())
		if err != nil {
			continue // it was deleted
		}
		files, bytes, err := sharedNow(ctx, sp, g.Path, g.Since)
		if err != nil {
			return h, err
		}
		h.Files, h.Bytes = h.Files+files, h.Bytes+bytes
	}
	if len(grants) > 0 {
		h.Seen, err = n.lastMet(ctx, grants[0].To)
	}
	return h, err
}

// lastMet returns when a device of a person was last connected; nil if never.
func (n *Node) lastMet(ctx context.Context, who willow.NamespaceID) (last *Time, err error) {
	for _, p := range n.account.People() {
		if p.Custodian != who {
			continue
		}
		for _, d := range p.Devices {
			at, ok, err := n.cfg.Local.LastSeen(ctx, d.Endpoint)
			if err != nil {
				return nil, err
			}
			if n.peers.online(d.Endpoint) != nil {
				at, ok = n.cfg.Now(), true
			}
			if ok && (last == nil || at.After(last.Time)) {
				last = &Time{at}
			}
		}
	}
	return last, nil
}

// leftIn lists files that came by grants, and that aren't all here.
func (n *Node) leftIn(ctx context.Context, grants []mdn.Grant, o RevokeOptions) ([]LeftFile, error) {
	list := []LeftFile{}
	for _, g := range grants {
		all, err := n.account.LeftByEnd(ctx, g.ID, o.since())
		if err != nil {
			return nil, n.revokeError(g, err)
		}
		for _, l := range all {
			f := LeftFile{Space: n.spaceName(g.Space, g.Name), Path: l.Path}
			if l.Path != "" && !slices.Contains(list, f) {
				list = append(list, f)
			}
		}
	}
	return list, nil
}

// since is from when on nothing is kept; zero: all is.
func (o RevokeOptions) since() time.Time {
	if o.Since == nil {
		return time.Time{}
	}
	return *o.Since
}
