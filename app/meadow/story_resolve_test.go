//go:build headless

package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// conflicted are two devices whose folders have conflicts in these files: the copy
// is the laptop's.
func (s *story) conflicted(files ...string) (laptop, desk *stage.Node, dirs []string) {
	s.Helper()
	nodes := s.account("laptop", "desk")
	laptop, desk = nodes[0], nodes[1]
	dirs = s.attached("Notes", laptop, desk)
	for _, f := range files {
		s.write(dirs[0], f, "first")
	}
	s.inStep(laptop, desk)
	s.must(desk.Do(s.ctx, nil, "pause"))
	for _, f := range files {
		s.write(dirs[0], f, "the laptop's "+f)
	}
	s.seen(laptop, dirs[0], files...)
	for _, f := range files {
		s.write(dirs[1], f, "the desk's "+f)
	}
	s.seen(desk, dirs[1], files...)
	s.must(desk.Do(s.ctx, nil, "resume"))
	s.inStep(laptop, desk)
	if cs := s.conflicts(laptop); len(cs) != len(files) {
		s.Fatalf("conflicts: %+v", cs)
	}
	return laptop, desk, dirs
}

// seen waits until a node has read files of its folder.
func (s *story) seen(n *stage.Node, dir string, files ...string) {
	s.Helper()
	for _, f := range files {
		s.until(20*time.Second, n.Device+" has read "+f, func() bool {
			got, err := n.Raw(s.ctx, nil, "get", "Notes", f)
			return err == nil && string(got) == s.read(dir, f)
		})
	}
}

// resolve decides about the conflict of a file.
func (s *story) resolve(n *stage.Node, file, keep string) node.Resolved {
	s.Helper()
	var r node.Resolved
	for _, c := range s.conflicts(n) {
		if c.Path == file {
			s.must(n.Do(s.ctx, &r, "conflicts", "resolve", "Notes", c.Copy, "--keep", keep))
			return r
		}
	}
	s.Fatalf("%s has no conflict", file)
	return r
}

// TestResolve: three conflicts, decided in three ways on one device and seen on
// both; then all of it is taken back.
func TestResolve(t *testing.T) {
	s := tell(t)
	laptop, desk, dirs := s.conflicted("a.txt", "b.txt", "sub/c.txt")
	before := s.tree(dirs[0])
	for _, c := range s.conflicts(desk) {
		if c.This == nil || c.This.Device != "desk" || c.Other.Device != "laptop" || c.Other.Path != c.Copy || c.This.Path != c.Path ||
			c.This.Bytes != int64(len("the desk's "+c.Path)) || c.Other.Time.IsZero() || !c.Other.Present || c.This.Digest == c.Other.Digest {
			t.Errorf("conflict: %+v, %+v", c, c.This)
		}
		for side, want := range map[node.ConflictSide]string{*c.This: "the desk's ", c.Other: "the laptop's "} {
			got, err := desk.Raw(s.ctx, nil, "get", "Notes", side.Path, "--version", side.Version)
			if err != nil || string(got) != want+c.Path {
				t.Errorf("%s at %s: %q, %v", side.Path, side.Version, got, err)
			}
		}
	}
	done := []node.Resolved{
		s.resolve(desk, "a.txt", "this"), s.resolve(desk, "b.txt", "copy"), s.resolve(desk, "sub/c.txt", "both"),
	}
	s.inStep(desk, laptop)
	own := fmt.Sprintf("sub/c (laptop, %s).txt", time.Now().Format(time.DateOnly))
	if string(done[2].Renamed) != own {
		t.Errorf("the copy is at %q, want %q", done[2].Renamed, own)
	}
	want := map[string]string{
		"a.txt": "false the desk's a.txt", "b.txt": "false the laptop's b.txt",
		"sub": "folder", "sub/c.txt": "false the desk's sub/c.txt", own: "false the laptop's sub/c.txt",
	}
	for i, n := range []*stage.Node{laptop, desk} {
		if got := s.tree(dirs[i]); !maps.Equal(got, want) {
			t.Errorf("%s has %q, want %q", n.Device, got, want)
		}
		if cs := s.conflicts(n); len(cs) > 0 {
			t.Errorf("%s still has %+v", n.Device, cs)
		}
		var status node.Status
		s.must(n.Do(s.ctx, &status, "status"))
		if status.State != "idle" {
			t.Errorf("%s is %s", n.Device, status.State)
		}
	}

	var listed []node.Resolved
	s.must(desk.Do(s.ctx, &listed, "conflicts", "resolved", "Notes"))
	if len(listed) != 3 || listed[0] != done[2] || time.Until(done[0].Until.Time) < 29*24*time.Hour {
		t.Errorf("can be undone: %+v", listed)
	}
	s.must(desk.Stop())
	s.must(desk.Start(s.ctx))
	for _, r := range done {
		s.must(desk.Do(s.ctx, nil, "conflicts", "undo", r.ID))
		s.fails(desk, 1, node.CodeNotFound, "conflicts", "undo", r.ID)
	}
	s.inStep(desk, laptop)
	for i, n := range []*stage.Node{laptop, desk} {
		if got := s.tree(dirs[i]); !maps.Equal(got, before) {
			t.Errorf("undone, %s has %q, want %q", n.Device, got, before)
		}
		if cs := s.conflicts(n); len(cs) != 3 {
			t.Errorf("undone, %s has %+v", n.Device, cs)
		}
	}
}

