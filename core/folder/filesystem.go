package folder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// fileSystem is what matters here of the file system that a folder is on.
type fileSystem struct {
	name      string // as its system calls it
	exact     bool   // it tells names apart that differ in any byte, and keeps them as they are
	perFolder bool   // but for single folders, which say so
	remote    bool   // others can change it, and nobody tells
}

// errClash says that the file system takes a name for that of another file. It is
// wrapped by errors that say that there is no such file.
var errClash = errors.New("name clash")

// errMisspelt says that the file system has written a name in another way.
var errMisspelt = errors.New("the name was changed")

// classify finds out what file system a folder is on. Others are asked for in the
// same pass.
func (ds *dirs) classify(d *dir, device uint64) {
	kind, ok := ds.kinds[device]
	if !ok {
		kind = fileSystemOf(d.file, device)
		ds.kinds[device] = kind
	}
	d.kind = kind
	d.exact = kind.exact && !(kind.perFolder && foldsFolder(d.file))
}

// lookup is lstat for a name in exactly this spelling: what the file system takes
// for the same isn't there, with an error that wraps errClash.
func (d *dir) lookup(name string) (stat, error) {
	s, err := lstat(d, name)
	if err == nil {
		err = d.spelled(name)
	}
	if err != nil {
		return stat{}, err
	}
	return s, nil
}

// spelled fails unless a name that is there is there in exactly this spelling.
// What was once seen is believed until unlist.
func (d *dir) spelled(name string) error {
	if d.exact {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.names[name] {
		return nil
	}
	names, err := d.list()
	if err != nil {
		return err
	}
	if d.names = names; !names[name] {
		return fmt.Errorf("%w: %w: %s", errClash, fs.ErrNotExist, join(d.path, name))
	}
	return nil
}

// list returns the names in a folder.
func (d *dir) list() (map[string]bool, error) {
	h, err := d.root.Open(".")
	if err != nil {
		return nil, err
	}
	defer h.Close()
	names := map[string]bool{}
	for {
		some, err := h.Readdirnames(1024)
		for _, n := range some {
			names[n] = true
		}
		if errors.Is(err, io.EOF) {
			return names, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// unlist forgets which names were seen: they are about to change.
func (ds *dirs) unlist() {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	for _, d := range ds.open {
		d.mu.Lock()
		d.names = nil
		d.mu.Unlock()
	}
}
