package tree

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"meadow/core/willow"
)

// seat is a leaf as it was shown when somebody looked.
type seat struct {
	tree  *Tree
	path  string // in its corner
	place string // where it is shown; of deletions, the same as path
	at    willow.Timestamp
}

func (f *leaf) seat(place string) seat { return seat{f.in.tree, f.path, place, f.entry.Timestamp} }

// show returns a version of a corner as it is shown at a place.
func (v *View) show(u Version, place string) Version {
	if u.ConflictOf != "" {
		v.mu.Lock()
		if c := v.corners[u.entry.Subspace]; c != nil {
			if f := c.leaves[u.ConflictOf]; f != nil && f.place != "" {
				u.ConflictOf = f.place
			}
		}
		v.mu.Unlock()
	}
	u.Path = place
	return u
}

// Lookup does as Tree.Lookup. Where a leaf was shown before, or could be, it finds a
// deletion.
func (v *View) Lookup(ctx context.Context, path string) (Version, bool, error) {
	isPlain, err := v.look(ctx)
	if isPlain || err != nil {
		if err != nil {
			return Version{}, false, err
		}
		return v.shared.Lookup(ctx, path)
	}
	s, shown := v.seatAtLocked(path)
	v.mu.Unlock()
	if shown {
		return v.lookupSeat(ctx, s)
	}
	u, ok, err := v.shared.Lookup(ctx, path)
	if ok || err != nil {
		return u, ok, err
	}
	v.mu.Lock()
	was := v.wasAtLocked(path)
	v.mu.Unlock()
	return v.lookupWas(ctx, was, path)
}

// seatAtLocked returns the leaf that is shown at a path.
func (v *View) seatAtLocked(path string) (s seat, ok bool) {
	f := v.places[path]
	if f == nil {
		return s, false
	}
	return f.seat(path), true
}

func (v *View) lookupSeat(ctx context.Context, s seat) (Version, bool, error) {
	u, ok, err := s.tree.Lookup(ctx, s.path)
	return v.show(u, s.place), ok, err
}

// wasAtLocked returns a leaf that may have been shown at a path where nothing is.
func (v *View) wasAtLocked(path string) *leaf {
	own := append([]string{path}, unmarked(path)...)
	for _, c := range v.ordered() {
		for _, p := range own {
			if f := c.leaves[p]; f != nil {
				return f
			}
		}
	}
	return nil
}

// lookupWas returns the deletion that is at a path because of a leaf: its own, or
// that it is shown elsewhere, or not at all.
func (v *View) lookupWas(ctx context.Context, f *leaf, path string) (Version, bool, error) {
	if f == nil {
		return Version{}, false, nil
	}
	u, ok, err := f.in.tree.Lookup(ctx, f.path)
	if err != nil || !ok {
		return Version{}, false, err
	}
	if u.Kind == Tombstone {
		return v.show(u, path), true, nil
	}
	return Version{
		Path: path, Kind: Tombstone, Timestamp: u.Timestamp, Digest: willow.EmptyDigest, Present: true, HasDetails: true,
	}, true, nil
}

// Get does as Tree.Get.
func (v *View) Get(ctx context.Context, path string) (Version, bool, error) {
	u, ok, err := v.Lookup(ctx, path)
	if !u.Live() {
		return Version{}, false, err
	}
	return u, ok, err
}

// LookupAll does as Tree.LookupAll.
func (v *View) LookupAll(ctx context.Context, paths []string) iter.Seq2[Version, error] {
	isPlain, err := v.look(ctx)
	switch {
	case err != nil:
		return failed[Version](err)
	case isPlain:
		return v.shared.LookupAll(ctx, paths)
	}
	var seats []seat
	rest := slices.Clone(paths)
	slices.Sort(rest)
	rest = slices.DeleteFunc(slices.Compact(rest), func(p string) bool {
		s, ok := v.seatAtLocked(p)
		if ok {
			seats = append(seats, s)
		}
		return ok
	})
	v.mu.Unlock()
	return func(yield func(Version, error) bool) {
		found := map[string]bool{}
		for u, err := range v.shared.LookupAll(ctx, rest) {
			if found[u.Path] = true; !yield(u, err) || err != nil {
				return
			}
		}
		for u, err := range v.seated(ctx, seats) {
			if !yield(u, err) || err != nil {
				return
			}
		}
		rest = slices.DeleteFunc(rest, func(p string) bool { return found[p] })
		for u, err := range v.gone(ctx, rest) {
			if !yield(u, err) || err != nil {
				return
			}
		}
	}
}

// gone yields the deletions at paths where nothing is, see wasAtLocked.
func (v *View) gone(ctx context.Context, paths []string) iter.Seq2[Version, error] {
	return func(yield func(Version, error) bool) {
		for _, p := range paths {
			v.mu.Lock()
			was := v.wasAtLocked(p)
			v.mu.Unlock()
			if u, ok, err := v.lookupWas(ctx, was, p); (ok || err != nil) && !yield(u, err) {
				return
			}
		}
	}
}

// seated yields the versions of seats, in their order.
func (v *View) seated(ctx context.Context, seats []seat) iter.Seq2[Version, error] {
	return func(yield func(Version, error) bool) {
		for some := range slices.Chunk(seats, maxStretch) {
			paths := map[*Tree][]string{}
			for _, s := range some {
				paths[s.tree] = append(paths[s.tree], s.path)
			}
			type spot struct {
				tree *Tree
				path string
			}
			found := make(map[spot]Version, len(some))
			for t, ps := range paths {
				for u, err := range t.LookupAll(ctx, ps) {
					if err != nil {
						yield(Version{}, err)
						return
					}
					found[spot{t, u.Path}] = u
				}
			}
			for _, s := range some {
				if u := found[spot{s.tree, s.path}]; u.Kind != 0 && !yield(v.show(u, s.place), nil) {
					return
				}
			}
		}
	}
}