// TestResolveRefused: what can't be done changes nothing, and says so.
func TestResolveRefused(t *testing.T) {
	s := tell(t)
	laptop, desk, dirs := s.conflicted("a.txt", "b.txt")
	cs := s.conflicts(laptop)
	before := s.tree(dirs[0])
	s.fails(laptop, 2, node.CodeUsage, "conflicts", "resolve", "Notes", cs[0].Copy)
	s.fails(laptop, 2, node.CodeUsage, "conflicts", "resolve", "Notes", cs[0].Copy, "--keep", "none")
	s.fails(laptop, 1, node.CodeNotFound, "conflicts", "resolve", "Notes", "a.txt", "--keep", "this")
	s.fails(laptop, 1, node.CodeNotFound, "conflicts", "undo", "abcd")
	s.fails(laptop, 1, node.CodeNotFound, "get", "Notes", "a.txt", "--version", "0123456789abcdef", "-o", filepath.Join(s.dir, "x"))
	if got := s.tree(dirs[0]); !maps.Equal(got, before) {
		t.Errorf("refused, and there is %q", got)
	}
	r := s.resolve(laptop, "a.txt", "copy")
	s.inStep(laptop, desk)
	s.write(dirs[1], "a.txt", "newer")
	s.seen(desk, dirs[1], "a.txt")
	s.inStep(desk, laptop)
	s.fails(laptop, 1, node.CodeExists, "conflicts", "undo", r.ID)
	if got := s.read(dirs[0], "a.txt"); got != "newer" {
		t.Errorf("a refused undo left %q", got)
	}
	s.must(os.Remove(filepath.Join(dirs[0], "b.txt")))
	s.until(20*time.Second, "the file is gone", func() bool {
		cs = s.conflicts(laptop)
		return len(cs) == 1 && cs[0].This == nil
	})
	s.fails(laptop, 1, node.CodeNotFound, "conflicts", "resolve", "Notes", cs[0].Copy, "--keep", "this")
	out, err := laptop.Raw(s.ctx, nil, "conflicts", "resolve", "Notes", cs[0].Copy, "--keep", "copy")
	if err != nil || !strings.Contains(string(out), "meadow conflicts undo ") {
		t.Errorf("said %q, %v", out, err)
	}
	s.until(20*time.Second, "the copy is in its place", func() bool {
		names := slices.Sorted(maps.Keys(s.tree(dirs[0])))
		return slices.Equal(names, []string{"a.txt", "b.txt"}) && s.read(dirs[0], "b.txt") == "the laptop's b.txt"
	})
}

// TestResolveMany: a person who decides many conflicts isn't asked again whether the
// copies may go.
func TestResolveMany(t *testing.T) {
	s := tell(t)
	var files []string
	for i := range 25 {
		files = append(files, fmt.Sprintf("f%02d.txt", i))
	}
	laptop, desk, dirs := s.conflicted(files...)
	for _, f := range files {
		s.resolve(laptop, f, "this")
	}
	s.inStep(laptop, desk)
	s.same(dirs...)
	if got := s.tree(dirs[1]); len(got) != len(files) {
		t.Errorf("there are %d files", len(got))
	}
	for _, n := range []*stage.Node{laptop, desk} {
		s.noHold(n, 0)
	}
}
