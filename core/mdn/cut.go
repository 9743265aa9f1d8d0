package mdn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/zeebo/blake3"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// cut is a statement that takes access away in one namespace, not yet published.
type cut struct {
	ns        willow.NamespaceID
	statement *Statement
	more      []*Statement // published with it
	before    *Set
	after     *Set // with the statement
	// until, unless zero: what was written under a chain that is cut from then on
	// isn't kept.
	until time.Time
}

// dooms reports whether a chain that is live now won't be any more.
func (c *cut) dooms(chain *meadowcap.Capability) bool {
	return c.before.Live(chain) && !c.after.Live(chain)
}

// newCut signs a statement with this device's own chain over a namespace, or over
// what it has of it.
func (a *Account) newCut(v *view, ns willow.NamespaceID, body Body) (*cut, error) {
	chain := v.stating(ns)
	if chain == nil {
		return nil, ErrNotAllowed
	}
	s, err := StateByDevice(a.Device, chain, body)
	if err != nil {
		return nil, err
	}
	before := v.set(ns)
	return &cut{ns: ns, statement: s, before: before, after: before.Add(s)}, nil
}

// removal is the cut that removes a key from a namespace for ever. What the key
// has handed on to those that stay is kept: they needn't even hear of it.
func (a *Account) removal(ctx context.Context, v *view, ns willow.NamespaceID, who key.Receiver, s stays) (*cut, error) {
	chains, err := a.chains(ctx, v, ns)
	if err != nil {
		return nil, err
	}
	var kept [][32]byte
	for _, c := range chains {
		keys := c.Receivers()
		for i := slices.Index(keys, who) + 1; i > 0 && i < len(keys); i++ {
			if id := HandoverID(c, i); s.devices[keys[i]] || s.handovers[id] {
				kept = append(kept, id)
				break
			}
		}
	}
	slices.SortFunc(kept, compareIDs)
	c, err := a.newCut(v, ns, Remove{Key: who, Epoch: v.set(ns).epoch, Kept: slices.Compact(kept)})
	if err == nil {
		c.until = s.until
	}
	return c, err
}

