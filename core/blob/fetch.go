package blob

import (
	"context"
	"errors"
	"fmt"
)

// opened is an open Download, to others that want the same blob.
type opened struct {
	taken context.Context // ends when TakeOver waits for it
	take  context.CancelFunc
	over  chan struct{} // closed with the Download
}

// Fetch begins or resumes receiving a blob of length bytes. The Download must be
// closed. Until then another Fetch of the same blob is refused with ErrBusy,
// whatever its scope. ErrLength if it is known that the blob has another length.
// A blob that the scope holds already gives a Download that lacks nothing. Any
// other error is ErrLocal, or ctx's. Without room for all that is missing ReadFrom
// fails so when the length has been proven, and nothing is written.
func (s *Store) Fetch(ctx context.Context, scope Scope, h Hash, length uint64) (*Download, error) {
	mine := s.activate(h)
	if mine == nil {
		return nil, fmt.Errorf("fetch blob: %w", ErrBusy)
	}
	d := &Download{store: s, ctx: context.WithoutCancel(ctx), scope: scope, hash: h, length: length, open: mine}
	if err := d.resume(ctx); err != nil {
		s.release(h)
		return nil, fmt.Errorf("fetch blob: %w", local(s.own(err)))
	}
	return d, nil
}

// TakeOver is Fetch for who has the blob at hand: in place of ErrBusy it tells the
// Download that is open, see [Download.AfterTaken], and waits until that is closed.
// What came by it is here then.
func (s *Store) TakeOver(ctx context.Context, scope Scope, h Hash, length uint64) (*Download, error) {
	for {
		s.mu.Lock()
		before := s.active[h]
		s.mu.Unlock()
		if before != nil {
			before.take()
			select {
			case <-before.over:
			case <-ctx.Done():
				return nil, fmt.Errorf("take over blob: %w", ctx.Err())
			}
		}
		d, err := s.Fetch(ctx, scope, h, length)
		if !errors.Is(err, ErrBusy) {
			return d, err
		}
	}
}

// AfterTaken has f called, on a goroutine of its own, when TakeOver waits for d, or
// at once if it does already. stop ends that, as that of [context.AfterFunc]. Who
// can't close d early needn't call it: TakeOver waits.
func (d *Download) AfterTaken(f func()) (stop func() bool) {
	return context.AfterFunc(d.open.taken, f)
}

// Taken reports whether TakeOver waits for d.
func (d *Download) Taken() bool { return d.open.taken.Err() != nil }

// activate makes way for a Download; nil if one is open.
func (s *Store) activate(h Hash) *opened {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.active[h] != nil {
		return nil
	}
	o := &opened{over: make(chan struct{})}
	o.taken, o.take = context.WithCancel(context.Background())
	s.active[h] = o
	return o
}

func (s *Store) release(h Hash) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.active[h].over)
	delete(s.active, h)
}
