package intake_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"meadow/core/node"
	"meadow/ui/space/catalog"
	"meadow/ui/space/intake"
)

// store keeps what is put in memory.
type store struct {
	files  map[string]string
	full   bool
	during func()
}

func (s *store) PutOver(_ context.Context, _, path, over string, content io.Reader) (node.Written, error) {
	if s.full {
		return node.Written{}, &node.Error{Code: node.CodeFull, Message: "the disk is full"}
	}
	if s.during != nil {
		s.during()
	}
	b, err := io.ReadAll(content)
	if err != nil {
		return node.Written{}, err
	}
	if text, ok := s.files[path]; ok && version(text) != over || !ok && over != "" {
		return node.Written{}, &node.Error{Code: node.CodeExists, Message: path + " has changed meanwhile"}
	}
	s.files[path] = string(b)
	v := version(string(b))
	return node.Written{Path: path, Version: &v, Bytes: int64(len(b))}, nil
}

func version(text string) string { return "v:" + text }

func (s *store) Remove(_ context.Context, _, path string) (node.Removed, error) {
	delete(s.files, path)
	return node.Removed{}, nil
}

func (s *store) Restore(_ context.Context, _, path, v string) (node.Written, error) {
	text, ok := strings.CutPrefix(v, "v:")
	if !ok {
		return node.Written{}, &node.Error{Code: node.CodeNotHere, Message: "its bytes aren't here"}
	}
	s.files[path] = text
	return node.Written{}, nil
}

