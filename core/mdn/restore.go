package mdn

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"meadow/core/key"
	"meadow/core/willow"
)

// restore brings back the account's records for a full device that finds itself
// unlisted though nobody has removed it: the device that had listed it was
// removed, and so was the one that removed that one and had adopted its records.
// What concerns a device comes back only if a chain of that device lives, and what
// a stolen one wrote doesn't: so nobody gets anything by it. A record comes back as whoever adopts it writes it;
// so it doesn't matter that those entries may be on their way.
func (a *Account) restore(ctx context.Context) error {
	v := a.now.Load()
	if !v.full() || v.removed(a.self) {
		return nil
	}
	_, listed, err := a.Entries.Get(ctx, v.identity, shared(v.identity), recordPath(devicesPath, a.self))
	if err != nil {
		return err
	}
	if listed {
		return a.restoreAfterEpoch(ctx, v)
	}
	aside, err := a.lostRecords(ctx, v)
	if err != nil {
		return fmt.Errorf("restore records: %w", err)
	}
	alive := a.alive(ctx, v, aside)
	return a.bringBack(ctx, v, slices.DeleteFunc(aside, func(e willow.Authorised) bool {
		return !restorable(e.Entry.Path, alive) && !a.shownTo(ctx, v, e) && !a.stillGiven(ctx, v, e)
	}))
}

// restoreAfterEpoch brings back what the account was about, for a device that has
// what a recovery couldn't find: its name, people, settings, and the names of the
// spaces that the words bring back. It is looked at once for each epoch.
func (a *Account) restoreAfterEpoch(ctx context.Context, v *view) error {
	verdicts := deriveKey("mdn-restored/1", hashOf(v.set(v.identity)), hashOf(v.set(v.home)))
	if v.set(v.home).epoch == 0 || a.restored == verdicts {
		return nil
	}
	lost, err := a.lostRecords(ctx, v)
	if err != nil {
		return fmt.Errorf("restore records: %w", err)
	}
	err = a.bringBack(ctx, v, slices.DeleteFunc(lost, func(e willow.Authorised) bool { return !v.about(e) }))
	if err == nil {
		a.restored = verdicts
	}
	return err
}

func hashOf(s *Set) []byte {
	h := s.verdictHash()
	return h[:]
}

// about reports whether a record is of what an account is about, but for whom it
// lets in.
func (v *view) about(e willow.Authorised) bool {
	p := e.Entry.Path
	if e.Entry.PayloadLength == 0 {
		return false
	}
	if spacesPath.IsPrefixOf(p) {
		keys, ok := pathKeys(p, 1)
		return ok && v.seeded(keys[0])
	}
	return p == profilePath || settingsPath.IsPrefixOf(p) || contactsPath.IsPrefixOf(p) || dealt(p)
}

// seeded reports whether the words can bring a space back.
func (v *view) seeded(ns willow.NamespaceID) bool {
	return slices.ContainsFunc(v.set(v.home).All(), func(s *Statement) bool {
		seed, ok := s.Body.(Seed)
		return ok && seed.Space == ns
	})
}

// bringBack writes records again that don't count any more, as whoever adopts them
// would.
func (a *Account) bringBack(ctx context.Context, v *view, lost []willow.Authorised) error {
	var batch []willow.Incoming
	for _, e := range lost {
		if !a.hashed(ctx, e.Entry) {
			continue
		}
		e.Entry.Timestamp++
		again, err := a.sign(v, e.Entry)
		if err != nil {
			return fmt.Errorf("restore records: %w", err)
		}
		batch = append(batch, willow.Incoming{Authorised: again})
	}
	if len(batch) == 0 {
		return nil
	}
	if _, err := a.Entries.Insert(ctx, 0, batch); err != nil {
		return fmt.Errorf("restore records: %w", err)
	}
	return nil
}

// alive returns the devices that have a live chain of the identity space, by the
// records there are and those that have been set aside.
func (a *Account) alive(ctx context.Context, v *view, aside []willow.Authorised) map[key.Receiver]bool {
	grants := slices.Clone(v.grants)
	for _, e := range aside {
		if g, ok := a.grantOf(ctx, e); ok {
			grants = append(grants, g)
		}
	}
	alive := map[key.Receiver]bool{a.self: true}
	for _, g := range grants {
		own := g.person == (willow.NamespaceID{}) // not a person's device, which is none of the account
		if own && g.ns == v.identity && v.lives(g.grantSet) && !v.removed(g.receiver) {
			alive[g.receiver] = true
		}
	}
	return alive
}

