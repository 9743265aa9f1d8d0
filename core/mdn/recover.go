package mdn

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// keysLength is the length of encoded keys: three secrets.
const keysLength = 3 * key.Size

// Encode returns the keys as a file keeps them until a recovery is finished: the
// seeds of identity and home space, then the recovery key. They are worth as much
// as the words.
func (k Keys) Encode() []byte {
	identity, home := k.Identity.Seed(), k.Home.Seed()
	return slices.Concat(identity[:], home[:], k.Recovery.Bytes())
}

// DecodeKeys reads what Encode wrote.
func DecodeKeys(b []byte) (Keys, error) {
	if len(b) != keysLength {
		return Keys{}, fmt.Errorf("%w: keys of %d bytes", errFormat, len(b))
	}
	recovery, err := ecdh.X25519().NewPrivateKey(b[2*key.Size:])
	if err != nil {
		return Keys{}, fmt.Errorf("recovery key: %w", err)
	}
	k := Keys{
		Identity: key.NamespaceFromSeed([key.Size]byte(b)), Home: key.NamespaceFromSeed([key.Size]byte(b[key.Size : 2*key.Size])),
		Recovery: recovery,
	}
	if !k.Identity.Namespace().Creatable() || !k.Home.Namespace().Creatable() {
		return Keys{}, fmt.Errorf("%w: keys of no account", errFormat)
	}
	return k, nil
}

// Of reports whether the keys are an account's.
func (k Keys) Of(a *Account) bool { return k.Identity.Namespace() == a.Identity() }

// Recover makes this device one of the account that words belong to, by root
// capabilities that they sign. Nothing of the account is here yet: its home space's
// statements and records come from devices that still have them, and then Reclaim
// and Refound take it back. The keys are for those; whoever keeps them until then
// drops them afterwards.
func (a *Account) Recover(ctx context.Context, w Words, device, platform string) (Keys, error) {
	if err := CheckName(device); err != nil {
		return Keys{}, err
	}
	keys, err := w.Keys()
	if err != nil {
		return Keys{}, err
	}
	a.writing.Lock()
	defer a.writing.Unlock()
	if a.Paired() {
		return Keys{}, ErrPaired
	}
	if err := a.found(ctx, keys, "", a.describe(device, platform)); err != nil {
		return Keys{}, fmt.Errorf("recover account: %w", err)
	}
	return keys, nil
}

// Reclaim does of a recovery what can be done by what is known by now: it opens an
// epoch in which this device counts, where an earlier recovery has begun one in
// which it doesn't; and takes the capabilities of the spaces whose sealed seeds
// have come. It returns the spaces that are new to this device. A seed that doesn't
// open, or opens to another space's, is left out: whoever wanted to could publish
// one.
func (a *Account) Reclaim(ctx context.Context, k Keys) (taken []willow.NamespaceID, err error) {
	a.writing.Lock()
	defer a.writing.Unlock()
	if !k.Of(a) {
		return nil, ErrNotAllowed
	}
	if err := errors.Join(a.reopen(ctx, k.Identity), a.reopen(ctx, k.Home)); err != nil {
		return nil, fmt.Errorf("begin a new epoch: %w", err)
	}
	for _, s := range a.seeds(ctx, k) {
		ns := s.Namespace()
		if !a.now.Load().rooted(ns, a.self) {
			if err := a.takeSpace(ctx, s); err != nil {
				return taken, fmt.Errorf("take a space back: %w", err)
			}
			taken = append(taken, ns)
		}
		if err := a.reopen(ctx, s); err != nil {
			return taken, fmt.Errorf("begin a new epoch: %w", err)
		}
	}
	if len(taken) > 0 {
		err = a.refresh(ctx)
		a.notify(append(taken, a.Home())...)
	}
	return taken, err
}

// seeds opens the sealed seeds that are known, by space.
func (a *Account) seeds(ctx context.Context, k Keys) (all []key.NamespaceSecret) {
	seen := map[willow.NamespaceID]bool{}
	for _, s := range a.now.Load().set(a.Home()).All() {
		seed, ok := s.Body.(Seed)
		if !ok || seen[seed.Space] {
			continue
		}
		secret, err := seed.Open(k.Recovery)
		if err != nil {
			a.Log.WarnContext(ctx, "a sealed seed doesn't open", "space", seed.Space, "error", err)
			continue
		}
		seen[seed.Space] = true
		all = append(all, secret)
	}
	return all
}

// rooted reports whether this device has root capabilities of a namespace.
func (v *view) rooted(ns willow.NamespaceID, self key.Receiver) bool {
	return slices.ContainsFunc(v.caps[ns].write, func(c *meadowcap.Capability) bool { return c.User == self && len(c.Delegations) == 0 })
}

