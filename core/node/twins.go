package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"sync"
	"time"

	"meadow/core/endpoint"
	"meadow/core/key"
)

// twins is what this node knows of other homes with its own device key; see
// lineage for what is wrong with them.
type twins struct {
	n    *Node
	runs lineage // of this home; constant

	mu    sync.Mutex  // guards all below
	still *standstill // this home doesn't sync, for another one was met first
	seen  sighting    // of another home, which doesn't stop this one
}

// standstill is why a home doesn't sync, and is kept over restarts.
type standstill struct {
	By string    `json:"by"` // the device that had met the other home
	At time.Time `json:"at"`
}

// sighting is when and by whom another home with this device's key was met.
type sighting struct {
	by string
	at time.Time
}

// Why a session with a device of the account is ended at its hello.
var (
	errTwin   = errors.New("another home with the device's key was met first")
	errOldRun = errors.New("a run of the device that has ended")
	errNoRuns = errors.New("the device has shown its runs before and doesn't now")
)

// rejoin is what to do with a copy of a home.
const rejoin = "on the copy: make another home with `meadow --home DIR init --join` and pair it, stop the copy, " +
	"and attach its folders to the new home; what differs is kept beside what is there"

// sightingTold is for how long there is something to say about another home.
const sightingTold = 7 * 24 * time.Hour

func (n *Node) recent(at time.Time) bool {
	return !at.IsZero() && n.cfg.Now().Sub(at) < sightingTold
}

// openTwins counts this start.
func openTwins(ctx context.Context, n *Node) (*twins, error) {
	t := &twins{n: n}
	var err error
	if t.runs, err = beginRun(ctx, n.cfg.Local); err != nil {
		return nil, err
	}
	b, ok, err := n.cfg.Local.Value(ctx, keyTwin)
	if err != nil || !ok {
		return t, err
	}
	t.still = new(standstill)
	if err := json.Unmarshal(b, t.still); err != nil {
		n.log.Warn("It can't be read who met a copy of this home", "error", err)
	}
	return t, nil
}

// isStill reports whether this home has been told not to sync.
func (t *twins) isStill() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.still != nil
}

// notice returns what is to be said about other homes with this device's key.
func (t *twins) notice() *Notice {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.still != nil:
		return &Notice{
			NoticeClone,
			fmt.Sprintf("a copy of this device's home is at work elsewhere, and %s met it before this one: "+
				"nothing is synced here any more; nothing is lost, and what is changed here stays here", t.still.By),
			rejoin,
		}
	case t.n.recent(t.seen.at):
		return &Notice{
			NoticeClone,
			fmt.Sprintf("a copy of this device's home is at work elsewhere: %s met it and turned it away; nothing is lost", t.seen.by),
			rejoin,
		}
	}
	return nil
}

// stop ends all syncing of this home for good.
func (t *twins) stop(by key.Endpoint) {
	s := &standstill{By: t.n.deviceName(by), At: t.n.cfg.Now().Round(0)}
	t.mu.Lock()
	first := t.still == nil
	if first {
		t.still = s
	}
	t.mu.Unlock()
	if !first {
		return
	}
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // plain values always marshal
	}
	if err := t.n.cfg.Local.PutValues(context.Background(), map[string][]byte{keyTwin: b}); err != nil {
		t.n.log.Warn("It wasn't noted that this home is one of two", "error", err)
	}
	t.n.log.Warn("Another home with this device's key was met first: this one stops syncing", "by", s.By)
	t.n.peers.closeAll(closeTwinned)
	t.n.bus.emit("clone", "device", t.n.deviceName(t.n.cfg.Device.Endpoint()), "stopped", true, "by", s.By)
}

// saw notes that another home with this device's key was met, by a device or, if
// that is this one itself, at an address.
func (t *twins) saw(by string, at time.Time) {
	t.mu.Lock()
	news := at.After(t.seen.at)
	if news {
		t.seen = sighting{by, at}
	}
	t.mu.Unlock()
	if news && t.n.recent(at) {
		t.n.bus.emit("clone", "device", t.n.deviceName(t.n.cfg.Device.Endpoint()), "stopped", false, "by", by)
	}
}

// refuse returns why what needs other devices can't be done.
func (t *twins) refuse() error {
	if !t.isStill() {
		return nil
	}
	n := t.notice()
	return fail(CodeClone, n.Hint, "%s", n.Message)
}

// judge decides whether a session with a device of the account may go on, by the
// runs that the device shows with its first hello.
func (p *peers) judge(from key.Endpoint, s *session, shown *lineage) error {
	p.mu.Lock()
	if s.judged {
		p.mu.Unlock()
		return nil
	}
	r := p.recordLocked(from)
	var runs lineage
	if shown != nil {
		runs = *shown
	}
	if runs.last == 0 && r.Runs.last == 0 {
		p.mu.Unlock()
		return nil // of the first release, or it doesn't know this device yet
	}
	if runs.ahead(r.Runs) {
		r.unsaved = r.unsaved || runs.last != r.Runs.last
		r.Runs, s.judged = runs.short(lineageShown), true
		p.mu.Unlock()
		return nil
	}
	ended, known := r.Runs.at(runs.last)
	old := known && ended == runs.ids[0]
	if !old && runs.last > 0 {
		r.Twin, r.TwinAt, r.unsaved = p.clock().Round(0), s.conn.RemoteAddr(), true
		r.Away = runs.short(lineageMet)
	}
	p.mu.Unlock()
	switch {
	case runs.last == 0:
		_ = s.conn.Close(closeBusy)
		return errNoRuns
	case old:
		_ = s.conn.Close(closeDuplicate)
		return errOldRun
	}
	_ = s.conn.Close(closeTwin)
	p.n.log.Warn("Another home with a device's key was turned away", "device", p.n.deviceName(from), "at", s.conn.RemoteAddr())
	p.n.bus.emit("clone", "device", p.n.deviceName(from), "endpoint", from.String(), "address", s.conn.RemoteAddr().String())
	p.wake.kick()      // to keep that
	p.n.engine.Greet() // others are not to take that home now
	return errTwin
}

