package node

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"
)

func testBus() (*Node, *bus) {
	b := newBus(time.Now)
	return &Node{bus: b, stopping: make(chan struct{})}, b
}

func TestEventsKeepTheLatest(t *testing.T) {
	n, b := testBus()
	const all = 2*eventsKept + 345
	for i := range all {
		b.emit("e", "i", i)
	}
	want := all - eventsKept
	must(t, n.Events(t.Context(), false, func(e Event) error {
		if e.Fields["i"] != want {
			t.Fatalf("event %v, want %d", e.Fields["i"], want)
		}
		want++
		return nil
	}))
	if want != all {
		t.Errorf("the last event was %d", want-1)
	}
}

// TestEventsFollow checks that readers see every event of every writer, in the
// order in which it was emitted, and that none holds up a writer.
func TestEventsFollow(t *testing.T) {
	n, b := testBus()
	const writers, each = 4, 100
	ctx, cancel := context.WithCancel(t.Context())
	stuck := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			seen, last, at := 0, map[string]int{}, time.Time{}
			err := n.Events(ctx, true, func(e Event) error {
				i := e.Fields["i"].(int)
				if i != last[e.Name] || e.Time.Before(at) {
					t.Errorf("event %d of %s came after %d", i, e.Name, last[e.Name])
				}
				last[e.Name]++
				at = e.Time.Time
				if seen++; seen == writers*each {
					return errDone
				}
				return nil
			})
			if !errors.Is(err, errDone) {
				t.Errorf("a reader ended with %v after %d events", err, seen)
			}
		})
	}
	var slow sync.WaitGroup
	slow.Go(func() { // it reads nothing more after the first
		err := n.Events(ctx, true, func(Event) error {
			<-stuck
			return nil
		})
		if err != nil {
			t.Errorf("the slow reader ended with %v", err)
		}
	})
	var work sync.WaitGroup
	for w := range writers {
		work.Go(func() {
			for i := range each {
				b.emit(strconv.Itoa(w), "i", i)
			}
		})
	}
	work.Wait()
	readers.Wait()
	close(stuck)
	cancel()
	slow.Wait()
}

var errDone = errors.New("seen enough")

func TestEventsEndWithTheNode(t *testing.T) {
	n, b := testBus()
	b.emit("e")
	seen := 0
	err := n.Events(t.Context(), true, func(Event) error {
		seen++
		close(n.stopping)
		return nil
	})
	if seen != 1 || AsError(err).Code != CodeNotRunning {
		t.Errorf("saw %d events, then %v", seen, err)
	}
}

func TestEventJSON(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 891_234_567, time.FixedZone("", 3600))
	e := event(at, "code", "code", "012345", "bytes", int64(1)<<60+1, "qr", nil, "at", Time{}, "list", []string{})
	raw, err := json.Marshal(e)
	must(t, err)
	const want = `{"at":null,"bytes":1152921504606846977,"code":"012345","event":"code","list":[],"qr":null,` +
		`"time":"2026-03-04T04:06:07.891234Z"}`
	if string(raw) != want {
		t.Errorf("event is %s, want %s", raw, want)
	}
	var back Event
	must(t, json.Unmarshal(raw, &back))
	again, err := json.Marshal(back)
	must(t, err)
	if string(again) != want {
		t.Errorf("after a round trip it is %s", again)
	}
	for _, bad := range []string{`[]`, `{"time":"soon"}`, `{`} {
		if err := json.Unmarshal([]byte(bad), &back); err == nil {
			t.Errorf("%s is taken for an event", bad)
		}
	}
}
