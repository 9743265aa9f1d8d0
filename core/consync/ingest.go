package consync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"meadow/core/blob"
	"meadow/core/blob/disk"
	"meadow/core/willow"
)

// arrival is entries from the peer on their way into the store, or a note in
// their sequence.
type arrival struct {
	list  []received
	from  *exchange // whose entries they are; nil if list is empty
	size  int
	after func() // called once all before it is stored; may be nil
}

// received is one entry with its token, and its payload if that came along.
type received struct {
	willow.Authorised
	inline  bool
	payload []byte
}

// What is stored in one commit is bounded in entries and in bytes, about, and so
// is the time that it waits for more.
const (
	storeAtOnce   = 2000
	storeBytes    = 2 << 20
	storePatience = 50 * time.Millisecond
)

// onEntries checks that entries lie inside what both may exchange, and sends
// them on their way.
func (s *session) onEntries(ctx context.Context, body []byte) error {
	m, err := decodeEntries(body)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	o, err := s.overlapOf(m.handle)
	if err != nil {
		return err
	}
	if o.ex == nil {
		return nil // the exchange ended while they were on their way
	}
	list := make([]received, 0, len(m.list))
	for _, w := range m.list {
		w.entry.Namespace = o.ns
		if len(s.slots[w.slot]) == 0 {
			return fmt.Errorf("%w: entry without a capability", ErrProtocol)
		}
		if !inAny(o.areas, w.entry) {
			s.deny(o.ns, WhyOutside)
			return fmt.Errorf("%w: entry outside the common area", ErrProtocol)
		}
		token := willow.Token{Capability: s.slots[w.slot], Signature: w.signature}
		list = append(list, received{
			Authorised: willow.Authorised{Entry: w.entry, Token: token},
			inline:     w.inline, payload: w.payload,
		})
	}
	s.tookEntries(o.ex, list)
	o.ex.came.Store(time.Now().UnixNano())
	s.mu.Lock()
	for _, r := range list {
		s.forward.recent.add(r.Entry)
	}
	s.mu.Unlock()
	return s.pass(ctx, arrival{list: list, from: o.ex, size: len(body)})
}

func inAny(areas []willow.Area, e willow.Entry) bool {
	for _, a := range areas {
		if a.Includes(e) {
			return true
		}
	}
	return false
}

// pass sends an arrival into the pipeline, and blocks while it is full: so the
// peer can't send faster than we store. What is news meanwhile doesn't wait: it may
// be that the peer isn't to be served any more. A frame has been dealt with when it
// is passed on.
func (s *session) pass(ctx context.Context, a arrival) error {
	s.storing.Add(1)
	for {
		select {
		case s.arrived <- a:
			return nil
		case <-s.newsC:
			if err := s.look(ctx); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// verify checks all signatures, in parallel, and passes entries on in order.
func (s *session) verify(ctx context.Context) error {
	for {
		select {
		case a := <-s.arrived:
			if err := s.verifyAll(ctx, a.list); err != nil {
				return unlessEnded(ctx, fmt.Errorf("%w: %w", ErrProtocol, err))
			}
			select {
			case s.judged <- a:
			case <-ctx.Done():
				return nil
			}
		case <-ctx.Done():
			return nil
		}
	}
}

func (s *session) verifyAll(ctx context.Context, list []received) error {
	entries := make([]willow.Authorised, len(list))
	for i := range list {
		entries[i] = list[i].Authorised
	}
	return cmp.Or(s.e.cfg.Verifier.Entries(ctx, entries)...)
}

// batch is what is stored in one commit.
type batch struct {
	arrivals []arrival
	entries  []willow.Incoming
	size     int // bytes as they came
}

// keep puts the small payloads of what has been verified into the blob store,
// and passes the entries on to store: an entry is never here without the payload
// that came with it. The two work side by side, so that the payloads of one batch
// and the entries of the one before it share a commit. Whatever has come
// meanwhile is the next batch.
func (s *session) keep(ctx context.Context) error {
	for {
		select {
		case a := <-s.judged:
			b, puts := s.gather(ctx, a)
			if len(puts) > 0 {
				if err := s.putInline(ctx, puts); err != nil {
					return unlessEnded(ctx, err)
				}
			}
			select {
			case s.kept <- b:
			case <-ctx.Done():
				return nil
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// gather makes a batch of an arrival and what else is waiting. An arrival that was
// full has more behind it, which is waited for a little: fewer commits cost less.
func (s *session) gather(ctx context.Context, next arrival) (b batch, puts []blob.InlinePut) {
	for {
		b.arrivals = append(b.arrivals, next)
		for i := range next.list {
			r := &next.list[i]
			b.entries = append(b.entries, willow.Incoming{Authorised: r.Authorised})
			if r.inline {
				puts = append(puts, blob.InlinePut{
					Scope: scopeOf(r.Entry), Hash: blob.Hash(r.Entry.PayloadDigest), Bytes: r.payload,
				})
			}
		}
		if b.size += next.size; len(b.entries) >= storeAtOnce || b.size >= storeBytes {
			return b, puts
		}
		var ok bool
		if next, ok = s.another(ctx, next.size >= s.e.limits.batch); !ok {
			return b, puts
		}
	}
}

// another returns the next arrival if it is there, or comes soon if patient.
func (s *session) another(ctx context.Context, patient bool) (a arrival, ok bool) {
	select {
	case a = <-s.judged:
		return a, true
	default:
	}
	if !patient {
		return a, false
	}
	timer := time.NewTimer(storePatience)
	defer timer.Stop()
	select {
	case a = <-s.judged:
		return a, true
	case <-timer.C:
	case <-ctx.Done():
	}
	return a, false
}

// store puts entries into the store.
func (s *session) store(ctx context.Context) error {
	for {
		select {
		case b := <-s.kept:
			if len(b.entries) > 0 {
				outcomes, err := s.e.cfg.Entries.Insert(ctx, s.origin, b.entries)
				if err != nil {
					return unlessEnded(ctx, fmt.Errorf("storing entries: %w", err))
				}
				s.storedEntries(b.arrivals, outcomes)
			}
			for _, a := range b.arrivals {
				if a.after != nil {
					a.after()
				}
			}
			if s.storing.Add(-int64(len(b.arrivals))) == 0 {
				poke(s.sendC) // states may be told now
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// unlessEnded is err, which is of no interest once the session has ended.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// putInline stores small payloads. Wrong ones are the peer's fault. Those that
// there is no room for are left out: entries are kept without them, and they are
// fetched when there is.
func (s *session) putInline(ctx context.Context, puts []blob.InlinePut) error {
	err := s.e.cfg.Blobs.PutInlineBatch(ctx, puts)
	if isFull(err) {
		s.e.feed.emit(PayloadsWait{willow.NamespaceID(puts[0].Scope[:32]), err})
		if err = s.e.cfg.Blobs.PutInlineBatch(ctx, blob.Records(puts)); isFull(err) {
			return nil
		}
	}
	switch {
	case errors.Is(err, blob.ErrCorrupt), errors.Is(err, blob.ErrTooLarge):
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	case err != nil:
		return fmt.Errorf("storing payloads: %w", err)
	}
	return nil
}

// isFull reports whether a payload was refused because it doesn't fit.
func isFull(err error) bool {
	var lack *disk.Trouble
	return errors.As(err, &lack) && lack.Needs > 0
}
