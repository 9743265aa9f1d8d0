package tree

import (
	"context"
	"slices"
	"strings"
)

// isMarked reports whether a path may be one with a mark.
func isMarked(path string) bool { return strings.Contains(path, fromMark) }

// findCrowds finds out which of some leaves crowd, and shows the others.
func (v *View) findCrowds(ctx context.Context, near map[*leaf]struct{}) error {
	var paths []string
	for f := range near {
		if !f.live() || v.isCrowded(f) {
			continue
		}
		paths = append(paths, f.path)
		for p := range parents(f.path) {
			paths = append(paths, p)
		}
	}
	found, err := v.survey(ctx, paths)
	if err != nil {
		return err
	}
	var free []*leaf
	for f := range near {
		switch crowds := v.isCrowded(f) || obstructed(f, found); {
		case !f.live():
			v.unplace(f)
		case crowds:
			v.crowded[f] = struct{}{}
		default:
			delete(v.crowded, f)
			free = append(free, f)
		}
	}
	// First all that crowd make room: what is free now may be where one of them was.
	for f := range v.crowded {
		v.putAt(f, "")
	}
	for _, f := range free {
		v.putAt(f, f.path)
	}
	return nil
}

// isCrowded reports whether other corners have something at a leaf's path, above or
// below it, or a version of the shared tree stands for it.
func (v *View) isCrowded(f *leaf) bool {
	if len(v.stands[f.id()]) > 0 {
		return true
	}
	for _, c := range v.corners {
		if c == f.in {
			continue
		}
		for _, p := range c.below(f.path) {
			if g := c.leaves[p]; g.live() {
				return true
			}
		}
		for p := range parents(f.path) {
			if g := c.leaves[p]; g != nil && g.live() && g.kind != Folder {
				return true
			}
		}
	}
	return false
}

// survey returns what the shared tree has at paths, where it has anything.
func (v *View) survey(ctx context.Context, paths []string) (map[string]ground, error) {
	found := map[string]ground{}
	for s, err := range v.shared.spots(ctx, paths) {
		if err != nil {
			return nil, err
		}
		g := ground{}
		if s.group.path != "" {
			if g.version, err = v.shared.version(ctx, s.group, v.shared.held); err != nil {
				return nil, err
			}
		}
		if s.below {
			if g.below, err = v.shared.shownBelow(ctx, s.path); err != nil {
				return nil, err
			}
		}
		if g.version.Kind != 0 || g.below {
			found[s.path] = g
		}
	}
	return found, nil
}

// obstructed reports whether the shared tree has something at a leaf's path, above
// or below it. A folder that is there doesn't obstruct what is in it.
func obstructed(f *leaf, found map[string]ground) bool {
	if g, ok := found[f.path]; ok && (g.version.Kind != 0 || g.below) {
		return true
	}
	for p := range parents(f.path) {
		if u := found[p].version; u.Kind != 0 && u.Kind != Folder {
			return true
		}
	}
	return false
}

