//go:build desktop && !headless

package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"meadow/app/internal/desk"
	"meadow/core/node"
)

// The tests of this file run real windows, on the desktop that .ci/desktop makes:
// clicks and keys come from the X server, the tray is a panel's, and what is seen is
// what the program draws.

var probe = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "meadow-desktop-")
	if err != nil {
		return "", err
	}
	return desk.Build(context.Background(), dir, "gles,migrated_fynedo")
})

func TestMain(m *testing.M) {
	code := m.Run()
	if bin, err := probe(); err == nil {
		_ = os.RemoveAll(filepath.Dir(bin))
	}
	os.Exit(code)
}

// acts is one test on a desktop.
type acts struct {
	testing.TB
	ctx  context.Context
	desk *desk.Desk
}

func act(t testing.TB) *acts {
	t.Helper()
	if os.Getenv("DISPLAY") == "" || os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		t.Skip("no desktop to test on: .ci/desktop makes one")
	}
	d, err := desk.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	if _, err := probe(); err != nil { // the first test builds it, in no test's time
		t.Fatal(err)
	}
	most := 90 * time.Second
	if _, measures := t.(*testing.B); measures {
		most = time.Hour
	}
	ctx, cancel := context.WithTimeout(t.Context(), most)
	t.Cleanup(cancel)
	return &acts{t, ctx, d}
}

func (a *acts) must(err error) {
	a.Helper()
	if err != nil {
		a.Fatal(err)
	}
}

// user is somebody without a home.
func (a *acts) user(name string) *desk.Program {
	a.Helper()
	bin, err := probe()
	a.must(err)
	dir := filepath.Join(a.TempDir(), name)
	a.must(os.Mkdir(dir, 0o700))
	p := &desk.Program{Desk: a.desk, Bin: bin, Dir: dir}
	a.Cleanup(p.Kill)
	return p
}

// settled is a user with an account.
func (a *acts) settled(name string) *desk.Program {
	a.Helper()
	p := a.user(name)
	a.command(p, "init", "--name", "Anna", "--device", name, "--words-file", filepath.Join(p.Dir, "words"))
	return p
}

func (a *acts) command(p *desk.Program, args ...string) string {
	a.Helper()
	out, err := p.Command(a.ctx, args...).CombinedOutput()
	if err != nil {
		a.Fatalf("%q: %v\n%s", args, err, out)
	}
	return string(out)
}

func (a *acts) until(p *desk.Program, what string, wanted func(desk.Seen) bool) desk.Seen {
	a.Helper()
	s, err := p.Until(a.ctx, what, wanted)
	a.must(err)
	return s
}

func shownNow(s desk.Seen) bool  { return s.Window != 0 && s.Phase == "open" }
func hiddenNow(s desk.Seen) bool { return s.Window == 0 && s.Phase == "open" }

// ended waits until a program has ended as it should, and nothing of it is left.
func (a *acts) ended(p *desk.Program) {
	a.Helper()
	if err := p.Wait(a.ctx); err != nil {
		a.Fatalf("it ended with %v\n%s", err, p.Said())
	}
	unlock, err := node.Home{Dir: p.Home()}.Lock()
	a.must(err)
	unlock()
	if left, _ := filepath.Glob(filepath.Join(p.Home(), "run", "*")); len(left) != 0 {
		a.Errorf("%q are left", left)
	}
	if said := p.Said(); strings.Contains(said, "panic") || strings.Contains(said, "Error") {
		a.Errorf("it said\n%s", said)
	}
}

func (a *acts) menu(p *desk.Program, path ...string) {
	a.Helper()
	icon, err := p.Icon(a.ctx)
	a.must(err)
	a.must(icon.Choose(path...))
}

// TestDesktopLife: the window and what outlives it, from the first start to the end.
func TestDesktopLife(t *testing.T) {
	a := act(t)
	a.must(a.desk.ShowIcons())
	p := a.settled("laptop")
	a.must(p.Start())
	a.until(p, "no window", shownNow)
	icon, err := p.Icon(a.ctx)
	a.must(err)
	a.until(p, "the icon doesn't say how things are", func(s desk.Seen) bool {
		title, err := icon.Title()
		return err == nil && title == s.Tray.Title && title == "Only this device so far"
	})
	rows, err := icon.Menu()
	a.must(err)
	if len(rows) == 0 || !rows[0].Off || rows[0].Text != "Only this device so far" {
		t.Errorf("the menu begins with %+v", rows)
	}

	a.must(p.Close())
	_ = p.Close() // twice, unless it is gone already
	a.until(p, "closing the window doesn't leave the tray alone, and a word of it", func(s desk.Seen) bool {
		return hiddenNow(s) && len(a.desk.Told()) > 0
	})
	if told := a.desk.Told(); len(told) != 1 || !strings.HasPrefix(told[0], "Meadow goes on in the tray") {
		t.Errorf("it told %q", told)
	}
	a.command(p) // a second start
	a.until(p, "a second start doesn't raise the window", shownNow)
	a.must(p.Close())
	a.until(p, "the window doesn't close again", hiddenNow)
	a.must(icon.Tap())
	a.until(p, "a click on the icon doesn't open the window", shownNow)
	a.must(p.Key('w', desk.Control))
	a.until(p, "Ctrl+W doesn't close the window", hiddenNow)
	a.menu(p, "Open Meadow")
	a.until(p, "the menu doesn't open the window", shownNow)
	if told := a.desk.Told(); len(told) != 1 {
		t.Errorf("it told %q", told)
	}

	a.menu(p, "Pause", "For 30 minutes")
	a.until(p, "the menu doesn't pause", func(s desk.Seen) bool {
		_, shown := s.Find("text", "Paused until")
		return shown && s.Tray.State == "paused"
	})
	a.menu(p, "Resume")
	a.until(p, "the menu doesn't resume", func(s desk.Seen) bool { return s.Tray.State != "paused" })

	const ticket = "mdnpair1mfrggzdfmztwq2lknnwg23tpobyxe43u"
	a.must(p.Close())
	a.until(p, "the window doesn't close for a link", hiddenNow)
	a.command(p, "meadow://pair/"+ticket) // as the desktop opens a link
	a.until(p, "a link doesn't fill in the page of adding, and no more", func(s desk.Seen) bool {
		_, filled := s.Find("entry", ticket)
		return s.Place == "add" && filled
	})
	space := strings.Repeat("01", 32)
	a.command(p, "willow://-"+space+"."+space+"/files/a.txt/")
	a.until(p, "a link into a space that isn't here isn't told", func(s desk.Seen) bool {
		_, told := s.Find("text", "The link's space isn't here")
		return told
	})
	a.must(p.Click(a.ctx, "button", "Close"))
	if out, err := p.Command(a.ctx, "statsu").CombinedOutput(); err == nil || !strings.Contains(string(out), "neither a command nor") {
		t.Errorf("a command that isn't one: %v, %s", err, out)
	}

	a.menu(p, "Quit Meadow")
	a.ended(p)
	a.must(p.Start())
	a.until(p, "it doesn't start again", shownNow)
	a.must(p.Key('q', desk.Control))
	a.ended(p)
}

