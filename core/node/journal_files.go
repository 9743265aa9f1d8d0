package node

import (
	"maps"
	"slices"
	"time"

	"meadow/core/activity"
	"meadow/core/key"
	"meadow/core/willow"
)

// Changes of files are gathered in batches: what one session, or this device, did to
// one space without a pause. A batch is written each second from its beginning on,
// and once more when it has come to an end: a row for each file as long as they are
// few, and in the place of those a row for all when they have become many.
const (
	filesListed = 20 // files of a batch that have rows of their own, or are named in the one for all

	batchPause = time.Second      // ends a batch of few files
	batchRest  = 5 * time.Second  // ends one of many
	batchLong  = time.Minute      // a file that changes all the time gets another row
	batchLate  = 30 * time.Second // no details are waited for any longer
	batchPaths = 1 << 16          // paths that wait to be counted; more are only numbers
	batchesMax = 256
)

// batch is changes of files on their way to the log. All of it but what is said is
// guarded by journal.mu.
type batch struct {
	absenceKey              // constant
	peer       key.Endpoint // constant; zero if this device did it, or nobody knows
	began      time.Time    // constant, by the node's clock
	since      time.Time    // constant
	last       time.Time
	fresh      bool // something has come that isn't written
	paths      map[string]touch
	order      []string // the first paths, filesListed at most
	more       int64    // changes beyond batchPaths

	// Owned by whoever holds journal.writing.
	in    *space                  // nil until it is open
	sum   tally                   // of paths that were counted and forgotten
	known map[string]activity.Row // what is to be said of single files, by path
	rows  map[string]int64        // ids of rows of single files, by path
	whole int64                   // id of the row for all, or 0
}

// touch is what has become of a path within a batch.
type touch struct {
	was    before
	length uint64        // of what is there now
	digest willow.Digest // the same
	fresh  bool          // that hasn't been looked at
}

// many reports whether a batch has one row for all its files.
func (b *batch) many() bool {
	return b.whole != 0 || b.sum.paths > 0 || b.more > 0 || len(b.paths) > filesListed
}

// over reports whether a batch has come to an end.
func (b *batch) over(now time.Time) bool {
	switch quiet := now.Sub(b.last); {
	case b.fresh:
		return false
	case b.many():
		return quiet >= batchRest
	default:
		return quiet >= batchPause || now.Sub(b.since) >= batchLong
	}
}

// brought notes what a commit has changed, in a space that may be calm, or not be open
// yet. It is called by the store, with spaces.mu held.
func (j *journal) brought(c willow.Change, calm bool) {
	about := func(e willow.Entry) (path string, ok bool) { return touchedPath(c.Namespace, e) }
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.batches == nil {
		return
	}
	var b *batch
	touched := func(path string, was before, e willow.Entry) {
		if b == nil {
			b = j.batchLocked(absenceKey{c.Origin, c.Namespace})
		}
		if !was.had && calm {
			was = j.tookLocked(b, path)
		}
		j.touchLocked(b, path, was, e)
	}
	for _, e := range c.Removed {
		if path, ok := about(e); ok {
			touched(path, before{true, e.Timestamp, e.PayloadLength, e.PayloadDigest}, willow.Entry{})
		}
	}
	for _, in := range c.Inserted {
		if path, ok := about(in.Entry); ok {
			touched(path, before{}, in.Entry)
		}
	}
	if b != nil {
		b.fresh, b.last = true, time.Now()
		j.wake.kick()
	}
}

// batchLocked returns the batch that is open, or a new one.
func (j *journal) batchLocked(k absenceKey) *batch {
	b := j.batches[k]
	if b != nil {
		return b
	}
	b = &batch{
		absenceKey: k, began: j.n.cfg.Now(), since: time.Now(), paths: make(map[string]touch), rows: make(map[string]int64), known: make(map[string]activity.Row),
	}
	if k.origin != 0 {
		b.peer = j.n.engine.PeerOf(k.origin)
	}
	if len(j.batches) >= batchesMax { // the log can't be written
		oldest := slices.MinFunc(slices.Collect(maps.Values(j.batches)), func(a, b *batch) int { return a.since.Compare(b.since) })
		delete(j.batches, oldest.absenceKey)
	}
	j.batches[k] = b
	return b
}

// touchLocked notes a change of a path. What was there before the batch counts.
func (j *journal) touchLocked(b *batch, path string, was before, e willow.Entry) {
	t, noted := b.paths[path]
	if !noted {
		if len(b.paths) >= batchPaths {
			b.more++
			return
		}
		t.was = was
		if len(b.order) < filesListed && !slices.Contains(b.order, path) {
			b.order = append(b.order, path)
		}
	}
	t.length, t.digest, t.fresh = e.PayloadLength, e.PayloadDigest, true
	b.paths[path] = t
}

// tookLocked returns what other batches of a space have taken from a path: in one that
// is calm, it only changes hands.
func (j *journal) tookLocked(b *batch, path string) before {
	for k, other := range j.batches {
		if t, touched := other.paths[path]; touched && k.space == b.space && other != b {
			return t.was
		}
	}
	return before{}
}
