//go:build headless

package main

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// joins pairs another device with an account.
func (s *story) joins(account *stage.Node, device string, flags ...string) *stage.Node {
	s.Helper()
	n := s.node(device)
	s.must(n.InitJoin(s.ctx))
	s.must(n.Start(s.ctx))
	s.must(stage.Pair(s.ctx, account, n, flags...))
	return n
}

// hears follows a node's events until one comes; it begins with what happened.
func (s *story) hears(n *stage.Node, event string, fits func(map[string]any) bool) {
	s.Helper()
	events, err := n.Stream(s.ctx, "events", "--follow")
	s.must(err)
	defer func() {
		events.Interrupt()
		events.End()
	}()
	for {
		e, err := events.Next(event)
		if e == nil {
			s.Fatalf("%s never tells of %s: %v", n.Device, event, err)
		}
		if e["event"] == event && (fits == nil || fits(e)) {
			return
		}
	}
}

func about(key, value string) func(map[string]any) bool {
	return func(e map[string]any) bool { return e[key] == value }
}

func (s *story) spacesOf(n *stage.Node) map[string]node.Space {
	s.Helper()
	var list []node.Space
	s.must(n.Do(s.ctx, &list, "space", "list"))
	all := map[string]node.Space{}
	for _, sp := range list {
		all[sp.Name] = sp
	}
	return all
}

func (s *story) deviceOf(n *stage.Node, name string) *node.Device {
	s.Helper()
	var list []node.Device
	s.must(n.Do(s.ctx, &list, "device", "list"))
	for _, d := range list {
		if d.Name == name {
			return &d
		}
	}
	return nil
}

// TestLimitedDeviceLives is a limited device's whole life: it works like any
// other within what it has, and can't do more.
func TestLimitedDeviceLives(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	for _, name := range []string{"Notes", "Diary"} {
		s.must(laptop.Do(s.ctx, nil, "space", "create", name))
	}
	s.must(laptop.Do(s.ctx, nil, "put", "Notes", "hello", s.file("hello", "from laptop")))
	phone := s.joins(laptop, "phone", "--kind", "limited", "--spaces", "Notes")
	s.hears(phone, "space", about("name", "Notes"))
	s.inStep(phone, laptop)
	if spaces := s.spacesOf(phone); len(spaces) != 1 || spaces["Notes"].ID == "" {
		t.Fatalf("the phone has %+v", spaces)
	}
	d := s.deviceOf(laptop, "phone")
	if d == nil || d.Kind != "limited" || strings.Join(d.Spaces.Names, " ") != "Notes" || !s.deviceOf(laptop, "desk").Spaces.All {
		t.Fatalf("the laptop lists it as %+v", d)
	}
	for _, args := range [][]string{
		{"space", "create", "Mine"},
		{"device", "rename", "desk", "x"},
		{"device", "remove", "desk"},
		{"device", "spaces", "desk", "none"},
		{"space", "delete", "Notes", "--yes"},
	} {
		s.fails(phone, 1, node.CodeNotAllowed, args...)
	}
	dirs := []string{filepath.Join(s.dir, "l"), filepath.Join(s.dir, "p")}
	s.must(laptop.Do(s.ctx, nil, "space", "attach", "Notes", dirs[0]))
	s.must(phone.Do(s.ctx, nil, "space", "attach", "Notes", dirs[1]))
	s.write(dirs[1], "from/phone", "p")
	s.inStep(phone, laptop)
	s.inStep(laptop, phone, desk)
	s.same(dirs...)

	// Two limited devices alone, with a conflict.
	watch := s.joins(laptop, "watch", "--kind", "limited")
	s.inStep(watch, laptop, phone)
	s.must(laptop.Stop())
	s.must(desk.Stop())
	s.must(phone.Do(s.ctx, nil, "put", "Notes", "both", s.file("both", "phone and watch")))
	s.inStep(phone, watch)
	s.must(phone.Do(s.ctx, nil, "pause"))
	s.must(phone.Do(s.ctx, nil, "put", "Notes", "both", s.file("b1", "the phone's")))
	s.must(watch.Do(s.ctx, nil, "put", "Notes", "both", s.file("b2", "the watch's")))
	s.must(phone.Do(s.ctx, nil, "resume"))
	s.inStep(phone, watch)
	s.inStep(watch, phone)
	if cs := s.conflicts(watch); len(cs) != 1 {
		t.Errorf("conflicts: %+v", cs)
	}

	// A space that is made while the watch is off reaches it by another device.
	s.must(watch.Stop())
	s.must(laptop.Start(s.ctx))
	s.must(laptop.Do(s.ctx, nil, "space", "create", "Photos"))
	s.must(desk.Start(s.ctx))
	s.inStep(laptop, desk)
	s.must(laptop.Stop())
	s.must(watch.Start(s.ctx))
	s.hears(watch, "space", about("name", "Photos"))
	s.inStep(watch, desk)
	s.must(watch.Do(s.ctx, nil, "put", "Photos", "x", s.file("x", "x")))
	s.inStep(watch, desk)
	s.must(phone.Stop())
	s.must(phone.Start(s.ctx))
	s.inStep(phone, desk)
	if spaces := s.spacesOf(phone); len(spaces) != 1 {
		t.Errorf("the phone has %+v", spaces)
	}
}

