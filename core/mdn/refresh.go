package mdn

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"

	"meadow/core/key"
	"meadow/core/willow"
)

// Refresh reads the account's records again after sync brought some. New
// capabilities addressed to this device are taken over; a device that stands
// for all spaces but has no live capability of one gets it from here, if no
// other has served it. What a failing store left undone before is tried again.
// Subscribers hear of namespaces that changed.
func (a *Account) Refresh(ctx context.Context) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	return a.refresh(ctx)
}

// refresh is Refresh for who holds a.writing. Entries are judged first: a record
// under a dead chain must not be read. If that fails the rest is done
// nevertheless.
func (a *Account) refresh(ctx context.Context) error {
	if !a.Paired() {
		return nil
	}
	return errors.Join(a.rejudge(ctx), a.reread(ctx))
}

// reread reads all records and acts on them.
func (a *Account) reread(ctx context.Context) error {
	old := a.now.Load()
	v := old.clone()
	records, err := a.readRecords(ctx, v)
	if err != nil {
		return err
	}
	if err := a.takeCapabilities(ctx, v, records.grants); err != nil {
		return err
	}
	finished := a.finishSpaces(ctx, v, records)
	if err := a.listSpaces(ctx, v, records); err != nil {
		return err
	}
	if err := a.listDeleted(ctx, v, records); err != nil {
		return err
	}
	a.now.Store(v)
	a.notify(a.changed(old, v)...)
	return errors.Join(finished, a.serveStanding(ctx, v, records), a.mendAbout(ctx, v, records))
}

// records is what the home space says, beside what goes into the view.
type records struct {
	spaces  map[willow.NamespaceID]SpaceInfo
	deleted map[willow.NamespaceID]deletion
	grants  []grantRecord
}

// grantRecord is a caps record: one device's capabilities of one namespace.
type grantRecord struct {
	ns       willow.NamespaceID
	receiver key.Receiver
	grantSet
}

// each calls fn with the payload of every record below a path. Records whose
// payload isn't here yet are left out: Refresh is called again when it is.
func (a *Account) each(ctx context.Context, ns willow.NamespaceID, below willow.Path, fn func(willow.Path, []byte) error) error {
	area := willow.Area{Subspace: shared(ns), Path: below, Times: willow.AllTimes}
	for e, err := range a.Entries.Area(ctx, ns, area) {
		if err != nil {
			return err
		}
		if e.Entry.PayloadLength > maxRecord {
			continue
		}
		b, err := a.Payloads.Get(ctx, e.Entry.PayloadDigest)
		if err != nil {
			a.Log.DebugContext(ctx, "record not here yet", "error", err)
			continue
		}
		if err := fn(e.Entry.Path, b); err != nil {
			a.Log.WarnContext(ctx, "record ignored", "error", err)
		}
	}
	return ctx.Err()
}

// readRecords reads identity and home space into v.
func (a *Account) readRecords(ctx context.Context, v *view) (records, error) {
	r := records{spaces: map[willow.NamespaceID]SpaceInfo{}, deleted: map[willow.NamespaceID]deletion{}}
	v.devices, v.standing = nil, map[key.Receiver]standing{}
	err := a.each(ctx, v.identity, willow.Path{}, func(p willow.Path, b []byte) (err error) {
		switch {
		case p == profilePath:
			v.name, err = parseProfile(b)
		case devicesPath.IsPrefixOf(p):
			if keys, ok := pathKeys(p, 1); ok {
				err = a.addDevice(v, keys[0], b)
			}
		}
		return err
	})
	if err != nil {
		return r, err
	}
	slices.SortFunc(v.devices, func(x, y DeviceInfo) int {
		return cmp.Or(x.Added.Compare(y.Added), compareIDs(x.Receiver, y.Receiver))
	})
	for _, kind := range []struct {
		below willow.Path
		keys  int
		add   func(keys [][32]byte, b []byte) error
	}{
		{spacesPath, 1, r.addSpace},
		{standingPath, 1, v.addStanding},
		{capsPath, 3, r.addGrant},
	} {
		err := a.each(ctx, v.home, kind.below, func(p willow.Path, b []byte) error {
			if keys, ok := pathKeys(p, kind.keys); ok {
				return kind.add(keys, b)
			}
			return nil
		})
		if err != nil {
			return r, err
		}
	}
	return r, a.readSettings(ctx, v)
}

func (r *records) addSpace(keys [][32]byte, b []byte) error {
	s, deleted, err := parseSpace(keys[0], b)
	if err == nil {
		r.spaces[s.ID], r.deleted[s.ID] = s, deleted
	}
	return err
}

func (v *view) addStanding(keys [][32]byte, b []byte) error {
	s, err := parseStanding(b)
	if err == nil {
		v.standing[keys[0]] = s
	}
	return err
}

func (a *Account) addDevice(v *view, receiver key.Receiver, b []byte) error {
	d, _, err := parseDevice(receiver, b)
	if err != nil {
		return err
	}
	d.Self = receiver == a.self
	v.devices = append(v.devices, d)
	return nil
}

func (r *records) addGrant(keys [][32]byte, b []byte) error {
	fields, err := parseRecord(b)
	if err != nil {
		return err
	}
	g, err := parseGrants(fields)
	if err == nil {
		r.grants = append(r.grants, grantRecord{keys[0], keys[1], g})
	}
	return err
}

