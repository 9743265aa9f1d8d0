package storetest

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"sync"

	"meadow/core/willow"
)

// Memory is a willow.Store in memory, for tests: simple, and slow from some
// thousand entries on. It holds no payloads, so that all but empty ones are
// wanted. The zero value is empty and ready to use.
type Memory struct {
	mu         sync.Mutex
	namespaces map[willow.NamespaceID]*memory // guarded by mu
	ids        int64                          // of history; guarded by mu

	judge func(ns willow.NamespaceID, capability []byte) bool // may be nil; guarded by mu

	// delivery orders the calls of subscribers; it is locked before mu.
	delivery    sync.Mutex
	subscribers map[int]func(willow.Change) // guarded by mu
	subscribed  int                         // guarded by mu
}

var _ willow.Store = (*Memory)(nil)

// memory is one namespace.
type memory struct {
	live  map[place]willow.Authorised
	aside map[willow.Entry]willow.Authorised
	past  map[willow.Entry]*willow.Past
}

type place struct {
	subspace willow.SubspaceID
	path     willow.Path
}

func placeOf(e willow.Entry) place { return place{e.Subspace, e.Path} }

func (s *Memory) namespaceLocked(ns willow.NamespaceID) *memory {
	if s.namespaces == nil {
		s.namespaces = make(map[willow.NamespaceID]*memory)
	}
	m := s.namespaces[ns]
	if m == nil {
		m = &memory{
			live:  make(map[place]willow.Authorised),
			aside: make(map[willow.Entry]willow.Authorised),
			past:  make(map[willow.Entry]*willow.Past),
		}
		s.namespaces[ns] = m
	}
	return m
}

// Insert implements willow.Store.
func (s *Memory) Insert(_ context.Context, origin willow.Origin, batch []willow.Incoming) ([]willow.Outcome, error) {
	s.delivery.Lock()
	defer s.delivery.Unlock()
	s.mu.Lock()
	changes := make(map[willow.NamespaceID]*willow.Change)
	outcomes := make([]willow.Outcome, len(batch))
	judge := verdicts{ask: s.judge}
	for i, in := range batch {
		in.Dead = judge.dead(in)
		c := changes[in.Entry.Namespace]
		if c == nil {
			c = &willow.Change{Namespace: in.Entry.Namespace, Origin: origin}
			changes[in.Entry.Namespace] = c
		}
		outcomes[i] = s.insertLocked(in, c)
	}
	for _, c := range changes {
		s.namespaceLocked(c.Namespace).settle(c)
	}
	s.mu.Unlock()
	for _, c := range changes {
		s.deliver(*c)
	}
	return outcomes, nil
}

// verdicts asks about each capability of a batch once.
type verdicts struct {
	ask   func(ns willow.NamespaceID, capability []byte) bool
	known map[string]bool
}

func (v *verdicts) dead(in willow.Incoming) bool {
	if v.ask == nil {
		return in.Dead
	}
	key := string(in.Entry.Namespace[:]) + string(in.Token.Capability)
	live, ok := v.known[key]
	if !ok {
		if v.known == nil {
			v.known = make(map[string]bool)
		}
		live = v.ask(in.Entry.Namespace, in.Token.Capability)
		v.known[key] = live
	}
	return !live
}

// Judge implements willow.Store.
func (s *Memory) Judge(fn func(ns willow.NamespaceID, capability []byte) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.judge = fn
}

func (s *Memory) insertLocked(in willow.Incoming, c *willow.Change) willow.Outcome {
	m, e := s.namespaceLocked(in.Entry.Namespace), in.Entry
	if m.live[placeOf(e)].Entry == e {
		return willow.Duplicate
	}
	if in.Dead {
		if _, ok := m.aside[e]; !ok {
			m.aside[e] = in.Authorised
		}
		return willow.Dead
	}
	delete(m.aside, e)
	for _, a := range m.live {
		if a.Entry.Prunes(e) {
			if s.passLocked(m, in.Authorised) {
				c.Late = append(c.Late, e)
			}
			return willow.Obsolete
		}
	}
	for at, a := range m.live {
		if e.Prunes(a.Entry) {
			s.passLocked(m, a)
			delete(m.live, at)
			c.Removed = append(c.Removed, a.Entry)
		}
	}
	delete(m.past, e)
	m.live[placeOf(e)] = in.Authorised
	c.Inserted = append(c.Inserted, in.Authorised)
	return willow.Inserted
}

