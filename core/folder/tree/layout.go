package tree

import (
	"context"
	"iter"
	"maps"
	"slices"

	"meadow/core/willow"
)

// layout is where a View shows what. A leaf that nothing else is near is shown at
// its own path. The others crowd, and are placed one after the other, by corner and
// path: so where they are depends on what there is, and not on what came first.
type layout struct {
	places  map[string]*leaf    // by where it is shown
	crowded map[*leaf]struct{}  //
	under   map[string]int      // how many leaves are shown with marks below a path
	before  map[*leaf]string    // where leaves were that were moved in this update
	ground  map[string]ground   // what the shared tree has where leaves crowd
	standIn map[string]standsIn // versions of the shared tree that stand for leaves, by path
	stands  map[leafID][]string // their paths, by leaf
	counts  Counts              // of leaves that have a place
}

func newLayout() layout {
	return layout{
		places: map[string]*leaf{}, crowded: map[*leaf]struct{}{}, under: map[string]int{}, before: map[*leaf]string{}, ground: map[string]ground{},
		standIn: map[string]standsIn{}, stands: map[leafID][]string{},
	}
}

// leafID names a leaf.
type leafID struct {
	subspace willow.SubspaceID
	path     string
}

func (f *leaf) id() leafID { return leafID{f.in.Subspace, f.path} }

// ground is what the shared tree has at a path.
type ground struct {
	version Version // the zero one if there is nothing
	below   bool    // something is shown below it
}

// standsIn is a version of the shared tree that stands for a leaf, see over.
type standsIn struct {
	leaf    leafID
	version Version
}

// read takes changes into the layout.
func (v *View) read(ctx context.Context, n viewChange) error {
	defer v.tellMoves()
	if n.all {
		for place := range v.places {
			v.moved.add(place)
		}
		v.layout = newLayout()
		for _, c := range v.corners {
			c.leaves, c.sorted = map[string]*leaf{}, nil
		}
	}
	near, err := v.readCorners(ctx, n)
	if err != nil {
		return err
	}
	if err := v.readShared(ctx, n, near); err != nil {
		return err
	}
	if relabelled := labelled(v.corners); len(near) == 0 && !relabelled {
		return nil
	}
	if err := v.findCrowds(ctx, near); err != nil {
		return err
	}
	return v.placeAll(ctx)
}

// readCorners reads what has changed in corners, and returns the leaves that may be
// shown elsewhere now.
func (v *View) readCorners(ctx context.Context, n viewChange) (near map[*leaf]struct{}, err error) {
	near = map[*leaf]struct{}{}
	changed := map[string]struct{}{}
	for ss, c := range v.corners {
		paths := n.paths[ss]
		if !n.all && len(paths) == 0 {
			continue
		}
		fresh := c.tree.groups(ctx, "")
		if !n.all {
			fresh = c.tree.groupsAt(ctx, slices.Collect(maps.Keys(paths)))
		}
		if err := v.readCorner(ctx, c, fresh, changed); err != nil {
			return nil, err
		}
	}
	for path := range changed {
		v.around(path, near)
	}
	return near, nil
}

// readCorner takes groups into a corner, and adds their paths to changed.
func (v *View) readCorner(ctx context.Context, c *corner, fresh iter.Seq2[group, error], changed map[string]struct{}) (err error) {
	var came []string
	gone := false
	for g, err := range fresh {
		if err != nil {
			return err
		}
		old := c.leaves[g.path]
		if g.payload == (willow.Entry{}) && old == nil {
			continue
		}
		v.unplace(old)
		changed[g.path] = struct{}{}
		if g.payload == (willow.Entry{}) {
			gone = true
			delete(c.leaves, g.path)
			continue
		}
		f := &leaf{in: c, path: g.path, entry: g.payload, kind: File, known: true}
		if err := f.readKind(ctx); err != nil {
			return err
		}
		if c.leaves[g.path] = f; old == nil {
			came = append(came, g.path)
		}
	}
	c.sort(came, gone)
	c.said, err = c.name(ctx)
	return err
}

// groupsAt yields the groups of paths, those without entries too.
func (t *Tree) groupsAt(ctx context.Context, paths []string) iter.Seq2[group, error] {
	return func(yield func(group, error) bool) {
		for s, err := range t.spots(ctx, paths) {
			s.group.path = s.path
			if !yield(s.group, err) || err != nil {
				return
			}
		}
	}
}

// readKind finds out what a leaf without bytes is.
func (f *leaf) readKind(ctx context.Context) error {
	if f.entry.PayloadLength > 0 {
		return nil
	}
	u, err := f.version(ctx)
	f.kind, f.known = u.Kind, u.Decided()
	return err
}

