//go:build headless

package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// worded is account with a file of the words.
func (s *story) worded(devices ...string) (nodes []*stage.Node, words string) {
	s.Helper()
	first := s.node(devices[0])
	text, err := first.Init(s.ctx, "Ada")
	s.must(err)
	s.must(first.Start(s.ctx))
	nodes = append(nodes, first)
	for _, d := range devices[1:] {
		nodes = append(nodes, s.joins(first, d))
	}
	return nodes, s.file("words", text)
}

// recovers makes a device with words, and runs it.
func (s *story) recovers(words, device string, from *stage.Node, flags ...string) *stage.Node {
	s.Helper()
	n := s.node(device)
	s.must(n.Do(s.ctx, nil, append([]string{"recover", "--words-file", words, "--name", device, "--from", from.Listen}, flags...)...))
	s.must(n.Start(s.ctx))
	return n
}

// back waits until a recovery is done.
func (s *story) back(n *stage.Node) node.Recovery {
	s.Helper()
	st := s.untilStatus(n, func(st node.Status) bool { return st.Recovery != nil && st.Recovery.State == node.RecoveryDone })
	return *st.Recovery
}

// TestRecover: the laptop is lost. Its words bring the account back on a new device,
// from the desk that has its data; the desk stays, the laptop is out.
func TestRecover(t *testing.T) {
	s := tell(t)
	nodes, words := s.worded("laptop", "desk", "tablet")
	laptop, desk, tablet := nodes[0], nodes[1], nodes[2]
	dirs := s.attached("Notes", laptop, desk, tablet)
	s.write(dirs[0], "by laptop", "the laptop's")
	s.inStep(laptop, desk, tablet)
	s.write(dirs[2], "by tablet", "the tablet's")
	s.inStep(tablet, desk, laptop)
	s.must(laptop.Stop())
	s.must(tablet.Stop())

	phone := s.recovers(words, "phone", desk, "--keep", "desk,nobody")
	r := s.back(phone)
	if r.Spaces != 1 || !slices.Equal(r.NotFound, []string{"nobody"}) || !slices.Equal(r.LeftOut, []string{"laptop", "tablet"}) || r.Adopted == 0 {
		t.Errorf("it says %+v", r)
	}
	if _, err := os.Stat(filepath.Join(phone.Home, "recovery.key")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the words' keys are still there: %v", err)
	}
	dir := filepath.Join(s.dir, "phone.Notes")
	s.must(phone.Do(s.ctx, nil, "space", "attach", "Notes", dir))
	s.inStep(phone, desk)
	s.inStep(desk, phone)
	s.same(dirs[1], dir)
	if got := s.tree(dir); len(got) != 2 {
		t.Errorf("the phone has %v", got)
	}
	var st node.Status
	s.must(phone.Do(s.ctx, &st, "status"))
	if *st.Name != "Ada" || len(st.Devices) != 2 {
		t.Errorf("the account is %s with %d devices", *st.Name, len(st.Devices))
	}

	// Who isn't kept finds out, and its edits go nowhere.
	s.must(laptop.Start(s.ctx))
	s.hears(laptop, "removed", nil)
	s.write(dirs[0], "too late", "x")
	s.write(dirs[1], "goes on", "by desk")
	s.inStep(desk, phone)
	if got := s.tree(dir); got["too late"] != "" || got["goes on"] != "false by desk" {
		t.Errorf("the phone has %v", got)
	}
	fresh := s.joins(phone, "fresh")
	s.inStep(fresh, phone)
	if a, b := s.listed(fresh, "Notes"), s.listed(phone, "Notes"); a != b {
		t.Errorf("lists %s and %s", a, b)
	}
}

// TestRecoverGoesOn: it is stopped in the middle, and nothing is connected at first.
func TestRecoverGoesOn(t *testing.T) {
	s := tell(t)
	nodes, words := s.worded("laptop")
	laptop := nodes[0]
	s.attached("Notes", laptop)
	s.must(laptop.Stop())
	phone := s.recovers(words, "phone", laptop)
	st := s.untilStatus(phone, func(st node.Status) bool { return st.Recovery != nil })
	if st.Recovery.State != node.RecoverySearching || !strings.Contains(st.Recovery.Says, "your data is not") {
		t.Errorf("it says %+v", st.Recovery)
	}
	if !slices.ContainsFunc(st.Notices, func(n node.Notice) bool { return n.Code == node.NoticeRecovery }) {
		t.Errorf("notices %+v", st.Notices)
	}
	s.fails(phone, 1, node.CodeNotHere, "recover", "--finish")
	s.must(phone.Stop())
	info, err := os.Stat(filepath.Join(phone.Home, "recovery.key"))
	s.must(err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the keys are kept with mode %v", info.Mode())
	}
	s.must(os.Remove(filepath.Join(phone.Home, "recovery.key"))) // as after thirty days
	s.must(phone.Start(s.ctx))
	s.untilStatus(phone, func(st node.Status) bool { return st.Recovery.State == node.RecoveryWords })
	s.fails(phone, 1, node.CodeWords, "recover", "--words-file", s.file("others", otherWords))
	s.must(phone.Do(s.ctx, nil, "recover", "--words-file", words, "--name", "phone"))
	s.must(laptop.Start(s.ctx))
	r := s.back(phone)
	if r.Spaces != 1 || !slices.Equal(r.LeftOut, []string{"laptop"}) {
		t.Errorf("it says %+v", r)
	}
	s.fails(phone, 1, node.CodeAlreadyInitialised, "recover", "--words-file", words)
}

// otherWords are the words of an account that nobody has.
var otherWords = strings.Repeat("abandon ", 23) + "art"

// TestRecoverWrongWords: a wrong word is named by its position; nothing is left.
func TestRecoverWrongWords(t *testing.T) {
	s := tell(t)
	_, words := s.worded("laptop")
	text, err := os.ReadFile(words)
	s.must(err)
	list := strings.Fields(string(text))
	n := s.node("phone")
	for _, wrong := range []struct {
		words []string
		says  string
	}{
		{slices.Concat(list[:6], []string{"xyzzy"}, list[7:]), "word 7"},
		{list[:23], "23 words"},
		{slices.Concat(list[1:], list[:1]), "another"},
		{nil, "0 words"},
	} {
		err := n.Do(s.ctx, nil, "recover", "--words-file", s.file("wrong", strings.Join(wrong.words, " ")), "--name", "phone")
		var f *stage.Failure
		if !errors.As(err, &f) || f.Exit != 1 || f.Code != node.CodeWords || !strings.Contains(f.Message, wrong.says) {
			if wrong.says != "another" || err != nil { // one order in 256 is of some account
				t.Errorf("%d words: %v", len(wrong.words), err)
			}
		}
		if left, _ := os.ReadDir(n.Home); len(left) != 0 && err != nil {
			t.Errorf("it left %v", left)
		}
	}
	s.fails(n, 2, node.CodeUsage, "recover", "--words-file", words, "--name", "phone", "--from", "nowhere")
	if left, _ := os.ReadDir(n.Home); len(left) > 1 {
		t.Errorf("it left %v", left)
	}
}