// TestDesktopHidden: --hidden is in the tray alone, a second one changes nothing, and
// the end of the session ends it.
func TestDesktopHidden(t *testing.T) {
	a := act(t)
	a.must(a.desk.ShowIcons())
	p := a.settled("laptop")
	a.must(p.Start("--hidden"))
	a.until(p, "it isn't in the tray", hiddenNow)
	_, err := p.Icon(a.ctx)
	a.must(err)
	a.command(p, "--hidden")
	if s, err := p.See(); err != nil || s.Window != 0 {
		t.Errorf("a second hidden start opens a window: %v", err)
	}
	a.must(p.Terminate())
	a.ended(p)
}

// TestDesktopWithoutTray: where the desktop shows no icons the window doesn't go away
// for good, whenever that begins.
func TestDesktopWithoutTray(t *testing.T) {
	a := act(t)
	p := a.settled("laptop")
	a.must(p.Start())
	a.until(p, "no window", shownNow)
	a.must(p.Close())
	a.until(p, "it doesn't answer", shownNow) // made small: no window manager does that here
	a.must(a.desk.ShowIcons())
	_, err := p.Icon(a.ctx)
	a.must(err)
	a.must(p.Close())
	a.until(p, "the panel that came isn't used", hiddenNow)
	a.must(a.desk.HideIcons())
	a.until(p, "without the panel it can't be reached", shownNow)
	a.must(p.Terminate())
	a.ended(p)
}

// TestDesktopHiddenWithoutTray: a hidden start that finds no tray has a window that
// is looked for input as any other.
func TestDesktopHiddenWithoutTray(t *testing.T) {
	a := act(t)
	p := a.settled("laptop")
	a.must(p.Start("--hidden"))
	a.until(p, "a hidden start has a window at once, or doesn't rest", func(s desk.Seen) bool { return hiddenNow(s) && s.Dozes })
	if s := a.until(p, "without a tray it can't be reached", shownNow); s.Dozes {
		t.Error("its window is looked for input once a second only")
	}
	a.must(p.Terminate())
	a.ended(p)
}

// TestDesktopBusy: a run without a window is said, and gives way when it is told to.
func TestDesktopBusy(t *testing.T) {
	a := act(t)
	p := a.settled("laptop")
	run := p.Command(a.ctx, "run", "--no-mdns", "--listen", "127.0.0.1:0")
	a.must(run.Start())
	ended := make(chan error, 1)
	go func() { ended <- run.Wait() }()
	for a.ctx.Err() == nil {
		if _, err := p.Command(a.ctx, "status").CombinedOutput(); err == nil {
			break
		}
	}
	a.must(p.Start())
	a.must(p.Shows(a.ctx, "Meadow is running without a window"))
	select {
	case err := <-ended:
		t.Fatalf("the run has ended: %v", err)
	default:
	}
	a.must(p.Click(a.ctx, "button", "Stop it and open here"))
	a.until(p, "it doesn't open where the run ended", shownNow)
	a.must(<-ended)
	a.must(p.Terminate())
	a.ended(p)
}

// TestDesktopFault: what is known of a fault is kept, and told at the next start.
func TestDesktopFault(t *testing.T) {
	a := act(t)
	p := a.settled("laptop")
	a.must(p.Start())
	a.until(p, "no window", shownNow)
	a.must(syscall.Kill(p.PID(), syscall.SIGABRT))
	if err := p.Wait(a.ctx); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("it ended with %v", err)
	}
	a.must(p.Start())
	a.must(p.Shows(a.ctx, "The last time Meadow ended by a fault of its own"))
	if said, err := os.ReadFile(filepath.Join(p.Home(), "logs", "crash.log.1")); err != nil || !strings.Contains(string(said), "SIGABRT") {
		t.Errorf("kept: %v\n%s", err, said)
	}
	a.must(p.Terminate())
	if err := p.Wait(a.ctx); err != nil {
		t.Error(err)
	}
}