// maxNamers is how many of a corner's newest versions are asked for its name.
const maxNamers = 8

// name returns what the newest version of a corner that says so calls its
// contributor.
func (c *corner) name(ctx context.Context) (string, error) {
	var newest []*leaf
	for _, f := range c.leaves {
		i, _ := slices.BinarySearchFunc(newest, f, func(a, b *leaf) int { return b.entry.Compare(a.entry) })
		if i < maxNamers {
			newest = slices.Insert(newest, i, f)
			newest = newest[:min(len(newest), maxNamers)]
		}
	}
	for _, f := range newest {
		u, err := f.version(ctx)
		if err != nil {
			return "", err
		}
		if u.details != nil && harmless(u.details.name) != "" {
			return u.details.name, nil
		}
	}
	return "", nil
}

// around adds to near the leaves at a path, below it and above it.
func (v *View) around(path string, near map[*leaf]struct{}) {
	for _, c := range v.corners {
		for _, p := range c.below(path) {
			near[c.leaves[p]] = struct{}{}
		}
		for p := range parents(path) {
			if f := c.leaves[p]; f != nil {
				near[f] = struct{}{}
			}
		}
	}
}

// readShared takes what has changed in the shared tree into the layout.
func (v *View) readShared(ctx context.Context, n viewChange, near map[*leaf]struct{}) error {
	if n.all {
		return v.readStandIns(ctx)
	}
	var marked []string
	for path := range n.paths[v.cfg.Subspace] {
		v.around(path, near)
		delete(v.ground, path)
		for p := range parents(path) {
			delete(v.ground, p)
		}
		if isMarked(path) {
			marked = append(marked, path)
		}
	}
	for _, path := range marked {
		v.forgetStandIn(path, near)
	}
	for u, err := range v.shared.LookupAll(ctx, marked) {
		if err != nil {
			return err
		}
		v.addStandIn(u, near)
	}
	// A leaf that crowds may be at, or want, any place with a mark.
	for f := range v.crowded {
		if len(n.paths[v.cfg.Subspace]) > 0 {
			near[f] = struct{}{}
		}
	}
	return nil
}

// readStandIns finds the versions of the shared tree that stand for leaves.
func (v *View) readStandIns(ctx context.Context) error {
	for g, err := range v.shared.groups(ctx, "") {
		if err != nil {
			return err
		}
		if !isMarked(g.path) {
			continue
		}
		u, err := v.shared.version(ctx, g, v.shared.held)
		if err != nil {
			return err
		}
		v.addStandIn(u, nil)
	}
	return nil
}

func (v *View) addStandIn(u Version, near map[*leaf]struct{}) {
	if u.details == nil || u.details.over == nil {
		return
	}
	id := leafID{willow.SubspaceID(u.details.over.Subspace), string(u.details.over.Path)}
	v.standIn[u.Path] = standsIn{id, u}
	v.stands[id] = append(v.stands[id], u.Path)
	v.nearID(id, near)
}

func (v *View) forgetStandIn(path string, near map[*leaf]struct{}) {
	s, ok := v.standIn[path]
	if !ok {
		return
	}
	delete(v.standIn, path)
	v.stands[s.leaf] = slices.DeleteFunc(v.stands[s.leaf], func(p string) bool { return p == path })
	if len(v.stands[s.leaf]) == 0 {
		delete(v.stands, s.leaf)
	}
	v.nearID(s.leaf, near)
}

func (v *View) nearID(id leafID, near map[*leaf]struct{}) {
	if c := v.corners[id.subspace]; c != nil && near != nil {
		if f := c.leaves[id.path]; f != nil {
			near[f] = struct{}{}
		}
	}
}

// unplace takes a leaf out of the layout.
func (v *View) unplace(f *leaf) {
	if f == nil {
		return
	}
	delete(v.crowded, f)
	v.putAt(f, "")
}

// putAt shows a leaf at a path, or nowhere.
func (v *View) putAt(f *leaf, place string) {
	if f.place == place {
		return
	}
	if _, noted := v.before[f]; !noted {
		v.before[f] = f.place
	}
	if f.place != "" {
		if v.places[f.place] == f {
			delete(v.places, f.place)
		}
		if f.marked {
			for p := range parents(f.place) {
				v.under[p]--
			}
			f.marked = false
		}
		n := f.counts()
		v.counts.add(Counts{-n.Files, -n.Folders, -n.Bytes})
	}
	f.place = place
	if place != "" {
		v.places[place] = f
		v.counts.add(f.counts())
	}
}

// tellMoves notes where something else is shown than before this update.
func (v *View) tellMoves() {
	for f, place := range v.before {
		if f.place != place {
			v.moved.add(place)
			v.moved.add(f.place)
		}
	}
	clear(v.before)
}
