package node

import (
	"slices"

	"meadow/core/folder/tree"
	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// tree returns the files of a space as they are shown; Close it.
func (s *spaces) tree(info mdn.SpaceInfo) *tree.View {
	n := s.n
	return tree.NewView(tree.ViewConfig{
		Config: tree.Config{
			Namespace: info.ID, Subspace: willow.SubspaceID(info.ID), Entries: n.cfg.Entries, Blobs: n.blobs,
			Sign: n.account.Sign, Owner: n.account.OwnerChain, Live: n.account.Counts, Erased: n.keeper.erase,
			Author: [32]byte(n.cfg.Device.Receiver()), Now: n.cfg.Now, Log: n.log,
		},
		MayWriteIn: func(ss willow.SubspaceID, p willow.Path) bool { return n.account.MayWrite(info.ID, ss, p) },
		Corners:    func() []tree.Corner { return n.corners(info.ID) },
		Called:     n.account.Name,
		Hold:       n.blobs.Hold,
	})
}

// corners returns what the account knows of a space's corners.
func (n *Node) corners(id willow.NamespaceID) []tree.Corner {
	known := n.account.Corners(id)
	if len(known) == 0 {
		return nil
	}
	names := n.peopleNames()
	list := make([]tree.Corner, len(known))
	for i, c := range known {
		list[i] = tree.Corner{Subspace: c.Subspace, Name: names[c.Person], Mine: c.Mine}
		if c.Mine {
			list[i].Name = n.account.Name()
		}
	}
	return list
}

// nameCorners tells the trees of corners that have come, or are called something
// else, and the folders of what may be written now. It runs in the spaces' loop.
func (s *spaces) nameCorners() {
	for _, sp := range s.all() {
		now, rights := s.n.corners(sp.id), s.n.rightsOf(sp)
		s.mu.Lock()
		at, same, may := sp.attached, slices.Equal(sp.corners, now), sp.rights == rights
		if !same {
			sp.dirty[""] = true
		}
		sp.corners, sp.rights = now, rights
		s.mu.Unlock()
		if !same {
			sp.tree.Renamed()
		}
		if !may && at != nil { // what couldn't be written before
			at.folder.Look()
		}
	}
}

// personWith returns how the person is called who has a device.
func (n *Node) personWith(device key.Receiver) (name string, ok bool) {
	for _, p := range n.account.People() {
		if slices.ContainsFunc(p.Devices, func(d mdn.DeviceInfo) bool { return d.Receiver == device }) {
			return n.personName(p), true
		}
	}
	return "", false
}
