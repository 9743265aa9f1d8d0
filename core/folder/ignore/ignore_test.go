package ignore_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"meadow/core/folder/ignore"
)

// set makes a set of files of rules by folder.
func set(t testing.TB, files map[string]string) *ignore.Set {
	t.Helper()
	return ignore.NewSet(func(dir string) ignore.File {
		text, ok := files[dir]
		if !ok {
			return ignore.File{}
		}
		l, err := ignore.Parse(strings.TrimPrefix(dir+"/"+ignore.Name, "/"), dir, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return ignore.File{List: l}
	})
}

// split makes a path of what tests write: folders end with a slash.
func split(p string) (path string, dir bool) {
	path, dir = strings.CutSuffix(p, "/")
	return path, dir
}

func TestDefaults(t *testing.T) {
	s := set(t, nil)
	for p, want := range map[string]bool{
		".DS_Store": true, "a/.DS_Store": true, "._photo.jpg": true, ".Trashes/": true, "Thumbs.db": true, "thumbs.db": true,
		"a/desktop.ini": true, "Desktop.ini": true, "$RECYCLE.BIN/": true, "System Volume Information/": true, "lost+found/": true,
		"lost+found": false, ".Trash-1000/": true, ".nfs000000000010c3a200000001": true, ".fuse_hidden000a": true, "draft.txt~": true, "~": true, "~home": false,
		".letter.odt.swp": true, ".letter.odt.swo": true, ".swp": true, "letter.swp": false, "4913": true, "4913/": false,
		".#letter": true, "#letter#": true, "#1.txt": false, "~$report.docx": true, "~WRL0001.tmp": true, "data.tmp": false,
		".~lock.sheet.ods#": true, ".goutputstream-ABC": true, "film.mkv.part": true, "x.crdownload": true, "x.partial": true,
		"partial": false, "a.parts": false, ".stfolder": true, ".stversions/": true, "notes.txt": false, ".git/": false,
		".meadowignore": false, ".hidden": false, "a~b": false, ".directory": true,
	} {
		if got := s.Match(split(p)) != nil; got != want {
			t.Errorf("%s: ignored is %v, want %v", p, got, want)
		}
	}
	for _, r := range ignore.Defaults() {
		if r.Problem != "" || r.Source != ignore.Default {
			t.Errorf("default %q from %s: %s", r.Pattern, r.Source, r.Problem)
		}
	}
	s = set(t, map[string]string{"": "!*~\n", "a": "!.DS_Store\n"})
	for p, want := range map[string]bool{"x~": false, ".DS_Store": true, "a/.DS_Store": false, "a/b/.DS_Store": false} {
		if got := s.Match(split(p)) != nil; got != want {
			t.Errorf("brought back, %s: ignored is %v, want %v", p, got, want)
		}
	}
}

func TestNested(t *testing.T) {
	s := set(t, map[string]string{
		"": "*.log\nbuild/\n/only-top\n", "a": "!keep.log\n/here\nsub/\n", "a/b": "keep.log\n", "build": "!*\n",
	})
	for p, want := range map[string]string{
		"x.log": "*.log", "a/x.log": "*.log", "a/keep.log": "", "a/b/keep.log": "keep.log", "keep.log": "*.log",
		"only-top": "/only-top", "a/only-top": "", "a/here": "/here", "a/b/here": "", "a/sub/": "sub/", "a/sub": "", "sub/": "",
		"build/": "build/", "build/x": "build/", "build/y/z/": "build/", "a/build/q": "build/", "build": "",
	} {
		got := ""
		if r := s.Match(split(p)); r != nil {
			got = r.Pattern
		}
		if got != want {
			t.Errorf("%s: rule %q, want %q", p, got, want)
		}
	}
	top, folder, r := s.Top("a/build/q/r", false)
	if top != "a/build" || !folder || r == nil || r.Source != ignore.Name || r.Line != 2 {
		t.Errorf("top is %s, %v, by %+v", top, folder, r)
	}
	if r := s.Match("a/b/keep.log", false); r.Source != "a/b/"+ignore.Name || r.Line != 1 {
		t.Errorf("rule %+v", r)
	}
}

// TestRulesAreNeverIgnored wants files of rules to arrive that end the rules.
func TestRulesAreNeverIgnored(t *testing.T) {
	s := set(t, map[string]string{"": "*\n!dir/\n.meadowignore\nhidden/"})
	for p, want := range map[string]bool{
		".meadowignore": false, "dir/.meadowignore": false, "hidden/.meadowignore": true, "x": true, "dir/": false, "dir/x": true,
		".meadowignore/": true,
	} {
		if got := s.Match(split(p)) != nil; got != want {
			t.Errorf("%s: ignored is %v, want %v", p, got, want)
		}
	}
}

// TestUnknownRules wants a folder left alone whose rules can't be known.
func TestUnknownRules(t *testing.T) {
	broken := &ignore.Rule{Source: "a/" + ignore.Name, Problem: "too large"}
	s := ignore.NewSet(func(dir string) ignore.File {
		if dir == "a" {
			return ignore.File{Broken: broken}
		}
		return ignore.File{}
	})
	for p, want := range map[string]bool{
		"a/": false, "b": false, "a/x": true, "a/b/x": true, "a/.meadowignore": false, "a/b/.meadowignore": true,
	} {
		r := s.Match(split(p))
		if (r != nil) != want || want && r != broken {
			t.Errorf("%s: rule %+v, want %v", p, r, want)
		}
	}
}

// TestWas wants both rules in force while it isn't certain which hold.
func TestWas(t *testing.T) {
	parse := func(text string) *ignore.List {
		l, err := ignore.Parse(ignore.Name, "", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	f := ignore.File{List: parse("new\n"), Was: parse("old\ndir/\n")}
	s := ignore.NewSet(func(dir string) ignore.File {
		if dir == "" {
			return f
		}
		return ignore.File{}
	})
	for p, want := range map[string]bool{"new": true, "old": true, "a/old": true, "a/b/new": true, "dir/x": true, "other": false, "x~": true} {
		if got := s.Match(split(p)) != nil; got != want {
			t.Errorf("%s: ignored is %v, want %v", p, got, want)
		}
	}
	f.Was = nil
	s.Forget("")
	for p, want := range map[string]bool{"new": true, "old": false, "dir/x": false} {
		if got := s.Match(split(p)) != nil; got != want {
			t.Errorf("afterwards, %s: ignored is %v, want %v", p, got, want)
		}
	}
}

func TestForget(t *testing.T) {
	files := map[string]string{"a": "x\n", "ab": "x\n", "a/b": "y\n"}
	s := set(t, files)
	for p := range map[string]bool{"a/x": true, "ab/x": true, "a/b/y": true} {
		if s.Match(p, false) == nil {
			t.Errorf("%s isn't ignored", p)
		}
	}
	clear(files)
	s.Forget("a")
	for p, want := range map[string]bool{"a/x": false, "ab/x": true, "a/b/y": false} {
		if got := s.Match(p, false) != nil; got != want {
			t.Errorf("%s: ignored is %v, want %v", p, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	l, err := ignore.Parse("f", "", []byte("\xef\xbb\xbfone\r\n\n# comment\n\\#two  \n!three\\ \n  \nfour\t\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range l.Rules() {
		got = append(got, fmt.Sprintf("%d:%s", r.Line, r.Pattern))
	}
	if want := []string{"1:one", `4:\#two`, `5:!three\ `, "7:four\t"}; !slices.Equal(got, want) {
		t.Errorf("rules %q, want %q", got, want)
	}
	for _, bad := range []string{"[a", "a[", "[[:nope:]]", `a\`, "/", "!", "//", "//a", "a//", "a\x00b", strings.Repeat("x", 1025), "[", "[]", "[a-"} {
		l, err := ignore.Parse("f", "", []byte(bad+"\nfine\n"))
		if err != nil || len(l.Rules()) != 2 || l.Rules()[0].Problem == "" || l.Rules()[1].Problem != "" {
			t.Errorf("%.20q: %+v, %v", bad, l.Rules(), err)
		}
	}
	for name, text := range map[string]string{
		"size": strings.Repeat("x", ignore.MaxSize+1), "rules": strings.Repeat("x\n", ignore.MaxRules+1),
	} {
		if _, err := ignore.Parse("f", "", []byte(text)); !errors.Is(err, ignore.ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ignore.Parse("f", "", []byte(strings.Repeat("x\n", ignore.MaxRules))); err != nil {
		t.Error(err)
	}
}

// FuzzRules gives hostile rules hostile paths, and compares each glob with a
// matcher that is plain and slow.
func FuzzRules(f *testing.F) {
	for _, c := range awkward {
		f.Add([]byte(strings.Join(c.rules, "\n")), c.path)
	}
	f.Add([]byte(strings.Repeat("*a", 50)+"b\n"+strings.Repeat("**/a*/", 15)+"b"), strings.Repeat("a/", 50)+"c")
	f.Fuzz(func(t *testing.T, text []byte, path string) {
		l, err := ignore.Parse(ignore.Name, "", text)
		if err != nil {
			return
		}
		s := ignore.NewSet(func(string) ignore.File { return ignore.File{List: l} })
		path = strings.Trim(path, "/")
		if path == "" || len(path) > 300 || len(text) > 3000 || strings.Contains(path, "//") {
			return
		}
		s.Match(path, false)
		s.Top(path, true)
		if len(path) > 20 || strings.Contains(path, "/") || path == ignore.Name {
			return
		}
		for _, r := range l.Rules() {
			if !plain(r.Pattern) {
				continue
			}
			one, err := ignore.Parse(ignore.Name, "", []byte("*\n!"+r.Pattern))
			if err != nil {
				t.Fatal(err)
			}
			s := ignore.NewSet(func(string) ignore.File { return ignore.File{List: one} })
			if got, want := s.Match(path, true) == nil, slow(r.Pattern, path); got != want {
				t.Errorf("%q on %q: %v, want %v", r.Pattern, path, got, want)
			}
		}
	})
}

// TestHostile wants the time that rules take to be bounded by what they are.
func TestHostile(t *testing.T) {
	for _, rule := range []string{
		strings.Repeat("*a", 500) + "b", strings.Repeat("**/a*/", 150) + "b", strings.Repeat("[a*]*", 200) + "b",
		strings.Repeat("a*/", 300) + "**/b", "/" + strings.Repeat("*", 1000) + "b",
	} {
		s := set(t, map[string]string{"": strings.Repeat(rule+"\n", 10)})
		for _, path := range []string{strings.Repeat("a", 4000), strings.Repeat("aaa/", 1000) + "a"} {
			if s.Match(path, true) != nil {
				t.Errorf("%.20q matches %.20q", rule, path)
			}
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	var rules []string
	for i := range 50 {
		switch i % 5 {
		case 0:
			rules = append(rules, fmt.Sprintf("name%d", i))
		case 1:
			rules = append(rules, fmt.Sprintf("*.ext%d", i))
		case 2:
			rules = append(rules, fmt.Sprintf("/top%d/**/x", i))
		case 3:
			rules = append(rules, fmt.Sprintf("dir%d/", i))
		case 4:
			rules = append(rules, fmt.Sprintf("part%d*[a-z]?.o", i))
		}
	}
	s := set(b, map[string]string{"": strings.Join(rules, "\n")})
	var paths []string
	for i := range 10_000 {
		paths = append(paths, fmt.Sprintf("folder %d/deeper/photo %d.jpeg", i/100, i))
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if s.Match(paths[n%len(paths)], false) != nil {
			b.Fatal("ignored")
		}
		n++
	}
}

func TestCached(t *testing.T) {
	s := set(t, map[string]string{"": "*.log\n", "a": "x\n", "b": "y\n"})
	if s.Cached("x.log", false) != nil || s.Cached("deep/x~", false) == nil {
		t.Error("before anything is read only the defaults count")
	}
	s.Match("a/x", false)
	for p, want := range map[string]bool{"q.log": true, "a/x": true, "a/deep/x": true, "b/y": false, "b/q.log": true, "c/d.log/e": true} {
		if got := s.Cached(p, false) != nil; got != want {
			t.Errorf("%s: ignored is %v, want %v", p, got, want)
		}
	}
}
