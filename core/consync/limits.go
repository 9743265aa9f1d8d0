package consync

import (
	"sync"
	"time"
)

// limits are the bounds of a session that tests make smaller.
type limits struct {
	split       int // ranges that one is cut into, at most
	direct      int // at most so many entries are listed, not split
	softOpen    int // with so many questions open, larger ranges are listed too
	softDirect  int // of at most so many entries
	hardOpen    int // a peer with more questions open is cut off
	softIDs     int // with so many ids listed in open questions, no more are asked
	hardIDs     int // a peer that lists more is cut off
	softBoxes   int // with so many bytes of ranges in open questions, larger ones are listed
	hardBoxes   int // a peer that asks about more is cut off
	slotBytes   int // of all capabilities in slots
	controlSize int // bytes of control messages that may wait for a slow peer
	forward     int // entries that may wait to be forwarded
	batch       int // bytes of an Entries message, about
	chunk       uint64
	downloads   int // payloads fetched at once in a session
	uploads     int // payloads served at once in a session
	refused     int // payloads remembered that a peer asked for in vain
	rowsPerMin  float64
	rowsAtOnce  uint64  // a range that the peer made up and that takes more is split, not summed up
	turnsPerMin float64 // how often a peer may show another capability, or stop

	debounce  time.Duration // of entries forwarded one after the other
	stateIdle time.Duration // from a change to the state being told
	stateBusy time.Duration // the same while much is on its way
	handshake time.Duration // until the control stream is there
	idle      time.Duration // without any message
	alone     time.Duration // without a namespace that both may exchange
	progress  time.Duration // of questions and payloads without any byte
	quiet     time.Duration // unequal so long without news: look again

	// When a payload that didn't come is asked for again, the first time.
	againRefused time.Duration // the peer hadn't got it
	againFailed  time.Duration // it didn't come to its end
	againLocal   time.Duration // this device couldn't store it; not longer later
}

var defaultLimits = limits{
	split:       16,
	direct:      64,
	softOpen:    4096,
	softDirect:  2048,
	hardOpen:    32768,
	softIDs:     64 << 10,
	hardIDs:     256 << 10,
	softBoxes:   4 << 20,
	hardBoxes:   16 << 20,
	slotBytes:   4 << 20,
	controlSize: 16 << 20,
	forward:     4096,
	batch:       256 << 10,
	chunk:       1024,
	downloads:   4,
	uploads:     8,
	refused:     4096,
	rowsPerMin:  2e6,
	rowsAtOnce:  4e6,
	turnsPerMin: 1200,
	debounce:    10 * time.Millisecond,
	stateIdle:   15 * time.Millisecond,
	stateBusy:   500 * time.Millisecond,
	handshake:   10 * time.Second,
	idle:        60 * time.Second,
	alone:       15 * time.Second,
	progress:    30 * time.Second,
	quiet:       2 * time.Second,

	againRefused: 30 * time.Second,
	againFailed:  time.Second,
	againLocal:   20 * time.Second,
}

// restedLimit bounds what an engine remembers of lasting differences.
const restedLimit = 1024

// purse holds the rows that a peer can make us read: a token bucket that fills
// evenly and holds two minutes' worth.
type purse struct {
	perMin float64
	now    func() time.Time

	mu   sync.Mutex
	left float64 // guarded by mu, less than nothing if something is owed
	at   time.Time
}

func newPurse(perMin float64, now func() time.Time) *purse {
	return &purse{perMin: perMin, left: 2 * perMin, at: now(), now: now}
}

// take takes one out if there is any.
func (p *purse) take() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fillLocked()
	if p.left < 1 {
		return false
	}
	p.left--
	return true
}

func (p *purse) fillLocked() {
	t := p.now()
	p.left = min(p.left+t.Sub(p.at).Minutes()*p.perMin, 2*p.perMin)
	p.at = t
}

// spend takes rows out, also those that aren't there.
func (p *purse) spend(rows uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fillLocked()
	p.left -= float64(rows)
}

// owed returns how long it takes until nothing is owed any more.
func (p *purse) owed() time.Duration { return p.until(0) }

// half returns how long it takes until half of it is there.
func (p *purse) half() time.Duration { return p.until(p.perMin) }

func (p *purse) until(rows float64) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fillLocked()
	return time.Duration(max(0, (rows-p.left)/p.perMin*float64(time.Minute)))
}

// full reports whether a new purse would hold no more.
func (p *purse) full() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fillLocked()
	return p.left >= 2*p.perMin
}
