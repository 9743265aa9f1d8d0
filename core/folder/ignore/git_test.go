package ignore_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"meadow/core/folder/ignore"
)

// awkward is what `git check-ignore` of git 2.39.5 said; TestGit asks it again.
// A path that ends with a slash is a folder.
var awkward = []struct {
	rules []string
	path  string
	want  bool
}{
	{[]string{"foo"}, "foo", true},
	{[]string{"foo"}, "a/foo/", true},
	{[]string{"foo"}, "a/foo/x", true},
	{[]string{"/foo"}, "a/foo", false},
	{[]string{"a/foo"}, "b/a/foo", false},
	{[]string{"a/foo"}, "a/foo", true},
	{[]string{"foo/"}, "foo", false},
	{[]string{"foo/"}, "foo/x", true},
	{[]string{"foo/*"}, "foo/x", true},
	{[]string{"foo/*"}, "foo/x/y", true},
	{[]string{"foo/*", "!foo/x"}, "foo/x", false},
	{[]string{"foo/", "!foo/x"}, "foo/x", true},
	{[]string{"foo", "!foo"}, "foo", false},
	{[]string{"!foo", "foo"}, "foo", true},
	{[]string{"*", "!*/", "!*.c"}, "a/b.c", false},
	{[]string{"*", "!*/", "!*.c"}, "a/b.h", true},
	{[]string{"**"}, "a/b", true},
	{[]string{"**/foo"}, "foo", true},
	{[]string{"**/foo"}, "a/b/foo", true},
	{[]string{"foo/**"}, "foo/", false},
	{[]string{"foo/**"}, "foo/x/y", true},
	{[]string{"a/**/b"}, "a/b", true},
	{[]string{"a/**/b"}, "a/x/y/b", true},
	{[]string{"a/**/b"}, "ab", false},
	{[]string{"a/**/**/b"}, "a/b", true},
	{[]string{"a**/b"}, "ax/b", true},
	{[]string{"a**/b"}, "ax/y/b", true},
	{[]string{"a**b"}, "ax/yb", false},
	{[]string{"a/x**y"}, "a/x1/2y", false},
	{[]string{"**a/b"}, "x/ya/b", false},
	{[]string{"/**a/b"}, "ya/b", true},
	{[]string{`a/**\/b`}, "a/x/b", true},
	{[]string{`a/**\/b`}, "a/b", false},
	{[]string{"*/foo"}, "a/b/foo", false},
	{[]string{"*/foo"}, "a/foo", true},
	{[]string{"?.c"}, "a.c", true},
	{[]string{"a?b/c"}, "a/b/c", false},
	{[]string{"a[/]b"}, "a/b", false},
	{[]string{"[a-c].o"}, "b.o", true},
	{[]string{"[!a-c].o"}, "b.o", false},
	{[]string{"[^a-c].o"}, "d.o", true},
	{[]string{"[]].o"}, "].o", true},
	{[]string{"[!]].o"}, "].o", false},
	{[]string{"[]-a].o"}, "^.o", true},
	{[]string{"[a-].o"}, "-.o", true},
	{[]string{"[--0].o"}, "..o", true},
	{[]string{`[\]].o`}, "].o", true},
	{[]string{`[\-x].o`}, "-.o", true},
	{[]string{"[[:digit:]].o"}, "5.o", true},
	{[]string{"[[:alpha:][:digit:]].o"}, "_.o", false},
	{[]string{"[[:space:]].o"}, "\v.o", false},
	{[]string{"[[:nope:]].o"}, "n.o", false},
	{[]string{"[[:digit].o"}, "g.o", true},
	{[]string{"[a.o"}, "[a.o", false},
	{[]string{`\[a.o`}, "[a.o", true},
	{[]string{`\!x`}, "!x", true},
	{[]string{`\#x`}, "#x", true},
	{[]string{"#x"}, "#x", false},
	{[]string{`\a`}, "a", true},
	{[]string{`a\`}, `a\`, false},
	{[]string{`a\\`}, `a\`, true},
	{[]string{`a\*`}, "ab", false},
	{[]string{`a\*`}, "a*", true},
	{[]string{"a "}, "a", true},
	{[]string{`a\ `}, "a ", true},
	{[]string{`a\  `}, "a ", true},
	{[]string{"a\t"}, "a", false},
	{[]string{" a"}, " a", true},
	{[]string{"a b"}, "a b", true},
	{[]string{"a\r"}, "a", true},
	{[]string{"A"}, "a", false},
	{[]string{"\xff*"}, "\xff\xfe", true},
	{[]string{"[\x80-\xff]x"}, "\x90x", true},
	{[]string{"ü?"}, "üx", true},
	{[]string{"?"}, "ü", false},
	{[]string{"!"}, "!", false},
	{[]string{"!!a"}, "!a", false},
	{[]string{"/"}, "a", false},
	{[]string{"*/"}, "a", false},
	{[]string{"*/"}, "a/", true},
	{[]string{"/*"}, "a", true},
	{[]string{"/*", "!/a"}, "a/b", false},
	{[]string{"/*/b"}, "a/b", true},
	{[]string{"a*b*c"}, "aXbXbc", true},
	{[]string{"*a*b"}, "xaxab", true},
	{[]string{"**/*a/*b"}, "q/xa/xc/ya/zb", true},
}

func TestAwkward(t *testing.T) {
	for _, c := range awkward {
		s := set(t, map[string]string{"": strings.Join(c.rules, "\n")})
		if got := s.Match(split(c.path)) != nil; got != c.want {
			t.Errorf("%q on %q: ignored is %v, want %v", c.rules, c.path, got, c.want)
		}
	}
}

// repository is a git repository that is asked what it ignores.
type repository struct {
	testing.TB
	dir string
	env []string
}

func newRepository(t testing.TB) *repository {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git here")
	}
	r := &repository{TB: t, dir: t.TempDir()}
	r.env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "HOME="+r.dir, "XDG_CONFIG_HOME="+r.dir)
	r.git(nil, "init", "-q", ".")
	return r
}

func (r *repository) git(in []byte, args ...string) []byte {
	r.Helper()
	c := exec.Command("git", args...)
	c.Dir, c.Env, c.Stdin = r.dir, r.env, bytes.NewReader(in)
	out, err := c.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) { // 1: nothing is ignored
		r.Fatalf("git %q: %v", args, err)
	}
	return out
}

// make makes an empty file, or a folder if the path ends with a slash.
func (r *repository) make(path string) {
	r.Helper()
	p, dir := split(path)
	p = filepath.Join(r.dir, p)
	if !dir {
		dir, path = true, filepath.Dir(p)
		if err := os.MkdirAll(path, 0o755); err != nil {
			r.Fatal(err)
		}
		if err := os.WriteFile(p, nil, 0o644); err != nil {
			r.Fatal(err)
		}
		return
	}
	if err := os.MkdirAll(p, 0o755); err != nil {
		r.Fatal(err)
	}
}

// ignored asks git about paths.
func (r *repository) ignored(rules map[string]string, paths []string) map[string]bool {
	r.Helper()
	for dir, text := range rules {
		if err := os.WriteFile(filepath.Join(r.dir, dir, ".gitignore"), []byte(text), 0o644); err != nil {
			r.Fatal(err)
		}
	}
	var in bytes.Buffer
	for _, p := range paths {
		p, _ = split(p)
		in.WriteString(p + "\x00")
	}
	got := map[string]bool{}
	for _, p := range strings.Split(string(r.git(in.Bytes(), "check-ignore", "--no-index", "-z", "--stdin")), "\x00") {
		got[p] = true
	}
	for dir := range rules {
		if err := os.Remove(filepath.Join(r.dir, dir, ".gitignore")); err != nil {
			r.Fatal(err)
		}
	}
	return got
}

// TestGit asks git for the answers of the table.
func TestGit(t *testing.T) {
	r := newRepository(t)
	for _, c := range awkward {
		r.make(c.path)
		p, _ := split(c.path)
		if got := r.ignored(map[string]string{"": strings.Join(c.rules, "\n")}, []string{c.path})[p]; got != c.want {
			t.Errorf("%q on %q: git says %v, the table %v", c.rules, c.path, got, c.want)
		}
		if err := os.RemoveAll(filepath.Join(r.dir, strings.Split(p, "/")[0])); err != nil {
			t.Fatal(err)
		}
	}
}

// TestGitRandom compares with git what rules make of a tree that nobody has
// thought about.
func TestGitRandom(t *testing.T) {
	r := newRepository(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	parts := []string{"a", "b", "ab", "aab", "a.b", "-", "]", "[a]", "a b", "b ", "*", `\`, "\x80"}
	var paths []string
	for _, x := range parts {
		for _, y := range []string{"a", "b", "ab", "a*b"} {
			for _, z := range []string{"a", "b", "ba", "b "} {
				paths = append(paths, "d"+x+"/", "d"+x+"/"+y+"/", "d"+x+"/"+y+"/"+z)
			}
		}
		paths = append(paths, x, "f"+x)
	}
	for _, p := range paths {
		r.make(p)
	}
	pieces := []string{
		"a", "b", "d", "f", "*", "**", "/", "/", "?", "[ab]", "[!a]", "[a-b]", `\`, " ", "d*", "*/", "**/", "/**", ".", "[", "]", "!", "-",
		"[]]", "[[:alpha:]]", "da", "ab", "\x80", `\*`, "[^/]", "[--b]", "[\\]a]",
	}
	rounds := 100
	if testing.Short() {
		rounds = 20
	}
	wrong := 0
	for range rounds {
		rules := map[string]string{}
		for _, dir := range []string{"", "da", "db/a"} {
			var b strings.Builder
			for range 1 + rnd.IntN(4) {
				if rnd.IntN(4) == 0 {
					b.WriteByte('!')
				}
				for range 1 + rnd.IntN(5) {
					b.WriteString(pieces[rnd.IntN(len(pieces))])
				}
				b.WriteByte('\n')
			}
			rules[dir] = b.String()
		}
		git, ours := r.ignored(rules, paths), set(t, rules)
		for _, path := range paths {
			p, dir := split(path)
			if got := ours.Match(p, dir) != nil; got != git[p] {
				t.Errorf("%q on %q: ignored is %v, git says %v", rules, path, got, git[p])
				if wrong++; wrong > 10 {
					t.FailNow()
				}
			}
		}
	}
}

// TestGitDefaults wants the defaults to be gitignore rules.
func TestGitDefaults(t *testing.T) {
	r := newRepository(t)
	var text strings.Builder
	for _, d := range ignore.Defaults() {
		fmt.Fprintln(&text, d.Pattern)
	}
	paths := []string{".DS_Store", "x~", "~", "4913", "#a#", ".Trash-1/", "lost+found/", ".x.swp", "x", "~a.tmp", ".nfs0"}
	for _, p := range paths {
		r.make(p)
	}
	git, ours := r.ignored(map[string]string{"": text.String()}, paths), set(t, nil)
	for _, path := range paths {
		p, dir := split(path)
		if got := ours.Match(p, dir) != nil; got != git[p] {
			t.Errorf("%q: ignored is %v, git says %v", path, got, git[p])
		}
	}
}
