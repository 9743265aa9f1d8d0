package tree

import (
	"maps"
	"slices"
	"sync"
	"time"

	"meadow/core/willow"
)

// maxOverdue bounds the entries whose details are waited for that are
// remembered. Others wait until there is room.
const maxOverdue = 1 << 14

// overdue is the entries whose details, or which as details, haven't arrived.
// It is forgotten with the process: after a start all of them wait for a session
// once more.
type overdue struct {
	mu      sync.Mutex
	entries map[willow.Entry]*wait // guarded by mu
}

type wait struct {
	path  string
	since time.Time // when it was noticed, by Config.Now
	over  bool
}

// look notes that an entry has been found with its details or without, and
// reports whether it is to be taken as it is.
func (o *overdue) look(e willow.Entry, path string, complete bool, now func() time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if complete {
		delete(o.entries, e)
		return false
	}
	if w := o.entries[e]; w != nil {
		return w.over
	}
	if len(o.entries) < maxOverdue {
		if o.entries == nil {
			o.entries = map[willow.Entry]*wait{}
		}
		o.entries[e] = &wait{path: path, since: now()}
	}
	return false
}

// decide ends the wait of what was noticed until at, and returns the paths. What
// was decided before is forgotten if there is no room: it may be long gone.
func (o *overdue) decide(at time.Time) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.entries) == maxOverdue {
		maps.DeleteFunc(o.entries, func(_ willow.Entry, w *wait) bool { return w.over })
	}
	paths := map[string]struct{}{}
	for _, w := range o.entries {
		if !w.over && !w.since.After(at) {
			w.over = true
			paths[w.path] = struct{}{}
		}
	}
	return slices.Sorted(maps.Keys(paths))
}

// Completed says that a session has brought all that its peer has of the space:
// the same entries, and their payloads as far as the peer holds them; and that
// this was so for what was here at a time, by Config.Now. Versions that were known
// to lack details by then are decided without (FORMATS, "The tree of files"): with
// bytes they are files, without they are deletions, and as it isn't known what
// they had seen, the versions that they replaced are saved. Completed returns the
// paths of these versions; call Settle, and have them written to disk. It is
// quick. If details come later after all, they count.
func (t *Tree) Completed(at time.Time) (paths []string) {
	paths = t.late.decide(at)
	t.news.giveBack(paths, false)
	return paths
}

// Undecided returns how many versions wait for their details, or for Completed,
// of those that have been looked at.
func (t *Tree) Undecided() int {
	t.late.mu.Lock()
	defer t.late.mu.Unlock()
	n := 0
	for _, w := range t.late.entries {
		if !w.over {
			n++
		}
	}
	return n
}
