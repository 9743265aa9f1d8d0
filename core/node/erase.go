package node

import (
	"context"
	"errors"
	"os"
	"slices"

	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// maxElsewhere bounds the other places of erased bytes that are told.
const maxElsewhere = 20

// Erase removes a file, or a folder with all in it, and erases for good the history
// of these paths, on all devices: here at once, elsewhere when they hear of it. The
// answer says where in the space the same bytes still are. Names aren't erased.
func (n *Node) Erase(ctx context.Context, name, path string) (Removed, error) {
	sp, err := n.checked(name, path)
	if err != nil {
		return Removed{}, err
	}
	if !n.account.OwnSpace(sp.id) {
		return Removed{}, fail(CodeNotAllowed, "remove it without --erase, or ask who shares the space",
			"only the owner of a space can erase history; nothing was changed")
	}
	if !n.account.Owns(sp.id) {
		return Removed{}, fail(CodeNotAllowed, "do it on a full device, or remove it without --erase",
			"a limited device can't erase history; nothing was changed")
	}
	digests, err := n.historyOf(ctx, sp, path)
	if err != nil {
		return Removed{}, treeError(path, err)
	}
	shown, paths := 0, []string(nil)
	err = n.journal.erase(ctx, sp, func() (_ []string, err error) {
		shown, paths, err = sp.tree.Erase(ctx, path)
		return paths, err
	})
	if errors.Is(err, tree.ErrBusy) {
		return Removed{}, fail(CodeExists, "look at what is there now, then try again", "another device changed it at the same time; that stays: %v", err)
	}
	if err != nil {
		return Removed{}, treeError(path, err)
	}
	n.forgetCopies()
	r := Removed{Path: path, Removed: int64(shown), Erased: int64(len(paths))}
	r.Elsewhere, err = n.elsewhere(ctx, sp, digests, paths)
	return r, err
}

// forgetCopies removes copies of the database: they hold what was erased.
func (n *Node) forgetCopies() {
	for _, file := range n.cfg.Home.copies() {
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			n.log.Warn("An old copy of the database wasn't removed", "error", err)
		}
	}
}

// historyOf returns the payloads of the versions at a path and below it that have
// any and are known here; of a large folder, some of them.
func (n *Node) historyOf(ctx context.Context, sp *space, path string) (digests []willow.Digest, err error) {
	const most = 1000
	add := func(path string) error {
		vs, err := sp.tree.History(ctx, path)
		for _, v := range vs {
			if v.Live() && v.Length > 0 && !slices.Contains(digests, v.Digest) {
				digests = append(digests, v.Digest)
			}
		}
		return err
	}
	if err := add(path); err != nil {
		return nil, err
	}
	for v, err := range sp.tree.Walk(ctx, path) {
		if err == nil && v.Path != path {
			err = add(v.Path)
		}
		if err != nil || len(digests) >= most {
			return digests, err
		}
	}
	return digests, nil
}

// elsewhere returns paths that were not erased and have one of the payloads, now or
// in their history.
func (n *Node) elsewhere(ctx context.Context, sp *space, digests []willow.Digest, erased []string) ([]string, error) {
	found := []string{}
	for _, d := range digests {
		es, err := n.cfg.History.Naming(ctx, sp.id, d, maxElsewhere)
		if err != nil {
			return nil, err
		}
		for _, e := range es {
			path, ok := tree.PathOf(e.Path)
			if ok && len(found) < maxElsewhere && !slices.Contains(found, path) && !slices.Contains(erased, path) {
				found = append(found, path)
			}
		}
	}
	slices.Sort(found)
	return found, nil
}
