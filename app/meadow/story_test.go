//go:build headless

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// bin is the headless program, built once for all stories.
var bin string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "meadow-stories-")
	if err == nil {
		bin, err = stage.Build(context.Background(), dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// story is one test's cast and their folders. Its methods fail the test.
type story struct {
	*testing.T
	ctx context.Context
	dir string
}

func tell(t *testing.T) *story {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	return &story{T: t, ctx: ctx, dir: t.TempDir()}
}

func (s *story) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// node makes a node of the cast; its process ends with the story.
func (s *story) node(device string) *stage.Node {
	n := &stage.Node{Bin: bin, Home: filepath.Join(s.dir, device+".home"), Device: device}
	s.Cleanup(func() {
		n.Kill()
		if s.Failed() {
			s.Logf("%s said:\n%s", device, n.Log())
		}
	})
	return n
}

// account starts a first device and others that are paired with it.
func (s *story) account(devices ...string) []*stage.Node {
	s.Helper()
	var all []*stage.Node
	for i, d := range devices {
		n := s.node(d)
		if i == 0 {
			_, err := n.Init(s.ctx, "Ada")
			s.must(err)
		} else {
			s.must(n.InitJoin(s.ctx))
		}
		s.must(n.Start(s.ctx))
		if i > 0 {
			s.must(stage.Pair(s.ctx, all[0], n))
		}
		all = append(all, n)
	}
	return all
}

// attached makes a space and attaches a folder of each node to it; it returns
// the folders.
func (s *story) attached(space string, nodes ...*stage.Node) []string {
	s.Helper()
	s.must(nodes[0].Do(s.ctx, nil, "space", "create", space))
	var dirs []string
	for i, n := range nodes {
		if i > 0 {
			s.inStep(nodes[0], n)
		}
		dir := filepath.Join(s.dir, n.Device+"."+space)
		s.must(n.Do(s.ctx, nil, "space", "attach", space, dir))
		dirs = append(dirs, dir)
	}
	return dirs
}

func (s *story) inStep(n *stage.Node, others ...*stage.Node) {
	s.Helper()
	s.must(n.Wait(s.ctx, 90*time.Second, others...))
}

func (s *story) write(dir, path, content string) {
	s.Helper()
	file := filepath.Join(dir, filepath.FromSlash(path))
	s.must(os.MkdirAll(filepath.Dir(file), 0o755))
	s.must(os.WriteFile(file, []byte(content), 0o644))
}

func (s *story) read(dir, path string) string {
	s.Helper()
	b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
	s.must(err)
	return string(b)
}

// tree describes a folder: every path with what it is.
func (s *story) tree(dir string) map[string]string {
	s.Helper()
	all := make(map[string]string)
	s.must(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir():
			all[rel] = "folder"
		case d.Type()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			all[rel] = "-> " + target
			return err
		default:
			info, err := d.Info()
			if err != nil {
				return err
			}
			b, err := os.ReadFile(path)
			all[rel] = fmt.Sprintf("%v %s", info.Mode()&0o100 != 0, b)
			return err
		}
		return nil
	}))
	return all
}

// same fails unless folders hold the same.
func (s *story) same(dirs ...string) {
	s.Helper()
	want := s.tree(dirs[0])
	for _, d := range dirs[1:] {
		got := s.tree(d)
		for _, p := range union(want, got) {
			if want[p] != got[p] {
				s.Errorf("%s: %.80q in %s, %.80q in %s", p, want[p], dirs[0], got[p], d)
			}
		}
	}
}

func union(a, b map[string]string) []string {
	var all []string
	for p := range a {
		all = append(all, p)
	}
	for p := range b {
		if _, both := a[p]; !both {
			all = append(all, p)
		}
	}
	sort.Strings(all)
	return all
}

func (s *story) conflicts(n *stage.Node) []node.Conflict {
	s.Helper()
	var cs []node.Conflict
	s.must(n.Do(s.ctx, &cs, "conflicts"))
	return cs
}

// fails expects a command to fail with an exit code and a code.
func (s *story) fails(n *stage.Node, exit int, code string, args ...string) {
	s.Helper()
	err := n.Do(s.ctx, nil, args...)
	var f *stage.Failure
	if !errors.As(err, &f) || f.Exit != exit || f.Code != code {
		s.Errorf("meadow %q: %v, want exit %d and %s", args, err, exit, code)
	}
}