// lostRecords returns the account's records that don't count any more and in whose
// place there is nothing.
func (a *Account) lostRecords(ctx context.Context, v *view) (all []willow.Authorised, err error) {
	stolen, err := a.everStolen(ctx, v)
	if err != nil {
		return nil, err
	}
	for _, ns := range []willow.NamespaceID{v.identity, v.home} {
		some, err := a.unreplaced(ctx, ns, stolen)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// unreplaced returns the newest entry at each place where there are only dead
// ones, set aside or in history; left out is what is dated ahead of any clock, and
// what a device wrote that was stolen by then.
func (a *Account) unreplaced(ctx context.Context, ns willow.NamespaceID, stolen map[key.Receiver]time.Time) (all []willow.Authorised, err error) {
	newest := map[willow.Path]willow.Authorised{}
	limit := min(willow.TimestampOf(a.Now().Add(AheadOfClocks)), lastTimestamp)
	for e, err := range a.dead(ctx, sharedArea(ns, willow.Path{}), ns) {
		if err != nil {
			return nil, err
		}
		old, ok := newest[e.Entry.Path]
		if ok && e.Entry.Compare(old.Entry) <= 0 || e.Entry.Timestamp > limit || a.byThief(e, stolen) {
			continue
		}
		newest[e.Entry.Path] = e
	}
	for path, e := range newest {
		_, ok, err := a.Entries.Get(ctx, ns, shared(ns), path)
		if err != nil {
			return nil, err
		}
		if !ok {
			all = append(all, e)
		}
	}
	return all, nil
}

// dead iterates the entries of an area that don't count any more: set aside, or in
// history.
func (a *Account) dead(ctx context.Context, area willow.Area, ns willow.NamespaceID) iter.Seq2[willow.Authorised, error] {
	return func(yield func(willow.Authorised, error) bool) {
		for e, err := range a.Entries.Aside(ctx, ns, area) {
			if !yield(e, err) || err != nil {
				return
			}
		}
		for e, err := range a.Entries.History(ctx, ns, area, false) {
			if err == nil && a.Counts(e.Token.Capability) {
				continue
			}
			if !yield(e.Authorised, err) || err != nil {
				return
			}
		}
	}
}

// everStolen returns since when devices were stolen, by the earliest that any record
// says or has said: who said so may be out, too.
func (a *Account) everStolen(ctx context.Context, v *view) (map[key.Receiver]time.Time, error) {
	stolen := map[key.Receiver]time.Time{}
	maps.Copy(stolen, v.stolen)
	area := sharedArea(v.home, formerPath)
	for _, some := range []iter.Seq2[willow.Authorised, error]{a.Entries.Area(ctx, v.home, area), a.dead(ctx, area, v.home)} {
		for e, err := range some {
			if err != nil {
				return nil, err
			}
			who, since := a.stolenBy(ctx, e.Entry)
			if before, known := stolen[who]; !since.IsZero() && (!known || since.Before(before)) {
				stolen[who] = since
			}
		}
	}
	return stolen, nil
}

// stolenBy reads which device was stolen from a record of a former one; since is zero
// if that isn't known.
func (a *Account) stolenBy(ctx context.Context, e willow.Entry) (who key.Receiver, since time.Time) {
	keys, ok := pathKeys(e.Path, 1)
	if !ok || e.PayloadLength == 0 || e.PayloadLength > maxRecord {
		return who, since
	}
	b, err := a.Payloads.Get(ctx, e.PayloadDigest)
	if err != nil {
		return who, since // it isn't here yet
	}
	if _, since, err = parseFormer(b); err != nil {
		return who, time.Time{}
	}
	return keys[0], since
}

// byThief reports whether a device wrote an entry that was stolen by then.
func (a *Account) byThief(e willow.Authorised, stolen map[key.Receiver]time.Time) bool {
	c, err := a.Verifier.Capability(e.Token.Capability)
	if err != nil {
		return false
	}
	since, ok := stolen[c.Receiver()]
	return ok && !e.Entry.Timestamp.Time().Before(since)
}

// grantOf reads a caps record that has been set aside.
func (a *Account) grantOf(ctx context.Context, e willow.Authorised) (grantRecord, bool) {
	keys, ok := pathKeys(e.Entry.Path, 3)
	if !ok || !capsPath.IsPrefixOf(e.Entry.Path) || e.Entry.PayloadLength > maxRecord {
		return grantRecord{}, false
	}
	b, err := a.Payloads.Get(ctx, e.Entry.PayloadDigest)
	if err != nil {
		return grantRecord{}, false
	}
	var r records
	if r.addGrant(a, keys, e, b) != nil {
		return grantRecord{}, false
	}
	return r.grants[0], true
}

// shownTo reports whether a record is of what a person's device may go on reading.
func (a *Account) shownTo(ctx context.Context, v *view, e willow.Authorised) bool {
	g, ok := a.grantOf(ctx, e)
	return ok && g.person != (willow.NamespaceID{}) && v.lives(g.grantSet)
}

// stillGiven reports whether a record is of a grant that a live chain goes with.
func (a *Account) stillGiven(ctx context.Context, v *view, e willow.Authorised) bool {
	if !grantsPath.IsPrefixOf(e.Entry.Path) || e.Entry.PayloadLength > maxRecord {
		return false
	}
	b, err := a.Payloads.Get(ctx, e.Entry.PayloadDigest)
	if err != nil {
		return false
	}
	r, err := parseRecord(b)
	if err != nil {
		return false
	}
	g, err := parseGiven(r)
	return err == nil && !v.killed(&g.Token)
}

// restorable reports whether a record may come back: what concerns nobody, or a
// device that is alive.
func restorable(p willow.Path, alive map[key.Receiver]bool) bool {
	switch {
	case p == profilePath:
		return true
	case spacesPath.IsPrefixOf(p):
		_, ok := pathKeys(p, 1)
		return ok
	case devicesPath.IsPrefixOf(p), standingPath.IsPrefixOf(p):
		keys, ok := pathKeys(p, 1)
		return ok && alive[keys[0]]
	case formerPath.IsPrefixOf(p), settingsPath.IsPrefixOf(p), contactsPath.IsPrefixOf(p):
		return true
	case dealt(p):
		return true
	case capsPath.IsPrefixOf(p):
		keys, ok := pathKeys(p, 3)
		return ok && alive[keys[1]]
	}
	return false
}
