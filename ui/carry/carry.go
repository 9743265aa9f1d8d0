// Package carry is what goes by hand: drops, which are files that carry a space or a
// part of it on a stick, and links, which lead to a file or folder of a space.
//
// A [Carrier] writes drops and takes them in, one at a time, and outlives the window:
// what it began goes on while no window is open, and is told through frame.Late then.
// What each sheet says is worked out in plain Go (plan.go, drop.go, running.go); the
// sheets only show it.
//
// A link only shows. Nothing is dialled, given or changed by it, whoever sent it.
package carry

import (
	"context"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// Node is what carrying needs of a node.
type Node interface {
	DropName(space, path string) (string, error)
	DropExport(ctx context.Context, what node.DropWhat, file string, progress func(node.DropProgress)) (node.DropReport, error)
	DropShow(ctx context.Context, file string) (node.DropReport, error)
	DropImport(ctx context.Context, file string, progress func(node.DropProgress)) (node.DropReport, error)
	Link(ctx context.Context, space, path string) (string, error)
	OpenLink(ctx context.Context, uri string) (node.LinkTarget, error)
}

// Carrier carries. All its methods are for the interface thread.
type Carrier struct {
	worker *frame.Worker
	node   Node
	late   func(text string)

	frame   *frame.Frame // nil while no window is open
	sticks  func() []stick
	job     *job     // under way, or nil
	waiting []string // drops to be looked into, one after the other
	asks    bool     // one is being looked into or asked about, or another sheet is up
	leave   func()   // ends looking into it
	staying func()   // takes back the question whether to quit; nil if it isn't asked
}

// New returns the carrier of a node. Late is told what there is to say while no window
// is open. Nothing can be carried before Opened.
func New(w *frame.Worker, n Node, late func(text string)) *Carrier {
	return &Carrier{worker: w, node: n, late: late, sticks: sticksHere, leave: func() {}}
}

// Opened makes a window the one that shows what the carrier does.
func (c *Carrier) Opened(f *frame.Frame) {
	c.frame = f
	f.Takes = c.takes
	canvas := f.Window.Canvas()
	ask := &desktop.CustomShortcut{KeyName: fyne.KeyL, Modifier: fyne.KeyModifierShortcutDefault}
	canvas.AddShortcut(ask, func(fyne.Shortcut) {
		if !f.Covered() {
			c.AskLink()
		}
	})
	canvas.AddShortcut(&fyne.ShortcutPaste{}, func(fyne.Shortcut) {
		if link, ok := linkIn(f.App.Clipboard().Content()); ok && !f.Covered() {
			c.Open(link)
		}
	})
	if c.job != nil {
		c.job.show()
	}
}

// Closed lets go of the window. What was asked in it is answered by nobody; what is
// under way goes on.
func (c *Carrier) Closed() {
	c.leave()
	c.frame, c.waiting, c.asks, c.staying = nil, nil, false, nil
	if c.job != nil {
		c.job.meter, c.job.shut = nil, nil
	}
}

// Works reports whether something is under way that quitting would cut off, and that
// nobody is stopping anyway.
func (c *Carrier) Works() bool { return c.job != nil && !c.job.stops }

// AskQuit asks whether to quit while something is under way, and says what stays of it.
// The question goes when that is done before it is answered: what came of it is to be
// seen. With nothing under way, or no window to ask in, quit is called at once.
func (c *Carrier) AskQuit(quit func()) {
	switch {
	case !c.Works() || c.frame == nil:
		quit()
	case c.staying == nil:
		j := c.job
		body := look.NewColumn(look.SizeS, look.NewStrongParagraph(j.far(), ""), look.NewParagraph(j.quits, look.ColorMuted))
		c.staying = c.frame.Sheet(words.L("Quit before it is done?"), body, func() { c.staying = nil },
			frame.Button{Text: words.L("Go on")}, frame.Button{Text: words.L("Quit anyway"), Importance: widget.DangerImportance, Do: func() bool {
				quit()
				return true
			}})
	}
}

// Given is something that the program was started with, or that the desktop or a
// command gave it: a link, or a drop's file. It reports whether it was one of them.
func (c *Carrier) Given(text string) bool {
	if link, ok := linkIn(text); ok {
		c.Open(link)
		return true
	}
	if file, ok := DropFile(text); ok {
		c.In(file)
		return true
	}
	return false
}

// takes takes the drops among files that were dropped on the window.
func (c *Carrier) takes(files []fyne.URI) (rest []fyne.URI) {
	for _, f := range files {
		if f.Scheme() == "file" && isDrop(f.Path()) {
			c.In(f.Path())
		} else {
			rest = append(rest, f)
		}
	}
	return rest
}

func isDrop(path string) bool { return strings.EqualFold(filepath.Ext(path), node.DropExt) }
