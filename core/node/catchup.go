package node

import (
	"context"
	"maps"
	"time"

	"meadow/core/consync"
	"meadow/core/key"
	"meadow/core/willow"
)

// What came from another device is told in two ways. A change that comes while
// two devices are in step is told at once, by the event `changed`. What comes in
// a catch-up is told once, when it is over, by the event `synced`:
//
//	space, id         the space
//	device, endpoint  where it came from
//	added, changed, removed, renamed  files, links and recorded folders, by what
//	                  is different here at the end; a file that went at one path
//	                  and came at another is renamed
//	conflicts         conflict copies that came or were made
//	bytes             of the content that is new or changed
//	complete          false if the connection was lost before the two were in
//	                  step, and didn't come back within [cutOffKept]
//
// A catch-up is the first exchange of a space in a session, if it brought
// anything at all; and later, as much as came until the two were in step again,
// if that is at least [burst] files. While one is under way, `changed` and
// `folder` are told at most every [newsEvery]; else `folder`, which says that the
// state of a folder is another one, at most every [folderEvery].
const (
	burst       = 20
	newsEvery   = 2 * time.Second
	folderEvery = time.Second

	cutOffKept = 15 * time.Second

	foldAt     = 4096    // paths of a catch-up that are remembered one by one
	maxRenames = 1 << 16 // digests among which renames are found
)

// absenceKey names what one session brings to one space.
type absenceKey struct {
	origin willow.Origin
	space  willow.NamespaceID
}

// absence is what a session has brought to a space and hasn't been told. All of
// it is guarded by spaces.mu, but what a fold has taken.
type absence struct {
	peer   key.Endpoint      // known once it is due
	live   bool              // the first exchange is over
	due    bool              // the two are in step
	closed time.Time         // when the session has ended
	paths  map[string]before // not counted yet
	sum    tally
}

// before is what was at a path before a session changed it.
type before struct {
	had       bool
	timestamp willow.Timestamp
	length    uint64
	digest    willow.Digest
}

// broughtLocked notes what a session has changed.
func (s *spaces) broughtLocked(sp *space, c willow.Change) {
	if c.Origin == 0 {
		return
	}
	a := s.absenceLocked(absenceKey{c.Origin, sp.id})
	for _, e := range c.Removed {
		if path, ok := touchedPath(sp.id, e); ok {
			if _, noted := a.paths[path]; !noted {
				a.paths[path] = before{true, e.Timestamp, e.PayloadLength, e.PayloadDigest}
			}
		}
	}
	for _, in := range c.Inserted {
		if path, ok := touchedPath(sp.id, in.Entry); ok {
			if _, noted := a.paths[path]; !noted {
				a.paths[path] = before{}
			}
		}
	}
}

func (s *spaces) absenceLocked(k absenceKey) *absence {
	a := s.absences[k]
	if a == nil {
		a = &absence{paths: make(map[string]before)}
		s.absences[k] = a
	}
	return a
}

// followed takes the sync engine's news about how far sessions are.
func (s *spaces) followed(ev consync.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch ev := ev.(type) {
	case consync.NamespaceInStep:
		if !ev.InStep || s.open[ev.Namespace] == nil {
			return
		}
		a := s.absenceLocked(absenceKey{ev.Origin, ev.Namespace})
		a.peer, a.due = ev.Peer, true
	case consync.SessionClosed:
		for k, a := range s.absences {
			if k.origin == ev.Origin {
				a.peer, a.closed = ev.Peer, time.Now()
			}
		}
	default:
		return
	}
	s.wake.kick()
}

// catchingUpLocked reports whether a first exchange of a space is under way, or
// was cut off just now.
func (s *spaces) catchingUpLocked(id willow.NamespaceID) bool {
	for k, a := range s.absences {
		if k.space == id && !a.live && (len(a.paths) > 0 || a.sum.paths > 0) {
			return true
		}
	}
	return false
}

// conflicted adds conflict copies that were made here to what is being told.
func (s *spaces) conflicted(sp *space, copies int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, a := range s.absences {
		if k.space == sp.id && (len(a.paths) > 0 || a.sum.paths > 0) {
			a.sum.conflicts += int64(copies)
		}
	}
}

// counting is a catch-up of which some is being counted.
type counting struct {
	absenceKey
	*absence
	in    *space
	paths map[string]before
	sum   tally
	over  bool // it is told afterwards
}

// tellAbsences counts what sessions have brought, and tells of those that are
// over.
func (s *spaces) tellAbsences(ctx context.Context) {
	for _, c := range s.dueAbsences() {
		again, err := s.fold(ctx, c.in, &c.sum, c.paths)
		if err != nil && ctx.Err() == nil {
			s.n.log.Warn("What came from a device wasn't counted", "space", c.in.name(), "error", err)
		}
		if sum, complete := s.counted(c, again); c.over {
			s.tellSynced(c.in, c.peer, sum, complete)
		}
	}
}

