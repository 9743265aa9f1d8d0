package ui

import (
	"context"

	"fyne.io/fyne/v2"

	"meadow/ui/notify"
	"meadow/ui/settings"
)

// newTeller returns what tells the desktop, as far as the user wants that.
func (a *App) newTeller() *notify.Teller {
	p := a.app.Preferences()
	return notify.New(func(n notify.Notice) {
		a.app.SendNotification(fyne.NewNotification(n.Title, n.Body))
	}, func() notify.Allowed {
		return notify.Allowed{Needs: !p.Bool(settings.PreferQuiet), Digest: !p.Bool(settings.PreferNoDigest)}
	})
}

// watched reports whether the user sees what the window shows: it has the keyboard.
func (a *App) watched() bool { return a.window != nil && focused(a.window) }

// notify has the desktop tell something at once.
func (a *App) notify(title, body string) {
	a.worker.Go(func(context.Context) error {
		a.app.SendNotification(fyne.NewNotification(title, body))
		return nil
	}, func(error) {})
}
