package mdn

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"

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
	return errors.Join(a.rejudge(ctx), a.restore(ctx), a.reread(ctx, onlyNew),
		a.rejudge(ctx), // what has been given by what was read
		a.renew(ctx))
}

// reread reads all records and acts on them; and once more what it has written
// then.
func (a *Account) reread(ctx context.Context, give giving) error {
	wrote, err := a.rereadOnce(ctx, give)
	if wrote {
		_, again := a.rereadOnce(ctx, onlyNew)
		err = errors.Join(err, again)
	}
	return err
}

func (a *Account) rereadOnce(ctx context.Context, give giving) (wrote bool, err error) {
	old := a.now.Load()
	v := old.clone()
	records, err := a.readRecords(ctx, v)
	if err == nil {
		err = errors.Join(a.readDoubted(ctx, v), a.readDealings(ctx, v))
	}
	if err != nil {
		return false, err
	}
	v.grants = records.grants
	if err := a.takeCapabilities(ctx, v, records.grants); err != nil {
		return false, err
	}
	if err := a.takeTokens(ctx, v); err != nil {
		return false, err
	}
	finished := a.finishSpaces(ctx, v, records)
	if err := a.listSpaces(ctx, v, records); err != nil {
		return false, err
	}
	if err := a.listDeleted(ctx, v, records); err != nil {
		return false, err
	}
	a.now.Store(v)
	a.notify(a.changed(old, v)...)
	wrote, err = a.serveStanding(ctx, v, records, give)
	return wrote, errors.Join(finished, err, a.mendAbout(ctx, v, records))
}

// takeCapabilities keeps the capabilities that other devices left for this one.
func (a *Account) takeCapabilities(ctx context.Context, v *view, grants []grantRecord) error {
	var good []grantSet
	for _, g := range grants {
		if g.receiver != a.self || v.has(g.grantSet) {
			continue
		}
		if err := g.check(a.Verifier, g.ns, a.self); err != nil {
			a.Log.WarnContext(ctx, "capability for this device ignored", "error", err)
			continue
		}
		good = append(good, g.grantSet)
	}
	return a.holdAll(ctx, v, good)
}

func contains[C interface{ Encode() []byte }](list []C, c C) bool {
	enc := string(c.Encode())
	return slices.ContainsFunc(list, func(o C) bool { return string(o.Encode()) == enc })
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
	if old.name != v.name || !bytes.Equal(old.picture, v.picture) || !slices.Equal(old.devices, v.devices) {
		changed = append(changed, v.identity)
	}
	for ns := range v.caps {
		if old.dropped[ns] != v.dropped[ns] {
			changed = append(changed, ns)
		}
	}
	if spaces := v.deals().since(old.deals()); len(spaces) > 0 {
		changed = append(append(changed, spaces...), v.home)
	}
	if homeChanged(old, v) {
		changed = append(changed, v.home)
	}
	return changed
}

// homeChanged reports whether the home space says something else.
func homeChanged(old, v *view) bool {
	return !slices.Equal(old.spaces, v.spaces) || !slices.Equal(old.ended, v.ended) || !slices.Equal(old.all, v.all) ||
		!slices.Equal(old.deleted, v.deleted) || !reflect.DeepEqual(old.people, v.people) || old.historyDays != v.historyDays ||
		!maps.EqualFunc(old.standing, v.standing, standingEqual)
}

func standingEqual(a, b standing) bool { return reflect.DeepEqual(a, b) }
