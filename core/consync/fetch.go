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

// wanted is a payload to fetch.
type wanted struct {
	ex    *exchange
	entry willow.Entry
}

func (w wanted) hash() blob.Hash { return blob.Hash(w.entry.PayloadDigest) }

// queue is what is to be fetched next.
type queue struct {
	mu   sync.Mutex
	list []wanted
}

func (q *queue) fill(list []wanted) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = list
}

func (q *queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.list) == 0
}

// next takes the first one out; there is one.
func (q *queue) next() wanted {
	q.mu.Lock()
	defer q.mu.Unlock()
	w := q.list[0]
	q.list = q.list[1:]
	return w
}

// first returns a copy of the first ones, at most n.
func (q *queue) first(n int) []wanted {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.list[:min(n, len(q.list))])
}

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
	for ctx.Err() == nil {
		if s.queue.empty() {
			began := time.Now()
			found, err := s.missing(ctx)
			if err != nil {
				if ctx.Err() != nil {
					return nil
				}
				return err
			}
			if s.queue.fill(found); len(found) == 0 {
				if !s.rest(ctx, began) {
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
		w := s.queue.next()
		if w.ex.ctx.Err() != nil || s.maySkip(w) || !s.e.claim(w.hash(), s) {
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

// rest waits ten times as long as the look took that began then, and further to
// be woken or until it is time to ask again.
func (s *session) rest(ctx context.Context, began time.Time) bool {
	timer := time.NewTimer(10 * time.Since(began))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return false
	}
	var due <-chan time.Time
	if next := s.lacking.next(began); !next.IsZero() {
		timer.Reset(time.Until(next))
		due = timer.C
	}
	select {
	case <-s.fetchC:
		return true
	case <-due:
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
	for _, of := range s.exchanges.of {
		for _, ex := range of {
			if ex.view.TheirsKnown {
				exs = append(exs, ex)
			}
		}
	}
	s.mu.Unlock()
	var list []wanted
	for i, ex := range exs {
		elsewhere := func(e willow.Entry) bool {
			return slices.ContainsFunc(exs[:i], func(o *exchange) bool { return o.ns == ex.ns && o.area.Includes(e) })
		}
		for e, err := range s.e.cfg.Entries.Wanted(ctx, ex.ns, ex.area) {
			if err != nil {
				return nil, fmt.Errorf("looking up missing payloads: %w", err)
			}
			w := wanted{ex, e}
			if s.maySkip(w) || elsewhere(e) {
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
func (s *session) maySkip(w wanted) bool {
	return !s.lacking.due(w.hash(), w.entry.PayloadLength) || s.e.claimed(w.hash())
}

// fetchOne fetches one payload. What came is kept, however it ends.
func (s *session) fetchOne(ctx context.Context, w wanted) {
	l, h := &s.e.limits, w.hash()
	came, err := s.download(ctx, w)
	switch {
	case err == nil:
		s.lacking.forget(h)
	case ctx.Err() != nil || w.ex.ctx.Err() != nil:
	case errors.Is(err, blob.ErrLocal):
		s.cantStore(w, err)
	case errors.Is(err, errRefused), errors.Is(err, blob.ErrCorrupt), errors.Is(err, blob.ErrLength):
		s.log.Debug("The peer hasn't got a payload", "error", err)
		s.lacking.add(w, l.againRefused, came > 0)
	default:
		s.log.Debug("A payload didn't come", "error", err)
		s.lacking.add(w, l.againFailed, came > 0)
	}
	s.e.release(h, s, err == nil)
	s.wakeFetch() // another scope may want the same payload, or it is asked for again
	if s.loading.Add(-1) == 0 {
		poke(s.sendC) // states may be told now
	}
}

// cantStore has payloads wait for this device: those that don't fit if its disk is
// full, else all. Others may well fit, and mustn't wait behind it.
func (s *session) cantStore(w wanted, err error) {
	from := uint64(0)
	if isFull(err) {
		from = w.entry.PayloadLength
	}
	s.lacking.hold(s.e.limits.againLocal, from)
	s.e.feed.emit(PayloadsWait{w.ex.ns, err})
}

// errRefused: the peer has ended the stream before the first byte.
var errRefused = errors.New("peer refused it")

// download fetches what is missing of one payload, and says how many bytes came.
func (s *session) download(ctx context.Context, w wanted) (came int, err error) {
	d, err := s.e.cfg.Blobs.Fetch(ctx, scopeOf(w.entry), w.hash(), w.entry.PayloadLength)
	if err != nil {
		return 0, err
	}
	defer func() {
		if e := d.Close(); e != nil && err == nil {
			err = e
		}
	}()
	if d.Done() {
		return 0, nil
	}
	stream, err := s.openFor(ctx, w, d)
	if err != nil {
		return 0, err
	}
	defer stream.CancelRead(codeRefused)
	stop := context.AfterFunc(w.ex.ctx, func() { reset(stream) })
	defer stop()
	defer d.AfterTaken(func() { reset(stream) })()
	asked := d.Ask()
	req := request{
		w.ex.ours, w.entry.Subspace, w.entry.Path, w.entry.PayloadDigest, w.entry.PayloadLength, asked,
	}
	conn := &steady{Reader: stream, Writer: stream, stream: stream, limit: s.e.limits.progress, count: func(int) {}}
	if _, err := conn.Write(req.append(nil)); err != nil {
		return 0, err
	}
	_ = stream.Close()
	had, _ := d.Progress()
	flow := s.e.meter.begin(s, w.ex, w.entry, false, had)
	defer s.payloadMoved(flow)
	defer s.e.meter.end(flow)
	conn.count = s.receiving(flow)
	err = d.ReadFrom(w.ex.ctx, conn, asked)
	came = int(flow.moved.Load())
	return came, outcome(d, came, err)
}

// openFor opens a stream for a payload. A peer that allows no more must do so within
// limits.progress, and who has the payload at hand doesn't wait for that.
func (s *session) openFor(ctx context.Context, w wanted, d *blob.Download) (Stream, error) {
	ctx, cancel := context.WithTimeout(ctx, s.e.limits.progress)
	defer cancel()
	defer context.AfterFunc(w.ex.ctx, cancel)()
	defer d.AfterTaken(cancel)()
	return s.conn.OpenStream(ctx)
}

// outcome says what became of a payload of which some bytes came before err.
func outcome(d *blob.Download, came int, err error) error {
	var timeout interface{ Timeout() bool }
	switch {
	case err != nil && d.Taken():
		return fmt.Errorf("%w, from a file: %w", blob.ErrBusy, err)
	case err == nil && !d.Done():
		return fmt.Errorf("peer sent only a part")
	case err != nil && came == 0 && !errors.Is(err, blob.ErrLocal) && !(errors.As(err, &timeout) && timeout.Timeout()):
		return fmt.Errorf("%w: %w", errRefused, err)
	default:
		return err
	}
}

// receiving returns what counts the bytes of a payload that come.
func (s *session) receiving(f *flow) func(n int) {
	return func(n int) {
		now := time.Now()
		s.payloadReceived.Add(uint64(n))
		s.heardAt.Store(now.UnixNano())
		f.count(n, now)
		s.e.feed.progress(s)
	}
}
