package node

import (
	"context"
)

// LinkTarget is what a link is to. Kind is space, folder, file or symlink. Local is
// where it is on this disk, if its space is attached here.
type LinkTarget struct {
	Space     string `json:"space"` // id
	SpaceName string `json:"space_name"`
	Path      string `json:"path"` // "" is the space
	Kind      string `json:"kind"`
	Local     OrNull `json:"local"`
	// Changed is that the link is to another version than the one that is there now.
	Changed bool `json:"changed"`
}

// KindSpace is the kind of a link to a whole space.
const KindSpace = "space"

// Link returns the Willow URI of a space, or of a file or folder of it. It gives no
// access to who doesn't have the space.
func (n *Node) Link(ctx context.Context, space, path string) (string, error) {
	return "", fail(CodeInternal, "", "there are no links yet")
}

// OpenLink finds what a Willow URI is to. Nothing is dialled or changed. It fails with
// CodeUsage if that is no link, and with CodeNotFound if the space isn't on this device
// or nothing is there: then the target has the space and the path nevertheless.
func (n *Node) OpenLink(ctx context.Context, uri string) (LinkTarget, error) {
	return LinkTarget{}, fail(CodeInternal, "", "there are no links yet")
}
