package node

import (
	"container/heap"
	"context"
	"slices"

	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// dropAreas returns the areas of a space that have what a drop is to have: one for all
// of it, or for a file or folder; or if only the newest are to be in it, one for each
// file, so that its content and its details stay together.
func (n *Node) dropAreas(ctx context.Context, sp *space, what DropWhat) ([]willow.Area, error) {
	if what.Newest > 0 || what.MaxSize > 0 {
		return n.newestAreas(ctx, sp, what)
	}
	if what.Path == "" {
		return []willow.Area{willow.FullArea}, nil
	}
	v, kind, err := n.linked(ctx, sp, what.Path)
	if err != nil {
		return nil, err
	}
	if kind != tree.Folder.String() {
		return []willow.Area{areaOf(v.Entry())}, nil
	}
	p, err := tree.FolderPath(what.Path)
	return []willow.Area{{AnySubspace: true, Path: p, Times: willow.AllTimes}}, treeError(what.Path, err)
}

// areaOf is the area of a version's entry and its details.
func areaOf(e willow.Entry) willow.Area {
	return willow.Area{Subspace: e.Subspace, Path: e.Path, Times: willow.AllTimes}
}

// newestAreas chooses the newest files, in an order in which their entries follow each
// other.
func (n *Node) newestAreas(ctx context.Context, sp *space, what DropWhat) ([]willow.Area, error) {
	if what.Path != "" {
		if _, _, err := n.linked(ctx, sp, what.Path); err != nil {
			return nil, err
		}
	}
	chosen := newest{what: what}
	for v, err := range sp.tree.List(ctx, what.Path) {
		if err != nil {
			return nil, treeError(what.Path, err)
		}
		if v.Kind != tree.Folder && v.Present {
			chosen.add(v.Entry())
		}
	}
	slices.SortFunc(chosen.list, func(a, b willow.Entry) int {
		if c := a.Subspace.Compare(b.Subspace); c != 0 {
			return c
		}
		return a.Path.Compare(b.Path)
	})
	areas := make([]willow.Area, len(chosen.list))
	for i, e := range chosen.list {
		areas[i] = areaOf(e)
	}
	return areas, nil
}

// newest keeps the newest of the entries that are added to it, as many as fit: none is
// left out that is newer than one that isn't. The oldest is first in list, a heap.
type newest struct {
	what DropWhat
	list []willow.Entry
	size uint64
	cut  *willow.Entry // the newest one that was left out
}

func (n *newest) add(e willow.Entry) {
	if n.cut != nil && e.Compare(*n.cut) < 0 {
		return
	}
	heap.Push(n, e)
	for n.over() {
		oldest := heap.Pop(n).(willow.Entry)
		n.cut = &oldest
	}
}

func (n *newest) over() bool {
	return n.what.Newest > 0 && int64(len(n.list)) > n.what.Newest || n.what.MaxSize > 0 && n.size > uint64(n.what.MaxSize)
}

// Len implements heap.Interface.
func (n *newest) Len() int { return len(n.list) }

// Less implements heap.Interface.
func (n *newest) Less(i, j int) bool { return n.list[i].Compare(n.list[j]) < 0 }

// Swap implements heap.Interface.
func (n *newest) Swap(i, j int) { n.list[i], n.list[j] = n.list[j], n.list[i] }

// Push implements heap.Interface.
func (n *newest) Push(x any) {
	e := x.(willow.Entry)
	n.list = append(n.list, e)
	n.size += e.PayloadLength
}

// Pop implements heap.Interface.
func (n *newest) Pop() any {
	e := n.list[len(n.list)-1]
	n.list = n.list[:len(n.list)-1]
	n.size -= e.PayloadLength
	return e
}
