// Package ui is the window: it runs the toolkit, opens and closes the window, and
// keeps what outlives it, the node's news and the tray.
//
// [App] goes through phases: there is no home yet (first run), the home is being
// opened, it is open, or it can't be. The screens are packages below this one and
// know only ui/frame. A window that is closed is given up whole, with all that its
// screens hold; a new one is built when it is opened again.
package ui

import (
	"context"
	"runtime/debug"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// ID is the program's name among the desktop's applications.
const ID = "org.mee.meadow"

// Host is what the window needs of the program around it. Its methods are called
// beside the interface thread.
type Host interface {
	// Made reports whether this device has a home.
	Made() bool
	// Open opens the home and runs its node until Close. It is called again only
	// after it failed.
	Open(ctx context.Context) (*node.Node, error)
	// Close ends the node, if there is one, and everything else that was opened.
	Close() error
}

// Options are how the program starts.
type Options struct {
	Hidden bool // in the tray, if there is one
}

// App is the program with a window. All of it belongs to the interface thread.
type App struct {
	app    fyne.App
	host   Host
	opts   Options
	worker *frame.Worker

	node *node.Node
	feed *frame.Feed
	err  error // why the home couldn't be opened

	base   fyne.Window // never shown: the toolkit ends with the last window
	window fyne.Window
	frame  *frame.Frame
}

// Run shows the program until it is quit or ctx ends. It must be called on the
// main goroutine, once. It returns what went wrong when the node was closed.
func Run(ctx context.Context, h Host, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	a := &App{app: app.NewWithID(ID), host: h, opts: o, worker: frame.NewWorker(ctx, false)}
	a.app.Settings().SetTheme(look.New(look.ModeSystem, 1))
	a.base = a.app.NewWindow("")
	a.app.Lifecycle().SetOnStarted(a.started)
	a.worker.OnEnd(a.app.Quit)
	a.app.Run()
	cancel()
	a.worker.Wait()
	return h.Close()
}

// started is the first thing on the interface thread.
func (a *App) started() {
	a.open()
	frame.Ask(a.worker, func(ctx context.Context) (bool, error) { return a.host.Made(), nil }, func(made bool, _ error) {
		if !a.opts.Hidden || !made {
			a.Raise()
		}
	})
}

// open opens the home, and follows its node.
func (a *App) open() {
	a.err = nil
	frame.Ask(a.worker, a.host.Open, func(n *node.Node, err error) {
		if err != nil {
			a.err = err
			a.show()
			return
		}
		a.node, a.feed = n, frame.NewFeed(n, time.Now)
		a.worker.Go(func(ctx context.Context) error {
			a.feed.Run(ctx)
			return nil
		}, func(error) {})
		a.show()
	})
}

// Raise opens the window, or brings it to the front.
func (a *App) Raise() {
	if a.window != nil {
		a.window.Show()
		a.window.RequestFocus()
		return
	}
	a.window = a.app.NewWindow("Meadow")
	a.window.Resize(fyne.NewSize(1000, 680))
	a.window.CenterOnScreen()
	a.window.SetOnClosed(a.closed)
	a.show()
	a.window.Show()
}

// show fills the window with what the phase is.
func (a *App) show() {
	switch {
	case a.window == nil:
	case a.node != nil:
		a.frame = frame.New(a.app, a.window, a.node, a.feed, a.worker, Screens(a.node))
		a.feed.Seen(true)
		a.frame.Go(frame.Place{Screen: frame.Home})
	case a.err != nil:
		text := widget.NewLabel(frame.Sentence(node.AsError(a.err)))
		text.Wrapping = fyne.TextWrapWord
		a.window.SetContent(container.NewPadded(text))
	default:
		a.window.SetContent(container.NewCenter(widget.NewLabel(words.L("Opening your home"))))
	}
}

// closed gives back what the window had.
func (a *App) closed() {
	if a.frame != nil {
		a.frame.Close()
		a.feed.Seen(false)
	}
	a.window, a.frame = nil, nil
	a.worker.Go(func(context.Context) error {
		debug.FreeOSMemory()
		return nil
	}, func(error) {})
}
