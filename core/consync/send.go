package consync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"meadow/core/blob"
	"meadow/core/willow"
)

// outbox is what waits to be sent, in order of priority. It is guarded by
// session.mu. Frames are few and bounded in bytes; all else is a description of
// work that is done when there is room to send its result.
type outbox struct {
	frames []byte                            // ready control messages
	tasks  []func(ctx context.Context) error // short answers
	bulk   []bulkJob                         // long answers, one step at a time
}

// bulkJob sends entries in steps of one message, so that others get a turn.
type bulkJob interface {
	step(ctx context.Context) (done bool, err error)
}

// sender is what only send's goroutine touches.
type sender struct {
	buf       []byte          // frames not yet written
	slotOf    map[string]byte // capability -> its slot at the peer
	slotCaps  [256]string     // slot -> capability
	nextSlot  byte
	slotted   int       // bytes in slots
	flushedAt time.Time // when entries were last forwarded
}

// post queues a control message. A peer that doesn't read while it makes us
// talk is cut off.
func (s *session) post(m message) {
	if m.kind() >= typeOptional && s.speaks.Load() < minorOptional {
		return // the peer would end the session
	}
	s.mu.Lock()
	s.out.frames = appendFrame(s.out.frames, m)
	size := len(s.out.frames)
	s.mu.Unlock()
	if size > s.e.limits.controlSize {
		s.end(fmt.Errorf("%w: %d bytes wait for it", ErrLimit, size))
	}
	poke(s.sendC)
}

func (s *session) enqueue(task func(ctx context.Context) error) {
	s.mu.Lock()
	s.out.tasks = append(s.out.tasks, task)
	s.mu.Unlock()
	poke(s.sendC)
}

func (s *session) enqueueBulk(j bulkJob) {
	s.mu.Lock()
	s.out.bulk = append(s.out.bulk, j)
	s.mu.Unlock()
	poke(s.sendC)
}

// busyLocked reports whether much is on its way, so that states can wait.
func (s *session) busyLocked() bool {
	return len(s.out.tasks) > 0 || len(s.out.bulk) > 0 || s.storing.Load() > 0 || s.loading.Load() > 0
}

// send writes the control stream until ctx ends.
func (s *session) send(ctx context.Context) error {
	s.sender = sender{
		slotOf: make(map[string]byte),
	}
	if s.conn.Initiator() {
		s.buf = append(s.buf, streamControl)
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		worked, wait, err := s.sendNext(ctx)
		if err == nil && (!worked || len(s.buf) >= frameLimit) {
			err = s.flush()
		}
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		if worked {
			continue
		}
		var due <-chan time.Time
		if wait > 0 {
			timer.Reset(wait)
			due = timer.C
		}
		select {
		case <-s.sendC:
		case <-due:
		case <-ctx.Done():
		}
	}
	return nil
}

// sendNext does the most urgent piece of work. If there is none, it says how
// long to wait for some that isn't due yet; zero is until something is posted.
func (s *session) sendNext(ctx context.Context) (worked bool, wait time.Duration, err error) {
	if s.takePosted() {
		return true, 0, nil
	}
	s.mu.Lock()
	ex, stateWait := s.dueStateLocked(time.Now())
	s.mu.Unlock()
	if ex != nil {
		return true, 0, s.takeState(ctx, ex)
	}
	worked, forwardWait, err := s.forwardDue(ctx)
	if worked {
		return true, 0, err
	}
	s.mu.Lock()
	// Lists are answered whatever the peer does, so waiting for that is safe.
	if len(s.out.tasks) > 0 && s.ledger.ids < s.e.limits.softIDs {
		task := s.out.tasks[0]
		s.out.tasks = slices.Delete(s.out.tasks, 0, 1)
		s.mu.Unlock()
		return true, 0, task(ctx)
	}
	if len(s.out.bulk) == 0 {
		s.mu.Unlock()
		return false, soonest(stateWait, forwardWait), nil
	}
	job := s.out.bulk[0]
	s.mu.Unlock()
	done, err := job.step(ctx)
	if done {
		s.mu.Lock()
		s.out.bulk = slices.Delete(s.out.bulk, 0, 1)
		s.mu.Unlock()
	}
	return true, 0, err
}

// takePosted puts control messages that were posted into the buffer.
func (s *session) takePosted() (some bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	some = len(s.out.frames) > 0
	s.buf, s.out.frames = append(s.buf, s.out.frames...), nil
	return some
}

// forwardDue forwards what commits brought, if it is time; if not, it says how long
// that takes.
func (s *session) forwardDue(ctx context.Context) (worked bool, wait time.Duration, err error) {
	now := time.Now()
	wait = s.flushedAt.Add(s.e.limits.debounce).Sub(now)
	s.mu.Lock()
	if s.forward.empty() || wait > 0 {
		defer s.mu.Unlock()
		if s.forward.empty() {
			wait = 0
		}
		return false, wait, nil
	}
	batch := s.forward.take()
	s.mu.Unlock()
	s.flushedAt = now
	return true, 0, s.forwardBatch(ctx, batch)
}

