//go:build ci

package meet_test

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"meadow/core/key"
	"meadow/core/node"
	"meadow/storage"
	"meadow/ui/carry"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/meet"
	"meadow/ui/people"
	"meadow/ui/scan"
	"meadow/ui/scene"
	"meadow/ui/space"
)

var (
	ticket = regexp.MustCompile(`meadow://contact\S*mdncontact1[a-z0-9]+`)
	digits = regexp.MustCompile(`(?m)^(\d{3}) (\d{3})$`)
)

// account is one of two in this process: a node and a window.
type account struct {
	t      *testing.T
	name   string
	node   *node.Node
	window fyne.Window
	frame  *frame.Frame
	calls  <-chan func()
	news   chan struct{} // something happened on the node
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newAccount(t *testing.T, name string) *account {
	t.Helper()
	a := &account{t: t, name: name, window: test.NewWindow(nil), news: make(chan struct{}, 1)}
	home := node.Home{Dir: filepath.Join(t.TempDir(), name)}
	must(t, home.Setup(func(staged node.Home, d key.Device) error {
		cfg, db, err := config(staged, d)
		if err != nil {
			return err
		}
		_, err = node.Create(t.Context(), cfg, name, name+"'s laptop")
		return errors.Join(err, db.Close())
	}, func() error { return nil }))
	d, err := home.Device()
	must(t, err)
	cfg, db, err := config(home, d)
	must(t, err)
	a.node, err = node.Open(t.Context(), cfg)
	must(t, err)
	ctx, stop := context.WithCancel(context.Background())
	worker, calls := frame.NewTurnedWorker(ctx)
	a.calls = calls
	ended := make(chan error, 1)
	go func() { ended <- a.node.Run(ctx) }()
	must(t, a.node.Started(t.Context()))
	worker.Go(func(ctx context.Context) error {
		return a.node.Events(ctx, true, func(node.Event) error {
			select {
			case a.news <- struct{}{}:
			default:
			}
			return nil
		})
	}, func(error) {})
	feed := frame.NewFeed(a.node, time.Now)
	must(t, feed.Refresh(t.Context()))
	a.window.SetPadded(false)
	a.window.Resize(fyne.NewSize(1000, 640))
	a.frame = frame.New(fyne.CurrentApp(), a.window, a.node, feed, worker, []frame.Entry{
		{Name: frame.People, Make: func(f *frame.Frame) frame.Screen { return people.New(f, a.node) }},
		{Name: frame.AddPerson, Make: func(f *frame.Frame) frame.Screen { return meet.New(f, a.node, scan.Eyes{}) }},
		{Name: frame.Space, Make: func(f *frame.Frame) frame.Screen { return space.New(f, a.node, carry.New(f.Worker, a.node, nil)) }},
	})
	t.Cleanup(func() {
		a.frame.Close()
		stop()
		worker.Wait()
		if err := errors.Join(<-ended, a.node.Close(), db.Close()); err != nil {
			t.Error(err)
		}
		a.window.Close()
	})
	return a
}

func config(h node.Home, d key.Device) (node.Config, *storage.DB, error) {
	quiet := slog.New(slog.DiscardHandler)
	db, err := storage.Open(context.Background(), h.Database(), quiet)
	if err != nil {
		return node.Config{}, nil, err
	}
	return node.Config{
		Home: h, Device: d, Version: "test", Listen: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}, Log: quiet, Now: time.Now,
		Entries: db.Entries(), Blobs: db.Blobs(), MDN: db.MDN(), Folders: db.Folders(), Local: db.Local(), History: db.History(),
		Activity: db.Activity(), Audit: db.Audit(), OnTrouble: db.OnTrouble,
	}, db, nil
}

// reads is what is on the window, and over it.
func (a *account) reads() string {
	text := scene.Read(a.window.Content())
	for _, over := range a.window.Canvas().Overlays().List() {
		text += scene.Read(over)
	}
	return text
}

func (a *account) says(text string) func() bool {
	return func() bool { return strings.Contains(a.reads(), text) }
}

func (a *account) press(called string) { scene.Press(a.window.Canvas(), called) }

// until does what both accounts have for their windows.
func until(t *testing.T, a, b *account, what func() bool) {
	t.Helper()
	late := time.After(time.Minute)
	for !what() {
		select {
		case f := <-a.calls:
			f()
		case f := <-b.calls:
			f()
		case <-a.news:
			must(t, a.frame.Feed.Refresh(t.Context()))
		case <-b.news:
			must(t, b.frame.Feed.Refresh(t.Context()))
		case <-late:
			t.Fatalf("it never happened; %s reads\n%s\n%s reads\n%s", a.name, a.reads(), b.name, b.reads())
		}
	}
}

// TestTwoAccounts: two people become known to each other in their windows, one shares
// a space, the other accepts and reads it, and it is taken back.
func TestTwoAccounts(t *testing.T) {
	app := test.NewApp()
	t.Cleanup(app.Quit)
	app.Settings().SetTheme(look.New(look.ModeLight, 1))
	ana, bob := newAccount(t, "Ana"), newAccount(t, "Bob")
	photos, err := ana.node.SpaceCreate(t.Context(), "Photos")
	must(t, err)
	_, err = ana.node.Put(t.Context(), photos.ID, "lake.txt", strings.NewReader("water"))
	must(t, err)

	ana.frame.Go(frame.Place{Screen: frame.AddPerson})
	ana.press("Show my code")
	until(t, ana, bob, func() bool { return ticket.MatchString(ana.reads()) })
	bob.frame.Go(frame.Place{Screen: frame.AddPerson, Item: ticket.FindString(ana.reads())})
	bob.press("Go on")
	until(t, ana, bob, func() bool { return digits.MatchString(bob.reads()) && ana.says("Add Bob?")() })
	m := digits.FindStringSubmatch(bob.reads())
	ana.window.Canvas().Focused().(*look.CodeField).Paste(m[1] + m[2])
	ana.press("Add")
	until(t, ana, bob, func() bool {
		return ana.says("You and Bob know each other now.")() && bob.says("You and Ana know each other now.")()
	})
	bob.press("Done")

	must(t, ana.frame.Feed.Refresh(t.Context()))
	ana.press("Share something")
	scene.Type(ana.window.Canvas(), "What? Find a space", "photos")
	ana.window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	until(t, ana, bob, func() bool {
		give, ok := scene.Find(ana.window.Canvas(), "Share with Bob").(fyne.Disableable)
		return ok && !give.Disabled()
	})
	if !ana.says("Bob can see 1 file now and anything added")() {
		t.Errorf("the sheet says\n%s", ana.reads())
	}
	ana.press("Share with Bob")
	until(t, ana, bob, bob.says("Ana offers you Photos"))
	bob.press("Accept")
	until(t, ana, bob, func() bool {
		files, err := bob.node.List(t.Context(), "Photos", "")
		return err == nil && len(files) == 1 && files[0].Present
	})
	bob.frame.Go(frame.Place{Screen: frame.Space, Space: photos.ID})
	until(t, ana, bob, func() bool { return bob.says("Ana's · you can view")() && bob.says("lake.txt")() })

	until(t, ana, bob, ana.says("Photos"))
	ana.press("Photos") // what Bob has
	ana.press("End access…")
	until(t, ana, bob, ana.says("End Bob's access to Photos?"))
	ana.press("End access")
	until(t, ana, bob, ana.says("Bob's access has ended"))
	until(t, ana, bob, bob.says("This space is no longer shared with this device."))
}
