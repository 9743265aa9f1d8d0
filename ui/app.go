// Package ui is the window: it runs the toolkit, opens and closes the window, and
// keeps what outlives it, the node's news and the tray.
//
// [App] goes through phases: another process has the home, the home is being opened,
// it is open, or it can't be; package gate draws all but the open one. The screens are
// packages below this one and know only ui/frame. A window that is closed is given up
// whole, with all that its screens hold; a new one is built when it is opened again.
package ui

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"meadow/core/node"
	"meadow/ui/carry"
	"meadow/ui/frame"
	"meadow/ui/gate"
	"meadow/ui/meet"
	"meadow/ui/notify"
	"meadow/ui/settings"
	"meadow/ui/tray"
	"meadow/ui/words"
)

// ID is the program's name among the desktop's applications.
const ID = "org.mee.meadow"

// Options are how the program starts.
type Options struct {
	Hidden bool   // in the tray, if there is one
	Ticket string // or a link, or a drop's file, to be opened; "" if none
	Probe  string // where tests look into the window, in builds that let them
}

// App is the program with a window. All of it belongs to the interface thread.
type App struct {
	app    fyne.App
	host   Host
	opts   Options
	ctx    context.Context // of all work
	worker *frame.Worker
	tray   *tray.Tray

	node     *node.Node
	feed     *frame.Feed
	endFeed  func()
	teller   *notify.Teller
	state    gate.State // as long as there is no node
	fresh    bool       // there is no home yet
	unpaired bool       // the home belongs to no account yet
	ticket   string     // or a link or a drop, to be opened when there is a node
	place    frame.Place
	carrier  *carry.Carrier
	crash    string // the file about it, to be told when there is a frame

	base   fyne.Window // never shown: the toolkit ends with the last window
	window fyne.Window
	frame  *frame.Frame
	gate   *gate.Gate
	early  early // what is shown before there is a frame

	trayThere bool   // the desktop shows icons
	trayKnown bool   // trayThere has been found out
	forget    func() // ends what happens a while after the window was closed
}

// Run shows the program until it is quit or ctx ends. It must be called on the
// main goroutine, once. It returns what went wrong when the node was closed.
func Run(ctx context.Context, h Host, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	a := &App{
		app: app.NewWithID(ID), host: h, opts: o, ctx: ctx, worker: frame.NewWorker(ctx, false),
		state: gate.State{Phase: gate.Opening}, ticket: o.Ticket, forget: func() {},
	}
	settings.Dress(a.app)
	a.tray = tray.New(a.worker, a.chosen)
	a.base = a.app.NewWindow("")
	a.app.Lifecycle().SetOnStarted(a.started)
	a.worker.OnEnd(a.app.Quit)
	stopped := takeStopped(a.app)
	a.app.Run()
	stopped()
	cancel()
	a.worker.Wait()
	return h.Close()
}

// takeStopped takes over what the toolkit has done last, which saves preferences: it
// would be queued while the queue is being closed, and ends the program by a fault or
// not at all if that goes wrong.
func takeStopped(a fyne.App) (stopped func()) {
	l, ok := a.Lifecycle().(interface {
		OnStopped() func()
		SetOnStoppedHookExecuted(hook func())
	})
	if !ok || l.OnStopped() == nil {
		return func() {}
	}
	stopped = l.OnStopped()
	l.SetOnStoppedHookExecuted(nil)
	return stopped
}

// started is the first thing on the interface thread.
func (a *App) started() {
	a.startTray()
	a.crash = a.host.Crash()
	a.probe()
	a.begin()
	if a.opts.Hidden {
		a.worker.Doze(true)
	} else {
		a.Raise()
	}
}

// begin takes the home, and opens it.
func (a *App) begin() {
	a.set(gate.State{Phase: gate.Opening})
	calls := Calls{
		Raise: func(ticket string) { a.worker.Do(func() { a.OpenTicket(ticket) }) },
		Stop:  func() { a.worker.Do(a.app.Quit) },
	}
	a.worker.Go(func(ctx context.Context) error { return a.host.Begin(ctx, calls) }, func(err error) {
		var e *node.Error
		switch {
		case err == nil:
			a.begun()
		case errors.Is(err, ErrRaised):
			a.app.Quit()
		case errors.As(err, &e) && e.Code == node.CodeNoWindow:
			a.set(gate.State{Phase: gate.Busy})
			a.worker.Go(a.host.Free, func(err error) {
				if err == nil {
					a.begin()
				}
			})
		default:
			a.failed(err)
		}
	})
}

// begun opens the home, or begins with making one.
func (a *App) begun() {
	frame.Ask(a.worker, func(context.Context) (bool, error) { return a.host.Made(), nil }, func(made bool, _ error) {
		if made {
			a.open()
			return
		}
		a.fresh = true
		a.tray.Show(tray.MenuOf(nil, words.L("Waiting for its first steps")))
		a.Raise()
		a.show()
	})
}

