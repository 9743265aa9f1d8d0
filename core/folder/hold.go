package folder

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"meadow/core/folder/tree"
)

// Cause says why something is held. The numbers are stored: do not reorder.
type Cause uint8

// The causes of holds.
const (
	RemovedHere      Cause = 1 // more than half of the files vanished from this disk
	RemovedElsewhere Cause = 2 // the tree has deletions of more than half of them
	Missing          Cause = 3 // the disk that they are on is gone

	// Not holds, but kept with them: what was removed lately and not held.
	passedHere      Cause = 4
	passedElsewhere Cause = 5
)

// Hold is removals that nobody carries out before a person has said so: see the
// package comment. There is at most one for each cause and place.
type Hold struct {
	ID      string // short and random, hex
	Cause   Cause
	Place   string // where the missing disk belongs, "" for the folder itself
	Since   time.Time
	Author  [32]byte // who made most of the deletions, if removed elsewhere
	Removes int      // files that would be removed
	Of      int      // files that there were
	Before  int      // how many had been removed shortly before, and not held
	Silent  bool     // nobody is to be asked any more: not listed until it is over
}

// HeldFile is one file of a hold.
type HeldFile struct {
	Path  string
	Bytes int64
}

// ErrNoHold says that there is no such hold, or no longer.
var ErrNoHold = errors.New("there is no such hold")

// ErrUnknown says that it isn't known yet which files are held.
var ErrUnknown = errors.New("it isn't known yet what is held: not all of the folder could be read")

// Allow lets the removals of a hold happen, everywhere. It returns when that
// can't be lost any more.
func (f *Folder) Allow(ctx context.Context, id string) (Hold, error) {
	return ask(ctx, f, func(ctx context.Context) (Hold, error) {
		h, err := f.whole(ctx, id)
		switch {
		case err != nil:
			return h, err
		case h.Cause == RemovedHere:
			return h, f.allowHere(ctx)
		case h.Cause == RemovedElsewhere:
			return h, f.allowThere(ctx)
		}
		return h, f.allowMissing(ctx, h)
	})
}

// Keep undoes the removals of a hold: files come back to this disk, or to the
// tree. waiting is how many of them must be fetched from other devices first. It
// returns when the decision can't be lost any more. A missing disk can't be
// brought back: it is waited for in silence.
func (f *Folder) Keep(ctx context.Context, id string) (h Hold, waiting int, err error) {
	type kept struct {
		h       Hold
		waiting int
	}
	k, err := ask(ctx, f, func(ctx context.Context) (k kept, err error) {
		k.h, err = f.whole(ctx, id)
		switch {
		case err != nil:
			return k, err
		case k.h.Cause == RemovedHere:
			k.waiting, err = f.keepHere(ctx)
			return k, err
		case k.h.Cause == RemovedElsewhere:
			return k, f.keepThere(ctx)
		}
		return k, f.keepMissing(ctx, k.h)
	})
	return k.h, k.waiting, err
}

// Held lists the files of a hold, ordered by path.
func (f *Folder) Held(ctx context.Context, id string) ([]HeldFile, error) {
	return ask(ctx, f, func(ctx context.Context) (files []HeldFile, err error) {
		h, err := f.whole(ctx, id)
		if err != nil {
			return nil, err
		}
		for p, r := range f.rows {
			if f.holds(h, p) && counts(r) {
				files = append(files, HeldFile{Path: p, Bytes: r.Size})
			}
		}
		slices.SortFunc(files, func(a, b HeldFile) int { return strings.Compare(a.Path, b.Path) })
		return files, nil
	})
}

// holds reports whether a path with a row is one of a hold.
func (f *Folder) holds(h Hold, p string) bool {
	switch h.Cause {
	case RemovedHere:
		return f.here.has(p)
	case RemovedElsewhere:
		return f.there.has(p)
	default:
		return p == h.Place || below(p, h.Place)
	}
}

