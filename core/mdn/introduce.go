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

// introduction is how an account shows itself to another one: its profile and
// devices, with all that is needed to see that they count, and that the device which
// introduces is one of them.
type introduction struct {
	custodian  willow.NamespaceID
	chain      *meadowcap.Capability // of the device that introduces: it writes all of the identity space
	statements []*Statement
	entries    []sealedEntry
}

// introduced is what an introduction says, once all of it has been checked.
type introduced struct {
	introduction
	person Person
	set    *Set
}

// Bounds of an introduction and of what is given after it.
const (
	maxIntroduced      = 4096 // statements and records
	maxIntroducedBytes = 8 << 20
	maxShown           = maxPersonRecords // capabilities
)

// introduce makes this account's introduction.
func (a *Account) introduce(ctx context.Context, v *view) (*introduction, error) {
	i := &introduction{custodian: v.identity, chain: v.whole(v.identity, meadowcap.Write, key.Receiver{})}
	if !v.full() || i.chain == nil {
		return nil, ErrNotAllowed
	}
	i.statements = v.set(v.identity).All()
	paths := []willow.Path{profilePath}
	for _, d := range v.devices {
		paths = append(paths, recordPath(devicesPath, d.Receiver))
	}
	for _, path := range paths {
		e, ok, err := a.Entries.Get(ctx, v.identity, shared(v.identity), path)
		if err != nil {
			return nil, err
		}
		if !ok || e.Entry.PayloadLength > maxRecord {
			continue
		}
		b, err := a.Payloads.Get(ctx, e.Entry.PayloadDigest)
		if err != nil {
			continue // not here yet: it comes by sync
		}
		i.entries = append(i.entries, sealedEntry{e, b})
	}
	return i, nil
}

// check verifies all of an introduction by the device peer.
func (i *introduction) check(a *Account, peer key.Endpoint) (*introduced, error) {
	v := a.now.Load()
	if i.custodian == v.identity {
		return nil, errors.New("it is a device of this account")
	}
	in := &introduced{introduction: *i, set: NewSet(i.custodian), person: Person{Custodian: i.custodian}}
	for _, s := range i.statements {
		if s.Namespace != i.custodian {
			return nil, errors.New("a statement of another namespace")
		}
		if err := s.Verify(a.Verifier); err != nil {
			return nil, err
		}
	}
	in.set = in.set.Add(i.statements...)
	if old := v.sets[i.custodian]; old != nil {
		in.set = in.set.Add(old.All()...) // what is known of it counts too
	}
	c := i.chain
	if _, err := a.Verifier.Capability(c.Encode()); err != nil {
		return nil, err
	}
	if c.Namespace != i.custodian || !Owner(c) || [key.Size]byte(c.Receiver()) != [key.Size]byte(peer) ||
		in.set.Conflict() != nil || !in.set.Live(c) || in.set.Removed(key.Receiver(peer)) {
		return nil, errors.New("the device isn't one of that account")
	}
	for _, e := range i.entries {
		if err := in.take(a, e); err != nil {
			return nil, err
		}
	}
	return in, in.complete(v, key.Receiver(peer))
}

// take takes one record of an introduction.
func (in *introduced) take(a *Account, e sealedEntry) error {
	c, err := a.Verifier.Entry(e.Entry, e.Token)
	if err != nil {
		return err
	}
	if e.Entry.Namespace != in.custodian || e.Entry.Subspace != shared(in.custodian) || !in.set.Live(c) {
		return errors.New("a record that doesn't count")
	}
	keys, isDevice := pathKeys(e.Entry.Path, 1)
	switch {
	case e.Entry.Path == profilePath:
		in.person.Name, in.person.Picture, err = parseProfile(e.payload)
		return err
	case isDevice && devicesPath.IsPrefixOf(e.Entry.Path):
		d, err := parsePersonDevice(keys[0], e.payload)
		if err == nil && !in.set.Removed(d.Receiver) {
			in.person.Devices = append(in.person.Devices, d)
		}
		return err
	}
	return errors.New("a record that doesn't belong there")
}

// complete reports, as an error, what an introduction lacks, or claims and mustn't.
func (in *introduced) complete(v *view, peer key.Receiver) error {
	if err := CheckName(in.person.Name); err != nil {
		return err
	}
	listed, full := false, 0
	for _, d := range in.person.Devices {
		if d.Kind == Full {
			full++
		}
		listed = listed || d.Receiver == peer && d.Kind == Full
		if slices.ContainsFunc(v.devices, func(own DeviceInfo) bool { return own.Receiver == d.Receiver }) {
			return errors.New("it lists a device of this account")
		}
	}
	if !listed {
		return errors.New("the device isn't one of its full ones")
	}
	if full > maxPersonFull {
		return fmt.Errorf("it lists %d full devices, more than %d", full, maxPersonFull)
	}
	sortDevices(in.person.Devices)
	return nil
}

