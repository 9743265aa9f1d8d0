package node

import (
	"context"
	"encoding/json"
	"maps"
	"sync"
	"time"
)

// MarshalJSON writes the event flat: its name, its time, then its fields.
func (e Event) MarshalJSON() ([]byte, error) {
	all := make(map[string]any, len(e.Fields)+2)
	maps.Copy(all, e.Fields)
	all["event"], all["time"] = e.Name, e.Time
	return json.Marshal(all)
}

const (
	eventsKept = 1000 // for a reader that asks what happened before
)

// bus hands events to any number of readers. Readers never hold up writers.
type bus struct {
	now func() time.Time
	tap func(Event) // told of every event, in order; must be quick; nil: nobody

	mu      sync.Mutex // guards all below
	first   int        // number of the oldest event in kept
	kept    []Event
	changed chan struct{} // closed and replaced at each event
}

func newBus(now func() time.Time) *bus {
	return &bus{now: now, changed: make(chan struct{})}
}

// emit is shorthand for an event with key-value pairs.
func (b *bus) emit(name string, pairs ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := event(b.now(), name, pairs...)
	if b.tap != nil {
		b.tap(e)
	}
	b.kept = append(b.kept, e)
	if len(b.kept) > eventsKept {
		b.kept[0] = Event{} // let go of what it points to
		b.kept = b.kept[1:]
		b.first++
	}
	b.pulseLocked()
}

// pulse makes waiters look again without an event.
func (b *bus) pulse() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pulseLocked()
}

func (b *bus) pulseLocked() {
	close(b.changed)
	b.changed = make(chan struct{})
}

func event(now time.Time, name string, pairs ...any) Event {
	e := Event{Name: name, Time: Time{now}, Fields: make(map[string]any, len(pairs)/2)}
	for i := 0; i+1 < len(pairs); i += 2 {
		e.Fields[pairs[i].(string)] = pairs[i+1]
	}
	return e
}

// since returns the kept events from number next on, the number after them, and
// a channel that is closed when there are more.
func (b *bus) since(next int) ([]Event, int, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	next = max(next, b.first)
	end := b.first + len(b.kept)
	if next >= end {
		return nil, end, b.changed
	}
	return append([]Event(nil), b.kept[next-b.first:]...), end, b.changed
}

// Events gives emit the latest events (at most 1000 are kept), oldest first,
// and with follow every later one until ctx ends. Events come in the order in
// which they happened. A reader more than 1000 events behind misses the oldest.
// For `changed` and `synced` see catchup.go: what comes while two devices are in
// step is told one by one, what one of them had missed is told as a sum.
func (n *Node) Events(ctx context.Context, follow bool, emit func(Event) error) error {
	next := 0
	for {
		events, end, more := n.bus.since(next)
		for _, e := range events {
			if err := emit(e); err != nil {
				return err
			}
		}
		next = end
		if !follow {
			return nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return nil
		case <-n.stopping:
			return stopped()
		}
	}
}
