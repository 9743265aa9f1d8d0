package node

import (
	"context"
	"errors"
	"sync"
	"time"

	"meadow/core/blob"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// History is what the store knows of all history together, beside what is in
// willow.Store. Methods may be called concurrently.
type History interface {
	// SetClock has what goes into history dated by a clock.
	SetClock(now func() willow.Timestamp)
	// Latest returns when the last of it was dated; ok is false if there is none.
	Latest(ctx context.Context) (t willow.Timestamp, ok bool, err error)
	// Bytes returns how many bytes are here only for the history of a space.
	Bytes(ctx context.Context, ns willow.NamespaceID) (int64, error)
	// Expiring returns how many bytes Expire would make free.
	Expiring(ctx context.Context, before willow.Timestamp) (int64, error)
	// Naming returns entries of a space that name a payload, live or history; at
	// most limit.
	Naming(ctx context.Context, ns willow.NamespaceID, digest willow.Digest, limit int) ([]willow.Entry, error)
	// InPlace returns the blobs that live entries of a space name and that are in
	// the user's own files.
	InPlace(ctx context.Context, ns willow.NamespaceID) ([]blob.Row, error)
	// Tidy deletes what nothing needs any more beside payloads.
	Tidy(ctx context.Context) error
	// Scrub makes sure that nothing deleted is left in the database's files.
	Scrub(ctx context.Context) error
	// DropPart deletes some of what is stored of a space, but no payloads; more reports
	// whether something may be left. Nobody may insert into the space meanwhile.
	DropPart(ctx context.Context, ns willow.NamespaceID) (more bool, err error)
}

const (
	tidyEvery  = time.Hour
	sweepFirst = 5 * time.Minute // after the start: going through all blobs can wait
	day        = 24 * time.Hour
)

// keeper ends what is over its time: history, and spaces that were deleted. It
// looks at the start, every hour, and when something has changed.
type keeper struct {
	n    *Node
	wake kicker

	mu     sync.Mutex
	days   int         // guarded by mu: for how long history was kept when it last looked; 0: it hasn't
	erased []blob.Hash // guarded by mu: to be dropped
}

func newKeeper(n *Node) *keeper { return &keeper{n: n, wake: newKicker()} }

// changed makes the keeper look if history is to be kept for another time now.
func (k *keeper) changed() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.days != 0 && k.days != k.n.account.HistoryDays() {
		k.wake.kick()
	}
}

// run works until ctx ends.
func (k *keeper) run(ctx context.Context) error {
	hourly, first := time.NewTicker(tidyEvery), time.NewTimer(sweepFirst)
	defer hourly.Stop()
	defer first.Stop()
	select {
	case <-k.n.spaces.started: // the account's records have been read
	case <-ctx.Done():
		return ctx.Err()
	}
	k.tidy(ctx)
	for {
		select {
		case <-hourly.C:
			k.tidy(ctx)
		case <-first.C:
		case <-k.wake:
			if !k.drop(ctx) {
				continue
			}
			k.tidy(ctx)
		case <-ctx.Done():
			_, err := k.n.keepAge(context.WithoutCancel(ctx))
			return errors.Join(ctx.Err(), err)
		}
		k.sweep(ctx)
	}
}

// tidy ends what is over its time.
func (k *keeper) tidy(ctx context.Context) {
	n := k.n
	n.dropCopies()
	now, err := n.keepAge(ctx)
	if err != nil {
		k.warn(ctx, "The time that history goes by wasn't kept", err)
	}
	days := n.account.HistoryDays()
	k.mu.Lock()
	k.days = days
	k.mu.Unlock()
	before := willow.TimestampOf(now.Add(-time.Duration(days) * day))
	if err := n.cfg.Entries.Expire(ctx, before); err != nil {
		k.warn(ctx, "Old history wasn't cleared", err)
	}
	if err := n.journal.prune(ctx); err != nil {
		k.warn(ctx, "Old activity wasn't cleared", err)
	}
	if err := n.auditor.prune(ctx); err != nil {
		k.warn(ctx, "The old part of the audit log wasn't cleared", err)
	}
	if err := n.dropDeleted(ctx, now); err != nil {
		k.warn(ctx, "A deleted space wasn't cleared", err)
	}
}

// sweep frees bytes that nothing needs any more.
func (k *keeper) sweep(ctx context.Context) {
	n := k.n
	if err := n.cfg.History.Tidy(ctx); err != nil {
		k.warn(ctx, "Old notes weren't cleared", err)
	}
	freed, err := n.blobs.Sweep(ctx)
	if err == nil {
		err = n.cfg.History.Scrub(ctx)
	}
	if err != nil {
		k.warn(ctx, "Space wasn't freed", err)
		return
	}
	n.spaces.uncount()
	n.bus.emit("freed", "bytes", freed)
}

func (k *keeper) warn(ctx context.Context, what string, err error) {
	if ctx.Err() == nil {
		k.n.log.Warn(what, "error", err)
	}
}

