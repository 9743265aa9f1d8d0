package folder

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// Unwritable is a path that the tree has and this directory can't hold.
type Unwritable struct {
	Path   string
	Reason string // a sentence's end, for people
	Name   bool   // the name is the reason: another one helps
}

// State is how far a folder is, as of the events that have reached it.
type State struct {
	Pending    int          // paths that are to be written, to be read, or wait for bytes
	Unwritable []Unwritable // sorted by path; they don't count as pending
	Unreadable []Unwritable // what is on disk and can't be put into the tree
	Applied    bool         // all the tree has is on disk, and all on disk is in the tree, but for what is held
	Scanning   bool
	Troubles   []Trouble // what a disk keeps waiting, the worst first
	Err        string    // why nothing is being synced, or ""
	Warning    string    // what works less well than it should, or ""
	Holds      []Hold    // what waits for a person, the oldest first; it doesn't count as pending
	Away       bool      // a disk is missing, the folder's or one mounted in it: Applied leaves out what is on it
}

// InStep reports whether disk and tree hold the same, what is held included.
func (s State) InStep() bool { return s.Applied && len(s.Holds) == 0 && !s.Away }

// desk is what Run and its callers share.
type desk struct {
	mu sync.Mutex

	// Guarded by mu.
	dirty    map[string]struct{} // paths that changed in the tree
	dirtyAll bool
	scans    []chan error            // callers that wait for a full scan
	asks     []func(context.Context) // see ask

	ready    bool // the first full scan and pass over the tree are done
	scanning bool
	applying int               // paths taken from dirty that aren't done
	unsent   int               // files found changed that aren't in the tree
	busy     int               // files to be looked at again
	stuck    int               // paths that wait to be written for a disk's sake
	troubles []Trouble         // not to be changed
	retry    bool              // what is stuck is to be tried again
	putOff   int               // removals that aren't judged yet
	holds    []Hold            // see State
	away     bool              // the folder's disk is missing, which is held
	missing  bool              // that, or a disk mounted inside is, whether or not anyone is asked
	waiting  map[string]bool   // paths whose bytes haven't arrived
	bad      map[string]string // unwritable paths: reason
	unread   map[string]string // unreadable ones
	orphans  map[string]bool   // see orphaned
	err      string
	warning  string

	last    State
	changed chan struct{} // closed, and replaced, when last changes
}

func (d *desk) init() {
	d.dirty = map[string]struct{}{}
	d.dirtyAll = true
	d.waiting = map[string]bool{}
	d.bad = map[string]string{}
	d.unread = map[string]string{}
	d.orphans = map[string]bool{}
	d.changed = make(chan struct{})
}

// stateLocked derives the state from what is on the desk.
func (d *desk) stateLocked() State {
	s := State{
		Pending:    len(d.dirty) + d.applying + d.unsent + d.busy + d.stuck + d.putOff + len(d.waiting),
		Unwritable: listed(d.bad, aboutName),
		Unreadable: listed(d.unreadable(), nil),
		Scanning:   d.scanning,
		Troubles:   d.troubles,
		Err:        d.err,
		Warning:    d.warning,
		Holds:      d.holds,
		Away:       d.away || d.missing,
	}
	s.Applied = d.away || d.ready && !d.dirtyAll && s.Pending == 0 && s.Err == ""
	return s
}

func listed(m map[string]string, aboutName func(p, reason string) bool) []Unwritable {
	us := make([]Unwritable, 0, len(m))
	for _, p := range slices.Sorted(maps.Keys(m)) {
		us = append(us, Unwritable{Path: p, Reason: m[p], Name: aboutName != nil && aboutName(p, m[p])})
	}
	return us
}

func (s State) equal(t State) bool {
	return s.Pending == t.Pending && s.Applied == t.Applied && s.Scanning == t.Scanning && s.Err == t.Err &&
		s.Warning == t.Warning && s.Away == t.Away && slices.Equal(s.Holds, t.Holds) && slices.Equal(s.Troubles, t.Troubles) &&
		slices.Equal(s.Unwritable, t.Unwritable) && slices.Equal(s.Unreadable, t.Unreadable)
}

// update changes what is on the desk and announces the state if it is another.
func (f *Folder) update(fn func(*desk)) {
	f.desk.mu.Lock()
	defer f.desk.mu.Unlock()
	fn(&f.desk)
	s := f.desk.stateLocked()
	if s.equal(f.desk.last) {
		return
	}
	f.desk.last = s
	close(f.desk.changed)
	f.desk.changed = make(chan struct{})
	f.changed()
}

// State returns how far the folder is.
func (f *Folder) State() State {
	s, _ := f.watchState()
	return s
}

// watchState returns the state and a channel that is closed when it is another.
func (f *Folder) watchState() (State, <-chan struct{}) {
	f.desk.mu.Lock()
	defer f.desk.mu.Unlock()
	s := f.desk.stateLocked()
	return s, f.desk.changed
}

// WaitApplied waits until State is Applied.
func (f *Folder) WaitApplied(ctx context.Context) error {
	for {
		s, changed := f.watchState()
		if s.Applied {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-f.stopped:
			return ErrStopped
		}
	}
}

// setBad notes why a path can't be written.
func (f *Folder) setBad(p, reason string) {
	f.log.Debug("can't write", "path", p, "reason", reason)
	f.update(func(d *desk) {
		delete(d.waiting, p)
		d.bad[p] = reason
	})
}
