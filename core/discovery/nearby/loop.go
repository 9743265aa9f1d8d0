package nearby

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"meadow/core/key"
)

const (
	lifeLeast   = 15 * time.Minute // of a salt
	lifeMost    = 20 * time.Minute
	grace       = 30 * time.Second // others remember a salt for so long after its life
	announced   = 3                // times
	apart       = time.Second      // between two messages of one instance
	firstGap    = time.Second      // between questions
	gapGrows    = 3
	lastGap     = time.Hour
	tick        = 5 * time.Second // between looks at the clock, and for what failed
	settle      = 200 * time.Millisecond
	asleepFor   = 10 * time.Second // a jump of the clock by which sleep is noticed
	readRate    = 1000             // messages a second
	hashRate    = 20_000           // hashes a second
	hashesAhead = 100_000          // hashes at once; enough for the largest number of known devices
)

// air carries messages to and from the devices on links.
type air interface {
	// links returns the links that there are.
	links() ([]link, error)
	// tune opens the links and closes all others. It returns those that work; the
	// error says what of the others doesn't.
	tune(ctx context.Context, links []link) ([]link, error)
	send(index int, message []byte) error
	packets() <-chan packet
	// changed tells that links may return something else.
	changed() <-chan struct{}
	close()
}

// packet is one message that was heard.
type packet struct {
	link    int
	from    netip.Addr
	message []byte
}

// station is this device on one link.
type station struct {
	link        link
	place       place
	tag, screen *voice // nil if there is nothing to say
	shown       *Screen
	ask         time.Time // when the next question is due
	gap         time.Duration
	asked       []byte // the last question
	askedAt     time.Time
}

// voice is one instance that is announced.
type voice struct {
	announcement
	until time.Time // the end of its life
	grace time.Duration
	due   time.Time // of the next message, zero for none
	left  int       // announcements, that one included
	last  time.Time // of the last message, zero for none
}

// loop is one run of a service. All of it belongs to one goroutine.
type loop struct {
	s        *Service
	air      air
	bound    []netip.AddrPort
	stations map[int]*station
	known    []key.Endpoint
	beacon   key.Endpoint // see Config.Beacon
	mine     bool
	hasher   *hasher
	reading  bucket
	hashing  bucket
	failing  string    // what was last warned of
	look     time.Time // when the links are to be looked at, zero for not
	before   time.Time // the last tick
}

func (s *Service) run(ctx context.Context, a air, bound []netip.AddrPort) error {
	now := time.Now()
	l := &loop{
		s: s, air: a, bound: bound, stations: make(map[int]*station), hasher: newHasher(), before: now, look: now,
		reading: newBucket(readRate, readRate/2, now), hashing: newBucket(hashRate, hashesAhead, now),
	}
	defer l.leave()
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	for {
		now := time.Now()
		l.act(ctx, now)
		packets := a.packets()
		pause := l.reading.wait(now, 1)
		if pause > 0 {
			packets = nil // the system drops what there is no time for
		}
		due := time.NewTimer(l.rest(now, pause))
		select {
		case p := <-packets:
			l.hear(p, time.Now())
		case <-a.changed():
			l.changedLinks(time.Now())
		case <-ticks.C:
			l.ticked(time.Now())
		case <-s.wake:
		case <-due.C:
		case <-ctx.Done():
			due.Stop()
			return ctx.Err()
		}
		due.Stop()
	}
}

// leave withdraws everything.
func (l *loop) leave() {
	for _, st := range l.stations {
		l.retire(st, &st.tag)
		l.retire(st, &st.screen)
	}
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	l.s.links = 0
}

// changedLinks has the links looked at once the network has settled.
func (l *loop) changedLinks(now time.Time) {
	if l.look.IsZero() {
		l.look = now.Add(settle)
	}
}

// ticked tries again what failed and notices that the machine has slept.
func (l *loop) ticked(now time.Time) {
	asleep := now.Round(0).Sub(l.before.Round(0)) - now.Sub(l.before)
	l.before = now
	if asleep > asleepFor {
		for _, st := range l.stations {
			l.retire(st, &st.tag)
			st.question(now)
		}
	}
	if asleep > asleepFor || l.failing != "" {
		l.changedLinks(now)
	}
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	l.s.cache.expire(now)
}

// act does what is due.
func (l *loop) act(ctx context.Context, now time.Time) {
	if !l.look.IsZero() && !now.Before(l.look) {
		l.look = time.Time{}
		l.meet(ctx, now)
	}
	l.learn(now)
	l.s.mu.Lock()
	screen := l.s.screen
	l.s.mu.Unlock()
	for _, st := range l.stations {
		l.speak(st, screen, now)
		if !now.Before(st.ask) {
			l.question(st, now)
		}
	}
}

// meet brings the stations in line with the links that there are.
func (l *loop) meet(ctx context.Context, now time.Time) {
	all, err := l.air.links()
	all = slices.DeleteFunc(all, func(k link) bool { _, ok := k.place(l.bound); return !ok })
	all = all[:min(len(all), maxLinks)]
	works, tuned := l.air.tune(ctx, all)
	l.warn(err, tuned)
	lost := make(map[int]*station)
	for index, st := range l.stations {
		if !slices.ContainsFunc(works, st.link.equal) {
			lost[index] = st
			l.retire(st, &st.tag)
			l.retire(st, &st.screen)
			delete(l.stations, index)
		}
	}
	for _, k := range works {
		if l.stations[k.index] == nil {
			st := &station{link: k}
			st.place, _ = k.place(l.bound)
			st.question(now)
			l.stations[k.index] = st
		}
	}
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	l.s.links = len(l.stations)
	for index := range lost {
		l.s.cache.lost(index)
	}
}

