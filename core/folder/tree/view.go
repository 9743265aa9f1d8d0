package tree

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"meadow/core/blob"
	"meadow/core/willow"
)

// ViewConfig is what a View is made of.
type ViewConfig struct {
	// Config is that of the shared tree: its Subspace is the space's key.
	// MayWrite and Contributor aren't used.
	Config
	// MayWriteIn is Config.MayWrite for any subspace.
	MayWriteIn func(ss willow.SubspaceID, p willow.Path) bool
	// Corners returns the corners that the account knows; others are found when
	// their entries come. Nil: none is known.
	Corners func() []Corner
	// Called returns how the account's person calls themselves. Nil: nobody knows.
	Called func() string
	// Hold makes a scope hold a blob that is complete here. It is needed where there
	// are corners.
	Hold func(ctx context.Context, scope blob.Scope, h blob.Hash) (bool, error)
}

// View is the files of a space as people see them: those of the shared tree, and
// beside them those of the corners. Without corners it is the shared tree, at the
// same cost. Its methods may be called concurrently, and do what those of a [Tree]
// of the same name do; see the package comment.
type View struct {
	actions
	cfg    ViewConfig
	shared *Tree
	cancel func()
	state  atomic.Int32 // unlooked, plain or cornered
	fresh  viewNews

	mu      sync.Mutex                   // guards what follows
	known   map[willow.SubspaceID]Corner // what cfg.Corners has said
	corners map[willow.SubspaceID]*corner
	// searched: the corners that had entries then have been found; built: the
	// layout is of all that was there when it was made.
	searched, built bool
	layout
	moved moves
}

// States of a View. It is never plain again once there was a corner.
const (
	unlooked int32 = iota // nobody has looked whether there are corners
	plain
	cornered
)

// NewView returns the view of a space; Close it.
func NewView(c ViewConfig) *View {
	shared := c.Config
	shared.Contributor = nil
	shared.MayWrite = func(p willow.Path) bool { return c.MayWriteIn(shared.Subspace, p) }
	v := &View{cfg: c, corners: map[willow.SubspaceID]*corner{}, layout: newLayout(), moved: moves{}}
	v.actions = actions{v}
	v.cancel = c.Entries.Subscribe(func(ch willow.Change) {
		if ch.Namespace == c.Namespace && v.fresh.note(ch, c.Subspace) {
			v.state.Store(cornered)
		}
	})
	v.shared = New(shared)
	return v
}

// Close ends the view's subscriptions to the store. Calls under way go on.
func (v *View) Close() {
	v.cancel()
	v.shared.Close()
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range v.corners {
		c.tree.Close()
	}
}

// Renamed says that Config.Corners or Config.Called have something else to say.
func (v *View) Renamed() {
	v.fresh.rename()
	if v.state.Load() == plain {
		v.state.CompareAndSwap(plain, unlooked)
	}
}

// look brings the view up to date with the store, and locks it unless it is plain.
func (v *View) look(ctx context.Context) (isPlain bool, err error) {
	if v.state.Load() == plain {
		return true, nil
	}
	v.mu.Lock()
	if !v.searched || v.state.Load() == unlooked {
		if err := v.discover(ctx); err != nil || v.state.Load() == plain {
			v.mu.Unlock()
			return err == nil, err
		}
	}
	if err := v.refresh(ctx); err != nil {
		v.mu.Unlock()
		return false, err
	}
	return false, nil
}

// discover finds the corners that have entries, and those that are known. Called
// with mu held.
func (v *View) discover(ctx context.Context) error {
	v.fresh.begin()
	p, err := node("")
	if err != nil {
		return err
	}
	area := willow.Area{AnySubspace: true, Path: p, Times: willow.AllTimes}
	r := willow.AreaRange(area)
	var found []willow.SubspaceID
	for more := true; more; {
		more = false
		for a, err := range v.cfg.Entries.Range(ctx, v.cfg.Namespace, r, area) {
			if err != nil {
				return err
			}
			if ss := a.Entry.Subspace; ss != v.cfg.Subspace {
				found = append(found, ss)
			}
			r.SubspaceStart, more = after(a.Entry.Subspace)
			break
		}
	}
	v.fresh.add(found)
	v.searched = true
	if len(found) == 0 && !v.mine() {
		v.state.CompareAndSwap(unlooked, plain)
		if v.fresh.idle() {
			return nil
		}
	}
	v.state.Store(cornered)
	return nil
}

