package mdn

import (
	"testing"
	"time"
)

// TestManyHandovers: of more handovers than a record has room for, those are left out
// whose windows are over.
func TestManyHandovers(t *testing.T) {
	now := time.Now()
	var all []handover
	for i := range maxHandovers + 100 {
		h := handover{level: LevelRead}
		if i >= 64 {
			h.level, h.until = LevelWrite, now.Add(time.Duration(i-1000)*time.Hour)
		}
		h.id[0], h.id[1] = byte(i), byte(i>>8)
		all = append(all, h)
	}
	kept := bounded(all, now)
	if len(kept) != maxHandovers {
		t.Fatalf("%d are kept", len(kept))
	}
	reading, running := 0, 0
	for _, h := range kept {
		if h.level == LevelRead {
			reading++
		} else if !h.until.Before(now) {
			running++
		}
	}
	if reading != 64 || running != maxHandovers+100-1000 {
		t.Errorf("%d for reading are kept, %d that run", reading, running)
	}
}
