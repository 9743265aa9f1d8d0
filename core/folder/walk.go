package folder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"meadow/core/blob/disk"
	"meadow/core/folder/tree"
)

// found is a file, symlink or empty folder that isn't what its row says.
type found struct {
	path string
	stat stat
	row  Row
	has  bool // there is a row

	refused bool // this device may not write there
}

// findings is what looking at the disk brought, compared with the rows.
type findings struct {
	changed []found
	empty   []found             // folders with nothing in them and no row
	gone    []Row               // rows whose file is there no more
	seen    map[string]struct{} // paths that have, or may have, what a row says
	unread  map[string]bool     // folders that couldn't be read: nothing in them is gone
	walked  map[string]bool     // at and below these all was looked at
	passing []string            // of issues, those that may pass without an event
	temps   []string            // temporary files of ours
	typed   map[string]bool     // folders that are files in the rows
	issues  map[string]string   // what can't be put into the tree, and why
	mounts  map[string]bool     // folders on another file system than the one that they are in
	parked  []Row               // rows of what is ignored
	back    map[string]found    // what has a parked row and isn't ignored any more
	deep    bool                // some folder was walked
}

// walker looks at the disk for one scan.
type walker struct {
	f  *Folder
	ds *dirs
	findings
}

func (f *Folder) newWalker(ds *dirs) *walker {
	return &walker{f: f, ds: ds, findings: findings{
		seen: map[string]struct{}{}, unread: map[string]bool{}, walked: map[string]bool{},
		typed: map[string]bool{}, issues: map[string]string{}, mounts: map[string]bool{}, back: map[string]found{},
	}}
}

// walk looks at all in the folder at top, which is there.
func (w *walker) walk(ctx context.Context, top string) error {
	w.walked[top], w.deep = true, true
	stack := []string{top}
	for len(stack) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		p := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		w.ds.trim()
		d, err := w.ds.dir(p)
		if err == nil {
			stack, err = w.list(ctx, d, stack)
		}
		switch {
		case ctx.Err() != nil: // nothing follows from half of a listing
			return ctx.Err()
		case errors.Is(err, fs.ErrNotExist) || errors.Is(err, errInWay):
			w.unread[p] = true // it has gone since it was listed: the next look will tell
		case err != nil:
			w.unreadable(p, err)
		}
	}
	return nil
}

func (w *walker) unreadable(p string, err error) {
	w.unread[p] = true
	w.issues[p] = "it can't be read: " + reason(err)
	if disk.CauseOf(err) != disk.Long {
		w.passing = append(w.passing, p)
	}
}

// list looks at each name in a folder and pushes the folders among them.
func (w *walker) list(ctx context.Context, d *dir, stack []string) ([]string, error) {
	fi, err := d.file.Stat()
	if err != nil {
		return stack, err
	}
	self := statOf(fi)
	w.f.watch.add(d.path, self.inode)
	w.f.watch.sees(d)
	w.f.checkRules(w.ds, d.path, false)
	h, err := d.root.Open(".")
	if err != nil {
		return stack, err
	}
	defer h.Close()
	some := false
	for {
		if err := ctx.Err(); err != nil {
			return stack, err
		}
		names, err := h.Readdirnames(1024)
		for _, name := range names {
			if isTemp(name) {
				if !isDropTemp(name) {
					w.temps = append(w.temps, join(d.path, name))
				}
				continue
			}
			some = true
			if err := w.entry(d, self.device, name, &stack); err != nil {
				return stack, err
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return stack, err
		}
	}
	if _, ok := w.f.rows[d.path]; !some && !ok && !w.f.lacks(d.path) {
		w.empty = append(w.empty, found{path: d.path, stat: self})
	}
	return stack, nil
}

// entry looks at one name in a folder on a device, and pushes it if it is a
// folder itself.
func (w *walker) entry(d *dir, device uint64, name string, stack *[]string) error {
	s, err := lstat(d, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	p := join(d.path, name)
	if w.f.ignored(w.ds, p, s.kind == tree.Folder) {
		return nil
	}
	w.compare(p, s)
	if s.kind == tree.Folder {
		*stack = append(*stack, p)
		if s.device != device {
			w.mounts[p] = true
		}
	}
	return nil
}

// compare notes what a file on disk is beside its row.
func (w *walker) compare(p string, s stat) {
	r, ok := w.f.rows[p]
	switch {
	case w.returns(p, s):
	case s.kind == other:
		w.issues[p] = "only files, folders and symlinks are synced"
	case s.kind == tree.Folder:
		if ok && tree.Kind(r.Kind) == tree.Folder {
			w.seen[p] = struct{}{}
		}
		w.typed[p] = ok && tree.Kind(r.Kind) != tree.Folder
	case ok && s.is(r):
		w.seen[p] = struct{}{}
	case tree.CheckPath(p) != nil:
		w.issues[p] = fmt.Sprintf("it can't be in a space: its path is %d bytes long, more than the %d that there is room for", len(p), tree.MaxPath)
	default:
		w.seen[p] = struct{}{}
		w.changed = append(w.changed, found{path: p, stat: s, row: r, has: ok})
	}
}

// look looks at one path about which there was an event. whole says that the
// name came or went, so that a folder is to be walked.
func (w *walker) look(ctx context.Context, p string, whole bool) error {
	if isTemp(path.Base(p)) || w.skip(parent(p), true) {
		return nil
	}
	d, name, err := w.ds.at(p)
	var s stat
	if err == nil {
		s, err = d.lookup(name)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, errInWay):
		w.walked[p] = true // and found to be empty
		return nil
	case err != nil:
		w.unreadable(p, err)
		return nil
	}
	if w.skip(p, s.kind == tree.Folder) {
		return nil
	}
	w.compare(p, s)
	if s.kind != tree.Folder {
		w.walked[p] = true
		return nil
	}
	if _, watched := w.f.watch.inodes[p]; whole || !watched || w.f.wasUnread(p) {
		return w.walk(ctx, p)
	}
	return nil
}

// finish works out what has gone.
func (w *walker) finish() findings {
	if w.f.rules.changed { // what was ignored may be a disk that isn't there
		w.f.findLost(w.ds)
	}
	w.sweep()
	for m := range w.f.lost {
		if within(m, w.walked) && !w.f.waited(m) {
			w.issues[m] = notMounted
		}
	}
	check := func(p string, r Row) {
		if _, ok := w.seen[p]; ok || p == "" || within(p, w.unread) || within(p, w.f.lost) || w.parks(p, r) {
			return
		}
		w.gone = append(w.gone, r)
	}
	if w.onlyKnownFiles() {
		for p := range w.walked {
			if r, ok := w.f.rows[p]; ok {
				check(p, r)
			}
		}
		return w.findings
	}
	for p, r := range w.f.rows {
		if within(p, w.walked) {
			check(p, r)
		}
	}
	return w.findings
}

// onlyKnownFiles reports whether all that was looked at are files in the rows,
// so that there can be no rows below them.
func (w *walker) onlyKnownFiles() bool {
	for p := range w.walked {
		if r, ok := w.f.rows[p]; !ok || tree.Kind(r.Kind) == tree.Folder {
			return false
		}
	}
	return true
}

// within reports whether p or a folder that it is in is one of tops.
func within(p string, tops map[string]bool) bool {
	for {
		if tops[p] {
			return true
		}
		if p == "" {
			return false
		}
		p = parent(p)
	}
}

// reason is an error in words for people, without the path.
func reason(err error) string {
	if c := disk.CauseOf(err); c != disk.None {
		return c.Reason()
	}
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
