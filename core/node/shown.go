package node

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Shown makes a name safe for a terminal and for the eye: bytes that are no text,
// control characters, changes of the writing direction and characters that take
// no room are written out, so that nothing hides in a name and nothing moves what
// is around it. Accents, the signs that join emoji but for those without a place
// of their own, and all that can be seen stay as they are.
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
		case !hides(r):
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
