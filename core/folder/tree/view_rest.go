package tree

import (
	"context"
	"errors"
	"slices"
	"time"
)

// History returns what is known of the versions that were shown at a path: of the
// shared tree and of a leaf.
func (v *View) History(ctx context.Context, path string) ([]Version, error) {
	vs, err := v.shared.History(ctx, path)
	if err != nil {
		return nil, err
	}
	isPlain, err := v.look(ctx)
	if isPlain || err != nil {
		return vs, err
	}
	f := v.places[path]
	if f == nil {
		if f = v.wasAtLocked(path); f != nil && f.place != "" {
			f = nil // it is shown elsewhere, and its history with it
		}
	}
	v.mu.Unlock()
	if f == nil {
		return vs, nil
	}
	more, err := f.in.tree.History(ctx, f.path)
	if err != nil {
		return nil, err
	}
	for _, u := range more {
		vs = append(vs, v.show(u, path))
	}
	slices.SortStableFunc(vs, func(a, b Version) int { return b.entry.Compare(a.entry) })
	return vs, nil
}

// Settle does as Tree.Settle, in the shared tree and in the corners.
func (v *View) Settle(ctx context.Context) (done Settled, err error) {
	if err := v.cfg.Entries.Told(ctx); err != nil {
		return done, err
	}
	isPlain, err := v.look(ctx)
	if err != nil {
		return done, err
	}
	if isPlain {
		return v.shared.settle(ctx)
	}
	v.mu.Unlock()
	for _, t := range v.trees() {
		d, err := t.settle(ctx)
		done.Copies += d.Copies
		done.Rewritten += d.Rewritten
		done.Moved += d.Moved
		done.Erased += d.Erased
		done.Waiting += d.Waiting
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// Counts does as Tree.Counts.
func (v *View) Counts(ctx context.Context) (Counts, error) {
	c, err := v.shared.Counts(ctx)
	if err != nil {
		return Counts{}, err
	}
	isPlain, err := v.look(ctx)
	if isPlain || err != nil {
		return c, err
	}
	defer v.mu.Unlock()
	c.add(v.counts)
	return c, nil
}

// Conflicts does as Tree.Conflicts.
func (v *View) Conflicts(ctx context.Context) ([]Conflict, error) {
	all, err := v.shared.Conflicts(ctx)
	if err != nil {
		return nil, err
	}
	isPlain, err := v.look(ctx)
	if isPlain || err != nil {
		return all, err
	}
	corners := v.ordered()
	v.mu.Unlock()
	for _, c := range corners {
		cs, err := c.tree.Conflicts(ctx)
		if err != nil {
			return nil, err
		}
		v.mu.Lock()
		for _, con := range cs {
			f := c.leaves[con.Copy]
			if f == nil || f.place == "" {
				continue // it has been dealt with in the shared tree
			}
			con.Copy = f.place
			if of := c.leaves[con.Path]; of != nil && of.place != "" {
				con.Path = of.place
			}
			all = append(all, con)
		}
		v.mu.Unlock()
	}
	slices.SortFunc(all, func(a, b Conflict) int { return order(a.Copy, b.Copy) })
	return all, nil
}

// Undecided does as Tree.Undecided.
func (v *View) Undecided() (n int) {
	for _, t := range v.trees() {
		n += t.Undecided()
	}
	return n
}

// Completed does as Tree.Completed.
func (v *View) Completed(at time.Time) (paths []string) {
	for _, t := range v.trees() {
		decided := t.Completed(at)
		v.fresh.again(t.Subspace, decided)
		paths = append(paths, decided...)
	}
	return paths
}

// Orphaned does as Tree.Orphaned.
func (v *View) Orphaned(ctx context.Context, path string, b Base, latest Version) (bool, error) {
	orphaned, err := v.shared.Orphaned(ctx, path, b, latest)
	if orphaned || err != nil {
		return orphaned, err
	}
	isPlain, err := v.look(ctx)
	if isPlain || err != nil {
		return false, err
	}
	corners := v.ordered()
	v.mu.Unlock()
	for _, c := range corners {
		for _, p := range append([]string{path}, unmarked(path)...) {
			if orphaned, err := c.tree.Orphaned(ctx, p, b, latest); orphaned || err != nil {
				return orphaned, err
			}
		}
	}
	return false, nil
}

// MayErase does as Tree.MayErase.
func (v *View) MayErase(ctx context.Context, u Version) (bool, error) {
	if u.entry.Subspace == v.cfg.Subspace {
		return v.shared.MayErase(ctx, u)
	}
	v.mu.Lock()
	c := v.corners[u.entry.Subspace]
	v.mu.Unlock()
	if c == nil {
		return false, nil
	}
	u.Path, _ = PathOf(u.entry.Path)
	return c.tree.MayErase(ctx, u)
}

// Erase does as Tree.Erase, in the shared tree and in the corners.
func (v *View) Erase(ctx context.Context, path string) (shown int, paths []string, err error) {
	isPlain, err := v.look(ctx)
	if err != nil {
		return 0, nil, err
	}
	if isPlain {
		return v.shared.Erase(ctx, path)
	}
	leaves := v.leavesOfLocked(path)
	v.mu.Unlock()
	shown, paths, err = v.shared.Erase(ctx, path)
	if err != nil && !(errors.Is(err, ErrNotFound) && len(leaves) > 0) {
		return 0, nil, err
	}
	for _, s := range leaves {
		n, gone, err := s.tree.Erase(ctx, s.path)
		if err != nil {
			return 0, nil, err
		}
		if shown, paths = shown+n, append(paths, gone...); s.place != "" && s.place != s.path {
			paths = append(paths, s.place)
		}
	}
	return shown, paths, nil
}

// leavesOfLocked returns what of corners is, or was, shown at or below a path.
func (v *View) leavesOfLocked(path string) (seats []seat) {
	in := func(p string) bool { return p == path || below(p, path) }
	for _, c := range v.ordered() {
		last := ""
		for _, p := range c.sorted {
			f := c.leaves[p]
			if (f.place == "" && in(p) || f.place != "" && in(f.place)) && (last == "" || !below(p, last)) {
				last = p
				seats = append(seats, f.seat(f.place))
			}
		}
	}
	return seats
}

// Adopt does as Tree.Adopt, in the shared tree and in the corners.
func (v *View) Adopt(ctx context.Context, doomed func(capability []byte) bool, until time.Time) (all Adopted, err error) {
	if err := v.lookAtAll(ctx); err != nil {
		return all, err
	}
	for _, t := range v.trees() {
		a, err := t.Adopt(ctx, doomed, until)
		all.Versions, all.Left = append(all.Versions, a.Versions...), append(all.Left, a.Left...)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// Left does as Tree.Left.
func (v *View) Left(ctx context.Context, doomed func(capability []byte) bool, until time.Time) (all []string, err error) {
	if err := v.lookAtAll(ctx); err != nil {
		return nil, err
	}
	for _, t := range v.trees() {
		left, err := t.Left(ctx, doomed, until)
		if all = append(all, left...); err != nil {
			return all, err
		}
	}
	return all, nil
}

// lookAtAll finds the corners that there are.
func (v *View) lookAtAll(ctx context.Context) error {
	isPlain, err := v.look(ctx)
	if !isPlain && err == nil {
		v.mu.Unlock()
	}
	return err
}
