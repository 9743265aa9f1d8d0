package consync

import (
	"context"
	"fmt"
	"slices"
	"time"

	"meadow/core/willow"
)

func (s *session) judgeAll(ctx context.Context) error {
	for _, o := range s.mine {
		if err := s.judge(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

// judge decides how far an interest goes: statements are exchanged once the
// peer's chain is live as far as we know, entries once both know the same
// statements, both chains are live, and the policy serves the peer.
func (s *session) judge(ctx context.Context, o *overlap) error {
	if !o.matched || o.shown == nil || o.read == nil {
		s.note(o, o.matched && o.read != nil)
		s.withdraw(o)
		return nil
	}
	p := s.e.cfg.Policy
	s.note(o, p.Live(o.shown))
	if !p.Live(o.shown) {
		s.withdraw(o)
		s.refuseAll(o, WhyDead)
		s.tellDeath(o)
		return nil
	}
	s.sendSetHash(o)
	s.insist(o)
	if !o.set.settled || !p.Live(o.read) {
		s.withdraw(o)
		return nil
	}
	if !p.Serve(ctx, s.peer, o.shown) {
		s.withdraw(o)
		s.refuseAll(o, WhyUnserved)
		return nil
	}
	area, ok := o.granted()
	if !ok {
		s.withdraw(o)
		s.refuseAll(o, WhyOutside)
		return nil
	}
	o.refused = ""
	if o.ex != nil {
		return nil
	}
	return s.activate(o, area)
}

// refuseAll notes why the peer isn't served at all, once for each time that it
// begins to be so.
func (s *session) refuseAll(o *overlap, why Why) {
	if o.refused != why {
		o.refused = why
		s.deny(o.ns, why)
	}
}

// granted is what both capabilities grant of the area that the interest names.
func (o *overlap) granted() (willow.Area, bool) {
	both, ok := o.read.Area().Intersect(o.shown.Area())
	if !ok {
		return willow.Area{}, false
	}
	return both.Intersect(o.area)
}

// whole returns what counts all that goes through the session of a namespace.
func (s *session) whole(ns willow.NamespaceID) *moved {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.moved[ns]
	if m == nil {
		m = new(moved)
		s.moved[ns] = m
	}
	return m
}

// activate begins the exchange of entries.
func (s *session) activate(o *overlap, area willow.Area) error {
	if !includesArea(o.areas, area) {
		if len(o.areas) >= 16 {
			return fmt.Errorf("%w: areas of a namespace changed too often", ErrLimit)
		}
		o.areas = append(o.areas, area)
	}
	ex := &exchange{ns: o.ns, ours: o.handle, theirs: o.theirs, area: area, opened: time.Now(), came: s.e.meter.arrivals(o.ns), inAll: s.whole(o.ns)}
	ex.ctx, ex.cancel = context.WithCancel(s.ctx)
	ex.view.Area = area
	if o.state != nil {
		ex.hear(o.state)
	}
	o.ex, s.acquainted = ex, true
	s.mu.Lock()
	s.exchanges.add(ex)
	ex.mark()
	s.mu.Unlock()
	poke(s.sendC)
	s.wakeFetch() // the peer's state may have come before
	s.e.feed.emit(NamespaceOpened{s.peer, o.ns, area})
	return nil
}

func includesArea(areas []willow.Area, a willow.Area) bool {
	return slices.ContainsFunc(areas, func(b willow.Area) bool { return b.IncludesArea(a) })
}

// withdraw ends the exchange of entries, if there is one, and tells the peer.
// Payload streams are reset at once.
func (s *session) withdraw(o *overlap) {
	if o.ex == nil {
		return
	}
	s.drop(o)
	s.post(stop{o.handle})
}

// drop ends the exchange of entries on this side.
func (s *session) drop(o *overlap) {
	ex := o.ex
	if ex == nil {
		return
	}
	o.ex = nil
	ex.cancel()
	s.mu.Lock()
	s.exchanges.remove(ex)
	s.mu.Unlock()
	s.tellMoved(ex)
	s.e.feed.emit(NamespaceClosed{s.peer, ex.ns, ex.area, ex.moved.read()})
}

// closeAll ends what the session leaves behind.
func (s *session) closeAll() {
	for _, o := range s.mine {
		s.drop(o)
	}
	s.tellRefused()
}

// onStop: the peer doesn't exchange the namespace any more. It may begin again,
// with a State.
func (s *session) onStop(m stop) error {
	o, err := s.overlapOf(m.handle)
	if err != nil {
		return err
	}
	if o.state = nil; o.ex == nil {
		return nil
	}
	if err := s.turn(); err != nil {
		return err
	}
	area := o.ex.area
	s.drop(o)
	return s.activate(o, area)
}

// turn counts that the peer has had an exchange begin again, which costs us much
// and it nothing.
func (s *session) turn() error {
	if !s.turns.take() {
		return fmt.Errorf("%w: it changes its mind too often", ErrLimit)
	}
	return nil
}