// turnedAway reports whether a home was turned away at an address not long ago.
// Its next connection isn't to take the place of one with the home that was met
// first.
func (p *peers) turnedAwayLocked(id key.Endpoint, a netip.AddrPort) bool {
	r := p.records[id]
	return r != nil && r.TwinAt == a && p.n.recent(r.Twin)
}

// closedBy looks at how a session has ended.
func (p *peers) closedBy(c *endpoint.Conn) {
	var closed *endpoint.CloseError
	if !errors.As(c.Err(), &closed) || !closed.Remote || !p.n.deviceKnown(c.Peer()) {
		return
	}
	switch closed.Code {
	case closeTwin:
		p.n.twins.stop(c.Peer())
	case closePaused:
		p.mu.Lock()
		p.recordLocked(c.Peer()).paused = true
		p.mu.Unlock()
	}
}

// maxHelloAway is of how many devices a hello says that a home was turned away.
const maxHelloAway = 8

// metLocked returns the newest runs of devices, but one, for a hello, and those of
// homes that were turned away.
func (p *peers) metLocked(but key.Endpoint) (met, away map[string]lineage) {
	met, away = make(map[string]lineage), make(map[string]lineage)
	for id, r := range p.records {
		if id == but || r.Runs.last == 0 || len(met) == maxHelloDevices || !p.n.deviceKnown(id) {
			continue
		}
		met[id.String()] = r.Runs.short(lineageMet)
		if r.Away.last > 0 && p.n.recent(r.Twin) && len(away) < maxHelloAway {
			away[id.String()] = r.Away.short(1)
		}
	}
	return met, away
}

// sharesTop reports whether the last run of a home that was turned away is one of
// a lineage: that this is the home, or was made from it.
func sharesTop(away, l lineage) bool {
	top, ok := away.at(away.last)
	id, known := l.at(away.last)
	return ok && known && top == id
}

// compareMet compares what another device has met with what this one has. Where
// they have met two homes with one key, both take the same one: the one whose
// other has been turned away already, and so has stopped, or else what
// [lineage.over] says.
func (p *peers) compareMet(met, away map[string]lineage) {
	for text, theirs := range met {
		id, err := key.ParseEndpoint(text)
		if err != nil || id == p.n.cfg.Device.Endpoint() || !p.n.deviceKnown(id) {
			continue
		}
		p.mu.Lock()
		r := p.recordLocked(id)
		_, forked := r.Runs.fork(theirs)
		var lost *session
		switch {
		case !forked && theirs.last > r.Runs.last:
			r.Runs, r.unsaved = theirs, true
		case forked:
			if !p.n.recent(r.Twin) {
				r.Twin, r.TwinAt = p.clock().Round(0), netip.AddrPort{}
			}
			switch gone, told := away[text]; {
			case r.Away.last > 0 && sharesTop(r.Away, theirs):
			case told && sharesTop(gone, r.Runs), theirs.over(r.Runs):
				r.Runs, lost = theirs, p.sessions[id]
			}
			r.unsaved = true
		}
		p.mu.Unlock()
		if lost != nil {
			_ = lost.conn.Close(closeTwin)
		}
	}
}

// A device that meets an endpoint with its own key says its runs to it over a
// connection of alpnTwin, both ways: one stream each that the dialler opens, with
// a lineage as text.
const maxTwinText = 1 << 10

// meetSelf dials whoever has this device's key at an address, and finds out
// whether that is this node itself.
func (t *twins) meetSelf(ctx context.Context, a netip.AddrPort) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	c, err := t.n.endpoint.Dial(ctx, t.n.cfg.Device.Endpoint(), alpnTwin, a)
	if err != nil {
		t.n.log.Debug("A device with this one's key doesn't answer", "at", a, "error", err)
		return
	}
	defer c.Close(closeDone)
	stream, err := c.OpenStream(ctx)
	if err == nil {
		err = t.compare(stream, a)
	}
	if err != nil {
		t.n.log.Debug("A device with this one's key didn't say its runs", "at", a, "error", err)
	}
}

// answer is the other side of meetSelf.
func (t *twins) answer(ctx context.Context, c *endpoint.Conn) {
	defer c.Close(closeDone)
	if c.Peer() != t.n.cfg.Device.Endpoint() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	stream, err := c.AcceptStream(ctx)
	if err == nil {
		err = t.compare(stream, c.RemoteAddr())
	}
	if err != nil {
		t.n.log.Debug("A device with this one's key didn't say its runs", "at", c.RemoteAddr(), "error", err)
		return
	}
	select { // the dialler closes, once it has read
	case <-c.Done():
	case <-ctx.Done():
	}
}

// compare says this home's runs and hears the other's.
func (t *twins) compare(s *endpoint.Stream, a netip.AddrPort) error {
	_ = s.SetDeadline(time.Now().Add(dialTimeout))
	text, err := t.runs.MarshalText()
	if err != nil {
		return err
	}
	_, err = s.Write(text)
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	heard, err := io.ReadAll(io.LimitReader(s, maxTwinText))
	if err != nil {
		return err
	}
	var theirs lineage
	if err := theirs.UnmarshalText(heard); err != nil {
		return err
	}
	if theirs.last == t.runs.last && slices.Equal(theirs.ids, t.runs.ids) {
		return nil // this very node
	}
	t.saw("this device, at "+a.String()+",", t.n.cfg.Now())
	return nil
}
