//go:build headless

package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// oddNames is what people and programs call files, and what is wrong with it
// elsewhere: the systems that can't hold it, and the proposed path.
var oddNames = []struct{ path, systems, proposed string }{
	{"plain.txt", "", ""},
	{"two\nlines", "windows", "two_lines"},
	{"tab\there", "windows", "tab_here"},
	{"bell\a and escape \x1b[31m", "windows", "bell_ and escape _[31m"},
	{"\u202egpj.exe", "", ""},
	{"zero\u200bwidth\u2060\ufeff", "", ""},
	{"isolate\u2066x\u2069", "", ""},
	{"😀👨\u200d👩\u200d👧", "", ""},
	{"日本語/עברית/Ünïcode", "", ""},
	{strings.Repeat("b", 251) + ".txt", "windows", strings.Repeat("b", 216) + ".txt"},
	{"long/" + strings.Repeat("日", 85), "", ""},
	{"dot.", "windows", "dot"},
	{"dots...", "windows", "dots"},
	{"space ", "windows", "space"},
	{"two spaces  ", "windows", "two spaces"},
	{" leading space", "", ""},
	{"CON", "windows", "CON_"},
	{"con.txt", "windows", "con_.txt"},
	{"sub/LPT1.log", "windows", "sub/LPT1_.log"},
	{"NUL/inside", "", ""},
	{"NUL", "windows", "NUL_"},
	{"cafe\u0301", "", ""}, // of names that came at once the first in order stays
	{"caf\u00e9", "macos", "caf\u00e9 (2)"},
	{"README", "", ""},
	{"Readme", "windows macos", "Readme (2)"},
	{"FOLDER/b", "", ""},
	{"Folder/a", "", ""},
	{"Folder", "windows macos", "Folder (2)"},
	{"latin1 \xe9\xff", "windows macos", "latin1 %E9%FF"},
	{"\xff\xfe/x?", "windows", "\xff\xfe/x_"},
	{"\xff\xfe", "windows macos", "%FF%FE"},
	{"-rf", "", ""},
	{"--help", "", ""},
	{"..foo", "", ""},
	{"...", "windows", "_"},
	{"~home", "", ""}, // ~ alone is ignored, as an editor's copy: *~
	{`back\slash`, "windows", "back_slash"},
	{`"double" 'single' ` + "`back`", "windows", "_double_ 'single' `back`"},
	{"$HOME;rm *|<>&", "windows", "$HOME;rm ____&"},
	{"a:b", "windows", "a_b"},
	{"%41", "", ""},
	{"#hash", "", ""},
	{"deep/" + strings.Repeat("folder/", 40) + "end", "windows", ""},
}

// isFolder: the table's rows without a file of their own are of folders.
func isFolder(path string) bool {
	return path == "NUL" || path == "Folder" || path == "\xff\xfe"
}

// TestEveryOddName: files with every odd name arrive as they are, and what other
// systems can't hold is said, with a name that helps.
func TestEveryOddName(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	dirs := s.attached("Notes", nodes...)
	events, err := nodes[0].Stream(s.ctx, "events", "--follow")
	s.must(err)
	s.must(os.Rename(s.oddFolder(), filepath.Join(dirs[0], "odd"))) // all at once
	s.inStep(nodes[0], nodes[1])
	s.same(dirs...)
	if got := s.tree(filepath.Join(dirs[1], "odd")); len(got) < len(oddNames) {
		t.Errorf("desk has %d of %d names", len(got), len(oddNames))
	}
	if a, b := s.read(dirs[1], "odd/README"), s.read(dirs[1], "odd/Readme"); a != "README" || b != "Readme" {
		t.Errorf("README holds %q, Readme %q", a, b)
	}

	var list []node.Name
	s.must(nodes[1].Do(s.ctx, &list, "names", "Notes"))
	s.reported(list)
	var mine []node.Name
	s.must(nodes[0].Do(s.ctx, &mine, "names", "Notes"))
	if len(mine) != len(list) {
		t.Errorf("laptop reports %d names, desk %d", len(mine), len(list))
	}

	// The event comes once for all, before anyone has asked.
	e := s.nextEvent(events, "name")
	sample, _ := json.Marshal(e["names"])
	if !strings.Contains(string(sample), `"proposed"`) {
		t.Errorf("the event shows %s", sample)
	}
	if n, _ := e["count"].(float64); n < 20 || e["space"] != "Notes" {
		t.Errorf("the event says %v", e)
	}
	events.Interrupt()
	events.End()

	// In prose nothing moves the cursor, and each line that is to be typed works.
	out, err := nodes[1].Raw(s.ctx, nil, "names", "Notes")
	s.must(err)
	if strings.ContainsAny(string(out), "\x1b\a\u202e\u2066\u200b\r\t") || !strings.Contains(string(out), `\u001b`) {
		t.Errorf("the list says %q", out)
	}
	s.followAdvice(nodes[1].Home, string(out))
	s.must(nodes[1].Do(s.ctx, &list, "names", "Notes"))
	if len(list) > 0 {
		t.Errorf("after all was renamed: %+v", list)
	}
	s.inStep(nodes[1], nodes[0])
	s.same(dirs...)
}

