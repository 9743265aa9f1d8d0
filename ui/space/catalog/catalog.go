// Package catalog holds what is in a space as a window looks at it: a snapshot of
// the node's list, as a tree of folders, that can be sorted and searched by name. A
// snapshot never changes, so any goroutine may use it; another one is built from
// another list.
//
// A hundred thousand files are built in well under a second, so building and looking
// are done beside the interface thread: see [Build], [Catalog.View].
package catalog

import (
	"strings"
	"time"

	"meadow/core/node"
)

// Item is a file, a symlink or a folder of a space.
type Item struct {
	Path   string
	Name   string // the end of Path
	Folder bool
	File   node.File // zero for a folder that is nothing but what is in it

	Bytes   int64     // of a folder, of all that is in it
	Files   int64     // of a folder: files and symlinks in it, at any depth
	Missing int64     // how many of them haven't arrived here
	Changed time.Time // of a folder, the latest in it

	CopyOf string // of a conflict copy: the path that it is a copy of
	Denied string // why it can't be written to the attached folder
	Marked int64  // of a folder: conflict copies and what can't be written in it

	key     []byte // orders names as people do
	folded  string // for searches
	inside  []*Item
	parents *Item
}

// Catalog is what is in a space.
type Catalog struct {
	root  *Item
	items map[string]*Item
	files []*Item // all but folders, by path
}

// Facts are what is known of paths besides the list.
type Facts struct {
	Conflicts  []node.Conflict
	Unwritable []node.Unwritable
}

// Build makes a catalog of what [node.Node.List] returned.
func Build(files []node.File, facts Facts) *Catalog {
	c := &Catalog{root: &Item{Folder: true}, items: make(map[string]*Item, len(files)*5/4)}
	c.items[""] = c.root
	copies := make(map[string]string, len(facts.Conflicts))
	for _, f := range facts.Conflicts {
		copies[f.Copy] = f.Path
	}
	denied := make(map[string]string, len(facts.Unwritable))
	for _, u := range facts.Unwritable {
		denied[u.Path] = u.Reason
	}
	for i := range files {
		f := &files[i]
		if f.Kind == "folder" {
			at := c.folder(f.Path)
			at.File, at.Changed = *f, later(at.Changed, f.Time.Time)
			continue
		}
		c.add(f, copies[f.Path], denied[f.Path])
	}
	return c
}

func (c *Catalog) add(f *node.File, copyOf, denied string) {
	dir, name := Split(f.Path)
	it := &Item{Path: f.Path, Name: name, File: *f, Bytes: f.Bytes, Changed: f.Time.Time, CopyOf: copyOf, Denied: denied}
	it.fold()
	parent := c.folder(dir)
	it.parents = parent
	parent.inside = append(parent.inside, it)
	c.items[f.Path] = it
	c.files = append(c.files, it)
	for ; parent != nil; parent = parent.parents {
		parent.Files++
		parent.Bytes += f.Bytes
		parent.Changed = later(parent.Changed, it.Changed)
		if !f.Present {
			parent.Missing++
		}
		if copyOf != "" || denied != "" {
			parent.Marked++
		}
	}
}

// folder returns the folder of a path, which is made if it isn't there.
func (c *Catalog) folder(path string) *Item {
	if it := c.items[path]; it != nil && it.Folder {
		return it
	}
	dir, name := Split(path)
	it := &Item{Path: path, Name: name, Folder: true}
	it.fold()
	it.parents = c.folder(dir)
	it.parents.inside = append(it.parents.inside, it)
	c.items[path] = it
	return it
}

func (i *Item) fold() { i.key, i.folded = sortKey(i.Name), strings.ToLower(i.Name) }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Split cuts a path into its folder, "" for the top one, and its name.
func Split(path string) (dir, name string) {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i], path[i+1:]
	}
	return "", path
}

// Join is the path of a name in a folder.
func Join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// At returns what is at a path, nil if nothing is. The top folder is at "".
func (c *Catalog) At(path string) *Item { return c.items[path] }

// Nearest returns the folder that a path is, or the closest one above that there is.
func (c *Catalog) Nearest(path string) *Item {
	for {
		if it := c.items[path]; it != nil && it.Folder {
			return it
		}
		path, _ = Split(path)
	}
}

// Files are the files and symlinks of the space, by path.
func (c *Catalog) Files() []*Item { return c.files }

// Below returns the files and symlinks at an item and in it.
func (c *Catalog) Below(it *Item) (all []*Item) {
	if !it.Folder {
		return []*Item{it}
	}
	for _, in := range it.inside {
		all = append(all, c.Below(in)...)
	}
	return all
}

// Above returns the folders above a path, from the top down, without the top one.
func Above(path string) (dirs []string) {
	for i, b := range []byte(path) {
		if b == '/' {
			dirs = append(dirs, path[:i])
		}
	}
	return dirs
}

// Free returns a path at which nothing is, made from one by a number behind the
// name; taken are paths that are as good as used.
func (c *Catalog) Free(path string, taken map[string]bool) string {
	dir, name := Split(path)
	stem, ext := Extension(name)
	for n := 2; ; n++ {
		free := Join(dir, stem+" ("+decimal(n)+")"+ext)
		if c.items[free] == nil && !taken[free] {
			return free
		}
	}
}

// Extension cuts a name before its last dot; a name that begins with its only dot
// has none.
func Extension(name string) (stem, ext string) {
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		return name[:i], name[i:]
	}
	return name, ""
}
