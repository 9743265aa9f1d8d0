package node

import (
	"context"

	"meadow/core/folder/tree"
	"meadow/core/mdn"
	"meadow/core/willow"
)

type counts struct {
	tree.Counts
	conflicts int64
}

// count returns the counts of a space, from memory if nothing has changed.
func (s *spaces) count(ctx context.Context, sp *space) (counts, error) {
	s.mu.Lock()
	if sp.counts != nil {
		defer s.mu.Unlock()
		return *sp.counts, nil
	}
	fresh := new(counts)
	sp.counts = fresh // changes while counting put nil in its place
	s.mu.Unlock()
	c, err := countTree(ctx, sp.tree)
	s.mu.Lock()
	defer s.mu.Unlock()
	if sp.counts == fresh {
		sp.counts = nil
		if err == nil {
			sp.counts = &c
		}
	}
	return c, err
}

func countTree(ctx context.Context, t *tree.View) (c counts, err error) {
	if c.Counts, err = t.Counts(ctx); err != nil {
		return c, err
	}
	conflicts, err := t.Conflicts(ctx)
	c.conflicts = int64(len(conflicts))
	return c, err
}

// SpaceCreate makes a space. Every device with standing "all" gets it.
func (n *Node) SpaceCreate(ctx context.Context, name string) (Space, error) {
	if err := CheckName(name); err != nil {
		return Space{}, err
	}
	if !n.account.Paired() {
		return Space{}, notPaired()
	}
	switch {
	case n.account.Removed():
		return Space{}, removedHere(n.account.Name())
	case !n.account.Full():
		return Space{}, fail(CodeNotAllowed, "make it on a full device", "a limited device can't make a space; nothing was changed")
	}
	info, err := n.spaces.made(func() (mdn.SpaceInfo, error) { return n.account.CreateSpace(ctx, name) })
	if err != nil {
		return Space{}, accountError(err)
	}
	n.bus.emit("space", "id", info.ID.String(), "name", info.Name, "how", "created")
	return n.findSpace(ctx, info.ID.String())
}

// SpaceRename gives a space another name, on all devices that have it.
func (n *Node) SpaceRename(ctx context.Context, space, name string) (Space, error) {
	if err := CheckName(name); err != nil {
		return Space{}, err
	}
	sp, err := n.spaces.find(space)
	if err != nil {
		return Space{}, err
	}
	if n.spaces.hasEnded(sp) && n.sharedWith(sp) == nil {
		return Space{}, fail(CodeNotAllowed, "rename it on a device that has it",
			"%s is no longer shared with this device; nothing was changed", sp.name())
	}
	if err := n.mayEndOrRename(sp, "rename"); err != nil {
		return Space{}, err
	}
	info, err := n.account.RenameSpace(ctx, sp.id, name)
	if err != nil {
		return Space{}, accountError(err)
	}
	n.spaces.add(info)
	return n.findSpace(ctx, sp.id.String())
}

// SpaceList returns the spaces, ordered by name.
func (n *Node) SpaceList(ctx context.Context) ([]Space, error) {
	list := []Space{}
	for _, sp := range n.spaces.all() {
		s, err := n.space(ctx, sp)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

func (n *Node) findSpace(ctx context.Context, name string) (Space, error) {
	sp, err := n.spaces.find(name)
	if err != nil {
		return Space{}, err
	}
	return n.space(ctx, sp)
}

// space describes one space.
func (n *Node) space(ctx context.Context, sp *space) (Space, error) {
	c, err := n.spaces.count(ctx, sp)
	if err != nil {
		return Space{}, err
	}
	at := n.spaces.folderOf(sp)
	var only OnlyThere
	if at == nil { // before what is missing is counted: it may find something lost
		if only, err = n.onlyThere(ctx, sp); err != nil {
			return Space{}, err
		}
	}
	sum, err := n.cfg.Entries.Summary(ctx, sp.id, willow.FullRange, willow.FullArea)
	if err != nil {
		return Space{}, err
	}
	missing, err := n.cfg.Entries.Missing(ctx, sp.id)
	if err != nil {
		return Space{}, err
	}
	s := Space{
		ID: sp.id.String(), Name: sp.name(), Entries: c.Entries(), Files: c.Files, Bytes: c.Bytes,
		MissingBytes: int64(missing.Bytes), Conflicts: c.conflicts,
		Fingerprint: hexOf(sum.Fingerprint[:]),
	}
	s.Ended, s.EndedSince = n.spaces.endOf(sp)
	n.ownerOf(sp, &s)
	if s.HistoryBytes, err = n.spaces.historyBytes(ctx, sp); err != nil {
		return Space{}, err
	}
	if only.Files > 0 {
		s.OnlyThere = &only
	}
	if s.Ended {
		s.Folder, err = n.folderKept(ctx, sp)
		return s, err
	}
	if at != nil {
		s.Folder, s.Holds = &at.dir, int64(len(at.folder.State().Holds))
		s.Unwritable, s.Warning = noted(at.folder.State())
	}
	s.Trouble = n.troubles.of(n.troubles.list(ctx), s.Name)
	return s, nil
}

// close ends what the trees run.
func (s *spaces) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sp := range s.open {
		sp.tree.Close()
	}
}
