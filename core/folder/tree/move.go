package tree

import (
	"context"
	"fmt"
)

// CheckPlace reports whether a file can be put at path: nil; ErrFolder if
// something is shown below it, or it is a recorded folder; ErrNotFolder if what
// is shown above it is no folder; or an error of CheckPath.
func (a actions) CheckPlace(ctx context.Context, path string) error {
	if err := CheckPath(path); err != nil {
		return err
	}
	if err := a.checkAbove(ctx, path); err != nil {
		return err
	}
	for v, err := range a.on.List(ctx, path) {
		if err != nil {
			return err
		}
		if v.Path != path || v.Kind == Folder {
			return fmt.Errorf("%q: %w", path, ErrFolder)
		}
	}
	return nil
}

// checkAbove returns ErrNotFolder if something shown above a path is no folder.
func (a actions) checkAbove(ctx context.Context, path string) error {
	for folder := range parents(path) {
		v, ok, err := a.on.Get(ctx, folder)
		if err != nil {
			return err
		}
		if ok && v.Kind != Folder {
			return fmt.Errorf("%q: %w", folder, ErrNotFolder)
		}
	}
	return nil
}

// checkRoom is CheckPlace for a version that is to be shown again: a folder may be
// where files are below it, but not where there is a file: ErrExists.
func (a actions) checkRoom(ctx context.Context, v Version) error {
	if v.Kind != Folder {
		return a.CheckPlace(ctx, v.Path)
	}
	if err := a.checkAbove(ctx, v.Path); err != nil {
		return err
	}
	there, ok, err := a.on.Get(ctx, v.Path)
	if err == nil && ok && there.Kind != Folder {
		err = fmt.Errorf("%q: %w", v.Path, ErrExists)
	}
	return err
}

// Move gives a file, or a folder with all that is shown in it, another path: new
// versions there with the same bytes and details, tombstones where they were. It
// returns the version at to; for a folder that isn't recorded a Version that has
// just Path and Kind. Errors: ErrNotFound, ErrExists, ErrIntoItself,
// ErrNotFolder, and those of Write.
func (a actions) Move(ctx context.Context, from, to string) (Version, error) {
	if err := CheckPath(from); err != nil {
		return Version{}, err
	}
	if from == to || below(to, from) {
		return Version{}, fmt.Errorf("move %q to %q: %w", from, to, ErrIntoItself)
	}
	if err := a.vacant(ctx, from, to); err != nil {
		return Version{}, fmt.Errorf("move to: %w", err)
	}
	var edits, removals []Edit
	for v, err := range a.on.List(ctx, from) {
		if err != nil {
			return Version{}, err
		}
		edits = append(edits, again(v, to+v.Path[len(from):]))
		removals = append(removals, removal(v))
	}
	if len(edits) == 0 {
		return Version{}, fmt.Errorf("move %q: %w", from, ErrNotFound)
	}
	vs, err := a.on.Write(ctx, append(edits, removals...))
	if err != nil {
		return Version{}, err
	}
	if edits[0].Path != to {
		return Version{Path: to, Kind: Folder}, nil
	}
	return vs[0], nil
}

// vacant reports whether nothing is shown at or below to, and no file above it.
// What is to be moved away doesn't count.
func (a actions) vacant(ctx context.Context, from, to string) error {
	if err := CheckPath(to); err != nil {
		return err
	}
	for folder := range parents(to) {
		v, ok, err := a.on.Get(ctx, folder)
		if err != nil {
			return err
		}
		if ok && v.Kind != Folder && v.Path != from {
			return fmt.Errorf("%q: %w", folder, ErrNotFolder)
		}
	}
	for v, err := range a.on.List(ctx, to) {
		if err != nil {
			return err
		}
		return fmt.Errorf("%q: %w", v.Path, ErrExists)
	}
	return nil
}

// again is v, written once more at a path.
func again(v Version, path string) Edit {
	e := Edit{Path: path, Kind: v.Kind, Digest: v.Digest, Length: v.Length, Mtime: v.Mtime, Exec: v.Exec}
	if v.details != nil {
		e.extra = v.details.extra
	}
	return e
}

// Remove writes a tombstone for all that is shown at or below path, and returns
// how much that was. ErrNotFound if nothing is.
func (a actions) Remove(ctx context.Context, path string) (n int, err error) {
	if err := CheckPath(path); err != nil {
		return 0, err
	}
	var edits []Edit
	for v, err := range a.on.List(ctx, path) {
		if err != nil {
			return 0, err
		}
		edits = append(edits, removal(v))
	}
	if len(edits) == 0 {
		return 0, fmt.Errorf("remove %q: %w", path, ErrNotFound)
	}
	if _, err = a.on.Write(ctx, edits); err != nil {
		return 0, err
	}
	return len(edits), nil
}

// removal deletes exactly v: what came after it is a conflict.
func removal(v Version) Edit {
	return Edit{Path: v.Path, Kind: Tombstone, Base: &Base{v.Timestamp, v.Digest}}
}
