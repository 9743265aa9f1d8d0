package node

import (
	"context"
	"errors"
	"sync"
	"time"

	"meadow/core/willow"
)

// catchUp is how much time of the system's clock an hour of running makes up for,
// in which the device was off: a device that runs half an hour a day counts all
// its days.
const catchUp = 48

// age dates what goes into history, and says when its time is over. It follows the
// system's clock, but at most catchUp times faster than the device runs: so a clock
// that is suddenly years ahead doesn't end all history at once, and there are
// hours in which to notice and mend it. It never goes back, nor stands still.
type age struct {
	wall func() time.Time
	ran  func() time.Duration // since the process began, by a clock that goes evenly

	mu    sync.Mutex
	lived time.Time     // guarded by mu, as the rest is: the time at the last look,
	at    time.Duration // and what ran said then
}

// newAge returns the clock as it was kept; history is when the last of it was
// dated, zero if there is none.
func newAge(wall func() time.Time, kept, history time.Time) *age {
	began := time.Now()
	a := &age{wall: wall, ran: func() time.Duration { return time.Since(began) }, lived: kept}
	if a.lived.IsZero() {
		a.lived = history // of an older Meadow, by the clock that it went by
	}
	if a.lived.IsZero() {
		a.lived = wall().Round(0)
	}
	return a
}

// now returns the time without a look at the system's clock.
func (a *age) now() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lived.Add(a.ran() - a.at)
}

// look catches up with the system's clock as far as may be, and returns the time.
func (a *age) look() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	ran := a.ran() - a.at
	a.at += ran
	a.lived = after(a.lived, ran, a.wall().Round(0))
	return a.lived
}

// after is the time when the device has run for a while since lived, and the
// system's clock says wall.
func after(lived time.Time, ran time.Duration, wall time.Time) time.Time {
	lived = lived.Add(ran)
	return lived.Add(max(0, min(wall.Sub(lived), catchUp*ran)))
}

// Where Local has the clock.
const keyAge = "age" // RFC 3339

// loadAge gives history its clock.
func (n *Node) loadAge(ctx context.Context) error {
	var kept, history time.Time
	text, ok, err := n.cfg.Local.Value(ctx, keyAge)
	if err != nil {
		return err
	}
	if ok && kept.UnmarshalText(text) != nil {
		n.log.Warn("The time that history goes by can't be read; it begins anew")
	}
	last, ok, err := n.cfg.History.Latest(ctx)
	if err != nil {
		return err
	}
	if ok {
		history = last.Time()
	}
	n.age = newAge(n.cfg.Now, kept, history)
	n.cfg.History.SetClock(func() willow.Timestamp { return willow.TimestampOf(n.age.now()) })
	return nil
}

// keepAge notes the time for the next start, and returns it.
func (n *Node) keepAge(ctx context.Context) (time.Time, error) {
	now := n.age.look()
	text, err := now.UTC().MarshalText()
	return now, errors.Join(err, n.cfg.Local.PutValues(ctx, map[string][]byte{keyAge: text}))
}
