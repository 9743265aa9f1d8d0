//go:build !linux && !freebsd && !openbsd && !netbsd

package tray

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"meadow/ui/frame"
)

// toolkit is the tray as the toolkit shows it.
type toolkit struct {
	app    desktop.App
	worker *frame.Worker
}

// Desktop returns what shows menus on this desktop. On these systems choosing the
// icon itself opens the menu.
func Desktop(a fyne.App, w *frame.Worker, _ func()) Shower {
	d, _ := a.(desktop.App)
	return &toolkit{d, w}
}

// Show implements Shower.
func (t *toolkit) Show(m Menu, icon []byte, do func(Row)) {
	if t.app == nil {
		return
	}
	menu := fyne.NewMenu("Meadow", items(m.Rows, do)...)
	t.worker.Do(func() {
		t.app.SetSystemTrayMenu(menu)
		t.app.SetSystemTrayIcon(fyne.NewStaticResource(string(m.State)+".png", icon))
	})
}

func items(rows []Row, do func(Row)) (all []*fyne.MenuItem) {
	for _, r := range rows {
		if r.Do == Line {
			all = append(all, fyne.NewMenuItemSeparator())
			continue
		}
		item := fyne.NewMenuItem(r.Text, func() { do(r) })
		item.Disabled = r.Do == Nothing && len(r.Rows) == 0
		item.IsQuit = r.Do == Quit
		if len(r.Rows) > 0 {
			item.ChildMenu = fyne.NewMenu("", items(r.Rows, do)...)
		}
		all = append(all, item)
	}
	return all
}

// Close implements Shower: the icon goes with the program.
func (t *toolkit) Close() {}

// Watch tells whether the desktop shows icons: these systems do.
func Watch(ctx context.Context, emit func(bool) error) error {
	if err := emit(true); err != nil {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}
