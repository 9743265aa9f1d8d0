package node

import (
	"context"
	"errors"

	"meadow/core/folder/tree"
)

// MakeFolder makes an empty folder. A folder that is there already, empty or not, is
// an error, as a file is.
func (n *Node) MakeFolder(ctx context.Context, name, path string) (Written, error) {
	sp, err := n.checked(name, path)
	if err != nil {
		return Written{}, err
	}
	err = sp.tree.CheckPlace(ctx, path)
	if err == nil {
		if _, taken, e := sp.tree.Get(ctx, path); e != nil || taken {
			err = errors.Join(e, tree.ErrExists)
		}
	}
	if err != nil {
		return Written{}, treeError(path, err)
	}
	vs, err := sp.tree.Write(ctx, []tree.Edit{{Path: path, Kind: tree.Folder, Mtime: n.cfg.Now()}})
	if err != nil {
		return Written{}, n.writeError(sp, path, err)
	}
	return written(vs[0], n.cfg.Now()), nil
}
