package first

import (
	"slices"
	"strings"
	"unicode"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/words"
)

// typed is what somebody has typed of an account's words.
type typed struct {
	words   []string
	writing bool // the last one isn't over
}

const wordCount = 24

func typedWords(text string) typed {
	t := typed{words: node.SplitWords(text)}
	last := []rune(text)
	t.writing = len(last) > 0 && unicode.IsLetter(last[len(last)-1])
	return t
}

// wrong is the place of the first word that can't be one of an account's, or -1. One
// that is being written has to begin like one.
func (t typed) wrong() int {
	for i, word := range t.words {
		like := node.WordsLike(word)
		if len(like) == 0 || !slices.Contains(like, word) && !(t.writing && i == len(t.words)-1) {
			return i
		}
	}
	return -1
}

// count says how many there are.
func (t typed) count() string {
	return words.L("{{.Count}} of {{.Of}} words", "Count", len(t.words), "Of", wordCount)
}

// problem says what is wrong with what was typed; "" as long as nothing is.
func (t typed) problem() string {
	if i := t.wrong(); i >= 0 {
		text := words.L("Word {{.Number}}, “{{.Word}}”, can't be one of an account's.", "Number", i+1, "Word", words.Shown(t.words[i]))
		if near := nearest(t.words[i]); near != "" {
			text += " " + words.L("Is it “{{.Word}}”?", "Word", near)
		}
		return text
	}
	switch {
	case len(t.words) > wordCount:
		return words.L("There are more than {{.Of}} words.", "Of", wordCount)
	case len(t.words) < wordCount || t.writing && len(node.WordsLike(t.words[wordCount-1])) > 1 && !slices.Contains(node.WordList(), t.words[wordCount-1]):
		return ""
	}
	if _, err := node.ReadWords(strings.Join(t.words, " ")); err != nil {
		return frame.Sentence(node.AsError(err))
	}
	return ""
}

// good reports whether all of them are there.
func (t typed) good() bool {
	_, err := node.ReadWords(strings.Join(t.words, " "))
	return err == nil
}

// nearest is a word that somebody may have meant: one that begins like it, or is
// another in one letter.
func nearest(word string) string {
	for n := min(len(word), 4); n >= 3; n-- {
		if like := node.WordsLike(word[:n]); len(like) > 0 {
			return like[0]
		}
	}
	for _, other := range node.WordList() {
		if oneOff(word, other) {
			return other
		}
	}
	return ""
}

// oneOff reports whether two words are the same but for one letter.
func oneOff(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	off := 0
	for i := range len(a) {
		if a[i] != b[i] {
			off++
		}
	}
	return off == 1
}
