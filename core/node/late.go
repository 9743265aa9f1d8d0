package node

import (
	"time"

	"meadow/core/consync"
	"meadow/core/willow"
)

// detailsLate is how long after an entry came a complete exchange must still be
// complete for its details to count as not coming. The margin is for entries
// that a store has but hasn't told of.
const detailsLate = 2 * time.Second

// undecided reports whether some version waits for its details.
func (s *spaces) undecided() bool {
	for _, sp := range s.all() {
		if sp.tree.Undecided() > 0 {
			return true
		}
	}
	return false
}

// decideLate lets trees decide without the details of versions for which a
// session has completed: one in which a peer has nothing more for us.
func (s *spaces) decideLate() {
	now := s.n.cfg.Now()
	peers := s.n.engine.Peers()
	for _, sp := range s.all() {
		for _, p := range peers {
			if state, shared := p.Namespaces[sp.id]; !shared || !s.brought(state, sp.id) {
				continue
			}
			paths := sp.tree.Completed(now.Add(-detailsLate))
			s.mu.Lock()
			for _, path := range paths {
				sp.dirty[path] = true
			}
			s.mu.Unlock()
		}
	}
}

// brought reports whether a peer has given us all that it has of a space: of one that
// somebody shares with the account, of the part that is exchanged.
func (s *spaces) brought(n consync.NamespaceState, id willow.NamespaceID) bool {
	whole := willow.Area{Subspace: willow.SubspaceID(id), Times: willow.AllTimes}
	if s.n.account.OwnSpace(id) && !n.Area.IncludesArea(whole) {
		return false
	}
	return n.OursKnown && n.TheirsKnown && n.OursCurrent &&
		n.Ours == n.Theirs && n.OursMissing <= n.TheirsMissing
}
