package space

import (
	"context"

	"meadow/core/node"
	"meadow/ui/words"
)

// What is taken back must be as the action left it: what another device has written
// there since is somebody's work.

// current returns the version that is shown at a path, or "" if none is.
func (s *Screen) current(ctx context.Context, space, path string) (string, error) {
	vs, err := s.node.History(ctx, space, path)
	if err != nil || len(vs) == 0 || vs[0].Op == "delete" {
		return "", err
	}
	return vs[0].Version, nil
}

// asLeft returns an error if a path isn't any more as an action left it: at a version,
// or deleted, which is "".
func (s *Screen) asLeft(ctx context.Context, space, path, version string) error {
	now, err := s.current(ctx, space, path)
	if err == nil && now != version {
		err = changedSince(path)
	}
	return err
}

func changedSince(path string) error {
	return &node.Error{
		Code: node.CodeExists, Message: words.L("{{.Name}} has changed since, and stays as it is", "Name", words.Shown(path)),
		Hint: words.L("its history has what was there before"),
	}
}

// version returns the version that was written, or "".
func version(w node.Written) string {
	if w.Version == nil {
		return ""
	}
	return *w.Version
}

// swap restores a version, and returns what takes that back: nil if nothing became
// different.
func (s *Screen) swap(ctx context.Context, space, path, to string) (undo func(context.Context) error, err error) {
	before, err := s.current(ctx, space, path)
	if err != nil {
		return nil, err
	}
	w, err := s.node.Restore(ctx, space, path, to)
	made := version(w)
	if err != nil || made == before {
		return nil, err
	}
	return func(ctx context.Context) error {
		err := s.asLeft(ctx, space, path, made)
		switch {
		case err != nil:
		case before == "":
			_, err = s.node.Remove(ctx, space, path)
		default:
			_, err = s.node.Restore(ctx, space, path, before)
		}
		return err
	}, nil
}
