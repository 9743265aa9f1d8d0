package consync

import (
	"sync"
	"time"

	"meadow/core/blob"
	"meadow/core/willow"
)

// lackingLimit bounds what is remembered of payloads that didn't come; with
// more, the peer is asked for nothing else until it is time for some of them.
const lackingLimit = 64 << 10

// againMost is how many times the first wait the last ones are.
const againMost = 32

// lacking says which payloads the peer isn't to be asked for, and until when. A
// peer that has refused one tells when it has got it (Available), but may never
// know that it was asked, or have had it all the time; so whatever the reason
// was, it is asked again, after waits that double.
type lacking struct {
	mu   sync.Mutex
	of   map[blob.Hash]*lack
	held time.Time // nothing of at least from bytes is fetched before: this device failed
	from uint64    // means nothing afterwards
}

type lack struct {
	ns      willow.NamespaceID
	ours    handle        // of the exchange by which it was asked for
	wait    time.Duration // the last one
	until   time.Time
	doubted bool // asked for once already because the peer says that it lacks nothing
}

// due reports whether the peer may be asked for a payload now.
func (l *lacking) due(h blob.Hash, length uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if now.Before(l.held) && length >= l.from {
		return false
	}
	if k := l.of[h]; k != nil {
		return !now.Before(k.until)
	}
	return len(l.of) < lackingLimit
}

// next returns the first time after a look, which began then, at which another
// one may find more; zero if time makes no difference.
func (l *lacking) next(began time.Time) (at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	earlier := func(t time.Time) {
		if t.After(began) && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	earlier(l.held)
	for _, k := range l.of {
		earlier(k.until)
	}
	return at
}

// about returns how many payloads of a namespace didn't come, and when the first
// of them is asked for again.
func (l *lacking) about(ns willow.NamespaceID) (count int, again time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, k := range l.of {
		if k.ns != ns {
			continue
		}
		if count++; again.IsZero() || k.until.Before(again) {
			again = k.until
		}
	}
	if l.held.After(again) && l.held.After(time.Now()) {
		again = l.held
	}
	return count, again
}

// add notes that a payload didn't come. first is how long to wait the first
// time, or after some of it came.
func (l *lacking) add(w wanted, first time.Duration, some bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.of[w.hash()]
	switch {
	case k == nil:
		l.roomLocked()
		k = &lack{ns: w.ex.ns, ours: w.ex.ours, wait: first}
		l.of[w.hash()] = k
	case some:
		k.wait = first
	default:
		k.wait = max(first, min(2*k.wait, againMost*first))
	}
	k.until = time.Now().Add(k.wait)
}

// roomLocked makes room for one more: those whose time has come give way.
func (l *lacking) roomLocked() {
	if l.of == nil {
		l.of = make(map[blob.Hash]*lack)
	}
	if len(l.of) < lackingLimit {
		return
	}
	now := time.Now()
	for h, k := range l.of {
		if !now.Before(k.until) {
			delete(l.of, h)
		}
	}
}

// forget notes that a payload has come, or may come now.
func (l *lacking) forget(h blob.Hash) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.of, h)
}

func (l *lacking) forgetAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.of)
}

// hold has no payload of at least so many bytes fetched for a while.
func (l *lacking) hold(wait time.Duration, from uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if now.Before(l.held) {
		from = min(from, l.from)
	}
	l.held, l.from = now.Add(wait), from
}

// unhold ends a hold.
func (l *lacking) unhold() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = time.Time{}
}

// doubt has payloads of an exchange asked for again, because the peer says that
// it lacks none: once each, and again if that is news.
func (l *lacking) doubt(ours handle, isNews bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, k := range l.of {
		if k.ours == ours && (isNews || !k.doubted) {
			k.doubted, k.until = true, time.Time{}
		}
	}
}

// lackingNoMore takes the peer's word that it has got payloads.
func (s *session) lackingNoMore(m available) {
	if m.anything {
		s.lacking.forgetAll()
	}
	for _, it := range m.items {
		s.lacking.forget(blob.Hash(it.digest))
	}
	s.wakeFetch()
}
