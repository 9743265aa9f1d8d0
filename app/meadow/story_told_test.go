//go:build headless

package main

import (
	"fmt"
	"time"

	"meadow/app/internal/stage"
)

// Events tell of what has happened a moment after status and lists show it: a story
// waits for them.

// told reports which events a node has told of.
func (s *story) told(n *stage.Node) map[string]int {
	s.Helper()
	events, err := n.Stream(s.ctx, "events")
	s.must(err)
	told := map[string]int{}
	for {
		e, _ := events.Next() // whatever it is called
		if e == nil {
			break
		}
		told[fmt.Sprint(e["event"])]++
	}
	events.End()
	return told
}

// troublesTold expects that a node has told of troubles, and waits until it has of
// their end: it says so in its status a moment before.
func (s *story) troublesTold(n *stage.Node) {
	s.Helper()
	var told map[string]int
	s.until(20*time.Second, n.Device+" tells that troubles are over", func() bool {
		told = s.told(n)
		return told["trouble_ended"] >= told["trouble"]
	})
	if told["trouble"] == 0 || told["trouble_ended"] != told["trouble"] {
		s.Errorf("%s has told of %v", n.Device, told)
	}
}

// sessionsTold waits until a node that is offline has told what went through its
// sessions.
func (s *story) sessionsTold(n *stage.Node) {
	s.Helper()
	s.until(20*time.Second, n.Device+" tells of the end of its sessions", func() bool {
		told := s.told(n)
		return told["offline"] >= told["online"]
	})
}

// event returns the events of that name that a node remembers.
func (s *story) event(n *stage.Node, name string) (found []map[string]any) {
	s.Helper()
	events, err := n.Stream(s.ctx, "events")
	s.must(err)
	for {
		e, err := events.Next(name)
		if e == nil {
			break
		}
		if err == nil {
			found = append(found, e)
		}
	}
	events.End()
	return found
}
