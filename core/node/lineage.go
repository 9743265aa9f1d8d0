package node

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A lineage tells the runs of one home from those of a copy of it.
//
// Each start of a node counts one up and draws a random id for this run, durably
// and before anything is said to another device. A home that was copied, or was
// restored from a backup, goes on from a count that the original has passed, or
// will pass, with another id: two ids at one count, or a count that goes back.
//
// That matters because two homes with one device key are two writers under one
// author. A version vector counts what an author wrote up to a timestamp as seen
// by whoever has seen its latest version; with two writers that isn't true, and
// an edit of one would be replaced by a later one of the other without a
// conflict. It is so for a restored backup too: timestamps only ever grow, so
// that what it writes doesn't tie with what is forgotten, but a second edit of a
// file would claim to have seen those that the restored home has forgotten. So
// of one device's homes only one may sync, and the other one's way back is as a
// new device, whose edits can be told apart: its files become conflict copies
// where they differ, and nothing is lost.
//
// Each device keeps, for every other one, the lineage that it met first, and ends
// sessions with another before an entry is taken (see peers.judge). What devices
// have met they tell each other, so that two that have met different homes agree
// on one of them. What the second home had given away until then is not undone:
// what it replaced without a conflict is in the history.
//
// A virtual machine that is copied while it runs, with the node in it, can't be
// told apart until one of the two is started again.
type lineage struct {
	last uint64  // the count of the newest run, from 1; 0: nothing is known
	ids  []runID // the newest first, of runs that follow each other
}

// runID is the random id of one run.
type runID [6]byte

// Limits on lineages.
const (
	lineageKept  = 64 // runs of its own that a home keeps
	lineageShown = 32 // runs that a hello shows of who sends it
	lineageMet   = 8  // runs that a hello tells of each other device
)

// next begins a new run.
func (l lineage) next() lineage {
	var id runID
	rand.Read(id[:]) // never fails, see crypto/rand
	ids := append([]runID{id}, l.ids...)
	return lineage{l.last + 1, ids[:min(len(ids), lineageKept)]}
}

// short returns at most the newest n runs.
func (l lineage) short(n int) lineage { return lineage{l.last, l.ids[:min(n, len(l.ids))]} }

// at returns the id of a run; ok is false if it isn't known.
func (l lineage) at(count uint64) (id runID, ok bool) {
	if count > l.last || l.last-count >= uint64(len(l.ids)) {
		return id, false
	}
	return l.ids[l.last-count], true
}

// fork returns the first run known to both in which they differ; ok is false if
// there is none.
func (l lineage) fork(m lineage) (count uint64, ok bool) {
	for count := max(l.first(), m.first()); count <= min(l.last, m.last); count++ {
		a, known := l.at(count)
		b, knownToo := m.at(count)
		if known && knownToo && a != b {
			return count, true
		}
	}
	return 0, false
}

// first is the oldest run known.
func (l lineage) first() uint64 { return l.last - uint64(len(l.ids)) + 1 }

// ahead reports whether m may follow on l: they don't differ, and m isn't older.
// Of runs that are too far apart to be compared that is believed.
func (m lineage) ahead(l lineage) bool {
	_, forked := l.fork(m)
	return !forked && m.last >= l.last
}

// over reports whether, of two lineages that have forked, everybody takes l.
func (l lineage) over(m lineage) bool {
	count, forked := l.fork(m)
	a, _ := l.at(count)
	b, _ := m.at(count)
	return forked && string(a[:]) < string(b[:])
}

var errLineage = errors.New("not a lineage of runs")

// MarshalText writes the lineage as its last count, a dot, and the ids in
// base64url, the newest first.
func (l lineage) MarshalText() ([]byte, error) {
	b := strconv.AppendUint(nil, l.last, 10)
	b = append(b, '.')
	var ids []byte
	for _, id := range l.ids {
		ids = append(ids, id[:]...)
	}
	return base64.RawURLEncoding.AppendEncode(b, ids), nil
}

// UnmarshalText reads what MarshalText writes; on failure l is as it was.
func (l *lineage) UnmarshalText(text []byte) error {
	count, rest, ok := strings.Cut(string(text), ".")
	last, err := strconv.ParseUint(count, 10, 64)
	if !ok || err != nil || last == math.MaxUint64 || len(rest) > base64.RawURLEncoding.EncodedLen(lineageKept*len(runID{})) {
		return errLineage
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(rest)
	if err != nil || len(b)%len(runID{}) != 0 || uint64(len(b)/len(runID{})) > last {
		return errLineage
	}
	got := lineage{last: last}
	for ; len(b) > 0; b = b[len(runID{}):] {
		got.ids = append(got.ids, runID(b))
	}
	if last > 0 && len(got.ids) == 0 {
		return errLineage
	}
	*l = got
	return nil
}

// beginRun counts this start.
func beginRun(ctx context.Context, local Local) (lineage, error) {
	var l lineage
	b, ok, err := local.Value(ctx, keyRuns)
	if err != nil {
		return l, err
	}
	if ok {
		if err := l.UnmarshalText(b); err != nil {
			return l, fmt.Errorf("read the count of starts: %w", err)
		}
	}
	l = l.next()
	b, err = l.MarshalText()
	if err != nil {
		return l, err
	}
	return l, local.PutValues(ctx, map[string][]byte{keyRuns: b})
}
