//go:build headless

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"meadow/app/internal/stage"
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

// TestWordsCheck: the words that were kept are told from others, on both devices.
func TestWordsCheck(t *testing.T) {
	s := tell(t)
	laptop, desk := s.node("laptop"), s.node("desk")
	words, err := laptop.Init(s.ctx, "Ada")
	s.must(err)
	s.must(laptop.Start(s.ctx))
	s.must(desk.InitJoin(s.ctx))
	s.must(desk.Start(s.ctx))
	s.fails(desk, 1, node.CodeNotPaired, "words", "check")
	s.must(stage.Pair(s.ctx, laptop, desk, "--kind", "limited", "--spaces", "none"))
	file := filepath.Join(s.dir, "words")
	s.must(os.WriteFile(file, []byte(words), 0o600))
	var status node.Status
	for _, n := range []*stage.Node{laptop, desk} {
		s.must(n.Do(s.ctx, &status, "status"))
		if status.WordsChecked != nil {
			t.Errorf("%s: checked %v", n.Device, status.WordsChecked)
		}
		var check node.WordsCheck
		s.must(n.Do(s.ctx, &check, "words", "check", "--words-file", file))
		if !check.Right || check.Last == nil || check.Count != 24 {
			t.Errorf("%s: %+v", n.Device, check)
		}
		s.must(n.Do(s.ctx, &status, "status"))
		if status.WordsChecked == nil || time.Since(status.WordsChecked.Time) > time.Minute {
			t.Errorf("%s: checked %v", n.Device, status.WordsChecked)
		}
	}
	list := strings.Fields(words)
	list[9] = "meadows"
	_, err = laptop.Raw(s.ctx, strings.NewReader(strings.Join(list, "\n")), "words", "check")
	var f *stage.Failure
	if !errors.As(err, &f) || f.Exit != 1 || !strings.Contains(f.Stderr, "word 10 ") {
		t.Errorf("a wrong word: %v", err)
	}
	s.fails(laptop, 1, node.CodeWrongWords, "words", "check")
	s.fails(laptop, 1, node.CodeIO, "words", "check", "--words-file", file+"2")
}

// TestSpaceRename: all devices call a space by its new name, also a limited one, and
// folders and files stay.
func TestSpaceRename(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	phone := s.node("phone")
	s.must(phone.InitJoin(s.ctx))
	s.must(phone.Start(s.ctx))
	dirs := s.attached("Notes", laptop, desk)
	s.must(laptop.Do(s.ctx, nil, "space", "create", "Other"))
	s.must(stage.Pair(s.ctx, laptop, phone, "--kind", "limited", "--spaces", "Notes"))
	s.write(dirs[0], "a", "one")
	s.inStep(laptop, desk, phone)
	s.fails(laptop, 1, node.CodeNameTaken, "space", "rename", "Notes", "Other")
	s.fails(laptop, 1, node.CodeNotFound, "space", "rename", "Nothing", "Else")
	s.fails(laptop, 2, node.CodeUsage, "space", "rename", "Notes", "a/b")
	s.fails(phone, 1, node.CodeNotAllowed, "space", "rename", "Notes", "Mine")
	var sp node.Space
	s.must(desk.Do(s.ctx, &sp, "space", "rename", "Notes", "Diary"))
	if sp.Name != "Diary" || sp.Folder == nil || *sp.Folder != dirs[1] {
		t.Errorf("renamed: %+v", sp)
	}
	for _, n := range []*stage.Node{laptop, desk, phone} {
		s.until(30*time.Second, n.Device+" knows the name", func() bool {
			return n.Do(s.ctx, nil, "ls", "Diary") == nil && n.Do(s.ctx, nil, "ls", "Notes") != nil
		})
		s.hears(n, "space_renamed", nil)
		told := s.event(n, "space_renamed")
		if len(told) != 1 || told[0]["before"] != "Notes" || told[0]["space"] != "Diary" {
			t.Errorf("%s told of %v", n.Device, told)
		}
	}
	s.must(desk.Do(s.ctx, nil, "space", "rename", "Diary", "Diary"))
	s.write(dirs[0], "b", "two")
	s.inStep(laptop, desk)
	s.same(dirs...)
	s.must(laptop.Stop())
	s.must(laptop.Start(s.ctx))
	s.must(laptop.Do(s.ctx, nil, "ls", "Diary"))
	s.must(laptop.Do(s.ctx, nil, "space", "create", "Notes")) // the name is free again
}

// TestWhere: files of an attached space are found on the disk; of another one it is
// said why not.
func TestWhere(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	dir := s.attached("Notes", laptop)[0]
	s.write(dir, "sub/a b.txt", "one")
	s.must(os.Symlink("/etc", filepath.Join(dir, "out")))
	s.inStep(laptop, desk)
	for path, want := range map[string]string{"": dir, "sub": filepath.Join(dir, "sub"), "sub/a b.txt": filepath.Join(dir, "sub/a b.txt")} {
		args := []string{"where", "Notes"}
		if path != "" {
			args = append(args, path)
		}
		var where struct{ Path string }
		s.must(laptop.Do(s.ctx, &where, args...))
		out, err := laptop.Raw(s.ctx, nil, args...)
		if where.Path != want || err != nil || string(out) != want+"\n" {
			t.Errorf("%q is at %q, %q, %v", path, where.Path, out, err)
		}
	}
	s.fails(laptop, 1, node.CodeNotFound, "where", "Notes", "no/such")
	s.fails(laptop, 2, node.CodeUsage, "where", "Notes", "../x")
	s.fails(laptop, 1, node.CodeFolder, "where", "Notes", "out/passwd")
	s.fails(desk, 1, node.CodeNotAttached, "where", "Notes", "sub/a b.txt")
	s.must(desk.Do(s.ctx, nil, "pause"))
	s.must(os.Rename(dir, dir+".away"))
	s.fails(laptop, 1, node.CodeFolder, "where", "Notes")
}

// TestCopyLimitDuringHold: another copy limit has the folders start anew, and what is
// held stays held: nobody is told that it is over.
func TestCopyLimitDuringHold(t *testing.T) {
	s := tell(t)
	n := s.account("laptop")[0]
	dir := s.attached("Photos", n)[0]
	s.photos(dir, 60)
	s.until(20*time.Second, "all is read", func() bool {
		var files []node.File
		s.must(n.Do(s.ctx, &files, "ls", "Photos", "pics"))
		return len(files) >= 60
	})
	s.vanishes(dir, "pics")
	h := s.held(n, "removed", n, 60)
	for _, limit := range []string{"1MiB", "2MiB", "64MiB"} {
		s.must(n.Do(s.ctx, nil, "settings", "--copy-limit", limit))
		s.until(20*time.Second, "the folder is at work again", func() bool {
			hs := s.holds(n)
			return len(hs) == 1 && hs[0].ID == h.ID && hs[0].Removes == 60
		})
	}
	if begun, over := s.event(n, "hold"), s.event(n, "hold_ended"); len(begun) != 1 || len(over) != 0 {
		t.Errorf("holds began %v, ended %v", begun, over)
	}
	s.must(n.Do(s.ctx, nil, "hold", "keep", h.ID[:8]))
	s.until(20*time.Second, "the hold is over", func() bool { return len(s.event(n, "hold_ended")) == 1 })
	if over := s.event(n, "hold_ended"); over[0]["how"] != "kept" {
		t.Errorf("it ended so: %v", over)
	}
	s.waitFiles(dir, 60) // they come after that
	s.must(n.Do(s.ctx, nil, "settings", "--copy-limit", "1MiB"))
	s.noHold(n, 1)
}
