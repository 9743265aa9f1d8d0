package carry

import (
	"time"

	"meadow/core/willow"
)

const (
	tellEvery  = time.Second / 10
	maxReasons = 32 // that are told apart, for all and for each space
	nowhere    = -1 // of no space that the header names
)

// tally counts what becomes of entries, and tells progress.
type tally struct {
	r    Report
	of   map[willow.NamespaceID]int // the first row of each
	tell func(Progress)             // may be nil
	told time.Time
}

func newTally(r Report, tell func(Progress)) *tally {
	t := &tally{r: r, of: make(map[willow.NamespaceID]int), tell: tell}
	for i, s := range r.Spaces {
		if _, ok := t.of[s.Namespace]; !ok {
			t.of[s.Namespace] = i
		}
	}
	return t
}

// space returns the number of a namespace's row, or nowhere.
func (t *tally) space(ns willow.NamespaceID) int {
	if i, ok := t.of[ns]; ok {
		return i
	}
	return nowhere
}

// count changes the counts of all, and of a space.
func (t *tally) count(space int, change func(*Counts)) {
	change(&t.r.Counts)
	if space != nowhere {
		change(&t.r.Spaces[space].Counts)
	}
}

func (t *tally) refuse(space int, reason Reason, at int64, err error) {
	t.r.Reasons = refuse(t.r.Reasons, reason, at, err)
	if space != nowhere {
		s := &t.r.Spaces[space]
		s.Reasons = refuse(s.Reasons, reason, at, err)
	}
}

func refuse(list []Refusal, reason Reason, at int64, err error) []Refusal {
	if len(list) >= maxReasons {
		known := false
		for i := range list {
			known = known || list[i].Reason == reason
		}
		if !known {
			reason = Others
		}
	}
	for i := range list {
		if list[i].Reason == reason {
			list[i].Count++
			return list
		}
	}
	return append(list, Refusal{Reason: reason, Count: 1, First: at, Err: err})
}

// progress tells how many bytes have been written or read.
func (t *tally) progress(bytes int64, last bool) {
	if t.tell == nil {
		return
	}
	if now := time.Now(); last || now.Sub(t.told) >= tellEvery {
		t.told = now
		t.tell(Progress{t.r.Entries, uint64(bytes)})
	}
}
