package consync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"meadow/core/blob"
	"meadow/core/willow"
)

// scanAtOnce is how many missing payloads are looked up at a time. The smallest
// of them are fetched first, so that much becomes complete soon.
const scanAtOnce = 512

// lackingLimit bounds what is remembered of payloads that the peer lacks; with
// more, it is asked for none until it says that it has got some.
const lackingLimit = 64 << 10

// fetcher is what fetch's goroutines share. It is guarded by its own mutex.
type fetcher struct {
	mu      sync.Mutex
	lacking map[blob.Hash]bool // the peer didn't have them when asked
	held    time.Time          // nothing is fetched before: our disk failed
}

// wanted is a payload to fetch.
type wanted struct {
	ex    *exchange
	entry willow.Entry
}

func (w wanted) hash() blob.Hash { return blob.Hash(w.entry.PayloadDigest) }

// wakeFetch has missing payloads looked up again.
func (s *session) wakeFetch() { poke(s.fetchC) }

// fetch gets missing payloads from the peer, a few at a time. It looks what is
// missing when something happened that can make a difference: entries came, the
// peer told of itself, somebody else failed. A look that finds nothing makes
// the next one wait ten times as long as it took.
func (s *session) fetch(ctx context.Context) error {
	var group sync.WaitGroup
	defer group.Wait()
	room := make(chan struct{}, s.e.limits.downloads)
	var queue []wanted
	for ctx.Err() == nil {
		if len(queue) == 0 {
			began := time.Now()
			var err error
			if queue, err = s.missing(ctx); err != nil {
				if ctx.Err() != nil {
					return nil
				}
				return err
			}
			if len(queue) == 0 {
				if !s.rest(ctx, 10*time.Since(began)) {
					return nil
				}
				continue
			}
		}
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		w := queue[0]
		queue = queue[1:]
		if w.ex.ctx.Err() != nil || !s.e.claim(w.hash(), s) {
			<-room
			continue
		}
		s.loading.Add(1)
		group.Go(func() {
			defer func() { <-room }()
			s.fetchOne(ctx, w)
		})
	}
	return nil
}

// rest waits at least for a time, and then to be woken.
func (s *session) rest(ctx context.Context, least time.Duration) bool {
	timer := time.NewTimer(least)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return false
	}
	select {
	case <-s.fetchC:
		return true
	case <-ctx.Done():
		return false
	}
}

// missing looks up payloads that are wanted and that the peer may have,
// smallest first.
func (s *session) missing(ctx context.Context) ([]wanted, error) {
	s.mu.Lock()
	var exs []*exchange
	for _, ex := range s.exchanges {
		if ex.view.TheirsKnown {
			exs = append(exs, ex)
		}
	}
	s.mu.Unlock()
	var list []wanted
	for _, ex := range exs {
		for e, err := range s.e.cfg.Entries.Wanted(ctx, ex.ns, ex.area) {
			if err != nil {
				return nil, fmt.Errorf("looking up missing payloads: %w", err)
			}
			w := wanted{ex, e}
			if s.maySkip(w.hash()) {
				continue
			}
			if list = append(list, w); len(list) >= scanAtOnce {
				break
			}
		}
	}
	slices.SortFunc(list, func(a, b wanted) int {
		return cmp.Compare(a.entry.PayloadLength, b.entry.PayloadLength)
	})
	return list, nil
}

// maySkip reports whether there is no use in asking the peer for a payload now.
func (s *session) maySkip(h blob.Hash) bool {
	s.fetcher.mu.Lock()
	skip := s.fetcher.lacking[h] || len(s.fetcher.lacking) >= lackingLimit || time.Now().Before(s.fetcher.held)
	s.fetcher.mu.Unlock()
	return skip || s.e.claimed(h)
}

// lacks remembers that the peer couldn't give a payload.
func (s *session) lacks(h blob.Hash) {
	s.fetcher.mu.Lock()
	defer s.fetcher.mu.Unlock()
	if s.fetcher.lacking == nil {
		s.fetcher.lacking = make(map[blob.Hash]bool)
	}
	s.fetcher.lacking[h] = true
}

// lackingNoMore takes the peer's word that it has got payloads.
func (s *session) lackingNoMore(m available) {
	s.fetcher.mu.Lock()
	if m.anything {
		clear(s.fetcher.lacking)
	}
	for _, it := range m.items {
		delete(s.fetcher.lacking, blob.Hash(it.digest))
	}
	s.fetcher.mu.Unlock()
	s.wakeFetch()
}

// fetchOne fetches one payload. What came is kept, however it ends.
func (s *session) fetchOne(ctx context.Context, w wanted) {
	err := s.download(ctx, w)
	done := err == nil
	switch {
	case done || ctx.Err() != nil || w.ex.ctx.Err() != nil:
	case errors.Is(err, errDisk):
		s.log.Warn("Payloads can't be stored; trying again in a while", "error", err)
		s.holdFetch()
	case errors.Is(err, blob.ErrBusy):
		s.lacks(w.hash()) // somebody else fetches it
	default:
		s.log.Debug("A payload didn't come", "error", err)
		s.lacks(w.hash())
	}
	s.e.release(w.hash(), s, done)
	if done {
		s.wakeFetch() // another scope may want the same payload
	}
	if s.loading.Add(-1) == 0 {
		poke(s.sendC) // states may be told now
	}
}

// errDisk marks failures of this device.
var errDisk = errors.New("local failure")

func (s *session) holdFetch() {
	hold := s.e.limits.progress
	s.fetcher.mu.Lock()
	s.fetcher.held = time.Now().Add(hold)
	s.fetcher.mu.Unlock()
	time.AfterFunc(hold, s.wakeFetch)
}

func (s *session) download(ctx context.Context, w wanted) (err error) {
	d, err := s.e.cfg.Blobs.Fetch(ctx, scopeOf(w.entry), w.hash(), w.entry.PayloadLength)
	if err != nil {
		if errors.Is(err, blob.ErrBusy) || errors.Is(err, blob.ErrLength) {
			return err
		}
		return fmt.Errorf("%w: %w", errDisk, err)
	}
	defer func() {
		if e := d.Close(); e != nil && err == nil {
			err = fmt.Errorf("%w: %w", errDisk, e)
		}
	}()
	if d.Done() {
		return nil
	}
	stream, err := s.conn.OpenStream(ctx)
	if err != nil {
		return err
	}
	defer stream.CancelRead(codeRefused)
	stop := context.AfterFunc(w.ex.ctx, func() { reset(stream) })
	defer stop()
	asked := d.Ask()
	req := request{
		w.ex.ours, w.entry.Subspace, w.entry.Path, w.entry.PayloadDigest, w.entry.PayloadLength, asked,
	}
	conn := &steady{Reader: stream, Writer: stream, stream: stream, limit: s.e.limits.progress, count: func(int) {}}
	if _, err := conn.Write(req.append(nil)); err != nil {
		return err
	}
	_ = stream.Close()
	conn.count = func(n int) {
		s.payloadReceived.Add(uint64(n))
		s.heardAt.Store(time.Now().UnixNano())
		s.e.feed.progress(s)
	}
	if err := d.ReadFrom(w.ex.ctx, conn, asked); err != nil {
		return err
	}
	if !d.Done() {
		return fmt.Errorf("peer sent only a part")
	}
	return nil
}
