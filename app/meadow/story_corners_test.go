//go:build headless

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// guests are Ada's laptop with a space, and Bob's phone to which it is shared.
func (s *story) guests(level string, files ...string) (laptop, phone *stage.Node) {
	s.Helper()
	laptop, phone = s.accountOf("Ada", "laptop")[0], s.accountOf("Bob", "phone")[0]
	s.acquainted(laptop, phone)
	s.must(laptop.Do(s.ctx, nil, "space", "create", "Notes"))
	s.puts(laptop, files...)
	s.gives(laptop, phone, "Notes", level)
	return laptop, phone
}

// puts stores files, each as path=text.
func (s *story) puts(n *stage.Node, files ...string) {
	s.Helper()
	for _, f := range files {
		path, text, _ := strings.Cut(f, "=")
		_, err := n.Raw(s.ctx, strings.NewReader(text), "put", "Notes", path, "-")
		s.must(err)
	}
}

// gives shares something with Bob, who accepts it.
func (s *story) gives(laptop, phone *stage.Node, what, level string) {
	s.Helper()
	s.must(laptop.Do(s.ctx, nil, "share", what, "--with", "Bob", "--level", level))
	s.must(phone.Until(s.ctx, "an invitation to come", func() (bool, error) {
		var offers []node.Invite
		err := phone.Do(s.ctx, &offers, "invite", "list")
		for _, o := range offers {
			if o.State == node.ShareOffered {
				return true, phone.Do(s.ctx, nil, "invite", "accept", o.ID)
			}
		}
		return false, err
	}))
}

// shows waits until a space has just these files on a device, each as path=text.
func (s *story) shows(n *stage.Node, want ...string) {
	s.Helper()
	slices.Sort(want)
	var got []string
	out := filepath.Join(s.dir, n.Device+".out")
	err := n.Until(s.ctx, n.Device+" to show them", func() (bool, error) {
		var files []node.File
		if err := n.Do(s.ctx, &files, "ls", "Notes"); err != nil {
			return false, nil // it isn't here yet
		}
		got = nil
		for _, f := range files {
			if !f.Present || n.Do(s.ctx, nil, "get", "Notes", f.Path, "-o", out) != nil {
				return false, nil
			}
			got = append(got, f.Path+"="+s.read(s.dir, filepath.Base(out)))
		}
		slices.Sort(got)
		return slices.Equal(got, want), nil
	})
	if err != nil {
		s.Fatalf("%s shows %q, want %q: %v", n.Device, got, want, err)
	}
}

// holdsFiles waits until a folder has just these files, each as path=text.
func (s *story) holdsFiles(n *stage.Node, dir string, want ...string) {
	s.Helper()
	slices.Sort(want)
	var got []string
	defer func() {
		if !slices.Equal(got, want) {
			s.Errorf("%s has %q", dir, got)
		}
	}()
	s.until(30*time.Second, fmt.Sprintf("%s has %q", dir, want), func() bool {
		got = nil
		all, err := os.ReadDir(dir)
		s.must(err)
		for _, e := range all {
			b, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				return false // it has just gone
			}
			got = append(got, e.Name()+"="+string(b))
		}
		slices.Sort(got)
		return slices.Equal(got, want)
	})
}