func TestPairAndShareFiles(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	var space node.Space
	s.must(laptop.Do(s.ctx, &space, "space", "create", "Notes"))
	if _, err := laptop.Raw(s.ctx, strings.NewReader("hello"), "put", "Notes", "a/b.txt", "-"); err != nil {
		t.Fatal(err)
	}
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	if _, err := laptop.Raw(s.ctx, bytes.NewReader(big), "put", "Notes", "big.bin", "-"); err != nil {
		t.Fatal(err)
	}
	s.inStep(laptop, desk)
	got, err := desk.Raw(s.ctx, nil, "get", "Notes", "a/b.txt")
	if err != nil || string(got) != "hello" {
		t.Fatalf("got %q, %v", got, err)
	}
	got, err = desk.Raw(s.ctx, nil, "get", "Notes", "big.bin")
	if err != nil || !bytes.Equal(got, big) {
		t.Fatalf("got %d bytes, %v", len(got), err)
	}
	s.must(desk.Do(s.ctx, nil, "mv", "Notes", "a/b.txt", "c.txt"))
	s.must(desk.Do(s.ctx, nil, "rm", "Notes", "big.bin"))
	s.inStep(desk, laptop)
	var files []node.File
	s.must(laptop.Do(s.ctx, &files, "ls", "Notes"))
	if len(files) != 1 || files[0].Path != "c.txt" || !files[0].Present || files[0].Author != "desk" {
		t.Fatalf("laptop lists %+v", files)
	}
	s.fails(laptop, 1, node.CodeNotFound, "get", "Notes", "big.bin", "-o", filepath.Join(s.dir, "x"))
	var a, b node.Status
	s.must(laptop.Do(s.ctx, &a, "status"))
	s.must(desk.Do(s.ctx, &b, "status"))
	if a.Spaces[0].Fingerprint != b.Spaces[0].Fingerprint || a.State != "idle" || *a.Custodian != *b.Custodian {
		t.Errorf("laptop: %+v\ndesk: %+v", a, b)
	}
	s.must(laptop.Stop())
	s.must(desk.Stop())
}

func TestRestartFindsTheOtherAgain(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	dirs := s.attached("Notes", laptop, desk)
	s.must(laptop.Stop())
	s.must(desk.Stop())
	s.write(dirs[0], "made while both slept", "x")
	s.must(laptop.Start(s.ctx))
	s.must(desk.Start(s.ctx))
	s.inStep(laptop, desk)
	s.same(dirs...)
}

func TestFolderInStep(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk", "attic")
	dirs := s.attached("Photos", nodes...)
	s.write(dirs[0], "2026/spring/tulip.jpg", strings.Repeat("tulip", 10_000))
	s.write(dirs[0], "2026/list.txt", "tulip")
	s.must(os.MkdirAll(filepath.Join(dirs[0], "empty"), 0o755))
	s.must(os.Symlink("list.txt", filepath.Join(dirs[0], "2026", "link")))
	s.must(os.Chmod(filepath.Join(dirs[0], "2026", "list.txt"), 0o755))
	s.inStep(nodes[0], nodes[1], nodes[2])
	s.same(dirs...)
	if len(s.tree(dirs[2])) != 6 {
		t.Fatalf("attic has %v", s.tree(dirs[2]))
	}
	s.write(dirs[2], "2026/list.txt", "tulip, rose")
	s.must(os.Rename(filepath.Join(dirs[1], "2026", "spring"), filepath.Join(dirs[1], "2026", "may")))
	s.inStep(nodes[1], nodes[0], nodes[2])
	s.inStep(nodes[2], nodes[0], nodes[1])
	s.same(dirs...)
	if got := s.read(dirs[0], "2026/list.txt"); got != "tulip, rose" {
		t.Errorf("laptop reads %q", got)
	}
	s.must(os.RemoveAll(filepath.Join(dirs[0], "2026")))
	s.inStep(nodes[0], nodes[1], nodes[2])
	s.same(dirs...)
	if got := s.tree(dirs[1]); len(got) != 1 {
		t.Errorf("desk still has %v", got)
	}
	if cs := s.conflicts(nodes[0]); len(cs) != 0 {
		t.Errorf("conflicts: %+v", cs)
	}
}

func TestAwayDuringEdits(t *testing.T) {
	for _, edits := range []int{1, 2, 50} {
		t.Run(fmt.Sprint(edits), func(t *testing.T) {
			s := tell(t)
			nodes := s.account("laptop", "desk")
			dirs := s.attached("Notes", nodes...)
			s.write(dirs[0], "diary", "day 0")
			s.inStep(nodes[0], nodes[1])
			s.must(nodes[1].Stop())
			for i := range edits {
				text := fmt.Sprintf("day %d", i+1)
				if _, err := nodes[0].Raw(s.ctx, strings.NewReader(text), "put", "Notes", "diary", "-"); err != nil {
					t.Fatal(err)
				}
			}
			s.must(nodes[1].Start(s.ctx))
			s.inStep(nodes[0], nodes[1])
			s.same(dirs...)
			if got := s.tree(dirs[1]); len(got) != 1 || !strings.HasSuffix(got["diary"], fmt.Sprintf("day %d", edits)) {
				t.Errorf("desk has %v", got)
			}
			if cs := s.conflicts(nodes[1]); len(cs) != 0 {
				t.Errorf("conflicts: %+v", cs)
			}
		})
	}
}

