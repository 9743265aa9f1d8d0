package folder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"meadow/core/blob/disk"
	"meadow/core/folder/tree"
)

// scanAll looks at the whole directory and puts what has changed into the tree.
func (f *Folder) scanAll(ctx context.Context) error {
	ds, err := f.openRoot(ctx)
	if err != nil {
		return err
	}
	defer ds.close()
	f.update(func(d *desk) { d.scanning = true })
	defer f.update(func(d *desk) { d.scanning = false })
	if err := f.adoptSpares(ctx); err != nil {
		return err
	}
	for {
		w := f.newWalker(ds)
		f.watch.again()
		began := time.Now()
		if err := w.walk(ctx, ""); err != nil {
			return err
		}
		f.scanTook = time.Since(began)
		back, err := f.recover(ctx, ds, w.temps)
		if err != nil {
			return err
		}
		if back {
			continue
		}
		f.soil(slices.Collect(maps.Keys(f.later))...) // they have been looked at
		clear(f.later)
		clear(f.events)
		f.unstick(nil, true, true)
		f.countLater()
		if f.rules.changed { // what was ignored may be a disk that isn't there
			f.findLost(ds)
		}
		if err := f.recordMounts(ctx, ds, w.mounts, w.unread); err != nil {
			return err
		}
		if err := f.take(ctx, ds, w.finish()); err != nil {
			return err
		}
		if err := f.vouch(ctx, ds, nil); err != nil {
			return err
		}
		return f.keepCopies(ctx, ds)
	}
}

// scanPaths looks at some paths, each with whether its name came or went.
func (f *Folder) scanPaths(ctx context.Context, ds *dirs, paths map[string]bool) error {
	f.recheckRules(ds, paths)
	w := f.newWalker(ds)
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		ds.trim()
		if err := w.look(ctx, p, paths[p]); err != nil {
			return err
		}
	}
	return f.take(ctx, ds, w.finish())
}

// soil makes the next pass compare a path with the tree.
func (f *Folder) soil(paths ...string) {
	if len(paths) > 0 {
		f.Notify(paths...)
	}
}

// openRoot opens the directory and makes sure that it is the one that was
// attached. If it can't be sure, the error wraps errMissing.
func (f *Folder) openRoot(ctx context.Context) (*dirs, error) {
	ds, err := openDirs(f.cfg.Dir)
	if disk.CauseOf(err) == disk.Files {
		return nil, err
	}
	if err != nil {
		return nil, f.rootMissing(ctx, unopened{f.cfg.Dir, err})
	}
	if err := f.identify(ctx, ds); err != nil {
		ds.close()
		return nil, f.rootMissing(ctx, err)
	}
	f.findLost(ds)
	if err := f.rootFound(ctx); err != nil {
		ds.close()
		return nil, err
	}
	return ds, nil
}

// identify compares the directory with what is remembered of it: another
// directory that has none of the names that are known to be there may be the
// place where a disk was mounted, and says nothing about our files.
func (f *Folder) identify(ctx context.Context, ds *dirs) error {
	fi, err := ds.open[""].file.Stat()
	if err != nil {
		return fmt.Errorf("%w: %w", errMissing, err)
	}
	s := statOf(fi)
	id := Row{Kind: uint8(tree.Folder), Inode: s.inode, MtimeNS: birthNS(f.cfg.Dir)}
	was, known := f.rows[""]
	if known && was == id && (f.device == 0 || f.device == s.device) {
		f.device = s.device
		return nil
	}
	if known {
		familiar, err := f.familiar(ds)
		if err != nil {
			return fmt.Errorf("%w: %w", errMissing, err)
		}
		if !familiar {
			return fmt.Errorf("%w: %s is not the directory that was attached, and has none of its files (is a disk not mounted?):"+
				" nothing was deleted; put it back, or detach the space", errMissing, f.cfg.Dir)
		}
	}
	f.device = s.device
	return f.record(ctx, []Row{id}, nil)
}

// familiar reports whether the root has any name that it should have.
func (f *Folder) familiar(ds *dirs) (bool, error) {
	if len(f.rows) <= 1 {
		return true, nil
	}
	h, err := ds.open[""].root.Open(".")
	if err != nil {
		return false, err
	}
	defer h.Close()
	names, err := h.Readdirnames(-1)
	if err != nil {
		return false, err
	}
	have := make(map[string]bool, len(names))
	for _, n := range names {
		have[n] = true
	}
	for p := range f.rows {
		if top, _, _ := strings.Cut(p, "/"); p != "" && have[top] {
			return true, nil
		}
	}
	return false, nil
}

// record writes rows to the index, and then to memory.
func (f *Folder) record(ctx context.Context, rows []Row, remove []string) error {
	if len(rows)+len(remove) == 0 {
		return nil
	}
	if err := f.cfg.Index.Put(ctx, f.cfg.ID, rows, remove); err != nil {
		return err
	}
	for _, p := range remove {
		delete(f.rows, p)
	}
	f.unhold(remove)
	for _, r := range rows {
		f.rows[r.Path] = r
	}
	return nil
}

// retryLater has a path looked at again, after a delay that doubles. quiet ones
// don't count as pending.
func (f *Folder) retryLater(p string, first time.Duration, quiet bool) {
	r, ok := f.later[p]
	if r.delay *= 2; !ok || r.delay < first {
		r.delay = first
	}
	r.delay = min(r.delay, stuckAgain)
	r.at, r.quiet = time.Now().Add(r.delay), quiet
	f.later[p] = r
	f.countLater()
}

func (f *Folder) countLater() {
	n := 0
	for _, r := range f.later {
		if !r.quiet {
			n++
		}
	}
	f.update(func(d *desk) { d.busy = n })
}

// isEmpty reports whether there is nothing in a folder but temporary files.
func isEmpty(d *dir) (bool, error) {
	h, err := d.root.Open(".")
	if err != nil {
		return false, err
	}
	defer h.Close()
	for {
		names, err := h.Readdirnames(64)
		if slices.ContainsFunc(names, func(n string) bool { return !isTemp(n) }) {
			return false, nil
		}
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
}

// has reports whether a folder has a name in exactly this spelling.
func (d *dir) has(name string) (bool, error) {
	h, err := d.root.Open(".")
	if err != nil {
		return false, err
	}
	defer h.Close()
	for {
		names, err := h.Readdirnames(1024)
		if slices.Contains(names, name) {
			return true, nil
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
}

// openRegular opens a file that was seen to be a regular one, and fails if it
// is another meanwhile.
func openRegular(d *dir, name string, seen stat) (*os.File, error) {
	h, err := d.root.Open(name)
	if err != nil {
		return nil, err
	}
	fi, err := h.Stat()
	if err == nil && statOf(fi) != seen {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}