// file writes a file to put.
func (s *story) file(name, content string) string {
	s.Helper()
	path := filepath.Join(s.dir, "file."+name)
	s.must(os.WriteFile(path, []byte(content), 0o600))
	return path
}

// TestSpacesGivenAndTaken: none, one, all, none, and again, in running sessions.
func TestSpacesGivenAndTaken(t *testing.T) {
	for _, kind := range []string{"full", "limited"} {
		t.Run(kind, func(t *testing.T) {
			s := tell(t)
			nodes := s.account("laptop", "desk")
			laptop, desk := nodes[0], nodes[1]
			for _, name := range []string{"Notes", "Diary"} {
				s.must(laptop.Do(s.ctx, nil, "space", "create", name))
			}
			s.must(laptop.Do(s.ctx, nil, "put", "Notes", "a", s.file("a", "laptop's")))
			phone := s.joins(laptop, "phone", "--kind", kind, "--spaces", "none")
			s.inStep(laptop, desk, phone)
			if got := s.spacesOf(phone); len(got) != 0 {
				t.Fatalf("the phone has %v", got)
			}
			var given node.DeviceGiven
			s.must(laptop.Do(s.ctx, &given, "device", "spaces", "phone", "Notes"))
			if strings.Join(given.Given, " ") != "Notes" || len(given.Withdrawn) != 0 {
				t.Errorf("answered %+v", given)
			}
			s.hears(phone, "space", about("name", "Notes"))
			dir := filepath.Join(s.dir, "phone.Notes")
			s.must(phone.Do(s.ctx, nil, "space", "attach", "Notes", dir))
			s.write(dir, "b", "the phone's")
			s.inStep(phone, laptop, desk)
			s.must(desk.Do(s.ctx, nil, "device", "spaces", "phone", "all"))
			s.hears(phone, "space", about("name", "Diary"))

			s.must(laptop.Do(s.ctx, &given, "device", "spaces", "phone", "none"))
			if len(given.Withdrawn) != 2 || given.Adopted == 0 || !slices.Contains(given.Told, "desk") || len(given.NotTold) != 0 {
				t.Errorf("answered %+v", given)
			}
			s.hears(phone, "space_ended", about("space", "Notes"))
			s.hears(desk, "space_withdrawn", about("space", "Notes"))
			if sp := s.spacesOf(phone)["Notes"]; !sp.Ended || sp.Folder == nil || *sp.Folder != dir {
				t.Errorf("the phone lists %+v", sp)
			}
			var st node.Status
			if s.must(phone.Do(s.ctx, &st, "status")); st.State != "attention" {
				t.Errorf("the phone is %s", st.State)
			}
			s.fails(laptop, 2, node.CodeUsage, "device", "spaces", "phone", "")
			s.fails(phone, 1, node.CodeNotAllowed, "put", "Notes", "c", s.file("c", "c"))
			if got := s.tree(dir); len(got) != 2 || got["b"] != "false the phone's" {
				t.Errorf("the folder has %v", got)
			}
			s.write(dir, "b", "written while it had ended")
			s.must(laptop.Do(s.ctx, nil, "put", "Notes", "a", s.file("a2", "laptop's too")))
			s.inStep(laptop, desk)
			if got := s.listed(desk, "Notes"); got != "a b" {
				t.Errorf("the desk lists %s", got)
			}
			s.must(desk.Do(s.ctx, nil, "device", "spaces", "phone", "Notes"))
			s.hears(phone, "space_given", about("space", "Notes"))
			s.inStep(phone, laptop, desk)
			s.inStep(desk, phone, laptop)
			if got := s.tree(dir); len(got) != 2 || got["a"] != "false laptop's too" || got["b"] != "false written while it had ended" {
				t.Errorf("the folder has %v", got)
			}
			for _, n := range []*stage.Node{laptop, desk, phone} {
				if cs := s.conflicts(n); len(cs) != 0 {
					t.Errorf("%s has conflicts %+v", n.Device, cs)
				}
			}
		})
	}
}

