package mdn

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"meadow/core/key"
	"meadow/core/willow"
)

// RecentGrant is how long ago a grant was made that a removal doesn't keep by
// itself: the removed device may not have been in its owner's hands any more.
const RecentGrant = 30 * 24 * time.Hour

// RemoveOptions are the choices of RemoveDevice.
type RemoveOptions struct {
	Anyway bool // give up what isn't all here
	// Since, unless zero: the device was stolen then. What it has written from then
	// on isn't kept, what it pruned comes back, and the devices and grants that it
	// added are cut off with it.
	Since time.Time
	// KeepRecent keeps what the device has granted to persons within RecentGrant.
	KeepRecent bool
}

// removingValue has the removal that has been begun: the device's receiver, then,
// unless all is as by default, Since in unix microseconds (0: none) as eight bytes,
// big-endian, and 1 for KeepRecent, else 0.
const removingValue = "mdn/removing"

func (o RemoveOptions) encode(who key.Receiver) []byte {
	b, since := who[:], uint64(0)
	if !o.Since.IsZero() {
		since = max(microseconds(o.Since), 1)
	}
	if since == 0 && !o.KeepRecent {
		return b
	}
	b = binary.BigEndian.AppendUint64(slices.Clone(b), since)
	if o.KeepRecent {
		return append(b, 1)
	}
	return append(b, 0)
}

func parseRemoving(b []byte) (who key.Receiver, o RemoveOptions, ok bool) {
	switch len(b) {
	case key.Size:
		return key.Receiver(b), o, true
	case key.Size + 9:
		if since := binary.BigEndian.Uint64(b[key.Size:]); since > 0 {
			o.Since = timeOf(since)
		}
		o.KeepRecent = b[key.Size+8] == 1
		return key.Receiver(b[:key.Size]), o, true
	}
	return who, o, false
}

// RemoveDevice ends a device's access for ever: everything that it has written is
// adopted, but for what a thief did (see RemoveOptions); then a Remove is published
// in every namespace that this device owns, and the device is listed no more. It
// can come back only under a new key. If something can't be adopted, because it
// isn't all here, that is a [LeftError], unless anyway. Once begun it is completed
// by Tend or after a restart, if not now. It returns how much was adopted.
func (a *Account) RemoveDevice(ctx context.Context, who key.Receiver, o RemoveOptions) (adopted int, err error) {
	a.cutting.Lock()
	defer a.cutting.Unlock()
	if _, err := a.now.Load().device(who, a.self); err != nil {
		return 0, err
	}
	if !o.Anyway {
		if err := a.complete(ctx, a.removing(ctx, who, o)); err != nil {
			return 0, fmt.Errorf("remove device: %w", err)
		}
	}
	if err := a.Store.Commit(ctx, Batch{Values: map[string][]byte{removingValue: o.encode(who)}}); err != nil {
		return 0, fmt.Errorf("remove device: %w", err)
	}
	adopted, err = a.removeDevice(context.WithoutCancel(ctx), who, o)
	if err != nil {
		return adopted, fmt.Errorf("remove device: %w", err)
	}
	return adopted, nil
}

// LeftBehind lists what RemoveDevice couldn't adopt now.
func (a *Account) LeftBehind(ctx context.Context, who key.Receiver, o RemoveOptions) ([]Left, error) {
	var left *LeftError
	err := a.complete(ctx, a.removing(ctx, who, o))
	if errors.As(err, &left) {
		return left.Left, nil
	}
	return nil, err
}

// Leave is what leaves the account with a device: Devices are those that it added
// since it was stolen, Grants those that it gave to persons and that aren't kept.
type Leave struct {
	Devices []DeviceInfo
	Grants  []Grant
}

// Leaving says what would leave the account with a device.
func (a *Account) Leaving(who key.Receiver, o RemoveOptions) Leave {
	v := a.now.Load()
	var l Leave
	gone := v.goneWith(who, o.Since)
	for _, d := range v.devices {
		if slices.Contains(gone, d.Receiver) && d.Receiver != who {
			l.Devices = append(l.Devices, d)
		}
	}
	for _, g := range v.deals().given {
		if v.runs(g, a.Now()) && !v.keepsGrant(g, gone, o, a.Now()) {
			l.Grants = append(l.Grants, v.grant(g, a.Now()))
		}
	}
	slices.SortFunc(l.Grants, func(x, y Grant) int { return cmp.Or(y.Given.Compare(x.Given), compareTokens(x.ID, y.ID)) })
	return l
}

// stays says what a removal leaves alone of what the removed key has handed on:
// all to these devices, and these handovers.
type stays struct {
	devices   map[key.Receiver]bool
	handovers map[[32]byte]bool
	until     time.Time
}

func (a *Account) staying(v *view, gone []key.Receiver, o RemoveOptions) stays {
	s := stays{devices: map[key.Receiver]bool{}, handovers: map[[32]byte]bool{}, until: o.Since}
	for _, d := range v.devices {
		s.devices[d.Receiver] = !slices.Contains(gone, d.Receiver)
	}
	for _, g := range v.grants { // persons who know the account go on reading who it is
		if g.person != (willow.NamespaceID{}) && (o.Since.IsZero() || g.at.Time().Before(o.Since)) {
			s.handovers[HandoverID(g.read, len(g.read.Delegations))] = true
		}
	}
	for _, g := range v.deals().given {
		if g.ended.IsZero() && v.keepsGrant(g, gone, o, a.Now()) {
			for _, h := range g.keptHandovers(gone, o.Since) {
				s.handovers[h.id] = true
			}
		}
	}
	return s
}