// after returns the next greater subspace; ok is false if there is none.
func after(ss willow.SubspaceID) (next willow.SubspaceID, ok bool) {
	next = ss
	for i := len(next) - 1; i >= 0; i-- {
		if next[i]++; next[i] != 0 {
			return next, true
		}
	}
	return next, false
}

// mine reports whether the account writes in a corner of the space.
func (v *View) mine() bool {
	return v.cfg.Corners != nil && slices.ContainsFunc(v.cfg.Corners(), func(c Corner) bool { return c.Mine })
}

// refresh takes what has changed into the layout. Called with mu held.
func (v *View) refresh(ctx context.Context) error {
	n := v.fresh.take()
	err := v.update(ctx, n)
	if err != nil {
		v.fresh.giveBack(n)
	}
	return err
}

func (v *View) update(ctx context.Context, n viewChange) error {
	if n.renamed || !v.built {
		v.known = map[willow.SubspaceID]Corner{}
		if v.cfg.Corners != nil {
			for _, c := range v.cfg.Corners() {
				v.known[c.Subspace] = c
			}
		}
		for _, c := range v.known {
			if c.Mine {
				n.subspaces[c.Subspace] = struct{}{}
			}
		}
	}
	for ss := range n.subspaces {
		if v.corners[ss] == nil && ss != v.cfg.Subspace {
			v.corners[ss] = v.open(ss)
		}
	}
	for ss, c := range v.corners {
		if c.Corner = v.known[ss]; c.Corner == (Corner{}) {
			c.Corner = Corner{Subspace: ss}
		}
	}
	if !v.built {
		n.all = true
	}
	if err := v.read(ctx, n); err != nil {
		v.built = false // what was read is read once more
		return err
	}
	v.built = true
	return nil
}

// open returns a corner with nothing in it yet.
func (v *View) open(ss willow.SubspaceID) *corner {
	cfg := v.cfg.Config
	cfg.Subspace = ss
	cfg.MayWrite = func(p willow.Path) bool { return v.cfg.MayWriteIn(ss, p) }
	cfg.Contributor = func() string {
		v.mu.Lock()
		mine := v.known[ss].Mine
		v.mu.Unlock()
		if !mine || v.cfg.Called == nil {
			return "" // what an owner's device erases there is no contribution
		}
		return v.cfg.Called()
	}
	return &corner{Corner: Corner{Subspace: ss}, tree: New(cfg), leaves: map[string]*leaf{}}
}

// ordered returns the corners, the least subspace first.
func (v *View) ordered() []*corner {
	return slices.SortedFunc(maps.Values(v.corners), func(a, b *corner) int { return a.Subspace.Compare(b.Subspace) })
}

// maxMoves bounds the places that are remembered between two calls of Moved.
const maxMoves = 1 << 14

// moves is the places where something else is shown than before.
type moves map[string]struct{}

// Moved returns the paths at which something else is shown since the last call
// though no entry there has changed: files of corners that make room, or have been
// dealt with. all means any path. Like Settle it is about all that was committed before.
func (v *View) Moved(ctx context.Context) (paths []string, all bool, err error) {
	if err := v.cfg.Entries.Told(ctx); err != nil {
		return nil, false, err
	}
	isPlain, err := v.look(ctx)
	if isPlain || err != nil {
		return nil, false, err
	}
	defer v.mu.Unlock()
	paths, all = slices.Sorted(maps.Keys(v.moved)), len(v.moved) >= maxMoves
	v.moved = moves{}
	return paths, all, nil
}

// add notes that something else is shown at a path.
func (m moves) add(path string) {
	if len(m) < maxMoves && path != "" {
		m[path] = struct{}{}
	}
}
