// Package settings is the screen of what one can set, and of what Meadow is: one page
// of sections, with a list of them at the left that leads there.
//
// A section is a struct of its own with named widgets. What is set is set at once;
// what can't be taken back is asked about before, with what it would do. What the
// sections offer and say is in model.go, without widgets.
package settings

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// Node is what the screen needs of a node.
type Node interface {
	Settings(ctx context.Context, c node.SettingsChange) (node.Settings, error)
	CheckWords(ctx context.Context, words string) (node.WordsCheck, error)
	DeviceRename(ctx context.Context, device, name string) (node.Device, error)
	Picture(ctx context.Context) ([]byte, error)
	SetPicture(ctx context.Context, image []byte) error
}

// Host is what the screen needs of the program around it. Its methods are called
// beside the interface thread.
type Host interface {
	AtLogin() (bool, error)
	SetAtLogin(on bool) error
	About() About
}

// About is where this Meadow keeps things.
type About struct {
	Home string // its folder
	Log  string // its log, "" if none is kept
}

// Items of the screen's place that others lead to.
const (
	Folders = "folders"
	History = "history"
	Words   = "words"
)

// section is one part of the page.
type section interface {
	name() string // of a place
	title() string
	content() fyne.CanvasObject
	// put shows what is so; now is nil before anything is known.
	put(now *frame.Now)
}

// Screen is the page.
type Screen struct {
	frame *frame.Frame
	node  Node
	host  Host

	sections []section
	picture  *picture
	folders  *folders
	history  *history
	speed    *speed
	starting *starting
	check    *check
	about    *about

	index *keys.List
	page  *fyne.Container
	cards []*look.Card
	roll  *container.Scroll
	root  fyne.CanvasObject
	up    bool
	quiet bool // a row of the index is being shown, not chosen
}

// New returns the screen.
func New(f *frame.Frame, n Node, h Host) *Screen {
	s := &Screen{frame: f, node: n, host: h}
	s.folders, s.history, s.speed, s.starting, s.about = newFolders(s), newHistory(s), newSpeed(s), newStarting(s), newAbout(s)
	s.check, s.picture = newCheck(s), newPicture(s)
	s.sections = []section{
		newDevice(s), s.folders, newPausing(s), s.starting, newLooks(s), newTelling(s), s.speed, s.history, s.check, newShortcuts(), s.about,
	}
	return s
}

// Content implements frame.Screen.
func (s *Screen) Content() fyne.CanvasObject {
	if s.root == nil {
		s.build()
	}
	return s.root
}

func (s *Screen) build() {
	s.page = container.New(column{})
	for _, sec := range s.sections {
		card := look.NewCard(sec.title(), sec.content())
		s.cards = append(s.cards, card)
		s.page.Add(card)
	}
	s.roll = container.NewVScroll(container.New(margins{}, s.page))
	s.roll.OnScrolled = func(fyne.Position) { s.mark() }
	s.index = keys.NewList(
		func() int { return len(s.sections) },
		func() fyne.CanvasObject { return look.NewLowRow(look.RowData{}) },
		func(i widget.ListItemID, o fyne.CanvasObject) {
			o.(*look.Row).Set(look.RowData{Title: s.sections[i].title()})
		},
	)
	s.index.HideSeparators = true
	s.index.OnSelected = s.chosen
	rule := canvas.NewRectangle(nil)
	s.root = container.New(beside{}, s.index, rule, s.roll)
}

// Shown implements frame.Screen.
func (s *Screen) Shown(p frame.Place) {
	s.up = true
	s.put(s.frame.Now())
	s.ask()
	if p.Item == "" {
		s.show(0)
		return
	}
	for i, sec := range s.sections {
		if sec.name() == p.Item {
			s.show(i)
		}
	}
}

// ask gets what isn't in the news.
func (s *Screen) ask() {
	frame.Ask(s.frame.Worker, func(ctx context.Context) (node.Settings, error) {
		return s.node.Settings(ctx, node.SettingsChange{})
	}, s.got)
	s.picture.ask()
	frame.Ask(s.frame.Worker, func(context.Context) (bool, error) { return s.host.AtLogin() }, s.starting.got)
	frame.Ask(s.frame.Worker, func(context.Context) (About, error) { return s.host.About(), nil }, func(a About, _ error) {
		s.folders.home = a.Home
		s.about.log = a.Log
		s.put(s.frame.Now())
	})
}

// got takes the settings as they are, also after a change.
func (s *Screen) got(now node.Settings, err error) {
	if !s.up {
		return
	}
	if err != nil {
		s.frame.Fail(err)
		return
	}
	s.folders.historyBytes = now.HistoryBytes
	s.history.set(now)
	s.speed.set(now)
	s.put(s.frame.Now())
}

// change sets something, and shows what is so then; also if that failed.
func (s *Screen) change(c node.SettingsChange) {
	frame.Ask(s.frame.Worker, func(ctx context.Context) (node.Settings, error) {
		return s.node.Settings(ctx, c)
	}, func(now node.Settings, err error) {
		if err != nil {
			s.frame.Fail(err)
			s.ask()
			return
		}
		s.got(now, nil)
	})
}

// Update implements frame.Screen.
func (s *Screen) Update(now *frame.Now) {
	if now.Has("settings", "freed", "erased") {
		s.ask()
	}
	s.put(now)
}

// Hidden implements frame.Screen.
func (s *Screen) Hidden() {
	s.up = false
	s.check.forget()
}

func (s *Screen) put(now *frame.Now) {
	for _, sec := range s.sections {
		sec.put(now)
	}
}

// chosen scrolls to a section.
func (s *Screen) chosen(i widget.ListItemID) {
	if !s.quiet {
		s.show(i)
	}
}

// show scrolls so that a section is at the top.
func (s *Screen) show(i int) {
	s.page.Refresh()
	s.roll.Offset.Y = min(s.cards[i].Position().Y, max(0, s.roll.Content.Size().Height-s.roll.Size().Height))
	s.roll.Refresh()
	s.choose(i)
}

// mark shows in the index what is at the top.
func (s *Screen) mark() {
	at := 0
	for i, c := range s.cards {
		if c.Position().Y <= s.roll.Offset.Y+s.roll.Size().Height/3 {
			at = i
		}
	}
	s.choose(at)
}

func (s *Screen) choose(i int) {
	s.quiet = true
	s.index.Select(i)
	s.quiet = false
}

// title is a section's title.
func title(of string) string {
	switch of {
	case "device":
		return words.L("This device")
	case Folders:
		return words.L("Folders")
	case "pause":
		return words.L("Pause")
	case "start":
		return words.L("Starting")
	case "looks":
		return words.L("Looks and language")
	case "tell":
		return words.L("Notifications")
	case "speed":
		return words.L("Speed limits")
	case History:
		return words.L("History")
	case Words:
		return words.L("Your 24 words")
	case "keys":
		return words.L("Keys")
	}
	return words.L("About Meadow")
}
