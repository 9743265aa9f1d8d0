//go:build ci

package pair_test

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"go.uber.org/goleak"

	"meadow/core/key"
	"meadow/core/node"
	"meadow/storage"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/scene"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func contains(text, part string) bool { return strings.Contains(text, part) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// computer is one of two in this process: a home, a node and a window.
type computer struct {
	t      *testing.T
	name   string
	home   node.Home
	window fyne.Window
	worker *frame.Worker
	calls  <-chan func()
	node   *node.Node
}

// desktop is what windows are on; they are drawn with our theme.
func desktop(t *testing.T) {
	a := test.NewApp()
	a.Settings().SetTheme(look.New(look.ModeLight, 1))
	t.Cleanup(a.Quit)
}

func newComputer(t *testing.T, name string) *computer {
	ctx, cancel := context.WithCancel(context.Background())
	c := &computer{t: t, name: name, home: node.Home{Dir: filepath.Join(t.TempDir(), name)}, window: test.NewWindow(nil)}
	c.worker, c.calls = frame.NewTurnedWorker(ctx)
	c.window.SetPadded(false)
	c.window.Resize(fyne.NewSize(1000, 640))
	t.Cleanup(func() {
		cancel()
		c.worker.Wait()
		c.window.Close()
	})
	return c
}

func (c *computer) config(h node.Home, d key.Device) (node.Config, *storage.DB, error) {
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

func (c *computer) setup(fill func(node.Config) error, keep func() error) error {
	return c.home.Setup(func(staged node.Home, d key.Device) error {
		cfg, db, err := c.config(staged, d)
		if err != nil {
			return err
		}
		return errors.Join(fill(cfg), db.Close())
	}, keep)
}

// DeviceName implements first.Host.
func (c *computer) DeviceName() string { return c.name }

// Make implements first.Host.
func (c *computer) Make(ctx context.Context, account, device string, keep func(string) error) error {
	var words string
	return c.setup(func(cfg node.Config) (err error) {
		words, err = node.Create(ctx, cfg, account, device)
		return err
	}, func() error { return keep(words) })
}

// MakeJoining implements first.Host.
func (c *computer) MakeJoining(ctx context.Context, device string) error {
	return c.setup(func(cfg node.Config) error { return node.CreateJoining(ctx, cfg, device) }, func() error { return nil })
}

// Recover implements first.Host.
func (c *computer) Recover(context.Context, string, string, string) error {
	return errors.New("not asked for")
}

// start runs the home's node until the test's end.
func (c *computer) start() {
	c.t.Helper()
	d, err := c.home.Device()
	must(c.t, err)
	cfg, db, err := c.config(c.home, d)
	must(c.t, err)
	c.node, err = node.Open(c.t.Context(), cfg)
	must(c.t, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	n := c.node
	go func() { ended <- n.Run(ctx) }()
	must(c.t, n.Started(c.t.Context()))
	c.t.Cleanup(func() {
		stop()
		if err := errors.Join(<-ended, n.Close(), db.Close()); err != nil {
			c.t.Error(err)
		}
	})
}

func (c *computer) press(called string)      { scene.Press(c.window.Canvas(), called) }
func (c *computer) write(called, txt string) { scene.Type(c.window.Canvas(), called, txt) }
func (c *computer) reads() string            { return scene.Read(c.window.Content()) }

func (c *computer) shows(text string) func() bool {
	return func() bool { return strings.Contains(c.reads(), text) }
}

// until makes the calls that two computers' work has for their windows.
func until(t *testing.T, a, b *computer, what func() bool) {
	t.Helper()
	late := time.After(time.Minute)
	for !what() {
		select {
		case f := <-a.calls:
			f()
		case f := <-b.calls:
			f()
		case <-late:
			t.Fatalf("it never happened; %s reads\n%s\n%s reads\n%s", a.name, a.reads(), b.name, b.reads())
		}
	}
}