// warn tells what doesn't work, once.
func (l *loop) warn(errs ...error) {
	failing := ""
	for _, err := range errs {
		if err != nil {
			failing += err.Error() + "; "
		}
	}
	if failing != "" && failing != l.failing {
		l.s.cfg.Log.Warn("Devices on this network may not be found; it is tried again", "error", failing)
	}
	l.failing = failing
}

// learn takes in who is known now and whether somebody looks for screens.
func (l *loop) learn(now time.Time) {
	known := l.s.cfg.Known()
	var beacon key.Endpoint
	var mine bool
	if l.s.cfg.Beacon != nil {
		beacon, mine = l.s.cfg.Beacon()
	}
	before := l.mine
	l.s.mu.Lock()
	asked := l.s.asked
	l.s.asked = false
	if news := !slices.Equal(known, l.known) || beacon != l.beacon || mine != l.mine; news {
		l.s.cache.forgetStrangers()
		l.known, l.beacon, l.mine, asked = slices.Clip(known), beacon, mine, true
	}
	l.s.mu.Unlock()
	if asked {
		for _, st := range l.stations {
			st.question(now)
		}
	}
	if before != mine {
		for _, st := range l.stations {
			l.retire(st, &st.tag)
		}
	}
}

// speak keeps the voices of a station as they should be and says what is due.
func (l *loop) speak(st *station, screen *Screen, now time.Time) {
	l.speakTag(st, now)
	if st.screen != nil && (screen != st.shown || !now.Before(st.screen.until)) {
		l.retire(st, &st.screen)
	}
	if life := l.lifeOf(screen); screen != st.shown && life > 0 {
		st.screen = newVoice(st.place, now, life)
		st.screen.announcement.screen = screen
	}
	st.shown = screen
	for _, v := range []*voice{st.tag, st.screen} {
		if v != nil && !v.due.IsZero() && !now.Before(v.due) {
			l.say(st, v, now)
		}
	}
}

// speakTag keeps the announcement of the device itself: a new one is said before
// the old one is withdrawn, so that nobody misses the device in between.
func (l *loop) speakTag(st *station, now time.Time) {
	old := st.tag
	if len(l.known) == 0 && !l.mine {
		l.retire(st, &st.tag)
		return
	}
	if old != nil && now.Before(old.until) {
		return
	}
	v := newVoice(st.place, now, lifeLeast+rand.N(lifeMost-lifeLeast))
	v.grace = grace
	v.hash = l.hasher.hash(l.self(), day(l.s.cfg.Now()), v.salt, v.place)
	st.tag = v
	if old != nil {
		l.say(st, v, now)
		l.retire(st, &old)
	}
}

// self is the key under which this device announces itself.
func (l *loop) self() key.Endpoint {
	if l.mine {
		return l.beacon
	}
	return l.s.cfg.Self
}

func (l *loop) lifeOf(screen *Screen) time.Duration {
	if screen == nil {
		return 0
	}
	return min(screen.Expires.Sub(l.s.cfg.Now()), maxScreenTTL)
}

func newVoice(p place, now time.Time, life time.Duration) *voice {
	return &voice{
		announcement: announcement{salt: newSalt(), place: p},
		until:        now.Add(life), due: soon(now), left: announced,
	}
}

// soon is when to speak up, so that not all do at once (RFC 6762, 6).
func soon(now time.Time) time.Time {
	return now.Add(20*time.Millisecond + rand.N(100*time.Millisecond))
}

func (l *loop) say(st *station, v *voice, now time.Time) {
	v.ttl = v.until.Sub(now) + v.grace
	l.send(st, encode(v.announcement))
	v.last, v.due = now, time.Time{}
	if v.left--; v.left > 0 {
		v.due = now.Add(apart)
	}
}

// retire withdraws a voice.
func (l *loop) retire(st *station, v **voice) {
	if *v != nil && !(*v).last.IsZero() {
		l.send(st, encode(announcement{salt: (*v).salt}))
	}
	*v = nil
}

func (l *loop) send(st *station, message []byte) {
	if err := l.air.send(st.link.index, message); err != nil {
		l.s.cfg.Log.Debug("Multicast not sent", "interface", st.link.name, "error", err)
	}
}

// question makes a station ask soon, and then less and less often.
func (st *station) question(now time.Time) { st.ask, st.gap = soon(now), firstGap }

func (l *loop) question(st *station, now time.Time) {
	l.s.mu.Lock()
	known := l.s.cache.known(st.link.index, now)
	l.s.mu.Unlock()
	st.asked, st.askedAt = encodeQuestion(known), now
	l.send(st, st.asked)
	st.ask, st.gap = now.Add(st.gap), min(gapGrows*st.gap, lastGap)
}

// rest is how long there is nothing to do.
func (l *loop) rest(now time.Time, pause time.Duration) time.Duration {
	next := now.Add(lastGap)
	earlier := func(t time.Time) {
		if !t.IsZero() && t.Before(next) {
			next = t
		}
	}
	earlier(l.look)
	if pause > 0 {
		earlier(now.Add(pause))
	}
	for _, st := range l.stations {
		earlier(st.ask)
		for _, v := range []*voice{st.tag, st.screen} {
			if v != nil {
				earlier(v.due)
				earlier(v.until)
			}
		}
	}
	return next.Sub(now)
}
