package tree

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"meadow/core/willow"
)

// Corner is a subspace of a space in which the receivers of one grant write.
type Corner struct {
	Subspace willow.SubspaceID
	Name     string // how the person is called here; "" if that isn't known
	Mine     bool   // the account writes there
}

// corner is one that a View shows.
type corner struct {
	Corner
	tree   *Tree
	said   string           // the name that its latest details have
	label  string           // what its files' marks say
	leaves map[string]*leaf // by path in the corner, deletions included
	sorted []string         // their paths, in the order of the tree
}

// leaf is the latest version of a path of a corner.
type leaf struct {
	in     *corner
	path   string // in the corner
	entry  willow.Entry
	kind   Kind     // File stands for symlinks too
	known  bool     // the kind is: its details are here, or it has bytes
	read   *Version // if somebody has asked
	place  string   // where it is shown, "" nowhere
	marked bool     // place isn't its own path
}

// version reads a leaf's version.
func (f *leaf) version(ctx context.Context) (Version, error) {
	if f.read != nil {
		return *f.read, nil
	}
	u, _, err := f.in.tree.Lookup(ctx, f.path)
	if err == nil && u.HasDetails {
		f.read = &u
	}
	return u, err
}

// live reports whether there is something to show.
func (f *leaf) live() bool { return f.known && f.kind != Tombstone }

// counts is what a leaf that is shown adds.
func (f *leaf) counts() Counts {
	if f.kind == Folder {
		return Counts{Folders: 1}
	}
	return Counts{Files: 1, Bytes: int64(f.entry.PayloadLength)}
}

const (
	// fromMark is in the names of files that a View shows beside others.
	fromMark = " (from "
	// maxLabel is the longest that a mark says of who it is from, in bytes.
	maxLabel = 40
	// fewDigits is how much of a subspace stands for a corner that has no name.
	fewDigits = 8
)

// markOf is what is added to a name: ` (from Bob)`, and a number if that is taken.
func markOf(label string, n int) string {
	if n > 1 {
		return fmt.Sprintf("%s%s, %d)", fromMark, label, n)
	}
	return fromMark + label + ")"
}

// unmarked returns the paths that a path with marks may be of: it without one of them.
func unmarked(path string) (all []string) {
	for at := 0; ; {
		i := strings.Index(path[at:], fromMark)
		if i < 0 {
			return all
		}
		i += at
		end := strings.IndexByte(path[i:], ')')
		if end < 0 {
			return all
		}
		all = append(all, path[:i]+path[i+end+1:])
		at = i + 1
	}
}

// labelled gives each corner with files the text of its marks: the person's name as
// it is known here, else as they say, made harmless; else the corner's first
// digits, which are added too where two have the same.
func labelled(corners map[willow.SubspaceID]*corner) (changed bool) {
	count := map[string]int{}
	fresh := map[*corner]string{}
	for _, c := range corners {
		if len(c.leaves) == 0 {
			continue
		}
		fresh[c] = cmp.Or(harmless(c.Name), harmless(c.said))
		count[fresh[c]]++
	}
	for c, label := range fresh {
		digits := hex.EncodeToString(c.Subspace[:])[:fewDigits]
		switch {
		case label == "":
			label = digits
		case count[label] > 1:
			label += " " + digits
		}
		changed = changed || c.label != label
		c.label = label
	}
	return changed
}

// harmless makes a name fit to be part of a file's name, on every system and for the
// eye.
func harmless(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, strings.ContainsRune(`<>:"/\|?*`, r):
			return '-'
		case strings.ContainsRune("(),", r), unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, name)
	return strings.TrimRight(strings.TrimSpace(cut(strings.Join(strings.Fields(name), " "), maxLabel)), ". ")
}

// at returns the leaf at a path and those below it.
func (c *corner) below(path string) []string {
	i, _ := slices.BinarySearchFunc(c.sorted, path, order)
	n := i
	for n < len(c.sorted) && (c.sorted[n] == path || below(c.sorted[n], path)) {
		n++
	}
	return c.sorted[i:n]
}

// sort puts the leaves' paths in order after some have come or gone.
func (c *corner) sort(came []string, gone bool) {
	if gone {
		c.sorted = slices.DeleteFunc(c.sorted, func(p string) bool { return c.leaves[p] == nil })
	}
	if len(came) == 0 {
		return
	}
	slices.SortFunc(came, order)
	old := c.sorted
	c.sorted = make([]string, 0, len(old)+len(came))
	for len(old) > 0 && len(came) > 0 {
		if order(old[0], came[0]) < 0 {
			c.sorted, old = append(c.sorted, old[0]), old[1:]
		} else {
			c.sorted, came = append(c.sorted, came[0]), came[1:]
		}
	}
	c.sorted = append(append(c.sorted, old...), came...)
}
