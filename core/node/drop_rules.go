package node

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"

	"meadow/core/blob"
	"meadow/core/carry"
	"meadow/core/folder/tree"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// Why a device doesn't take in what is in a drop, beside what package carry knows.
const (
	reasonEnded    carry.Reason = "the space isn't shared with this device any more"
	reasonDisputed carry.Reason = "the account was recovered in two ways: use its words once more first"
	reasonNotGiven carry.Reason = "not in what is shared with this device"
)

// dropRules is what this device takes in of drops.
type dropRules struct {
	n     *Node
	count fileCounts // files that are new here, or whose content is
}

// Takes implements carry.Rules.
func (r dropRules) Takes(ns willow.NamespaceID) carry.Reason {
	sp := r.n.spaces.at(ns)
	switch {
	case sp == nil:
		return carry.Unknown
	case slices.ContainsFunc(r.n.account.Ended(), func(s mdn.SpaceInfo) bool { return s.ID == ns }): // spaces may not know yet
		return reasonEnded
	case r.n.account.Conflict(ns) != nil:
		return reasonDisputed
	}
	return ""
}

// Accept implements carry.Rules.
func (r dropRules) Accept(e willow.Entry) carry.Reason {
	if !r.n.account.MayRead(e) {
		return reasonNotGiven
	}
	return ""
}

// Took implements carry.Rules.
func (r dropRules) Took(ctx context.Context, e willow.Entry, fresh bool, have uint64) {
	r.count.add(e, fresh, have, func() []byte { return r.n.payloadHere(ctx, e) })
}

// AddStatements implements carry.Rules.
func (r dropRules) AddStatements(ctx context.Context, ns willow.NamespaceID, raw [][]byte) error {
	err := r.n.account.AddStatements(ctx, ns, raw)
	if errors.Is(err, mdn.ErrStatement) {
		return fmt.Errorf("%w: %w", carry.ErrStatements, err)
	}
	return err
}

// rawStatements returns a namespace's set as it is told to others.
func (n *Node) rawStatements(ns willow.NamespaceID) (raw [][]byte) {
	for _, s := range n.account.Statements(ns) {
		raw = append(raw, s.Raw())
	}
	return raw
}

// payloadHere returns a small payload if it is here, else nil, also once ctx has ended.
func (n *Node) payloadHere(ctx context.Context, e willow.Entry) []byte {
	b, err := n.blobs.ReadHeld(context.WithoutCancel(ctx), scope(e.Namespace, e.Subspace), blob.Hash(e.PayloadDigest), blob.InlineLimit)
	if err != nil {
		return nil
	}
	return b
}

// fileCounts counts the files of each space.
type fileCounts map[willow.NamespaceID]*fileCount

type fileCount struct {
	files, bytes int64 // that came, and how much of their content
	missing      int64 // files whose content isn't whole, also of those that were here
}

// add counts an entry, if it is what a file is counted by: see tree.IsFile. came is false
// if it was here, and so was what is here of its content.
func (c fileCounts) add(e willow.Entry, came bool, have uint64, details func() []byte) {
	if !tree.IsFile(e, details) {
		return
	}
	of := c[e.Namespace]
	if of == nil {
		of = new(fileCount)
		c[e.Namespace] = of
	}
	if came {
		of.files++
		if _, content := tree.PayloadOf(e.Path); content { // else it is empty, and e is its details
			of.bytes += int64(min(have, uint64(math.MaxInt64-of.bytes))) // lengths in a file needn't be true
		}
	}
	if have < e.PayloadLength {
		of.missing++
	}
}

// dropEntries iterates the entries of areas, one after the other.
func (n *Node) dropEntries(ctx context.Context, ns willow.NamespaceID, areas []willow.Area) iter.Seq2[willow.Authorised, error] {
	return func(yield func(willow.Authorised, error) bool) {
		for _, area := range areas {
			for a, err := range n.cfg.Entries.Area(ctx, ns, area) {
				if !yield(a, err) || err != nil {
					return
				}
			}
		}
	}
}

// dropPart returns what a drop's header says is in it, and how many bytes of payloads
// those are, about.
func (n *Node) dropPart(ctx context.Context, sp *space, what DropWhat, areas []willow.Area) (part carry.What, total int64, err error) {
	part = carry.What{Namespace: sp.id, Interest: willow.Everything(willow.FullArea)}
	if len(areas) == 1 && !what.some() {
		part.Interest.Area = areas[0]
	} else if what.Path != "" {
		if part.Interest.Area.Path, err = tree.FolderPath(what.Path); err != nil {
			return part, 0, treeError(what.Path, err)
		}
	}
	part.Interest.MaxCount = 2 * uint64(what.Newest) // of a version's entries both
	if what.MaxSize > 0 {
		part.Interest.MaxSize = uint64(what.MaxSize)
	}
	for _, area := range areas {
		sum, err := n.cfg.Entries.Summary(ctx, sp.id, willow.AreaRange(area), area)
		if err != nil {
			return part, 0, err
		}
		total += int64(sum.Bytes)
	}
	return part, total, nil
}

// areaPath is the path of the file or folder that an area is of, "" if it is of more.
func areaPath(a willow.Area) string {
	if path, ok := tree.PayloadOf(a.Path); ok && !a.AnySubspace {
		return path
	}
	path, _ := tree.FolderOf(a.Path)
	return path
}
