package node

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Shown makes a name safe for a terminal and for the eye: bytes that are no text,
// control characters, changes of the writing direction and characters that take
// no room are written out, so that nothing hides in a name and nothing moves what
// is around it. Accents, joiners that change how what is beside them looks, and all
// that can be seen stay as they are.
func Shown(name string) string {
	if !strings.ContainsFunc(name, hides) && utf8.ValidString(name) {
		return name
	}
	var b strings.Builder
	for i, r := range name {
		_, n := utf8.DecodeRuneInString(name[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, "\\x%02x", name[i])
		case !hides(r), isJoiner(r) && (joinsEmoji(name, i) || joinsLetters(name, i)):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, "\\U%08x", r)
		default:
			fmt.Fprintf(&b, "\\u%04x", r)
		}
	}
	return b.String()
}

// hides reports whether a character isn't seen, or changes how others are: C0 and
// C1 controls, formatting (all of Unicode's bidirectional and zero-width ones),
// line and paragraph separators, letters without a shape, and what stands for
// bytes that were no text.
func hides(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Noncharacter_Code_Point,
		unicode.Other_Default_Ignorable_Code_Point) || r == '\ufffd'
}

const (
	nonJoiner = '\u200c'
	joiner    = '\u200d'
)

func isJoiner(r rune) bool { return r == joiner || r == nonJoiner }

// pictures are the blocks of Unicode that have emoji.
var pictures = &unicode.RangeTable{
	R16: []unicode.Range16{{0x2190, 0x21ff, 1}, {0x2300, 0x23ff, 1}, {0x2600, 0x27bf, 1}, {0x2b00, 0x2bff, 1}},
	R32: []unicode.Range32{{0x1f000, 0x1faff, 1}},
}

// dressed are the signs that say how the emoji before them is drawn: in colours, and in
// which colour of skin.
const dressed = "\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"

// joinsEmoji reports whether the joiner at i is between two emoji, as in families and
// professions: UTS #51, ED-16.
func joinsEmoji(name string, i int) bool {
	before, after := around(name, i)
	was, _ := utf8.DecodeLastRuneInString(strings.TrimRight(before, dressed))
	next, _ := utf8.DecodeRuneInString(after)
	return strings.HasPrefix(name[i:], string(joiner)) && unicode.Is(pictures, was) && unicode.Is(pictures, next)
}

// joiners knows where joiners are allowed among letters.
var joiners = idna.New(idna.CheckJoiners(true))

// joinsLetters reports whether the joiner at i changes the shape of letters: it is
// between two of one script, where RFC 5892, appendix A allows it. So Persian, Urdu and
// the scripts of India are shown as they are written. A joiner anywhere else, also one
// at the end of a word, which UAX #31 would allow, is seen by nobody.
func joinsLetters(name string, i int) bool {
	before, after := around(name, i)
	start := strings.LastIndexFunc(before, isNoMark)
	end := strings.IndexFunc(after, isNoMark)
	if start < 0 || end < 0 {
		return false
	}
	was, _ := utf8.DecodeRuneInString(before[start:])
	next, n := utf8.DecodeRuneInString(after[end:])
	if !oneScript(was, next) {
		return false
	}
	_, err := joiners.ToUnicode(name[start : len(name)-len(after)+end+n])
	return err == nil
}

// around is what is before and after the joiner at i.
func around(name string, i int) (before, after string) {
	return name[:i], name[i+utf8.RuneLen(joiner):]
}

func isNoMark(r rune) bool { return !unicode.IsMark(r) }

// oneScript reports whether two characters are letters of the same script.
func oneScript(a, b rune) bool {
	if !unicode.IsLetter(a) || !unicode.IsLetter(b) {
		return false
	}
	for _, script := range unicode.Scripts {
		if unicode.Is(script, a) {
			return unicode.Is(script, b)
		}
	}
	return false
}
