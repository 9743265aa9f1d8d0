package tree

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"meadow/core/willow"
)

func TestCheckPath(t *testing.T) {
	deep := strings.Repeat("a/", maxDepth-1) + "a"
	long := strings.Repeat(strings.Repeat("a", 200)+"/", 17) + strings.Repeat("b", MaxPath-17*200)
	for path, ok := range map[string]bool{
		"a": true, "a/b.c": true, "...": true, "a b/ü": true, "\xff": true, ".hidden": true, "a\n": true,
		"": false, "/": false, "/a": false, "a/": false, "a//b": false, ".": false, "..": false, "a/./b": false,
		"a/..": false, "a\x00": false,
		strings.Repeat("a", MaxName): true, strings.Repeat("a", MaxName+1): false,
		long: true, long + "b": false, deep + "/a/a/a": false,
	} {
		if err := CheckPath(path); (err == nil) != ok || err != nil && !errors.Is(err, ErrPath) {
			t.Errorf("%.40q (%d bytes): %v", path, len(path), err)
		}
	}
}

// TestLongestPath: what CheckPath accepts has room for its entries, and for
// those of its conflict copy.
func TestLongestPath(t *testing.T) {
	for _, last := range []int{1, 100, 400} {
		head := strings.Repeat(strings.Repeat("a", MaxName)+"/", 3)
		path := head + strings.Repeat("b", MaxPath-3*MaxName-last) + "/" + strings.Repeat("c", last)
		if err := CheckPath(path); err != nil {
			t.Fatal(err)
		}
		c, err := CopyPath(path, File, [32]byte{}, 1, willow.Digest{})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []string{path, c} {
			if _, err := detailsPath(p, willow.Digest{}); err != nil {
				t.Errorf("last name of %d: %v", last, err)
			}
		}
	}
}

func TestPathOf(t *testing.T) {
	digest := strings.Repeat("\xaa", 32)
	for _, c := range []struct {
		components []string
		path       string
		role       role
	}{
		{[]string{"files", "a"}, "a", bare},
		{[]string{"files", "a", "b"}, "a/b", bare},
		{[]string{"files", "a", "b", ""}, "a/b", payload},
		{[]string{"files", "a", "", digest}, "a", detail},
		{[]string{"files"}, "", foreign},
		{[]string{"files", ""}, "", foreign},
		{[]string{"files", "", digest}, "", foreign},
		{[]string{"claims", "a", ""}, "", foreign},
		{[]string{"files", "a", "", "b"}, "", foreign},
		{[]string{"files", "a", "", digest, ""}, "", foreign},
		{[]string{"files", "a/b", ""}, "", foreign},
		{[]string{"files", "..", ""}, "", foreign},
		{[]string{"files", "a\x00", ""}, "", foreign},
	} {
		p := willow.MustPath(c.components...)
		path, r, _ := place(p)
		if path != c.path || r != c.role {
			t.Errorf("%v is %q, role %d", p, path, r)
		}
		if path, ok := PathOf(p); path != c.path || ok != (c.role != foreign) {
			t.Errorf("PathOf(%v) = %q, %v", p, path, ok)
		}
	}
}

func TestParents(t *testing.T) {
	if got := slices.Collect(parents("a/b/c")); !slices.Equal(got, []string{"a/b", "a"}) {
		t.Error(got)
	}
	if got := slices.Collect(parents("a")); len(got) > 0 {
		t.Error(got)
	}
}

// TestCopyPath: copies lie beside the original, differ by author, time and
// bytes, and a copy's copy is another file.
func TestCopyPath(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringN(1, 300, MaxName).Filter(func(s string) bool { return validName(s) }).Draw(t, "name")
		at := willow.Timestamp(rapid.Uint64().Draw(t, "at"))
		path := "folder/" + name
		c, err := CopyPath(path, File, [32]byte{1}, at, willow.Digest{2})
		if err != nil {
			t.Fatal(err)
		}
		rest, beside := strings.CutPrefix(c, "folder/")
		if !beside || !validName(rest) || len(rest) > maxCopyName || !maybeCopy(c) || c == path {
			t.Fatalf("copy of %q is %q", path, c)
		}
		if utf8.ValidString(path) && !utf8.ValidString(c) {
			t.Fatalf("%q cut within a letter: %q", path, c)
		}
		for _, other := range []func() (string, error){
			func() (string, error) { return CopyPath(path, File, [32]byte{9}, at, willow.Digest{2}) },
			func() (string, error) { return CopyPath(path, File, [32]byte{1}, at+1, willow.Digest{2}) },
			func() (string, error) { return CopyPath(path, File, [32]byte{1}, at, willow.Digest{9}) },
			func() (string, error) { return CopyPath(c, File, [32]byte{1}, at, willow.Digest{2}) },
		} {
			if d, err := other(); err != nil || d == c {
				t.Fatalf("%q twice (%v)", c, err)
			}
		}
	})
}

func TestCopyPathShape(t *testing.T) {
	for path, want := range map[string]string{
		"a/notes.txt":    "a/notes (conflict 2000-01-01 11-58-50 ########).txt",
		".bashrc":        ".bashrc (conflict 2000-01-01 11-58-50 ########)",
		"archive.tar.gz": "archive.tar (conflict 2000-01-01 11-58-50 ########).gz",
	} {
		got, err := CopyPath(path, File, [32]byte{}, 0, willow.Digest{})
		i := strings.LastIndex(got, ")") - 8
		if err != nil || got[:i]+"########"+got[i+8:] != want {
			t.Errorf("copy of %q is %q (%v)", path, got, err)
		}
	}
	if got, _ := CopyPath("v1.2", Folder, [32]byte{}, 0, willow.Digest{}); !strings.HasPrefix(got, "v1.2 (conflict") {
		t.Errorf("copy of a folder is %q", got)
	}
	if _, err := CopyPath(strings.Repeat("a/", 4030)+"b", File, [32]byte{}, 0, willow.Digest{}); !errors.Is(err, ErrPath) {
		t.Errorf("no room, but %v", err)
	}
}

// TestIsFile: one entry of each version of a file says so, none of a folder or a
// deletion.
func TestIsFile(t *testing.T) {
	for kind, length := range map[Kind]uint64{File: 5, Symlink: 5, Folder: 0, Tombstone: 0} {
		for _, length := range []uint64{length, 0} {
			digest := willow.EmptyDigest
			if length > 0 {
				digest = willow.Digest{1}
			}
			of := willow.Entry{Path: willow.MustPath("files", "a", ""), Timestamp: 5, PayloadLength: length, PayloadDigest: digest}
			d := details{version: 1, kind: kind, of: ofEntry(of), at: 5}
			about := willow.Entry{Path: willow.MustPath("files", "a", "", string(digest[:])), Timestamp: 6, PayloadLength: 100}
			files := 0
			for _, e := range []willow.Entry{of, about} {
				if IsFile(e, d.encode) {
					files++
				}
			}
			if want := kind == File || kind == Symlink; files == 1 != want || files > 1 {
				t.Errorf("%v of %d bytes is %d files", kind, length, files)
			}
			if IsFile(about, func() []byte { return nil }) {
				t.Error("details that aren't known are a file")
			}
		}
	}
}