func TestTwoOfflineEdits(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk", "attic")
	dirs := s.attached("Notes", nodes...)
	s.write(dirs[0], "plan.txt", "first")
	s.inStep(nodes[0], nodes[1], nodes[2])
	s.must(nodes[0].Stop())
	s.must(nodes[1].Stop())
	s.write(dirs[0], "plan.txt", "laptop's")
	s.write(dirs[1], "plan.txt", "desk's")
	s.must(nodes[0].Start(s.ctx))
	s.must(nodes[1].Start(s.ctx))
	s.inStep(nodes[0], nodes[1], nodes[2])
	s.inStep(nodes[1], nodes[0], nodes[2])
	s.same(dirs...)
	got := s.tree(dirs[2])
	texts := map[string]bool{}
	for _, content := range got {
		texts[content] = true
	}
	if len(got) != 2 || !texts["false laptop's"] || !texts["false desk's"] {
		t.Fatalf("attic has %v", got)
	}
	for _, n := range nodes {
		if cs := s.conflicts(n); len(cs) != 1 || cs[0].Path != "plan.txt" {
			t.Errorf("%s lists conflicts %+v", n.Device, cs)
		}
	}
	copyName := s.conflicts(nodes[0])[0].Copy
	s.must(os.Remove(filepath.Join(dirs[0], copyName)))
	s.inStep(nodes[0], nodes[1], nodes[2])
	if cs := s.conflicts(nodes[2]); len(cs) != 0 {
		t.Errorf("after its copy was removed: %+v", cs)
	}
}

func TestEditBeatsDeletion(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	dirs := s.attached("Notes", nodes...)
	s.write(dirs[0], "plan.txt", "first")
	s.inStep(nodes[0], nodes[1])
	s.must(nodes[0].Stop())
	s.must(nodes[1].Stop())
	s.write(dirs[0], "plan.txt", "edited")
	s.must(os.Remove(filepath.Join(dirs[1], "plan.txt")))
	s.must(nodes[0].Start(s.ctx))
	s.must(nodes[1].Start(s.ctx))
	s.inStep(nodes[0], nodes[1])
	s.inStep(nodes[1], nodes[0])
	s.same(dirs...)
	if got := s.tree(dirs[1]); len(got) != 1 || got["plan.txt"] != "false edited" {
		t.Errorf("desk has %v", got)
	}
}

func TestHistoryAndRestore(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	dirs := s.attached("Notes", nodes...)
	for _, text := range []string{"one", "two", "three"} {
		s.write(s.dir, "poem", text) // at once whole: what is written in place may be seen empty
		s.must(os.Rename(filepath.Join(s.dir, "poem"), filepath.Join(dirs[0], "poem")))
		s.inStep(nodes[0], nodes[1])
	}
	s.must(os.Remove(filepath.Join(dirs[1], "poem")))
	s.inStep(nodes[1], nodes[0])
	var versions []node.Version
	s.must(nodes[1].Do(s.ctx, &versions, "history", "Notes", "poem"))
	if len(versions) != 4 || versions[0].Op != "delete" || !versions[2].Restorable {
		t.Fatalf("history: %+v", versions)
	}
	s.must(nodes[1].Do(s.ctx, nil, "restore", "Notes", "poem", versions[2].Version))
	s.inStep(nodes[1], nodes[0])
	s.same(dirs...)
	if got := s.read(dirs[0], "poem"); got != "two" {
		t.Errorf("restored %q", got)
	}
}

func TestAttachFullFolders(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	s.must(nodes[0].Do(s.ctx, nil, "space", "create", "Notes"))
	dirs := []string{filepath.Join(s.dir, "one"), filepath.Join(s.dir, "two")}
	for i, d := range dirs {
		s.write(d, "equal", "equal")
		s.write(d, "different", fmt.Sprint("of ", i))
		s.write(d, fmt.Sprint("only", i), "x")
	}
	s.must(nodes[0].Do(s.ctx, nil, "space", "attach", "Notes", dirs[0]))
	s.inStep(nodes[0], nodes[1])
	s.must(nodes[1].Do(s.ctx, nil, "space", "attach", "Notes", dirs[1]))
	s.inStep(nodes[1], nodes[0])
	s.inStep(nodes[0], nodes[1])
	s.same(dirs...)
	got := s.tree(dirs[0])
	texts := map[string]bool{}
	for _, content := range got {
		texts[content] = true
	}
	if len(got) != 5 || !texts["false of 0"] || !texts["false of 1"] {
		t.Errorf("after attaching both: %v", got)
	}
}
