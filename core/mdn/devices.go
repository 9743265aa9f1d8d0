package mdn

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// Errors that a caller may branch on.
var (
	ErrSelf = errors.New("this device can't do that to itself")
	// ErrUpstream says that this device has a space only by way of the device that
	// it is to be taken from.
	ErrUpstream = errors.New("this device got the space from that one")
)

// Granted is what one device has given another: the greatest level of what went
// from it directly.
type Granted struct {
	Namespace willow.NamespaceID
	Receiver  key.Receiver
	Level     string // full, write or read
}

// Changed is what a change of a device's access came to.
type Changed struct {
	Given, Withdrawn []willow.NamespaceID
	Adopted          int
}

// device returns a device of the account that this one may act on.
func (v *view) device(who, self key.Receiver) (DeviceInfo, error) {
	switch {
	case !v.paired():
		return DeviceInfo{}, ErrNotPaired
	case who == self:
		return DeviceInfo{}, ErrSelf
	case !v.full():
		return DeviceInfo{}, ErrNotAllowed
	}
	for _, d := range v.devices {
		if d.Receiver == who {
			return d, nil
		}
	}
	return DeviceInfo{}, ErrNotFound
}

// Granted lists what a device has handed on to others, as far as it is live and
// known here.
func (a *Account) Granted(ctx context.Context, who key.Receiver) ([]Granted, error) {
	v := a.now.Load()
	if _, err := v.device(who, a.self); err != nil {
		return nil, err
	}
	type pair struct {
		ns willow.NamespaceID
		to key.Receiver
	}
	levels := map[pair]int{}
	for ns := range v.caps {
		chains, err := a.chains(ctx, v, ns)
		if err != nil {
			return nil, fmt.Errorf("list what was granted: %w", err)
		}
		for _, c := range chains {
			keys := c.Receivers()
			if i := slices.Index(keys, who) + 1; i > 0 && i < len(keys) && v.set(ns).Live(c) {
				p := pair{ns, keys[i]}
				levels[p] = max(levels[p], level(c.Cut(i)))
			}
		}
	}
	var all []Granted
	for p, l := range levels {
		all = append(all, Granted{p.ns, p.to, levelNames[l]})
	}
	slices.SortFunc(all, func(x, y Granted) int {
		return slices.Compare(append(x.Namespace[:], x.Receiver[:]...), append(y.Namespace[:], y.Receiver[:]...))
	})
	return all, nil
}

var levelNames = []string{"", "read", "write", "full"}

func level(c *meadowcap.Capability) int {
	switch {
	case Owner(c):
		return 3
	case c.Mode == meadowcap.Write:
		return 2
	}
	return 1
}

// Left is something that a device has written and that isn't all here, so that this
// device can't adopt it: a file, or with an empty path a record.
type Left struct {
	Namespace willow.NamespaceID
	Path      string
}

// LeftError says that something would be left behind. Nothing was changed.
type LeftError struct{ Left []Left }

func (e *LeftError) Error() string {
	return fmt.Sprintf("%d files and records of the device aren't all here", len(e.Left))
}

// SetSpaces says which spaces a device is to have, all or the listed ones: what
// is missing is given, what is too much withdrawn, after what the device has
// written there has been adopted; if that can't be, because it isn't all here, that
// is a [LeftError], unless anyway. What this device can't do, because it isn't an
// owner's device of a space, others do when they hear of it.
func (a *Account) SetSpaces(ctx context.Context, who key.Receiver, all bool, spaces []willow.NamespaceID, anyway bool) (Changed, error) {
	a.cutting.Lock()
	defer a.cutting.Unlock()
	stands := standing{all: all, spaces: spaces}
	if _, err := a.now.Load().device(who, a.self); err != nil {
		return Changed{}, fmt.Errorf("change a device's spaces: %w", err)
	}
	if !anyway {
		if err := a.complete(ctx, a.withdrawing(ctx, who, surplus(a.now.Load().served(who), stands))); err != nil {
			return Changed{}, fmt.Errorf("change a device's spaces: %w", err)
		}
	}
	before, after, err := a.stand(ctx, who, stands)
	if err != nil {
		return Changed{}, fmt.Errorf("change a device's spaces: %w", err)
	}
	var c Changed
	for ns := range after {
		if !before[ns] {
			c.Given = append(c.Given, ns)
		}
	}
	much := surplus(after, stands)
	if c.Adopted, err = a.withdraw(context.WithoutCancel(ctx), who, much); err != nil {
		return c, fmt.Errorf("withdraw a device's spaces: %w", err)
	}
	left := a.now.Load().served(who)
	for _, ns := range much {
		if !left[ns] { // else it is for others to withdraw
			c.Withdrawn = append(c.Withdrawn, ns)
		}
	}
	slices.SortFunc(c.Given, func(x, y willow.NamespaceID) int { return compareIDs(x, y) })
	return c, nil
}