// showTo makes the read capabilities of this account's identity space for a person's
// full devices. Those that they have already, and that live, are the same ones.
func (a *Account) showTo(v *view, in *introduced) ([]*meadowcap.Capability, error) {
	var all []*meadowcap.Capability
	for _, to := range (&person{Person: in.person}).full() {
		c, err := a.showOne(v, v.identity, to)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// showOne makes or finds one such capability, of this account's identity space for a
// device of a person, or of a person's for a device of the account. The error is an
// [ErrNotAllowed] if this device has nothing to hand on.
func (a *Account) showOne(v *view, ns willow.NamespaceID, to key.Receiver) (*meadowcap.Capability, error) {
	for _, g := range v.grants {
		if g.ns == ns && g.receiver == to && g.read.Area() == contactArea(ns) && v.lives(g.grantSet) {
			return g.read, nil
		}
	}
	for _, from := range v.caps[ns].read {
		if !v.set(ns).Live(from) || from.Area() != willow.FullArea && from.Area() != contactArea(ns) || slices.Contains(from.Receivers(), to) {
			continue
		}
		c, err := from.Delegate(a.Device, contactArea(ns), to)
		if err == nil && !v.set(ns).Live(c) {
			c, err = from.DelegateAgain(a.Device, contactArea(ns), to)
		}
		return c, err
	}
	return nil, ErrNotAllowed
}

// checkShown checks the capabilities that a person has made for this account's
// devices; there is one for this device at least.
func (in *introduced) checkShown(a *Account, all []*meadowcap.Capability) error {
	v, mine := a.now.Load(), false
	for _, c := range all {
		if _, err := a.Verifier.Capability(c.Encode()); err != nil {
			return err
		}
		if c.Namespace != in.custodian || c.Mode != meadowcap.Read || c.Area() != contactArea(in.custodian) || !in.set.Live(c) {
			return errors.New("a capability is for something else, or dead")
		}
		own := slices.ContainsFunc(v.devices, func(d DeviceInfo) bool { return d.Receiver == c.Receiver() && d.Kind == Full })
		if !own {
			return errors.New("a capability is for another device")
		}
		mine = mine || c.Receiver() == a.self
	}
	if !mine {
		return errors.New("no capability for this device")
	}
	return nil
}

// giverOf is who handed a capability on; its namespace, of a root.
func giverOf(c *meadowcap.Capability) [32]byte {
	if keys := c.Receivers(); len(keys) > 1 {
		return keys[len(keys)-2]
	}
	return [32]byte(c.Namespace)
}

// befriend keeps a person whose introduction and capabilities have been checked:
// here, and in the home space for the other devices. given is what they were given.
// The contact's own record comes last: without it the rest counts for nothing.
func (a *Account) befriend(ctx context.Context, in *introduced, peer key.Endpoint, shown, given []*meadowcap.Capability) (Person, error) {
	a.writing.Lock()
	defer a.writing.Unlock()
	v := a.now.Load().clone()
	ctx = context.WithoutCancel(ctx)
	var mine []grantSet
	var drafts []draft
	for _, c := range shown {
		g := grantSet{read: c}
		if c.Receiver() == a.self && !v.has(g) {
			mine = append(mine, g)
		}
		drafts = append(drafts, draft{v.home, recordPath(capsPath, c.Namespace, c.Receiver(), giverOf(c)), g.fields().encode()})
	}
	for _, c := range given {
		drafts = append(drafts, draft{v.home, recordPath(capsPath, v.identity, c.Receiver(), giverOf(c)), grantSet{read: c, person: in.custodian}.fields().encode()})
	}
	if err := a.holdAll(ctx, v, mine); err != nil {
		return Person{}, err
	}
	a.now.Store(v)
	if err := a.publish(ctx, map[willow.NamespaceID][]*Statement{in.custodian: in.statements}, nil); err != nil {
		return Person{}, err
	}
	if err := a.keep(ctx, in.entries); err != nil {
		return Person{}, err
	}
	v = a.now.Load()
	path := recordPath(contactsPath, in.custodian)
	known := a.fieldsAt(ctx, v.home, path)
	c := contact{name: in.person.Name, added: a.Now()}
	if old, ok := v.person(in.custodian); ok {
		c.called, c.added, c.proved = old.Called, old.Added, old.proved
	}
	c.proved = slices.Clone(c.proved)
	if proved := key.Receiver(peer); !slices.Contains(c.proved, proved) {
		c.proved = append(c.proved, proved)
		slices.SortFunc(c.proved, func(x, y key.Receiver) int { return compareIDs(x, y) })
	}
	if err := a.write(ctx, v, append(drafts, draft{v.home, path, c.fields(known).encode()})...); err != nil {
		return Person{}, err
	}
	if err := a.refresh(ctx); err != nil {
		a.Log.WarnContext(ctx, "a person was added, but the records weren't read yet", "error", err)
	}
	a.notify(v.home, v.identity, in.custodian)
	p, ok := a.now.Load().person(in.custodian)
	if !ok {
		return Person{}, fmt.Errorf("read the record of a person: %w", ErrNotFound)
	}
	return p.Person, nil
}