// dueStateLocked returns a namespace whose state is to be told now, or how long
// the next one takes. All but the first ones wait until half of the peer's purse is
// there: its questions, which come after them, would never be answered otherwise.
func (s *session) dueStateLocked(now time.Time) (*exchange, time.Duration) {
	delay, wait, half := s.e.limits.stateIdle, time.Duration(0), s.purse.half()
	if s.busyLocked() {
		delay = s.e.limits.stateBusy
	}
	for _, ex := range s.exchanges.ours {
		if ex.marked.IsZero() {
			continue
		}
		left := max(ex.marked.Add(delay).Sub(now), half)
		if left <= 0 || !ex.view.OursKnown {
			return ex, 0
		}
		wait = soonest(wait, left)
	}
	return nil, wait
}

// soonest is the lesser of two waits, of which zero is for ever.
func soonest(a, b time.Duration) time.Duration {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// flushPiece is what a slow peer must take within limits.progress.
const flushPiece = 32 << 10

// write puts a message into the buffer. It runs in send only.
func (s *session) write(m message) error {
	s.buf = appendFrame(s.buf, m)
	if len(s.buf) < frameLimit {
		return nil
	}
	return s.flush()
}

// flush writes what is buffered, and blocks while the peer doesn't read.
func (s *session) flush() error {
	if len(s.buf) == 0 {
		return nil
	}
	var err error
	for rest := s.buf; len(rest) > 0 && err == nil; {
		now, n := time.Now().UnixNano(), min(len(rest), flushPiece)
		s.writingAt.Store(now)
		n, err = s.control.Write(rest[:n])
		s.spokeAt.Store(now)
		s.controlSent.Add(uint64(n))
		rest = rest[n:]
	}
	s.writingAt.Store(0)
	s.e.feed.progress(s)
	if s.buf = s.buf[:0]; cap(s.buf) > 2*entriesLimit {
		s.buf = nil
	}
	if err != nil {
		return fmt.Errorf("writing the control stream: %w", err)
	}
	return nil
}

// writeEntries writes one Entries message with as many entries of the list as
// fit, and says how many those are. Small payloads that are held here go along.
// Capabilities that the peer hasn't got are written before it.
func (s *session) writeEntries(ctx context.Context, ex *exchange, list []willow.Authorised) (n int, err error) {
	m, size := entries{handle: ex.ours}, 0
	var used [256]bool
	for _, a := range list {
		if size >= s.e.limits.batch {
			break
		}
		slot, ok, err := s.slot(a.Token.Capability, &used)
		if err != nil {
			return 0, err
		}
		if !ok {
			break
		}
		w := wireEntry{entry: a.Entry, slot: slot, signature: a.Token.Signature}
		if w.payload, w.inline, err = s.smallPayload(ctx, a.Entry); err != nil {
			return 0, err
		}
		m.list = append(m.list, w)
		size += 160 + len(a.Entry.Path.Key()) + len(w.payload)
	}
	s.sentEntries(ex, m.list)
	s.wentBeside(ex, list[:len(m.list)])
	return len(m.list), s.write(m)
}

// slot returns the slot of a capability at the peer, and sends it there if need
// be. It fails to, if the slot is in use by the message that is being made.
func (s *session) slot(enc []byte, used *[256]bool) (slot byte, ok bool, err error) {
	if slot, ok := s.slotOf[string(enc)]; ok {
		used[slot] = true
		return slot, true, nil
	}
	slot = s.nextSlot
	if used[slot] {
		return 0, false, nil
	}
	others := func() int { return s.slotted - len(s.slotCaps[slot]) }
	for next := slot + 1; others()+len(enc) > s.e.limits.slotBytes; next++ {
		if used[next] {
			return 0, false, nil
		}
		if s.slotCaps[next] == "" {
			continue
		}
		s.clearSlot(next)
		if err := s.write(capability{next, nil}); err != nil {
			return 0, false, err
		}
	}
	s.nextSlot++
	s.clearSlot(slot)
	s.slotted += len(enc)
	s.slotCaps[slot] = string(enc)
	s.slotOf[s.slotCaps[slot]] = slot
	used[slot] = true
	return slot, true, s.write(capability{slot, enc})
}

// clearSlot forgets the capability in a slot.
func (s *session) clearSlot(slot byte) {
	old := s.slotCaps[slot]
	delete(s.slotOf, old)
	s.slotCaps[slot], s.slotted = "", s.slotted-len(old)
}

// smallPayload returns an entry's payload if it is small, not empty, and held
// in the entry's scope.
func (s *session) smallPayload(ctx context.Context, e willow.Entry) ([]byte, bool, error) {
	if e.PayloadLength == 0 || e.PayloadLength > blob.InlineLimit {
		return nil, false, nil
	}
	b, err := s.e.cfg.Blobs.ReadHeld(ctx, scopeOf(e), blob.Hash(e.PayloadDigest), blob.InlineLimit)
	switch {
	case errors.Is(err, blob.ErrNotFound), errors.Is(err, blob.ErrLost), errors.Is(err, blob.ErrTooLarge):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("reading a payload: %w", err)
	case uint64(len(b)) != e.PayloadLength:
		return nil, false, nil // never of this length
	}
	return b, true, nil
}

func scopeOf(e willow.Entry) (sc blob.Scope) {
	copy(sc[:32], e.Namespace[:])
	copy(sc[32:], e.Subspace[:])
	return sc
}

func sortedValues[K comparable, V cmp.Ordered](m map[K]V) []V {
	return slices.Sorted(maps.Values(m))
}