// erase has the bytes of payloads go that were erased for good, where nothing else
// needs them. It is called by trees, and returns at once.
func (k *keeper) erase(digests []willow.Digest) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, d := range digests {
		k.erased = append(k.erased, blob.Hash(d))
	}
	k.wake.kick()
}

// drop drops what was erased: now, and again when what was put just now can be
// told from what is being put. It reports whether all is to be swept: nothing was
// erased, so that something else has changed; or it failed.
func (k *keeper) drop(ctx context.Context) (sweep bool) {
	k.mu.Lock()
	erased := k.erased
	k.erased = nil
	k.mu.Unlock()
	if len(erased) == 0 {
		return true
	}
	k.n.forgetCopies()
	for _, wait := range []time.Duration{0, blob.DropGrace + time.Second} {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return false // the next start sweeps
		}
		_, err := k.n.blobs.Drop(ctx, erased)
		if err == nil {
			err = k.n.cfg.History.Scrub(ctx)
		}
		if err != nil {
			k.warn(ctx, "Erased bytes weren't freed, trying again", err)
			return true
		}
	}
	k.n.spaces.uncount()
	k.n.bus.emit("erased", "payloads", len(erased))
	return false
}

// Settings are what a user can set: HistoryDays for the whole account, all else for
// this device.
type Settings struct {
	HistoryDays  int   `json:"history_days"`
	CopyLimit    int64 `json:"copy_limit"`
	LimitIn      int64 `json:"limit_in"`      // bytes per second that are received at most; 0: as fast as it goes
	LimitOut     int64 `json:"limit_out"`     // and sent
	LimitLAN     bool  `json:"limit_lan"`     // on the local network too
	HistoryBytes int64 `json:"history_bytes"` // what history takes on this device
	Frees        int64 `json:"frees"`         // how much of it a shorter time makes free here
}

// SettingsChange is what is to be set; nil is left as it is.
type SettingsChange struct {
	HistoryDays *int   `json:"history_days,omitempty"`
	CopyLimit   *int64 `json:"copy_limit,omitempty"`
	LimitIn     *int64 `json:"limit_in,omitempty"`
	LimitOut    *int64 `json:"limit_out,omitempty"`
	LimitLAN    *bool  `json:"limit_lan,omitempty"`
	DryRun      bool   `json:"dry_run,omitempty"` // only tell what it would free
}

// Settings changes settings, and returns what they are then.
func (n *Node) Settings(ctx context.Context, c SettingsChange) (Settings, error) {
	if !n.account.Paired() {
		return Settings{}, notPaired()
	}
	s := Settings{HistoryDays: n.account.HistoryDays()}
	if c.HistoryDays != nil {
		if *c.HistoryDays < mdn.MinHistoryDays || *c.HistoryDays > mdn.MaxHistoryDays {
			return Settings{}, fail(CodeUsage, "give a number of days such as 30d", "history is kept for 1 to 365 days, not for %d", *c.HistoryDays)
		}
		before := willow.TimestampOf(n.age.look().Add(-time.Duration(*c.HistoryDays) * day))
		var err error
		if s.Frees, err = n.cfg.History.Expiring(ctx, before); err != nil {
			return Settings{}, err
		}
		s.HistoryDays = *c.HistoryDays
	}
	if err := n.set(ctx, c); err != nil {
		return Settings{}, err
	}
	l, err := n.limits(ctx)
	if err != nil {
		return Settings{}, err
	}
	r := n.rates.now()
	s.LimitIn, s.LimitOut, s.LimitLAN = r.in, r.out, r.lan
	if s.CopyLimit = l.now; c.CopyLimit != nil {
		s.CopyLimit = *c.CopyLimit
	}
	for _, sp := range n.spaces.all() {
		bytes, err := n.spaces.historyBytes(ctx, sp)
		if err != nil {
			return Settings{}, err
		}
		s.HistoryBytes += bytes
	}
	return s, nil
}

// set does what a change asks for.
func (n *Node) set(ctx context.Context, c SettingsChange) error {
	if c.CopyLimit != nil && *c.CopyLimit < 0 {
		return fail(CodeUsage, "give a size such as 64MiB", "%d isn't a size", *c.CopyLimit)
	}
	if err := c.checkRates(); err != nil || c.DryRun {
		return err
	}
	if c.HistoryDays != nil {
		err := n.account.SetHistoryDays(ctx, *c.HistoryDays)
		if errors.Is(err, mdn.ErrNotAllowed) {
			return fail(CodeNotAllowed, "do it on a full device", "this is a limited device: it keeps history for %d days; nothing was changed", n.account.HistoryDays())
		}
		if err != nil {
			return accountError(err)
		}
		n.keeper.changed()
		n.bus.emit("settings", "history_days", *c.HistoryDays)
	}
	if err := n.rates.change(ctx, c); err != nil {
		return err
	}
	if c.CopyLimit != nil {
		return n.setCopyLimit(ctx, *c.CopyLimit)
	}
	return nil
}