// placeAll finds places for the leaves that crowd: first for those that can be at
// their own paths, then for the others.
func (v *View) placeAll(ctx context.Context) error {
	crowd := make([]*leaf, 0, len(v.crowded))
	var paths []string
	for f := range v.crowded {
		v.putAt(f, "")
		crowd = append(crowd, f)
		for _, p := range slices.Concat([]string{f.path}, slices.Collect(parents(f.path))) {
			if _, known := v.ground[p]; !known {
				paths = append(paths, p)
			}
		}
	}
	slices.SortFunc(crowd, func(a, b *leaf) int {
		if a.in != b.in {
			return a.in.Subspace.Compare(b.in.Subspace)
		}
		return order(a.path, b.path)
	})
	found, err := v.survey(ctx, paths)
	if err != nil {
		return err
	}
	for _, p := range paths {
		v.ground[p] = found[p]
	}
	var late []*leaf
	for _, f := range crowd {
		settled, err := v.placeOwn(ctx, f)
		if err != nil {
			return err
		}
		if !settled {
			late = append(late, f)
		}
	}
	for _, f := range late {
		if err := v.placeMarked(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// groundAt returns what the shared tree has at a path.
func (v *View) groundAt(ctx context.Context, path string) (ground, error) {
	if g, ok := v.ground[path]; ok {
		return g, nil
	}
	found, err := v.survey(ctx, []string{path})
	if err == nil {
		v.ground[path] = found[path]
	}
	return found[path], err
}

// placeOwn shows a leaf at its own path, or not at all; settled is false if it has to
// be shown elsewhere.
func (v *View) placeOwn(ctx context.Context, f *leaf) (settled bool, err error) {
	here, err := f.version(ctx)
	if err != nil {
		return false, err
	}
	g, err := v.groundAt(ctx, f.path)
	if err != nil {
		return false, err
	}
	if !here.Live() || v.isReplaced(f, here, g.version) || v.isSameFolder(f, g) {
		return true, nil
	}
	if v.isTaken(f.path, g) {
		return false, nil
	}
	for p := range parents(f.path) {
		g, err := v.groundAt(ctx, p)
		if err != nil {
			return false, err
		}
		if other := v.places[p]; g.version.Kind != 0 && g.version.Kind != Folder || other != nil && other.kind != Folder {
			return false, nil
		}
	}
	v.putAt(f, f.path)
	return true, nil
}

// isTaken reports whether something is at or below a path.
func (v *View) isTaken(path string, g ground) bool {
	return g.version.Kind != 0 || g.below || v.places[path] != nil || v.anyBelow(path)
}

// isReplaced reports whether a leaf was dealt with in the shared tree, where u is at
// its path; or that isn't known yet.
func (v *View) isReplaced(f *leaf, here, u Version) bool {
	for _, p := range v.stands[f.id()] {
		if v.standIn[p].version.has(here) {
			return true
		}
	}
	return u.Kind != 0 && (!u.Decided() || u.has(here))
}

// isSameFolder reports whether a leaf is a folder that is there anyway.
func (v *View) isSameFolder(f *leaf, g ground) bool {
	if f.kind != Folder {
		return false
	}
	other := v.places[f.path]
	return g.version.Kind == Folder || g.below || v.anyBelow(f.path) || g.version.Kind == 0 && other != nil && other.kind == Folder
}

// anyBelow reports whether a leaf is shown below a path.
func (v *View) anyBelow(path string) bool {
	for _, c := range v.corners {
		for _, p := range c.below(path) {
			if f := c.leaves[p]; f.place == p && p != path {
				return true
			}
		}
	}
	return v.under[path] > 0
}

// maxMarks bounds how many marks are tried for a leaf.
const maxMarks = 1000

// placeMarked shows a leaf at a path with a mark.
func (v *View) placeMarked(ctx context.Context, f *leaf) error {
	here, err := f.version(ctx)
	if err != nil || !here.Live() {
		return err
	}
	for n := 1; n <= maxMarks; n++ {
		at, ok, err := v.tryMark(ctx, f, n)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if at == "" {
			return nil // there is no room for a mark
		}
		g, err := v.groundAt(ctx, at)
		switch u := g.version; {
		case err != nil:
			return err
		case u.Kind != 0 && u.has(here):
			return nil
		case u.Live(), g.below && f.kind != Folder, v.places[at] != nil, v.anyBelow(at) && f.kind != Folder:
			continue
		}
		v.putAt(f, at)
		for p := range parents(at) {
			v.under[p]++
		}
		f.marked = true
		return nil
	}
	return nil
}

// tryMark returns the n-th path with a mark for a leaf: at the name of the file above
// it if one is there, else at its own. It is "" if there is no room for marks; ok is
// false if that can't be a place.
func (v *View) tryMark(ctx context.Context, f *leaf, n int) (at string, ok bool, err error) {
	text := markOf(f.in.label, n)
	names := strings.Split(f.path, "/")
	done := false
	for i, name := range names {
		if at != "" {
			at += "/"
		}
		at += name
		last := i == len(names)-1
		kind := Folder
		if last {
			kind = f.kind
		}
		if !last {
			if file, err := v.fileAt(ctx, at); err != nil {
				return "", false, err
			} else if !file {
				continue
			}
		}
		if last && done {
			return at, true, nil
		}
		if at, err = Beside(at, kind, text); err != nil {
			return "", true, nil
		}
		if done = true; last {
			return at, true, nil
		}
		if file, err := v.fileAt(ctx, at); err != nil || file {
			return "", false, err
		}
	}
	return at, true, nil
}

// fileAt reports whether a file is shown at a path.
func (v *View) fileAt(ctx context.Context, path string) (bool, error) {
	if f := v.places[path]; f != nil && f.kind != Folder {
		return true, nil
	}
	g, err := v.groundAt(ctx, path)
	return g.version.Live() && g.version.Kind != Folder, err
}
