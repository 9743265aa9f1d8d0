package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jezek/xgb/xproto"

	"meadow/app/internal/stage"
)

// Build builds the program with its window and its probe.
func Build(ctx context.Context, dir, tags string) (string, error) {
	bin := filepath.Join(dir, "meadow-probe")
	c := exec.CommandContext(ctx, "go", "build", "-tags", tags+",probe", "-o", bin, "meadow/app/meadow")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build meadow: %w\n%s", err, out)
	}
	return bin, nil
}

// Program is the program on one home, and a user of its own.
type Program struct {
	Desk *Desk
	Bin  string
	Dir  string // of the user; the home is in it

	run *exec.Cmd
	out stage.Said
	end chan error
}

// Home is the program's home.
func (p *Program) Home() string { return filepath.Join(p.Dir, "home") }

// Command is the program with arguments, as its user starts it.
func (p *Program) Command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, p.Bin, append([]string{"--home", p.Home()}, args...)...)
	c.Env = append(os.Environ(), "HOME="+p.Dir, "XDG_CONFIG_HOME="+filepath.Join(p.Dir, "config"), "LANG=C.UTF-8")
	return c
}

// Start starts the program's window.
func (p *Program) Start(args ...string) error { return p.start(args...) }

// StartRun starts the program without a window.
func (p *Program) StartRun() error { return p.start("run") }

func (p *Program) start(args ...string) error {
	p.run = p.Command(context.Background(), append(args, "--no-mdns", "--listen", "127.0.0.1:0")...)
	p.run.Stdout, p.run.Stderr = &p.out, &p.out
	if err := p.run.Start(); err != nil {
		return err
	}
	p.end = make(chan error, 1)
	run, end := p.run, p.end
	go func() { end <- run.Wait() }()
	return nil
}

// PID is the program's process.
func (p *Program) PID() int { return p.run.Process.Pid }

// Said is what it printed.
func (p *Program) Said() string { return p.out.String() }

// Wait waits until the program has ended.
func (p *Program) Wait(ctx context.Context) error {
	select {
	case err := <-p.end:
		p.end <- err
		return err
	case <-ctx.Done():
		return fmt.Errorf("it goes on: %w", ctx.Err())
	}
}

// Terminate asks it to end, as a session that ends does.
func (p *Program) Terminate() error { return p.run.Process.Signal(syscall.SIGTERM) }

// Kill ends it if it is there.
func (p *Program) Kill() {
	if p.run != nil {
		_ = p.run.Process.Kill()
	}
}

// Node is a text, or something that one can do something with.
type Node struct {
	Kind, Text, Hint string
	X, Y, W, H       int
	Off, On, Focused bool
}

// Seen is what is seen of the program.
type Seen struct {
	Phase   string
	Tray    struct{ State, Title string }
	Window  uint32
	Dozes   bool
	Painted time.Time
	Place   string
	Nodes   []Node
}

// Find finds what says a text, whole first, then in part; kind may be empty.
func (s Seen) Find(kind, text string) (Node, bool) {
	for _, fits := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.Contains} {
		for _, n := range s.Nodes {
			if (kind == "" || n.Kind == kind) && (fits(n.Text, text) || n.Hint != "" && fits(n.Hint, text)) {
				return n, true
			}
		}
	}
	return Node{}, false
}

// Text is all that is read in the window.
func (s Seen) Text() string {
	var b strings.Builder
	for _, n := range s.Nodes {
		if n.Kind == "text" || n.Kind == "entry" {
			fmt.Fprintln(&b, n.Text)
		}
	}
	return b.String()
}

// See looks at the program.
func (p *Program) See() (s Seen, err error) {
	c, err := net.Dial("unix", filepath.Join(p.Home(), "run", "probe.sock"))
	if err != nil {
		return s, err
	}
	defer c.Close()
	b, err := io.ReadAll(c)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(b, &s)
}

const lookEvery = 25 * time.Millisecond

// Until looks at the program until what is seen is wanted.
func (p *Program) Until(ctx context.Context, what string, wanted func(Seen) bool) (Seen, error) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		s, err := p.See()
		if err == nil && wanted(s) {
			return s, nil
		}
		select {
		case <-tick.C:
		case end := <-p.end:
			p.end <- end
			return s, fmt.Errorf("%s: it has ended: %w\n%s", what, errors.Join(end, io.EOF), p.Said())
		case <-ctx.Done():
			return s, fmt.Errorf("%s: %w; it is in phase %q at %q, tray %v, and reads\n%s\n%s", what, ctx.Err(), s.Phase, s.Place, s.Tray, s.Text(), p.Said())
		}
	}
}

// Shows waits until a text is in the window.
func (p *Program) Shows(ctx context.Context, text string) error {
	_, err := p.Until(ctx, fmt.Sprintf("%q isn't there", text), func(s Seen) bool {
		_, ok := s.Find("", text)
		return ok
	})
	return err
}

// Click clicks what says a text, once that is there and can be used.
func (p *Program) Click(ctx context.Context, kind, text string) error {
	var at Node
	s, err := p.Until(ctx, fmt.Sprintf("no %s %q to click", kind, text), func(s Seen) (ok bool) {
		was := at
		at, ok = s.Find(kind, text)
		return ok && !at.Off && at == was // it stands still
	})
	if err != nil {
		return err
	}
	return p.Desk.click(xproto.Window(s.Window), at.X+at.W/2, at.Y+at.H/2)
}

// Fill clicks a field and types a text there.
func (p *Program) Fill(ctx context.Context, field, text string) error {
	if err := p.Click(ctx, "entry", field); err != nil {
		return err
	}
	_, err := p.Until(ctx, fmt.Sprintf("the field %q doesn't take keys", field), func(s Seen) bool {
		n, ok := s.Find("entry", field)
		return ok && n.Focused
	})
	if err != nil {
		return err
	}
	return p.Type(text)
}

// Type types into what has the keyboard.
func (p *Program) Type(text string) error {
	for _, r := range text {
		if err := p.Desk.key(r); err != nil {
			return err
		}
	}
	return nil
}

// Key presses a key in the program's window, with others held.
func (p *Program) Key(key rune, held ...rune) error {
	s, err := p.See()
	if err != nil {
		return err
	}
	if err := p.Desk.front(xproto.Window(s.Window)); err != nil {
		return err
	}
	return p.Desk.key(key, held...)
}

// Place moves the window and makes it of a size.
func (p *Program) Place(x, y, width, height int) error {
	s, err := p.See()
	if err != nil {
		return err
	}
	return p.Desk.place(xproto.Window(s.Window), x, y, width, height)
}

// Close closes the window with the button of its frame.
func (p *Program) Close() error {
	s, err := p.See()
	if err != nil {
		return err
	}
	return p.Desk.close(xproto.Window(s.Window))
}

// Icon waits until the program has an icon on the desktop.
func (p *Program) Icon(ctx context.Context) (icon Icon, err error) {
	_, err = p.Until(ctx, "it has no icon", func(Seen) (ok bool) {
		icon, ok = p.Desk.IconOf(ctx, p.PID())
		return ok
	})
	return icon, err
}