// surplus returns what a device has and isn't to have, in order.
func surplus(has map[willow.NamespaceID]bool, s standing) (much []willow.NamespaceID) {
	for ns := range has {
		if !s.has(ns) {
			much = append(much, ns)
		}
	}
	slices.SortFunc(much, func(x, y willow.NamespaceID) int { return compareIDs(x, y) })
	return much
}

// stand writes what a device is to have, and gives what is missing. It returns
// which spaces the device had and has.
func (a *Account) stand(ctx context.Context, who key.Receiver, s standing) (before, after map[willow.NamespaceID]bool, err error) {
	a.writing.Lock()
	defer a.writing.Unlock()
	v := a.now.Load()
	if _, err := v.device(who, a.self); err != nil {
		return nil, nil, err
	}
	before = v.served(who)
	for ns := range before {
		if !s.has(ns) && v.owns(ns) && v.beside(ns, who) == nil {
			return nil, nil, ErrUpstream
		}
	}
	if err := a.write(ctx, v, draft{v.home, recordPath(standingPath, who), s.encode()}); err != nil {
		return nil, nil, err
	}
	err = a.reread(context.WithoutCancel(ctx), func(to key.Receiver) bool { return to == who })
	if err != nil {
		return nil, nil, err
	}
	a.notify(v.home)
	return before, a.now.Load().served(who), nil
}

// served returns the spaces of which a device has live capabilities, as far as
// home says.
func (v *view) served(who key.Receiver) map[willow.NamespaceID]bool {
	all := map[willow.NamespaceID]bool{}
	for _, g := range v.grants {
		if g.receiver == who && g.ns != v.identity && g.ns != v.home && v.lives(g.grantSet) {
			all[g.ns] = true
		}
	}
	return all
}

// beside returns this device's chain over a namespace that doesn't go through a
// key; nil without one.
func (v *view) beside(ns willow.NamespaceID, who key.Receiver) *meadowcap.Capability {
	if v.whole(ns, meadowcap.Read, who) == nil {
		return nil
	}
	return v.whole(ns, meadowcap.Write, who)
}

// withdraw ends a device's access to spaces, where this device can.
func (a *Account) withdraw(ctx context.Context, who key.Receiver, spaces []willow.NamespaceID) (adopted int, err error) {
	return a.carry(ctx, a.withdrawing(ctx, who, spaces), nil)
}

// withdrawing plans that.
func (a *Account) withdrawing(ctx context.Context, who key.Receiver, spaces []willow.NamespaceID) planning {
	return func(v *view) (cuts []*cut, drafts []draft, err error) {
		for _, ns := range spaces {
			if v.beside(ns, who) == nil {
				continue
			}
			c, err := a.withdrawal(ctx, v, ns, who)
			if err != nil {
				return nil, nil, err
			}
			if c == nil {
				continue
			}
			again, err := a.reissue(v, c, who)
			if err != nil {
				return nil, nil, err
			}
			cuts, drafts = append(cuts, c), append(drafts, again...)
		}
		return cuts, drafts, nil
	}
}

// Tend carries on what was decided about devices: a removal that was cut short;
// removals and withdrawals by other devices, in spaces that those don't own. Call
// it a while after news of the account, when all of it has come: what is missing
// here yet would be done twice.
func (a *Account) Tend(ctx context.Context) error {
	a.cutting.Lock()
	defer a.cutting.Unlock()
	if !a.Full() {
		return nil
	}
	return errors.Join(a.resumeRemoval(ctx), a.spreadRemovals(ctx), a.cutAccomplices(ctx), a.withdrawSurplus(ctx), a.giveAgain(ctx))
}

// giveAgain gives devices another chain in place of one that died, where they are
// still to have what it was for.
func (a *Account) giveAgain(ctx context.Context) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	return a.reread(ctx, func(key.Receiver) bool { return true })
}

// withdrawSurplus withdraws what a device was given and is not to have: by this
// device, whose records of it are older than what it knows by now, or before that
// was decided.
func (a *Account) withdrawSurplus(ctx context.Context) error {
	v := a.now.Load()
	surplus := map[key.Receiver][]willow.NamespaceID{}
	for _, g := range v.grants {
		s, known := v.standing[g.receiver]
		listed := slices.ContainsFunc(v.devices, func(d DeviceInfo) bool { return d.Receiver == g.receiver && !d.Self })
		if known && listed && g.ns != v.identity && g.ns != v.home && !s.has(g.ns) && v.lives(g.grantSet) &&
			(g.mine || s.at > g.at) && !slices.Contains(surplus[g.receiver], g.ns) {
			surplus[g.receiver] = append(surplus[g.receiver], g.ns)
		}
	}
	var failed error
	for who, spaces := range surplus {
		_, err := a.withdraw(ctx, who, spaces)
		failed = errors.Join(failed, err)
	}
	return failed
}

// Has reports whether a device has a live capability of a namespace, as far as is
// known here: identity for every device, home for full ones.
func (a *Account) Has(device key.Receiver, ns willow.NamespaceID) bool {
	v := a.now.Load()
	for _, d := range v.devices {
		if d.Receiver == device {
			return ns == v.identity || ns == v.home && d.Kind == Full || v.served(device)[ns]
		}
	}
	return false
}
