//go:build headless

package main

import (
	"strings"
	"testing"
	"time"

	"meadow/core/node"
)

// TestStopCommand: when stop returns the next run can start, and what was saved is
// there.
func TestStopCommand(t *testing.T) {
	s := tell(t)
	n := s.account("laptop")[0]
	s.must(n.Do(s.ctx, nil, "space", "create", "Notes"))
	_, err := n.Raw(s.ctx, strings.NewReader("one"), "put", "Notes", "a", "-")
	s.must(err)
	var status node.Status
	s.must(n.Do(s.ctx, &status, "status"))
	if status.Window {
		t.Error("the headless program has a window")
	}
	events, err := n.Stream(s.ctx, "events", "--follow")
	s.must(err)
	began := time.Now()
	var stopped struct {
		Home    string
		Stopped bool
	}
	s.must(n.Do(s.ctx, &stopped, "stop"))
	if !stopped.Stopped || stopped.Home != n.Home || time.Since(began) > 5*time.Second {
		t.Errorf("stop: %+v, after %v", stopped, time.Since(began))
	}
	events.End()
	s.fails(n, 1, node.CodeNotRunning, "status")
	s.fails(n, 1, node.CodeNotRunning, "stop")
	s.must(n.Stop()) // its exit code is 0
	s.must(n.Start(s.ctx))
	if got, err := n.Raw(s.ctx, nil, "get", "Notes", "a"); err != nil || string(got) != "one" {
		t.Errorf("got %q, %v", got, err)
	}
	out, err := n.Raw(s.ctx, nil, "stop")
	if err != nil || !strings.Contains(string(out), "has stopped") {
		t.Errorf("stop says %q, %v", out, err)
	}
}
