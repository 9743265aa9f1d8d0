package node

import (
	"context"
	"errors"
	"strings"

	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// LinkTarget is what a link is to. Kind is space, folder, file or symlink. Local is
// where it is on this disk, if its space is attached here.
type LinkTarget struct {
	Space     string  `json:"space"` // id
	SpaceName string  `json:"space_name"`
	Path      string  `json:"path"`               // "" is the space
	PathB64   *string `json:"path_b64,omitempty"` // only where the name isn't UTF-8
	Kind      string  `json:"kind"`
	Local     OrNull  `json:"local"`
	LocalB64  *string `json:"local_b64,omitempty"` // only where it isn't UTF-8
	// Changed is that the link is to another version than the one that is there now.
	Changed bool `json:"changed"`
}

// KindSpace is the kind of a link to a whole space.
const KindSpace = "space"

// Link returns the Willow URI of a space, or of a file or folder of it. It gives no
// access to who doesn't have the space.
//
// A file's is the URI of the entry that its bytes are the payload of, in the shared
// tree or in a contributor's corner; a folder's and a space's are those of areas of
// the shared tree, in which the corners are shown.
func (n *Node) Link(ctx context.Context, space, path string) (string, error) {
	sp, err := n.spaces.find(space)
	if err != nil {
		return "", err
	}
	u := willow.URI{Namespace: sp.id, Subspace: willow.SubspaceID(sp.id)}
	u.Area = willow.NewURIArea(willow.Everything(willow.SubspaceArea(u.Subspace)))
	if path != "" {
		v, kind, err := n.linked(ctx, sp, path)
		if err != nil {
			return "", err
		}
		if kind == tree.Folder.String() {
			u.Path, err = tree.FolderPath(path)
		} else {
			e := v.Entry()
			u.Subspace, u.Path, u.Area = e.Subspace, e.Path, nil
		}
		if err != nil {
			return "", treeError(path, err)
		}
	}
	text, err := u.AppendText(nil)
	if err != nil {
		return "", fail(CodeUsage, "link to the folder that it is in", "%q has no link: %v", path, err)
	}
	return string(text), nil
}

// linked returns what is shown at a path: a version, but of folders that are nothing
// but what is in them.
func (n *Node) linked(ctx context.Context, sp *space, path string) (v tree.Version, kind string, err error) {
	if err := tree.CheckPath(path); err != nil {
		return v, "", treeError(path, err)
	}
	v, found, err := sp.tree.Get(ctx, path)
	if err != nil {
		return v, "", treeError(path, err)
	}
	if found {
		return v, v.Kind.String(), nil
	}
	for _, err := range sp.tree.List(ctx, path) {
		return tree.Version{}, tree.Folder.String(), treeError(path, err)
	}
	return v, "", fail(CodeNotFound, "see `meadow ls`", "nothing is at %q in %s", path, sp.name())
}

// OpenLink finds what a Willow URI is to. Nothing is dialled or changed. It fails with
// CodeUsage if that is no link, and with CodeNotFound if the space isn't on this device
// or nothing is there: in the latter case the target has the space and the path
// nevertheless.
func (n *Node) OpenLink(ctx context.Context, uri string) (LinkTarget, error) {
	u, err := willow.ParseURI(strings.TrimSpace(uri))
	if err != nil {
		return LinkTarget{}, fail(CodeUsage, "copy the whole of it", "that is no link to a file or space: %v", err)
	}
	if !n.account.Paired() {
		return LinkTarget{}, notPaired()
	}
	sp := n.spaces.at(u.Namespace)
	if sp == nil {
		return LinkTarget{}, fail(CodeNotFound, "ask who gave you the link to share it with you", "the space of this link isn't on this device")
	}
	t := LinkTarget{Space: sp.id.String(), SpaceName: sp.name(), Kind: KindSpace}
	path, ok := linkedPath(u)
	if !ok {
		return t, fail(CodeNotFound, "look into the space", "the link is to something in %s that isn't a file", sp.name())
	}
	if path != "" {
		if t.Path, err = n.placeOf(ctx, sp, u, path); err != nil {
			return t, err
		}
		t.PathB64 = b64(t.Path)
		var v tree.Version
		if v, t.Kind, err = n.linked(ctx, sp, t.Path); err != nil {
			return t, deadLink(err, sp, t.Path)
		}
		t.Changed = u.Digest != nil && v.Digest != *u.Digest
	}
	if local, err := n.LocalPath(ctx, t.Space, t.Path); err == nil {
		t.Local, t.LocalB64 = OrNull(local), b64(local)
	}
	return t, nil
}

// deadLink is err, but says more of a link where nothing is.
func deadLink(err error, sp *space, path string) error {
	var e *Error
	if !errors.As(err, &e) || e.Code != CodeNotFound {
		return err
	}
	return fail(CodeNotFound, "it was moved or deleted, or hasn't arrived yet: see `meadow ls` and `meadow history`",
		"nothing is at %q in %s", path, sp.name())
}

// linkedPath returns the path of a file or folder that a URI is to, "" if it is to all
// of a space; ok is false if it is to something else.
func linkedPath(u willow.URI) (path string, ok bool) {
	if u.Path == (willow.Path{}) {
		return "", true
	}
	if u.Area == nil {
		if path, ok = tree.PathOf(u.Path); ok {
			return path, true
		}
	}
	return tree.FolderOf(u.Path)
}

// placeOf returns where that is shown: what lies in a contributor's corner may have
// another name.
func (n *Node) placeOf(ctx context.Context, sp *space, u willow.URI, path string) (string, error) {
	if u.Area != nil && u.Area.AnySubspace {
		return path, nil
	}
	path, err := sp.tree.PlaceOf(ctx, u.Subspace, path)
	return path, treeError(path, err)
}
