package tree

import (
	"sync"

	"meadow/core/willow"
)

// viewNews is what has changed in a space since a View last looked. Without corners
// nothing is noted.
type viewNews struct {
	mu      sync.Mutex // guards what follows
	noting  bool
	renamed bool
	names   uint64 // how often it was
	viewChange
}

// viewChange is changes of a space, by path. All means any path may have.
type viewChange struct {
	subspaces map[willow.SubspaceID]struct{} // of corners that may be new
	paths     map[willow.SubspaceID]map[string]struct{}
	count     int
	all       bool
	renamed   bool
}

func newViewChange() viewChange {
	return viewChange{subspaces: map[willow.SubspaceID]struct{}{}, paths: map[willow.SubspaceID]map[string]struct{}{}}
}

// note remembers the paths of a change, and reports whether it is about a corner. It
// is called by the store.
func (n *viewNews) note(c willow.Change, shared willow.SubspaceID) (corner bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	add := func(e willow.Entry) {
		if e.Subspace == shared && !n.noting {
			return
		}
		path, r, _ := place(e.Path)
		if r == foreign {
			return
		}
		if e.Subspace != shared {
			corner = true
			n.beginLocked()
			n.subspaces[e.Subspace] = struct{}{}
		}
		n.addLocked(e.Subspace, path)
	}
	for _, a := range c.Inserted {
		add(a.Entry)
	}
	for _, es := range [][]willow.Entry{c.Removed, c.Available, c.Lost} {
		for _, e := range es {
			add(e)
		}
	}
	return corner
}

// rename notes that corners may have other names.
func (n *viewNews) rename() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.renamed = true
	n.names++
}

// renames returns how often that was.
func (n *viewNews) renames() uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.names
}

// begin starts to note.
func (n *viewNews) begin() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.beginLocked()
}

func (n *viewNews) beginLocked() {
	if n.noting {
		return
	}
	n.noting, n.viewChange = true, newViewChange()
	n.all = true
}

// idle stops to note if there is no corner, and reports whether that is so.
func (n *viewNews) idle() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.subspaces) > 0 {
		return false
	}
	n.noting, n.viewChange = false, viewChange{}
	return true
}

func (n *viewNews) add(subspaces []willow.SubspaceID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, ss := range subspaces {
		n.subspaces[ss] = struct{}{}
	}
}

func (n *viewNews) addLocked(ss willow.SubspaceID, path string) {
	if n.all {
		return
	}
	if n.count++; n.count > maxUnseen {
		n.all, n.paths = true, map[willow.SubspaceID]map[string]struct{}{}
		return
	}
	if n.paths[ss] == nil {
		n.paths[ss] = map[string]struct{}{}
	}
	n.paths[ss][path] = struct{}{}
}

// again has paths looked at once more.
func (n *viewNews) again(ss willow.SubspaceID, paths []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range paths {
		if n.noting {
			n.addLocked(ss, p)
		}
	}
}

// take returns what has changed, and forgets it.
func (n *viewNews) take() viewChange {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.beginLocked()
	taken := n.viewChange
	taken.renamed = n.renamed
	n.viewChange, n.renamed = newViewChange(), false
	return taken
}

// giveBack undoes a take: all is looked at again.
func (n *viewNews) giveBack(c viewChange) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for ss := range c.subspaces {
		n.subspaces[ss] = struct{}{}
	}
	n.all, n.renamed = true, true
}