// made is called when the first run has made a home.
func (a *App) made() {
	a.fresh = false
	a.open()
}

// joined is called when this device has become one of an account's.
func (a *App) joined() {
	a.unpaired = false
	a.feed.Look()
	a.show()
	a.openTicket()
}

// unmake goes back from joining to the first choice.
func (a *App) unmake() {
	n := a.node
	a.endFeed()
	a.closeEarly()
	a.node, a.feed, a.unpaired = nil, nil, false
	a.set(gate.State{Phase: gate.Opening})
	a.worker.Go(func(ctx context.Context) error { return a.host.Unmake(ctx, n) }, func(err error) {
		if err != nil {
			a.failed(err)
			return
		}
		a.begun()
	})
}

// open opens the home, and follows its node.
func (a *App) open() {
	a.set(gate.State{Phase: gate.Opening})
	var n *node.Node
	unpaired := false
	frame.Follow(a.worker, func(ctx context.Context, emit func(gate.State) error) (err error) {
		n, err = a.host.Open(ctx, func(s gate.State) { _ = emit(s) })
		if err != nil {
			return err
		}
		s, err := n.Status(ctx)
		unpaired = s.Custodian == nil
		return err
	}, a.set, func(err error) {
		if err != nil {
			a.failed(err)
			return
		}
		a.unpaired = unpaired
		a.opened(n)
	})
}

// opened has the window show a node that runs.
func (a *App) opened(n *node.Node) {
	ctx, end := context.WithCancel(a.ctx)
	a.node, a.feed = n, frame.NewFeed(n, time.Now)
	a.teller = a.newTeller()
	a.carrier = carry.New(a.worker, n, func(text string) { a.notify("Meadow", text) })
	unsubscribe := a.feed.Subscribe(a.update)
	a.endFeed = func() {
		end()
		unsubscribe() // what the feed still has on its way isn't so any more
	}
	for _, run := range []func(context.Context){a.feed.Run, a.teller.Run} {
		a.worker.Go(func(context.Context) error {
			run(ctx)
			return nil
		}, func(error) {})
	}
	a.worker.Go(a.host.Ended, func(err error) {
		if a.node == n { // it wasn't taken back
			a.ended(err)
		}
	})
	a.show()
	a.openTicket()
}

// ended takes back what shows a node that is no more.
func (a *App) ended(err error) {
	a.endFeed()
	if a.frame != nil {
		a.frame.Close()
		a.carrier.Closed()
		a.frame = nil
	}
	a.closeEarly()
	a.node, a.feed = nil, nil
	if err == nil {
		err = &node.Error{
			Code: node.CodeInternal, Message: words.L("Meadow's work has ended by itself; what was done is kept"), Hint: words.L("try again"),
		}
	}
	a.failed(err)
}

func (a *App) failed(err error) {
	e := node.AsError(err)
	a.set(gate.State{Phase: gate.Failed, Err: e})
	if a.window == nil && a.opts.Hidden {
		a.Raise() // somebody has to see it
	}
}

// set shows why there is no node to show.
func (a *App) set(s gate.State) {
	a.state = s
	a.tray.Show(tray.MenuOf(nil, s.Title()))
	a.show()
}

// stopOther has the other Meadow ended; begin waits for that already.
func (a *App) stopOther() {
	a.set(gate.State{Phase: gate.Stopping})
	a.worker.Go(a.host.StopOther, func(err error) {
		if err != nil && a.state.Phase == gate.Stopping {
			a.failed(err)
		}
	})
}

// retry tries to open the home again.
func (a *App) retry() {
	if a.state.Phase == gate.Failed {
		a.begin()
	}
}

// OpenTicket raises the window, and opens a ticket of another device or of a person, a
// link or a drop there as soon as it can; "" only raises.
func (a *App) OpenTicket(ticket string) {
	if ticket != "" {
		a.ticket = ticket
	}
	a.Raise()
	a.openTicket()
}

func (a *App) openTicket() {
	if a.ticket == "" || a.frame == nil {
		return
	}
	ticket := a.ticket
	a.ticket = ""
	if a.carrier.Given(ticket) {
		return
	}
	screen := frame.Add
	if _, ok := meet.Ticket(ticket); ok {
		screen = frame.AddPerson
	}
	a.frame.Go(frame.Place{Screen: screen, Item: ticket})
}

// update has what outlives the window follow the news.
func (a *App) update(now *frame.Now) {
	if a.unpaired {
		a.tray.Show(tray.MenuOf(nil, words.L("Not joined to your other devices yet")))
		return
	}
	a.tray.Show(tray.MenuOf(now, ""))
	a.teller.Hear(now, a.watched())
}