// nextEvent reads events up to the next one of a name.
func (s *story) nextEvent(events *stage.Stream, name string) map[string]any {
	s.Helper()
	for {
		e, err := events.Next(name)
		if err == nil {
			return e
		}
		if e == nil || s.ctx.Err() != nil {
			s.Fatalf("no event %s: %v", name, err)
		}
	}
}

// oddFolder makes the files of the table, each with its path as content, in the
// order of the table.
func (s *story) oddFolder() string {
	top := filepath.Join(s.dir, "making")
	for _, o := range oddNames {
		if !isFolder(o.path) {
			s.write(top, o.path, o.path)
		}
	}
	return top
}

// reported compares what names says with the table.
func (s *story) reported(list []node.Name) {
	s.Helper()
	got := map[string]node.Name{}
	for _, n := range list {
		got[rawPath(n.Path, n.PathB64)] = n
		if n.Problem == "" || n.Part == "" {
			s.Errorf("%q: %+v", n.Path, n)
		}
	}
	want := 0
	for _, o := range oddNames {
		n, ok := got["odd/"+o.path]
		if ok != (o.systems != "") {
			s.Errorf("%q: %+v", o.path, n)
			continue
		}
		if o.systems == "" {
			continue
		}
		want++
		if strings.Join(n.Systems, " ") != o.systems {
			s.Errorf("%q is bad on %v", o.path, n.Systems)
		}
		if p := rawPath(n.Proposed, n.ProposedB64); o.proposed != "" && p != "odd/"+o.proposed && len(o.path) < 200 {
			s.Errorf("%q: proposed is %q", o.path, p)
		}
	}
	if len(list) != want {
		s.Errorf("%d names are reported, want %d", len(list), want)
	}
}

func rawPath(p string, b64 *string) string {
	if b64 == nil {
		return p
	}
	b, _ := base64.StdEncoding.DecodeString(*b64)
	return string(b)
}

// followAdvice gives a shell each command that the list proposes.
func (s *story) followAdvice(home, list string) {
	s.Helper()
	for line := range strings.Lines(list) {
		_, command, ok := strings.Cut(line, "meadow mv ")
		if !ok {
			continue
		}
		c := exec.CommandContext(s.ctx, "sh", "-c", `"$MEADOW" mv `+command)
		c.Env = append(os.Environ(), "MEADOW="+bin, "MEADOW_HOME="+home)
		if out, err := c.CombinedOutput(); err != nil {
			s.Errorf("mv %s: %v: %s", command, err, out)
		}
	}
}

// TestAppendedWhileSent appends to a file every 2 s while it is sent over and over:
// what arrives is always what it was at some moment, never a mixture.
func TestAppendedWhileSent(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	dirs := s.attached("Logs", nodes...)
	log := filepath.Join(dirs[0], "service.log")
	line := func(i int) string { return fmt.Sprintf("%08d ", i) + strings.Repeat("x", 54) + "\n" }
	f, err := os.Create(filepath.Join(s.dir, "service.log"))
	s.must(err)
	defer f.Close()
	lines := 0
	more := func(n int) {
		var b strings.Builder
		for range n {
			b.WriteString(line(lines))
			lines++
		}
		_, err := f.WriteString(b.String())
		s.must(err)
	}
	more(500_000) // 32 MB, so that sending takes a while
	s.must(os.Rename(f.Name(), log))
	seen := map[int]bool{}
	check := func() {
		s.Helper()
		got, err := os.ReadFile(filepath.Join(dirs[1], "service.log"))
		if err != nil {
			return // not yet
		}
		n := len(got) / len(line(0))
		if len(got)%len(line(0)) != 0 || n > lines || n < 500_000 {
			t.Fatalf("a part of a line has arrived: %d bytes", len(got))
		}
		if seen[n] {
			return
		}
		seen[n] = true
		for i := range n {
			if string(got[i*len(line(0)):(i+1)*len(line(0))]) != line(i) {
				t.Fatalf("line %d of %d is wrong", i, n)
			}
		}
	}
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	watch := time.NewTicker(20 * time.Millisecond)
	defer watch.Stop()
	for appended := 0; appended < 4 || len(seen) == 0; {
		select {
		case <-tick.C:
			more(10)
			appended++
		case <-watch.C:
			check()
		case <-s.ctx.Done():
			t.Fatal("while it is written to it doesn't arrive")
		}
	}
	more(10)
	s.inStep(nodes[0], nodes[1])
	check()
	if !seen[lines] {
		t.Errorf("of %d lines the desk has %v", lines, seen)
	}
	if len(seen) < 2 {
		t.Errorf("the desk has seen the versions %v only", seen)
	}
	s.same(dirs...)
	if cs := s.conflicts(nodes[1]); len(cs) > 0 {
		t.Errorf("conflicts: %+v", cs)
	}
}

