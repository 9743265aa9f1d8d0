package main

import (
	"bytes"
	"fmt"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"meadow/core/node"
)

func TestShown(t *testing.T) {
	for name, want := range map[string]string{
		"plain name.txt":         "plain name.txt",
		"Ünïcode, 日本語, עברית, 😀": "Ünïcode, 日本語, עברית, 😀",
		"cafe\u0301":             "cafe\u0301",
		"two\nlines\ttab":        `two\u000alines\u0009tab`,
		"\x1b[31mred\x7f\u0085":  `\u001b[31mred\u007f\u0085`,
		"\u202egpj.exe":          `\u202egpj.exe`,
		"\u2066a\u2069\u200fb":   `\u2066a\u2069\u200fb`,
		"\u061c":                 `\u061c`,
		"a\u200bb\u2060c\ufeff":  `a\u200bb\u2060c\ufeff`,
		"soft\u00adhyphen":       `soft\u00adhyphen`,
		"line\u2028end\u2029":    `line\u2028end\u2029`,
		"filler\u3164\u115f":     `filler\u3164\u115f`,
		"tag\U000e0041":          `tag\U000e0041`,
		"not \xff\xfe text":      `not \xff\xfe text`,
		"was no text \ufffd":     `was no text \ufffd`,
		"a family 👨\u200d👩.jpg":  "a family 👨\u200d👩.jpg",
		"ab\u200dcd":             `ab\u200dcd`,
	} {
		if got := shown(name); got != want {
			t.Errorf("shown(%q) is %s, want %s", name, got, want)
		}
	}
}

// TestProseIsHarmless: whatever a command prints and wherever it comes from,
// nothing of it moves the cursor or changes the writing direction.
func TestProseIsHarmless(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) + rapid.String().Draw(t, "text") + "\u202e\x1b"
		var out, errs bytes.Buffer
		o := output{streams: streams{out: &out, err: &errs}}
		o.fail(&node.Error{Message: text, Hint: text})
		_ = o.event(node.Event{}, func(node.Event) string { return text })
		fmt.Fprint(harmless{&out}, text)
		for _, b := range [][]byte{out.Bytes(), errs.Bytes()} {
			if !utf8.Valid(b) {
				t.Fatalf("%q is no text", b)
			}
			for _, r := range string(b) {
				if r != '\n' && !unicode.Is(unicode.Join_Control, r) && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Bidi_Control) {
					t.Fatalf("%q has %q", b, r)
				}
			}
		}
		if bytes.Count(errs.Bytes(), []byte("\n")) != 1 {
			t.Fatalf("%q isn't one line", errs.Bytes())
		}
	})
}

func TestWord(t *testing.T) {
	for s, want := range map[string]string{
		"a/b.txt": "a/b.txt", "a b": "'a b'", "it's": `'it'\''s'`, "": "''", "$x": "'$x'", "日本": "日本", `a\b`: `'a\b'`,
	} {
		if got := word(s); got != want {
			t.Errorf("word(%q) is %s", s, got)
		}
	}
	path := "\xffa"
	if got := rename("Notes", node.Name{Path: path, Proposed: "%FFa"}); got != "call it %FFa: meadow mv --b64 Notes /2E= JUZGYQ==" {
		t.Error(got)
	}
	if got := rename("Notes", node.Name{Path: "-a?", Proposed: "-a_"}); got != "meadow mv -- Notes '-a?' -a_" {
		t.Error(got)
	}
}
