package mdn

import (
	"context"
	"errors"
	"fmt"

	"meadow/core/willow"
)

// How many days history is kept: what was replaced or deleted can be restored for
// so long.
const (
	MinHistoryDays     = 1
	MaxHistoryDays     = 365
	DefaultHistoryDays = 30
)

// ErrHistoryDays says that history can't be kept for so long, or so short.
var ErrHistoryDays = errors.New("history is kept for 1 to 365 days")

var settingsPath = willow.MustPath("settings")

// settingPath is where home has a setting of the account.
func settingPath(key string) willow.Path { return willow.MustPath("settings", key) }

// historySetting is the key of the record {days}.
const historySetting = "history"

func historyRecord(f fields, days int) fields {
	if f == nil {
		f = fields{}
	}
	f.set("days", uint64(days))
	return f
}

func parseHistory(b []byte) (days int, f fields, err error) {
	r, err := parseRecord(b)
	if err != nil {
		return 0, nil, err
	}
	n := r.uint("days")
	if r.err == nil && (n < MinHistoryDays || n > MaxHistoryDays) {
		r.fail("days", "1 to 365")
	}
	return int(n), r.fields, r.err
}

// readSettings reads the account's settings into v.
func (a *Account) readSettings(ctx context.Context, v *view) error {
	v.historyDays = DefaultHistoryDays
	return a.each(ctx, v.home, settingsPath, func(e willow.Authorised, b []byte) error {
		if e.Entry.Path != settingPath(historySetting) {
			return nil
		}
		days, _, err := parseHistory(b)
		if err == nil {
			v.historyDays = days
		}
		return err
	})
}

// HistoryDays returns for how many days this device keeps history. A limited
// device doesn't see the account's settings and keeps it for the default time.
func (a *Account) HistoryDays() int {
	if days := a.now.Load().historyDays; days != 0 {
		return days
	}
	return DefaultHistoryDays
}

// SetHistoryDays sets for how many days all full devices of the account keep
// history. The error is an [ErrHistoryDays], or an [ErrNotAllowed] on a limited
// device.
func (a *Account) SetHistoryDays(ctx context.Context, days int) error {
	if days < MinHistoryDays || days > MaxHistoryDays {
		return ErrHistoryDays
	}
	a.writing.Lock()
	defer a.writing.Unlock()
	v := a.now.Load()
	if !v.paired() {
		return ErrNotPaired
	}
	if !v.full() {
		return ErrNotAllowed
	}
	var known fields
	b, err := a.payloadAt(ctx, v.home, settingPath(historySetting))
	if err == nil {
		_, known, _ = parseHistory(b) // what can't be read is replaced
	}
	d := draft{v.home, settingPath(historySetting), historyRecord(known, days).encode()}
	if err := a.write(ctx, v, d); err != nil {
		return fmt.Errorf("set for how long history is kept: %w", err)
	}
	if err := a.refresh(context.WithoutCancel(ctx)); err != nil {
		a.Log.WarnContext(ctx, "setting written, but the account's records weren't read yet", "error", err)
	}
	a.notify(v.home)
	return nil
}
