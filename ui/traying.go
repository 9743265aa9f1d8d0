package ui

import (
	"context"
	"time"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/tray"
)

// trayGrace is how long a desktop that starts, or that starts its panel again, may
// take until it shows icons.
const trayGrace = 8 * time.Second

// startTray shows the icon and follows whether the desktop does.
func (a *App) startTray() {
	shower := tray.Desktop(a.app, a.worker, func() { a.worker.Do(a.Raise) })
	a.worker.Go(func(ctx context.Context) error {
		a.tray.Run(ctx, shower)
		return nil
	}, func(error) {})
	frame.Follow(a.worker, tray.Watch, a.trayIs, func(error) {})
}

// trayIs takes the news whether the desktop shows icons. Without, a Meadow whose
// window is closed couldn't be reached.
func (a *App) trayIs(there bool) {
	a.trayThere, a.trayKnown = there, true
	if there || a.window != nil {
		return
	}
	end := func() {}
	end = a.worker.Every(trayGrace, func() {
		end()
		if !a.trayThere && a.window == nil {
			a.make()
			a.window.Show()
			minimise(a.window)
		}
	})
}

// chosen does what a row of the tray's menu says.
func (a *App) chosen(r tray.Row) {
	switch r.Do {
	case tray.Open:
		a.Raise()
	case tray.Needs:
		a.visit(frame.Place{Screen: frame.Home})
	case tray.Add:
		a.visit(frame.Place{Screen: frame.Add})
	case tray.Pause:
		a.pause(frame.PauseChoices(time.Now())[r.Choice].For)
	case tray.Resume:
		a.ask(func(ctx context.Context, n *node.Node) (node.Status, error) { return n.Resume(ctx) })
	case tray.Quit:
		a.quit()
	}
}

// quit is how somebody who looks ends Meadow: what goes by hand is asked about before it
// is cut off.
func (a *App) quit() {
	if a.node == nil || !a.carrier.Works() {
		a.app.Quit()
		return
	}
	a.Raise()
	a.carrier.AskQuit(a.app.Quit)
}

// visit raises the window at a place.
func (a *App) visit(p frame.Place) {
	a.Raise()
	if a.frame != nil {
		a.frame.Go(p)
	}
}

func (a *App) pause(d time.Duration) {
	a.ask(func(ctx context.Context, n *node.Node) (node.Status, error) { return n.Pause(ctx, d) })
}

// ask asks something of the node; a failure is told where somebody looks.
func (a *App) ask(what func(context.Context, *node.Node) (node.Status, error)) {
	if a.node == nil {
		return
	}
	n, feed := a.node, a.feed
	frame.Ask(a.worker, func(ctx context.Context) (node.Status, error) { return what(ctx, n) }, func(_ node.Status, err error) {
		feed.Look()
		switch {
		case err == nil:
		case a.frame != nil:
			a.frame.Fail(err)
		default:
			a.notify("Meadow", frame.Sentence(node.AsError(err)))
		}
	})
}
