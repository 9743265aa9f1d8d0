package space

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"meadow/ui/frame"
	"meadow/ui/local"
	"meadow/ui/space/catalog"
	"meadow/ui/words"
)

// opener opens files with the programs that the desktop has for them: the real file
// if the space is in a folder here, else a copy that can't be written, in a private
// folder that goes when Meadow ends.
type opener struct {
	screen *Screen
	copies copies
}

// file opens a file of the space.
func (o *opener) file(it *catalog.Item) {
	if !it.File.Present {
		o.screen.frame.Say(words.L("The content of {{.Name}} hasn't arrived on this device yet.", "Name", words.Shown(it.Name)), nil)
		return
	}
	s := o.screen
	if it.File.Kind == "symlink" && s.space.Folder == nil {
		s.frame.Say(words.L("This is a link. It leads somewhere only in a folder: attach the space to one."), nil)
		return
	}
	space, path := s.space.ID, it.Path
	frame.Ask(s.frame.Worker, func(ctx context.Context) (opened, error) {
		at, err := s.node.LocalPath(ctx, space, path)
		if err == nil {
			return opened{at, false}, nil
		}
		at, err = o.copies.of(it.File.Version, it.Name, func() (io.ReadCloser, int64, error) { return s.node.Get(ctx, space, path) })
		return opened{at, true}, err
	}, o.got)
}

type opened struct {
	path string
	copy bool
}

func (o *opener) got(at opened, err error) {
	if err != nil {
		o.screen.frame.Fail(err)
		return
	}
	if at.copy {
		o.copies.tidy.Do(func() { o.screen.frame.Worker.AtExit(o.copies.remove) })
		o.screen.frame.Say(words.L("This is a copy to read: what you change in it isn't kept. Attach the space to a folder to edit its files."), nil)
	}
	o.open(at.path)
}

// open opens a file or a folder of this computer.
func (o *opener) open(path string) {
	o.screen.frame.Fail(local.Open(o.screen.frame.App, path))
}

// copies are files that were taken out of the space to be looked at.
type copies struct {
	tidy sync.Once

	mu  sync.Mutex // guards all below
	dir string
}

// of returns the path of a copy of a version, which is made if it isn't there.
func (c *copies) of(version, name string, get func() (io.ReadCloser, int64, error)) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dir == "" {
		dir, err := os.MkdirTemp("", "meadow-")
		if err != nil {
			return "", err
		}
		c.dir = dir
	}
	dir := filepath.Join(c.dir, strings.Map(plain, version))
	path := filepath.Join(dir, localName(name))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	r, _, err := get()
	if err != nil {
		return "", err
	}
	defer r.Close()
	return path, copyTo(path, r, 0o400)
}

// remove removes all copies.
func (c *copies) remove() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dir != "" {
		_ = os.RemoveAll(c.dir) // another program may hold one: the system's own tidying has it then
		c.dir = ""
	}
}

func plain(r rune) rune {
	if r == '/' || r == '\\' || r == ':' {
		return '_'
	}
	return r
}

// localName is a name that this computer can hold.
func localName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`<>:"/\|?*`, r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	if strings.Trim(name, ". ") == "" {
		return "_"
	}
	return strings.TrimRight(name, ". ")
}

// copyTo writes what a reader has to a new file, whole or not at all.
func copyTo(path string, r io.Reader, mode os.FileMode) error {
	part, err := os.CreateTemp(filepath.Dir(path), ".meadow-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(part, r)
	err = errors.Join(err, part.Chmod(mode), part.Close())
	if err == nil {
		err = os.Rename(part.Name(), path)
	}
	if err != nil {
		_ = os.Remove(part.Name())
	}
	return err
}