// takeCapabilities keeps the capabilities that other devices left for this one.
func (a *Account) takeCapabilities(ctx context.Context, v *view, grants []grantRecord) error {
	var b Batch
	for _, g := range grants {
		if g.receiver != a.self || v.has(g.grantSet) {
			continue
		}
		if err := g.check(a.Verifier, g.ns, a.self); err != nil {
			a.Log.WarnContext(ctx, "capability for this device ignored", "error", err)
			continue
		}
		for _, h := range g.held() {
			if err := v.hold(a.Verifier, h); err != nil {
				return err
			}
		}
		b.Capabilities = append(b.Capabilities, g.held()...)
	}
	if len(b.Capabilities) == 0 {
		return nil
	}
	for _, h := range b.Capabilities {
		if v.sets[h.Namespace] == nil {
			set, err := a.loadSet(ctx, h.Namespace)
			if err != nil {
				return err
			}
			v.sets[h.Namespace] = set
		}
	}
	return a.Store.Commit(ctx, b)
}

// has reports whether all of g is held already.
func (v *view) has(g grantSet) bool {
	own := v.caps[g.read.Namespace]
	return contains(own.read, g.read) && contains(own.write, g.write) &&
		(g.enumeration == nil || contains(own.enumeration, g.enumeration))
}

func contains[C interface{ Encode() []byte }](list []C, c C) bool {
	enc := string(c.Encode())
	return slices.ContainsFunc(list, func(o C) bool { return string(o.Encode()) == enc })
}

// listSpaces lists the spaces that this device can read and that have a name:
// the home space's record of it, or what the space says of itself.
func (a *Account) listSpaces(ctx context.Context, v *view, r records) error {
	v.spaces = nil
	for ns := range v.caps {
		if ns == v.identity || ns == v.home || v.read(ns) == nil || r.deleted[ns].deleted {
			continue
		}
		s, ok := r.spaces[ns]
		if !ok {
			var err error
			if s, ok, err = a.about(ctx, ns); err != nil {
				return err
			}
		}
		if ok {
			v.spaces = append(v.spaces, s)
		}
	}
	slices.SortFunc(v.spaces, func(x, y SpaceInfo) int {
		return cmp.Or(strings.Compare(x.Name, y.Name), compareIDs(x.ID, y.ID))
	})
	return nil
}

// about returns what a space says of itself; ok is false if it has no name.
func (a *Account) about(ctx context.Context, ns willow.NamespaceID) (s SpaceInfo, ok bool, err error) {
	err = a.each(ctx, ns, aboutPath, func(p willow.Path, b []byte) error {
		if p != aboutPath {
			return nil
		}
		name, deleted, err := parseAbout(b)
		s, ok = SpaceInfo{ID: ns, Name: name}, err == nil && !deleted
		return err
	})
	return s, ok, err
}

// changed returns the namespaces that subscribers should look at again: new
// ones, and identity and home if what they say about devices or spaces changed.
func (a *Account) changed(old, v *view) []willow.NamespaceID {
	var changed []willow.NamespaceID
	for ns, own := range v.caps {
		if before := old.caps[ns]; len(before.read) != len(own.read) || len(before.write) != len(own.write) {
			changed = append(changed, ns)
		}
	}
	if old.name != v.name || !slices.Equal(old.devices, v.devices) {
		changed = append(changed, v.identity)
	}
	for ns := range v.caps {
		if old.dropped[ns] != v.dropped[ns] {
			changed = append(changed, ns)
		}
	}
	if !slices.Equal(old.spaces, v.spaces) || !slices.Equal(old.deleted, v.deleted) || old.historyDays != v.historyDays ||
		!maps.EqualFunc(old.standing, v.standing, standingEqual) {
		changed = append(changed, v.home)
	}
	return changed
}

func standingEqual(a, b standing) bool { return reflect.DeepEqual(a, b) }

// need is a device that should have a space.
type need struct {
	ns       willow.NamespaceID
	receiver key.Receiver
}

// serveStanding hands spaces on to full devices that stand for them and have no
// live capability: their creator didn't know of them.
func (a *Account) serveStanding(ctx context.Context, v *view, r records) error {
	if v.caps[v.home].write == nil {
		return nil // a limited device
	}
	var drafts []draft
	for _, n := range a.needs(v, r) {
		g, err := a.delegate(v, n.ns, n.receiver)
		if err != nil || !v.lives(g) {
			continue // not ours to give, or withdrawn
		}
		drafts = append(drafts, draft{v.home, recordPath(capsPath, n.ns, n.receiver, a.self), g.fields().encode()})
	}
	if len(drafts) == 0 {
		return nil
	}
	if err := a.write(ctx, v, drafts...); err != nil {
		return err
	}
	a.notify(v.home)
	return nil
}

// needs lists what no device has served yet.
func (a *Account) needs(v *view, r records) []need {
	served := map[need]bool{}
	for _, g := range r.grants {
		if g.checkChains(a.Verifier, g.ns, g.receiver) == nil && v.lives(g.grantSet) {
			served[need{g.ns, g.receiver}] = true
		}
	}
	var needs []need
	for _, d := range v.devices {
		if d.Self || d.Kind != Full || v.set(v.identity).Removed(d.Receiver) {
			continue
		}
		for ns := range r.spaces {
			n := need{ns, d.Receiver}
			if !r.deleted[ns].deleted && v.standing[d.Receiver].has(ns) && !served[n] {
				needs = append(needs, n)
			}
		}
	}
	return needs
}

// lives reports whether both chains of g are live.
func (v *view) lives(g grantSet) bool {
	return v.set(g.read.Namespace).Live(g.read) && v.set(g.write.Namespace).Live(g.write)
}
