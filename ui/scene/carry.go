package scene

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"meadow/core/node"
)

// DropAt is the path of a drop that a scene has.
const DropAt = "/media/anna/STICK/Photos 2026-11-20" + node.DropExt

// dropOf makes up a drop of the first spaces of a scene, and of one that isn't here.
func dropOf(n *Node, spaces int) node.DropReport {
	r := node.DropReport{File: DropAt, Size: 3_912_000_000, Made: at(3 * 24 * time.Hour), Profile: "mdn-1"}
	for _, s := range n.State.Spaces[:min(spaces, len(n.State.Spaces))] {
		r.Spaces = append(r.Spaces, node.DropSpace{
			ID: s.ID, Name: s.Name, Here: true, Files: s.Files, Bytes: s.Bytes, Entries: s.Entries + 14,
			New: 214, Known: s.Entries - 212, Obsolete: 3, Dead: 5, Refused: 4, Missing: s.Entries / 100,
			Reasons: []node.DropReason{{Reason: "the signature is wrong", Count: 3}, {Reason: "who wrote it may not write there", Count: 1}},
		})
	}
	return r
}

// Strange makes the scene's drop one of a space that isn't here, beside so many that
// are.
func (n *Node) Strange(beside int) {
	n.Drop = dropOf(n, beside)
	name := "Choir"
	if n.Size == Long {
		name = longName
	}
	n.Drop.Spaces = append(n.Drop.Spaces, node.DropSpace{ID: id("strange", 1), Name: name, Path: "Scores", Files: 88, Bytes: 41_000_000, Entries: 90, Refused: 90})
}

// DropName implements carry.Node.
func (n *Node) DropName(space, of string) (string, error) {
	s, err := n.space(space)
	if err != nil {
		return "", err
	}
	name := s.Name
	if of != "" {
		name = path.Base(of)
	}
	return fmt.Sprintf("%s %s%s", name, At.Format(time.DateOnly), node.DropExt), nil
}

// DropExport implements carry.Node.
func (n *Node) DropExport(ctx context.Context, what node.DropWhat, file string, progress func(node.DropProgress)) (node.DropReport, error) {
	n.Written = append(n.Written, what)
	s, err := n.space(what.Space)
	if err != nil {
		return node.DropReport{}, err
	}
	progress(node.DropProgress{Bytes: s.Bytes / 3, Total: s.Bytes, Entries: s.Entries / 3})
	if n.Halfway {
		<-ctx.Done()
		return node.DropReport{}, ctx.Err()
	}
	if n.DropErr != nil {
		return node.DropReport{}, n.DropErr
	}
	r := node.DropReport{File: file, Size: s.Bytes + 1_200_000, Made: at(0), Profile: "mdn-1"}
	r.Spaces = []node.DropSpace{{ID: s.ID, Name: s.Name, Here: true, Path: what.Path, Files: s.Files, Bytes: s.Bytes, Entries: s.Entries + 20, Missing: 12}}
	return r, nil
}

// DropShow implements carry.Node.
func (n *Node) DropShow(_ context.Context, file string) (node.DropReport, error) {
	if strings.Contains(file, "broken") {
		return node.DropReport{}, &node.Error{
			Code: node.CodeDamaged, Message: "broken" + node.DropExt + " isn't a drop, or its beginning is damaged; nothing was changed", Hint: "have it written again",
		}
	}
	r := n.drop()
	r.File = file
	for i := range r.Spaces {
		s := &r.Spaces[i]
		s.New, s.Known, s.Obsolete, s.Dead, s.Refused, s.Reasons = 0, 0, 0, 0, 0, nil
	}
	if strings.Contains(file, "cut") {
		return r, &node.Error{Code: node.CodeDamaged, Message: "the drop is cut off", Hint: "have it written again"}
	}
	return r, nil
}

// drop is the scene's drop, which is made up when it is first wanted.
func (n *Node) drop() node.DropReport {
	if n.Drop.File == "" {
		n.Drop = dropOf(n, 1)
	}
	r := n.Drop
	r.Spaces = append([]node.DropSpace{}, r.Spaces...)
	return r
}

// DropImport implements carry.Node.
func (n *Node) DropImport(ctx context.Context, file string, progress func(node.DropProgress)) (node.DropReport, error) {
	r := n.drop()
	r.File = file
	progress(node.DropProgress{Bytes: r.Size / 2, Total: r.Size, Entries: 600})
	if n.Halfway {
		<-ctx.Done()
		return r, ctx.Err()
	}
	return r, n.DropErr
}

// Link implements carry.Node.
func (n *Node) Link(_ context.Context, space, of string) (string, error) {
	s, err := n.space(space)
	if err != nil {
		return "", err
	}
	return "willow://-" + s.ID + "." + s.ID + "/" + strings.ReplaceAll(of, " ", "%20"), nil
}

// OpenLink implements carry.Node.
func (n *Node) OpenLink(_ context.Context, uri string) (node.LinkTarget, error) {
	_, rest, ok := strings.Cut(uri, "://-")
	ids, of, _ := strings.Cut(rest, "/")
	if !ok {
		return node.LinkTarget{}, &node.Error{Code: node.CodeUsage, Message: "that is no link to a file or space", Hint: "copy the whole of it"}
	}
	space, _, _ := strings.Cut(ids, ".")
	s, err := n.space(space)
	if err != nil {
		return node.LinkTarget{}, &node.Error{Code: node.CodeNotFound, Message: "the space of this link isn't on this device", Hint: "ask who gave you the link to share it with you"}
	}
	t := node.LinkTarget{Space: s.ID, SpaceName: s.Name, Path: strings.ReplaceAll(of, "%20", " "), Kind: node.KindSpace}
	if t.Path == "" {
		return t, nil
	}
	t.Kind = "folder"
	for _, f := range n.filesIn(s.ID) {
		if f.Path == t.Path {
			t.Kind = "file"
			return t, nil
		}
		if strings.HasPrefix(f.Path, t.Path+"/") {
			return t, nil
		}
	}
	return t, notFound(t.Path)
}
