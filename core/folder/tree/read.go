package tree

import (
	"context"
	"iter"

	"meadow/core/willow"
)

// Lookup returns the latest version of a path, tombstones included; ok is false
// if there never was one. Recorded folders have versions, others haven't.
func (t *Tree) Lookup(ctx context.Context, path string) (v Version, ok bool, err error) {
	p, err := payloadPath(path)
	if err != nil || !validPath(path) {
		return Version{}, false, nil // no entry can be there
	}
	a, ok, err := t.Entries.Get(ctx, t.Namespace, t.Subspace, p)
	isBare := !ok && err == nil
	if isBare {
		at, _ := p.Parent()
		a, ok, err = t.Entries.Get(ctx, t.Namespace, t.Subspace, at)
	}
	if !ok || err != nil {
		return Version{}, false, err
	}
	v, err = t.complete(ctx, path, a.Entry, isBare)
	return v, err == nil, err
}

// complete finds the details of a live payload entry.
func (t *Tree) complete(ctx context.Context, path string, e willow.Entry, isBare bool) (Version, error) {
	d, err := t.liveDetails(ctx, path, e, isBare)
	if err != nil {
		return Version{}, err
	}
	present, err := t.held(ctx, e)
	return newVersion(path, e, isBare, d, present), err
}

func (t *Tree) liveDetails(ctx context.Context, path string, e willow.Entry, isBare bool) (*details, error) {
	p, err := detailsPath(path, e.PayloadDigest)
	if isBare || err != nil {
		return nil, nil // too long for details to be there
	}
	a, ok, err := t.Entries.Get(ctx, t.Namespace, t.Subspace, p)
	if !ok || err != nil {
		return nil, err
	}
	return t.readDetails(ctx, a.Entry, e, t.held)
}

// Get returns the file, symlink or recorded folder that is shown at path.
func (t *Tree) Get(ctx context.Context, path string) (v Version, ok bool, err error) {
	v, ok, err = t.Lookup(ctx, path)
	if !v.Live() {
		return Version{}, false, err
	}
	return v, ok, err
}

// List iterates the files, symlinks and recorded folders at or below prefix, all
// for "", ordered by their names from the top down. What changes meanwhile may
// or may not be seen. It ends at the first error. The tree may be used meanwhile.
func (t *Tree) List(ctx context.Context, prefix string) iter.Seq2[Version, error] {
	return func(yield func(Version, error) bool) {
		for v, err := range t.Walk(ctx, prefix) {
			if (err != nil || v.Live()) && !yield(v, err) {
				return
			}
		}
	}
}

// Walk is List with tombstones.
func (t *Tree) Walk(ctx context.Context, prefix string) iter.Seq2[Version, error] {
	return func(yield func(Version, error) bool) {
		p, err := node(prefix)
		if err != nil {
			return // nothing can be there
		}
		held, err := t.heldIn(ctx, t.area(p))
		if err != nil {
			yield(Version{}, err)
			return
		}
		for g, err := range t.groups(ctx, prefix) {
			var v Version
			if err == nil {
				v, err = t.version(ctx, g, held)
			}
			if err != nil {
				yield(Version{}, err)
				return
			}
			if v.Kind != 0 && !yield(v, nil) {
				return
			}
		}
	}
}

// group is the live entries of one path that make its version.
type group struct {
	path    string
	payload willow.Entry
	bare    bool
	details willow.Entry // zero if there is none
}

// version reads the version of a group. The zero Version means that it is gone.
func (t *Tree) version(ctx context.Context, g group, held holder) (Version, error) {
	if g.details == (willow.Entry{}) && !g.bare {
		v, _, err := t.Lookup(ctx, g.path) // it may have been replaced between the two
		return v, err
	}
	var d *details
	var err error
	if !g.bare {
		d, err = t.readDetails(ctx, g.details, g.payload, held)
	}
	if err != nil {
		return Version{}, err
	}
	present, err := held(ctx, g.payload)
	return newVersion(g.path, g.payload, g.bare, d, present), err
}

// groups iterates the live entries at or below prefix, put together by path. A
// path's entries come before those below it, its payload before its details.
func (t *Tree) groups(ctx context.Context, prefix string) iter.Seq2[group, error] {
	return func(yield func(group, error) bool) {
		p, err := node(prefix)
		if err != nil || prefix != "" && !validPath(prefix) {
			return // nothing can be there
		}
		var g group
		for a, err := range t.Entries.Area(ctx, t.Namespace, t.area(p)) {
			if err != nil {
				yield(group{}, err)
				return
			}
			if next, ok := g.take(a.Entry); !ok {
				if g.path != "" && !yield(g, nil) {
					return
				}
				g = next
			}
		}
		if g.path != "" {
			yield(g, nil)
		}
	}
}

// take adds the next entry to a group, or leaves it out if it isn't part of any
// version; ok is false if next begins with it instead.
func (g *group) take(e willow.Entry) (next group, ok bool) {
	path, r, digest := place(e.Path)
	switch {
	case r == foreign:
		return group{}, true
	case r == detail:
		if path == g.path && !g.bare && digest == g.payload.PayloadDigest { // else it is of a version that lost a tie
			g.details = e
		}
		return group{}, true
	}
	next = group{path: path, payload: e, bare: r == bare}
	if path == g.path {
		*g = next // what a foreign writer put there was replaced
		return group{}, true
	}
	return next, false
}
