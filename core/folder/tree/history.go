package tree

import (
	"context"
	"slices"

	"meadow/core/willow"
)

// History returns the versions of a path that are known here, the latest one
// first: what is shown, what it replaced, and deletions (kind Tombstone).
// Present says which can be restored.
func (t *Tree) History(ctx context.Context, path string) ([]Version, error) {
	if err := CheckPath(path); err != nil {
		return nil, err
	}
	vs, err := t.versions(ctx, path)
	if err != nil {
		return nil, err
	}
	return slices.CompactFunc(vs, func(v, u Version) bool { return v.entry == u.entry }), nil
}

// versions returns all versions of a path that are known here, newest first. A
// payload that several details are known of gives several versions; those that
// are live come first.
func (t *Tree) versions(ctx context.Context, path string) ([]Version, error) {
	live, ok, err := t.Lookup(ctx, path)
	if err != nil {
		return nil, err
	}
	k, err := t.known(ctx, path)
	if err != nil {
		return nil, err
	}
	var vs []Version
	if ok {
		vs = append(vs, live)
		if live.bare {
			k.payloads = append(k.payloads, live.entry)
		}
	}
	for _, e := range k.payloads {
		of, err := t.versionsOf(ctx, path, e, k, t.held)
		if err != nil {
			return nil, err
		}
		for _, v := range of {
			if !slices.ContainsFunc(vs, v.same) {
				vs = append(vs, v)
			}
		}
	}
	slices.SortStableFunc(vs, func(v, u Version) int { return u.entry.Compare(v.entry) })
	return vs, nil
}

// entriesOf is the entries known of one path, live ones and history.
type entriesOf struct {
	payloads []willow.Entry
	details  []willow.Entry
}

// known returns the entries of a path. A foreign writer's bare entry is there
// only as long as it is live.
func (t *Tree) known(ctx context.Context, path string) (k entriesOf, err error) {
	p, err := payloadPath(path)
	if err != nil {
		return k, nil // no entry can be there
	}
	parent, _ := p.Parent()
	a, ok, err := t.Entries.Get(ctx, t.Namespace, t.Subspace, parent)
	if err != nil {
		return k, err
	}
	if ok {
		k.payloads = append(k.payloads, a.Entry)
	}
	all, err := t.collect(ctx, p)
	for _, e := range all {
		switch at, r, _ := place(e.Path); {
		case at != path:
		case r == payload:
			k.payloads = append(k.payloads, e)
		case r == detail:
			k.details = append(k.details, e)
		}
	}
	return k, err
}

// collect returns the entries at or below p that are live or history, each once.
func (t *Tree) collect(ctx context.Context, p willow.Path) (es []willow.Entry, err error) {
	for a, err := range t.Entries.Area(ctx, t.Namespace, t.area(p)) {
		if err != nil {
			return nil, err
		}
		es = append(es, a.Entry)
	}
	for a, err := range t.Entries.History(ctx, t.Namespace, t.area(p), false) {
		if err != nil {
			return nil, err
		}
		if !slices.Contains(es, a.Entry) {
			es = append(es, a.Entry)
		}
	}
	return es, nil
}

// pastDetails returns the details entries of a digest that are history.
func (t *Tree) pastDetails(ctx context.Context, path string, digest willow.Digest) (k entriesOf, err error) {
	p, err := detailsPath(path, digest)
	if err != nil {
		return k, nil // too long for details to be there
	}
	for a, err := range t.Entries.History(ctx, t.Namespace, t.area(p), false) {
		if err != nil {
			return k, err
		}
		k.details = append(k.details, a.Entry)
	}
	return k, nil
}

// versionsOf returns the versions that a payload entry makes with the details
// known of it; without any, one version without details. held tells whether they
// are present.
func (t *Tree) versionsOf(ctx context.Context, path string, e willow.Entry, k entriesOf, held holder) ([]Version, error) {
	present, err := held(ctx, e)
	if err != nil {
		return nil, err
	}
	if _, r, _ := place(e.Path); r == bare {
		return []Version{t.assemble(path, e, true, nil, present)}, nil
	}
	var vs []Version
	for _, about := range k.details {
		if _, _, digest := place(about.Path); digest != e.PayloadDigest {
			continue
		}
		d, err := t.readDetails(ctx, about, e, t.held)
		if err != nil {
			return nil, err
		}
		if d != nil {
			vs = append(vs, t.assemble(path, e, false, d, present))
		}
	}
	if len(vs) == 0 {
		vs = append(vs, t.assemble(path, e, false, nil, present))
	}
	return vs, nil
}
