//go:build probe

package ui

import (
	"encoding/json"
	"net"
	"os"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/keys"
	"meadow/ui/tray"
)

// A build with the tag probe answers tests that drive the window with keys and clicks
// what is where on it: whoever connects to the socket Options.Probe is told once, and
// the connection is closed. No other build has any of this.

// Seen is what a test is told: positions are pixels in the window.
type Seen struct {
	Phase   string
	Tray    tray.Menu
	Window  uint32 // 0 if there is none
	Focused bool
	Dozes   bool      // its clicks and keys are looked for once a second only
	Painted time.Time // first, in this process
	Place   string    // the screen
	Nodes   []SeenNode
}

// SeenNode is a text, or something that one can do something with.
type SeenNode struct {
	Kind       string // text, button, entry or check
	Text       string // what it says, or what is in it
	Hint       string // of an entry: what it says while it is empty
	X, Y, W, H int
	Off        bool // it can't be used now
	On         bool // of a check
	Focused    bool
}

var firstPaint time.Time

func (a *App) painted() {
	if firstPaint.IsZero() {
		firstPaint = time.Now()
	}
}

func (a *App) probe() {
	_ = os.MkdirAll(a.opts.Probe[:strings.LastIndexByte(a.opts.Probe, '/')], 0o700)
	_ = os.Remove(a.opts.Probe)
	l, err := net.Listen("unix", a.opts.Probe)
	if err != nil {
		panic(err)
	}
	go func() {
		<-a.ctx.Done()
		_ = l.Close()
	}()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			seen := make(chan Seen, 1)
			a.worker.Do(func() { seen <- a.seen() })
			select {
			case s := <-seen:
				_ = json.NewEncoder(c).Encode(s)
			case <-a.ctx.Done():
			}
			_ = c.Close()
		}
	}()
}

func (a *App) seen() Seen {
	s := Seen{Phase: string(a.state.Phase), Tray: a.tray.Shown(), Painted: firstPaint, Dozes: a.worker.Dozes()}
	if a.node != nil {
		s.Phase = "open"
	}
	if a.frame != nil {
		s.Place = a.frame.Place().Screen
	}
	if a.window == nil {
		return s
	}
	if n, ok := a.window.(driver.NativeWindow); ok {
		n.RunNative(func(c any) {
			if x, ok := c.(driver.X11WindowContext); ok {
				s.Window = uint32(x.WindowHandle)
			}
		})
	}
	c := a.window.Canvas()
	l := looker{canvas: c, clip: fyne.NewPos(c.Size().Width, c.Size().Height)}
	if top := c.Overlays().Top(); top != nil {
		l.walk(top, fyne.Position{}, "")
	} else {
		l.walk(c.Content(), fyne.Position{}, "")
	}
	s.Nodes = l.nodes
	return s
}

// looker collects what is visible in a part of a canvas.
type looker struct {
	canvas     fyne.Canvas
	from, clip fyne.Position
	nodes      []SeenNode
}

func (l *looker) walk(o fyne.CanvasObject, at fyne.Position, in string) {
	if o == nil || !o.Visible() {
		return
	}
	at = at.Add(o.Position())
	outer := *l
	if _, ok := o.(*container.Scroll); ok {
		l.from = fyne.NewPos(max(l.from.X, at.X), max(l.from.Y, at.Y))
		l.clip = fyne.NewPos(min(l.clip.X, at.X+o.Size().Width), min(l.clip.Y, at.Y+o.Size().Height))
	}
	kind := kindOf(o)
	mark := len(l.nodes)
	var children []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		children = o.Objects
	case fyne.Widget:
		children = test.WidgetRenderer(o).Objects()
	}
	if kind != "" && in == "" {
		l.nodes = append(l.nodes, SeenNode{})
	}
	for _, child := range children {
		l.walk(child, at, in+kind)
	}
	if kind != "" && in == "" {
		l.node(o, at, kind, mark)
	}
	if text, ok := o.(*canvas.Text); ok && text.Text != "" {
		l.add(SeenNode{Kind: "text", Text: text.Text}, o, at)
	}
	l.from, l.clip = outer.from, outer.clip
}

// node fills in the node at mark: its texts are those that came after it.
func (l *looker) node(o fyne.CanvasObject, at fyne.Position, kind string, mark int) {
	var says []string
	for _, n := range l.nodes[mark+1:] {
		says = append(says, n.Text)
	}
	n := SeenNode{Kind: kind, Text: strings.Join(says, " ")}
	if a, ok := o.(fyne.Accessible); ok && n.Text == "" {
		n.Text = a.AccessibilityLabel()
	}
	if d, ok := o.(fyne.Disableable); ok {
		n.Off = d.Disabled()
	}
	if f, ok := o.(fyne.Focusable); ok {
		n.Focused = l.canvas.Focused() == f
	}
	switch c := o.(type) {
	case *widget.Check:
		n.On = c.Checked
	case *keys.Check:
		n.On = c.Checked
	}
	if e := entryOf(o); e != nil {
		n.Text, n.Hint = e.Text, e.PlaceHolder
	}
	rest := append([]SeenNode(nil), l.nodes[mark+1:]...)
	l.nodes = l.nodes[:mark]
	l.add(n, o, at)
	l.nodes = append(l.nodes, rest...)
}

// add takes what is at least partly to be seen.
func (l *looker) add(n SeenNode, o fyne.CanvasObject, at fyne.Position) {
	size := o.Size()
	from := fyne.NewPos(max(at.X, l.from.X), max(at.Y, l.from.Y))
	to := fyne.NewPos(min(at.X+size.Width, l.clip.X), min(at.Y+size.Height, l.clip.Y))
	if to.X <= from.X || to.Y <= from.Y {
		return
	}
	n.X, n.Y = l.canvas.PixelCoordinateForPosition(from)
	x, y := l.canvas.PixelCoordinateForPosition(to)
	n.W, n.H = x-n.X, y-n.Y
	l.nodes = append(l.nodes, n)
}

func kindOf(o fyne.CanvasObject) string {
	if entryOf(o) != nil {
		return "entry"
	}
	if c, ok := o.(interface{ SetChecked(bool) }); ok && c != nil {
		return "check"
	}
	switch o.(type) {
	case *widget.List, *widget.Label, *widget.RichText, *widget.PopUp:
		return ""
	case fyne.Tappable:
		return "button"
	}
	return ""
}

// entryOf is the field that a widget is, or is made of.
func entryOf(o fyne.CanvasObject) *widget.Entry {
	switch o := o.(type) {
	case *widget.Entry:
		return o
	case *keys.Entry:
		return &o.Entry
	}
	return nil
}
