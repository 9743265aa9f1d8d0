package tree

import (
	"context"
	"errors"

	"meadow/core/willow"
)

// settleNews moves files that have a folder's name, because of one of the paths,
// to their conflict copies: the folder keeps the name. It adds the paths that
// must wait to later.
func (t *Tree) settleNews(ctx context.Context, paths []string, later map[string]struct{}) (moved int, err error) {
	checked := map[string]bool{}
	for _, path := range paths {
		files, undecided, err := t.inTheWay(ctx, path, checked)
		if err != nil {
			return moved, err
		}
		if undecided {
			later[path] = struct{}{}
		}
		for _, v := range files {
			ok, err := t.moveAside(ctx, v)
			if err != nil {
				return moved, err
			}
			if ok {
				moved++
			} else {
				later[v.Path] = struct{}{}
			}
		}
	}
	return moved, nil
}

// overlaid returns the paths of the whole tree that have a payload and others
// below them, without a look at what kind they are.
func (t *Tree) overlaid(ctx context.Context) (paths []string, err error) {
	type open struct {
		path string
		used bool
	}
	var stack []open
	for g, err := range t.groups(ctx, "") {
		if err != nil {
			return nil, err
		}
		for len(stack) > 0 && !below(g.path, stack[len(stack)-1].path) {
			stack = stack[:len(stack)-1]
		}
		for i := range stack {
			if !stack[i].used {
				stack[i].used, paths = true, append(paths, stack[i].path)
			}
		}
		stack = append(stack, open{path: g.path})
	}
	return paths, nil
}

// inTheWay returns the files that can't stay because of a path that changed: at
// the path itself, if something is shown below it, and above it. checked
// remembers folders that have been looked at.
func (t *Tree) inTheWay(ctx context.Context, path string, checked map[string]bool) (files []Version, undecided bool, err error) {
	v, ok, err := t.Lookup(ctx, path)
	if err != nil || !ok {
		return nil, false, err
	}
	if !v.Decided() && v.Length == 0 {
		return nil, true, nil // a folder, an empty file or a tombstone
	}
	if !v.Live() {
		return nil, false, nil
	}
	if v.Kind != Folder && !checked[path] {
		folder, err := t.shownBelow(ctx, path)
		if err != nil {
			return nil, false, err
		}
		if folder {
			checked[path], files = true, append(files, v)
		}
	}
	for folder := range parents(path) {
		if checked[folder] {
			continue
		}
		checked[folder] = true
		v, ok, err := t.Get(ctx, folder)
		if err != nil {
			return nil, false, err
		}
		if ok && v.Kind != Folder {
			files = append(files, v)
		}
	}
	return files, false, nil
}

// shownBelow reports whether anything is shown below a path.
func (t *Tree) shownBelow(ctx context.Context, path string) (bool, error) {
	for v, err := range t.List(ctx, path) {
		if err != nil {
			return false, err
		}
		if v.Path != path && (v.Decided() || v.Length > 0) {
			return true, nil
		}
	}
	return false, nil
}

// moveAside writes a file's conflict copy and, after it, a tombstone at its
// path: pure functions of the file, both.
func (t *Tree) moveAside(ctx context.Context, v Version) (bool, error) {
	if !v.Decided() || !t.maySave(v) {
		return false, nil
	}
	c, err := copyOf(v)
	if errors.Is(err, ErrPath) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	drafts := []draft{c, gone(v)}
	for _, d := range drafts {
		p, err := node(d.path)
		if err != nil || !t.MayWrite(p) || d.timestamp > lastTimestamp-1 {
			return false, err
		}
	}
	taken, err := t.taken(ctx, c)
	if err != nil {
		return false, err
	}
	if taken {
		drafts = drafts[1:]
	}
	_, refused, err := t.save(ctx, drafts)
	return err == nil && len(refused) == 0, err
}

// gone is the tombstone of a file that moved out of a folder's way. It says no
// more of the author than the file did.
func gone(v Version) draft {
	d := v.restated()
	d.kind, d.seen, d.at = Tombstone, seen(v.Seen).join(v.dot()), v.made()
	d.exec, d.conflictOf = false, ""
	return draft{path: v.Path, timestamp: v.Timestamp + 2, digest: willow.EmptyDigest, details: d}
}
