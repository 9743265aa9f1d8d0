// Package desk is a desktop for tests of the program with its window: it shows icons
// as a panel does, takes notifications, and presses keys and buttons as a person does,
// through the X server. What is where in a window it learns from a program that was
// built with the tag probe. It stands on the session's bus and the display that it is
// started in; .ci/desktop makes those.
package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/godbus/dbus/v5"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

const (
	watcher     = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"
	notifier    = "org.freedesktop.Notifications"
)

// Desk is a desktop.
type Desk struct {
	x    *xgb.Conn
	root xproto.Window
	keys map[rune]stroke
	bus  *dbus.Conn

	mu    sync.Mutex // guards all below
	items []string   // names on the bus of programs that have an icon
	told  []string   // notifications
}

// Notice is a notification's title and body.
type Notice struct{ Title, Body string }

// Open opens the desktop. Without a display or a bus it fails.
func Open() (*Desk, error) {
	x, err := xgb.NewConn()
	if err != nil {
		return nil, err
	}
	d := &Desk{x: x, root: xproto.Setup(x).DefaultScreen(x).Root}
	if err := xtest.Init(x); err != nil {
		x.Close()
		return nil, err
	}
	if d.keys, err = strokes(x); err == nil {
		err = stillKeys(x)
	}
	if err != nil {
		x.Close()
		return nil, err
	}
	if d.bus, err = dbus.ConnectSessionBus(); err != nil {
		x.Close()
		return nil, err
	}
	err = errors.Join(
		d.bus.Export(panel{d}, watcherPath, watcher),
		d.bus.Export(properties{}, watcherPath, "org.freedesktop.DBus.Properties"),
		d.bus.Export(notices{d}, "/org/freedesktop/Notifications", notifier),
		d.own(notifier),
	)
	if err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

func (d *Desk) own(name string) error {
	reply, err := d.bus.RequestName(name, dbus.NameFlagDoNotQueue)
	if err == nil && reply != dbus.RequestNameReplyPrimaryOwner {
		err = fmt.Errorf("%s is somebody else's", name)
	}
	return err
}

// ShowIcons has the desktop show icons, as a panel that starts.
func (d *Desk) ShowIcons() error { return d.own(watcher) }

// HideIcons is the end of the panel.
func (d *Desk) HideIcons() error {
	d.mu.Lock()
	d.items = nil
	d.mu.Unlock()
	_, err := d.bus.ReleaseName(watcher)
	return err
}

// Close leaves the desktop.
func (d *Desk) Close() {
	_ = d.bus.Close()
	d.x.Close()
}

// Told are the notifications so far, as TITLE: BODY.
func (d *Desk) Told() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.told)
}

// panel is what programs register their icons with.
type panel struct{ *Desk }

// RegisterStatusNotifierItem is called by programs.
func (p panel) RegisterStatusNotifierItem(_ string, sender dbus.Sender) *dbus.Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Contains(p.items, string(sender)) {
		p.items = append(p.items, string(sender))
	}
	return nil
}

// RegisterStatusNotifierHost is called by other panels; there are none.
func (panel) RegisterStatusNotifierHost(string) *dbus.Error { return nil }

type properties struct{}

// Get says that icons are shown.
func (properties) Get(_, _ string) (dbus.Variant, *dbus.Error) { return dbus.MakeVariant(true), nil }

type notices struct{ *Desk }

// Notify takes a notification.
func (n notices) Notify(_ string, _ uint32, _, title, body string, _ []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.told = append(n.told, title+": "+body)
	return uint32(len(n.told)), nil
}

// GetCapabilities is asked by programs.
func (notices) GetCapabilities() ([]string, *dbus.Error) { return []string{"body"}, nil }

// GetServerInformation is asked by programs.
func (notices) GetServerInformation() (name, vendor, version, spec string, _ *dbus.Error) {
	return "desk", "desk", "1", "1.2", nil
}

// Icon is a program's icon among the desktop's.
type Icon struct {
	desk *Desk
	name string // on the bus
}

// IconOf finds the icon of a process; ok is false if it has none.
func (d *Desk) IconOf(ctx context.Context, pid int) (icon Icon, ok bool) {
	d.mu.Lock()
	items := slices.Clone(d.items)
	d.mu.Unlock()
	for _, name := range items {
		var of uint32
		err := d.bus.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetConnectionUnixProcessID", 0, name).Store(&of)
		if err == nil && int(of) == pid {
			return Icon{d, name}, true
		}
	}
	return icon, false
}

// Title is what the icon says.
func (i Icon) Title() (string, error) {
	v, err := i.desk.bus.Object(i.name, "/StatusNotifierItem").GetProperty("org.kde.StatusNotifierItem.Title")
	if err != nil {
		return "", err
	}
	s, _ := v.Value().(string)
	return s, nil
}

// Tap is a click on the icon itself.
func (i Icon) Tap() error {
	return i.desk.bus.Object(i.name, "/StatusNotifierItem").Call("org.kde.StatusNotifierItem.Activate", 0, int32(0), int32(0)).Err
}

// Row is a row of an icon's menu.
type Row struct {
	Text string
	Off  bool
	Rows []Row

	id int32
}

type layout struct {
	ID    int32
	Props map[string]dbus.Variant
	Kids  []dbus.Variant
}

// Menu is the icon's menu.
func (i Icon) Menu() ([]Row, error) {
	var revision uint32
	var root layout
	err := i.menu().Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root)
	if err != nil {
		return nil, err
	}
	return rows(root.Kids), nil
}

func (i Icon) menu() dbus.BusObject { return i.desk.bus.Object(i.name, "/StatusNotifierItem/menu") }

func rows(kids []dbus.Variant) (all []Row) {
	for _, k := range kids {
		var l layout
		if dbus.Store([]any{k.Value()}, &l) != nil {
			continue
		}
		if visible, ok := l.Props["visible"].Value().(bool); ok && !visible {
			continue
		}
		r := Row{id: l.ID, Rows: rows(l.Kids)}
		r.Text, _ = l.Props["label"].Value().(string)
		enabled, ok := l.Props["enabled"].Value().(bool)
		r.Off = ok && !enabled
		all = append(all, r)
	}
	return all
}

// Choose chooses a row of the menu: its text, and those of the rows that it is below.
func (i Icon) Choose(path ...string) error {
	all, err := i.Menu()
	if err != nil {
		return err
	}
	var chosen *Row
	for _, text := range path {
		at := slices.IndexFunc(all, func(r Row) bool { return r.Text == text })
		if at < 0 {
			return fmt.Errorf("no row %q in %v", text, all)
		}
		chosen, all = &all[at], all[at].Rows
	}
	return i.menu().Call("com.canonical.dbusmenu.Event", 0, chosen.id, "clicked", dbus.MakeVariant(int32(0)), uint32(0)).Err
}
