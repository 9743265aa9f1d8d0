package tree_test

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"sync"

	"meadow/core/blob"
	"meadow/core/willow"
)

// memStore is a willow.Store in memory, with what a tree uses of one.
type memStore struct {
	willow.Store // the rest is not there

	mu   sync.Mutex
	live map[willow.Path]willow.Authorised
	past []willow.Past
	subs []func(willow.Change)
	fail error // what the next Insert returns
}

func newMemStore() *memStore { return &memStore{live: map[willow.Path]willow.Authorised{}} }

func (s *memStore) Insert(_ context.Context, origin willow.Origin, batch []willow.Incoming) ([]willow.Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail; err != nil {
		s.fail = nil
		return nil, err
	}
	var out []willow.Outcome
	var c willow.Change
	for _, in := range batch {
		c.Namespace, c.Origin = in.Entry.Namespace, origin
		o, removed := s.insertLocked(in.Authorised)
		if o == willow.Inserted {
			c.Inserted = append(c.Inserted, in.Authorised)
		}
		out, c.Removed = append(out, o), append(c.Removed, removed...)
	}
	for _, fn := range s.subs {
		fn(c)
	}
	return out, nil
}

func (s *memStore) insertLocked(a willow.Authorised) (willow.Outcome, []willow.Entry) {
	var removed []willow.Entry
	for _, l := range s.live {
		switch {
		case l.Entry == a.Entry:
			return willow.Duplicate, nil
		case l.Entry.Prunes(a.Entry):
			s.buryLocked(a)
			return willow.Obsolete, nil
		}
	}
	for _, l := range s.sortedLocked() {
		if a.Entry.Prunes(l.Entry) {
			s.buryLocked(l)
			removed = append(removed, l.Entry)
			delete(s.live, l.Entry.Path)
		}
	}
	s.live[a.Entry.Path] = a
	return willow.Inserted, removed
}

func (s *memStore) sortedLocked() []willow.Authorised {
	return slices.SortedFunc(maps.Values(s.live), func(a, b willow.Authorised) int { return a.Entry.Path.Compare(b.Entry.Path) })
}

func (s *memStore) buryLocked(a willow.Authorised) {
	if !slices.ContainsFunc(s.past, func(p willow.Past) bool { return p.Entry == a.Entry }) {
		s.past = append(s.past, willow.Past{Authorised: a, ID: int64(len(s.past))})
	}
}

func (s *memStore) Get(_ context.Context, _ willow.NamespaceID, _ willow.SubspaceID, p willow.Path) (willow.Authorised, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.live[p]
	return a, ok, nil
}

func (s *memStore) Area(_ context.Context, _ willow.NamespaceID, area willow.Area) iter.Seq2[willow.Authorised, error] {
	s.mu.Lock()
	all := s.sortedLocked()
	s.mu.Unlock()
	return func(yield func(willow.Authorised, error) bool) {
		for _, a := range all {
			if area.Includes(a.Entry) && !yield(a, nil) {
				return
			}
		}
	}
}

func (s *memStore) Newest(_ context.Context, _ willow.NamespaceID, _ willow.SubspaceID, p willow.Path) (t willow.Timestamp, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for q, a := range s.live {
		if p.IsPrefixOf(q) || q.IsPrefixOf(p) {
			t = max(t, a.Entry.Timestamp)
		}
	}
	return t, nil
}

func (s *memStore) History(_ context.Context, _ willow.NamespaceID, area willow.Area, unseenOnly bool) iter.Seq2[willow.Past, error] {
	var all []willow.Past
	s.mu.Lock()
	for _, p := range s.past {
		if area.Includes(p.Entry) && (!unseenOnly || !p.Seen) {
			all = append(all, p)
		}
	}
	s.mu.Unlock()
	slices.SortStableFunc(all, func(a, b willow.Past) int { return cmp.Compare(b.Entry.Timestamp, a.Entry.Timestamp) })
	return func(yield func(willow.Past, error) bool) {
		for _, p := range all {
			if !yield(p, nil) {
				return
			}
		}
	}
}

func (s *memStore) MarkPast(_ context.Context, ids ...int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.past[id].Seen = true
	}
	return nil
}

func (s *memStore) Subscribe(fn func(willow.Change)) func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subs = append(s.subs, fn)
	i := len(s.subs) - 1
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.subs[i] = func(willow.Change) {}
	}
}

// memBlobs is the blobs that a device holds, all in one scope.
type memBlobs struct {
	mu    sync.Mutex
	blobs map[blob.Hash][]byte
}

func newMemBlobs() *memBlobs { return &memBlobs{blobs: map[blob.Hash][]byte{}} }

func (b *memBlobs) put(h blob.Hash, bytes []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.blobs[h] = bytes
}

func (b *memBlobs) get(h blob.Hash) ([]byte, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	bytes, ok := b.blobs[h]
	return bytes, ok
}

func (b *memBlobs) PutInlineBatch(_ context.Context, puts []blob.InlinePut) error {
	for _, p := range puts {
		b.put(p.Hash, p.Bytes)
	}
	return nil
}

func (b *memBlobs) Has(_ context.Context, _ blob.Scope, h blob.Hash) (bool, error) {
	_, ok := b.get(h)
	return ok, nil
}

func (b *memBlobs) ReadAll(_ context.Context, h blob.Hash, _ int64) ([]byte, error) {
	bytes, _ := b.get(h)
	return bytes, nil
}
