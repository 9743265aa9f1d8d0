package node

import (
	"container/heap"
	"context"
	"math"
	"slices"

	"meadow/core/blob/disk"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// dropAreas returns the areas of a space that have what a drop is to have: one for all
// of it, or for a file or folder; or if only the newest are to be in it, one for each
// file, so that its content and its details stay together. left is how many files those
// leave out.
func (n *Node) dropAreas(ctx context.Context, sp *space, what DropWhat) (areas []willow.Area, left int64, err error) {
	if what.some() {
		return n.newestAreas(ctx, sp, what)
	}
	if what.Path == "" {
		return []willow.Area{willow.FullArea}, 0, nil
	}
	v, kind, err := n.linked(ctx, sp, what.Path)
	if err != nil {
		return nil, 0, err
	}
	if kind != tree.Folder.String() {
		return []willow.Area{areaOf(v.Entry())}, 0, nil
	}
	p, err := tree.FolderPath(what.Path)
	return []willow.Area{{AnySubspace: true, Path: p, Times: willow.AllTimes}}, 0, treeError(what.Path, err)
}

// some reports whether only the newest files are to be in a drop.
func (w DropWhat) some() bool { return w.Newest > 0 || w.MaxSize > 0 }

// areaOf is the area of a version's entry and its details.
func areaOf(e willow.Entry) willow.Area {
	return willow.Area{Subspace: e.Subspace, Path: e.Path, Times: willow.AllTimes}
}

// newestAreas chooses the newest files, in an order in which their entries follow each
// other.
func (n *Node) newestAreas(ctx context.Context, sp *space, what DropWhat) (areas []willow.Area, left int64, err error) {
	if what.Path != "" {
		if _, _, err := n.linked(ctx, sp, what.Path); err != nil {
			return nil, 0, err
		}
	}
	chosen := newest{most: what.Newest, room: n.dropRoom(sp, what)}
	for v, err := range sp.tree.List(ctx, what.Path) {
		if err != nil {
			return nil, 0, treeError(what.Path, err)
		}
		if v.Kind != tree.Folder && v.Present {
			chosen.add(candidate{v.Entry(), cost(v)})
		}
	}
	if len(chosen.list) == 0 && chosen.left > 0 {
		return nil, 0, fail(CodeNotFound, "choose more with --max-size", "no file of it fits into %s; nothing was written", disk.Bytes(uint64(what.MaxSize)))
	}
	slices.SortFunc(chosen.list, func(a, b candidate) int {
		if c := a.Subspace.Compare(b.Subspace); c != 0 {
			return c
		}
		return a.Path.Compare(b.Path)
	})
	for _, c := range chosen.list {
		areas = append(areas, areaOf(c.Entry))
	}
	return areas, chosen.left, nil
}

// dropRoom is how many bytes a drop has for files, so that all of it has no more than
// MaxSize.
func (n *Node) dropRoom(sp *space, what DropWhat) uint64 {
	if what.MaxSize == 0 {
		return math.MaxUint64
	}
	others := uint64(1 << 10) // header, first token, end
	for _, raw := range n.rawStatements(sp.id) {
		others += uint64(len(raw)) + 8
	}
	return uint64(what.MaxSize) - min(others, uint64(what.MaxSize))
}

// cost is how many bytes a file takes in a drop, not less than it does: its content with
// the proofs, its details, and both entries with their tokens.
func cost(v tree.Version) uint64 {
	return v.Length + v.Length/200 + 400 + 2*uint64(len(v.Path)) + 48*uint64(len(v.Seen))
}

// candidate is a file's entry, and what it costs.
type candidate struct {
	willow.Entry
	cost uint64
}

// newest keeps the newest of the candidates that are added to it, as many as fit: but
// for those that don't fit alone none is left out that is newer than one that isn't. The
// oldest is first in list, a heap.
type newest struct {
	most int64  // files; 0: any number
	room uint64 // for all of them
	list []candidate
	size uint64
	cut  *willow.Entry // the newest one that was left out
	left int64         // how many were
}

func (n *newest) add(c candidate) {
	if c.cost > n.room || n.cut != nil && c.Compare(*n.cut) < 0 {
		n.left++
		return
	}
	heap.Push(n, c)
	for n.most > 0 && int64(len(n.list)) > n.most || n.size > n.room {
		oldest := heap.Pop(n).(candidate)
		n.cut = &oldest.Entry
		n.left++
	}
}

// Len implements heap.Interface.
func (n *newest) Len() int { return len(n.list) }

// Less implements heap.Interface.
func (n *newest) Less(i, j int) bool { return n.list[i].Compare(n.list[j].Entry) < 0 }

// Swap implements heap.Interface.
func (n *newest) Swap(i, j int) { n.list[i], n.list[j] = n.list[j], n.list[i] }

// Push implements heap.Interface.
func (n *newest) Push(x any) {
	c := x.(candidate)
	n.list = append(n.list, c)
	n.size += c.cost
}

// Pop implements heap.Interface.
func (n *newest) Pop() any {
	c := n.list[len(n.list)-1]
	n.list = n.list[:len(n.list)-1]
	n.size -= c.cost
	return c
}
