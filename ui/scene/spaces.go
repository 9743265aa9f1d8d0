package scene

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"meadow/core/node"
)

// Names implements node.Node's.
func (n *Node) Names(_ context.Context, space string) ([]node.Name, error) {
	var list []node.Name
	for _, f := range n.filesIn(space) {
		proposed := strings.NewReplacer(":", "_", "?", "_", "aux.txt", "aux_.txt").Replace(f.Path)
		if proposed != f.Path {
			list = append(list, node.Name{Path: f.Path, Problem: "Windows can't hold this name", Systems: []string{"windows"}, Proposed: proposed})
		}
	}
	return list, nil
}

// Unwritable implements node.Node's.
func (n *Node) Unwritable(_ context.Context, space string) ([]node.Unwritable, error) {
	s, err := n.space(space)
	if err != nil || s.Unwritable == 0 {
		return nil, err
	}
	for _, f := range n.filesIn(space) {
		if strings.Contains(f.Path, "?") {
			return []node.Unwritable{{Space: s.Name, Path: f.Path, Reason: "the disk can't hold : and ? in a name", Proposed: ptr(strings.NewReplacer(":", "_", "?", "_").Replace(f.Path))}}, nil
		}
	}
	return nil, nil
}

// Ignore implements node.Node's.
func (n *Node) Ignore(_ context.Context, space string, test bool, rules []byte) (node.Ignored, error) {
	found := node.Ignored{Space: space, Test: test}
	for i, line := range strings.Split(string(rules), "\n") {
		r := node.IgnoreRule{Pattern: line, Source: ".meadowignore", Line: i + 1}
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			continue
		case strings.HasSuffix(line, "["):
			r.Problem = "a bracket isn't closed"
		case strings.Contains(line, "tmp"):
			for j := range 12 {
				found.Skipped = append(found.Skipped, node.Skipped{Path: fmt.Sprintf("drafts/page %d.tmp", j), Kind: "file", Pattern: line, Source: r.Source, Line: i + 1, Count: 1, Bytes: 12_000})
			}
		case strings.Contains(line, "build"):
			found.Skipped = append(found.Skipped, node.Skipped{Path: "build", Kind: "folder", Pattern: line, Source: r.Source, Line: i + 1, Count: 201, Bytes: 1_200_000_000})
		}
		found.Rules = append(found.Rules, r)
	}
	found.Skipped = append(found.Skipped, node.Skipped{Path: "Letters/.DS_Store", Kind: "file", Pattern: ".DS_Store", Source: "default", Line: 1, Count: 1, Bytes: 6148})
	for _, k := range found.Skipped {
		found.Count += k.Count
		found.Bytes += k.Bytes
	}
	return found, nil
}

// SpaceCreate implements node.Node's.
func (n *Node) SpaceCreate(_ context.Context, name string) (node.Space, error) {
	for _, s := range n.State.Spaces {
		if s.Name == name {
			return node.Space{}, &node.Error{Code: node.CodeNameTaken, Message: "another space is called that; nothing was changed", Hint: "choose another name"}
		}
	}
	s := node.Space{ID: id("made", len(n.State.Spaces)), Name: name, Fingerprint: "0"}
	n.State.Spaces = append(n.State.Spaces, s)
	return s, nil
}

// SpaceRename implements node.Node's.
func (n *Node) SpaceRename(_ context.Context, space, name string) (node.Space, error) {
	s, err := n.space(space)
	if err != nil {
		return node.Space{}, err
	}
	s.Name = name
	return *s, nil
}

// SpaceAttach implements node.Node's.
func (n *Node) SpaceAttach(_ context.Context, space, dir string) (node.Space, error) {
	s, err := n.space(space)
	if err != nil {
		return node.Space{}, err
	}
	s.Folder = &dir
	return *s, nil
}

// SpaceDetach implements node.Node's.
func (n *Node) SpaceDetach(_ context.Context, space string) (node.Space, error) {
	s, err := n.space(space)
	if err != nil {
		return node.Space{}, err
	}
	s.Folder = nil
	return *s, nil
}

// SpaceDelete implements node.Node's.
func (n *Node) SpaceDelete(_ context.Context, space string, _ bool) (node.DeletedSpace, error) {
	s, err := n.space(space)
	if err != nil {
		return node.DeletedSpace{}, err
	}
	d := node.DeletedSpace{ID: s.ID, Name: s.Name, Entries: s.Entries, Files: s.Files, Bytes: s.Bytes, Deleted: at(0), Until: at(-30 * 24 * time.Hour)}
	n.deleted = append(n.deleted, *s)
	n.State.Spaces = slices.DeleteFunc(n.State.Spaces, func(s node.Space) bool { return s.ID == d.ID })
	return d, nil
}

// SpaceUndelete implements node.Node's.
func (n *Node) SpaceUndelete(_ context.Context, space, _ string) (node.Space, error) {
	for i, s := range n.deleted {
		if s.ID == space {
			n.deleted = slices.Delete(n.deleted, i, i+1)
			n.State.Spaces = append(n.State.Spaces, s)
			return s, nil
		}
	}
	return node.Space{}, notFound(space)
}

// SpaceListDeleted implements node.Node's.
func (n *Node) SpaceListDeleted(context.Context) ([]node.DeletedSpace, error) {
	var list []node.DeletedSpace
	if n.Size == Few || n.Size == Long {
		name := "Old projects"
		if n.Size == Long {
			name = longName
		}
		list = append(list, node.DeletedSpace{ID: id("gone", 1), Name: name, Entries: 412, Files: 412, Bytes: 1_100_000_000, Deleted: at(50 * time.Hour), Until: at(-28 * 24 * time.Hour)})
	}
	for _, s := range n.deleted {
		list = append(list, node.DeletedSpace{ID: s.ID, Name: s.Name, Entries: s.Entries, Files: s.Files, Bytes: s.Bytes, Deleted: at(0), Until: at(-30 * 24 * time.Hour)})
	}
	return list, nil
}
