package node

import (
	"context"
	"time"

	"meadow/core/willow"
)

// Statements come before entries. Where one kills what a device had written, what
// that had replaced or deleted is there again, until the entries come by which
// whoever published the statement has adopted it. Nobody is to see that: so from a
// statement on a space is left alone until a session has brought it in step, or
// for a while.
const (
	calmLong = 5 * time.Second
	calmLook = 50 * time.Millisecond
)

// AddStatements implements consync.Policy.
func (p policy) AddStatements(ctx context.Context, ns willow.NamespaceID, raw [][]byte) error {
	before := p.Account.StatementsHash(ns)
	began := p.spaces.calmDown(ns)
	err := p.Account.AddStatements(ctx, ns, raw)
	if began && p.Account.StatementsHash(ns) == before {
		p.spaces.goAhead(ns)
	}
	return err
}

// calmDown has a space left alone; it reports whether it wasn't already.
func (s *spaces) calmDown(ns willow.NamespaceID) (began bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.open[ns]
	if sp == nil {
		return false
	}
	began = sp.calm.IsZero()
	sp.calm = s.n.cfg.Now().Add(calmLong)
	return began
}

func (s *spaces) isCalm(sp *space) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !sp.calm.IsZero()
}

func (s *spaces) goAhead(ns willow.NamespaceID) {
	s.mu.Lock()
	if sp := s.open[ns]; sp != nil {
		sp.calm = time.Time{}
	}
	s.mu.Unlock()
	s.wake.kick()
}

// calmer ends the calm of spaces where it is over, and reports whether there are
// others.
func (s *spaces) calmer() (more bool) {
	now := s.n.cfg.Now()
	for _, sp := range s.all() {
		s.mu.Lock()
		until := sp.calm
		s.mu.Unlock()
		switch {
		case until.IsZero():
		case now.After(until), until.Sub(now) > calmLong, s.agreed(sp.id):
			s.goAhead(sp.id)
		default:
			more = true
		}
	}
	return more
}

// agreed reports whether some peer has the same entries of a space as this device.
func (s *spaces) agreed(ns willow.NamespaceID) bool {
	for _, p := range s.n.engine.Peers() {
		if v, ok := p.Namespaces[ns]; ok && v.OursKnown && v.TheirsKnown && v.OursCurrent && v.Ours == v.Theirs && p.Agreed[ns] {
			return true
		}
	}
	return false
}
