package names

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxExtension is the longest ending, dot included, that a proposal keeps when a
// name has to be cut.
const maxExtension = 32

// keys are what a name is to systems that don't tell all names apart: names with
// the same key are one there.
type keys struct{ windows, mac string }

func keysOf(name string) keys {
	if lower, ok := lowerASCII(name); ok {
		return keys{lower, lower}
	}
	return keys{strings.Map(upcase, name), Fold(name)}
}

// lowerASCII returns a name that is ASCII in small letters.
func lowerASCII(name string) (string, bool) {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return "", false
		}
	}
	return strings.ToLower(name), true
}

// Fold returns what a name is where neither capitals count nor how accents are
// encoded. It says nothing about names that aren't UTF-8.
func Fold(name string) string {
	if !utf8.ValidString(name) {
		return name
	}
	if lower, ok := lowerASCII(name); ok {
		return lower
	}
	// Folding may leave what isn't normal, and the other way round.
	return norm.NFC.String(cases.Fold().String(norm.NFD.String(cases.Fold().String(norm.NFD.String(name)))))
}

// upcase is what Windows' table of capitals does, as far as each capital is that
// of one small letter: so ı and ſ are not I and S. It is the small letter that
// stands for both.
func upcase(r rune) rune {
	if lower := unicode.ToLower(r); unicode.ToUpper(lower) == unicode.ToUpper(r) && unicode.ToLower(unicode.ToUpper(r)) == lower {
		return lower
	}
	return r
}

// Mend returns a name like this one that every system can hold; itself if they can.
func Mend(name string) string { return mend(name, maxBytes) }

// mend returns a name like this one, within so many bytes, that every system can
// hold.
func mend(name string, most int) string {
	name = norm.NFC.String(printable(name))
	for range 4 { // what is cut may end with a dot, or be the name of a device
		if IsTemp(name) {
			name += "_"
		}
		if stem := reserved(name); stem != "" {
			name = stem + "_" + strings.TrimLeft(name[len(stem):], " ")
		}
		name = fit(name, most)
		if Check(name) == nil {
			break
		}
	}
	return name
}

// printable replaces what is no text, or what Windows refuses, and takes dots and
// spaces from the end.
func printable(name string) string {
	var b strings.Builder
	for i, r := range name {
		_, n := utf8.DecodeRuneInString(name[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, "%%%02X", name[i])
		case isForbidden(r):
			b.WriteByte('_')
		default:
			b.WriteRune(r)
		}
	}
	if name = strings.TrimRight(b.String(), ". "); name == "" {
		return "_"
	}
	return name
}

// split takes the ending from a name, which may be "".
func split(name string) (stem, ext string) {
	if i := strings.LastIndexByte(name, '.'); i > 0 && len(name)-i <= maxExtension {
		return name[:i], name[i:]
	}
	return name, ""
}

// fit cuts a name to at most so many bytes, before its ending.
func fit(name string, most int) string {
	if len(name) <= most {
		return name
	}
	stem, ext := split(name)
	if len(ext) >= most {
		stem, ext = name, ""
	}
	stem = strings.TrimRight(cut(stem, most-len(ext)), ". ")
	if stem == "" {
		stem = "_"
	}
	return stem + ext
}

// cut shortens text to at most n bytes, not within a letter and its accents.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n = max(n, 0); n > 0 && !utf8.RuneStart(s[n]); {
		n--
	}
	if norm.NFD.FirstBoundaryInString(s[n:]) == 0 {
		return s[:n]
	}
	return s[:max(0, norm.NFD.LastBoundary([]byte(s[:n])))]
}

// taken is the names of one folder.
type taken struct{ windows, mac map[string]bool }

func newTaken() taken { return taken{map[string]bool{}, map[string]bool{}} }

func (t taken) add(name string) {
	k := keysOf(name)
	t.windows[k.windows], t.mac[k.mac] = true, true
}

func (t taken) has(name string) bool {
	k := keysOf(name)
	return t.windows[k.windows] || t.mac[k.mac]
}

// free returns a name like this one that every system can hold and that no
// system takes for one of t, within so many bytes; and adds it to t.
func (t taken) free(name string, most int) string {
	name = mend(name, most)
	stem, ext := split(name)
	for i := 2; t.has(name); i++ {
		mark := fmt.Sprintf(" (%d)", i)
		if len(ext)+len(mark) >= most {
			ext = ""
		}
		name = mend(cut(stem, most-len(ext)-len(mark))+mark+ext, most)
	}
	t.add(name)
	return name
}