func TestContributorsFiles(t *testing.T) {
	s := tell(t)
	laptop, phone := s.guests("contribute", "plan.txt=Ada's plan", "old.txt=old")
	s.shows(phone, "plan.txt=Ada's plan", "old.txt=old")

	s.puts(phone, "plan.txt=Bob's plan", "bob.txt=from Bob")
	all := []string{"plan.txt=Ada's plan", "plan (from Bob).txt=Bob's plan", "old.txt=old", "bob.txt=from Bob"}
	s.shows(phone, all...)
	s.shows(laptop, all...)
	for _, args := range [][]string{{"rm", "Notes", "plan.txt"}, {"mv", "Notes", "old.txt", "new.txt"}, {"space", "rename", "Notes", "Mine"}} {
		s.fails(phone, 1, node.CodeNotAllowed, args...)
	}
	s.shows(phone, all...)

	// Ada deals with what Bob has added.
	s.must(laptop.Do(s.ctx, nil, "rm", "Notes", "plan (from Bob).txt"))
	s.must(laptop.Do(s.ctx, nil, "mv", "Notes", "bob.txt", "kept.txt"))
	all = []string{"plan.txt=Ada's plan", "old.txt=old", "kept.txt=from Bob"}
	s.shows(laptop, all...)
	s.shows(phone, all...)

	// In Bob's folder: what is Ada's stays, what he makes of it is beside it.
	dir := filepath.Join(s.dir, "phone.Notes")
	s.must(phone.Do(s.ctx, nil, "space", "attach", "Notes", dir))
	s.holdsFiles(phone, dir, all...)
	s.write(dir, "old.txt", "new")
	s.must(phone.Do(s.ctx, nil, "ls", "Notes"))
	all = append(all, "old (from Bob).txt=new")
	s.holdsFiles(phone, dir, all...)
	s.shows(laptop, all...)
	events := s.event(phone, "kept")
	if len(events) == 0 || events[0]["why"] == "" {
		t.Errorf("told of what was kept: %v", events)
	}
	s.must(laptop.Until(s.ctx, "Ada's log to say that Bob added his file", func() (bool, error) {
		var rows []node.ActivityRow
		err := laptop.Do(s.ctx, &rows, "activity", "--space", "Notes")
		return slices.ContainsFunc(rows, func(r node.ActivityRow) bool {
			return r.Path == "old (from Bob).txt" && r.Device == "Bob"
		}), err
	}))
}

func TestReadersFiles(t *testing.T) {
	s := tell(t)
	laptop, phone := s.guests("read", "plan.txt=Ada's plan", "old.txt=old")
	all := []string{"plan.txt=Ada's plan", "old.txt=old"}
	s.shows(phone, all...)
	dir := filepath.Join(s.dir, "phone.Notes")
	s.must(phone.Do(s.ctx, nil, "space", "attach", "Notes", dir))
	s.holdsFiles(phone, dir, all...)
	for _, args := range [][]string{
		{"put", "Notes", "plan.txt", s.file("plan", "other")},
		{"put", "Notes", "new.txt", s.file("new", "new")},
		{"rm", "Notes", "old.txt"},
		{"mv", "Notes", "old.txt", "new.txt"},
		{"rm", "Notes", "old.txt", "--erase"},
	} {
		s.fails(phone, 1, node.CodeNotAllowed, args...)
	}
	s.write(dir, "plan.txt", "Bob's plan")
	s.write(dir, "own.txt", "own")
	s.holdsFiles(phone, dir, "plan.txt=Ada's plan", "plan (yours, not shared).txt=Bob's plan", "old.txt=old", "own.txt=own")
	s.puts(laptop, "plan.txt=Ada's other plan")
	s.holdsFiles(phone, dir, "plan.txt=Ada's other plan", "plan (yours, not shared).txt=Bob's plan", "old.txt=old", "own.txt=own")
	s.shows(phone, "plan.txt=Ada's other plan", "old.txt=old")
	s.shows(laptop, "plan.txt=Ada's other plan", "old.txt=old")
	s.until(20*time.Second, "two files are listed as not synced", func() bool { return s.spacesOf(phone)["Notes"].Unwritable == 2 })
}

// TestPartOfASpace: who was given a folder sees nothing else, and adds nothing elsewhere.
func TestPartOfASpace(t *testing.T) {
	s := tell(t)
	laptop, phone := s.accountOf("Ada", "laptop")[0], s.accountOf("Bob", "phone")[0]
	s.acquainted(laptop, phone)
	s.must(laptop.Do(s.ctx, nil, "space", "create", "Notes"))
	s.puts(laptop, "top.txt=top", "sub/a.txt=a", "subs.txt=not in it")
	s.gives(laptop, phone, "Notes/sub", "contribute")
	s.shows(phone, "sub/a.txt=a")
	for _, path := range []string{"new.txt", "top.txt", "subs.txt"} {
		s.fails(phone, 1, node.CodeNotAllowed, "put", "Notes", path, s.file("new", "new"))
	}
	s.puts(phone, "sub/a.txt=Bob's", "sub/b.txt=b")
	s.shows(phone, "sub/a.txt=a", "sub/a (from Bob).txt=Bob's", "sub/b.txt=b")
	s.shows(laptop, "top.txt=top", "sub/a.txt=a", "sub/a (from Bob).txt=Bob's", "sub/b.txt=b", "subs.txt=not in it")
}
