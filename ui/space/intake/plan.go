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
}

// Blocked reports whether the file can't replace what is there: a folder, or the
// file where its folder would be.
func (f File) Blocked() bool { return f.Taken != nil && (f.Taken.Folder || f.Taken.Path != f.Path) }

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

// Clashes notes which names are taken, and returns how many are.
func (p *Plan) Clashes(c *catalog.Catalog) (taken int) {
	for i := range p.Files {
		f := &p.Files[i]
		f.Taken = c.At(f.Path)
		for _, above := range catalog.Above(f.Path) {
			if it := c.At(above); it != nil && !it.Folder {
				f.Taken = it
				break
			}
		}
		if f.Taken != nil {
			taken++
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
	taken := make(map[string]bool, len(p.Files))
	files := make([]File, 0, len(p.Files))
	p.Bytes = 0
	for _, f := range p.Files {
		if f.Answer == Skip {
			continue
		}
		if f.Answer == Both {
			f.Path, f.Taken = beside(c, f, taken), nil
		}
		taken[f.Path] = true
		p.Bytes += f.Bytes
		files = append(files, f)
	}
	p.Files = files
}

// beside is a free path for a file: another name for itself, or for its folder where
// that is what's taken.
func beside(c *catalog.Catalog, f File, taken map[string]bool) string {
	if f.Taken.Path == f.Path {
		return c.Free(f.Path, taken)
	}
	return c.Free(f.Taken.Path, nil) + f.Path[len(f.Taken.Path):]
}

// unreadable reports whether an error is of this computer's file, not of the space.
func unreadable(err error) bool {
	var path *fs.PathError
	return errors.As(err, &path) || errors.Is(err, os.ErrPermission)
}
