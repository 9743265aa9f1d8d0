//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/systray"
	"github.com/godbus/dbus/v5"

	"meadow/ui/frame"
)

// The desktop's place for icons, on the session's bus.
const (
	watcher     = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"
	busName     = "org.freedesktop.DBus"
)

// The toolkit's own tray would open a window of its own that is never shown, with a
// graphics context, and has no left click; here the package below it is used as it is.

// bus is the tray on the session's bus. Its rows are made once, hidden while a menu
// lacks them, and never taken away: the package sends a choice to the channel of its
// row without a lock, and taking the row away closes that channel under it.
type bus struct {
	end  func() // once it is registered
	over chan struct{}
	all  []*shownRow // none before the first menu
}

// shownRow is a row of every menu as it is on the desktop.
type shownRow struct {
	Row
	item   *systray.MenuItem // nil for a line
	hidden bool
}

// Desktop returns what shows menus on this desktop. Tapped is called on any
// goroutine when the icon itself is chosen.
func Desktop(_ fyne.App, _ *frame.Worker, tapped func()) Shower {
	if !busThere() {
		return nowhere{}
	}
	systray.SetOnTapped(tapped)
	systray.SetTitle("Meadow") // its name, until it is registered
	return newBus()
}

func newBus() *bus { return &bus{over: make(chan struct{})} }

// Show implements Shower.
func (b *bus) Show(m Menu, icon []byte, do func(Row)) {
	if b.all == nil {
		b.build(do)
	}
	b.arrange(m.Rows)
	systray.SetIcon(icon)
	if b.end == nil {
		start, end := systray.RunWithExternalLoop(nil, nil)
		b.end = end
		start()
	}
	systray.SetTitle(m.Title)
	systray.SetTooltip(m.Title)
}

// arrange shows the rows of a menu, and changes what is another only, so that an
// open menu stays as it is.
func (b *bus) arrange(rows []Row) {
	for _, s := range b.all {
		here := len(rows) > 0 && sameUse(rows[0], s.Row)
		if here {
			s.retitle(rows[0].Text)
			rows = rows[1:]
		}
		s.hide(!here)
	}
}

// sameUse reports whether two rows do the same.
func sameUse(a, b Row) bool {
	return a.Do == b.Do && a.Choice == b.Choice && slices.EqualFunc(a.Rows, b.Rows, sameUse)
}

func (s *shownRow) retitle(text string) {
	if s.item != nil && s.Text != text {
		s.Text = text
		s.item.SetTitle(label(text))
	}
}

func (s *shownRow) hide(hidden bool) {
	if s.item == nil || s.hidden == hidden {
		return
	}
	if s.hidden = hidden; hidden {
		s.item.Hide()
	} else {
		s.item.Show()
	}
}

// build makes the rows of every menu.
func (b *bus) build(do func(Row)) {
	for _, r := range every() {
		b.all = append(b.all, &shownRow{Row: r, item: b.add(nil, r, do)})
	}
}

func (b *bus) add(parent *systray.MenuItem, r Row, do func(Row)) *systray.MenuItem {
	if r.Do == Line {
		systray.AddSeparator()
		return nil
	}
	var item *systray.MenuItem
	if parent == nil {
		item = systray.AddMenuItem(label(r.Text), "")
	} else {
		item = parent.AddSubMenuItem(label(r.Text), "")
	}
	if r.Do == Nothing && len(r.Rows) == 0 {
		item.Disable()
	}
	for _, below := range r.Rows {
		b.add(item, below, do)
	}
	go func() {
		for {
			select {
			case <-item.ClickedCh:
				do(r)
			case <-b.over:
				return
			}
		}
	}()
	return item
}

// label is a text as menus take it: an underscore would mark a key.
func label(text string) string { return strings.ReplaceAll(text, "_", "__") }

// Close implements Shower.
func (b *bus) Close() {
	close(b.over)
	if b.end != nil {
		b.end()
	}
}

// nowhere is where there is no session.
type nowhere struct{}

// Show implements Shower.
func (nowhere) Show(Menu, []byte, func(Row)) {}

// Close implements Shower.
func (nowhere) Close() {}

// busThere reports whether there is a session's bus: to look for one in vain would
// start one.
func busThere() bool {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(dir, "bus"))
	return err == nil
}

// Watch tells whether the desktop shows icons, at once and when that changes, until
// ctx ends.
func Watch(ctx context.Context, emit func(bool) error) error {
	if busThere() {
		err := watch(ctx, emit)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		slog.Warn("The desktop doesn't say whether it shows icons", "error", err)
	}
	if err := emit(false); err != nil {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}

func watch(ctx context.Context, emit func(bool) error) error {
	conn, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return err
	}
	defer conn.Close()
	news := make(chan *dbus.Signal, 16)
	conn.Signal(news)
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchInterface(busName), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, watcher)},
		{dbus.WithMatchInterface(watcher), dbus.WithMatchMember("StatusNotifierHostRegistered")},
		{dbus.WithMatchInterface(watcher), dbus.WithMatchMember("StatusNotifierHostUnregistered")},
	} {
		if err := conn.AddMatchSignal(match...); err != nil {
			return err
		}
	}
	there := false
	for first := true; ; first = false {
		now := shown(ctx, conn)
		if first || now != there {
			there = now
			if err := emit(there); err != nil {
				return err
			}
		}
		select {
		case _, open := <-news:
			if !open {
				return dbus.ErrClosed
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// shown asks whether somebody shows icons now.
func shown(ctx context.Context, conn *dbus.Conn) bool {
	var owned bool
	if conn.BusObject().CallWithContext(ctx, busName+".NameHasOwner", 0, watcher).Store(&owned) != nil || !owned {
		return false
	}
	var host dbus.Variant
	err := conn.Object(watcher, watcherPath).
		CallWithContext(ctx, busName+".Properties.Get", 0, watcher, "IsStatusNotifierHostRegistered").Store(&host)
	if err != nil {
		return true // one that doesn't know is taken at its word
	}
	is, ok := host.Value().(bool)
	return !ok || is
}
