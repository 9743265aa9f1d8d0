package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"meadow/core/folder"
	"meadow/core/folder/tree"
	"meadow/core/mdn"
)

// writeError is treeError for what was to be written: that it isn't allowed is said
// with what is.
func (n *Node) writeError(sp *space, path string, err error) error {
	if !errors.Is(err, tree.ErrNotAllowed) || n.account.OwnSpace(sp.id) {
		return treeError(path, err)
	}
	hint := "ask who shares it with you for more"
	if given := n.giver(sp); given != nil {
		hint = fmt.Sprintf("ask %s for more", n.whoIs(given.From))
	}
	return fail(CodeNotAllowed, hint, "%s; nothing was changed", n.mayOnly(sp, path))
}

// moveError is writeError for a move that isn't allowed: at its one end or the other.
func (n *Node) moveError(ctx context.Context, sp *space, from, to string) error {
	if refused, err := sp.tree.Refuses(ctx, from, true); err == nil && !refused {
		return n.writeError(sp, to, tree.ErrNotAllowed)
	}
	return n.writeError(sp, from, tree.ErrNotAllowed)
}

// given returns the accepted invitations to a space, those that allow most first.
func (n *Node) given(sp *space) (all []mdn.Invitation) {
	for _, i := range n.account.Invitations() {
		if i.Space == sp.id && n.stateNow(i.State, i.Until) == ShareAccepted {
			all = append(all, i)
		}
	}
	slices.SortStableFunc(all, func(a, b mdn.Invitation) int {
		return cmp.Or(levelRank(b.Level)-levelRank(a.Level), len(a.Path)-len(b.Path))
	})
	return all
}

// giver returns the invitation that allows most in a space.
func (n *Node) giver(sp *space) *mdn.Invitation {
	if all := n.given(sp); len(all) > 0 {
		return &all[0]
	}
	return nil
}

// mayOnly says, as a sentence's end, what this account may do in a space where it may
// not write as it wants to.
func (n *Node) mayOnly(sp *space, path string) string {
	best := n.giver(sp)
	if best == nil {
		return "this device may not write there"
	}
	who, in := n.whoIs(best.From), ""
	if best.Path != "" {
		in = fmt.Sprintf(" in %s", Shown(best.Path))
	}
	outside := best.Path != "" && path != best.Path && !strings.HasPrefix(path, best.Path+"/")
	switch {
	case best.Level == mdn.LevelRead:
		return fmt.Sprintf("%s lets you read this, and not change it", who)
	case outside && best.Level == mdn.LevelContribute:
		return fmt.Sprintf("%s lets you add files%s only", who, in)
	case outside:
		return fmt.Sprintf("%s lets you change files%s only", who, in)
	case best.Level == mdn.LevelContribute:
		return fmt.Sprintf("%s lets you add files%s, and change or delete only those that you added", who, in)
	}
	return "this device may not write there"
}

// rightsOf says what the account was given in a space: another text when that is
// something else.
func (n *Node) rightsOf(sp *space) string {
	var b strings.Builder
	for _, i := range n.given(sp) {
		fmt.Fprintf(&b, "%x %d %s %q\n", i.ID, i.Revision, i.Level, i.Path)
	}
	return b.String()
}

// keptChange is one row of the event kept.
type keptChange struct {
	Path   string `json:"path"`   // what was changed in the folder
	At     OrNull `json:"at"`     // where that is now; null for what was deleted, and has come back
	Shared bool   `json:"shared"` // the space has it at At; else it is on this device only
}

// kept tells of changes in a space's folder that may not be made in the space.
func (s *spaces) kept(sp *space) func(some []folder.Kept, count int) {
	return func(some []folder.Kept, count int) {
		rows := make([]keptChange, len(some))
		for i, k := range some {
			rows[i] = keptChange{k.Path, OrNull(k.At), k.Shared}
		}
		s.n.bus.emit("kept", "space", sp.name(), "space_id", sp.id.String(), "path", some[0].Path, "count", count,
			"changes", rows, "why", s.n.mayOnly(sp, some[0].Path))
	}
}
