package names

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

const (
	nfc = "caf\u00e9.txt"
	nfd = "cafe\u0301.txt"
)

func TestCheck(t *testing.T) {
	all := []System{Windows, MacOS, Linux}
	for name, want := range map[string]struct {
		systems  []System
		proposed string
	}{
		"a":                                 {},
		"a.txt":                             {},
		"readme-1_2.txt":                    {},
		"ünïcode":                           {},
		nfc:                                 {},
		nfd:                                 {},
		"😀👨‍👩‍👧":                            {},
		"-rf":                               {},
		"..foo":                             {},
		".hidden":                           {},
		" leading":                          {},
		"it's":                              {},
		"\u202egpj.exe":                     {}, // shown with care, but any system holds it
		".meadow-notes":                     {},
		".meadow-0123456789abcdeg.tmp":      {},
		".meadow-0123456789abcdef.tmp":      {all, ".meadow-0123456789abcdef.tmp_"},
		".meadow-drop-notes.tmp":            {},
		".meadow-drop-0123456789abcdef.tmp": {all, ".meadow-drop-0123456789abcdef.tmp_"},
		".meadow-0123456789abcdef.tmp.lent": {all, ".meadow-0123456789abcdef.tmp.lent_"},
		strings.Repeat("x", 220):            {},
		strings.Repeat("x", 221):            {[]System{Windows}, strings.Repeat("x", 220)}, // as a path
		strings.Repeat("x", 256):            {all, strings.Repeat("x", 220)},
		strings.Repeat("日", 85):             {},
		strings.Repeat("日", 86) + ".txt":    {[]System{Linux}, strings.Repeat("日", 72) + ".txt"},
		strings.Repeat("😀", 128):            {all, strings.Repeat("😀", 55)},
		"\xff":                              {[]System{Windows, MacOS}, "%FF"},
		"caf\xe9.txt":                       {[]System{Windows, MacOS}, "caf%E9.txt"},
		"a:b":                               {[]System{Windows}, "a_b"},
		`a\b`:                               {[]System{Windows}, "a_b"},
		`"quoted"`:                          {[]System{Windows}, "_quoted_"},
		"what?":                             {[]System{Windows}, "what_"},
		"tab\t":                             {[]System{Windows}, "tab_"},
		"two\nlines":                        {[]System{Windows}, "two_lines"},
		"<>:|?*":                            {[]System{Windows}, "______"},
		"end.":                              {[]System{Windows}, "end"},
		"end  ":                             {[]System{Windows}, "end"},
		"a b c d e f g.":                    {[]System{Windows}, "a b c d e f g"},
		"longer-name.":                      {[]System{Windows}, "longer-name"},
		"...":                               {[]System{Windows}, "_"},
		" ":                                 {[]System{Windows}, "_"},
		"nul":                               {[]System{Windows}, "nul_"},
		"NUL.txt":                           {[]System{Windows}, "NUL_.txt"},
		"CON.txt.":                          {[]System{Windows}, "CON_.txt"},
		"com1":                              {[]System{Windows}, "com1_"},
		"COM¹.log":                          {[]System{Windows}, "COM¹_.log"},
		"com":                               {},
		"comet":                             {},
		"COM10":                             {},
		"conin$":                            {[]System{Windows}, "conin$_"},
		"LPT9.x.y":                          {[]System{Windows}, "LPT9_.x.y"},
		"CON .txt":                          {[]System{Windows}, "CON_.txt"},
		"console.txt":                       {},
	} {
		var s Survey
		s.Add(name, 1)
		ps := s.Problems()
		if want.systems == nil {
			if len(ps) > 0 {
				t.Errorf("%q: %+v", name, ps)
			}
			continue
		}
		if len(ps) != 1 || !slices.Equal(ps[0].Systems, want.systems) || ps[0].Proposed != want.proposed || ps[0].Part != name || ps[0].Text == "" {
			t.Errorf("%.40q: %+v, want %v", name, ps, want)
		}
	}
}

func TestReasons(t *testing.T) {
	for name, want := range map[string]string{
		"a??b:c":                 `it has the character '?' and ':', which Windows doesn't allow`,
		"end. ..":                `it ends with 3 dots and a space, which Windows takes away`,
		"aux.c":                  `aux is a name of a device on Windows`,
		"\xffa\xfe":              `its bytes ff fe are no text (UTF-8), which Windows and macOS need`,
		strings.Repeat("日", 100): `it is 300 bytes long, 45 more than Linux holds`,
	} {
		if flaws := Check(name); len(flaws) != 1 || flaws[0].Text != want {
			t.Errorf("%.20q: %+v", name, flaws)
		}
	}
}

