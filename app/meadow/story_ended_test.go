//go:build headless && linux

package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// ended returns what a device says of a space, and its notice of the space's end.
func (s *story) ended(n *stage.Node, space string) (sp node.Space, notice *node.Notice, state string) {
	s.Helper()
	var st node.Status
	s.must(n.Do(s.ctx, &st, "status"))
	for i, n := range st.Notices {
		if n.Code == node.NoticeEnded {
			notice = &st.Notices[i]
		}
	}
	i := slices.IndexFunc(st.Spaces, func(sp node.Space) bool { return sp.Name == space })
	if i < 0 {
		s.Fatalf("%s lists %+v", n.Device, st.Spaces)
	}
	return st.Spaces[i], notice, st.State
}

// TestEndIsSaid: a device from which an attached space was taken says so until the
// folder is detached or the space is there again.
func TestEndIsSaid(t *testing.T) {
	s := tell(t)
	laptop := s.account("laptop")[0]
	s.must(laptop.Do(s.ctx, nil, "space", "create", "Notes"))
	phone := s.joins(laptop, "phone", "--kind", "limited", "--spaces", "Notes")
	s.hears(phone, "space", about("name", "Notes"))
	dir := filepath.Join(s.dir, "phone.Notes")
	s.must(phone.Do(s.ctx, nil, "space", "attach", "Notes", dir))
	s.write(dir, "a", "the phone's")
	s.inStep(phone, laptop)

	s.must(laptop.Do(s.ctx, nil, "device", "spaces", "phone", "none"))
	s.hears(phone, "space_ended", about("space", "Notes"))
	was, notice, state := s.ended(phone, "Notes")
	if !was.Ended || was.EndedSince.IsZero() || state != "attention" {
		t.Errorf("%s: %+v", state, was)
	}
	words := "Notes is no longer shared with this device since "
	if notice == nil || !strings.HasPrefix(notice.Message, words) || !strings.Contains(notice.Message, "its files stay in "+dir) {
		t.Fatalf("it notices %+v", notice)
	}
	s.must(phone.Stop())
	s.must(phone.Start(s.ctx))
	s.status(phone, "aware", func(st node.Status) bool { return len(st.Spaces) == 1 && st.Spaces[0].Ended })
	if now, notice, state := s.ended(phone, "Notes"); !now.EndedSince.Equal(was.EndedSince.Time) || notice == nil || state != "attention" {
		t.Errorf("started again it is %s: %+v, %+v", state, now, notice)
	}
	for _, ask := range [][]string{{"status"}, {"space", "list"}} {
		if b, err := phone.Raw(s.ctx, nil, ask...); err != nil || !strings.Contains(string(b), "; files stay in "+dir+", edits there go nowhere") {
			t.Errorf("%v says %s, %v", ask, b, err)
		}
	}

	s.must(laptop.Do(s.ctx, nil, "device", "spaces", "phone", "Notes"))
	s.status(phone, "given it again", func(st node.Status) bool { return len(st.Spaces) == 1 && !st.Spaces[0].Ended })
	if now, notice, _ := s.ended(phone, "Notes"); now.Ended || !now.EndedSince.IsZero() || notice != nil {
		t.Errorf("given again it is %+v, %+v", now, notice)
	}
	s.inStep(phone, laptop)
	s.must(laptop.Do(s.ctx, nil, "device", "spaces", "phone", "none"))
	s.status(phone, "told", func(st node.Status) bool { return len(st.Spaces) == 1 && st.Spaces[0].Ended })
	s.must(phone.Do(s.ctx, nil, "space", "detach", "Notes"))
	if now, notice, state := s.ended(phone, "Notes"); !now.Ended || now.Folder != nil || notice != nil || state == "attention" {
		t.Errorf("detached it is %s: %+v, %+v", state, now, notice)
	}
	if got := s.read(dir, "a"); got != "the phone's" {
		t.Errorf("a is %q", got)
	}
}

// TestNoSpacesNamed: an empty answer to which spaces is none at all, least of all
// every one.
func TestNoSpacesNamed(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	s.must(nodes[0].Do(s.ctx, nil, "space", "create", "Notes"))
	s.must(nodes[0].Do(s.ctx, nil, "device", "spaces", "desk", "none"))
	for _, spaces := range []string{"", " ", "\t", ",", "Notes,", "Notes,,Notes"} {
		s.fails(nodes[0], 2, node.CodeUsage, "device", "spaces", "desk", spaces)
		s.fails(nodes[0], 2, node.CodeUsage, "pair", "accept", "--spaces", spaces, "ticket")
	}
	var devices []node.Device
	s.must(nodes[0].Do(s.ctx, &devices, "device", "list"))
	for _, d := range devices {
		if d.Name == "desk" && (d.Spaces.All || len(d.Spaces.Names) > 0) {
			t.Errorf("the desk has %+v", d.Spaces)
		}
	}
	b, err := nodes[0].Raw(s.ctx, nil, "device", "spaces", "desk", "none")
	if err != nil || !strings.Contains(string(b), "A full device can give itself any space") {
		t.Errorf("it says %s, %v", b, err)
	}
}
