package space_test

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"
	"go.uber.org/goleak"

	"meadow/core/key"
	"meadow/core/node"
	store "meadow/storage"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/scene"
	"meadow/ui/space"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// real is a window on a real node: a home on disk, a real database, a real folder.
type real struct {
	t      *testing.T
	node   *node.Node
	frame  *frame.Frame
	screen *space.Screen
	events chan node.Event
}

func config(t *testing.T, h node.Home, k key.Device) (node.Config, *store.DB) {
	t.Helper()
	db, err := store.Open(t.Context(), h.Database(), slog.New(slog.DiscardHandler))
	must(t, err)
	return node.Config{
		Home: h, Device: k, Version: "test", Listen: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")},
		Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Entries: db.Entries(), Blobs: db.Blobs(), MDN: db.MDN(), Folders: db.Folders(), Local: db.Local(), History: db.History(),
		Activity: db.Activity(), Audit: db.Audit(), OnTrouble: db.OnTrouble,
	}, db
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// start makes an account and opens a window on its node.
func start(t *testing.T) *real {
	t.Helper()
	h := node.Home{Dir: filepath.Join(t.TempDir(), "home")}
	must(t, h.Setup(func(staged node.Home, k key.Device) error {
		cfg, db := config(t, staged, k)
		defer db.Close()
		_, err := node.Create(t.Context(), cfg, "Ada", "Desk")
		return err
	}, func() error { return nil }))
	k, err := h.Device()
	must(t, err)
	cfg, db := config(t, h, k)
	n, err := node.Open(t.Context(), cfg)
	must(t, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- n.Run(ctx) }()
	must(t, n.Started(t.Context()))
	r := &real{t: t, node: n, events: make(chan node.Event, 100)}
	go func() {
		ended <- n.Events(ctx, true, func(e node.Event) error {
			select {
			case r.events <- e:
			default: // the test looks at what is so, not at each event
			}
			return nil
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-ended, <-ended, n.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	})
	r.window()
	return r
}

func (r *real) window() {
	a := test.NewApp()
	r.t.Cleanup(a.Quit)
	a.Settings().SetTheme(look.New(look.ModeLight, 1))
	w := test.NewWindow(nil)
	r.t.Cleanup(w.Close)
	w.Resize(size)
	feed := frame.NewFeed(r.node, time.Now)
	must(r.t, feed.Refresh(r.t.Context()))
	r.frame = frame.New(a, w, r.node, feed, frame.NewWorker(r.t.Context(), true), []frame.Entry{{
		Name: frame.Space, Make: func(f *frame.Frame) frame.Screen {
			r.screen = space.New(f, r.node, carried(f, r.node))
			return r.screen
		},
	}})
	r.t.Cleanup(r.frame.Close)
}

// until waits until something is so, which events announce.
func (r *real) until(what string, ok func() bool) {
	r.t.Helper()
	late := time.After(30 * time.Second)
	look := time.NewTicker(20 * time.Millisecond) // files on disk have no events of the node
	defer look.Stop()
	for {
		must(r.t, r.frame.Feed.Refresh(r.t.Context()))
		if ok() {
			return
		}
		select {
		case <-r.events:
		case <-look.C:
		case <-late:
			r.t.Fatalf("%s: it never happened; it reads\n%s", what, r.read())
		}
	}
}

func (r *real) canvas() fyne.Canvas { return r.frame.Window.Canvas() }
func (r *real) read() string        { return scene.Read(r.frame.Window.Content()) }

func (r *real) reads(text string) func() bool {
	return func() bool { return strings.Contains(r.read(), text) }
}

// list is the list of files, which has the focus.
func (r *real) key(name fyne.KeyName) {
	r.t.Helper()
	l := listOf(r.screen.Content())
	if l == nil {
		r.t.Fatal("there is no list")
	}
	l.TypedKey(&fyne.KeyEvent{Name: name})
}

func listOf(o fyne.CanvasObject) *keys.List {
	switch o := o.(type) {
	case *keys.List:
		if o.Visible() {
			return o
		}
	case *fyne.Container:
		for _, in := range o.Objects {
			if l := listOf(in); l != nil && o.Visible() {
				return l
			}
		}
	}
	return nil
}

func (r *real) disk(path, want string) func() bool {
	return func() bool {
		b, err := os.ReadFile(path)
		return err == nil && string(b) == want
	}
}

// TestRealNode makes a space in a folder, drops a file, renames it, deletes it, takes
// that back, and restores a former version, all through the window.
func TestRealNode(t *testing.T) {
	r := start(t)
	dir := filepath.Join(t.TempDir(), "Letters here")
	r.frame.Go(frame.Place{Screen: frame.Space, Item: space.ItemNew})
	scene.Type(r.canvas(), "Photos", "Letters")
	// At once: each letter's folder would be looked into.
	scene.Find(r.canvas(), "No folder: the files are in Meadow only").(*keys.Entry).SetText(dir)
	if !r.reads("The folder will be made.")() {
		t.Errorf("it doesn't say what becomes of the folder:\n%s", r.read())
	}
	scene.Press(r.canvas(), "Make the space")
	r.until("the space is there", r.reads("Nothing is in Letters yet"))

	loose := filepath.Join(t.TempDir(), "to Ada.txt")
	must(t, os.WriteFile(loose, []byte("Dear Ada"), 0o644))
	r.screen.Dropped([]fyne.URI{storage.NewFileURI(loose)})
	r.until("the file is listed", r.reads("to Ada.txt was added"))
	r.until("it is in the folder", r.disk(filepath.Join(dir, "to Ada.txt"), "Dear Ada"))

	r.key(fyne.KeyF2)
	scene.Type(r.canvas(), "Name or path", "2026/Ada.txt")
	scene.Press(r.canvas(), "Rename")
	r.until("it moved on disk", r.disk(filepath.Join(dir, "2026", "Ada.txt"), "Dear Ada"))

	r.until("its folder is listed", r.reads("2026"))
	r.key(fyne.KeyHome)
	r.key(fyne.KeyReturn)
	r.until("its folder is shown", r.reads("Ada.txt"))
	must(t, os.WriteFile(loose, []byte("Dear Ada,\nhow are you?"), 0o644))
	must(t, os.Rename(loose, filepath.Join(dir, "2026", "Ada.txt"))) // in one step, so that it is one version
	r.until("the edit has come", r.reads("22 bytes"))

	r.key(fyne.KeyHome)
	r.key(fyne.KeyDelete)
	scene.Press(r.canvas(), "Delete")
	gone := func() bool {
		_, err := os.Lstat(filepath.Join(dir, "2026", "Ada.txt"))
		return errors.Is(err, os.ErrNotExist)
	}
	r.until("it is gone from the disk", gone)
	scene.Press(r.canvas(), "Undo")
	r.until("it is back", r.disk(filepath.Join(dir, "2026", "Ada.txt"), "Dear Ada,\nhow are you?"))

	r.frame.Go(frame.Place{Screen: frame.Space, Space: r.frame.Place().Space, Path: "2026/Ada.txt", Item: space.ItemHistory})
	r.until("the history is read", r.reads("Now"))
	versions := listOf(r.screen.Content())
	versions.Select(versions.Length() - 1) // then came an edit, a deletion, and what was taken back
	r.until("the version is read", r.reads("Dear Ada\n"))
	scene.Press(r.canvas(), "Restore this version")
	r.until("the version is back on disk", r.disk(filepath.Join(dir, "2026", "Ada.txt"), "Dear Ada"))
}
