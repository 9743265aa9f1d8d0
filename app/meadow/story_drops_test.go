//go:build headless

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// drop makes a call about a drop and returns its report on the one space in it.
func (s *story) drop(n *stage.Node, args ...string) (r node.DropReport, one node.DropSpace) {
	s.Helper()
	s.must(n.Do(s.ctx, &r, append([]string{"drop"}, args...)...))
	if len(r.Spaces) != 1 {
		s.Fatalf("%q reports %+v", args, r)
	}
	return r, r.Spaces[0]
}

// content waits until a file of a space has a text on a device.
func (s *story) content(n *stage.Node, space, path, want string) {
	s.Helper()
	got, err := n.Raw(s.ctx, nil, "get", space, path)
	if s.must(err); string(got) != want {
		s.Errorf("%s of %s has %d bytes on %s, not %d", path, space, len(got), n.Device, len(want))
	}
}

// TestDrop: what one device writes to a file another one takes in without any
// connection; what is there already is known, and a file isn't written over.
func TestDrop(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	dir := s.attached("Notes", laptop)[0]
	s.write(dir, "old.txt", "was there before")
	s.inStep(laptop, desk)
	s.must(desk.Do(s.ctx, nil, "pause"))
	large := strings.Repeat("0123456789abcdef", 200_000) // 3.2 MB
	s.write(dir, "sub/large.bin", large)
	s.write(dir, "sub/small.txt", "small")
	s.write(dir, "old.txt", "changed")
	s.write(dir, "empty.txt", "")
	s.must(laptop.Until(s.ctx, "the files are seen", func() (bool, error) {
		var files []node.File
		err := laptop.Do(s.ctx, &files, "ls", "Notes")
		bytes := int64(0)
		for _, f := range files {
			bytes += f.Bytes
		}
		return bytes == int64(len(large)+len("small")+len("changed")) && len(files) == 4, err
	}))

	file := filepath.Join(s.dir, "all.meadow-drop")
	_, wrote := s.drop(laptop, "export", "Notes", file)
	if wrote.Files != 4 || wrote.Missing != 0 || wrote.Bytes < int64(len(large)) {
		t.Errorf("the drop has %+v", wrote)
	}
	s.fails(laptop, 1, node.CodeExists, "drop", "export", "Notes", file)
	_, again := s.drop(laptop, "export", "Notes", file, "--force")
	if again.Entries != wrote.Entries {
		t.Errorf("the second drop has %+v", again)
	}
	shown, in := s.drop(desk, "show", file)
	if in.Entries != wrote.Entries || in.Files != 4 || !in.Here || in.Name != "Notes" || shown.Made.IsZero() || in.New != 0 {
		t.Errorf("desk shows %+v of %+v", in, shown)
	}
	_, took := s.drop(desk, "import", file)
	if took.New == 0 || took.Files != 4 || took.Bytes != wrote.Bytes || took.Refused != 0 || took.Missing != 0 || took.New+took.Known+took.Obsolete != took.Entries {
		t.Errorf("desk took in %+v", took)
	}
	s.content(desk, "Notes", "sub/large.bin", large)
	s.content(desk, "Notes", "sub/small.txt", "small")
	s.content(desk, "Notes", "old.txt", "changed")
	if _, known := s.drop(desk, "import", file); known.Known != known.Entries || known.Files != 0 || known.Missing != 0 {
		t.Errorf("the second time desk took in %+v", known)
	}
	s.must(desk.Do(s.ctx, nil, "resume"))
	s.inStep(laptop, desk)
	for _, log := range []string{"activity", "audit"} {
		var rows []struct{ Details map[string]any }
		s.must(desk.Until(s.ctx, "it is in the log", func() (bool, error) {
			err := desk.Do(s.ctx, &rows, log, "--kind", "drop")
			return len(rows) > 0, err
		}))
		if len(rows) != 1 || rows[0].Details["what"] != "taken" || rows[0].Details["file"] != file {
			t.Errorf("desk's %s has %+v", log, rows)
		}
	}
}