func (s *store) History(_ context.Context, _, path string) ([]node.Version, error) {
	return []node.Version{{Version: version(s.files[path])}}, nil
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestBringIn drops a folder and a file where some names are taken, answers, and
// takes all back.
func TestBringIn(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/trip/a.txt", "new a")
	write(t, dir+"/trip/sub/b.txt", "new b")
	write(t, dir+"/trip/c.txt", "new c")
	write(t, dir+"/trip/d.txt", "new d")
	loose := write(t, dir+"/x.txt", "new x")
	if err := os.Symlink("a.txt", dir+"/trip/link"); err != nil {
		t.Skip("this system makes no links: ", err)
	}
	there := map[string]string{"in/trip/a.txt": "old a", "in/trip/sub": "a file where a folder goes", "in/x.txt/y": "below", "in/trip/c.txt": "old c"}
	s := &store{files: map[string]string{}}
	var list []node.File
	for path, text := range there {
		s.files[path] = text
		list = append(list, node.File{Path: path, Kind: "file", Version: version(text), Present: true})
	}
	c := catalog.Build(list, catalog.Facts{})

	p, err := intake.Gather(t.Context(), []string{dir + "/trip", loose}, "in")
	if err != nil || len(p.Files) != 5 || len(p.Left) != 1 || p.Left[0].Why != intake.Link || p.Bytes != 25 {
		t.Fatalf("%+v, %v", p, err)
	}
	if n := p.Clashes(c); n != 4 || p.Rest() != 4 {
		t.Fatalf("%d names are taken", n)
	}
	for f := p.Next(); f != nil; f = p.Next() {
		switch f.Path {
		case "in/trip/c.txt":
			p.Say(f, intake.Skip, false)
		default:
			p.Say(f, intake.Replace, false)
		}
	}
	p.Settle(c)
	told := 0
	r := intake.Run(t.Context(), s, "Space", p, func(intake.Progress) { told++ })
	if r.Stopped != nil || len(r.Put) != 4 || told == 0 {
		t.Fatalf("%+v", r)
	}
	want := map[string]string{
		"in/trip/a.txt": "new a", "in/trip/sub": there["in/trip/sub"], "in/trip/sub (2)/b.txt": "new b",
		"in/trip/c.txt": "old c", "in/trip/d.txt": "new d", "in/x.txt/y": "below", "in/x (2).txt": "new x",
	}
	if fmt.Sprint(s.files) != fmt.Sprint(want) {
		t.Errorf("there is %v", s.files)
	}
	s.files["in/trip/d.txt"] = "changed since"
	kept, err := intake.Undo(t.Context(), s, r)
	there["in/trip/d.txt"] = "changed since"
	if err != nil || kept != 1 || fmt.Sprint(s.files) != fmt.Sprint(there) {
		t.Errorf("%d kept, %v, there is %v", kept, err, s.files)
	}
}

// TestMeanwhile: what somebody else writes between the question and the answer's work
// is neither replaced nor taken away by Undo.
func TestMeanwhile(t *testing.T) {
	dir := t.TempDir()
	p := intake.Plan{Files: []intake.File{
		{Local: write(t, dir+"/a", "my a"), Path: "a"},
		{Local: write(t, dir+"/b", "my b"), Path: "b"},
		{Local: write(t, dir+"/c", "my c"), Path: "c"},
	}}
	p.Clashes(catalog.Build([]node.File{{Path: "a", Kind: "file", Version: version("old a")}}, catalog.Facts{}))
	p.Say(p.Next(), intake.Replace, true)
	s := &store{files: map[string]string{"a": "their new a", "b": "their b"}}
	r := intake.Run(t.Context(), s, "Space", p, func(intake.Progress) {})
	if len(r.Put) != 1 || len(r.Left) != 2 || r.Left[0].Why != intake.Refused || r.Stopped != nil {
		t.Errorf("%+v", r)
	}
	if _, err := intake.Undo(t.Context(), s, r); err != nil || fmt.Sprint(s.files) != "map[a:their new a b:their b]" {
		t.Errorf("there is %v, %v", s.files, err)
	}
}

// TestUndoGoesOn: one that can't be taken back doesn't keep the others.
func TestUndoGoesOn(t *testing.T) {
	s := &store{files: map[string]string{"a": "new a", "b": "new b"}}
	r := intake.Result{Put: []intake.Put{{Path: "a", Version: version("new a")}, {Path: "b", Version: version("new b"), Before: "unkept"}}}
	if _, err := intake.Undo(t.Context(), s, r); node.AsError(err).Code != node.CodeNotHere || fmt.Sprint(s.files) != "map[b:new b]" {
		t.Errorf("there is %v, %v", s.files, err)
	}
}

func TestForAll(t *testing.T) {
	c := catalog.Build([]node.File{{Path: "a", Kind: "file"}, {Path: "b", Kind: "file"}, {Path: "a (2)", Kind: "file"}}, catalog.Facts{})
	p := intake.Plan{Files: []intake.File{{Path: "a"}, {Path: "b"}, {Path: "c"}}}
	p.Clashes(c)
	p.Say(p.Next(), intake.Both, true)
	p.Settle(c)
	if got := fmt.Sprint(p.Files[0].Path, p.Files[1].Path, p.Files[2].Path); got != "a (3)b (2)c" || p.Next() != nil {
		t.Errorf("they go to %s", got)
	}
}

func TestStops(t *testing.T) {
	dir := t.TempDir()
	p := intake.Plan{Files: []intake.File{
		{Local: filepath.Join(dir, "gone"), Path: "gone"},
		{Local: write(t, dir+"/a", "a"), Path: "a"},
		{Local: write(t, dir+"/b", "b"), Path: "b"},
	}}
	quiet := func(intake.Progress) {}
	r := intake.Run(t.Context(), &store{full: true}, "Space", p, quiet)
	var why []intake.Reason
	for _, l := range r.Left {
		why = append(why, l.Why)
	}
	if node.AsError(r.Stopped).Code != node.CodeFull || r.Of != 3 || !slices.Equal(why, []intake.Reason{intake.Unreadable, intake.Refused, intake.Untried}) {
		t.Errorf("on a full disk: %+v", r)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r = intake.Run(ctx, &store{files: map[string]string{}, during: cancel}, "Space", p, quiet)
	if !r.Cancelled() || len(r.Put) != 0 || len(r.Left) != 1 {
		t.Errorf("cancelled: %+v", r)
	}
}
