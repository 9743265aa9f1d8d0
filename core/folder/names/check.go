package names

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// System is an operating system, with its usual file systems.
type System string

// The systems, in the order in which they are listed.
const (
	Windows System = "windows"
	MacOS   System = "macos"
	Linux   System = "linux"
)

var shownAs = map[System]string{Windows: "Windows", MacOS: "macOS", Linux: "Linux"}

// Limits of names and of paths.
const (
	maxBytes = 255 // of a name on Linux, in bytes
	maxUnits = 255 // of a name on Windows and macOS, in UTF-16 units

	// What is left of 259 units, 1023 and 4095 bytes for a path below a folder such as
	// C:\Users\Catherine\Documents\Photos.
	windowsPath = 259 - 39
	macPath     = 1023 - 63
	linuxPath   = 4095 - 95
)

// Flaw is why some systems can't hold a name.
type Flaw struct {
	Text    string // a sentence's end, such as `it ends with a dot, which Windows takes away`
	Systems []System
}

// Check returns what is wrong with one name, nil if every system can hold it.
func Check(name string) []Flaw {
	if plain(name) {
		return nil
	}
	var flaws []Flaw
	add := func(text string, systems ...System) {
		if text != "" {
			flaws = append(flaws, Flaw{text, systems})
		}
	}
	if IsTemp(name) {
		add("it is one of the names that Meadow uses for its temporary files", Windows, MacOS, Linux)
	}
	add(badBytes(name), Windows, MacOS)
	add(forbidden(name), Windows)
	add(badEnd(name), Windows)
	if stem := reserved(name); stem != "" {
		add(fmt.Sprintf("%s is a name of a device on Windows", stem), Windows)
	}
	if n := units(name); n > maxUnits {
		add(fmt.Sprintf("it is %d characters long, %d more than Windows and macOS hold", n, n-maxUnits), Windows, MacOS)
	}
	if n := len(name); n > maxBytes {
		add(fmt.Sprintf("it is %d bytes long, %d more than Linux holds", n, n-maxBytes), Linux)
	}
	return flaws
}

// plain reports whether a name is so common that nothing can be wrong with it:
// letters, digits and what joins them, more of them before an ending than the
// name of any device has.
func plain(name string) bool {
	const device = len("CONOUT$")
	if len(name) <= device || len(name) > 64 || name[len(name)-1] == '.' || strings.IndexByte(name[:device], '.') >= 0 {
		return false
	}
	for i := range len(name) {
		if !common[name[i]] {
			return false
		}
	}
	return true
}

// common is what plain names consist of.
var common = func() (is [256]bool) {
	for _, c := range []byte("-_.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		is[c] = true
	}
	return is
}()

// units is the length of a name in UTF-16. A byte that is no text counts as one.
func units(name string) int {
	n := 0
	for _, r := range name {
		if n++; r > 0xffff {
			n++
		}
	}
	return n
}

// badBytes says which bytes of a name are no text.
func badBytes(name string) string {
	if utf8.ValidString(name) {
		return ""
	}
	var bad []string
	for i, r := range name {
		if _, n := utf8.DecodeRuneInString(name[i:]); r == utf8.RuneError && n == 1 && len(bad) < 4 {
			bad = append(bad, fmt.Sprintf("%02x", name[i]))
		}
	}
	return fmt.Sprintf("its bytes %s are no text (UTF-8), which Windows and macOS need", strings.Join(bad, " "))
}

// isForbidden reports whether Windows refuses a character.
func isForbidden(r rune) bool { return r < ' ' || strings.ContainsRune(`<>:"/\|?*`, r) }

// forbidden says which characters of a name Windows refuses.
func forbidden(name string) string {
	var bad []string
	seen := map[rune]bool{}
	for _, r := range name {
		if isForbidden(r) && !seen[r] && len(bad) < 4 {
			seen[r] = true
			bad = append(bad, fmt.Sprintf("%q", r))
		}
	}
	if len(bad) == 0 {
		return ""
	}
	return fmt.Sprintf("it has the character %s, which Windows doesn't allow", strings.Join(bad, " and "))
}

// badEnd says how many dots and spaces a name ends with.
func badEnd(name string) string {
	rest := strings.TrimRight(name, ". ")
	end := name[len(rest):]
	dots := strings.Count(end, ".")
	var what []string
	for _, c := range []struct {
		n    int
		word string
	}{{dots, "dot"}, {len(end) - dots, "space"}} {
		switch c.n {
		case 0:
		case 1:
			what = append(what, "a "+c.word)
		default:
			what = append(what, fmt.Sprintf("%d %ss", c.n, c.word))
		}
	}
	if len(what) == 0 {
		return ""
	}
	return fmt.Sprintf("it ends with %s, which Windows takes away", strings.Join(what, " and "))
}

// reserved returns the name of the device that Windows takes a name for, as it
// is written there, or "".
func reserved(name string) string {
	stem, _, _ := strings.Cut(name, ".")
	stem = strings.TrimRight(stem, " ")
	upper := strings.ToUpper(stem)
	switch upper {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return stem
	}
	port, ok := strings.CutPrefix(upper, "COM")
	if !ok {
		port, ok = strings.CutPrefix(upper, "LPT")
	}
	if n := utf8.RuneCountInString(port); ok && n == 1 && strings.Contains("0123456789¹²³", port) {
		return stem
	}
	return ""
}

// checkPath returns what is wrong with the length of a whole path.
func checkPath(path string) []Flaw {
	if len(path) <= windowsPath {
		return nil
	}
	var flaws []Flaw
	add := func(s System, n, most int, what string) {
		if n > most {
			flaws = append(flaws, Flaw{fmt.Sprintf(
				"the whole path is %d %s long, %d more than there is room for on %s below a usual folder", n, what, n-most, shownAs[s],
			), []System{s}})
		}
	}
	add(Windows, units(path), windowsPath, "characters")
	add(MacOS, len(path), macPath, "bytes")
	add(Linux, len(path), linuxPath, "bytes")
	return flaws
}

// holds reports whether a whole path is short enough for all systems.
func holds(path string) bool { return len(checkPath(path)) == 0 }
