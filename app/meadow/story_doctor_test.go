//go:build headless

package main

import (
	"strings"
	"testing"
	"time"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// doctor asks a node about a device.
func (s *story) doctor(n *stage.Node, device string) node.Diagnosis {
	s.Helper()
	var d node.Diagnosis
	s.must(n.Do(s.ctx, &d, "device", "doctor", device))
	if d.Device != device || d.Advice == "" || !strings.HasSuffix(d.Advice, ".") || len(d.Checks) == 0 {
		s.Errorf("diagnosis: %+v", d)
	}
	return d
}

// finds expects a cause, and what the last check was.
func (s *story) finds(d node.Diagnosis, cause, what string, ok bool, reason node.OrNull) {
	s.Helper()
	last := d.Checks[len(d.Checks)-1]
	if d.Cause != cause || last.What != what || last.OK != ok || last.Reason != reason || last.Detail == "" {
		s.Errorf("found %s (%s), at last %+v; want %s, %s", d.Cause, d.Advice, last, cause, what)
	}
}

// offline waits until a node has noticed that a device is gone.
func (s *story) offline(n *stage.Node, device string) {
	s.Helper()
	s.until(30*time.Second, device+" is offline", func() bool {
		var all []node.Device
		s.must(n.Do(s.ctx, &all, "device", "list"))
		for _, d := range all {
			if d.Name == device {
				return !d.Online
			}
		}
		return false
	})
}

// TestDoctor: for each reason why a device isn't connected there is a cause, what was
// tried, and what to do.
func TestDoctor(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	s.inStep(laptop, desk)
	s.fails(laptop, 1, node.CodeNotFound, "device", "doctor", "phone")
	s.fails(laptop, 1, node.CodeNotAllowed, "device", "doctor", "laptop")
	d := s.doctor(laptop, "desk")
	s.finds(d, node.CauseOnline, node.CheckSession, true, "")
	if !d.Online || string(d.Checks[0].Address) == "" {
		t.Errorf("online: %+v", d)
	}

	s.must(laptop.Do(s.ctx, nil, "pause"))
	s.offline(laptop, "desk")
	s.finds(s.doctor(laptop, "desk"), node.CausePaused, node.CheckHere, false, "")
	s.offline(desk, "laptop")
	d = s.doctor(desk, "laptop") // it answers, and says that it is paused
	s.finds(d, node.CauseThere, node.CheckSession, false, "")
	if !strings.Contains(d.Checks[len(d.Checks)-1].Detail, "paused there") {
		t.Errorf("paused there: %+v", d)
	}
	s.must(laptop.Do(s.ctx, nil, "resume"))
	s.inStep(laptop, desk)

	s.must(desk.Stop())
	s.offline(laptop, "desk")
	d = s.doctor(laptop, "desk")
	s.finds(d, node.CauseAway, node.CheckAddress, false, node.ReasonSilent)
	if last := d.Checks[len(d.Checks)-1]; d.Online || d.LastSeen == nil || d.Nearby != nil || last.Took <= 0 || string(last.Address) != desk.Listen {
		t.Errorf("away: %+v", d)
	}
	other := s.node("other") // of another account, at desk's address
	_, err := other.Init(s.ctx, "Eve")
	s.must(err)
	other.Listen = desk.Listen
	s.must(other.Start(s.ctx))
	s.finds(s.doctor(laptop, "desk"), node.CauseOther, node.CheckAddress, false, node.ReasonOther)
	out, err := laptop.Raw(s.ctx, nil, "device", "doctor", "desk")
	if err != nil || !strings.Contains(string(out), "another device answers here") || !strings.Contains(string(out), "last connected at") {
		t.Errorf("doctor says %q, %v", out, err)
	}
	s.must(other.Stop())
	s.must(desk.Start(s.ctx))
	if d := s.doctor(laptop, "desk"); !d.Online || d.Cause != node.CauseConnected && d.Cause != node.CauseOnline {
		t.Errorf("back again: %+v", d)
	}
	s.inStep(laptop, desk)
}
