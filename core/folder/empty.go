package folder

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"time"

	"meadow/core/folder/tree"
)

// emptied records folders that have nothing in them: those found, and those
// that deletions have emptied. But where the tree has something in a folder, or
// took it away itself, the folder follows the tree.
func (in *intake) emptied(ctx context.Context, fd findings, gone ...[]Row) error {
	empty := make(map[string]found, len(fd.empty))
	for _, c := range fd.empty {
		empty[c.path] = c
	}
	for _, rows := range gone {
		for _, r := range rows {
			if err := in.maybeEmpty(parent(r.Path), empty); err != nil {
				return err
			}
		}
	}
	for _, p := range slices.Sorted(maps.Keys(empty)) {
		if err := in.folder(ctx, empty[p]); err != nil {
			return err
		}
		if err := in.flushIfFull(ctx); err != nil {
			return err
		}
	}
	return in.flush(ctx)
}

// maybeEmpty adds the folder at p if it is there and empty.
func (in *intake) maybeEmpty(p string, empty map[string]found) error {
	if _, ok := empty[p]; ok || p == "" {
		return nil
	}
	if _, ok := in.f.rows[p]; ok || in.f.lacks(p) {
		return nil
	}
	d, err := in.ds.dir(p)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errInWay) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.ds.trim()
	fi, err := d.file.Stat()
	if err != nil {
		return err
	}
	none, err := in.f.isBare(in.ds, d)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it went while we looked
	}
	if err != nil || !none {
		return err
	}
	empty[p] = found{path: p, stat: statOf(fi)}
	return nil
}

// folder records one empty folder.
func (in *intake) folder(ctx context.Context, c found) error {
	v, ok, err := in.lookup(ctx, c.path)
	if err != nil {
		return err
	}
	if ok && v.Kind == tree.Folder {
		in.rows = append(in.rows, c.stat.row(c.path, v))
		return nil
	}
	if refused, err := in.f.refuses(ctx, c.path, false); refused || err != nil {
		return err // it stays, on this disk only
	}
	follow, err := in.follows(ctx, c.path)
	if err != nil || follow {
		in.f.prune[c.path] = true
		return err
	}
	in.edits = append(in.edits, tree.Edit{
		Path: c.path, Kind: tree.Folder, Mtime: time.Unix(0, c.stat.mtimeNS), Base: base(c.row, c.has, v, ok),
	})
	in.after = append(in.after, c)
	return nil
}

// follows reports whether an empty folder is the tree's doing: the tree has
// something to put there, or what the rows have there is deleted in the tree.
func (in *intake) follows(ctx context.Context, p string) (bool, error) {
	for v, err := range in.f.cfg.Tree.Walk(ctx, p) {
		if err != nil {
			return false, err
		}
		r, has := in.f.rows[v.Path]
		if in.f.ignoredAt(in.ds, v.Path, v, r) {
			continue
		}
		if v.Path != p && (v.Live() && !(has && isAt(v, r)) || !v.Live() && has) {
			return true, nil
		}
	}
	return false, nil
}