// goneWith returns the keys that go with a device: itself, and with a time those
// that it let into the account from then on, and those that they let in.
func (v *view) goneWith(who key.Receiver, since time.Time) []key.Receiver {
	gone := []key.Receiver{who}
	if since.IsZero() {
		return gone
	}
	for i := 0; i < len(gone); i++ {
		for _, d := range v.devices {
			if !d.Self && !d.Added.Before(since) && !slices.Contains(gone, d.Receiver) && v.broughtIn(d.Receiver, gone[i]) {
				gone = append(gone, d.Receiver)
			}
		}
	}
	return gone
}

// broughtIn reports whether a device has the identity space from another one only.
func (v *view) broughtIn(d, by key.Receiver) bool {
	other, from := false, false
	for _, g := range v.grants {
		if g.ns != v.identity || g.receiver != d || !v.lives(g.grantSet) {
			continue
		}
		keys := g.read.Receivers()
		direct := len(keys) > 1 && keys[len(keys)-2] == by
		from, other = from || direct, other || !direct
	}
	return from && !other
}

// always is since when what a thief's own device did isn't kept.
var always = time.UnixMicro(1).UTC()

// removing plans a removal.
func (a *Account) removing(ctx context.Context, who key.Receiver, o RemoveOptions) planning {
	return func(v *view) (cuts []*cut, drafts []draft, err error) {
		gone := v.goneWith(who, o.Since)
		s := a.staying(v, gone, o)
		for ns := range v.caps {
			for _, k := range gone {
				if !v.owns(ns) || v.set(ns).Removed(k) {
					continue
				}
				c, err := a.removal(ctx, v, ns, k, s)
				if err != nil {
					return nil, nil, err
				}
				if k != who {
					c.until = always // nothing of it is the account's
				}
				cuts = append(cuts, c)
			}
		}
		drafts = append(drafts, a.losing(v, who, gone, cuts, o)...)
		slices.SortStableFunc(cuts, func(x, y *cut) int { return cmp.Compare(string(x.ns[:]), string(y.ns[:])) })
		for _, d := range v.devices {
			if slices.Contains(gone, d.Receiver) && !d.Self {
				since := o.Since
				if d.Receiver != who {
					since = always
				}
				drafts = append(drafts,
					draft{v.home, recordPath(formerPath, d.Receiver), formerRecord(d, a.Now(), since).encode()},
					draft{v.identity, recordPath(devicesPath, d.Receiver), nil},
					draft{v.home, recordPath(standingPath, d.Receiver), nil})
			}
		}
		return cuts, drafts, nil
	}
}

func (a *Account) removeDevice(ctx context.Context, who key.Receiver, o RemoveOptions) (adopted int, err error) {
	return a.carry(ctx, a.removing(ctx, who, o), map[string][]byte{removingValue: nil, unansweredValue + who.String(): nil})
}

func (a *Account) resumeRemoval(ctx context.Context) error {
	b, ok, err := a.Store.Value(ctx, removingValue)
	if err != nil || !ok {
		return err
	}
	who, o, ok := parseRemoving(b)
	if !ok {
		return nil
	}
	if _, err := a.removeDevice(ctx, who, o); err != nil {
		return fmt.Errorf("complete a removal: %w", err)
	}
	return nil
}

// spreadRemovals removes keys that were removed from the account from spaces too
// that only this device, or few others, own; from a thief's time on nothing is
// adopted here either.
func (a *Account) spreadRemovals(ctx context.Context) error {
	v := a.now.Load()
	var failed error
	done := map[key.Receiver]bool{}
	for _, g := range v.grants {
		if v.removed(g.receiver) && !done[g.receiver] && v.owns(g.ns) && !v.set(g.ns).Removed(g.receiver) && v.lives(g.grantSet) {
			done[g.receiver] = true
			_, err := a.removeDevice(ctx, g.receiver, RemoveOptions{Since: v.stolen[g.receiver]})
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// cutAccomplices removes devices that a stolen one has let in and that the remover
// didn't know of: another device may have given them chains of its own in good
// faith, before it heard.
func (a *Account) cutAccomplices(ctx context.Context) error {
	v := a.now.Load()
	if len(v.stolen) == 0 {
		return nil
	}
	var let []key.Receiver
	for e, err := range a.Entries.Aside(ctx, v.identity, sharedArea(v.identity, devicesPath)) {
		if err != nil {
			return fmt.Errorf("look for devices that a stolen one let in: %w", err)
		}
		keys, ok := pathKeys(e.Entry.Path, 1)
		c, err := a.Verifier.Capability(e.Token.Capability)
		if !ok || err != nil || e.Entry.PayloadLength == 0 {
			continue
		}
		since, stolen := v.stolen[c.Receiver()]
		if who := key.Receiver(keys[0]); stolen && !e.Entry.Timestamp.Time().Before(since) && !v.listed(who) && !v.removed(who) {
			let = append(let, who)
		}
	}
	var failed error
	for _, who := range let {
		if _, err := a.removeDevice(ctx, who, RemoveOptions{Since: always}); err != nil {
			failed = errors.Join(failed, fmt.Errorf("remove a device that a stolen one let in: %w", err))
		}
	}
	return failed
}

// listed reports whether a device is one of the account's.
func (v *view) listed(who key.Receiver) bool {
	return slices.ContainsFunc(v.devices, func(d DeviceInfo) bool { return d.Receiver == who })
}
