package mdn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// Sign authorises an entry with the shortest live write chain of this device
// that includes it. The error is an [ErrNotAllowed] if there is none.
func (a *Account) Sign(_ context.Context, e willow.Entry) (willow.Authorised, error) {
	return a.sign(a.now.Load(), e)
}

func (a *Account) sign(v *view, e willow.Entry) (willow.Authorised, error) {
	set := v.set(e.Namespace)
	for _, c := range v.caps[e.Namespace].write {
		if c.Area().Includes(e) && set.Live(c) && !a.doomed(c) && !v.cutOff(a.self) {
			return meadowcap.Sign(a.Device, c, e)
		}
	}
	return willow.Authorised{}, fmt.Errorf("sign entry: %w", ErrNotAllowed)
}

// doomed reports whether a chain won't outlive what is about to be published.
func (a *Account) doomed(c *meadowcap.Capability) bool {
	coming := a.coming.Load()
	return coming != nil && slices.ContainsFunc(*coming, func(cut *cut) bool { return cut.ns == c.Namespace && cut.dooms(c) })
}

// MayWrite reports whether this device could write at a path now.
func (a *Account) MayWrite(ns willow.NamespaceID, ss willow.SubspaceID, p willow.Path) bool {
	v := a.now.Load()
	e := willow.Entry{Namespace: ns, Subspace: ss, Path: p, Timestamp: willow.TimestampOf(a.Now())}
	set := v.set(ns)
	for _, c := range v.caps[ns].write {
		if c.Area().Includes(e) && set.Live(c) && !v.cutOff(a.self) {
			return true
		}
	}
	return false
}

// Owns reports whether this device is an owner's of a namespace: it has a live write
// chain over the whole of it.
func (a *Account) Owns(ns willow.NamespaceID) bool {
	v := a.now.Load()
	set := v.set(ns)
	return slices.ContainsFunc(v.caps[ns].write, func(c *meadowcap.Capability) bool { return Owner(c) && set.Live(c) })
}

// OwnerChain reports whether a capability is that of an owner's device: a live
// write chain over the whole of its namespace.
func (a *Account) OwnerChain(capability []byte) bool {
	c, err := a.Verifier.Capability(capability)
	return err == nil && Owner(c) && a.Live(c)
}

// Counts reports whether a capability's chain is valid and live.
func (a *Account) Counts(capability []byte) bool {
	c, err := a.Verifier.Capability(capability)
	return err == nil && a.Live(c)
}

// draft is a record that isn't written yet.
type draft struct {
	ns      willow.NamespaceID
	path    willow.Path
	payload []byte
}

// record stores the payload of a draft and signs its entry, by what v knows.
func (a *Account) record(ctx context.Context, v *view, d draft) (willow.Incoming, error) {
	ss := shared(d.ns)
	t, err := a.timestamp(ctx, v, d.ns, ss, d.path)
	if err != nil {
		return willow.Incoming{}, err
	}
	digest := willow.EmptyDigest // of a record that is to be no more
	if len(d.payload) > 0 {
		if digest, err = a.Payloads.Put(ctx, d.ns, ss, d.payload); err != nil {
			return willow.Incoming{}, fmt.Errorf("store record: %w", err)
		}
	}
	signed, err := a.sign(v, willow.Entry{
		Namespace:     d.ns,
		Subspace:      ss,
		Path:          d.path,
		Timestamp:     t,
		PayloadLength: uint64(len(d.payload)),
		PayloadDigest: digest,
	})
	return willow.Incoming{Authorised: signed}, err
}

// timestamp returns the time of a new entry by FORMATS, "Time": later than all
// that is known at, below and above the path. What is dated ahead of any clock is
// passed over if it doesn't count, or won't: or who was cut off could have seen to
// it that nobody writes there again.
func (a *Account) timestamp(ctx context.Context, v *view, ns willow.NamespaceID, ss willow.SubspaceID, p willow.Path) (willow.Timestamp, error) {
	newest, err := a.Entries.Newest(ctx, ns, ss, p)
	now := willow.TimestampOf(a.Now())
	if err == nil && newest > willow.TimestampOf(a.Now().Add(AheadOfClocks)) {
		newest, err = a.newestCounting(ctx, v, ns, ss, p)
	}
	if err != nil {
		return 0, err
	}
	const end = 1<<64 - 2 // t and t + 1 lie below it
	if newest > end-4 {
		return 0, errEnd
	}
	return max(now, newest+2), nil
}

// errEnd says that nothing can be written in a place until who has pruned it is
// removed.
var errEnd = errors.New("an entry there is dated at the end of time: nothing can be newer")

// AheadOfClocks is how far an entry's time lies ahead at least that no clock has
// given it: those of honest devices may be wrong by years.
const AheadOfClocks = 10 * 365 * 24 * time.Hour

// newestCounting is the greatest timestamp at, below and above a path under chains
// that are live by what v knows and by what is about to be published.
func (a *Account) newestCounting(ctx context.Context, v *view, ns willow.NamespaceID, ss willow.SubspaceID, p willow.Path) (newest willow.Timestamp, err error) {
	verdicts := map[string]bool{}
	note := func(e willow.Authorised) {
		counts, asked := verdicts[string(e.Token.Capability)]
		if !asked {
			c, err := a.Verifier.Capability(e.Token.Capability)
			counts = err == nil && v.set(ns).Live(c) && !a.doomed(c)
			verdicts[string(e.Token.Capability)] = counts
		}
		if counts {
			newest = max(newest, e.Entry.Timestamp)
		}
	}
	area := willow.Area{Subspace: ss, Path: p, Times: willow.AllTimes}
	for e, err := range a.Entries.Area(ctx, ns, area) {
		if err != nil {
			return 0, err
		}
		note(e)
	}
	for e, err := range a.Entries.History(ctx, ns, area, false) {
		if err != nil {
			return 0, err
		}
		note(e.Authorised)
	}
	for above, ok := p.Parent(); ok; above, ok = above.Parent() {
		e, there, err := a.Entries.Get(ctx, ns, ss, above)
		if err != nil {
			return 0, err
		}
		if there {
			note(e)
		}
	}
	return newest, nil
}

// write stores drafts, those of one namespace in one commit.
func (a *Account) write(ctx context.Context, v *view, drafts ...draft) error {
	batches := map[willow.NamespaceID][]willow.Incoming{}
	for _, d := range drafts {
		in, err := a.record(ctx, v, d)
		if err != nil {
			return err
		}
		batches[d.ns] = append(batches[d.ns], in)
	}
	for _, batch := range batches {
		if _, err := a.Entries.Insert(ctx, 0, batch); err != nil {
			return fmt.Errorf("store records: %w", err)
		}
	}
	return nil
}
