package folder

import (
	"errors"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"

	"meadow/core/folder/names"
)

// Temporary files have names that are never part of the tree: see package names.
const (
	lentSuffix = names.LentSuffix
	tempPrefix = names.TempPrefix
	tempSuffix = names.TempSuffix
)

func tempName() string { return names.NewTemp() }

func isTemp(name string) bool     { return names.IsTemp(name) }
func isDropTemp(name string) bool { return names.IsDropTemp(name) }

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
// that it takes for the same, is found when the file is written.
func unwritableName(name, goos string) string {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "\x00/") {
		return fmt.Sprintf("%q is not a name that a file can have", name)
	}
	system := names.Linux
	switch goos {
	case "windows":
		system = names.Windows
	case "darwin":
		system = names.MacOS
	}
	for _, flaw := range names.Check(name) {
		if slices.Contains(flaw.Systems, system) {
			return fmt.Sprintf("no file here can be called %q: %s", name, flaw.Text)
		}
	}
	return ""
}

// Reasons why a file system can't hold a name that its system usually can.
const (
	clash    = "this file system takes the name for that of another file here, such as one that differs only in capitals"
	badName  = "the file system doesn't allow the name"
	tooLong  = "the name is too long for this system"
	misspelt = "the file system would write the name in another way"
)

// nameReason returns the one of these that an error is about, or "".
func nameReason(err error) string {
	switch {
	case isTooLong(err):
		return tooLong
	case isBadName(err):
		return badName
	case errors.Is(err, errMisspelt):
		return misspelt
	case errors.Is(err, errClash):
		return clash
	}
	return ""
}

// aboutName reports whether a path can't be written because of its name, so that
// another name helps.
func aboutName(p, reason string) bool {
	switch reason {
	case clash, badName, tooLong, misspelt:
		return true
	}
	return unwritablePath(p) != ""
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
