package node

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"meadow/core/folder/tree"
)

// LocalPath returns where on this disk a file or folder of a space is, or with an
// empty path the folder that the space is attached to. It fails with
// CodeNotAttached if the space isn't, and if nothing is at the path on the disk.
func (n *Node) LocalPath(ctx context.Context, name, path string) (string, error) {
	sp, err := n.spaces.find(name)
	if err != nil {
		return "", err
	}
	if path != "" {
		if err := tree.CheckPath(path); err != nil {
			return "", treeError(path, err)
		}
	}
	at := n.spaces.folderOf(sp)
	if at == nil {
		return "", fail(CodeNotAttached, "attach it with `meadow space attach`, or save a copy of the file",
			"%s isn't attached to a folder on this device", sp.name())
	}
	inside := "."
	if path != "" {
		inside = filepath.FromSlash(path)
	}
	err = lstatIn(at.dir, inside)
	switch {
	case errors.Is(err, fs.ErrNotExist) && path != "":
		v, known, err := sp.tree.Get(ctx, path)
		if err != nil {
			return "", treeError(path, err)
		}
		if known && !v.Present {
			return "", notHere(path)
		}
		return "", fail(CodeNotFound, "see `meadow ls`, or save a copy of the file", "%q isn't in %s", path, at.dir)
	case err != nil:
		return "", fail(CodeFolder, "see `meadow status`", "can't look into %s: %v", at.dir, err)
	}
	return filepath.Join(at.dir, inside), nil
}

// lstatIn reports whether something is at a path in a folder, without following
// links out of it.
func lstatIn(dir, path string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	_, err = root.Lstat(path)
	return errors.Join(err, root.Close())
}
