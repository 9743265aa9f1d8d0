package ui

import (
	"context"
	"net/url"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/eye"
	"meadow/ui/first"
	"meadow/ui/frame"
	"meadow/ui/gate"
	"meadow/ui/look"
	"meadow/ui/words"
)

// preferTold is a preference: that closing leaves the tray has been said.
const preferTold = "told-of-tray"

// Raise opens the window, or brings it to the front.
func (a *App) Raise() {
	if a.window != nil {
		restore(a.window)
		a.window.Show()
		a.window.RequestFocus()
		return
	}
	a.make()
	a.window.Show()
	a.window.RequestFocus()
	a.painted()
}

// make makes the window, which is looked at from now on, however it was asked for.
func (a *App) make() {
	a.forget()
	a.worker.Doze(false)
	a.window = a.app.NewWindow("Meadow")
	a.window.SetPadded(false)
	a.window.Resize(fyne.NewSize(1000, 680))
	a.window.CenterOnScreen()
	a.window.SetOnClosed(a.closed)
	a.window.SetCloseIntercept(a.shut)
	a.show()
}

// show fills the window with what the phase is.
func (a *App) show() {
	switch {
	case a.window == nil:
	case a.fresh:
		a.closeGate()
		if a.early == nil {
			a.early = first.New(a.window, a.worker, a.host, a.made)
		}
	case a.node != nil && a.unpaired:
		a.closeGate()
		a.closeEarly()
		j := first.NewJoin(a.window, a.worker, a.node, time.Now, a.joined)
		j.OnBack(a.unmake)
		a.early = j
	case a.node != nil:
		a.closeGate()
		a.closeEarly()
		a.frame = frame.New(a.app, a.window, a.node, a.feed, a.worker, Screens(a.node, a.host, eye.Here(), a.carrier))
		a.frame.Shut, a.frame.Quit = a.shut, a.quit
		a.frame.Late = func(text string) { a.notify("Meadow", text) }
		a.carrier.Opened(a.frame)
		a.feed.Seen(true)
		a.frame.Go(a.place)
		a.tellCrash()
	default:
		a.closeEarly()
		if a.gate == nil {
			a.gate = gate.New(gate.Actions{Retry: a.retry, Stop: a.stopOther, Quit: a.app.Quit})
			a.window.SetContent(a.gate.Content())
		}
		a.gate.Set(a.state)
		a.gate.Focus(a.window.Canvas())
	}
}

// early is what the window shows before there is a frame, with work of its own.
type early interface{ Close() }

func (a *App) closeEarly() {
	if a.early != nil {
		a.early.Close()
		a.early = nil
	}
}

func (a *App) closeGate() {
	if a.gate != nil {
		a.gate.Close()
		a.gate = nil
	}
}

// shut is what closing the window means: with an icon in the tray it goes and
// Meadow goes on, without one it is made small, for nothing else would show that
// Meadow runs. A window that waits for nothing but a person ends with Meadow.
func (a *App) shut() {
	switch {
	case a.window == nil: // it was closed twice
	case a.fresh || a.node == nil && !a.state.Works():
		a.app.Quit()
	case a.trayThere:
		a.window.Close()
		a.tellOfTray()
	default:
		minimise(a.window)
	}
}

// tellOfTray says once where Meadow has gone.
func (a *App) tellOfTray() {
	p := a.app.Preferences()
	if p.Bool(preferTold) {
		return
	}
	p.SetBool(preferTold, true)
	a.notify(words.L("Meadow goes on in the tray"), words.L("Your folders stay in step. Choose its icon to open the window again, or to quit."))
}

// closed gives back what the window had.
func (a *App) closed() {
	if a.frame != nil {
		a.place = frame.Place{Screen: frame.Home}
		a.frame.Close()
		a.carrier.Closed()
		a.feed.Seen(false)
	}
	a.closeGate()
	a.closeEarly()
	a.window, a.frame = nil, nil
	a.rest()
}

// The toolkit lets go of a window at its next look, and of what it has kept for
// drawing a minute after it was last drawn.
const (
	restAfter  = 2 * time.Second
	toolkitHas = 75 * time.Second
)

// rest has the memory given back and the interface thread doze, unless a window is
// opened before.
func (a *App) rest() {
	end := func() {}
	end = a.worker.Every(restAfter, func() {
		end()
		a.worker.Doze(true)
		a.free()
		end = a.worker.Every(toolkitHas, func() {
			end()
			a.free()
		})
	})
	a.forget = func() { end() }
}

func (a *App) free() {
	a.worker.Go(func(context.Context) error {
		debug.FreeOSMemory()
		trim()
		return nil
	}, func(error) {})
}

// tellCrash tells once that the last run ended by a fault, and leads to what is known.
func (a *App) tellCrash() {
	if a.crash == "" {
		return
	}
	folder := filepath.ToSlash(filepath.Dir(a.crash))
	if !strings.HasPrefix(folder, "/") { // a drive
		folder = "/" + folder
	}
	a.frame.FailWith(crashed(a.crash), look.Action{Text: words.L("Show"), Do: func() {
		a.worker.Go(func(context.Context) error { return a.app.OpenURL(&url.URL{Scheme: "file", Path: folder}) }, a.frame.Fail)
	}})
	a.crash = ""
}

// crashed is how it is told that the last run ended by a fault.
func crashed(file string) error {
	return &node.Error{
		Code: node.CodeInternal, Message: words.L("the last time Meadow ended by a fault of its own; nothing is lost that was saved"),
		Hint: words.L("what is known about it is in {{.File}}", "File", words.Shown(file)),
	}
}
