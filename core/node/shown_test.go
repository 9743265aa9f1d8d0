package node

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestShownJoiners: a joiner is shown where it changes what is seen, and written out
// where it would make two names look the same.
func TestShownJoiners(t *testing.T) {
	for what, name := range map[string]string{
		"a family":                  "👨\u200d👩\u200d👧\u200d👦.jpg",
		"a colour of skin":          "👩🏽\u200d🚀",
		"a heart, and a flag":       "❤\ufe0f\u200d🔥 🏳\ufe0f\u200d🌈 🏴\u200d☠\ufe0f",
		"arrows":                    "🙂\u200d↔\ufe0f 🏃\u200d♀\ufe0f\u200d➡\ufe0f",
		"new ones":                  "🐦\u200d⬛ 🍋\u200d🟩 👨🏻\u200d🐰\u200d👨🏼",
		"Persian":                   "نامه\u200cای می\u200cخواهم.txt",
		"Persian with vowels":       "نامهِ\u200cای",
		"Sinhala":                   "ශ්\u200dරී ලංකා",
		"Devanagari, half a letter": "क्\u200dष",
		"Devanagari, none joined":   "क्\u200cष",
		"Malayalam":                 "ന്\u200dറെ",
	} {
		if got := Shown(name); got != name {
			t.Errorf("%s: %q is shown as %s", what, name, got)
		}
	}
	for what, name := range map[string]string{
		"Latin":                       "pay\u200dpal",
		"Latin, without joining":      "pay\u200cpal",
		"an accent":                   "cafe\u0301\u200ds",
		"beside a dot":                "a\u200d.exe",
		"at the beginning":            "\u200d👩",
		"at the end":                  "👩\u200d",
		"two":                         "👩\u200d\u200d👧",
		"an emoji and a letter":       "👩\u200dx",
		"a letter and an emoji":       "x\u200d👩",
		"a skin alone":                "x🏽\u200d👩",
		"emoji that aren't joined":    "👩\u200c👧",
		"before what isn't text":      "👩\u200d\xff",
		"after what isn't text":       "\xff\u200d👩",
		"Persian, after a last shape": "دا\u200cر",
		"Persian, joined":             "می\u200dخواهم",
		"Persian and Latin":           "می\u200cx",
		"the end of a word":           "می\u200c خواهم",
		"Devanagari, no virama":       "क\u200dष",
		"Devanagari and Latin":        "क्\u200da",
		"Devanagari and Malayalam":    "क്\u200dറ",
		"marks alone":                 "\u094d\u200d\u094d",
		"beside a change of writing":  "👩\u202e\u200d👧",
	} {
		if got := Shown(name); strings.ContainsFunc(got, hides) || !strings.Contains(got, `\u200`) {
			t.Errorf("%s: %q is shown as %q", what, name, got)
		}
	}
}

// TestShownHidesNothing: of what isn't seen only joiners that are between others are
// left, and what is shown is shown as it is.
func TestShownHidesNothing(t *testing.T) {
	part := rapid.SampledFrom([]string{
		"a", ".", "\u0301", "👩", "🏽", "\ufe0f", "♀", "ا", "ب", "\u064e", "क", "\u094d", "\u200c", "\u200d", "\u202e", "\u2060", "\xff", "\n", "",
	})
	rapid.Check(t, func(t *rapid.T) {
		got := Shown(strings.Join(rapid.SliceOf(part).Draw(t, "parts"), ""))
		if !utf8.ValidString(got) || Shown(got) != got {
			t.Fatalf("%q is shown as %q", got, Shown(got))
		}
		runes := []rune(got)
		for i, r := range runes {
			if !hides(r) {
				continue
			}
			if !isJoiner(r) || i == 0 || i == len(runes)-1 || hides(runes[i-1]) || hides(runes[i+1]) {
				t.Fatalf("%q has %q", got, r)
			}
		}
	})
}