// passLocked puts an entry into history, and reports whether it is new there.
func (s *Memory) passLocked(m *memory, a willow.Authorised) bool {
	if m.past[a.Entry] != nil {
		return false
	}
	s.ids++
	seen := !willow.JudgedArea(a.Entry.Namespace).Includes(a.Entry)
	m.past[a.Entry] = &willow.Past{Authorised: a, ID: s.ids, Gone: willow.Timestamp(s.ids), Seen: seen}
	return true
}

// Rejudge implements willow.Store.
func (s *Memory) Rejudge(_ context.Context, ns willow.NamespaceID, live func([]byte) bool) error {
	s.delivery.Lock()
	defer s.delivery.Unlock()
	s.mu.Lock()
	m := s.namespaceLocked(ns)
	c := willow.Change{Namespace: ns}
	aside, died := m.aside, false
	m.aside = make(map[willow.Entry]willow.Authorised)
	for at, a := range m.live {
		if !live(a.Token.Capability) {
			m.aside[a.Entry] = a
			delete(m.live, at)
			c.Removed = append(c.Removed, a.Entry)
			died = true
		}
	}
	for _, p := range m.past {
		p.Seen = p.Seen && !(died && willow.JudgedArea(ns).Includes(p.Entry))
	}
	for _, a := range aside {
		s.insertLocked(willow.Incoming{Authorised: a, Dead: !live(a.Token.Capability)}, &c)
	}
	// From the newest on, so that what comes back isn't pruned again.
	for _, p := range m.newestFirst(willow.FullArea) {
		if live(p.Token.Capability) {
			s.insertLocked(willow.Incoming{Authorised: p.Authorised}, &c)
		}
	}
	m.settle(&c)
	s.mu.Unlock()
	s.deliver(c)
	return nil
}

// settle takes out of a commit's news what came and went in it.
func (m *memory) settle(c *willow.Change) {
	inserted := entriesOf(c.Inserted)
	gone := func(a willow.Authorised) bool { return slices.Contains(c.Removed, a.Entry) }
	brief := slices.DeleteFunc(slices.Clone(c.Inserted), gone)
	for _, e := range inserted {
		if slices.Contains(c.Removed, e) && m.live[placeOf(e)].Entry != e && !slices.Contains(c.Late, e) {
			c.Late = append(c.Late, e)
		}
	}
	c.Removed = slices.DeleteFunc(c.Removed, func(e willow.Entry) bool { return slices.Contains(inserted, e) })
	c.Inserted = brief
}

// deliver calls the subscribers; delivery is locked.
func (s *Memory) deliver(c willow.Change) {
	if len(c.Inserted)+len(c.Removed)+len(c.Late) == 0 {
		return
	}
	s.mu.Lock()
	var fns []func(willow.Change)
	for _, id := range slices.Sorted(maps.Keys(s.subscribers)) { // in order of subscription, as storage does
		fns = append(fns, s.subscribers[id])
	}
	s.mu.Unlock()
	for _, fn := range fns {
		fn(c)
	}
}

// Subscribe implements willow.Store.
func (s *Memory) Subscribe(fn func(willow.Change)) (cancel func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.subscribers == nil {
		s.subscribers = make(map[int]func(willow.Change))
	}
	s.subscribed++
	id := s.subscribed
	s.subscribers[id] = fn
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.subscribers, id)
	}
}

// Told implements willow.Store.
func (s *Memory) Told(context.Context) error {
	s.delivery.Lock() // is held from before a commit until it has been delivered
	defer s.delivery.Unlock()
	return nil
}

