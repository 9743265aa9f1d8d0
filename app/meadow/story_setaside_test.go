//go:build headless

package main

import (
	"os"
	"path/filepath"
	"testing"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

func (s *story) aside(n *stage.Node) (all []node.SetAside) {
	s.Helper()
	s.must(n.Do(s.ctx, &all, "setaside", "list"))
	return all
}

// TestSetAside: what only one device has of a removed one is offered there: adopted
// it is everybody's again, with its author; dropped it is offered no more.
func TestSetAside(t *testing.T) {
	s := tell(t)
	nodes := s.account("a", "b", "c")
	a, b, c := nodes[0], nodes[1], nodes[2]
	dirs := s.attached("Notes", nodes...)
	s.write(dirs[1], "early", "early")
	s.inStep(b, a, c)
	s.must(a.Stop())
	s.write(dirs[1], "late", "only c has this of b")
	s.write(dirs[1], "later", "and this")
	s.inStep(b, c)
	s.inStep(c, b)
	s.must(c.Stop())
	s.must(b.Stop())
	s.must(a.Start(s.ctx))
	s.must(a.Do(s.ctx, nil, "device", "remove", "b"))
	s.must(c.Start(s.ctx))
	s.inStep(c, a)
	s.inStep(a, c)
	all := s.aside(c)
	if len(all) != 2 || all[0].Path != "late" || all[1].Path != "later" || !all[0].Here || all[0].Op != "write" || all[0].Author != "b" {
		t.Fatalf("offered %+v", all)
	}
	if len(s.aside(a)) != 0 {
		t.Errorf("a offers %+v", s.aside(a))
	}
	s.fails(c, 1, node.CodeNotFound, "setaside", "adopt", "0123456789abcdef")
	s.fails(c, 2, node.CodeUsage, "setaside", "adopt")
	s.must(c.Do(s.ctx, nil, "setaside", "adopt", all[0].ID))
	s.inStep(c, a)
	s.inStep(a, c)
	if got := s.tree(dirs[0]); got["late"] != "false only c has this of b" || got["later"] != "" {
		t.Errorf("a has %v", got)
	}
	var files []node.File
	s.must(a.Do(s.ctx, &files, "ls", "Notes"))
	for _, f := range files {
		if f.Path == "late" && f.Author != "b" {
			t.Errorf("late is by %s", f.Author)
		}
	}
	s.must(c.Do(s.ctx, nil, "setaside", "drop", all[1].ID[:8]))
	if left := s.aside(c); len(left) != 0 {
		t.Errorf("still offered: %+v", left)
	}
	if cs := s.conflicts(a); len(cs) != 0 {
		t.Errorf("conflicts %+v", cs)
	}
}

// TestRejoin: a removed device comes back under a new key, in its home, with what
// it has; what it wrote while it was out is offered.
func TestRejoin(t *testing.T) {
	s := tell(t)
	nodes := s.account("a", "b")
	a, b := nodes[0], nodes[1]
	dirs := s.attached("Notes", nodes...)
	s.write(dirs[1], "early", "early")
	s.inStep(b, a)
	s.must(b.Stop())
	s.must(a.Do(s.ctx, nil, "device", "remove", "b"))
	s.must(b.Start(s.ctx))
	s.hears(b, "removed", nil)
	s.must(b.Stop())
	before := b.Endpoint
	s.must(b.InitJoin(s.ctx))
	s.must(b.Start(s.ctx))
	if b.Endpoint == before {
		t.Error("it has the old key")
	}
	s.must(stage.Pair(s.ctx, a, b))
	s.inStep(a, b)
	s.inStep(b, a)
	s.same(dirs...)
	s.write(dirs[1], "again", "b goes on")
	s.inStep(b, a)
	s.same(dirs...)
	if got := s.tree(dirs[0]); len(got) != 2 {
		t.Errorf("a has %v", got)
	}
	s.must(b.Stop())
	if err := b.InitJoin(s.ctx); err == nil {
		t.Error("a device of an account became one of none")
	}
	if _, err := os.Stat(filepath.Join(b.Home, "device.key")); err != nil {
		t.Error(err)
	}
}