// List does as Tree.List.
func (v *View) List(ctx context.Context, prefix string) iter.Seq2[Version, error] {
	return func(yield func(Version, error) bool) {
		for u, err := range v.Walk(ctx, prefix) {
			if (err != nil || u.Live()) && !yield(u, err) {
				return
			}
		}
	}
}

// Walk does as Tree.Walk. Of a corner's deletions it yields those at whose path there
// is nothing else.
func (v *View) Walk(ctx context.Context, prefix string) iter.Seq2[Version, error] {
	isPlain, err := v.look(ctx)
	switch {
	case err != nil:
		return failed[Version](err)
	case isPlain:
		return v.shared.Walk(ctx, prefix)
	}
	seats := v.seatsLocked(prefix)
	v.mu.Unlock()
	return func(yield func(Version, error) bool) {
		merged(v.shared.Walk(ctx, prefix), v.seated(ctx, seats), func(u Version) string { return u.Path }, Version.Live, yield)
	}
}

// seatsLocked returns the leaves that are shown at or below a path, and deletions,
// in the order of their places.
func (v *View) seatsLocked(prefix string) (seats []seat) {
	in := func(p string) bool { return p == prefix || below(p, prefix) }
	for place, f := range v.places {
		if in(place) {
			seats = append(seats, f.seat(place))
		}
	}
	gone := map[string]bool{}
	for _, c := range v.ordered() {
		for _, p := range c.below(prefix) {
			if f := c.leaves[p]; f.kind == Tombstone && v.places[p] == nil && !gone[p] {
				gone[p] = true
				seats = append(seats, f.seat(p))
			}
		}
	}
	slices.SortFunc(seats, func(a, b seat) int { return order(a.place, b.place) })
	return seats
}

// merged yields what two ordered sequences have. Where both have something at a
// path, what is live counts, else the first.
func merged[T any](a, b iter.Seq2[T, error], path func(T) string, live func(T) bool, yield func(T, error) bool) {
	next, stop := iter.Pull2(b)
	defer stop()
	y, err, more := next()
	upTo := func(first func(T) bool) (ok bool) { // yields of b while that is true, and errors
		for more && (err != nil || first(y)) {
			if !yield(y, err) || err != nil {
				return false
			}
			y, err, more = next()
		}
		return true
	}
	for x, bad := range a {
		if bad != nil {
			yield(x, bad)
			return
		}
		if !upTo(func(y T) bool { return order(path(y), path(x)) < 0 }) {
			return
		}
		if more && path(y) == path(x) {
			if live(y) && !live(x) {
				x = y
			}
			y, err, more = next()
		}
		if !yield(x, nil) {
			return
		}
	}
	upTo(func(T) bool { return true })
}

// Paths does as Tree.Paths.
func (v *View) Paths(ctx context.Context) iter.Seq2[Named, error] {
	isPlain, err := v.look(ctx)
	switch {
	case err != nil:
		return failed[Named](err)
	case isPlain:
		return v.shared.Paths(ctx)
	}
	named := make([]Named, 0, len(v.places))
	for place, f := range v.places {
		named = append(named, Named{place, f.entry.Timestamp})
	}
	v.mu.Unlock()
	slices.SortFunc(named, func(a, b Named) int { return order(a.Path, b.Path) })
	own := func(yield func(Named, error) bool) {
		for _, n := range named {
			if !yield(n, nil) {
				return
			}
		}
	}
	return func(yield func(Named, error) bool) {
		merged(v.shared.Paths(ctx), own, func(n Named) string { return n.Path }, func(Named) bool { return true }, yield)
	}
}

// PlaceOf returns where the path of a subspace is shown; of what isn't, where it would
// be, or was.
func (v *View) PlaceOf(ctx context.Context, ss willow.SubspaceID, path string) (string, error) {
	isPlain, err := v.look(ctx)
	if isPlain || err != nil || ss == v.cfg.Subspace {
		if !isPlain && err == nil {
			v.mu.Unlock()
		}
		return path, err
	}
	place, label := "", ""
	if c := v.corners[ss]; c != nil {
		label = c.label
		if f := c.leaves[path]; f != nil {
			place = f.place
		}
	}
	v.mu.Unlock()
	if place != "" || label == "" {
		return cmp.Or(place, path), nil
	}
	if _, taken, err := v.shared.Lookup(ctx, path); err != nil || !taken {
		return path, err
	}
	if place, err = Beside(path, File, markOf(label, 1)); err != nil {
		return path, nil
	}
	return place, nil
}

// shownBelow reports whether anything is shown below a path.
func (v *View) shownBelow(ctx context.Context, path string) (bool, error) {
	isPlain, err := v.look(ctx)
	if err != nil {
		return false, err
	}
	if !isPlain {
		found := v.anyBelow(path)
		v.mu.Unlock()
		if found {
			return true, nil
		}
	}
	return v.shared.shownBelow(ctx, path)
}

// Generation does as Tree.Generation.
func (v *View) Generation() uint64 {
	n := v.shared.Generation() + v.fresh.renames()
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range v.corners {
		n += c.tree.Generation()
	}
	return n
}