// Newest implements willow.Store.
func (s *Memory) Newest(_ context.Context, ns willow.NamespaceID, ss willow.SubspaceID, p willow.Path) (newest willow.Timestamp, err error) {
	look := func(e willow.Entry) {
		if e.Subspace == ss && (e.Path.IsPrefixOf(p) || p.IsPrefixOf(e.Path)) {
			newest = max(newest, e.Timestamp)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.namespaceLocked(ns)
	for _, a := range m.live {
		look(a.Entry)
	}
	for e := range m.aside {
		look(e)
	}
	for e := range m.past {
		look(e)
	}
	return newest, nil
}

// Wanted implements willow.Store.
func (s *Memory) Wanted(ctx context.Context, ns willow.NamespaceID, within willow.Area) iter.Seq2[willow.Entry, error] {
	return metered(ctx, entriesOf(s.pick(ns, func(e willow.Entry) bool { return e.PayloadLength > 0 && within.Includes(e) })))
}

// Missing implements willow.Store.
func (s *Memory) Missing(ctx context.Context, ns willow.NamespaceID) (m willow.Missing, err error) {
	for e, err := range s.Wanted(ctx, ns, willow.FullArea) {
		if err != nil {
			return willow.Missing{}, err
		}
		m.Count++
		m.Bytes += e.PayloadLength
	}
	return m, nil
}

// CountWanted implements willow.Store.
func (s *Memory) CountWanted(ctx context.Context, ns willow.NamespaceID, within willow.Area) (n uint64, err error) {
	for _, err := range s.Wanted(ctx, ns, within) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// newestFirst returns history in an area, each entry after all that prune it.
func (m *memory) newestFirst(within willow.Area) []willow.Past {
	var past []willow.Past
	for _, p := range m.past {
		if within.Includes(p.Entry) {
			past = append(past, *p)
		}
	}
	slices.SortFunc(past, func(a, b willow.Past) int { return cmp.Or(b.Entry.Compare(a.Entry), cmp.Compare(a.ID, b.ID)) })
	return past
}

// History implements willow.Store.
func (s *Memory) History(_ context.Context, ns willow.NamespaceID, within willow.Area, unseenOnly bool) iter.Seq2[willow.Past, error] {
	s.mu.Lock()
	defer s.mu.Unlock()
	past := s.namespaceLocked(ns).newestFirst(within)
	return sequence(slices.DeleteFunc(past, func(p willow.Past) bool { return unseenOnly && p.Seen }))
}

// Aside implements willow.Store.
func (s *Memory) Aside(_ context.Context, ns willow.NamespaceID, within willow.Area) iter.Seq2[willow.Authorised, error] {
	s.mu.Lock()
	defer s.mu.Unlock()
	var as []willow.Authorised
	for e, a := range s.namespaceLocked(ns).aside {
		if within.Includes(e) {
			as = append(as, a)
		}
	}
	slices.SortFunc(as, func(a, b willow.Authorised) int { return byPlace(a.Entry, b.Entry) })
	return sequence(as)
}

// MarkPast implements willow.Store.
func (s *Memory) MarkPast(_ context.Context, ids ...int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.namespaces {
		for _, p := range m.past {
			p.Seen = p.Seen || slices.Contains(ids, p.ID)
		}
	}
	return nil
}

// Expire implements willow.Store.
func (s *Memory) Expire(_ context.Context, before willow.Timestamp) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.namespaces {
		maps.DeleteFunc(m.past, func(_ willow.Entry, p *willow.Past) bool {
			gone := p.Gone
			if !p.Seen {
				gone += willow.Timestamp(willow.UnseenGrace.Microseconds())
			}
			return gone < before
		})
	}
	return nil
}

// Forget implements willow.Store.
func (s *Memory) Forget(_ context.Context, ids ...int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.namespaces {
		maps.DeleteFunc(m.past, func(_ willow.Entry, p *willow.Past) bool { return slices.Contains(ids, p.ID) })
	}
	return nil
}
