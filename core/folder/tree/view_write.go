package tree

import (
	"context"
	"fmt"
	"slices"

	"meadow/core/blob"
	"meadow/core/willow"
)

// WriteScope returns the scope in which the bytes are to be held of what is to be
// written at a path: the shared tree's, or that of the account's own corner. ok is
// false if this device may only read there.
func (v *View) WriteScope(ctx context.Context, path string) (s blob.Scope, ok bool, err error) {
	p, err := node(path)
	if err != nil {
		return s, false, nil
	}
	if v.shared.MayWrite(p) {
		return v.shared.scope, true, nil
	}
	isPlain, err := v.look(ctx)
	if isPlain || err != nil {
		return s, false, err
	}
	defer v.mu.Unlock()
	c, _ := v.ownLocked(path, p)
	if c == nil {
		return s, false, nil
	}
	return c.tree.scope, true, nil
}

// ShownScope returns the scope in which the bytes are held of what is shown at a path.
func (v *View) ShownScope(ctx context.Context, path string) (blob.Scope, error) {
	isPlain, err := v.look(ctx)
	if isPlain || err != nil {
		return v.shared.scope, err
	}
	defer v.mu.Unlock()
	if s, ok := v.seatAtLocked(path); ok {
		return s.tree.scope, nil
	}
	return v.shared.scope, nil
}

// Refuses reports whether this device may not write an edit at a path, or its
// deletion.
func (v *View) Refuses(ctx context.Context, path string, deletion bool) (bool, error) {
	p, err := node(path)
	if err != nil || v.shared.MayWrite(p) {
		return false, err
	}
	isPlain, err := v.look(ctx)
	if isPlain || err != nil {
		return true, err
	}
	defer v.mu.Unlock()
	c, f := v.ownLocked(path, p)
	return c == nil || deletion && f == nil, nil
}

// ownLocked returns the account's corner in which an edit of what is shown at a path
// is written, and the leaf that it is an edit of, if it is the account's own.
func (v *View) ownLocked(path string, p willow.Path) (*corner, *leaf) {
	if f := v.places[path]; f != nil && f.in.Mine {
		if q, err := node(f.path); err == nil && v.cfg.MayWriteIn(f.in.Subspace, q) {
			return f.in, f
		}
	}
	for _, c := range v.ordered() {
		if c.Mine && v.cfg.MayWriteIn(c.Subspace, p) {
			return c, nil
		}
	}
	return nil, nil
}

// routed is an edit on its way to the tree that it is written to.
type routed struct {
	tree  *Tree
	edit  Edit
	done  *Version // it changes nothing: this is there already
	from  int      // its index
	shown string   // the path that it was asked for
}

// Write does as Tree.Write. Who may write to the shared tree does that: where a leaf
// is shown, the version stands for it. Others write to their own corner; the version
// that is returned has the path at which it is shown, which isn't the edit's if
// something else is there. If one of the edits isn't allowed, none is written.
func (v *View) Write(ctx context.Context, edits []Edit) ([]Version, error) {
	isPlain, err := v.look(ctx)
	if err != nil {
		return nil, err
	}
	if isPlain {
		return v.shared.Write(ctx, edits)
	}
	v.mu.Unlock()
	routes := make([]routed, len(edits))
	for i, e := range edits {
		if err := e.check(); err != nil {
			return nil, err
		}
		if routes[i], err = v.route(ctx, e); err != nil {
			return nil, err
		}
		routes[i].from, routes[i].shown = i, e.Path
	}
	out := make([]Version, len(edits))
	for _, t := range treesOf(routes) {
		if err := v.writeTo(ctx, t, routes, out); err != nil {
			return nil, err
		}
	}
	return out, v.whereShown(ctx, routes, out)
}

// treesOf returns the trees that edits go to, in the order of the first.
func treesOf(routes []routed) (trees []*Tree) {
	for _, r := range routes {
		if !slices.Contains(trees, r.tree) {
			trees = append(trees, r.tree)
		}
	}
	return trees
}

