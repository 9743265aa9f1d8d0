package folder

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"meadow/core/willow"
)

// How removals are judged.
const (
	massFiles  = 20                      // nothing is held where there are fewer files
	massAtOnce = 10                      // so many at once may be the beginning of more
	massQuiet  = 1500 * time.Millisecond // after the last removal, many are judged
	massWindow = 10 * time.Minute        // what is removed within this time counts together
	renameTime = 5 * time.Second         // between a new name and the end of the old one

	// After the last removal, few are judged.
	fewHere  = 120 * time.Millisecond
	fewThere = 80 * time.Millisecond

	// The longest that removals are put off while more and more come.
	limitFew   = time.Second
	limitHere  = 30 * time.Second
	limitThere = time.Minute
)

// guard keeps removals back that may be, or are, of more than half of a folder:
// one looks after what vanishes from the disk, another after deletions that come
// with the tree. First they are put off, since deletions arrive in portions: a
// few for a moment that nobody notices, many for longer. When it is quiet they are
// judged: held, or let go. What was let go is remembered for a while, and counts
// when others are judged. Renames never count: neither where bytes come under a new
// name while removals are put off, nor where they have one already, see tally.
type guard struct {
	cause Cause
	few   time.Duration // fewHere or fewThere
	limit time.Duration // limitHere or limitThere

	off   map[string]removal            // put off or held, by path
	since time.Time                     // when the first of off was put off; zero if none is, or they are held
	last  time.Time                     // when the last was
	fresh map[string]arrival            // what has come since, under names not used before
	past  []portion                     // removals of the last massWindow
	gone  map[willow.Digest][]departure // of those, what this process has removed
	stale []string                      // ids of portions that were longer ago
	free  map[string]bool               // judged: may be removed now
	room  map[string]bool               // what was found where something is kept back: to be looked at later
	again bool                          // the disk has been looked at once more, because nobody watches it
	doubt bool                          // something of what is held may have another name by now

	hold     *Hold
	complete bool // off has all that is held: something was found out since the start
}

// removal is a file, or a recorded folder, that is kept back.
type removal struct {
	file   bool
	digest willow.Digest
	by     [32]byte // author of the deletion, if it came with the tree
}

// arrival is a file that came during a burst of removals.
type arrival struct {
	digest willow.Digest
	known  bool // the path had something else before
	at     time.Time
}

// departure is a file that was removed.
type departure struct {
	path string
	at   time.Time
}

// portion is how many files were removed at a time.
type portion struct {
	at time.Time
	n  int
	id string // in the index, "" if it isn't there

	earlier bool // removed by an earlier process: nobody knows what it was
}

func newGuard(cause Cause, few, limit time.Duration) *guard {
	return &guard{
		cause: cause, few: few, limit: limit,
		off: map[string]removal{}, fresh: map[string]arrival{}, free: map[string]bool{}, room: map[string]bool{},
		gone: map[willow.Digest][]departure{},
	}
}

func (g *guard) has(p string) bool {
	_, ok := g.off[p]
	return ok
}

// came reports whether a path is one that wasn't there before the burst.
func (g *guard) came(p string) bool {
	a, ok := g.fresh[p]
	return ok && !a.known
}

// active reports whether every removal is kept back now.
func (g *guard) active() bool { return g.hold != nil || !g.since.IsZero() }

// files counts what is kept back.
func (g *guard) files() (n int) {
	for _, r := range g.off {
		if r.file {
			n++
		}
	}
	return n
}

// pending counts what is to be judged.
func (g *guard) pending() int {
	switch {
	case !g.since.IsZero():
		return max(1, len(g.off))
	case g.doubt:
		return 1
	}
	return 0
}

// window counts the files that have been removed lately and weren't kept back;
// those count that may turn out to be elsewhere.
func (g *guard) window(now time.Time) (n int) {
	g.past = slices.DeleteFunc(g.past, func(p portion) bool {
		old := now.Sub(p.at) > massWindow
		if old && p.id != "" {
			g.stale = append(g.stale, p.id)
		}
		return old
	})
	for digest, left := range g.gone {
		left = slices.DeleteFunc(left, func(d departure) bool { return now.Sub(d.at) > massWindow })
		if g.gone[digest] = left; len(left) == 0 {
			delete(g.gone, digest)
		}
		n += len(left)
	}
	return n + g.earlier()
}

// earlier counts what of that was removed by an earlier process.
func (g *guard) earlier() (n int) {
	for _, p := range g.past {
		if p.earlier {
			n += p.n
		}
	}
	return n
}

// passed notes that these files were removed.
func (g *guard) passed(now time.Time, lost map[string]willow.Digest) {
	for p, digest := range lost {
		g.gone[digest] = append(g.gone[digest], departure{p, now})
	}
	if len(lost) > 0 {
		g.past = append(g.past, portion{at: now, n: len(lost)})
	}
}

