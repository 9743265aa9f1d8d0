package folder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync"

	"meadow/core/blob/disk"
)

// errInWay is wrapped by errors about a parent that isn't a real folder: it is
// a file or a symlink, which is never followed.
var errInWay = errors.New("something is in the way of the folder")

// errMissing is returned for a root that isn't there, or isn't the one that was
// attached: nothing may be concluded from what it holds.
var errMissing = errors.New("the folder is missing")

// dirs holds open the folders that one pass works in. Each is reached from its
// parent by a single name that was seen to be a real folder, so that no symlink
// on the way is ever followed, also not one that is put there meanwhile. Its
// methods may be called concurrently.
type dirs struct {
	abs string // absolute path of the root, immutable

	mu    sync.Mutex
	open  map[string]*dir       // by path; "" is the root
	kinds map[uint64]fileSystem // by device
}

// dir is one open folder.
type dir struct {
	path string
	root *os.Root
	file *os.File // the folder itself, to sync it and to rename in it

	kind  fileSystem
	exact bool // names are what they seem

	mu    sync.Mutex
	names map[string]bool // that were seen in it, where they may not be
}

// maxOpenDirs bounds the open folders of a pass; each takes two descriptors, of
// which there may be few.
var maxOpenDirs = min(128, max(4, disk.OpenFiles()/16))

// openDirs opens the root at an absolute path, following symlinks to it: where
// the folder is was the user's choice.
func openDirs(abs string) (*dirs, error) {
	r, err := os.OpenRoot(abs)
	if disk.CauseOf(err) == disk.Files { // which says nothing about the folder
		return nil, disk.New(disk.Files, abs, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMissing, err)
	}
	d, err := newDir("", r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMissing, err)
	}
	fi, err := d.file.Stat()
	if err != nil {
		d.close()
		return nil, fmt.Errorf("%w: %w", errMissing, err)
	}
	ds := &dirs{abs: abs, open: map[string]*dir{"": d}, kinds: map[uint64]fileSystem{}}
	ds.classify(d, statOf(fi).device)
	return ds, nil
}

func newDir(path string, r *os.Root) (*dir, error) {
	f, err := r.Open(".")
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return &dir{path: path, root: r, file: f}, nil
}

func (d *dir) fd() int { return int(d.file.Fd()) }

func (d *dir) close() {
	_ = d.file.Close() // nothing was written through it
	_ = d.root.Close()
}

func (ds *dirs) close() {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	for _, d := range ds.open {
		d.close()
	}
	clear(ds.open)
}

// trim closes all folders but the root if there are many. No dir that was
// returned before may be in use.
func (ds *dirs) trim() {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	if len(ds.open) < maxOpenDirs {
		return
	}
	for p, d := range ds.open {
		if p != "" {
			d.close()
			delete(ds.open, p)
		}
	}
}

// forget closes a folder that has been removed, and those below it.
func (ds *dirs) forget(p string) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	for q, d := range ds.open {
		if q != "" && (q == p || below(q, p)) {
			d.close()
			delete(ds.open, q)
		}
	}
}

// dir opens the folder at p. Errors wrap fs.ErrNotExist if it isn't there, and
// errInWay if it or a parent is no folder.
func (ds *dirs) dir(p string) (*dir, error) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	return ds.dirLocked(p, false)
}

// makeDir is like dir and makes what is missing.
func (ds *dirs) makeDir(p string) (*dir, error) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	return ds.dirLocked(p, true)
}

func (ds *dirs) dirLocked(p string, create bool) (*dir, error) {
	if d, ok := ds.open[p]; ok {
		return d, nil
	}
	up, err := ds.dirLocked(parent(p), create)
	if err != nil {
		return nil, err
	}
	name := path.Base(p)
	seen, err := up.root.Lstat(name)
	if create && errors.Is(err, fs.ErrNotExist) {
		seen, err = up.makeFolder(name)
	} else if err == nil {
		err = up.spelled(name)
	}
	if err != nil {
		return nil, err
	}
	if !seen.IsDir() {
		return nil, fmt.Errorf("%w: %s", errInWay, p)
	}
	r, err := up.root.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	d, err := newDir(p, r)
	if err != nil {
		return nil, err
	}
	got, err := d.file.Stat()
	if err != nil || !os.SameFile(seen, got) {
		d.close()
		return nil, errors.Join(fmt.Errorf("%w: %s has just been replaced", errInWay, p), err)
	}
	ds.classify(d, statOf(got).device)
	ds.open[p] = d
	return d, nil
}

// makeFolder makes a folder, if the file system keeps its name as it is.
func (d *dir) makeFolder(name string) (fs.FileInfo, error) {
	if err := d.root.Mkdir(name, 0o777); err != nil {
		return nil, err
	}
	if err := d.spelled(name); err != nil {
		if errors.Is(err, errClash) {
			err = errMisspelt
		}
		return nil, errors.Join(err, d.root.Remove(name))
	}
	return d.root.Lstat(name)
}

// at opens the folder that p is in, and returns p's name there.
func (ds *dirs) at(p string) (*dir, string, error) {
	d, err := ds.dir(parent(p))
	return d, path.Base(p), err
}

// lstat looks at the file at p. What is below a file or a symlink isn't there.
func (ds *dirs) lstat(p string) (stat, error) {
	d, name, err := ds.at(p)
	if errors.Is(err, errInWay) {
		return stat{}, fs.ErrNotExist
	}
	if err != nil {
		return stat{}, err
	}
	return d.lookup(name)
}

// absolute is where the file at p is for packages that open files by name.
func (ds *dirs) absolute(p string) string { return filepath.Join(ds.abs, filepath.FromSlash(p)) }

// renameNewPortably hard-links, which fails if the name exists, or at last
// looks before it renames.
func renameNewPortably(from *dir, name string, to *dir, newName string) error {
	if from == to {
		switch err := from.root.Link(name, newName); {
		case err == nil:
			return from.root.Remove(name)
		case errors.Is(err, fs.ErrExist):
			return err
		}
	}
	if _, err := to.root.Lstat(newName); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(wrap("rename", to, newName, fs.ErrExist), err)
	}
	if from == to {
		return from.root.Rename(name, newName)
	}
	return os.Rename(filepath.Join(from.root.Name(), name), filepath.Join(to.root.Name(), newName))
}

func swapPortably(d *dir, tmp, name string) (aside string, err error) {
	aside = tempName()
	if err := d.root.Rename(name, aside); err != nil {
		return "", err
	}
	if err := renameNewPortably(d, tmp, d, name); err != nil {
		return "", errors.Join(err, renameNewPortably(d, aside, d, name))
	}
	return aside, nil
}

// wrap gives a bare system error its operation and path; nil stays nil.
func wrap(op string, d *dir, name string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: join(d.path, name), Err: err}
}