func (s *story) listed(n *stage.Node, space string) string {
	s.Helper()
	var files []node.File
	s.must(n.Do(s.ctx, &files, "ls", space))
	var paths []string
	for _, f := range files {
		paths = append(paths, f.Path)
	}
	return strings.Join(paths, " ")
}

// TestWithdrawnDuringTransfer: the transfer ends at once, here and at the other
// device that gives it; given again it resumes.
func TestWithdrawnDuringTransfer(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	s.must(laptop.Do(s.ctx, nil, "space", "create", "Notes"))
	phone := s.joins(laptop, "phone", "--kind", "limited")
	s.inStep(laptop, desk, phone)
	s.must(phone.Stop())
	big := make([]byte, 300<<20)
	rand.Read(big)
	s.must(laptop.Do(s.ctx, nil, "put", "Notes", "big", s.file("big", string(big))))
	s.inStep(laptop, desk)
	s.must(phone.Start(s.ctx))
	s.arriving(phone, "Notes")
	var given node.DeviceGiven
	s.must(laptop.Do(s.ctx, &given, "device", "spaces", "phone", "none"))
	s.hears(phone, "space_ended", about("space", "Notes"))
	missing := s.spacesOf(phone)["Notes"].MissingBytes
	if missing == 0 {
		t.Skip("it came before it could be withdrawn")
	}
	s.must(laptop.Do(s.ctx, nil, "put", "Notes", "small", s.file("small", "x")))
	s.inStep(laptop, desk)
	if again := s.spacesOf(phone)["Notes"].MissingBytes; missing-again > 64<<20 {
		t.Errorf("%d bytes came afterwards", missing-again)
	}
	s.must(laptop.Do(s.ctx, nil, "device", "spaces", "phone", "all"))
	s.hears(phone, "space_given", about("space", "Notes"))
	s.inStep(laptop, phone)
	s.inStep(phone, laptop)
	out := filepath.Join(s.dir, "out")
	s.must(phone.Do(s.ctx, nil, "get", "Notes", "big", "-o", out))
	if s.read(s.dir, "out") != string(big) {
		t.Error("other bytes arrived")
	}
}

// arriving waits until some of a space's bytes have come, and some haven't.
func (s *story) arriving(n *stage.Node, space string) {
	s.Helper()
	full := int64(0)
	for s.ctx.Err() == nil {
		sp := s.spacesOf(n)[space]
		full = max(full, sp.MissingBytes)
		if full > 0 && sp.MissingBytes < full {
			return
		}
	}
	s.Fatal("nothing arrives")
}