// writeTo writes those of the edits that go to one tree. Two can be about one path
// there, as when a leaf is moved to its own path: what it is to be counts, and not
// that it is to be gone from where it was shown.
func (v *View) writeTo(ctx context.Context, t *Tree, routes []routed, out []Version) error {
	var edits []Edit
	at := map[string]int{} // indices of edits, by path
	for _, r := range routes {
		if r.tree != t || r.done != nil {
			continue
		}
		if i, twice := at[r.edit.Path]; twice {
			if edits[i].Kind == Tombstone {
				edits[i] = r.edit
			}
			continue
		}
		if err := v.bring(ctx, t, r.edit); err != nil {
			return err
		}
		at[r.edit.Path] = len(edits)
		edits = append(edits, r.edit)
	}
	vs, err := t.Write(ctx, edits)
	if err != nil {
		return err
	}
	for _, r := range routes {
		switch {
		case r.tree != t:
		case r.done != nil:
			out[r.from] = *r.done
		default:
			out[r.from] = vs[at[r.edit.Path]]
		}
	}
	return nil
}

// bring makes a tree's scope hold the bytes of an edit that another one of the space
// holds.
func (v *View) bring(ctx context.Context, t *Tree, e Edit) error {
	if e.Length == 0 || v.cfg.Hold == nil {
		return nil
	}
	h := blob.Hash(e.Digest)
	if has, err := v.cfg.Blobs.Has(ctx, t.scope, h); has || err != nil {
		return err
	}
	for _, other := range v.trees() {
		if has, err := v.cfg.Blobs.Has(ctx, other.scope, h); err != nil {
			return err
		} else if has {
			_, err := v.cfg.Hold(ctx, t.scope, h)
			return err
		}
	}
	return nil
}

// trees returns the shared tree and those of the corners.
func (v *View) trees() []*Tree {
	v.mu.Lock()
	defer v.mu.Unlock()
	all := []*Tree{v.shared}
	for _, c := range v.ordered() {
		all = append(all, c.tree)
	}
	return all
}

// route finds out what an edit of what is shown is an edit of.
func (v *View) route(ctx context.Context, e Edit) (routed, error) {
	p, err := node(e.Path)
	if err != nil {
		return routed{}, err
	}
	if v.shared.MayWrite(p) {
		return v.routeShared(ctx, e)
	}
	v.mu.Lock()
	c, f := v.ownLocked(e.Path, p)
	v.mu.Unlock()
	r := routed{edit: e}
	switch {
	case c == nil, f == nil && e.Kind == Tombstone:
		return r, fmt.Errorf("write %q: %w", e.Path, ErrNotAllowed)
	case f != nil:
		r.tree, r.edit.Path = c.tree, f.path
	default:
		r.tree = c.tree
		same, err := v.sameShown(ctx, e)
		if err != nil || same != nil {
			r.done = same
			return r, err
		}
		if r.edit.Base, err = v.baseIn(ctx, c.tree, e); err != nil {
			return r, err
		}
	}
	if r.edit.ConflictOf != "" {
		r.edit.ConflictOf = v.ownPath(c, e.ConflictOf)
	}
	return r, nil
}

// baseIn returns the base in a corner of an edit of what is shown at a path and isn't
// the corner's: nothing, unless the edit was made on what the corner has there, or on
// a version of the shared tree that has seen that.
func (v *View) baseIn(ctx context.Context, t *Tree, e Edit) (*Base, error) {
	own, _, err := t.Lookup(ctx, e.Path)
	if err != nil || !own.Live() {
		return &Base{}, err
	}
	var on Version
	if e.Base == nil {
		on, _, err = v.shared.Lookup(ctx, e.Path)
	} else if on, err = t.knows(ctx, e.Path, *e.Base); on.Kind != 0 {
		return e.Base, err
	} else if err == nil {
		on, err = v.shared.knows(ctx, e.Path, *e.Base)
	}
	if err == nil && on.has(own) {
		return &Base{own.Timestamp, own.Digest}, nil
	}
	return &Base{}, err
}