// takeSpace signs this device's root capabilities of a space.
func (a *Account) takeSpace(ctx context.Context, s key.NamespaceSecret) error {
	g, v := rootGrants(s, a.self), a.now.Load().clone()
	if err := a.holdAll(ctx, v, []grantSet{g}); err != nil {
		return err
	}
	a.now.Store(v)
	ns := s.Namespace()
	a.unjudged[ns] = true
	if v.whole(v.home, meadowcap.Write, key.Receiver{}) == nil {
		return nil // the record comes with the epoch, see Refound
	}
	err := a.write(ctx, v, draft{v.home, recordPath(capsPath, ns, a.self, ns), g.fields().encode()})
	if errors.Is(err, errEnd) {
		return nil // likewise
	}
	return err
}

// reopen begins an epoch for this device beside those of the epoch that there is,
// if it doesn't count in that one, or if there are two that contradict each other: of
// these it goes on with the one that decides verdicts. Removals and withdrawals by owners' devices are
// carried over as soon as they are known here, or they would count no more.
func (a *Account) reopen(ctx context.Context, s key.NamespaceSecret) error {
	ns := s.Namespace()
	set := a.now.Load().set(ns)
	if set.epoch == 0 {
		return nil
	}
	if !set.devices[a.self] || set.conflict != nil {
		before := set.founding.Body.(Epoch)
		e := Epoch{N: set.epoch + 1, Devices: withKey(before.Devices, a.self), Kept: before.Kept}
		st, err := StateByNamespace(s, e)
		if err != nil {
			return err
		}
		if err := a.publish(ctx, map[willow.NamespaceID][]*Statement{ns: {st}}, nil); err != nil {
			return err
		}
	}
	return a.carryOver(ctx, ns)
}

// withKey returns an ascending list with one more key.
func withKey(list []key.Receiver, k key.Receiver) []key.Receiver {
	if slices.Contains(list, k) {
		return list
	}
	list = append(slices.Clone(list), k)
	slices.SortFunc(list, func(x, y key.Receiver) int { return bytes.Compare(x[:], y[:]) })
	return list
}

// carryOver states again, in an epoch that this device has only joined, what
// owners' devices had stated in the one before.
func (a *Account) carryOver(ctx context.Context, ns willow.NamespaceID) error {
	v := a.now.Load()
	set := v.set(ns)
	chain := v.whole(ns, meadowcap.Write, key.Receiver{})
	before := set.earlier()
	if chain == nil || before == nil || !joins(before.founding, set.founding, a.self) {
		return nil
	}
	var bodies []Body
	for k, all := range before.removed {
		for _, r := range all {
			if r.owner && !set.Removed(k) {
				bodies = append(bodies, Remove{Key: k, Epoch: set.epoch, Kept: r.statement.Body.(Remove).Kept})
			}
		}
	}
	for id, all := range before.withdrawn {
		if slices.ContainsFunc(all, func(w authority) bool { return w.owner }) && len(set.withdrawn[id]) == 0 {
			bodies = append(bodies, Withdraw{Epoch: set.epoch, Handovers: [][32]byte{id}})
		}
	}
	var statements []*Statement
	for _, b := range bodies {
		s, err := StateByDevice(a.Device, chain, b)
		if err != nil {
			return err
		}
		statements = append(statements, s)
	}
	if len(statements) == 0 {
		return nil
	}
	return a.publish(ctx, map[willow.NamespaceID][]*Statement{ns: statements}, nil)
}

// earlier returns the set as it was without the highest epoch; nil if that was the
// first one.
func (s *Set) earlier() *Set {
	if s.epoch < 2 {
		return nil
	}
	var rest []*Statement
	for _, st := range s.All() {
		if e, ok := st.Body.(Epoch); !ok || e.N < s.epoch {
			rest = append(rest, st)
		}
	}
	if before := newSet(s.ns, rest); before.founding != nil {
		return before
	}
	return nil
}

// joins reports whether an epoch is the one before with one more device.
func joins(before, now *Statement, who key.Receiver) bool {
	b, n := before.Body.(Epoch), now.Body.(Epoch)
	return slices.Equal(withKey(b.Devices, who), n.Devices) && slices.Equal(b.Kept, n.Kept)
}

// RefoundOptions are the choices of Refound.
type RefoundOptions struct {
	Keep []key.Receiver // devices that stay, beside those that this one has let in
	// Since, unless zero, is from when on nothing that devices wrote which don't stay
	// is kept: what was there before comes in its place.
	Since time.Time
}

