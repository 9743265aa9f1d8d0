package consync

import (
	"context"
	"fmt"
)

// setState is how far the statements of one namespace are exchanged. Both
// sides tell the hash of their set. If the hashes differ, both tell their ids,
// both answer with what the other lacks, and both tell the new hash. Once the
// peer has answered, or the hashes are equal, the set is settled for good: each
// side has what the other had when they met, and news is exchanged the same way
// while entries flow.
type setState struct {
	ours, theirs     [32]byte // the last hashes told
	oursOK, theirsOK bool     // whether there was one
	askedFor         [32]byte // the peer's hash at which ids were sent
	askedWith        [32]byte // our hash then
	asked            bool
	ids              [][32]byte // of the peer, until the last ones came
	raw              [][]byte   // of the peer, until the last ones came
	size             int        // of raw, in bytes
	settled          bool
	dead             bool     // the peer told statements that we hadn't asked for: our chain is dead for it
	insisted         [32]byte // our hash when it was told otherwise
}

// setSizeLimit bounds the statements and ids that a peer may send before the
// last of them, and idsLimit the number for one namespace.
const (
	setSizeLimit = 32 << 20
	idsLimit     = 64 << 10
)

// sendSetHash tells the hash of our set, if the peer doesn't know it.
func (s *session) sendSetHash(o *overlap) {
	h := s.e.cfg.Policy.StatementsHash(o.ns)
	if o.set.oursOK && o.set.ours == h {
		return
	}
	o.set.ours, o.set.oursOK = h, true
	s.post(setHash{o.handle, h})
	s.compareSets(o)
}

// onSet handles the messages of a namespace's set.
func (s *session) onSet(ctx context.Context, m message) error {
	switch m := m.(type) {
	case setHash:
		return s.onSetHash(ctx, m)
	case setIDs:
		return s.onSetIDs(m)
	case statements:
		return s.onStatements(ctx, m)
	}
	return fmt.Errorf("%w: unexpected message", ErrProtocol)
}

// onSetHash takes the hash of the peer's set. Whose chain is dead is not
// answered: it gets what tellDeath sends.
func (s *session) onSetHash(ctx context.Context, m setHash) error {
	o, err := s.shownOf(m.handle)
	if err != nil {
		return err
	}
	o.set.theirs, o.set.theirsOK = m.hash, true
	s.setHeard[o.ns] = m.hash
	s.compareSets(o)
	return s.judge(ctx, o)
}

// compareSets sends ids if the two hashes differ, once for each such pair.
func (s *session) compareSets(o *overlap) {
	set := &o.set
	if set.oursOK && set.theirsOK {
		heard := s.setHeard[o.ns]
		s.agree(o.ns, heard, heard == s.e.cfg.Policy.StatementsHash(o.ns))
	}
	switch {
	case !set.oursOK || !set.theirsOK:
	case set.ours == set.theirs:
		set.settled = true
	case set.asked && set.askedFor == set.theirs && set.askedWith == set.ours:
	case o.shown != nil && s.e.cfg.Policy.Live(o.shown):
		set.asked, set.askedFor, set.askedWith = true, set.theirs, set.ours
		s.sendSetIDs(o)
	}
}

func (s *session) sendSetIDs(o *overlap) {
	const perFrame = 1024
	m := setIDs{handle: o.handle}
	for _, st := range s.e.cfg.Policy.Statements(o.ns) {
		if len(m.ids) == perFrame {
			s.post(m)
			m.ids = nil
		}
		m.ids = append(m.ids, st.ID)
	}
	m.last = true
	s.post(m)
}

// onSetIDs answers the ids of the peer's set with the statements it lacks.
func (s *session) onSetIDs(m setIDs) error {
	o, err := s.shownOf(m.handle)
	if err != nil {
		return err
	}
	set := &o.set
	if len(set.ids)+len(m.ids) > idsLimit {
		return fmt.Errorf("%w: more than %d statements", ErrLimit, idsLimit)
	}
	if err := s.await(len(m.ids) * 32); err != nil {
		return err
	}
	if set.ids = append(set.ids, m.ids...); !m.last {
		return nil
	}
	s.pending -= len(set.ids) * 32
	has := make(map[[32]byte]bool, len(set.ids))
	for _, id := range set.ids {
		has[id] = true
	}
	set.ids = nil
	if o.read == nil || o.shown == nil || !s.e.cfg.Policy.Live(o.shown) {
		return nil
	}
	var lacks []Statement
	for _, st := range s.e.cfg.Policy.Statements(o.ns) {
		if !has[st.ID] && !s.setTold[toldKey{o.ns, st.ID}] { // it may ask by way of several interests
			lacks = append(lacks, st)
		}
	}
	s.sendStatements(o, lacks)
	return nil
}

// await counts bytes that are kept until the last ones come.
func (s *session) await(size int) error {
	if s.pending += size; s.pending > setSizeLimit {
		return fmt.Errorf("%w: statements of more than %d bytes", ErrLimit, setSizeLimit)
	}
	return nil
}

// sendStatements sends statements in as many frames as they need.
func (s *session) sendStatements(o *overlap, list []Statement) {
	const perFrame = statementsLimit - 70<<10 // leaves room for the longest
	m, size := statements{handle: o.handle}, 0
	for _, st := range list {
		s.setTold[toldKey{o.ns, st.ID}] = true
		if size > 0 && size+len(st.Raw) > perFrame {
			s.post(m)
			m.raw, size = nil, 0
		}
		m.raw, size = append(m.raw, st.Raw), size+len(st.Raw)+3
	}
	m.last = true
	s.post(m)
}

// tellDeath sends a peer whose chain is dead what killed it, once, and nothing
// else of the set.
func (s *session) tellDeath(o *overlap) {
	if o.told {
		return
	}
	o.told = true
	if against := s.e.cfg.Policy.Against(o.shown); len(against) > 0 {
		s.sendStatements(o, against)
	}
}

// onStatements adds what the peer sent. Bad ones end the session; what came
// with them is added nevertheless.
func (s *session) onStatements(ctx context.Context, m statements) error {
	o, err := s.shownOf(m.handle)
	if err != nil {
		return err
	}
	set := &o.set
	size := 0
	for _, raw := range m.raw {
		size += len(raw)
	}
	set.size += size
	if err := s.await(size); err != nil {
		return err
	}
	if set.raw = append(set.raw, m.raw...); !m.last {
		return nil
	}
	raw := set.raw
	s.pending -= set.size
	set.raw, set.size = nil, 0
	if len(raw) > 0 {
		if err := s.e.cfg.Policy.AddStatements(ctx, o.ns, raw); err != nil {
			return fmt.Errorf("%w: statements: %w", ErrProtocol, err)
		}
	}
	if set.asked {
		set.settled = true
	} else {
		set.dead = true
	}
	return s.judge(ctx, o)
}

// insist tells a peer for whom our chain is dead all statements, once for each set,
// if for us it isn't: we know of an epoch in which it lives, or have begun one. The
// peer has told what killed it, and doesn't say what else it knows, nor ask.
func (s *session) insist(o *overlap) {
	p := s.e.cfg.Policy
	if !o.set.dead || o.set.settled || !p.Live(o.read) {
		return
	}
	if h := p.StatementsHash(o.ns); h != o.set.insisted {
		o.set.insisted = h
		s.sendStatements(o, p.Statements(o.ns))
	}
}