// survey is what is found in a tree whose paths came one after the other.
func survey(paths ...string) []Problem {
	times := map[string]uint64{}
	for i, p := range paths {
		times[p] = uint64(i)
	}
	return surveyAt(times)
}

func surveyAt(times map[string]uint64) []Problem {
	var s Survey
	for _, p := range inOrder(times) {
		s.Add(p, times[p])
	}
	return s.Problems()
}

// inOrder is the paths in the order of a tree.
func inOrder(times map[string]uint64) []string {
	var paths []string
	for p := range times {
		paths = append(paths, p)
	}
	slices.SortFunc(paths, func(a, b string) int { return slices.Compare(strings.Split(a, "/"), strings.Split(b, "/")) })
	return paths
}

func TestClashes(t *testing.T) {
	both, mac := []System{Windows, MacOS}, []System{MacOS}
	type problem struct {
		path, proposed string
		systems        []System
	}
	for name, c := range map[string]struct {
		paths []string
		want  []problem
	}{
		"case":             {[]string{"Readme", "README"}, []problem{{"README", "README (2)", both}}},
		"case, other way":  {[]string{"README", "Readme"}, []problem{{"Readme", "Readme (2)", both}}},
		"ending":           {[]string{"a.txt", "A.TXT", "A (2).txt"}, []problem{{"A.TXT", "A (3).TXT", both}}},
		"three":            {[]string{"a", "A", "å", "Å"}, []problem{{"A", "A (2)", both}, {"Å", "Å (2)", both}}},
		"accents":          {[]string{nfc, nfd}, []problem{{nfd, "caf\u00e9 (2).txt", mac}}},
		"accents, NFD":     {[]string{nfd, nfc}, []problem{{nfc, "caf\u00e9 (2).txt", mac}}},
		"case and accents": {[]string{nfc, "CAFE\u0301.TXT"}, []problem{{"CAFE\u0301.TXT", "CAF\u00c9 (2).TXT", mac}}},
		"sharp s":          {[]string{"gro\u00df", "GROSS"}, []problem{{"GROSS", "GROSS (2)", mac}}},
		"dotless i":        {[]string{"\u0131", "i"}, nil},
		"not beside":       {[]string{"a/x", "b/X"}, nil},
		"folders":          {[]string{"a/x", "A/y", "A/z"}, []problem{{"A", "A (2)", both}}},
		"older folder":     {[]string{"A/z", "a/x", "A/y"}, []problem{{"a", "a (2)", both}}},
		"file and folder":  {[]string{"a", "A/y"}, []problem{{"A", "A (2)", both}}},
		"with a flaw":      {[]string{"a_b", "A?B", "a?b"}, []problem{{"A?B", "A_B (2)", []System{Windows}}, {"a?b", "a_b (3)", both}}},
		"inside out":       {[]string{"CON/a?", "CON/b"}, []problem{{"CON/a?", "CON/a_", []System{Windows}}, {"CON", "CON_", []System{Windows}}}},
		"not text":         {[]string{"\xff", "%ff"}, []problem{{"\xff", "%FF (2)", both}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := survey(c.paths...)
			if len(got) != len(c.want) {
				t.Fatalf("%+v", got)
			}
			for i, w := range c.want {
				if g := got[i]; g.Path != w.path || g.Proposed != w.proposed || !slices.Equal(g.Systems, w.systems) {
					t.Errorf("%+v, want %+v", g, w)
				}
			}
		})
	}
}

func TestKept(t *testing.T) {
	var s Survey
	s.Add("README", 2)
	s.Add("Readme", 1)
	if ps := s.Problems(); len(ps) != 1 || ps[0].Path != "README" {
		t.Fatalf("%+v", ps)
	}
	if k := s.Kept(); len(k) != 1 || k[0].Path != "Readme" || k[0].Proposed != "Readme (3)" {
		t.Errorf("%+v", k)
	}
}

func TestLongPaths(t *testing.T) {
	deep := strings.Repeat("a folder/", 23) // 207
	ps := survey(deep+"and a long name.txt", deep+"short", "a folder/and a long name.txt")
	if len(ps) != 1 || !slices.Equal(ps[0].Systems, []System{Windows}) || ps[0].Part != ps[0].Path {
		t.Fatalf("%+v", ps)
	}
	if want := strings.Repeat("a folder/", 22) + "and a long name.txt"; ps[0].Proposed != want {
		t.Errorf("proposed %q", ps[0].Proposed)
	}
	name := strings.Repeat("n", 200)
	ps = survey("somewhere else/and deeper/"+name+".txt", "x")
	if want := "somewhere else/and deeper/" + name[:220-26-4] + ".txt"; len(ps) != 1 || ps[0].Proposed != want {
		t.Errorf("%+v", ps)
	}
	ps = survey(strings.Repeat("日/", 1200) + "f") // moves to where there is room
	if len(ps) != 1 || !slices.Equal(ps[0].Systems, []System{Windows, MacOS, Linux}) || !holds(ps[0].Proposed) {
		t.Errorf("%+v", ps)
	}
}

