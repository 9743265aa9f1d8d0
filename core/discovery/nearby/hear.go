package nearby

import (
	"bytes"
	"net/netip"
	"slices"
	"time"

	"meadow/core/key"
)

// hear takes in a message.
func (l *loop) hear(p packet, now time.Time) {
	l.reading.take(now, 1)
	st := l.stations[p.link]
	if st == nil || st.echo(p, now) {
		return
	}
	q, said, err := decode(p.message)
	if err != nil {
		return // most is of other services
	}
	if q != nil {
		for _, v := range []*voice{st.tag, st.screen} {
			if v != nil && q.asks(v.salt, v.until.Sub(now)+v.grace) {
				v.answer(now)
			}
		}
	}
	for _, a := range said {
		l.heard(st, a, p, now)
	}
}

// echo reports whether a message is the station's own question, which the system
// lets it hear. Another program on this machine may ask from the same address.
func (st *station) echo(p packet, now time.Time) bool {
	return now.Sub(st.askedAt) < firstGap && bytes.Equal(p.message, st.asked) &&
		slices.ContainsFunc(st.link.nets, func(n netip.Prefix) bool { return n.Addr() == p.from })
}

// answer has the voice speak soon, but not twice within a second.
func (v *voice) answer(now time.Time) {
	at := soon(now)
	if again := v.last.Add(apart); !v.last.IsZero() && at.Before(again) {
		at = again
	}
	if v.due.IsZero() || at.Before(v.due) {
		v.due = at
	}
}

// heard takes in one announcement.
func (l *loop) heard(st *station, a announcement, p packet, now time.Time) {
	if l.own(a.salt) {
		return
	}
	switch {
	case a.ttl == 0:
		l.s.mu.Lock()
		defer l.s.mu.Unlock()
		l.s.cache.gone(a.salt)
	case a.screen == nil:
		if id, news := l.recognise(st, a, now); news {
			l.s.cfg.Found(id)
		}
	case a.screen.Endpoint != l.s.cfg.Self:
		l.heardScreen(st, a, p, now)
	}
}

func (l *loop) heardScreen(st *station, a announcement, p packet, now time.Time) {
	h := heardScreen{Screen: *a.screen, at: now, until: now.Add(a.ttl), link: st.link.index, sender: p.from}
	h.Addrs = st.link.dialable(a.place)
	if len(h.Addrs) == 0 {
		return
	}
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	l.s.cache.showed(a.salt, h)
}

// recognise finds out whose announcement it is and notes where that device is;
// news is whether it is a known one, or this one's double, at a new address.
func (l *loop) recognise(st *station, a announcement, now time.Time) (id key.Endpoint, news bool) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	candidates := append(slices.Clone(l.known), l.s.cfg.Self)
	if l.beacon != (key.Endpoint{}) && !l.mine {
		candidates = append(candidates, l.beacon)
	}
	if len(candidates) == 1 || l.s.cache.isStranger(a) || !l.hashing.take(now, float64(hashes(len(candidates)))) {
		return id, false
	}
	id, ok := l.hasher.match(candidates, day(l.s.cfg.Now()), a)
	if !ok {
		l.s.cache.putStranger(a)
		return id, false
	}
	addrs := st.link.dialable(a.place)
	if len(addrs) == 0 {
		return id, false
	}
	return id, l.s.cache.saw(id, sighting{salt: a.salt, addrs: addrs, until: now.Add(a.ttl), link: st.link.index}, now)
}

// own reports whether a salt is this device's: the system lets it hear itself.
func (l *loop) own(s salt) bool {
	for _, st := range l.stations {
		if slices.ContainsFunc([]*voice{st.tag, st.screen}, func(v *voice) bool { return v != nil && v.salt == s }) {
			return true
		}
	}
	return false
}

// bucket limits what is done in a second.
type bucket struct {
	rate, most, left float64
	at               time.Time
}

func newBucket(rate, most float64, now time.Time) bucket {
	return bucket{rate: rate, most: most, left: most, at: now}
}

// wait returns how long to wait until n can be taken; n above most never can,
// so it counts as most.
func (b *bucket) wait(now time.Time, n float64) time.Duration {
	b.left = min(b.most, b.left+b.rate*now.Sub(b.at).Seconds())
	b.at = now
	missing := min(n, b.most) - b.left
	if missing <= 0 {
		return 0
	}
	return max(time.Duration(missing/b.rate*float64(time.Second)), time.Millisecond)
}

// take reports whether there was enough, and takes it then.
func (b *bucket) take(now time.Time, n float64) bool {
	if b.wait(now, n) > 0 {
		return false
	}
	b.left -= n
	return true
}
