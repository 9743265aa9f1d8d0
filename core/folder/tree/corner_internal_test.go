package tree

import (
	"slices"
	"strings"
	"testing"
)

// TestHarmless: what a contributor calls themselves can't spoil the names of files.
func TestHarmless(t *testing.T) {
	for name, want := range map[string]string{
		"Bob": "Bob", "  Bob \t Bär ": "Bob Bär", "../../etc": "..-..-etc", "a/b\\c:d": "a-b-c-d",
		"Bob) (from Ana": "Bob from Ana", "\u202egpj.exe": "gpj.exe", "x\x00\x1b[31m": "x[31m", "\u115f": "", "Bob.": "Bob", "\xff\xfe": "--", "": "",
		strings.Repeat("ä", 5000): strings.Repeat("ä", maxLabel/2),
	} {
		if got := harmless(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}

func TestUnmarked(t *testing.T) {
	for path, want := range map[string][]string{
		"a":                       nil,
		"a (from Bob).txt":        {"a.txt"},
		"a (from Bob, 2).txt":     {"a.txt"},
		"d (from Bob)/a":          {"d/a"},
		"d (from Bob)/a (from C)": {"d/a (from C)", "d (from Bob)/a"},
		"a (from Bob":             nil,
	} {
		if got := unmarked(path); !slices.Equal(got, want) {
			t.Errorf("%q may be of %q, want %q", path, got, want)
		}
	}
}
