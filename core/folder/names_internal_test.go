package folder

import (
	"strings"
	"testing"
)

func TestUnwritableName(t *testing.T) {
	for name, bad := range map[string]struct{ linux, windows bool }{
		"a":                                 {},
		"a.txt":                             {},
		"ünïcode":                           {},
		".meadow-notes":                     {},
		".meadow-0123456789abcdeg.tmp":      {},
		".meadow-0123456789abcdef.tmp":      {true, true},
		".meadow-0123456789abcdef.tmp.lent": {true, true},
		"":                                  {true, true},
		".":                                 {true, true},
		"..":                                {true, true},
		"a\x00b":                            {true, true},
		"a/b":                               {true, true},
		strings.Repeat("x", 255):            {},
		strings.Repeat("x", 256):            {true, true},
		"\xff":                              {false, true},
		"a:b":                               {false, true},
		`a\b`:                               {false, true},
		"what?":                             {false, true},
		"tab\t":                             {false, true},
		"end.":                              {false, true},
		"end  ":                             {false, true},
		"nul":                               {false, true},
		"NUL.txt":                           {false, true},
		"com1":                              {false, true},
		"com":                               {},
		"comet":                             {},
		"LPT9.x.y":                          {false, true},
		"CON .txt":                          {false, true},
	} {
		for goos, want := range map[string]bool{"linux": bad.linux, "windows": bad.windows} {
			if reason := unwritableName(name, goos); (reason != "") != want {
				t.Errorf("%q on %s: %q", name, goos, reason)
			}
		}
	}
	if name := tempName(); !isTemp(name) || unwritablePath("a/"+name) == "" || unwritablePath("a/b") != "" {
		t.Errorf("%s isn't taken for a temporary name", name)
	}
}

func TestPathWords(t *testing.T) {
	for _, c := range []struct {
		p, dir string
		below  bool
	}{
		{"a/b", "a", true}, {"a", "a", false}, {"ab", "a", false}, {"a", "", true}, {"", "", false}, {"a/b/c", "a/b", true},
	} {
		if below(c.p, c.dir) != c.below {
			t.Errorf("below(%q, %q) is %v", c.p, c.dir, !c.below)
		}
	}
	if parent("a") != "" || parent("a/b/c") != "a/b" || join("", "a") != "a" || join("a", "b") != "a/b" {
		t.Error("parent or join is wrong")
	}
	tops := map[string]bool{"a/b": true}
	if !within("a/b/c/d", tops) || !within("a/b", tops) || within("a", tops) || within("a/bc", tops) {
		t.Error("within is wrong")
	}
}
