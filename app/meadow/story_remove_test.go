//go:build headless

package main

import (
	"path/filepath"
	"slices"
	"testing"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// TestDeviceIsRemoved: what it added stays, everywhere the same and without
// conflicts; whom it let in stays; it finds out, also when it was off.
func TestDeviceIsRemoved(t *testing.T) {
	s := tell(t)
	a := s.account("a")[0]
	s.must(a.Do(s.ctx, nil, "space", "create", "Notes"))
	b := s.joins(a, "b")
	c := s.joins(b, "c")
	l := s.joins(b, "l", "--kind", "limited")
	s.inStep(a, b, c, l)
	var dirs []string
	for _, n := range []*stage.Node{a, b, c, l} {
		dir := filepath.Join(s.dir, n.Device+".Notes")
		s.must(n.Do(s.ctx, nil, "space", "attach", "Notes", dir))
		s.write(dir, "by "+n.Device, "written by "+n.Device)
		dirs = append(dirs, dir)
	}
	for _, n := range []*stage.Node{a, b, c, l} {
		for _, o := range []*stage.Node{a, b, c, l} {
			if n != o {
				s.inStep(n, o)
			}
		}
	}
	s.write(dirs[1], "sub/more", "more by b")
	s.inStep(b, a, c, l)
	s.same(dirs...)
	s.must(b.Stop())
	s.must(l.Stop())
	s.write(dirs[1], "offline", "b wrote this offline")

	var plan, done node.DeviceRemoved
	s.must(a.Do(s.ctx, &plan, "device", "remove", "b", "--dry-run"))
	if plan.Removed || len(plan.Added) != 2 || plan.Added[0].Path != "by b" || s.deviceOf(a, "b") == nil {
		t.Fatalf("planned %+v", plan)
	}
	for i := range plan.Granted {
		plan.Granted[i].Time = nil // when c and l were let in: just now
	}
	if len(plan.Granted) != 4 || plan.Granted[0] != (node.DeviceGrant{Space: "", Device: "c", Level: "full", Recent: true}) ||
		plan.Granted[3] != (node.DeviceGrant{Space: "Notes", Device: "l", Level: "write", Recent: true}) {
		t.Errorf("granted %+v", plan.Granted)
	}
	s.must(a.Do(s.ctx, &done, "device", "remove", "b"))
	if !done.Removed || done.Adopted == 0 || !slices.Contains(done.Told, "c") || !slices.Contains(done.NotTold, "l") {
		t.Errorf("answered %+v", done)
	}
	s.hears(c, "device_removed", about("device", "b"))
	s.must(l.Start(s.ctx))
	good := []string{dirs[0], dirs[2], dirs[3]}
	s.write(dirs[2], "by c", "c goes on")
	s.write(dirs[3], "by l", "l goes on")
	s.inStep(c, a, l)
	s.inStep(l, a, c)
	s.inStep(a, c, l)
	s.same(good...)
	if got := s.tree(dirs[0]); got["sub/more"] != "false more by b" || got["by b"] != "false written by b" || got["offline"] != "" {
		t.Errorf("a has %v", got)
	}
	for _, n := range []*stage.Node{a, c, l} {
		if cs := s.conflicts(n); len(cs) != 0 {
			t.Errorf("%s has conflicts %+v", n.Device, cs)
		}
		if s.deviceOf(n, "b") != nil {
			t.Errorf("%s still lists it", n.Device)
		}
	}

	// It returns and finds out; its files stay.
	s.must(b.Start(s.ctx))
	s.hears(b, "removed", nil)
	var st node.Status
	s.must(b.Do(s.ctx, &st, "status"))
	if st.State != "attention" || !slices.ContainsFunc(st.Notices, func(n node.Notice) bool { return n.Code == node.NoticeRemoved }) {
		t.Errorf("it says %+v", st)
	}
	if got := s.tree(dirs[1]); got["offline"] != "false b wrote this offline" || len(got) != 7 {
		t.Errorf("b has %v", got)
	}
	s.fails(b, 1, node.CodeRemoved, "space", "create", "Mine")
	s.fails(b, 1, node.CodeRemoved, "pair", "show")
	s.must(b.Stop())
	s.must(b.Start(s.ctx))
	s.must(b.Do(s.ctx, &st, "status"))
	if st.State != "attention" {
		t.Errorf("after a restart it says %s", st.State)
	}

	// A device that comes later gets all of it.
	d := s.joins(c, "d")
	s.inStep(d, c, a)
	if got := s.listed(d, "Notes"); got != s.listed(a, "Notes") {
		t.Errorf("the new device lists %s", got)
	}
	s.fails(a, 1, node.CodeNotAllowed, "device", "remove", "a")
	s.fails(a, 1, node.CodeNotFound, "device", "remove", "b")
}

// TestRemoveWhileOthersAreAway: a device that was away has more of the removed
// one; it takes the removal in, loses nothing of its own, and all agree.
func TestRemoveWhileOthersAreAway(t *testing.T) {
	s := tell(t)
	nodes := s.account("a", "b", "c")
	a, b, c := nodes[0], nodes[1], nodes[2]
	dirs := s.attached("Notes", nodes...)
	s.write(dirs[1], "early", "early")
	s.inStep(b, a, c)
	s.must(a.Stop())
	s.write(dirs[1], "late", "only c has this of b")
	s.write(dirs[2], "mine", "c's")
	s.inStep(b, c)
	s.inStep(c, b)
	s.must(c.Stop())
	s.must(b.Stop())
	s.must(a.Start(s.ctx))
	s.must(a.Do(s.ctx, nil, "device", "remove", "b"))
	s.must(c.Start(s.ctx))
	s.inStep(c, a)
	s.inStep(a, c)
	if x, y := s.listed(a, "Notes"), s.listed(c, "Notes"); x != "early mine" || x != y {
		t.Errorf("a lists %s, c lists %s", x, y)
	}
	if got := s.tree(dirs[2]); got["late"] != "false only c has this of b" {
		t.Errorf("c has %v", got)
	}
	if cs := s.conflicts(c); len(cs) != 0 {
		t.Errorf("conflicts %+v", cs)
	}
}
