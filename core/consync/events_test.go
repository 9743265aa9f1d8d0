package consync

import (
	"testing"

	"meadow/core/willow"
)

// Lists that nobody takes don't fill the memory; how many they were is told.
func TestListsAreBounded(t *testing.T) {
	f := newFeed()
	for range 5 {
		f.emitLong(EntriesSent{Count: feedEntries / 2, Entries: make([]MovedEntry, feedEntries/2)})
		f.emitLong(EntriesTaken{Count: 1, Entries: []MovedEntry{{Entry: willow.Entry{}}}})
	}
	count, listed := 0, 0
	for _, ev := range f.take() {
		switch ev := ev.(type) {
		case EntriesSent:
			count, listed = count+ev.Count, listed+len(ev.Entries)
		case EntriesTaken:
			count, listed = count+ev.Count, listed+len(ev.Entries)
		}
	}
	if count != 5*feedEntries/2+5 || listed > feedEntries {
		t.Errorf("told of %d entries, listed %d", count, listed)
	}
	if f.emitLong(EntriesSent{Entries: make([]MovedEntry, 1)}); len(f.take()[0].(EntriesSent).Entries) != 1 {
		t.Error("there is room again")
	}
}
