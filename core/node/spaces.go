package node

import (
	"context"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"meadow/core/folder"
	"meadow/core/folder/tree"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// spaces owns what this device runs for each space: its tree and, if it is
// attached, its folder. One loop settles conflicts and tells folders what
// changed; until it has, the space counts as not applied, so that no other
// device believes that this one is in step.
type spaces struct {
	n         *Node
	wake      kicker
	started   chan struct{} // closed when run has opened what there is
	worked    int           // paths that run has dealt with since memory was given back; owned by run
	attaching sync.Mutex    // held by whoever attaches or detaches a folder, over all mu
	making    sync.Mutex    // held while a space is made or brought back here, so that it isn't told as one that came; over mu

	mu             sync.Mutex // guards all below
	open           map[willow.NamespaceID]*space
	absences       map[absenceKey]*absence
	recordsChanged int // how often identity, home or an about record changed
	recordsRead    int // and how often they had when they were last read

	crowd *crowd // owned by run
}

type space struct {
	id    willow.NamespaceID // constant
	tree  *tree.View         // constant
	label atomic.Pointer[string]
	names oddNames

	history measure

	// Guarded by spaces.mu.
	dirty    map[string]bool // paths to settle; the empty one stands for all
	corners  []tree.Corner   // as the account knew them when its records were read
	rights   string          // see rightsOf; the same
	busy     bool            // being settled
	attached *attached
	calm     time.Time // left alone until then; see calm.go
	counts   *counts   // nil: not counted since the last change
	news     news
	ending
}

func (sp *space) name() string { return *sp.label.Load() }

// attached is a folder at work.
type attached struct {
	dir    string
	folder *folder.Folder
	since  time.Time // when it was put to work here
	held   *holdNews
	stop   chan struct{} // closed to detach
	done   chan struct{} // closed when folder has stopped
}

func newSpaces(n *Node) *spaces {
	return &spaces{
		n: n, wake: newKicker(), started: make(chan struct{}),
		open: make(map[willow.NamespaceID]*space), absences: make(map[absenceKey]*absence), recordsChanged: 1,
	}
}

// changed notes one commit's news. It is called by the store, before the sync
// engine is, and must not block.
func (s *spaces) changed(c willow.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.open[c.Namespace]
	s.n.journal.brought(c, sp != nil && !sp.calm.IsZero())
	if sp == nil {
		if hasRecords(c) { // of identity, home, or a space that isn't open
			s.recordsChanged++
			s.wake.kick()
		}
		return
	}
	s.broughtLocked(sp, c)
	for _, a := range c.Inserted {
		s.noteLocked(sp, a.Entry)
	}
	for _, all := range [][]willow.Entry{c.Removed, c.Late, c.Available, c.Lost} {
		for _, e := range all {
			s.noteLocked(sp, e)
		}
	}
	s.wake.kick()
}

// hasRecords reports whether a commit is about other entries than files.
func hasRecords(c willow.Change) bool {
	record := func(e willow.Entry) bool { _, file := tree.PathOf(e.Path); return !file }
	for _, a := range c.Inserted {
		if record(a.Entry) {
			return true
		}
	}
	for _, all := range [][]willow.Entry{c.Removed, c.Late, c.Available, c.Lost} {
		if slices.ContainsFunc(all, record) {
			return true
		}
	}
	return false
}

const dirtyPaths = 10_000 // beyond this, the whole tree is looked at

func (s *spaces) noteLocked(sp *space, e willow.Entry) {
	sp.counts = nil
	sp.history.changed.Store(true)
	path, ok := tree.PathOf(e.Path)
	switch {
	case !ok:
		s.recordsChanged++ // such as `about`
	case sp.dirty[""] || sp.dirty[path]:
	case len(sp.dirty) >= dirtyPaths:
		sp.dirty = map[string]bool{"": true}
	default:
		sp.dirty[path] = true
	}
}

// reread makes the loop read the account's records again.
func (s *spaces) reread() {
	s.mu.Lock()
	s.recordsChanged++
	s.mu.Unlock()
	s.wake.kick()
}

// run works through what changed until ctx ends.
func (s *spaces) run(ctx context.Context) error {
	s.refresh(ctx)
	close(s.started)
	for {
		s.turn(ctx)
		untold := s.tellLate()
		var late <-chan time.Time
		if s.undecided() {
			late = time.After(detailsLate)
		}
		var calm <-chan time.Time
		if s.calmer() {
			calm = time.After(calmLook)
		}
		select {
		case <-calm:
		case <-s.wake:
		case <-s.rested():
			debug.FreeOSMemory()
			s.worked = 0
		case <-untold:
		case <-late:
			s.decideLate()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Much work leaves much memory behind that Go would give back within minutes. It
// is given back once there was none for a while.
const (
	muchWork = 5000 // paths
	restFor  = 3 * time.Second
)

// rested returns a channel that says when it is time for that.
func (s *spaces) rested() <-chan time.Time {
	if s.worked < muchWork {
		return nil
	}
	return time.After(restFor)
}

// turn does all that is to be done now.
func (s *spaces) turn(ctx context.Context) {
	s.mu.Lock()
	records := s.recordsChanged != s.recordsRead
	s.mu.Unlock()
	if records {
		s.refresh(ctx)
	}
	s.mu.Lock()
	var due []*space
	for _, sp := range s.open {
		if len(sp.dirty) > 0 && sp.calm.IsZero() {
			sp.busy = true
			due = append(due, sp)
		}
	}
	s.mu.Unlock()
	for _, sp := range due {
		s.settle(ctx, sp)
	}
	s.tellAbsences(ctx)
}

// refresh reads the account's records and opens spaces that are new.
func (s *spaces) refresh(ctx context.Context) {
	s.mu.Lock()
	reading := s.recordsChanged
	s.mu.Unlock()
	if err := s.n.account.Refresh(ctx); err != nil && ctx.Err() == nil {
		s.n.log.Warn("The account's records weren't read, trying again", "error", err)
		time.AfterFunc(refreshAgain, s.reread)
	}
	for _, info := range s.n.account.Spaces() {
		if s.came(info) {
			s.n.bus.emit("space", "id", info.ID.String(), "name", info.Name, "how", s.howCame())
			s.attachKept(ctx, info.ID)
		} else if s.goOn(info.ID) {
			s.n.bus.emit("space_given", "device", s.n.selfName(ctx), "endpoint", s.n.cfg.Device.Endpoint().String(), "space", info.Name, "id", info.ID.String())
			s.attachKept(ctx, info.ID)
		}
	}
	s.endLost(ctx)
	s.retireDeleted(ctx)
	s.nameCorners()
	s.n.keeper.changed()
	s.mu.Lock()
	s.recordsRead = reading
	s.mu.Unlock()
	s.touchClosed()
	s.tellCrowd()
	s.n.tender.wake.kick()
	s.n.dealings.kick()
	s.n.peers.offerNews()
	s.n.peers.kick()
	s.n.bus.emit("account")
}

// howCame says how a space that is opened came to be here.
func (s *spaces) howCame() string {
	select {
	case <-s.started:
		return "came"
	default:
		return "start" // it was here before
	}
}

// add opens a space, or takes over its new name; it reports whether it is new.
func (s *spaces) add(info mdn.SpaceInfo) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sp := s.open[info.ID]; sp != nil {
		if sp.name() != info.Name {
			s.relabelLocked(sp)
		}
		return false
	}
	sp := &space{id: info.ID, dirty: map[string]bool{"": true}, tree: s.tree(info)}
	sp.label.Store(&info.Name)
	s.open[info.ID] = sp
	s.wake.kick()
	return true
}

// came is add for a space that nobody makes here.
func (s *spaces) came(info mdn.SpaceInfo) bool {
	s.making.Lock()
	defer s.making.Unlock()
	return s.add(info)
}

// made makes a space, or brings one back, and opens it.
func (s *spaces) made(do func() (mdn.SpaceInfo, error)) (mdn.SpaceInfo, error) {
	s.making.Lock()
	defer s.making.Unlock()
	info, err := do()
	if err == nil {
		s.add(info)
	}
	return info, err
}

// relabelLocked takes over the name that the account has for a space now: it may be
// another one since it was asked.
func (s *spaces) relabelLocked(sp *space) {
	for _, info := range s.n.account.Spaces() {
		if before := sp.name(); info.ID == sp.id && info.Name != before {
			sp.label.Store(&info.Name)
			s.n.bus.emit("space_renamed", "space", info.Name, "space_id", sp.id.String(), "before", before)
		}
	}
}

// applied reports whether all that is known of a namespace here is where it
// belongs: conflicts settled, the folder written and read.
func (s *spaces) applied(ns willow.NamespaceID) bool {
	s.mu.Lock()
	sp := s.open[ns]
	if sp == nil {
		defer s.mu.Unlock()
		return s.recordsChanged == s.recordsRead
	}
	ready, at := len(sp.dirty) == 0 && !sp.busy, sp.attached
	s.mu.Unlock()
	return ready && (at == nil || at.folder.State().InStep())
}

// holds reports whether removals of a namespace are held here, and all else is where
// it belongs.
func (s *spaces) holds(ns willow.NamespaceID) bool {
	s.mu.Lock()
	sp := s.open[ns]
	if sp == nil {
		s.mu.Unlock()
		return false
	}
	ready, at := len(sp.dirty) == 0 && !sp.busy, sp.attached
	s.mu.Unlock()
	if !ready || at == nil {
		return false
	}
	st := at.folder.State()
	return st.Applied && len(st.Holds) > 0
}

// touchClosed tells peers of the namespaces that no space is open for, such as
// identity, home and deleted spaces: they are applied once the records are read.
func (s *spaces) touchClosed() {
	for _, p := range s.n.engine.Peers() {
		for ns := range p.Namespaces {
			s.mu.Lock()
			open := s.open[ns] != nil
			s.mu.Unlock()
			if !open {
				s.n.engine.Touch(ns)
			}
		}
	}
}

// find returns the space that a name or an id prefix means.
func (s *spaces) find(name string) (*space, error) {
	if !s.n.account.Paired() {
		return nil, notPaired()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := named(slices.Collect(maps.Values(s.open)), name, (*space).name, func(sp *space) string { return sp.id.String() })
	switch len(found) {
	case 0:
		return nil, fail(CodeNotFound, "see `meadow space list`", "no space is called %q", name)
	case 1:
		return found[0], nil
	default:
		return nil, fail(CodeAmbiguous, "give its id, or more of it, instead", "%d spaces are meant by %q", len(found), name)
	}
}

const minPrefix = 8 // digits of an id that stand for it

// name names a namespace for an event: a space's name, else its id.
func (s *spaces) name(ns willow.NamespaceID) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sp := s.open[ns]; sp != nil {
		return sp.name()
	}
	return ns.String()
}

// at returns the space that is a namespace, nil if it isn't open.
func (s *spaces) at(ns willow.NamespaceID) *space {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open[ns]
}

// all returns the open spaces, ordered by name, then by id.
func (s *spaces) all() []*space {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]*space, 0, len(s.open))
	for _, sp := range s.open {
		list = append(list, sp)
	}
	sortBy(list, func(sp *space) string { return sp.name() + "/" + sp.id.String() }) // no name has a slash
	return list
}
