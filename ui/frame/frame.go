// Package frame is the window around the screens: the rail at the left with the
// places that one can go to, the line at the bottom that says in words what Meadow
// does, messages that come and go, and sheets over the screen. It has the bridge
// between the interface thread and everything that takes time (bridge.go).
//
// A screen is a package of its own. It gets a [Frame], through which it asks for
// work ([Frame.Worker]), goes to other places ([Frame.Go]), tells of what was done
// ([Frame.Say]) and asks questions ([Frame.Confirm], [Frame.Sheet]). All its methods
// run on the interface thread, where nothing may wait.
package frame

import (
	"context"
	"errors"
	"image/color"
	"maps"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"meadow/core/node"
	"meadow/ui/look"
	"meadow/ui/words"
)

// Place is where one can go: a screen, and what of it.
type Place struct {
	Screen string // a name of the Entries
	Space  string // a space's id
	Path   string // in the space
	Item   string // what else a screen understands, such as a hold's id
}

// The screens that others lead to.
const (
	Home      = "home"
	Devices   = "devices"
	Add       = "add" // a device
	Space     = "space"
	People    = "people"
	AddPerson = "add-person"
	Access    = "access"
	Transfers = "transfers"
	Activity  = "activity"
	Settings  = "settings"
)

// Screen is one page of the window.
type Screen interface {
	// Content is made at the first call; it is the same ever after.
	Content() fyne.CanvasObject
	// Shown is called when the screen has come up, also when it was up already and
	// another place of it is wanted. What is so now is in Frame.Now.
	Shown(Place)
	// Update is called with what has changed, while the screen is up.
	Update(*Now)
	// Hidden is called when another screen comes up, and when the window closes.
	Hidden()
}

// Dropper is a screen that takes files dropped on the window.
type Dropper interface{ Dropped([]fyne.URI) }

// Finder is a screen that can be searched: Ctrl+F.
type Finder interface{ Find() }

// Backer is a screen with steps: Esc goes one back. It reports false if there is
// none.
type Backer interface{ Back() bool }

// Entry is a screen by its name.
type Entry struct {
	Name string
	Make func(*Frame) Screen
}

// Frame is the open window. All methods are for the interface thread.
type Frame struct {
	Worker *Worker
	Feed   *Feed
	App    fyne.App
	Window fyne.Window
	// Shut is called when the window is to be closed by a key; it is the owner's.
	Shut func()
	// Quit is called when Meadow is to be ended by a key; it is the owner's.
	Quit func()
	// Late is told what there is to say once the window has been closed; it is the
	// owner's, and may be nil.
	Late func(text string)
	// Takes has the first look at files that are dropped on the window, whatever is up,
	// and returns those that are the screen's; it is the owner's, and may be nil.
	Takes func(files []fyne.URI) (rest []fyne.URI)

	node    Node
	entries []Entry
	made    map[string]Screen
	place   Place
	screen  Screen

	rail   *rail
	status *statusBar
	toasts *toasts
	stack  *fyne.Container // what is up
	root   *fyne.Container // all of it
	sheets []*sheet
	closed bool
	faces  map[string]portrait // by custodian
	looks  appearance          // when a screen was last gone to
	end    func()              // of the subscription
}

// New fills a window. Nothing is asked of the node before the window's first
// update comes from the feed.
func New(a fyne.App, w fyne.Window, n Node, feed *Feed, worker *Worker, entries []Entry) *Frame {
	f := &Frame{
		Worker: worker, Feed: feed, App: a, Window: w,
		node: n, entries: entries, made: make(map[string]Screen), faces: make(map[string]portrait),
	}
	f.rail, f.status, f.toasts, f.stack = newRail(f), newStatusBar(f), newToasts(f), container.NewStack()
	f.root = container.New(rootLayout{f}, f.rail.content, f.stack, f.status.content, f.toasts.content)
	w.SetPadded(false)
	w.SetContent(look.NewTips(f.root))
	f.Shut, f.Quit = w.Close, a.Quit
	f.shortcuts()
	w.SetOnDropped(func(_ fyne.Position, files []fyne.URI) { f.dropped(files) })
	f.end = feed.Subscribe(f.update)
	return f
}

