package folder

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"path"
	"runtime"
	"strings"
	"unicode/utf8"
)

// Temporary files are named .meadow-<16 hex digits>.tmp and lie beside the file
// that they will be; the blob store may append lentSuffix for a moment. Files
// with such a name are never part of the tree.
const (
	lentSuffix = ".lent"
	tempPrefix = ".meadow-"
	tempSuffix = ".tmp"
	tempLength = len(tempPrefix) + 16 + len(tempSuffix)
)

// maxName is the longest name that any file system in use can hold, in bytes.
const maxName = 255

func tempName() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return tempPrefix + hex.EncodeToString(b[:]) + tempSuffix
}

func isTemp(name string) bool {
	name = strings.TrimSuffix(name, lentSuffix)
	if len(name) != tempLength || !strings.HasPrefix(name, tempPrefix) || !strings.HasSuffix(name, tempSuffix) {
		return false
	}
	_, err := hex.DecodeString(name[len(tempPrefix) : tempLength-len(tempSuffix)])
	return err == nil
}

// unwritablePath returns why no file can have this path on this system, or "".
func unwritablePath(p string) string {
	for name := range strings.SplitSeq(p, "/") {
		if reason := unwritableName(name, runtime.GOOS); reason != "" {
			return reason
		}
	}
	return ""
}

// unwritableName returns why a file can't have this name on a system, or "". It
// is the first of two checks: what only the file system knows, such as names
// that differ only in case, is found when the file is written.
func unwritableName(name, goos string) string {
	switch {
	case name == "" || name == "." || name == "..":
		return fmt.Sprintf("%q is not a name that a file can have", name)
	case len(name) > maxName:
		return fmt.Sprintf("the name is %d bytes long, more than %d", len(name), maxName)
	case strings.ContainsAny(name, "\x00/"):
		return "the name contains a character that no file name can have"
	case isTemp(name):
		return "the name is one that Meadow uses for its temporary files"
	}
	if goos != "linux" && !utf8.ValidString(name) {
		return "the name is not valid Unicode, which this system requires"
	}
	if goos == "windows" {
		return unwritableOnWindows(name)
	}
	return ""
}

func unwritableOnWindows(name string) string {
	for _, c := range name {
		if c < ' ' || strings.ContainsRune(`<>:"\|?*`, c) {
			return fmt.Sprintf("the name contains %q, which Windows doesn't allow", c)
		}
	}
	if last := name[len(name)-1]; last == '.' || last == ' ' {
		return fmt.Sprintf("the name ends with %q, which Windows doesn't allow", last)
	}
	stem, _, _ := strings.Cut(name, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return fmt.Sprintf("%q is reserved by Windows", stem)
	}
	if len(stem) == 4 && (strings.HasPrefix(stem, "COM") || strings.HasPrefix(stem, "LPT")) && stem[3] >= '0' && stem[3] <= '9' {
		return fmt.Sprintf("%q is reserved by Windows", stem)
	}
	return ""
}

// parent returns the folder that p is in, "" for the root.
func parent(p string) string {
	dir, _ := path.Split(p)
	return strings.TrimSuffix(dir, "/")
}

// join is path.Join without cleaning, for a folder that may be the root.
func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// below reports whether p is strictly below dir.
func below(p, dir string) bool {
	return dir == "" && p != "" || len(p) > len(dir) && p[len(dir)] == '/' && strings.HasPrefix(p, dir)
}
