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
	for s, err := range t.spots(ctx, paths) {
		if err != nil {
			return moved, err
		}
		if s.group.path == "" {
			continue
		}
		if err := t.eraseNews(ctx, s); err != nil {
			return moved, err
		}
		files, undecided, err := t.inTheWay(ctx, s, checked)
		if err != nil {
			return moved, err
		}
		if undecided {
			later[s.path] = struct{}{}
		}
		for _, path := range files {
			ok, err := t.moveAside(ctx, path)
			if err != nil {
				return moved, err
			}
			if ok {
				moved++
			} else {
				later[path] = struct{}{}
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
func (t *Tree) inTheWay(ctx context.Context, s spot, checked map[string]bool) (files []string, undecided bool, err error) {
	kind := File // or a symlink, if there are bytes: no need to read details
	if s.group.payload.PayloadLength == 0 {
		v, err := t.version(ctx, s.group, t.held)
		if err != nil || v.Kind == 0 {
			return nil, false, err
		}
		if !v.Decided() {
			return nil, true, nil // a folder, an empty file or a tombstone
		}
		if !v.Live() {
			return nil, false, nil
		}
		kind = v.Kind
	}
	if kind != Folder && s.below && !checked[s.path] {
		folder, err := t.shownBelow(ctx, s.path)
		if err != nil {
			return nil, false, err
		}
		if folder {
			checked[s.path], files = true, append(files, s.path)
		}
	}
	above, err := t.filesAbove(ctx, s.path, checked)
	return append(files, above...), false, err
}

// filesAbove returns the ancestors of a path that are shown as files, without
// those that have been checked.
func (t *Tree) filesAbove(ctx context.Context, path string, checked map[string]bool) (files []string, err error) {
	for folder := range parents(path) {
		if checked[folder] {
			break // and so are those above it
		}
		checked[folder] = true
		v, ok, err := t.Get(ctx, folder)
		if err != nil {
			return nil, err
		}
		if ok && v.Kind != Folder {
			files = append(files, folder)
		}
	}
	return files, nil
}

// shownBelow reports whether anything is shown below a path.
func (t *Tree) shownBelow(ctx context.Context, path string) (bool, error) {
	for g, err := range t.groups(ctx, path) {
		if err != nil {
			return false, err
		}
		if g.path == path {
			continue
		}
		if g.payload.PayloadLength > 0 {
			return true, nil
		}
		v, err := t.version(ctx, g, t.held)
		if err != nil {
			return false, err
		}
		if v.Live() && v.Decided() {
			return true, nil
		}
	}
	return false, nil
}

// moveAside writes a file's conflict copy and, after it, a tombstone at its
// path: pure functions of the file, both.
func (t *Tree) moveAside(ctx context.Context, path string) (bool, error) {
	v, ok, err := t.Get(ctx, path)
	if err != nil || !ok || v.Kind == Folder { // it has changed meanwhile: settled next time
		return false, err
	}
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
	end, err := t.gone(ctx, v)
	if err != nil {
		return false, err
	}
	drafts := []draft{c, end}
	if ok, err := t.mayWriteAll(drafts); !ok || err != nil {
		return false, err
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

// mayWriteAll reports whether this device could write drafts, and there is time for
// them.
func (t *Tree) mayWriteAll(drafts []draft) (bool, error) {
	for _, d := range drafts {
		p, err := node(d.path)
		if err != nil || !t.MayWrite(p) || d.timestamp > lastTimestamp-1 {
			return false, err
		}
	}
	return true, nil
}

// gone is the tombstone of a file that moved out of a folder's way. It says no
// more of the author than the file did.
func (t *Tree) gone(ctx context.Context, v Version) (draft, error) {
	d, err := t.lawful(ctx, v)
	d.kind, d.seen, d.at = Tombstone, seen(v.Seen).join(v.dot()), v.made()
	d.exec, d.conflictOf, d.erase = false, "", false
	return draft{path: v.Path, timestamp: v.Timestamp + 2, digest: willow.EmptyDigest, details: d}, err
}
