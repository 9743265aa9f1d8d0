package node

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// staleFor is how many times longer than it took to measure it history's size is
// taken for unchanged while it changes: asking all the time costs little.
const staleFor = 10

// measure is how much the history of a space takes, as last seen.
type measure struct {
	changed atomic.Bool // something may have changed since

	mu    sync.Mutex
	known bool          // guarded by mu, as the rest is
	bytes int64         //
	took  time.Duration // to find out
	at    time.Time
}

// historyBytes returns how many bytes are here only for the history of a space. It
// is right when nothing has changed for a moment.
func (s *spaces) historyBytes(ctx context.Context, sp *space) (int64, error) {
	m := &sp.history
	m.mu.Lock()
	defer m.mu.Unlock()
	began := time.Now()
	if m.known && (!m.changed.Load() || began.Sub(m.at) < staleFor*m.took) {
		return m.bytes, nil
	}
	m.changed.Store(false)
	n, err := s.n.cfg.History.Bytes(ctx, sp.id)
	if err != nil {
		m.changed.Store(true)
		return 0, err
	}
	m.known, m.bytes, m.at = true, n, time.Now()
	m.took = m.at.Sub(began)
	return n, nil
}

// uncount has all that is known of the spaces' histories measured anew.
func (s *spaces) uncount() {
	for _, sp := range s.all() {
		m := &sp.history
		m.mu.Lock()
		m.known = false
		m.mu.Unlock()
	}
}