// TestDropOfAPart: a folder, a file, the newest files.
func TestDropOfAPart(t *testing.T) {
	s := tell(t)
	laptop := s.account("laptop")[0]
	s.must(laptop.Do(s.ctx, nil, "space", "create", "Notes"))
	for _, path := range []string{"a.txt", "sub/b.txt", "sub/c.txt", "d.txt"} {
		_, err := laptop.Raw(s.ctx, strings.NewReader(strings.Repeat(path[len(path)-5:], 1000)), "put", "Notes", path, "-")
		s.must(err)
	}
	out := filepath.Join(s.dir, "out")
	s.must(os.Mkdir(out, 0o700))
	for i, c := range []struct {
		args    []string
		files   int64
		path    string
		entries int64
	}{
		{[]string{"Notes/sub"}, 2, "sub", 4},
		{[]string{"Notes/sub/b.txt"}, 1, "sub/b.txt", 2},
		{[]string{"Notes", "--newest", "3"}, 3, "", 6},
		{[]string{"Notes/sub", "--newest", "1"}, 1, "sub", 2},
		{[]string{"Notes", "--max-size", "13kB"}, 2, "", 4},
	} {
		file := filepath.Join(out, strings.Repeat("x", i+1)+node.DropExt)
		_, wrote := s.drop(laptop, append([]string{"export", c.args[0], file}, c.args[1:]...)...)
		_, in := s.drop(laptop, "show", file)
		for _, d := range []node.DropSpace{wrote, in} {
			if d.Files != c.files || d.Entries != c.entries || d.Path != c.path {
				t.Errorf("%q: %+v", c.args, d)
			}
		}
	}
	named, _ := s.drop(laptop, "export", "Notes/sub", out)
	if name := filepath.Base(named.File); !strings.HasPrefix(name, "sub 20") || !strings.HasSuffix(name, node.DropExt) {
		t.Errorf("the drop is called %q", name)
	}
	if left, err := filepath.Glob(filepath.Join(out, ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	s.fails(laptop, 1, node.CodeNotFound, "drop", "export", "Notes/nowhere", filepath.Join(out, "n"))
	s.fails(laptop, 1, node.CodeIO, "drop", "export", "Notes", filepath.Join(out, "no", "such"))
	for _, wrong := range [][]string{{"--max-size", "4 apples"}, {"--newest", "0"}, {"--newest", "-1"}, {"--newest", "x"}} {
		s.fails(laptop, 2, node.CodeUsage, append([]string{"drop", "export", "Notes", filepath.Join(out, "n")}, wrong...)...)
	}
	for _, call := range [][]string{{"export", "Notes", ""}, {"import", ""}, {"show", ""}} {
		s.fails(laptop, 2, node.CodeUsage, append([]string{"drop"}, call...)...)
	}
}

// TestDropDamaged: what isn't a drop is refused; of one that is cut off or damaged what
// came before that is kept, and a whole one goes on there.
func TestDropDamaged(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	s.must(laptop.Do(s.ctx, nil, "space", "create", "Notes"))
	s.inStep(laptop, desk)
	s.must(desk.Do(s.ctx, nil, "pause"))
	large := strings.Repeat("fedcba9876543210", 200_000)
	_, err := laptop.Raw(s.ctx, strings.NewReader("first"), "put", "Notes", "a.txt", "-")
	s.must(err)
	_, err = laptop.Raw(s.ctx, strings.NewReader(large), "put", "Notes", "b.bin", "-")
	s.must(err)
	file := filepath.Join(s.dir, "all.meadow-drop")
	s.drop(laptop, "export", "Notes", file)
	whole, err := os.ReadFile(file)
	s.must(err)
	bad := filepath.Join(s.dir, "bad.meadow-drop")
	for _, b := range [][]byte{nil, []byte("hello"), whole[:20], append([]byte("x"), whole...)} {
		s.must(os.WriteFile(bad, b, 0o600))
		s.fails(desk, 1, node.CodeNotDrop, "drop", "show", bad)
		s.fails(desk, 1, node.CodeNotDrop, "drop", "import", bad)
	}
	s.fails(desk, 1, node.CodeNotFound, "drop", "import", filepath.Join(s.dir, "nowhere"))
	s.fails(desk, 1, node.CodeIO, "drop", "import", s.dir)
	s.must(os.WriteFile(bad, whole[:len(whole)/2], 0o600))
	got := s.says("", "", "--home", desk.Home, "--json", "drop", "import", bad)
	var half struct {
		Error  *node.Error
		Result node.DropReport
	}
	if err := json.Unmarshal([]byte(got.out), &half); err != nil || got.exit != 1 || half.Error == nil || half.Error.Code != node.CodeNotDrop {
		t.Errorf("half a drop: %+v, %v", got, err)
	} else if r := half.Result; len(r.Spaces) != 1 || r.Spaces[0].New == 0 || r.Spaces[0].Files != 2 || r.Spaces[0].Missing != 1 {
		t.Errorf("of half a drop it says %+v", r)
	}
	if got = s.says("", "", "--home", desk.Home, "drop", "import", bad); got.exit != 1 || !strings.Contains(got.out, "Notes") ||
		strings.Count(got.err, "\n") != 1 || !strings.Contains(got.err, "cut off") {
		t.Errorf("half a drop once more: %+v", got)
	}
	s.content(desk, "Notes", "a.txt", "first")
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-1000] ^= 1
	s.must(os.WriteFile(bad, flipped, 0o600))
	got = s.says("", "", "--home", desk.Home, "--json", "drop", "import", bad)
	half.Error, half.Result = nil, node.DropReport{}
	if err := json.Unmarshal([]byte(got.out), &half); err != nil || got.exit != 1 || half.Error == nil || half.Error.Code != node.CodeNotDrop ||
		len(half.Result.Spaces) != 1 || half.Result.Spaces[0].Missing != 1 {
		t.Errorf("with damaged content: %+v, %v", got, err)
	}
	_, took := s.drop(desk, "import", file)
	if took.Known == 0 || took.Missing != 0 {
		t.Errorf("the whole one gave %+v", took)
	}
	s.content(desk, "Notes", "b.bin", large)
	if i := bytes.Index(whole, []byte("first")); i < 0 {
		t.Error("a small file isn't as it is in the drop")
	}
}

// TestDropOfOthers: a device takes in nothing of spaces that it doesn't have, and of
// one that somebody shares only what they do share.
func TestDropOfOthers(t *testing.T) {
	s := tell(t)
	ana, bob := s.accountOf("Ana", "laptop")[0], s.accountOf("Bob", "phone")[0]
	s.must(ana.Do(s.ctx, nil, "space", "create", "Notes"))
	put := func(path, text string) {
		_, err := ana.Raw(s.ctx, strings.NewReader(text), "put", "Notes", path, "-")
		s.must(err)
	}
	put("sub/a.txt", "one")
	file := filepath.Join(s.dir, "all.meadow-drop")
	s.drop(ana, "export", "Notes", file)
	_, none := s.drop(bob, "import", file)
	if none.Here || none.Refused != none.Entries || none.Entries == 0 || len(none.Reasons) != 1 || none.Name != "Notes" {
		t.Errorf("Bob took in %+v", none)
	}
	s.acquainted(ana, bob)
	s.gives(ana, bob, "Notes/sub", "read")
	s.shows(bob, "sub/a.txt=one")
	s.must(bob.Do(s.ctx, nil, "pause"))
	put("sub/a.txt", "two")
	put("top.txt", "not for Bob")
	s.drop(ana, "export", "Notes", file, "--force")
	_, some := s.drop(bob, "import", file)
	if some.New == 0 || some.Refused == 0 || len(some.Reasons) != 1 {
		t.Errorf("Bob took in %+v", some)
	}
	s.shows(bob, "sub/a.txt=two")
	// What somebody shares can be carried too, by who has it.
	if _, wrote := s.drop(bob, "export", "Notes", file, "--force"); wrote.Files != 1 {
		t.Errorf("Bob wrote %+v", wrote)
	}
}