// back takes a removal out of the window whose bytes have come back: that of the
// same path, if there is one.
func (g *guard) back(p string, digest willow.Digest) bool {
	left := g.gone[digest]
	if len(left) == 0 {
		return false
	}
	i := max(0, slices.IndexFunc(left, func(d departure) bool { return d.path == p }))
	if g.gone[digest] = slices.Delete(left, i, i+1); len(left) == 1 {
		delete(g.gone, digest)
	}
	return true
}

// suspects reports whether n more removals may be part of a mass deletion. many
// reports whether there are so many files, n included.
func (g *guard) suspects(now time.Time, n int, many func(int) bool) bool {
	return n > 0 && many(massFiles-g.window(now))
}

// patience returns how long it must have been quiet before what is put off is
// judged, and how long that may take.
func (g *guard) patience(now time.Time) (quiet, limit time.Duration) {
	n := g.files()
	for _, p := range g.past {
		if now.Sub(p.at) <= massQuiet {
			n += p.n
		}
	}
	if n < massAtOnce {
		return g.few, limitFew
	}
	return massQuiet, g.limit
}

func isMass(removed, of int) bool { return of >= massFiles && 2*removed > of }

// keep puts a removal off, or adds it to what is held.
func (g *guard) keep(now time.Time, p string, r removal) {
	delete(g.fresh, p)
	switch _, known := g.off[p]; {
	case known:
	case g.hold != nil:
		g.doubt = true
	default:
		if g.since.IsZero() {
			g.since = now
		}
		g.last, g.again = now, false
	}
	g.off[p] = r
}

// drop takes a path out that isn't to be removed, or may be.
func (g *guard) drop(p string) {
	delete(g.off, p)
	if len(g.off) == 0 {
		g.since = time.Time{}
	}
}

// arrived notes a file that came under a name that had something else, if known,
// or nothing.
func (g *guard) arrived(now time.Time, p string, digest willow.Digest, known bool) {
	if g.back(p, digest) || !g.active() {
		return
	}
	g.fresh[p] = arrival{digest, known, now}
	g.last = now
}

// renamed takes those out whose bytes have come under another name, and returns
// them. While there is a hold, a name may come a batch before the old one goes.
func (g *guard) renamed(now time.Time) (paths []string) {
	if g.hold != nil {
		maps.DeleteFunc(g.fresh, func(_ string, a arrival) bool { return now.Sub(a.at) > renameTime })
	}
	if len(g.fresh) > 0 && len(g.off) > 0 {
		names := make(map[willow.Digest][]string, len(g.fresh))
		for p, a := range g.fresh {
			names[a.digest] = append(names[a.digest], p)
		}
		for _, p := range slices.Sorted(maps.Keys(g.off)) {
			r := g.off[p]
			if to := names[r.digest]; r.file && len(to) > 0 {
				names[r.digest] = to[1:]
				delete(g.fresh, to[0])
				paths = append(paths, p)
			}
		}
		for _, p := range paths {
			g.drop(p)
		}
		g.doubt = g.doubt || g.hold != nil && len(paths) > 0
	}
	if !g.active() {
		clear(g.fresh)
	}
	return paths
}

// due reports whether what is put off is to be judged: after a while without
// anything new, or when it has taken too long.
func (g *guard) due(now time.Time, idle bool) bool {
	if g.since.IsZero() {
		return false
	}
	quiet, limit := g.patience(now)
	return idle && now.Sub(g.last) >= quiet || now.Sub(g.since) >= limit
}

// next returns when due may be true, zero for never.
func (g *guard) next(now time.Time) time.Time {
	if g.since.IsZero() {
		return time.Time{}
	}
	quiet, limit := g.patience(now)
	at := g.last.Add(quiet)
	if !now.Before(at) { // something is still coming
		at = now.Add(g.few)
	}
	if last := g.since.Add(limit); last.Before(at) {
		at = last
	}
	return at
}

// author returns who made most of the deletions.
func (g *guard) author() (most [32]byte) {
	made := map[[32]byte]int{}
	for _, r := range g.off {
		if r.file {
			made[r.by]++
		}
	}
	for by, n := range made {
		if n > made[most] || n == made[most] && bytes.Compare(by[:], most[:]) < 0 {
			most = by
		}
	}
	return most
}

// begin holds what was put off.
func (g *guard) begin(h Hold) {
	g.hold, g.complete, g.since = &h, true, time.Time{}
	clear(g.fresh)
}

// reset keeps nothing back any more.
func (g *guard) reset() {
	g.hold, g.since, g.doubt = nil, time.Time{}, false
	clear(g.off)
	clear(g.fresh)
}