// withdrawal is the cut that ends a device's access to a namespace, until it is
// given another chain. Nil if it has none.
func (a *Account) withdrawal(ctx context.Context, v *view, ns willow.NamespaceID, who key.Receiver) (*cut, error) {
	chains, err := a.chains(ctx, v, ns)
	if err != nil {
		return nil, err
	}
	var ids [][32]byte
	for _, c := range chains {
		if c.Receiver() == who && v.set(ns).Live(c) {
			ids = append(ids, HandoverID(c, len(c.Delegations)))
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	slices.SortFunc(ids, compareIDs)
	return a.newCut(v, ns, Withdraw{Epoch: v.set(ns).epoch, Handovers: slices.Compact(ids)})
}

// chains returns every capability of a namespace that is known here: this
// device's own, those that home has records of, those that persons were given, and
// those that live entries came with. It reads no entries: it is asked all the time.
func (a *Account) chains(ctx context.Context, v *view, ns willow.NamespaceID) ([]*meadowcap.Capability, error) {
	all := slices.Concat(v.caps[ns].read, v.caps[ns].write)
	known := map[string]bool{}
	for _, c := range all {
		known[string(c.Encode())] = true
	}
	for _, g := range v.grants {
		for _, c := range g.chains() {
			if enc := string(c.Encode()); c.Namespace == ns && !known[enc] {
				all, known[enc] = append(all, c), true
			}
		}
	}
	for _, c := range a.granted(ns) {
		if enc := string(c.Encode()); !known[enc] {
			all, known[enc] = append(all, c), true
		}
	}
	written, err := a.Entries.Capabilities(ctx, ns)
	if err != nil {
		return nil, err
	}
	for _, enc := range written {
		if known[string(enc)] {
			continue
		}
		known[string(enc)] = true
		c, err := a.Verifier.Capability(enc)
		if err != nil {
			return nil, fmt.Errorf("stored capability: %w", err)
		}
		all = append(all, c)
	}
	return all, nil
}

// reissue returns the records of new chains, from this device, for the devices
// that would lose theirs of a namespace by a cut that isn't meant for them. who
// is whom it is meant for.
func (a *Account) reissue(v *view, c *cut, who key.Receiver) (drafts []draft, err error) {
	for _, d := range v.devices {
		if d.Self || d.Receiver == who {
			continue
		}
		loses, left := false, false
		for _, g := range v.grants {
			if g.ns != c.ns || g.receiver != d.Receiver {
				continue
			}
			doomed := slices.ContainsFunc(g.chains(), c.dooms)
			loses = loses || doomed
			left = left || !doomed && v.lives(g.grantSet)
		}
		if !loses || left {
			continue
		}
		g, err := a.delegate(v.under(c), c.ns, d.Receiver, d.Kind)
		if err != nil {
			return nil, fmt.Errorf("give %s another chain: %w", d.Name, err)
		}
		drafts = append(drafts, draft{v.home, recordPath(capsPath, c.ns, d.Receiver, a.self), g.fields().encode()})
	}
	return drafts, nil
}

// under returns the view as it will be with a cut: what it judges to live lives
// before and after.
func (v *view) under(cuts ...*cut) *view {
	w := v.clone()
	for _, c := range cuts {
		w.sets[c.ns] = w.set(c.ns).Add(append([]*Statement{c.statement}, c.more...)...)
	}
	return w
}

// adopt writes again, by this device's own right, what came under a chain that is
// doomed, so that it stays: files by the Adopter, records here. It returns how
// many there were.
func (a *Account) adoptDoomed(ctx context.Context, v *view, c *cut) (adopted int, err error) {
	if a.Adopter != nil && c.ns != v.identity && c.ns != v.home {
		if adopted, err = a.Adopter.Adopt(ctx, c.ns, a.doomedBy(c), c.until); err != nil {
			return adopted, err
		}
	}
	records, err := a.adoptRecords(ctx, v.under(c), c)
	return adopted + records, err
}

// doomedBy returns the test of encoded capabilities by a cut.
func (a *Account) doomedBy(c *cut) func(capability []byte) bool {
	return func(capability []byte) bool {
		chain, err := a.Verifier.Capability(capability)
		return err == nil && c.dooms(chain)
	}
}

// left lists what can't be adopted from what cuts doom.
func (a *Account) left(ctx context.Context, v *view, cuts []*cut) (all []Left, err error) {
	for _, c := range cuts {
		if a.Adopter != nil && c.ns != v.identity && c.ns != v.home {
			paths, err := a.Adopter.Left(ctx, c.ns, a.doomedBy(c), c.until)
			if err != nil {
				return nil, err
			}
			for _, p := range paths {
				all = append(all, Left{c.ns, p})
			}
		}
		for e, err := range a.doomedRecords(ctx, c) {
			if err != nil {
				return nil, err
			}
			if !a.hashed(ctx, e.Entry) {
				all = append(all, Left{c.ns, ""})
			}
		}
	}
	return all, nil
}

// adoptRecords adopts what isn't files: the same record, a tick later. So it is
// newer than the one that it stands for, and older than any that somebody else
// writes in its place.
func (a *Account) adoptRecords(ctx context.Context, v *view, c *cut) (int, error) {
	var batch []willow.Incoming
	for e, err := range a.doomedRecords(ctx, c) {
		if err != nil {
			return 0, err
		}
		if e.Entry.Timestamp > lastTimestamp || !a.hashed(ctx, e.Entry) {
			continue // nobody signs what they haven't seen
		}
		e.Entry.Timestamp++
		again, err := a.sign(v, e.Entry)
		if err != nil {
			return 0, fmt.Errorf("adopt record: %w", err)
		}
		batch = append(batch, willow.Incoming{Authorised: again})
	}
	if len(batch) == 0 {
		return 0, nil
	}
	if _, err := a.Entries.Insert(ctx, 0, batch); err != nil {
		return 0, fmt.Errorf("adopt records: %w", err)
	}
	return len(batch), nil
}

// lastTimestamp is the greatest of a record that another one can follow.
const lastTimestamp = 1<<64 - 8

// hashed reports whether a record's payload is here, and so has been hashed.
func (a *Account) hashed(ctx context.Context, e willow.Entry) bool {
	if e.PayloadLength == 0 {
		return e.PayloadDigest == willow.EmptyDigest
	}
	b, err := a.Payloads.Get(ctx, e.PayloadDigest)
	return err == nil && uint64(len(b)) == e.PayloadLength && blake3.Sum256(b) == e.PayloadDigest
}

// planning makes the cuts that are to be published, and the records that go with
// them, by what a view knows.
type planning func(v *view) ([]*cut, []draft, error)

// complete reports, as a [LeftError], what a plan would leave behind.
func (a *Account) complete(ctx context.Context, plan planning) error {
	v := a.now.Load()
	cuts, _, err := plan(v)
	if err != nil {
		return err
	}
	left, err := a.left(ctx, v, cuts)
	if err == nil && len(left) > 0 {
		err = &LeftError{left}
	}
	return err
}

// carry publishes cuts in one commit, together with values, after what they doom
// has been adopted and records have been written. Whoever must not lose access
// has been given another chain before. It returns how much was adopted.
func (a *Account) carry(ctx context.Context, plan planning, values map[string][]byte) (adopted int, err error) {
	a.writing.Lock()
	cuts, _, err := plan(a.now.Load())
	a.writing.Unlock()
	if err != nil {
		return 0, err
	}
	a.coming.Store(&cuts)
	defer a.coming.Store(nil)
	// Most of the adopting takes no lock: it may be much.
	if adopted, err = a.adoptAll(ctx, cuts); err != nil {
		return adopted, err
	}
	a.writing.Lock()
	defer a.writing.Unlock()
	v := a.now.Load()
	cuts, drafts, err := plan(v) // there may be more chains by now, and entries
	if err != nil {
		return adopted, err
	}
	a.coming.Store(&cuts)
	more, err := a.adoptAll(ctx, cuts)
	adopted += more
	if err == nil && len(drafts) > 0 {
		err = a.write(ctx, v.under(cuts...), drafts...)
	}
	if err != nil {
		return adopted, err
	}
	statements := map[willow.NamespaceID][]*Statement{}
	for _, c := range cuts {
		statements[c.ns] = append(append(statements[c.ns], c.statement), c.more...)
	}
	return adopted, a.publish(ctx, statements, values)
}

func (a *Account) adoptAll(ctx context.Context, cuts []*cut) (adopted int, err error) {
	v := a.now.Load()
	for _, c := range cuts {
		n, failed := a.adoptDoomed(ctx, v, c)
		if adopted += n; failed != nil {
			err = errors.Join(err, fmt.Errorf("adopt: %w", failed))
		}
	}
	return adopted, err
}

// publish stores statements of this device or of others, and gives them their
// effect. Subscribers hear of them before entries have been judged again: whom
// they cut off must not be served while that takes its time. It is for who holds
// a.writing.
func (a *Account) publish(ctx context.Context, all map[willow.NamespaceID][]*Statement, values map[string][]byte) error {
	old := a.now.Load()
	v := old.clone()
	b := Batch{
		Statements: map[willow.NamespaceID]map[[32]byte][]byte{}, Superseded: map[willow.NamespaceID][][32]byte{}, Values: values,
	}
	var changed []willow.NamespaceID
	for ns, more := range all {
		before := old.set(ns)
		after := before.Add(more...)
		if after.Hash() == before.Hash() {
			continue
		}
		changed = append(changed, ns)
		v.sets[ns] = after
		var added []*Statement
		for id, s := range after.kept {
			if before.kept[id] == nil {
				added = append(added, s)
			}
		}
		for id := range before.kept {
			if after.kept[id] == nil {
				b.Superseded[ns] = append(b.Superseded[ns], id)
			}
		}
		b.Statements[ns] = statementBatch(ns, added...)[ns]
	}
	if len(changed) == 0 && len(values) == 0 {
		return nil
	}
	if err := a.Store.Commit(ctx, b); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx) // whoever sent them may be gone already
	a.now.Store(v)
	for _, ns := range changed {
		a.unjudged[ns] = true
	}
	a.notify(changed...)
	err := a.refresh(ctx)
	a.notify(changed...)
	return err
}
