package node

import (
	"context"
	"slices"

	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// DeletedFiles is the answer to ls --deleted: files and symlinks that are no longer
// in a space, the latest deletion first.
type DeletedFiles struct {
	Files []DeletedFile `json:"files"`
	More  int64         `json:"more"` // older deletions that aren't listed
}

// DeletedFile is a path that nothing is at any more. Version, Bytes and Digest are
// of what was there last, as far as history still has it.
type DeletedFile struct {
	Path       string  `json:"path"`
	PathB64    *string `json:"path_b64,omitempty"` // only where the name isn't UTF-8
	Kind       string  `json:"kind"`               // file or symlink
	Deleted    Time    `json:"deleted"`
	By         string  `json:"by"` // the device that deleted it
	Version    string  `json:"version"`
	Bytes      int64   `json:"bytes"`
	Digest     string  `json:"digest"`
	Restorable bool    `json:"restorable"`
	Reason     OrNull  `json:"reason"` // why it can't be restored, see Version
	// Now is a path that has the same bytes now, such as what it was renamed to.
	Now *string `json:"now"`
}

// maxDeleted bounds the rows of DeletedFiles: each needs its path's history.
const maxDeleted = 1000

// ListDeleted lists what was deleted at a path or below it and is still in history,
// whose time is the account's history days. What was erased isn't listed.
func (n *Node) ListDeleted(ctx context.Context, name, prefix string) (DeletedFiles, error) {
	sp, err := n.spaces.find(name)
	if err != nil {
		return DeletedFiles{}, err
	}
	if prefix != "" {
		if err := tree.CheckPath(prefix); err != nil {
			return DeletedFiles{}, treeError(prefix, err)
		}
	}
	var gone []tree.Version
	for v, err := range sp.tree.Walk(ctx, prefix) {
		if err != nil {
			return DeletedFiles{}, treeError(prefix, err)
		}
		if v.Kind == tree.Tombstone && !v.Erases() {
			gone = append(gone, v)
		}
	}
	slices.SortStableFunc(gone, func(a, b tree.Version) int { return b.Timestamp.Time().Compare(a.Timestamp.Time()) })
	list, err := n.deletedFiles(ctx, sp, gone)
	if err != nil {
		return DeletedFiles{}, err
	}
	return list, n.renamed(ctx, sp, list.Files)
}

// deletedFiles looks up what was there before each of the deletions.
func (n *Node) deletedFiles(ctx context.Context, sp *space, gone []tree.Version) (DeletedFiles, error) {
	list := DeletedFiles{Files: []DeletedFile{}}
	l, err := n.limits(ctx)
	if err != nil {
		return list, err
	}
	names, attached := n.authors(), n.spaces.folderOf(sp) != nil
	for i, v := range gone {
		if len(list.Files) == maxDeleted {
			list.More = int64(len(gone) - i)
			break
		}
		vs, err := sp.tree.History(ctx, v.Path)
		if err != nil {
			return list, treeError(v.Path, err)
		}
		last := slices.IndexFunc(vs, tree.Version.Live)
		if last < 0 || vs[last].Kind == tree.Folder {
			continue // its time in history is over, or it is made again by what comes into it
		}
		was := vs[last]
		f := DeletedFile{
			Path: v.Path, PathB64: b64(v.Path), Kind: was.Kind.String(), Deleted: Time{v.Timestamp.Time()}, By: author(v.Author, names),
			Version: was.ID(), Bytes: int64(was.Length), Digest: was.Digest.String(), Restorable: was.Present,
		}
		switch {
		case was.Present:
		case attached && int64(was.Length) > l.now:
			f.Reason = ReasonNotKept
		default:
			f.Reason = ReasonNotHere
		}
		list.Files = append(list.Files, f)
	}
	return list, nil
}

// renamed notes which of the files are elsewhere in the space now.
func (n *Node) renamed(ctx context.Context, sp *space, files []DeletedFile) error {
	if len(files) == 0 {
		return nil
	}
	by := make(map[string][]*DeletedFile, len(files))
	for i := range files {
		if files[i].Bytes > 0 {
			by[files[i].Digest] = append(by[files[i].Digest], &files[i])
		}
	}
	empty := willow.EmptyDigest.String()
	for v, err := range sp.tree.List(ctx, "") {
		if err != nil {
			return treeError("", err)
		}
		digest := v.Digest.String()
		if digest == empty {
			continue
		}
		for _, f := range by[digest] {
			f.Now = &v.Path
		}
		delete(by, digest)
	}
	return nil
}
