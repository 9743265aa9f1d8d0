package endpoint

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// MinLimit is the least rate of a Limit, in bytes per second: with less, nothing
// comes to its end.
const MinLimit = 16 << 10

const (
	pieceTime = 50 * time.Millisecond // of the rate: what passes at once
	minPiece  = 2 << 10               // above fewBytes
	maxPiece  = 64 << 10
	// urgentDebt is what urgent bytes may be ahead of the rate before they wait too.
	urgentDebt = 256 << 10
)

// Limit bounds the bytes per second of all streams that share it. Bulk bytes wait
// until the rate allows them, in the order in which they came. Urgent ones count as
// well, but wait only if there are many of them: so what devices say to each other,
// and small files, aren't held up by large ones. Its methods may be called
// concurrently.
type Limit struct {
	now   func() time.Time
	after func(time.Duration) <-chan time.Time
	turn  chan struct{} // held by the bulk bytes that are next

	rate atomic.Int64 // bytes per second; 0: any; written with mu held

	mu      sync.Mutex // guards all below
	level   float64    // bytes that may pass now; below 0: a debt
	at      time.Time  // when level was that
	changed chan struct{}
}

// NewLimit returns a Limit that lets everything pass.
func NewLimit() *Limit { return newLimit(time.Now, time.After) }

func newLimit(now func() time.Time, after func(time.Duration) <-chan time.Time) *Limit {
	return &Limit{now: now, after: after, turn: make(chan struct{}, 1), changed: make(chan struct{})}
}

// Set sets the rate, for bytes under way too: 0 is none, and less than MinLimit
// counts as that.
func (l *Limit) Set(rate int64) {
	if rate > 0 {
		rate = max(rate, MinLimit)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if rate == l.rate.Load() {
		return
	}
	l.rate.Store(rate)
	l.level, l.at = 0, l.now()
	close(l.changed)
	l.changed = make(chan struct{})
}

// piece returns how many bytes may ask to pass at once; 0: all, without asking.
func (l *Limit) piece() int {
	rate := l.rate.Load()
	if rate == 0 {
		return 0
	}
	return int(min(max(rate*int64(pieceTime)/int64(time.Second), minPiece), maxPiece))
}

var errGone = errors.New("the stream has ended")

// take lets n bytes pass when it is their turn, and says how long that took. Either
// channel ends it early.
func (l *Limit) take(n int, urgent bool, gone, also <-chan struct{}) (waited time.Duration, err error) {
	began := l.now()
	if !urgent {
		select {
		case l.turn <- struct{}{}:
			defer func() { <-l.turn }()
		case <-gone:
			return 0, errGone
		case <-also:
			return 0, errGone
		}
	}
	for {
		wait, changed := l.pass(n, urgent)
		if wait == 0 {
			return l.now().Sub(began), nil
		}
		select {
		case <-l.after(wait):
		case <-changed:
		case <-gone:
			return 0, errGone
		case <-also:
			return 0, errGone
		}
	}
}

// pass lets n bytes pass, or says how long they have to wait.
func (l *Limit) pass(n int, urgent bool) (wait time.Duration, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rate := float64(l.rate.Load())
	if rate == 0 {
		return 0, nil
	}
	l.fillLocked(rate)
	over := -l.level
	if urgent {
		over -= urgentDebt
	}
	if over > 0 {
		return max(time.Millisecond, time.Duration(over/rate*float64(time.Second))), l.changed
	}
	l.level -= float64(n)
	return 0, nil
}

// fillLocked adds what time has brought; no more than a piece is saved up.
func (l *Limit) fillLocked(rate float64) {
	now := l.now()
	l.level = min(l.level+now.Sub(l.at).Seconds()*rate, pieceTime.Seconds()*rate)
	l.at = now
}

// give returns bytes that were taken and didn't come to pass.
func (l *Limit) give(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rate.Load() > 0 {
		l.level += float64(n)
	}
}