// dueAbsences takes what is to be counted now.
func (s *spaces) dueAbsences() (all []counting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, a := range s.absences {
		if a.due {
			s.resumeLocked(k, a)
		}
		ended := !a.closed.IsZero()
		sp, over := s.open[k.space], a.due || ended && time.Since(a.closed) >= cutOffKept
		small := a.live && len(a.paths) < burst && a.sum.paths == 0
		switch {
		case sp == nil, over && small:
			a.paths, a.live, a.due = make(map[string]before), true, false
			if ended || sp == nil {
				delete(s.absences, k)
			}
		case over, len(a.paths) >= foldAt:
			all = append(all, counting{k, a, sp, a.paths, a.sum, over})
			a.paths, a.sum = make(map[string]before), tally{paths: a.sum.paths + 1}
		}
	}
	return all
}

// resumeLocked adds to a catch-up what earlier sessions with the device had
// brought before they were cut off.
func (s *spaces) resumeLocked(k absenceKey, a *absence) {
	for other, c := range s.absences {
		if c == a || other.space != k.space || c.peer != a.peer || c.closed.IsZero() || c.due {
			continue
		}
		maps.Copy(a.paths, c.paths) // what was there first counts
		a.sum.join(c.sum)
		a.live = a.live && c.live
		delete(s.absences, other)
	}
}

// counted puts back what has been counted, and what couldn't be; or, if the
// catch-up is over, returns it.
func (s *spaces) counted(c counting, again map[string]before) (sum tally, complete bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.sum.conflicts += c.absence.sum.conflicts
	complete = c.due
	if c.over {
		c.absence.sum, c.live, c.due = tally{}, true, false
		if !c.closed.IsZero() {
			delete(s.absences, c.absenceKey)
		}
		return c.sum, complete
	}
	c.absence.sum = c.sum
	maps.Copy(c.absence.paths, again)
	return tally{}, false
}

// tellSynced tells of a catch-up that is over, unless nothing came.
func (s *spaces) tellSynced(sp *space, peer key.Endpoint, sum tally, complete bool) {
	t, renamed := sum.renamed()
	if t.added+t.changed+t.removed+t.conflicts+renamed == 0 {
		return
	}
	s.n.bus.emit("synced", "space", sp.name(), "id", sp.id.String(), "device", s.n.deviceName(peer), "endpoint", peer.String(),
		"added", t.added, "changed", t.changed, "removed", t.removed, "renamed", renamed,
		"conflicts", t.conflicts, "bytes", t.bytes, "complete", complete)
}

// fold counts what has become of paths. It returns those that can't be told yet,
// because their details haven't come.
func (s *spaces) fold(ctx context.Context, sp *space, t *tally, paths map[string]before) (again map[string]before, err error) {
	again = make(map[string]before)
	names := make([]string, 0, len(paths))
	for p := range paths {
		names = append(names, p)
	}
	found := make(map[string]bool, len(paths))
	for v, err := range lookAt(ctx, sp.tree, names) {
		if err != nil {
			return again, err
		}
		found[v.touched] = true
		b := paths[v.touched]
		if !v.Decided() {
			again[v.touched] = b
			continue
		}
		if err := t.add(ctx, sp.tree, b, v.Version); err != nil {
			return again, err
		}
	}
	for p, b := range paths {
		if !found[p] && b.had && b.length > 0 {
			t.gone(b.digest, b.length)
		}
	}
	t.paths += int64(len(paths) - len(again))
	return again, nil
}

// news is what is to be told of a space when it may be.
type news struct {
	at      time.Time // when it was told last
	paths   int       // that changed
	changed bool
	folder  bool
}

// dueIn returns how long news must wait.
func (n news) dueIn(catchingUp bool) time.Duration {
	every := newsEvery
	switch {
	case !catchingUp && n.changed:
		return 0
	case !catchingUp:
		every = folderEvery
	}
	return every - time.Since(n.at)
}

// tell tells what has changed in a space, at once or a little later.
func (s *spaces) tell(sp *space, add func(*news)) {
	s.mu.Lock()
	add(&sp.news)
	if sp.news.dueIn(s.catchingUpLocked(sp.id)) > 0 {
		s.mu.Unlock()
		s.n.bus.pulse()
		s.wake.kick() // to look at it again when the time has come
		return
	}
	due := sp.news
	sp.news = news{at: time.Now()}
	s.mu.Unlock()
	s.emit(sp, due)
}

func (s *spaces) emit(sp *space, due news) {
	if due.changed {
		s.n.bus.emit("changed", "space", sp.name(), "id", sp.id.String(), "paths", due.paths)
	}
	if due.folder {
		s.n.bus.emit("folder", "space", sp.name())
	}
}

// tellLate tells what was put off and is due, and returns a channel that says
// when there is more.
func (s *spaces) tellLate() <-chan time.Time {
	type late struct {
		sp  *space
		due news
	}
	var all []late
	next := time.Duration(-1)
	s.mu.Lock()
	for _, a := range s.absences {
		if !a.closed.IsZero() {
			next = newsEvery
		}
	}
	for id, sp := range s.open {
		if !sp.news.changed && !sp.news.folder {
			continue
		}
		if in := sp.news.dueIn(s.catchingUpLocked(id)); in <= 0 {
			all = append(all, late{sp, sp.news})
			sp.news = news{at: time.Now()}
		} else if next < 0 || in < next {
			next = in
		}
	}
	s.mu.Unlock()
	for _, l := range all {
		s.emit(l.sp, l.due)
	}
	if next < 0 {
		return nil
	}
	return time.After(next)
}
