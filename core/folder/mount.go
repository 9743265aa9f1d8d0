package folder

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"meadow/core/folder/tree"
)

// mountMark begins the paths of index rows that say where other file systems
// are mounted inside the folder. No file's path can begin like this.
const mountMark = "\x00"

// notMounted is why nothing is read or written where a mounted file system has
// gone.
const notMounted = "the disk that was mounted here is gone: nothing was deleted; mount it again, or delete the folder with `meadow rm`"

// loadRows takes over what the index holds.
func (f *Folder) loadRows(rows []Row) {
	for _, r := range rows {
		if f.loadParked(r) {
			continue
		}
		if p, ok := strings.CutPrefix(r.Path, mountMark); ok {
			f.mounts[p] = true
		} else {
			f.rows[r.Path] = r
		}
	}
}

// findLost works out which of the mounted file systems have gone, or can't be
// looked at. In their places are folders, or nothing, that tell nothing about
// the files.
func (f *Folder) findLost(ds *dirs) {
	clear(f.lost)
	for m := range f.mounts {
		if f.ignored(ds, m, true) {
			continue
		}
		there, err := ds.isMount(m)
		if err == nil && !there {
			there, err = f.filled(ds, m)
		}
		if err != nil || !there {
			f.lost[m] = true
		}
	}
}

// lacks reports whether a file system has gone that was mounted at or below p.
func (f *Folder) lacks(p string) bool {
	for m := range f.lost {
		if m == p || below(m, p) {
			return true
		}
	}
	return false
}

// isMount reports whether the folder at p is on another file system than the one
// that it is in.
func (ds *dirs) isMount(p string) (bool, error) {
	up, err := ds.dir(parent(p))
	if err != nil {
		return false, err
	}
	fi, err := up.file.Stat()
	if err != nil {
		return false, err
	}
	s, err := ds.lstat(p)
	return err == nil && s.kind == tree.Folder && s.device != statOf(fi).device, err
}

// filled reports whether a folder where something was mounted has what was known
// to be in that, or nothing was: at least half of the names.
func (f *Folder) filled(ds *dirs, m string) (bool, error) {
	known := map[string]bool{}
	for _, rows := range []map[string]Row{f.rows, f.parked} {
		for p := range rows {
			if below(p, m) {
				name, _, _ := strings.Cut(p[len(m)+1:], "/")
				known[name] = true
			}
		}
	}
	d, err := ds.dir(m)
	if err != nil {
		return false, err
	}
	have := 0
	for name := range known {
		if _, err := d.root.Lstat(name); err == nil {
			have++
		} else if !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
	}
	return 2*have >= len(known), nil
}

// recordMounts remembers the mounted file systems that a full scan has found,
// and forgets those whose files are in a plain folder now.
func (f *Folder) recordMounts(ctx context.Context, ds *dirs, found, unread map[string]bool) error {
	var rows []Row
	var remove []string
	for m := range found {
		if !f.mounts[m] {
			rows = append(rows, Row{Path: mountMark + m, Kind: uint8(tree.Folder)})
		}
	}
	for m := range f.mounts {
		switch {
		case found[m]:
		case f.lost[m] || within(m, unread) || f.ignored(ds, m, true):
			found[m] = true
		default:
			remove = append(remove, mountMark+m)
		}
	}
	if len(rows)+len(remove) == 0 {
		return nil
	}
	if err := f.cfg.Index.Put(ctx, f.cfg.ID, rows, remove); err != nil {
		return err
	}
	f.mounts = found
	return nil
}