// Close ends what the window shows; the window itself is its owner's. What is done
// beside the interface thread goes on, and what it ends with is told through Late.
func (f *Frame) Close() {
	f.end()
	f.closed = true
	f.Window.SetOnDropped(nil)
	if f.screen != nil {
		f.screen.Hidden()
		f.screen = nil
	}
}

// Now is what is so, or nil before anything is known.
func (f *Frame) Now() *Now { return f.Feed.Now() }

// Time is when what is shown is so, also before anything is.
func (f *Frame) Time() time.Time {
	if now := f.Now(); now != nil {
		return now.At
	}
	return f.Feed.Clock()
}

// Place is where the window is.
func (f *Frame) Place() Place { return f.place }

// Go goes to a place. An unknown screen is the home.
func (f *Frame) Go(p Place) {
	if f.closed {
		return
	}
	f.forgetOld()
	s := f.made[p.Screen]
	for _, e := range f.entries {
		if s == nil && e.Name == p.Screen {
			s = e.Make(f)
			f.made[p.Screen] = s
		}
	}
	if s == nil {
		if p.Screen != Home {
			f.Go(Place{Screen: Home})
		}
		return
	}
	if s != f.screen && f.screen != nil {
		f.screen.Hidden()
	}
	f.place = p
	if s != f.screen {
		f.screen = s
		f.stack.Objects = []fyne.CanvasObject{s.Content()}
		f.stack.Refresh()
	}
	f.rail.went()
	s.Shown(p)
	if now := f.Now(); now != nil {
		s.Update(now)
	}
}

// Has reports whether there is a screen of a name.
func (f *Frame) Has(screen string) bool {
	return slices.ContainsFunc(f.entries, func(e Entry) bool { return e.Name == screen })
}

// appearance is what the toolkit draws anew in what is up, and not in what isn't.
type appearance struct {
	background color.Color
	text       float32
}

// forgetOld has screens made anew that aren't up and were made with another theme or
// size of text: nobody told their rows.
func (f *Frame) forgetOld() {
	looks := appearance{theme.Color(theme.ColorNameBackground), theme.TextSize()}
	if f.looks == looks {
		return
	}
	f.looks = looks
	maps.DeleteFunc(f.made, func(_ string, s Screen) bool { return s != f.screen })
}

func (f *Frame) update(now *Now) {
	f.rail.update(now)
	f.status.update(now)
	if f.screen != nil {
		f.screen.Update(now)
	}
}

func (f *Frame) dropped(files []fyne.URI) {
	if f.closed {
		return
	}
	if f.Takes != nil {
		files = f.Takes(files)
	}
	if d, ok := f.screen.(Dropper); ok && len(files) > 0 && !f.Covered() {
		d.Dropped(files)
	}
}

// Say tells of something that was done, for some seconds; with undo it offers to
// take it back.
func (f *Frame) Say(text string, undo func()) {
	f.SayWith(text, look.Action{Text: words.L("Undo"), Do: undo})
}

// SayWith is Say with something else that can be done about it; without Do there is
// nothing.
func (f *Frame) SayWith(text string, action look.Action) {
	if !f.closed {
		f.toasts.show(text, action, false)
	}
}

// Covered reports whether something is over the screen, which then has no use for
// keys, or whether the window is closed.
func (f *Frame) Covered() bool { return f.closed || f.Window.Canvas().Overlays().Top() != nil }

// late tells of something once the window is closed.
func (f *Frame) late(text string) {
	if f.Late != nil {
		f.Late(text)
	}
}

// relayout lays the window out again, when something over it has another size.
func (f *Frame) relayout() { rootLayout{f}.Layout(nil, f.root.Size()) }

// Fail tells what went wrong and what to do; what was cancelled isn't told.
func (f *Frame) Fail(err error) { f.FailWith(err, look.Action{}) }

// FailWith is Fail with something that can be done about it at once.
func (f *Frame) FailWith(err error, action look.Action) {
	if err == nil || errors.Is(err, context.Canceled) {
		return
	}
	text := Sentence(node.AsError(err))
	if f.closed {
		f.late(text)
		return
	}
	f.toasts.show(text, action, true)
}

// Sentence is an error as one reads it: what happened and what was kept, then what
// to do.
func Sentence(e *node.Error) string {
	text := Capital(words.Shown(e.Message))
	if e.Hint == "" {
		return text + "."
	}
	return text + ". " + Capital(words.Shown(e.Hint)) + "."
}
