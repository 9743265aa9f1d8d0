package node

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"meadow/core/activity"
)

// The log of activity is written beside what happens: who has something to say leaves it with
// the journal, and once a second one loop writes all that there is in one commit.
// So it holds nothing up, whatever the disk does, and a crash loses a second of it.
const (
	journalEvery = time.Second
	journalAgain = 10 * time.Second // after the database couldn't be written
	journalKept  = 10_000           // rows that wait for a database that can't be written

	activityKept = 100_000 // rows
	activityYear = 365 * 24 * time.Hour
)

// journal writes the log.
type journal struct {
	n    *Node
	wake kicker

	mu      sync.Mutex // guards all below
	rows    []activity.Row
	batches map[absenceKey]*batch // nil: files aren't noted
	erasing []erasure

	writing sync.Mutex // held while the log is changed, over mu; guards all below
	drop    []int64    // rows that are to go
	unclean bool       // what was erased may still be in the database's files
}

func newJournal(n *Node) *journal {
	return &journal{n: n, wake: newKicker(), batches: make(map[absenceKey]*batch)}
}

// run writes until ctx ends, and then what is left.
func (j *journal) run(ctx context.Context) error {
	for {
		select {
		case <-j.wake:
		case <-ctx.Done():
			_ = j.write(context.WithoutCancel(ctx))
			return ctx.Err()
		}
		wait := journalEvery
		for {
			pause := time.NewTimer(wait)
			select {
			case <-pause.C:
			case <-ctx.Done():
			}
			pause.Stop()
			err := j.write(context.WithoutCancel(ctx))
			if err == nil || ctx.Err() != nil {
				break
			}
			j.n.log.Debug("The log of activity wasn't written, trying again", "error", err)
			wait = journalAgain
		}
	}
}

// write writes what has been left, and what is new of files. What fails stays to be
// written.
func (j *journal) write(ctx context.Context) error {
	j.writing.Lock()
	defer j.writing.Unlock()
	d := draft{drop: j.drop}
	due := j.files(ctx, &d)
	j.mu.Lock()
	left := j.rows
	j.rows = nil
	j.mu.Unlock()
	for _, r := range left {
		d.add(r, func(int64) {})
	}
	d.sort()
	if len(d.rows)+len(d.drop) > 0 {
		ids, err := j.n.cfg.Activity.Put(ctx, d.drop, d.rows)
		if err != nil {
			j.drop = d.drop
			j.putBack(left, due)
			return err
		}
		j.drop = nil
		for i, done := range d.done {
			done(ids[i])
		}
		j.n.bus.emit("activity", "rows", len(d.rows))
	}
	if j.endBatches() {
		j.wake.kick()
	}
	return j.forget(ctx)
}

// putBack keeps for later what couldn't be written.
func (j *journal) putBack(rows []activity.Row, due []*batch) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.rows = append(rows, j.rows...)
	j.rows = j.rows[max(0, len(j.rows)-journalKept):]
	for _, b := range due {
		b.fresh = true
	}
}

// prune ends what is over its time.
func (j *journal) prune(ctx context.Context) error {
	j.writing.Lock()
	defer j.writing.Unlock()
	return j.n.cfg.Activity.Prune(ctx, j.n.cfg.Now().Add(-activityYear), activityKept)
}

// note leaves a row to be written.
func (j *journal) note(r activity.Row) {
	j.finish(&r)
	j.mu.Lock()
	j.rows = append(j.rows, r)
	if len(j.rows) > journalKept {
		j.rows = j.rows[1:]
	}
	j.mu.Unlock()
	j.wake.kick()
}

// finish fills in what a row is found by.
func (j *journal) finish(r *activity.Row) {
	if r.At.IsZero() {
		r.At = j.n.cfg.Now()
	}
	words := []string{r.Path, r.Space, r.Device, activityWords[r.Kind]}
	var more struct {
		Paths                    []string
		From, Copy, Folder, What string
		Person                   string
	}
	if json.Unmarshal(r.Details, &more) == nil {
		words = append(append(words, more.Paths...), more.From, more.Copy, more.Folder, more.What, more.Person)
	}
	r.Text = activity.Fold(strings.TrimRight(strings.Join(words, "\n"), "\n"))
}

// inText is a path as text can have it.
func inText(path string) string { return strings.ToValidUTF8(path, "\ufffd") }

// details are a row's, of names and values by turns; what is nil is left out.
func details(pairs ...any) []byte {
	all := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != nil {
			all[pairs[i].(string)] = pairs[i+1]
		}
	}
	if len(all) == 0 {
		return nil
	}
	b, err := json.Marshal(all)
	if err != nil {
		panic(err) // plain values always marshal
	}
	return b
}

// ActivityKinds returns the kinds of rows that this version writes.
func ActivityKinds() []string { return slices.Sorted(maps.Keys(activityWords)) }

// activityWords is what can be searched for in a row beside names.
var activityWords = map[string]string{
	ActivityAdded:           "added file",
	ActivityChanged:         "changed file",
	ActivityRemoved:         "removed deleted file",
	ActivityRenamed:         "renamed moved file",
	ActivityFiles:           "files changes",
	ActivityConflict:        "conflict copy",
	ActivityResolved:        "conflict resolved",
	ActivityUnresolved:      "conflict opened again",
	ActivityErased:          "erased for good",
	ActivityHold:            "removal held",
	ActivityHoldEnded:       "removal held no longer",
	ActivityJoined:          "joined the account paired",
	ActivityDeviceAdded:     "device added joined paired",
	ActivityDeviceRenamed:   "device renamed",
	ActivityDeviceRemoved:   "device removed",
	ActivityExpelled:        "this device was removed",
	ActivitySpaceAdded:      "space added made created",
	ActivitySpaceRenamed:    "space renamed",
	ActivitySpaceDeleted:    "space deleted",
	ActivitySpaceDropped:    "deleted space gone for good",
	ActivitySpaceGiven:      "space given shared",
	ActivitySpaceWithdrawn:  "space withdrawn",
	ActivitySpaceEnded:      "space no longer shared",
	ActivityAttached:        "attached folder",
	ActivityDetached:        "detached folder",
	ActivityPersonAdded:     "person contact added",
	ActivityPersonBlocked:   "person contact blocked",
	ActivityPersonUnblocked: "person contact unblocked",
	ActivityPersonForgotten: "person contact forgotten removed",
	ActivityShared:          "shared with given",
	ActivityShareChanged:    "share changed",
	ActivityShareAnswered:   "share accepted declined",
	ActivityShareEnded:      "share taken back revoked ended",
	ActivityShareExpired:    "share ended expired",
	ActivityShareSoon:       "share ends soon",
	ActivityInvited:         "invitation invited offered",
	ActivityInviteChanged:   "invitation changed",
	ActivityInviteAnswered:  "invitation accepted declined",
	ActivityInviteEnded:     "invitation taken back ended",
	ActivityInviteExpired:   "invitation ended expired",
	ActivityInviteSoon:      "invitation ends soon",
	ActivityPaused:          "paused",
	ActivityResumed:         "resumed goes on",
	ActivityTrouble:         "trouble",
	ActivityTroubleEnded:    "trouble over",
	ActivityFolderFailed:    "folder failed",
	ActivityClone:           "copy of a home",
	ActivityFreed:           "history freed",
	ActivitySettings:        "settings",
	ActivityDrop:            "drop carried written taken in",
	ActivityMigrated:        "database changed",
}
