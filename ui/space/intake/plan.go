// Package intake brings files from this computer into a space: what somebody dropped
// on the window, or chose. First it looks what there is ([Gather]) and which of the
// names are taken ([Plan.Clashes]), then a person answers, then [Run] puts one file
// after the other. What it has done can be taken back ([Undo]).
package intake

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"meadow/ui/space/catalog"
)

// Answer is what is to happen with a file whose name is taken.
type Answer int

// The answers.
const (
	Unasked Answer = iota
	Replace        // what is there stays in history
	Both           // under another name
	Skip
)

// File is one file to bring in.
type File struct {
	Local  string // where it is
	Path   string // where it goes
	Bytes  int64
	Taken  *catalog.Item // what is there
	Answer Answer

	twin string // what an earlier file of the plan takes: this path, or a folder above it
}

// Blocked reports whether the file can't replace what is there: a folder, the file
// where its folder would be, or another one that is brought in with it.
func (f File) Blocked() bool {
	return f.twin != "" || f.Taken != nil && (f.Taken.Folder || f.Taken.Path != f.Path)
}

// Left is something that isn't brought in.
type Left struct {
	Local string
	Why   Reason
	Err   error // of Unreadable, Refused and Untried
}

// Reason says why something isn't brought in.
type Reason int

// The reasons.
const (
	Link       Reason = iota + 1 // a link: what it leads to may be elsewhere on other devices
	Special                      // neither file nor folder
	Unreadable                   // it couldn't be read
	Refused                      // the node said no
	Untried                      // the node said no to one before it
)

// Plan is what is to be brought in.
type Plan struct {
	Files []File
	Left  []Left
	Bytes int64
}

// Gather looks what is at some places of this computer, folders with all in them, to
// be put into a folder of a space.
func Gather(ctx context.Context, locals []string, into string) (Plan, error) {
	var p Plan
	for _, local := range locals {
		local = filepath.Clean(local)
		if err := p.gather(ctx, local, catalog.Join(into, filepath.Base(local))); err != nil {
			return p, err
		}
	}
	return p, nil
}

func (p *Plan) gather(ctx context.Context, top, to string) error {
	return filepath.WalkDir(top, func(local string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			p.Left = append(p.Left, Left{local, Unreadable, err})
			return nil
		}
		path := to
		if rel, err := filepath.Rel(top, local); err == nil && rel != "." {
			path = catalog.Join(to, filepath.ToSlash(rel))
		}
		p.see(local, path, d)
		return nil
	})
}

// see notes one thing.
func (p *Plan) see(local, path string, d fs.DirEntry) {
	switch {
	case d.IsDir():
	case d.Type().IsRegular():
		info, err := d.Info()
		if err != nil {
			p.Left = append(p.Left, Left{local, Unreadable, err})
			return
		}
		p.Files = append(p.Files, File{Local: local, Path: path, Bytes: info.Size()})
		p.Bytes += info.Size()
	case d.Type()&fs.ModeSymlink != 0:
		p.Left = append(p.Left, Left{local, Link, nil})
	default:
		p.Left = append(p.Left, Left{local, Special, nil})
	}
}

// Clashes notes which names are taken, and returns how many are. A file whose name
// only an earlier one of the plan has gets another one without being asked for.
func (p *Plan) Clashes(c *catalog.Catalog) (taken int) {
	files, folders := make(map[string]bool, len(p.Files)), make(map[string]bool)
	for i := range p.Files {
		f := &p.Files[i]
		above := catalog.Above(f.Path)
		f.Taken, f.twin = c.At(f.Path), ""
		if files[f.Path] || folders[f.Path] {
			f.twin = f.Path
		}
		for _, dir := range slices.Backward(above) { // the topmost counts
			if it := c.At(dir); it != nil && !it.Folder {
				f.Taken = it
			}
			if files[dir] {
				f.twin = dir
			}
			folders[dir] = true
		}
		files[f.Path] = true
		switch {
		case f.Taken != nil:
			taken++
		case f.twin != "":
			f.Answer = Both
		}
	}
	return taken
}

// Next returns the next file that somebody has to answer for, nil if there is none.
func (p *Plan) Next() *File {
	for i := range p.Files {
		if f := &p.Files[i]; f.Taken != nil && f.Answer == Unasked {
			return f
		}
	}
	return nil
}

// Rest counts the files that somebody has to answer for.
func (p *Plan) Rest() (n int) {
	for _, f := range p.Files {
		if f.Taken != nil && f.Answer == Unasked {
			n++
		}
	}
	return n
}

// Say answers for a file, or for all that aren't answered for. Where a file can't
// replace what is there, Replace means Both.
func (p *Plan) Say(f *File, a Answer, forAll bool) {
	for i := range p.Files {
		g := &p.Files[i]
		if g != f && (!forAll || g.Taken == nil || g.Answer != Unasked) {
			continue
		}
		g.Answer = a
		if a == Replace && g.Blocked() {
			g.Answer = Both
		}
	}
}

// Settle gives the files that stay beside others their names, and leaves out those
// that are skipped.
func (p *Plan) Settle(c *catalog.Catalog) {
	n := namer{catalog: c, taken: make(map[string]bool, len(p.Files)), moved: make(map[string]string)}
	files := make([]File, 0, len(p.Files))
	p.Bytes = 0
	for _, f := range p.Files {
		if f.Answer == Skip {
			continue
		}
		if f.Answer != Both {
			n.take(f.Path)
		}
		p.Bytes += f.Bytes
		files = append(files, f)
	}
	for i := range files {
		if f := &files[i]; f.Answer == Both {
			f.Path, f.Taken = n.beside(*f), nil
		}
	}
	p.Files = files
}

// namer finds free paths.
type namer struct {
	catalog *catalog.Catalog
	taken   map[string]bool   // what the plan puts somewhere, and the folders of that
	moved   map[string]string // folders that are called otherwise, as files have their names
}

func (n *namer) take(path string) {
	n.taken[path] = true
	for _, dir := range catalog.Above(path) {
		n.taken[dir] = true
	}
}

// beside is a free path for a file: another name for itself, or for its folder where
// that is what's taken.
func (n *namer) beside(f File) string {
	blocks, path := f.blocks(), f.Path
	if blocks != path {
		to, ok := n.moved[blocks]
		if !ok {
			to = n.catalog.Free(blocks, n.taken)
			n.moved[blocks] = to
		}
		path = to + path[len(blocks):]
	}
	if path == f.Path || n.taken[path] {
		path = n.catalog.Free(path, n.taken)
	}
	n.take(path)
	return path
}

// blocks is the path, or the topmost folder above it, that the file can't have.
func (f File) blocks() string {
	if f.Taken != nil && (f.twin == "" || len(f.Taken.Path) < len(f.twin)) {
		return f.Taken.Path
	}
	return f.twin
}

// unreadable reports whether an error is of this computer's file, not of the space.
func unreadable(err error) bool {
	var path *fs.PathError
	return errors.As(err, &path) || errors.Is(err, os.ErrPermission)
}
