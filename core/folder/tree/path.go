package tree

import (
	"fmt"
	"slices"
	"strings"

	"meadow/core/willow"
)

const (
	// root is the first component of every path of the tree.
	root = "files"
	// MaxName is the greatest length of a name that users may give, in bytes.
	MaxName = 1024
	// MaxPath is the greatest length of a path that users may give, in bytes
	// without slashes. It leaves room for "files", a digest and the longest name
	// of a conflict copy.
	MaxPath = willow.MaxPathLength - len(root) - len(willow.Digest{}) - maxCopyName
	// maxDepth leaves room for "files" and the two components of details.
	maxDepth = willow.MaxComponentCount - 3
)

// CheckPath reports whether path may be given to the methods of [Tree]: names
// separated by single slashes, none of them ".", ".." or with a NUL byte, within
// MaxName and MaxPath. Errors wrap ErrPath.
func CheckPath(path string) error {
	if path == "" {
		return fmt.Errorf("%w: empty", ErrPath)
	}
	names := strings.Split(path, "/")
	for _, name := range names {
		switch {
		case name == "":
			return fmt.Errorf("%w: leading, trailing or double slash", ErrPath)
		case !validName(name):
			return fmt.Errorf("%w: %q is not a name", ErrPath, name)
		case len(name) > MaxName:
			return fmt.Errorf("%w: a name is longer than %d bytes", ErrPath, MaxName)
		}
	}
	if len(path)-len(names)+1 > MaxPath || len(names) > maxDepth {
		return fmt.Errorf("%w: longer than %d bytes", ErrPath, MaxPath)
	}
	return nil
}

func validName(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.ContainsAny(name, "/\x00")
}

// node returns the path P of a file, or of the whole tree for "".
func node(path string) (willow.Path, error) {
	if path == "" {
		return willow.NewPath(root)
	}
	return willow.NewPath(append([]string{root}, strings.Split(path, "/")...)...)
}

// FolderPath returns the prefix of all entries of what is at a path or below it, with
// "" for the whole tree. path is one that CheckPath allows.
func FolderPath(path string) (willow.Path, error) { return node(path) }

// FolderOf is the other way round: the path that p is the prefix of, "" for the whole
// tree. ok is false if p can't be one.
func FolderOf(p willow.Path) (path string, ok bool) {
	cs := p.Components()
	if len(cs) == 0 || cs[0] != root || slices.ContainsFunc(cs[1:], func(c string) bool { return !validName(c) }) {
		return "", false
	}
	return strings.Join(cs[1:], "/"), true
}

func payloadPath(path string) (willow.Path, error) {
	p, err := node(path)
	if err != nil {
		return p, err
	}
	return p.Append("")
}

func detailsPath(path string, d willow.Digest) (willow.Path, error) {
	p, err := node(path)
	if err != nil {
		return p, err
	}
	return p.Append("", string(d[:]))
}

// role is what an entry is to the file at its path.
type role int

const (
	foreign role = iota // nothing of the tree's
	bare                // a foreign writer's file, at P itself
	payload             // at P + [""]
	detail              // at P + ["", digest]
)

// place takes an entry's path apart. Names that no path here can have make the
// entry foreign: it is kept, but not shown.
func place(p willow.Path) (path string, r role, d willow.Digest) {
	cs := p.Components()
	if len(cs) < 2 || cs[0] != root {
		return "", foreign, d
	}
	cs, r = cs[1:], bare
	switch n := len(cs); {
	case n >= 2 && cs[n-1] == "":
		cs, r = cs[:n-1], payload
	case n >= 3 && cs[n-2] == "" && len(cs[n-1]) == len(d):
		copy(d[:], cs[n-1])
		cs, r = cs[:n-2], detail
	}
	for _, c := range cs {
		if !validName(c) {
			return "", foreign, d
		}
	}
	return strings.Join(cs, "/"), r, d
}

// PathOf returns the path of the file that an entry at p is part of: its payload,
// its details, or a foreign writer's file itself. ok is false for entries that
// are nothing of the tree's.
func PathOf(p willow.Path) (path string, ok bool) {
	path, r, _ := place(p)
	return path, r != foreign
}

// PayloadOf is PathOf for entries that are a file's payload, or a foreign writer's
// file itself: one for each version.
func PayloadOf(p willow.Path) (path string, ok bool) {
	path, r, _ := place(p)
	return path, r == payload || r == bare
}

// IsFile reports whether an entry is the one that a file's version is counted by: its
// payload if that isn't empty, else its details, which alone tell an empty file from a
// folder or a deletion. details returns what the entry's payload is, and is called only
// if it matters; nil if it isn't known.
func IsFile(e willow.Entry, details func() []byte) bool {
	switch _, r, digest := place(e.Path); {
	case r == payload || r == bare:
		return e.PayloadLength > 0
	case r != detail || digest != willow.EmptyDigest:
		return false
	}
	d, err := decodeDetails(details())
	return err == nil && (d.kind == File || d.kind == Symlink)
}

// below reports whether path is a proper descendant of folder, or any path if
// folder is "".
func below(path, folder string) bool {
	return folder == "" || len(path) > len(folder) && path[len(folder)] == '/' && path[:len(folder)] == folder
}

// parents yields the proper ancestors of path but for "", nearest first.
func parents(path string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for i := strings.LastIndexByte(path, '/'); i > 0; i = strings.LastIndexByte(path[:i], '/') {
			if !yield(path[:i]) {
				return
			}
		}
	}
}