// ownPath returns the path in a corner of what is shown at a path.
func (v *View) ownPath(c *corner, path string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if f := v.places[path]; f != nil && f.in == c {
		return f.path
	}
	return path
}

// sameShown returns what is shown at the path of an edit if the edit changes nothing.
func (v *View) sameShown(ctx context.Context, e Edit) (*Version, error) {
	u, _, err := v.Lookup(ctx, e.Path)
	if err != nil || !u.Live() || e.ConflictOf != "" || !u.equals(Version{Kind: e.Kind, Digest: e.Digest, Length: e.Length, Exec: e.Exec}) {
		return nil, err
	}
	return &u, nil
}

// routeShared routes an edit to the shared tree.
func (v *View) routeShared(ctx context.Context, e Edit) (routed, error) {
	r := routed{tree: v.shared, edit: e}
	f, u, err := v.editedLeaf(ctx, e)
	if f == nil || err != nil {
		return r, err
	}
	if f.place == e.Path && e.ConflictOf == "" && u.Live() &&
		u.equals(Version{Kind: e.Kind, Digest: e.Digest, Length: e.Length, Exec: e.Exec}) {
		shown := v.show(u, e.Path)
		r.done = &shown
		return r, nil
	}
	u.Path = f.path
	r.edit.over = &cornerFile{version: u, named: f.path != e.Path}
	if e.Base != nil {
		there, _, err := v.shared.Lookup(ctx, e.Path)
		if err != nil {
			return r, err
		}
		if r.edit.Base = (&Base{}); there.Kind == Tombstone {
			r.edit.Base = &Base{there.Timestamp, there.Digest}
		}
	}
	return r, nil
}

// editedLeaf returns the leaf, and its version, that an edit in the shared tree was
// made on; nil if it was made on something else.
func (v *View) editedLeaf(ctx context.Context, e Edit) (*leaf, Version, error) {
	v.mu.Lock()
	at := v.places[e.Path]
	var others []*leaf
	if e.Base != nil && *e.Base != (Base{}) {
		for _, p := range append([]string{e.Path}, unmarked(e.Path)...) {
			for _, c := range v.ordered() {
				if f := c.leaves[p]; f != nil && f != at {
					others = append(others, f)
				}
			}
		}
	}
	v.mu.Unlock()
	if at != nil {
		u, _, err := at.in.tree.Lookup(ctx, at.path)
		if err != nil || e.Base == nil || (Base{u.Timestamp, u.Digest}) == *e.Base {
			return at, u, err
		}
		others = append(others, at)
	}
	for _, f := range others {
		u, err := f.in.tree.knows(ctx, f.path, *e.Base)
		if err != nil || u.Kind != 0 && u.Kind != Tombstone {
			return f, u, err
		}
	}
	return nil, Version{}, nil
}

// knows returns the version of a path, latest or former, that a base names; the zero
// one if there is none. The zero base names none.
func (t *Tree) knows(ctx context.Context, path string, b Base) (Version, error) {
	if b == (Base{}) {
		return Version{}, nil
	}
	vs, err := t.versions(ctx, path)
	for _, u := range vs {
		if u.Timestamp == b.Timestamp && u.Digest == b.Digest {
			return u, err
		}
	}
	return Version{}, err
}

// whereShown gives versions that were written to corners the paths at which they are
// shown.
func (v *View) whereShown(ctx context.Context, routes []routed, out []Version) error {
	isPlain, err := v.look(ctx)
	if isPlain || err != nil {
		return err
	}
	defer v.mu.Unlock()
	for i, r := range routes {
		if r.tree == v.shared || r.done != nil || out[i].Kind == 0 {
			continue
		}
		f := v.corners[r.tree.Subspace].leaves[r.edit.Path]
		switch asked := r.from; {
		case f != nil && f.place != "" && out[asked].Live():
			out[asked].Path = f.place
		default:
			out[asked].Path = r.shown
		}
	}
	return nil
}

// Scopes returns the scopes in which bytes of the space's files are held.
func (v *View) Scopes() []blob.Scope {
	var all []blob.Scope
	for _, t := range v.trees() {
		all = append(all, t.scope)
	}
	return all
}
