package tree

import (
	"context"
	"iter"

	"meadow/core/willow"
)

// Lookup returns the latest version of a path, tombstones included; ok is false
// if there never was one. Recorded folders have versions, others haven't.
func (t *Tree) Lookup(ctx context.Context, path string) (v Version, ok bool, err error) {
	g, err := t.groupAt(ctx, path)
	if err != nil || g.path == "" {
		return Version{}, false, err
	}
	v, err = t.read(ctx, g, t.held)
	return v, err == nil, err
}

// groupAt returns the group of one path, the zero group if there is none.
func (t *Tree) groupAt(ctx context.Context, path string) (g group, err error) {
	p, err := payloadPath(path)
	if err != nil || !validPath(path) {
		return g, nil // no entry can be there
	}
	for a, err := range t.Entries.Area(ctx, t.Namespace, t.area(p)) {
		if err != nil {
			return g, err
		}
		if next, ok := g.take(a.Entry); !ok {
			g = next
		}
	}
	if g.path != "" {
		return g, nil
	}
	parent, _ := p.Parent()
	a, ok, err := t.Entries.Get(ctx, t.Namespace, t.Subspace, parent)
	if !ok || err != nil {
		return g, err
	}
	return group{path: path, payload: a.Entry, bare: true}, nil
}

// LookupAll is Lookup for many paths, in an order of its own. Paths without a
// version are left out. It reads neighbours together.
func (t *Tree) LookupAll(ctx context.Context, paths []string) iter.Seq2[Version, error] {
	return func(yield func(Version, error) bool) {
		held, release, err := t.heldByMany(ctx, len(paths))
		if err != nil {
			yield(Version{}, err)
			return
		}
		defer release()
		for s, err := range t.spots(ctx, paths) {
			var v Version
			if err == nil && s.group.path != "" {
				v, err = t.version(ctx, s.group, held)
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
		held, release, err := t.heldIn(ctx, t.area(p))
		if err != nil {
			yield(Version{}, err)
			return
		}
		defer release()
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

// version reads the version of a group that was found among others. The zero
// Version means that it is gone.
func (t *Tree) version(ctx context.Context, g group, held holder) (Version, error) {
	if g.details == (willow.Entry{}) && !g.bare {
		v, _, err := t.Lookup(ctx, g.path) // it may have been replaced between the two
		return v, err
	}
	return t.read(ctx, g, held)
}

// read reads the version of a group.
func (t *Tree) read(ctx context.Context, g group, held holder) (Version, error) {
	var d *details
	var err error
	if g.details != (willow.Entry{}) {
		d, err = t.readDetails(ctx, g.details, g.payload, held)
	}
	if err != nil {
		return Version{}, err
	}
	present, err := held(ctx, g.payload)
	return t.assemble(g.path, g.payload, g.bare, d, present), err
}

// assemble is newVersion, aware of how long details have been waited for.
func (t *Tree) assemble(path string, e willow.Entry, isBare bool, d *details, present bool) Version {
	v := newVersion(path, e, isBare, d, present)
	if !isBare {
		v.overdue = t.late.look(e, path, d != nil, t.Now)
	}
	return v
}

// groups iterates the live entries at or below prefix, put together by path. A
// path's entries come before those below it, its payload before its details.
func (t *Tree) groups(ctx context.Context, prefix string) iter.Seq2[group, error] {
	p, err := node(prefix)
	if err != nil || prefix != "" && !validPath(prefix) {
		return func(func(group, error) bool) {} // nothing can be there
	}
	return grouped(t.Entries.Area(ctx, t.Namespace, t.area(p)))
}

// grouped puts entries together by path. They come in the order of the tree.
func grouped(entries iter.Seq2[willow.Authorised, error]) iter.Seq2[group, error] {
	return func(yield func(group, error) bool) {
		var g group
		for a, err := range entries {
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

// failed yields nothing but an error.
func failed[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yield(none, err)
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
