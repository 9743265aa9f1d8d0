package first

import (
	"strings"
	"testing"
)

// Words of a test's account, which aren't anybody's.
var vector = strings.Repeat("abandon ", 23) + "art"

// TestTyped says which word is wrong as it is typed.
func TestTyped(t *testing.T) {
	words := strings.Fields(vector)
	with := func(i int, word string) string {
		other := append([]string{}, words...)
		other[i] = word
		return strings.Join(other, " ")
	}
	for _, row := range []struct {
		text, problem string
		good          bool
	}{
		{"", "", false},
		{"aband", "", false},
		{"abandx", "Word 1, “abandx”, can't be one of an account's. Is it “abandon”?", false},
		{"aband abandon", "Word 1, “aband”, can't be one of an account's. Is it “abandon”?", false},
		{"1. Abandon 2. ABANDON", "", false},
		{with(6, "abandom"), "Word 7, “abandom”, can't be one of an account's. Is it “abandon”?", false},
		{with(6, "ability"), "A word is another one, or in another's place. Compare them with what you have written down; nothing was changed.", false},
		{vector + " abandon", "There are more than 24 words.", false},
		{vector, "", true},
		{strings.ReplaceAll(vector, " ", "\n"), "", true},
	} {
		got := typedWords(row.text)
		if got.problem() != row.problem || got.good() != row.good {
			t.Errorf("%.40q: %q, %v", row.text, got.problem(), got.good())
		}
	}
}

func TestNearest(t *testing.T) {
	for word, want := range map[string]string{"abandom": "abandon", "zzo": "zoo", "qqqq": "", "artt": "art"} {
		if got := nearest(word); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
