package consync

import (
	"context"
	"hash/maphash"
	"slices"

	"meadow/core/blob"
	"meadow/core/willow"
)

// forwardQueue is what commits brought for the peer. It is guarded by
// session.mu and bounded: what doesn't fit is found by reconciling.
type forwardQueue struct {
	entries   []forwarded
	available []arrivedPayload
	recent    recent // entries that the peer sent
}

type forwarded struct {
	ex *exchange
	a  willow.Authorised
}

type arrivedPayload struct {
	ex    *exchange
	entry willow.Entry
	any   bool // in place of entry: anything may be there now
}

func newForwardQueue() forwardQueue { return forwardQueue{recent: newRecent()} }

func (q *forwardQueue) empty() bool { return len(q.entries) == 0 && len(q.available) == 0 }

func (q *forwardQueue) take() forwardQueue {
	batch := *q
	q.entries, q.available = nil, nil
	return batch
}

// changed takes note of a commit. It doesn't block.
func (s *session) changed(c willow.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	concerned := false
	list := s.exchanges.of[c.Namespace]
	for _, ex := range list {
		if ex.concerned(c) {
			ex.mark()
			concerned = true
		}
	}
	if !concerned {
		return
	}
	for _, a := range c.Inserted {
		s.forwardLocked(list, c.Origin, a)
		if s.refused.wanted[blob.Hash(a.Entry.PayloadDigest)] { // it may be held since long
			s.availableLocked(list, a.Entry)
		}
	}
	for _, e := range c.Available {
		s.availableLocked(list, e)
	}
	poke(s.sendC)
	if len(c.Inserted)+len(c.Lost) > 0 {
		poke(s.fetchC)
	}
}

// concerned reports whether a commit changed anything inside the exchange's area.
func (ex *exchange) concerned(c willow.Change) bool {
	return slices.ContainsFunc(c.Inserted, func(a willow.Authorised) bool { return ex.area.Includes(a.Entry) }) ||
		slices.ContainsFunc(c.Removed, ex.area.Includes) ||
		slices.ContainsFunc(c.Available, ex.area.Includes) ||
		slices.ContainsFunc(c.Lost, ex.area.Includes)
}

// forwardLocked queues an entry, unless it came from the peer, for the first of the
// exchanges that may have it. If the peer isn't ready for it in any of them, or the
// queue is full, both sides reconcile later.
func (s *session) forwardLocked(list []*exchange, origin willow.Origin, a willow.Authorised) {
	q := &s.forward
	if origin == s.origin || q.recent.has(a.Entry) {
		return
	}
	full := len(q.entries) >= s.e.limits.forward
	var left *exchange
	for _, ex := range list {
		switch {
		case !ex.area.Includes(a.Entry):
		case !full && ex.view.TheirsKnown:
			q.entries = append(q.entries, forwarded{ex, a})
			return
		case left == nil || !left.view.TheirsKnown:
			left = ex
		}
	}
	if left != nil && !left.dirty {
		left.dirty = true
		s.news.state = append(s.news.state, left)
		poke(s.newsC)
	}
}

// forwardBatch sends what was queued.
func (s *session) forwardBatch(ctx context.Context, batch forwardQueue) error {
	for rest := batch.entries; len(rest) > 0; {
		ex, n := rest[0].ex, 0
		var list []willow.Authorised
		for ; n < len(rest) && rest[n].ex == ex; n++ {
			list = append(list, rest[n].a)
		}
		rest = rest[n:]
		for len(list) > 0 && ex.ctx.Err() == nil {
			sent, err := s.writeEntries(ctx, ex, list)
			if err != nil {
				return err
			}
			list = list[sent:]
		}
	}
	return s.forwardAvailable(ctx, batch.available)
}

// refusals are the payloads that the peer asked for when they weren't here. It
// is told when they are. Guarded by session.mu.
type refusals struct {
	wanted map[blob.Hash]bool
	more   bool // there were more than fit
}