// ask has Run do something between two steps. When ctx ends, what has begun is
// done all the same.
func ask[T any](ctx context.Context, f *Folder, fn func(context.Context) (T, error)) (none T, err error) {
	type answer struct {
		what T
		err  error
	}
	done := make(chan answer, 1)
	f.update(func(d *desk) {
		d.asks = append(d.asks, func(run context.Context) {
			if ctx.Err() != nil {
				return
			}
			what, err := fn(run)
			done <- answer{what, err}
		})
	})
	f.nudge()
	select {
	case a := <-done:
		return a.what, a.err
	case <-ctx.Done():
		return none, ctx.Err()
	case <-f.stopped:
		return none, ErrStopped
	}
}

// holdStep does what holds need first of all: answer who asks, look whether the
// disk is still there, and judge what has been put off for too long.
func (f *Folder) holdStep(ctx context.Context) (did bool, err error) {
	var asks []func(context.Context)
	f.update(func(d *desk) { asks, d.asks = d.asks, nil })
	for _, answer := range asks {
		answer(ctx)
	}
	if !f.rescan && time.Since(f.looked) >= rootEvery {
		ds, err := f.openRoot(ctx)
		if err != nil {
			return false, err
		}
		ds.close()
	}
	return f.judge(ctx, false)
}

// judge decides about removals that were put off, once nothing more comes; idle
// says that there is nothing else to do.
func (f *Folder) judge(ctx context.Context, idle bool) (did bool, err error) {
	now := time.Now()
	idle = idle && !f.watch.pending.Load()
	switch {
	case f.here.due(now, idle):
		return true, f.judgeHere(ctx)
	case f.there.due(now, idle):
		return true, f.judgeThere(ctx)
	case idle && (f.here.doubt || f.there.doubt):
		return true, f.spareMoved(ctx)
	}
	return false, nil
}

// nextHold returns when holds want to be looked at again.
func (f *Folder) nextHold() time.Time {
	at := f.looked.Add(rootEvery)
	for _, g := range []*guard{f.here, f.there} {
		if due := g.next(time.Now()); !due.IsZero() && due.Before(at) {
			at = due
		}
	}
	return at
}

// counts reports whether a row is of something that holds count: no folders.
func counts(r Row) bool {
	return r.Path != "" && (tree.Kind(r.Kind) == tree.File || tree.Kind(r.Kind) == tree.Symlink)
}

// hasFiles reports whether the index has so many files.
func (f *Folder) hasFiles(n int) bool {
	for _, r := range f.rows {
		if n <= 0 {
			break
		}
		if counts(r) {
			n--
		}
	}
	return n <= 0
}

// beginHold turns what a guard has put off into a hold.
func (f *Folder) beginHold(ctx context.Context, g *guard, w weight) error {
	h := Hold{
		ID: holdID(), Cause: g.cause, Since: time.Now().UTC().Truncate(time.Microsecond),
		Author: g.author(), Removes: g.files(), Of: w.of, Before: w.before,
	}
	if err := f.cfg.Index.PutHolds(ctx, f.cfg.ID, []Hold{h}, nil); err != nil {
		return err
	}
	f.log.Warn("removals are held", "removes", h.Removes, "of", h.Of)
	g.begin(h)
	f.showHolds()
	return nil
}

// refreshHold brings what is known of a guard's hold up to date. complete says
// that all was looked at, so that what wasn't found isn't there.
func (f *Folder) refreshHold(ctx context.Context, g *guard, complete bool) error {
	g.complete = g.complete || complete
	if g.hold == nil || !g.complete {
		f.showHolds()
		return nil
	}
	h := *g.hold
	h.Removes, h.Author = g.files(), g.author()
	h.Of = max(h.Of, h.Removes+h.Before)
	if h.Removes == 0 {
		f.rescan = f.rescan || len(g.off) > 0 // folders went with the files
		return f.endHold(ctx, g)
	}
	if h != *g.hold {
		if err := f.cfg.Index.PutHolds(ctx, f.cfg.ID, []Hold{h}, nil); err != nil {
			return err
		}
		g.hold = &h
	}
	f.showHolds()
	return nil
}

