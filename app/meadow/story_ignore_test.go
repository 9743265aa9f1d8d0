//go:build headless

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"meadow/app/internal/stage"
	"meadow/core/folder/ignore"
	"meadow/core/node"
)

// ignored asks a node what a space ignores, or would with rules on standard
// input.
func (s *story) ignored(n *stage.Node, space string, rules *string) node.Ignored {
	s.Helper()
	args := []string{"--json", "ignore", space}
	in := strings.NewReader("")
	if rules != nil {
		args, in = append(args, "--test"), strings.NewReader(*rules)
	}
	out, err := n.Raw(s.ctx, in, args...)
	s.must(err)
	var l node.Ignored
	s.must(json.Unmarshal(out, &l))
	return l
}

// skipped lists the paths that are skipped, with the rules for them.
func skipped(l node.Ignored) (all []string) {
	for _, k := range l.Skipped {
		all = append(all, k.Kind+" "+k.Path+" for "+k.Pattern+" in "+k.Source)
	}
	return all
}

func TestIgnoreRulesTravel(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	dirs := s.attached("Code", nodes...)
	s.write(dirs[0], "main.go", "package main")
	s.write(dirs[0], "debug.log", "one")
	s.write(dirs[0], "out/a.o", "one")
	s.inStep(nodes[0], nodes[1])
	s.same(dirs...)
	s.write(dirs[0], ".meadowignore", "*.log\nout/\n")
	s.inStep(nodes[0], nodes[1])
	s.write(dirs[0], "debug.log", "two")
	s.write(dirs[1], "more.log", "of desk")
	s.write(dirs[0], "main.go~", "backup")
	s.must(os.RemoveAll(filepath.Join(dirs[0], "out")))
	s.inStep(nodes[0], nodes[1])
	s.inStep(nodes[1], nodes[0])
	if got := s.tree(dirs[1]); got["debug.log"] != "false one" || got["out/a.o"] != "false one" || got["main.go~"] != "" {
		t.Errorf("desk has %v", got)
	}
	if got := s.tree(dirs[0]); got["more.log"] != "" || got["out"] != "" || got["debug.log"] != "false two" {
		t.Errorf("laptop has %v", got)
	}
	var files []node.File
	s.must(nodes[1].Do(s.ctx, &files, "ls", "Code", "out"))
	if len(files) != 1 {
		t.Errorf("what is ignored was deleted: %+v", files)
	}
	// A command stores what its user says, and no folder shows it.
	if _, err := nodes[0].Raw(s.ctx, strings.NewReader("kept"), "put", "Code", "kept.log", "-"); err != nil {
		t.Fatal(err)
	}
	s.inStep(nodes[0], nodes[1])
	if got, err := nodes[1].Raw(s.ctx, nil, "get", "Code", "kept.log"); err != nil || string(got) != "kept" {
		t.Errorf("desk gets %q, %v", got, err)
	}
	if got := s.tree(dirs[1]); got["kept.log"] != "" {
		t.Errorf("desk shows kept.log: %v", got)
	}
	s.must(os.Remove(filepath.Join(dirs[1], ".meadowignore")))
	s.inStep(nodes[1], nodes[0])
	s.inStep(nodes[0], nodes[1])
	got := s.tree(dirs[0])
	if got["debug.log"] != "false two" || got["more.log"] != "false of desk" || got["out/a.o"] != "false one" || got["kept.log"] != "false kept" {
		t.Errorf("without rules laptop has %v", got)
	}
	delete(got, "main.go~")
	if other := s.tree(dirs[1]); len(other) != len(got) {
		t.Errorf("laptop has %v, desk %v", got, other)
	}
	if cs := s.conflicts(nodes[0]); len(cs) != 0 {
		t.Errorf("conflicts: %+v", cs)
	}
}

func TestIgnoredFilesKeepTheirFolder(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	dirs := s.attached("Photos", nodes...)
	s.write(dirs[0], "may/tulip.jpg", "tulip")
	s.write(dirs[0], ".meadowignore", "*.raw\n")
	s.inStep(nodes[0], nodes[1])
	s.write(dirs[1], "may/tulip.raw", "the only copy")
	s.must(os.RemoveAll(filepath.Join(dirs[0], "may")))
	s.inStep(nodes[0], nodes[1])
	s.inStep(nodes[1], nodes[0])
	if got := s.tree(dirs[1]); len(got) != 3 || got["may/tulip.raw"] != "false the only copy" {
		t.Errorf("desk has %v", got)
	}
	if got := s.tree(dirs[0]); len(got) != 1 {
		t.Errorf("laptop has %v", got)
	}
}

func TestIgnoreCommand(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	dirs := s.attached("Code", nodes[0])
	s.write(dirs[0], ".meadowignore", "out/\n[bad\n")
	for _, p := range []string{"main.go", "out/a.o", "out/b.o", ".DS_Store", "sub/x.o"} {
		s.write(dirs[0], p, "12345")
	}
	s.inStep(nodes[0], nodes[1])
	l := s.ignored(nodes[0], "Code", nil)
	want := []string{"file .DS_Store for .DS_Store in default", "folder out for out/ in .meadowignore"}
	if got := skipped(l); !slices.Equal(got, want) || l.Count != 3 || l.Bytes != 15 || l.Test || l.Space != "Code" || *l.Folder != dirs[0] {
		t.Errorf("laptop skips %q: %+v", got, l)
	}
	own := l.Rules[len(ignore.Defaults()):]
	if len(own) != 2 || own[0] != (node.IgnoreRule{Pattern: "out/", Source: ".meadowignore", Line: 1}) || own[1].Problem == "" {
		t.Errorf("laptop's rules are %+v", own)
	}
	rules := "*.o\n"
	l = s.ignored(nodes[0], "Code", &rules)
	want = []string{
		"file .DS_Store for .DS_Store in default", "file out/a.o for *.o in .meadowignore", "file out/b.o for *.o in .meadowignore",
		"file sub/x.o for *.o in .meadowignore",
	}
	if got := skipped(l); !slices.Equal(got, want) || l.Count != 4 || !l.Test {
		t.Errorf("laptop would skip %q: %+v", got, l)
	}
	if got := s.read(dirs[0], ".meadowignore"); got != "out/\n[bad\n" {
		t.Errorf("a test wrote %q", got)
	}
	// The desk has no folder: there are the rules, and what they would hide.
	l = s.ignored(nodes[1], "Code", nil)
	if l.Folder != nil || len(l.Skipped) != 0 || len(l.Rules) != len(ignore.Defaults())+2 {
		t.Errorf("desk skips %+v", l)
	}
	if l = s.ignored(nodes[1], "Code", &rules); l.Count != 1 || l.Skipped[0].Path != "sub/x.o" {
		t.Errorf("desk would skip %+v", l)
	}
	prose, err := nodes[0].Raw(s.ctx, strings.NewReader("*.o\n"), "ignore", "Code", "--test")
	if err != nil || !strings.Contains(string(prose), "Code would skip 4 files, 20 B.") {
		t.Errorf("it says %q, %v", prose, err)
	}
	s.fails(nodes[0], 1, node.CodeNotFound, "ignore", "Cod")
	for _, large := range []string{strings.Repeat("x", ignore.MaxSize+1), strings.Repeat("x\n", ignore.MaxRules+1)} {
		_, err := nodes[0].Raw(s.ctx, strings.NewReader(large), "--json", "ignore", "Code", "--test")
		if f, ok := err.(*stage.Failure); !ok || f.Exit != 2 || f.Code != node.CodeUsage {
			t.Errorf("rules of %d bytes: %v", len(large), err)
		}
	}
}
