package folder_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"

	"meadow/core/blob"
	"meadow/core/folder"
	"meadow/core/folder/ignore"
	"meadow/core/willow"
)

// lines writes what is skipped as people read it.
func lines(found folder.Ignored) (all []string) {
	for _, k := range found.Skipped {
		all = append(all, fmt.Sprintf("%s %s: %d files, %d bytes, %s in %s:%d", k.Kind, k.Path, k.Files, k.Bytes, k.Rule.Pattern, k.Rule.Source, k.Rule.Line))
	}
	return all
}

func trial(t *testing.T, text string) *ignore.List {
	t.Helper()
	l, err := ignore.Parse(ignore.Name, "", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestIgnored(t *testing.T) {
	d := newDevice(t, "a")
	d.write(rulesFile, "build/\n*.log\n[a\n")
	d.write("p/"+rulesFile, "!keep.log\n")
	for _, p := range []string{"a.log", "p/b.log", "p/keep.log", "build/x", "build/y/z", "note", "note~"} {
		d.write(p, "12345")
	}
	d.must(os.Symlink("note", d.path("link.log")))
	d.start()
	before := d.disk()
	for name, c := range map[string]struct {
		trial *ignore.List
		want  []string
		bytes int64
	}{
		"now": {nil, []string{
			"file a.log: 1 files, 5 bytes, *.log in .meadowignore:2", "folder build: 2 files, 10 bytes, build/ in .meadowignore:1",
			"symlink link.log: 1 files, 4 bytes, *.log in .meadowignore:2", "file note~: 1 files, 5 bytes, *~ in default:22",
			"file p/b.log: 1 files, 5 bytes, *.log in .meadowignore:2",
		}, 29},
		"trial": {trial(t, "!*~\np\n"), []string{"folder p: 3 files, 20 bytes, p in .meadowignore:2"}, 20},
	} {
		found, err := d.folder.Ignored(d.ctx(), c.trial)
		if err != nil || !slices.Equal(lines(found), c.want) || found.Bytes != c.bytes || found.Partial || found.More > 0 {
			t.Errorf("%s: %q, %d bytes, %v; want %q", name, lines(found), found.Bytes, err, c.want)
		}
	}
	found, err := d.folder.Ignored(d.ctx(), nil)
	d.must(err)
	rules := found.Rules[len(ignore.Defaults()):]
	if len(rules) != 4 || rules[2].Problem == "" || rules[3].Source != "p/"+rulesFile {
		t.Errorf("rules are %+v", rules)
	}
	d.has(before)
	ctx, cancel := context.WithCancel(d.ctx())
	cancel()
	if _, err := d.folder.Ignored(ctx, nil); err == nil {
		t.Error("it goes on when nobody wants it")
	}
	d.stop()
	d.must(os.Rename(d.dir, d.dir+".gone"))
	if _, err := newFolder(t, d).Ignored(d.ctx(), nil); err == nil {
		t.Error("a directory that isn't there has nothing ignored")
	}
}

// newFolder makes a Folder that doesn't run.
func newFolder(t *testing.T, d *device) *folder.Folder {
	t.Helper()
	f, err := folder.New(folder.Config{ID: "space", Dir: d.dir, Tree: d.tree, Blobs: d.blobs, Scope: scope, Index: d.db.Folders()})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestIgnoredInTree(t *testing.T) {
	d := newDevice(t, "a")
	d.put(
		d.edit(rulesFile, "build/\n*.log\n"), d.edit("p/"+rulesFile, "!keep.log\n"), d.edit("build/"+rulesFile, "none"),
		d.edit("a.log", "12345"), d.edit("p/keep.log", "12345"), d.edit("build/x", "12345"), d.edit("build/y/z", "12345"), d.edit("note", "1"),
	)
	read := func(ctx context.Context, h willow.Digest) ([]byte, error) {
		return d.blobs.ReadAll(ctx, blob.Hash(h), ignore.MaxSize)
	}
	found, err := folder.IgnoredInTree(d.ctx(), d.tree, read, nil)
	want := []string{"file a.log: 1 files, 5 bytes, *.log in .meadowignore:2", "folder build: 3 files, 14 bytes, build/ in .meadowignore:1"}
	if err != nil || !slices.Equal(lines(found), want) || len(found.Rules) != len(ignore.Defaults())+3 {
		t.Errorf("%q, %+v, %v", lines(found), found.Rules, err)
	}
	found, err = folder.IgnoredInTree(d.ctx(), d.tree, read, trial(t, "p/\n"))
	want = []string{"folder p: 2 files, 15 bytes, p/ in .meadowignore:1"}
	if err != nil || !slices.Equal(lines(found), want) {
		t.Errorf("with others: %q, %v", lines(found), err)
	}
	d.put(d.edit("p/"+rulesFile, string(make([]byte, ignore.MaxSize+1))))
	found, err = folder.IgnoredInTree(d.ctx(), d.tree, read, trial(t, "none"))
	if last := found.Rules[len(found.Rules)-1]; err != nil || last.Problem == "" || last.Pattern != "" || len(found.Skipped) != 1 || found.Skipped[0].Path != "p/keep.log" {
		t.Errorf("with rules that can't be used: %q, %+v, %v", lines(found), last, err)
	}
}
