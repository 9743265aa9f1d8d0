package tree

import (
	"maps"
	"slices"
	"sync"

	"meadow/core/willow"
)

// maxNews bounds the paths remembered between two settlings; past it, all are.
const maxNews = 1 << 16

// news is which paths have changed since they were last settled.
type news struct {
	mu         sync.Mutex
	paths      map[string]struct{} // guarded by mu
	all        bool                // guarded by mu; paths is empty then
	generation uint64              // guarded by mu; counts changes
	watches    []*watch            // guarded by mu
	unseen     map[string]struct{} // guarded by mu; paths that have changed since they were last surveyed
	unseenAll  bool                // guarded by mu; all may have, unseen is empty then
}

// maxUnseen bounds the paths remembered between two surveys.
const maxUnseen = 4096

// watch is the payloads of entries that came, and payloads that went, since it
// began.
type watch struct {
	digests map[willow.Digest]struct{} // guarded by news.mu
	all     bool                       // guarded by news.mu; too many
}

// newNews knows nothing yet, so that all may have changed.
func newNews() *news {
	return &news{paths: map[string]struct{}{}, all: true, unseen: map[string]struct{}{}, unseenAll: true}
}

// watch begins a watch; unwatch ends it.
func (n *news) watch() *watch {
	n.mu.Lock()
	defer n.mu.Unlock()
	w := &watch{digests: map[willow.Digest]struct{}{}}
	n.watches = append(n.watches, w)
	return w
}

func (n *news) unwatch(w *watch) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.watches = slices.DeleteFunc(n.watches, func(x *watch) bool { return x == w })
}

// touched reports whether a payload may have come or gone since a watch began.
func (n *news) touched(w *watch, digest willow.Digest) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	_, ok := w.digests[digest]
	return ok || w.all
}

func (n *news) tellLocked(e willow.Entry) {
	for _, w := range n.watches {
		if w.digests[e.PayloadDigest] = struct{}{}; len(w.digests) > maxMissing {
			w.digests, w.all = map[willow.Digest]struct{}{}, true
		}
	}
}

// note remembers the paths of a change. It is called by the store.
func (n *news) note(c willow.Change, ss willow.SubspaceID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, a := range c.Inserted {
		n.tellLocked(a.Entry)
		n.addLocked(a.Entry, ss)
	}
	for _, e := range c.Removed {
		n.addLocked(e, ss)
	}
	for _, e := range c.Late { // history to be judged
		n.addLocked(e, ss)
	}
	for _, e := range c.Available {
		n.addLocked(e, ss)
	}
	for _, e := range c.Lost { // wanted again
		n.tellLocked(e)
		n.addLocked(e, ss)
	}
}

func (n *news) addLocked(e willow.Entry, ss willow.SubspaceID) {
	if e.Subspace != ss {
		return
	}
	n.generation++
	if n.all && n.unseenAll {
		return
	}
	path, r, _ := place(e.Path)
	if r == foreign {
		return
	}
	addTo(n.paths, &n.all, path, maxNews)
	addTo(n.unseen, &n.unseenAll, path, maxUnseen)
}

// addTo adds a path to some, unless all are meant.
func addTo(paths map[string]struct{}, all *bool, path string, most int) {
	if *all {
		return
	}
	if paths[path] = struct{}{}; len(paths) > most {
		*all = true
		clear(paths)
	}
}

// takeUnseen returns the paths that have changed since it was last called.
func (n *news) takeUnseen() (paths []string, all bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	paths, all = slices.Collect(maps.Keys(n.unseen)), n.unseenAll
	n.unseen, n.unseenAll = map[string]struct{}{}, false
	return paths, all
}

// has reports whether path may have changed since it was last settled.
func (n *news) has(path string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	_, ok := n.paths[path]
	return ok || n.all
}

// take returns the changed paths, in order, and forgets them.
func (n *news) take() (paths []string, all bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	paths, all = slices.Sorted(maps.Keys(n.paths)), n.all
	n.paths, n.all = map[string]struct{}{}, false
	return paths, all
}

// giveBack undoes a take for paths that are still to be settled.
func (n *news) giveBack(paths []string, all bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = n.all || all
	if n.all {
		n.paths = map[string]struct{}{}
		return
	}
	for _, p := range paths {
		n.paths[p] = struct{}{}
	}
}

// count returns the number of changes so far.
func (n *news) count() uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.generation
}