// TestVanishAndReturn: a folder in the attached one, and then that itself, is moved
// away and comes back, with edits on both sides meanwhile.
func TestVanishAndReturn(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	dirs := s.attached("Notes", nodes...)
	for i := range 10 { // fewer than what is held when it vanishes
		s.write(dirs[0], fmt.Sprintf("sub/deep/f%d", i), fmt.Sprint("content ", i))
		s.write(dirs[0], fmt.Sprintf("f%d", i), "here")
	}
	s.inStep(nodes[0], nodes[1])
	away := filepath.Join(s.dir, "away")

	s.must(os.Rename(filepath.Join(dirs[0], "sub", "deep"), away))
	s.inStep(nodes[0], nodes[1])
	if got := s.tree(dirs[1]); got["sub/deep/f1"] != "" {
		t.Errorf("desk still has %v", got)
	}
	s.write(away, "f1", "edited while it was away")
	s.must(os.Rename(away, filepath.Join(dirs[0], "sub", "deep")))
	s.inStep(nodes[0], nodes[1])
	s.same(dirs...)
	s.write(dirs[0], "sub/deep/f2", "and afterwards")
	s.inStep(nodes[0], nodes[1])
	s.same(dirs...)

	// The attached folder itself: nothing is deleted anywhere.
	s.must(os.Rename(dirs[0], away))
	s.write(dirs[1], "f3", "edited on desk meanwhile")
	s.until(30*time.Second, "laptop says that its folder is missing", func() bool {
		var status node.Status
		s.must(nodes[0].Do(s.ctx, &status, "status"))
		return status.State == "attention"
	})
	s.write(away, "f4", "edited while it was away")
	if got := s.tree(dirs[1]); len(got) != 22 {
		t.Errorf("desk has %d things: %v", len(got), got)
	}
	s.must(os.Rename(away, dirs[0]))
	s.inStep(nodes[0], nodes[1])
	s.inStep(nodes[1], nodes[0])
	s.same(dirs...)
	if s.read(dirs[0], "f3") != "edited on desk meanwhile" || s.read(dirs[1], "f4") != "edited while it was away" {
		t.Errorf("after it returned: %v", s.tree(dirs[0]))
	}
	s.write(dirs[0], "f5", "watched again")
	s.until(30*time.Second, "desk gets an edit that nobody waited for", func() bool {
		return s.read(dirs[1], "f5") == "watched again"
	})
}

// TestNameThatNoDiskHolds: what can't be written says which part of its name is
// why, and what it could be called; the advice helps.
func TestNameThatNoDiskHolds(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	dirs := s.attached("Notes", nodes...)
	long := strings.Repeat("n", 300) + ".txt"
	if _, err := nodes[0].Raw(s.ctx, strings.NewReader("text"), "put", "Notes", "a/"+long, "-"); err != nil {
		t.Fatal(err)
	}
	s.write(dirs[0], "other", "goes on")
	s.inStep(nodes[0], nodes[1])
	var synced node.Synced
	s.must(nodes[1].Do(s.ctx, &synced, "wait", "--synced"))
	if len(synced.Unwritable) != 1 {
		t.Fatalf("unwritable: %+v", synced.Unwritable)
	}
	u := synced.Unwritable[0]
	if u.Path != "a/"+long || u.Part == nil || *u.Part != long || u.Proposed == nil || len(*u.Proposed) > 255 {
		t.Errorf("unwritable: %+v", u)
	}
	if synced.Spaces[0].Unwritable != 1 || s.read(dirs[1], "other") != "goes on" {
		t.Errorf("desk: %+v", synced.Spaces[0])
	}
	out, err := nodes[1].Raw(s.ctx, nil, "wait", "--synced")
	s.must(err)
	s.followAdvice(nodes[1].Home, string(out))
	s.inStep(nodes[1], nodes[0])
	s.same(dirs...)
	if got := s.read(dirs[0], *u.Proposed); got != "text" {
		t.Errorf("%s holds %q", *u.Proposed, got)
	}
	s.must(nodes[0].Do(s.ctx, &synced, "wait", "--synced"))
	if len(synced.Unwritable) != 0 || synced.Spaces[0].Unwritable != 0 {
		t.Errorf("afterwards: %+v", synced)
	}
}
