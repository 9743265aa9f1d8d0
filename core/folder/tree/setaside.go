package tree

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"meadow/core/blob"
	"meadow/core/willow"
)

// SetAside returns the versions that are known here under dead chains and that
// nothing live has seen, by path, the newest first: what who was cut off has
// written since it was adopted, or what nobody has adopted. Those that are dated
// ahead of any clock are left out.
func (t *Tree) SetAside(ctx context.Context) (all []Version, err error) {
	k, err := t.dead(ctx)
	if err != nil {
		return nil, err
	}
	limit := willow.TimestampOf(t.Now().Add(aheadOfClocks))
	for _, path := range slices.Sorted(maps.Keys(k)) {
		live, _, err := t.Lookup(ctx, path)
		if err != nil {
			return nil, err
		}
		var vs []Version
		for _, e := range k[path].payloads {
			some, err := t.versionsOf(ctx, path, e, k[path], t.held)
			if err != nil {
				return nil, err
			}
			for _, v := range some {
				if v.Decided() && v.Timestamp <= limit && (live.Kind == 0 && v.Live() || live.Kind != 0 && !live.replaces(v)) {
					vs = append(vs, v)
				}
			}
		}
		slices.SortStableFunc(vs, func(v, u Version) int { return u.entry.Compare(v.entry) })
		all = append(all, slices.CompactFunc(vs, func(v, u Version) bool { return v.entry == u.entry })...)
	}
	return all, nil
}

// dead returns the entries of files under dead chains, by path: those that were set
// aside, and in history those that were replaced or pruned before their chain died.
func (t *Tree) dead(ctx context.Context) (map[string]entriesOf, error) {
	p, err := node("")
	if err != nil {
		return nil, err
	}
	all := map[string]entriesOf{}
	note := func(e willow.Entry) {
		path, r, _ := place(e.Path)
		k := all[path]
		switch {
		case r == payload && !slices.Contains(k.payloads, e):
			k.payloads = append(k.payloads, e)
		case r == detail && !slices.Contains(k.details, e):
			k.details = append(k.details, e)
		default:
			return
		}
		all[path] = k
	}
	for a, err := range t.Entries.Aside(ctx, t.Namespace, t.area(p)) {
		if err != nil {
			return nil, err
		}
		note(a.Entry)
	}
	for a, err := range t.Entries.History(ctx, t.Namespace, t.area(p), false) {
		if err != nil {
			return nil, err
		}
		if t.Live != nil && !t.Live(a.Token.Capability) {
			note(a.Entry)
		}
	}
	return all, nil
}

// Readopt writes versions that SetAside has returned again, as the latest of their
// paths, by their authors but with a token of this device's own. Of what is there
// nothing is lost: it is history. Those whose bytes aren't here are left out.
func (t *Tree) Readopt(ctx context.Context, vs []Version) (done []Version, err error) {
	t.writing.Lock()
	defer t.writing.Unlock()
	newest := map[string]Version{}
	for _, v := range vs {
		if old, ok := newest[v.Path]; v.Present && (!ok || v.entry.Compare(old.entry) > 0) {
			newest[v.Path] = v
		}
	}
	var drafts []draft
	for _, path := range slices.Sorted(maps.Keys(newest)) {
		d, err := t.readoption(ctx, newest[path])
		if err != nil {
			return nil, err
		}
		drafts = append(drafts, d)
	}
	for batch := range slices.Chunk(drafts, maxBatch) {
		written, err := t.insert(ctx, batch)
		if err != nil {
			return done, fmt.Errorf("adopt %d versions that were set aside: %w", len(batch), err)
		}
		done = append(done, written...)
	}
	return done, nil
}

// readoption is v after all that is known at its path.
func (t *Tree) readoption(ctx context.Context, v Version) (draft, error) {
	p, err := node(v.Path)
	if err != nil {
		return draft{}, err
	}
	newest, err := t.newest(ctx, p)
	if err != nil {
		return draft{}, err
	}
	if newest > lastTimestamp-3 {
		return draft{}, fmt.Errorf("write %q: %w", v.Path, ErrTimestamp)
	}
	live, _, err := t.Lookup(ctx, v.Path)
	if err != nil {
		return draft{}, err
	}
	d, err := t.lawful(ctx, v)
	d.at = v.made()
	d.seen = seen(v.Seen).join(live.Seen, live.dot())
	return draft{
		path: v.Path, timestamp: max(willow.TimestampOf(t.Now()), newest+2), length: v.Length, digest: v.Digest, details: d,
	}, err
}

// SetAside does as Tree.SetAside, for the shared tree and every corner. What was
// written in a corner is offered at its path there.
func (v *View) SetAside(ctx context.Context) (all []Version, err error) {
	if err := v.lookAtAll(ctx); err != nil {
		return nil, err
	}
	for _, t := range v.trees() {
		some, err := t.SetAside(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// Readopt writes versions that SetAside has returned again, in the shared tree.
func (v *View) Readopt(ctx context.Context, vs []Version) ([]Version, error) {
	if v.cfg.Hold != nil {
		for _, u := range vs { // from a corner, which is another scope
			if u.Length == 0 {
				continue
			}
			if _, err := v.cfg.Hold(ctx, v.shared.scope, blob.Hash(u.Digest)); err != nil {
				return nil, err
			}
		}
	}
	return v.shared.Readopt(ctx, vs)
}

// Dated reports whether a version was written before a time; zero is no time.
func (v Version) Dated(before time.Time) bool {
	return before.IsZero() || v.Timestamp < willow.TimestampOf(before)
}
