//go:build headless

package main

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// TestLinks: a link to a space, a folder, a file finds it on every device that has the
// space, and says plainly what isn't there.
func TestLinks(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	dir := s.attached("Notes", laptop)[0]
	odd := "50% & more?#é.txt"
	s.write(dir, "sub/deep/"+odd, "one")
	s.inStep(laptop, desk)
	link := func(args ...string) string {
		var l struct{ URI string }
		s.must(laptop.Do(s.ctx, &l, append([]string{"link"}, args...)...))
		out, err := laptop.Raw(s.ctx, nil, append([]string{"link"}, args...)...)
		if s.must(err); string(out) != l.URI+"\n" || !strings.HasPrefix(l.URI, "willow://-") {
			t.Errorf("the link of %q is %q, and %q", args, l.URI, out)
		}
		return l.URI
	}
	for at, want := range map[string]node.LinkTarget{
		"Notes":                 {Kind: node.KindSpace},
		"Notes/sub":             {Kind: "folder", Path: "sub"},
		"Notes/sub/deep/" + odd: {Kind: "file", Path: "sub/deep/" + odd},
	} {
		uri := link(at)
		var here, there node.LinkTarget
		s.must(laptop.Do(s.ctx, &here, "open", uri))
		s.must(desk.Do(s.ctx, &there, "open", uri))
		if string(here.Local) != filepath.Join(dir, want.Path) || there.Local != "" {
			t.Errorf("%s is at %q here and %q there", at, here.Local, there.Local)
		}
		for _, got := range []node.LinkTarget{here, there} {
			if got.SpaceName != "Notes" || got.Kind != want.Kind || got.Path != want.Path {
				t.Errorf("%s opens as %+v", at, got)
			}
		}
	}
	const raw = "\xff.txt" // not UTF-8
	s.write(dir, raw, "two")
	s.inStep(laptop, desk)
	var rawAt node.LinkTarget
	s.must(laptop.Do(s.ctx, &rawAt, "open", link("--b64", "Notes/"+base64.StdEncoding.EncodeToString([]byte(raw)))))
	if at := rawPath(string(rawAt.Local), rawAt.LocalB64); at != filepath.Join(dir, raw) {
		t.Errorf("%+v, at %q", rawAt, at)
	}
	file := link("Notes/sub/deep/" + odd)
	var changed node.LinkTarget
	s.must(desk.Do(s.ctx, &changed, "open", file+"?digest="+strings.Repeat("0", 64)))
	if !changed.Changed {
		t.Error("a link to another version isn't told from one to this")
	}
	s.must(os.RemoveAll(filepath.Join(dir, "sub")))
	s.write(dir, "kept.txt", "so that not all goes")
	s.must(laptop.Until(s.ctx, "the file is gone", func() (bool, error) {
		var files []node.File
		err := laptop.Do(s.ctx, &files, "ls", "Notes", "sub")
		return len(files) == 0, err
	}))
	s.fails(laptop, 1, node.CodeNotFound, "open", file)
	var dead *stage.Failure
	if err := desk.Do(s.ctx, nil, "open", file); !errors.As(err, &dead) || !strings.Contains(dead.Hint, "moved or deleted") {
		t.Errorf("a link to nothing: %v", err)
	}
	s.fails(laptop, 1, node.CodeNotFound, "link", "Notes/sub")
	s.fails(laptop, 1, node.CodeNotFound, "link", "Nowhere")
	s.fails(laptop, 1, node.CodeNotFound, "open", "willow://-"+strings.Repeat("1", 64)+"."+strings.Repeat("1", 64))
	s.fails(laptop, 2, node.CodeUsage, "open", "https://example.org")
	s.fails(laptop, 2, node.CodeUsage, "link", "Notes/../x")
}