// Refound begins a new epoch in namespaces of the account: only this device, those
// that are kept and who was granted something count in it. What was written under
// the chains that die is adopted before, as far as it is here; but nothing that is
// dated ahead of any clock, in whose place comes what was there before. With the
// identity space the devices that aren't kept are listed no more. The error is an
// [ErrSeed] for a space whose seed isn't known.
func (a *Account) Refound(ctx context.Context, k Keys, namespaces []willow.NamespaceID, o RefoundOptions) (adopted int, err error) {
	a.cutting.Lock()
	defer a.cutting.Unlock()
	if !k.Of(a) {
		return 0, ErrNotAllowed
	}
	secrets := map[willow.NamespaceID]key.NamespaceSecret{k.Identity.Namespace(): k.Identity, k.Home.Namespace(): k.Home}
	for _, s := range a.seeds(ctx, k) {
		secrets[s.Namespace()] = s
	}
	for _, ns := range namespaces {
		if _, ok := secrets[ns]; !ok {
			return 0, fmt.Errorf("recover %s: %w", ns, ErrSeed)
		}
	}
	own, err := a.letIn(ctx, a.now.Load())
	if err != nil {
		return 0, fmt.Errorf("begin a new epoch: %w", err)
	}
	o.Keep = slices.Concat(o.Keep, own)
	adopted, err = a.carry(context.WithoutCancel(ctx), a.refounding(ctx, secrets, namespaces, o), nil)
	if err != nil {
		return adopted, fmt.Errorf("begin a new epoch: %w", err)
	}
	return adopted, nil
}

// refounding plans new epochs.
func (a *Account) refounding(ctx context.Context, secrets map[willow.NamespaceID]key.NamespaceSecret, namespaces []willow.NamespaceID, o RefoundOptions) planning {
	return func(v *view) (cuts []*cut, drafts []draft, err error) {
		for _, ns := range namespaces {
			set := v.set(ns)
			e := Epoch{N: set.epoch + 1, Devices: []key.Receiver{a.self}}
			if err := a.keepIn(ctx, v, ns, o, &e); err != nil {
				return nil, nil, err
			}
			all, err := a.epochStatements(v, secrets[ns], e, o.Keep)
			if err != nil {
				return nil, nil, err
			}
			until := a.Now().Add(AheadOfClocks)
			if !o.Since.IsZero() {
				until = o.Since
			}
			cuts = append(cuts, &cut{ns: ns, statement: all[0], more: all[1:], before: set, after: set.Add(all...), until: until})
			if ns == v.identity {
				drafts = append(drafts, a.unlist(v, o)...)
			} else if ns != v.home {
				drafts = append(drafts, draft{v.home, recordPath(capsPath, ns, a.self, ns), rootGrants(secrets[ns], a.self).fields().encode()})
			}
		}
		return cuts, drafts, nil
	}
}

// epochStatements are an epoch, and in it the removals of all devices that aren't
// kept: a chain to one may go through a device that is, and what was removed or
// withdrawn before an epoch doesn't count in it.
func (a *Account) epochStatements(v *view, s key.NamespaceSecret, e Epoch, keep []key.Receiver) ([]*Statement, error) {
	ns := s.Namespace()
	set, chain := v.set(ns), rootGrants(s, a.self).write
	first, err := StateByNamespace(s, e)
	if err != nil {
		return nil, err
	}
	gone := map[key.Receiver]bool{}
	for _, d := range v.devices {
		gone[d.Receiver] = true
	}
	for k := range set.removed {
		gone[k] = gone[k] || set.Removed(k)
	}
	all := []*Statement{first}
	for _, k := range slices.SortedFunc(maps.Keys(gone), func(x, y key.Receiver) int { return bytes.Compare(x[:], y[:]) }) {
		if k == a.self || !gone[k] || slices.Contains(keep, k) {
			continue
		}
		st, err := StateByDevice(a.Device, chain, Remove{Key: k, Epoch: e.N, Kept: e.Kept})
		if err != nil {
			return nil, err
		}
		all = append(all, st)
	}
	var over [][32]byte
	for id, by := range set.withdrawn {
		if slices.ContainsFunc(by, func(w authority) bool { return w.owner }) && !slices.Contains(e.Kept, id) {
			over = append(over, id)
		}
	}
	slices.SortFunc(over, compareIDs)
	for some := range slices.Chunk(over, maxForeignHandovers) {
		st, err := StateByDevice(a.Device, chain, Withdraw{Epoch: e.N, Handovers: some})
		if err != nil {
			return nil, err
		}
		all = append(all, st)
	}
	return all, nil
}

// unlist returns the records by which the devices that aren't kept are listed no
// more, and the grants that aren't have ended. The grants' own are written again, as
// in [Account.losing].
func (a *Account) unlist(v *view, o RefoundOptions) (drafts []draft) {
	for _, d := range v.devices {
		if d.Self || slices.Contains(o.Keep, d.Receiver) {
			continue
		}
		drafts = append(drafts,
			draft{v.home, recordPath(formerPath, d.Receiver), formerRecord(d, a.Now(), o.Since).encode()},
			draft{v.identity, recordPath(devicesPath, d.Receiver), nil},
			draft{v.home, recordPath(standingPath, d.Receiver), nil})
	}
	gone := a.goneFor(v, o)
	for id, g := range v.deals().given {
		if g.ended.IsZero() && !v.foreign(g.Space) && !v.keepsGrant(g, gone, RemoveOptions{Since: o.Since}, a.Now()) {
			drafts = append(drafts,
				draft{v.home, idPath(grantsPath, id), g.fields().encode()},
				draft{v.home, idPath(endsPath, id), endRecord(a.Now()).encode()})
		}
	}
	return drafts
}
