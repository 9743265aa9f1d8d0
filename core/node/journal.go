package node

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"meadow/core/activity"
)

// The log is written beside what happens: who has something to say leaves it with
// the journal, and once a second one loop writes all that there is in one commit.
// So it holds nothing up, whatever the disk does, and a crash loses a second of it.
const (
	journalEvery = time.Second
	journalKept  = 10_000 // rows that wait for a database that can't be written

	activityKept = 100_000 // rows
	activityYear = 365 * 24 * time.Hour
)

// journal writes the log.
type journal struct {
	n    *Node
	wake kicker

	mu   sync.Mutex // guards all below
	rows []activity.Row

	writing sync.Mutex // held while the log is changed, over mu
}

func newJournal(n *Node) *journal { return &journal{n: n, wake: newKicker()} }

// run writes until ctx ends, and then what is left.
func (j *journal) run(ctx context.Context) error {
	for {
		select {
		case <-j.wake:
		case <-ctx.Done():
			j.write(context.WithoutCancel(ctx))
			return ctx.Err()
		}
		pause := time.NewTimer(journalEvery)
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
		pause.Stop()
		j.write(context.WithoutCancel(ctx))
	}
}

// write writes what has been left.
func (j *journal) write(ctx context.Context) {
	j.writing.Lock()
	defer j.writing.Unlock()
	j.mu.Lock()
	rows := j.rows
	j.rows = nil
	j.mu.Unlock()
	if len(rows) == 0 {
		return
	}
	if _, err := j.n.cfg.Activity.Put(ctx, nil, rows); err != nil {
		j.n.log.Debug("The log of activity wasn't written, trying again", "error", err)
		j.mu.Lock()
		j.rows = append(rows, j.rows...)
		j.rows = j.rows[max(0, len(j.rows)-journalKept):]
		j.mu.Unlock()
		j.wake.kick()
		return
	}
	j.n.bus.emit("activity", "rows", len(rows))
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
	r.Text = activity.Fold(strings.Join([]string{r.Path, r.Space, r.Device, activityWords[r.Kind]}, "\n"))
}

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

// activityWords is what can be searched for in a row beside names.
var activityWords = map[string]string{
	ActivityAdded:   "added",
	ActivityChanged: "changed",
	ActivityRemoved: "removed deleted",
}