// refuse remembers that the peer asked in vain.
func (s *session) refuse(h blob.Hash) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &s.refused
	if r.wanted == nil {
		r.wanted = make(map[blob.Hash]bool)
	}
	if len(r.wanted) >= s.e.limits.refused {
		r.more = true
		return
	}
	r.wanted[h] = true
}

// unrefuse forgets it: the payload is served.
func (s *session) unrefuse(h blob.Hash) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.refused.wanted, h)
}

// availableLocked queues the news that the peer waits for, if it may have it.
func (s *session) availableLocked(list []*exchange, e willow.Entry) {
	r, h := &s.refused, blob.Hash(e.PayloadDigest)
	i := slices.IndexFunc(list, func(ex *exchange) bool { return ex.area.Includes(e) })
	switch {
	case i < 0:
	case r.wanted[h]:
		delete(r.wanted, h)
		s.forward.available = append(s.forward.available, arrivedPayload{ex: list[i], entry: e})
	case r.more:
		r.more = false
		s.forward.available = append(s.forward.available, arrivedPayload{ex: list[i], any: true})
	}
}

// forwardAvailable tells what has become available, with the bytes if few.
func (s *session) forwardAvailable(ctx context.Context, list []arrivedPayload) error {
	for _, n := range list {
		if n.ex.ctx.Err() != nil {
			continue
		}
		m := available{handle: n.ex.ours, anything: n.any}
		if !n.any {
			s.refuse(blob.Hash(n.entry.PayloadDigest)) // first, so that what comes meanwhile is told
			held, err := s.e.cfg.Blobs.Has(ctx, scopeOf(n.entry), blob.Hash(n.entry.PayloadDigest))
			if err != nil {
				return err
			}
			if !held {
				continue
			}
			s.unrefuse(blob.Hash(n.entry.PayloadDigest))
			b, small, err := s.smallPayload(ctx, n.entry)
			if err != nil {
				return err
			}
			m.items = []availableItem{{n.entry.Subspace, n.entry.Path, n.entry.PayloadDigest, small, b}}
		}
		if err := s.write(m); err != nil {
			return err
		}
	}
	return nil
}

// onAvailable has the payloads asked for again, and takes those that came.
func (s *session) onAvailable(ctx context.Context, m available) error {
	o, err := s.overlapOf(m.handle)
	if err != nil || o.ex == nil {
		return err
	}
	var puts []blob.InlinePut
	for _, it := range m.items {
		if it.inline {
			a, ok, err := s.e.cfg.Entries.Get(ctx, o.ns, it.subspace, it.path)
			if err != nil {
				return err
			}
			if ok && a.Entry.PayloadDigest == it.digest && o.ex.area.Includes(a.Entry) {
				puts = append(puts, blob.InlinePut{Scope: scopeOf(a.Entry), Hash: blob.Hash(it.digest), Bytes: it.bytes})
			}
		}
	}
	if len(puts) > 0 {
		if err := s.putInline(ctx, puts); err != nil {
			return err
		}
	}
	s.lackingNoMore(m)
	return nil
}

// recent remembers the last entries that came from the peer, so that they
// aren't sent back when they come from a third one too. Forgetting costs a
// duplicate; a false memory, which a random seed makes unlikely, a
// reconciliation.
type recent struct {
	seed maphash.Seed
	at   map[uint64]struct{}
	ring []uint64
	next int
}

const recentSize = 4096

func newRecent() recent {
	return recent{seed: maphash.MakeSeed(), at: make(map[uint64]struct{})}
}

func (r *recent) add(e willow.Entry) {
	h := maphash.Comparable(r.seed, e)
	if _, known := r.at[h]; known {
		return
	}
	if len(r.ring) < recentSize {
		r.ring = append(r.ring, h)
	} else {
		delete(r.at, r.ring[r.next])
		r.ring[r.next] = h
		r.next = (r.next + 1) % recentSize
	}
	r.at[h] = struct{}{}
}

func (r *recent) has(e willow.Entry) bool {
	_, known := r.at[maphash.Comparable(r.seed, e)]
	return known
}