func TestCutKeepsLettersWhole(t *testing.T) {
	for _, c := range []struct {
		s    string
		n    int
		want string
	}{
		{"abc", 3, "abc"},
		{"abcd", 3, "abc"},
		{"ab\u00e9d", 3, "ab"},
		{"abe\u0301d", 3, "ab"},
		{"abe\u0301d", 5, "abe\u0301"},
		{"日本", 4, "日"},
		{"e\u0301", 1, ""},
	} {
		if got := cut(c.s, c.n); got != c.want {
			t.Errorf("cut(%q, %d) = %q, want %q", c.s, c.n, got, c.want)
		}
	}
}

// TestPlain checks the short way of Check against the long one.
func TestPlain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if name := oddName().Draw(t, "name"); plain(name) {
			if units(name) > maxUnits || badBytes(name)+forbidden(name)+badEnd(name)+reserved(name) != "" || IsTemp(name) {
				t.Errorf("%q is taken for plain", name)
			}
		}
	})
}

// oddName makes names that are likely to be bad, or to be each other's likes.
func oddName() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{
		"a", "A", "b", "con", "CON", "lpt1", "COM\u00b2", ".", "..", " ", "?", "_", "\xff", "%FF", "\u00e9", "e\u0301", "E\u0301", "\u00c9",
		" (2)", " (3)", ".txt", ".TXT", "ß", "SS", "ss", "\t", ":", "\\", "日", "😀", "\u212a", "k", "K", "\u0131", "i", "I", "\u0130",
		"\u03c3", "\u03c2", "\u03a3", "\u0958", "\u1e9e", "plain-name", ".meadow-0123456789abcdef.tmp", strings.Repeat("x", 120), strings.Repeat("日", 50), "\u202e",
	})
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(piece, 1, 5).Draw(t, "pieces"), "")
	}).Filter(func(s string) bool { return s != "." && s != ".." })
}

// TestProposalsSolveEverything renames as proposed, in the order of the problems,
// and expects a tree without any.
func TestProposalsSolveEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times := map[string]uint64{}
		for range rapid.IntRange(1, 12).Draw(t, "files") {
			parts := rapid.SliceOfN(oddName(), 1, 2).Draw(t, "path")
			times[strings.Join(parts, "/")] = rapid.Uint64Range(1, 4).Draw(t, "time")
		}
		for p := range times { // a name is a file or a folder
			if dir, _, ok := strings.Cut(p, "/"); ok {
				delete(times, dir)
			}
		}
		problems := surveyAt(times)
		if again := surveyAt(times); !slices.EqualFunc(problems, again, func(a, b Problem) bool { return a.Path == b.Path && a.Proposed == b.Proposed }) {
			t.Fatalf("%+v, then %+v", problems, again)
		}
		left := map[string]bool{} // by files that were alone in it
		for _, p := range problems {
			rename(t, times, p.Path, p.Proposed, left)
		}
		still := slices.DeleteFunc(surveyAt(times), func(p Problem) bool { return len(p.Part) > windowsPath })
		if len(still) > 0 {
			t.Fatalf("after %+v\nthere is %+v", problems, still)
		}
	})
}

// rename does what mv does, and fails where mv would.
func rename(t *rapid.T, times map[string]uint64, from, to string, left map[string]bool) {
	if !utf8.ValidString(to[strings.LastIndexByte(to, '/')+1:]) {
		t.Fatalf("%q is proposed", to)
	}
	moved := false
	for _, p := range inOrder(times) {
		if p == to || strings.HasPrefix(p, to+"/") {
			t.Fatalf("%q is proposed for %q, and is there", to, from)
		}
	}
	for _, p := range inOrder(times) {
		if p == from || strings.HasPrefix(p, from+"/") {
			times[to+p[len(from):]] = times[p]
			delete(times, p)
			moved = true
		}
	}
	if !moved && !left[from] {
		t.Fatalf("%q isn't there", from)
	}
	if dir, _, ok := strings.Cut(from, "/"); ok && !strings.HasPrefix(to, dir+"/") {
		left[dir] = true
	}
}

func BenchmarkSurvey(b *testing.B) {
	var paths []string
	for i := range 100_000 {
		paths = append(paths, "Photos/"+string(rune('a'+i/4000))+"/IMG_"+strings.Repeat("0", 3)+string(rune('a'+i%26))+".jpg")
	}
	slices.Sort(paths)
	for b.Loop() {
		var s Survey
		for i, p := range paths {
			s.Add(p, uint64(i))
		}
		s.Problems()
	}
}