// endHold forgets a guard's hold and what was held.
func (f *Folder) endHold(ctx context.Context, g *guard) error {
	if err := f.cfg.Index.PutHolds(ctx, f.cfg.ID, nil, []string{g.hold.ID}); err != nil {
		return err
	}
	f.lookLater(g)
	g.reset()
	f.showHolds()
	return nil
}

// lookLater has what was left out because of what is kept back looked at.
func (f *Folder) lookLater(g *guard) {
	for p := range g.room {
		f.events[p] = true
	}
	clear(g.room)
}

// unhold takes paths that have no row any more out of what is kept back.
func (f *Folder) unhold(paths []string) {
	for _, p := range paths {
		f.here.drop(p)
		f.there.drop(p)
	}
	f.dropOrphans(paths)
}

// loadHolds takes over the holds of an earlier process.
func (f *Folder) loadHolds(ctx context.Context) error {
	all, err := f.cfg.Index.Holds(ctx, f.cfg.ID)
	for _, h := range all {
		switch h.Cause {
		case RemovedHere:
			f.here.hold = &h
		case RemovedElsewhere:
			f.there.hold = &h
		case Missing:
			f.missing[h.Place] = h
		case passedHere:
			f.here.past = append(f.here.past, portionOf(h))
		case passedElsewhere:
			f.there.past = append(f.there.past, portionOf(h))
		}
	}
	f.showHolds()
	return err
}

// showHolds puts the holds on the desk.
func (f *Folder) showHolds() {
	var list []Hold
	for _, g := range []*guard{f.here, f.there} {
		if g.hold != nil {
			list = append(list, *g.hold)
		}
	}
	for _, h := range f.missing {
		if !h.Silent {
			list = append(list, h)
		}
	}
	slices.SortFunc(list, func(a, b Hold) int {
		if c := a.Since.Compare(b.Since); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	f.update(func(d *desk) {
		d.holds, d.putOff, d.missing = list, f.here.pending()+f.there.pending(), len(f.missing) > 0
	})
}

// holdOf returns a hold by its id.
func (f *Folder) holdOf(id string) (h Hold, err error) {
	f.update(func(d *desk) {
		i := slices.IndexFunc(d.holds, func(h Hold) bool { return h.ID == id })
		if err = ErrNoHold; i >= 0 {
			h, err = d.holds[i], nil
		}
	})
	return h, err
}

// whole is holdOf once all is known that is held: a hold of an earlier process
// has nothing before disk and tree have been looked at.
func (f *Folder) whole(ctx context.Context, id string) (Hold, error) {
	h, err := f.holdOf(id)
	here := h.Cause == RemovedHere && !f.here.complete
	there := h.Cause == RemovedElsewhere && !f.there.complete
	if err == nil && (here || there && f.rescan) {
		f.rescan = false
		err = f.scanAll(ctx)
		f.rescan = f.rescan || err != nil
	}
	if there && err == nil {
		err = f.passUntilKnown(ctx)
	}
	switch {
	case err != nil:
		return h, err
	case here && !f.here.complete, there && !f.there.complete:
		return h, ErrUnknown
	}
	return f.settled(ctx, id)
}

// settled is holdOf without what has turned out to be moved. The hold may be over.
func (f *Folder) settled(ctx context.Context, id string) (Hold, error) {
	if err := f.spareMoved(ctx); err != nil {
		return Hold{}, err
	}
	return f.holdOf(id)
}

// passUntilKnown passes over the tree until it is known what is held there.
func (f *Folder) passUntilKnown(ctx context.Context) (err error) {
	const tries = 16 // files of rules come before all else, those of each depth by themselves
	for n := 0; n < tries && err == nil && !f.there.complete; n++ {
		f.NotifyAll()
		err = f.pass(ctx)
	}
	return err
}

func holdID() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return hex.EncodeToString(b[:])
}
