// Package transfers shows what moves between this device and others: what comes in
// and what goes out, file by file, how fast and for how long, and of all that lies
// still the reason why.
//
// The node is asked once a second, and only while the screen is shown.
package transfers

import (
	"context"
	"reflect"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// Node is what the screen needs of a node.
type Node interface {
	Transfers(ctx context.Context) (node.Transfers, error)
}

const every = time.Second

// Screen is the screen.
type Screen struct {
	frame *frame.Frame
	node  Node

	title   *look.SectionTitle
	in, out *column
	empty   *look.Empty
	content *fyne.Container

	shown  *model
	asking bool
	up     bool
	end    func()
}

// New returns the screen.
func New(f *frame.Frame, n Node) *Screen { return &Screen{frame: f, node: n} }

// Content implements frame.Screen.
func (s *Screen) Content() fyne.CanvasObject {
	if s.content == nil {
		s.build()
	}
	return s.content
}

func (s *Screen) build() {
	s.title = look.NewSectionTitle(words.L("Transfers"), nil)
	s.in = newColumn(s, words.L("Coming in"), words.L("Nothing is on its way here."))
	s.out = newColumn(s, words.L("Going out"), words.L("No other device fetches anything."))
	s.empty = look.NewEmpty(look.DrawingTransfers, words.L("Nothing is moving. Everything is here."),
		look.Action{Text: words.L("See what happened"), Icon: look.IconActivity, Do: func() { s.frame.Go(frame.Place{Screen: frame.Activity}) }})
	s.empty.Hide()
	s.content = container.New(sides{s}, s.title, s.in.card, s.out.card, s.empty)
}

// Shown implements frame.Screen.
func (s *Screen) Shown(frame.Place) {
	if s.up {
		return
	}
	s.up = true
	s.end = s.frame.Worker.Every(every, s.ask)
	s.ask()
}

func (s *Screen) ask() {
	if s.asking {
		return
	}
	s.asking = true
	frame.Ask(s.frame.Worker, s.node.Transfers, func(t node.Transfers, err error) {
		s.asking = false
		if err == nil && s.up && s.frame.Now() != nil { // else the next look tells
			s.put(newModel(t, s.frame.Time()))
		}
	})
}

func (s *Screen) put(m model) {
	if s.shown != nil && reflect.DeepEqual(*s.shown, m) {
		return
	}
	s.shown = &m
	s.in.set(m.in)
	s.out.set(m.out)
	s.in.card.Hidden, s.out.card.Hidden, s.empty.Hidden = m.nothing, m.nothing, !m.nothing
	s.content.Refresh()
}

// Update implements frame.Screen: what moves is asked for by the clock.
func (s *Screen) Update(*frame.Now) {
	if s.shown == nil {
		s.ask()
	}
}

// Hidden implements frame.Screen.
func (s *Screen) Hidden() {
	s.up = false
	if s.end != nil {
		s.end()
	}
}

// column is one direction.
type column struct {
	screen *Screen
	card   *look.Card
	rate   *look.Text
	total  *look.Text
	none   *look.Paragraph
	list   *keys.List
	rows   []row
}

func newColumn(s *Screen, title, none string) *column {
	c := &column{screen: s, rate: look.NewText("", "", ""), total: look.NewCaption(""), none: look.NewParagraph(none, look.ColorMuted)}
	c.rate.Style.Bold = true
	c.list = keys.NewList(
		func() int { return len(c.rows) },
		func() fyne.CanvasObject { return newLine() },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*line).set(c.rows[i]) },
	)
	c.list.HideSeparators = true
	c.list.OnSelected = func(i widget.ListItemID) {
		c.list.Unselect(i)
		s.frame.Go(c.rows[i].place)
	}
	c.card = look.NewListCard(title, container.New(noneLayout{}, c.list, c.none))
	c.card.Trail = container.NewHBox(c.total, c.rate)
	return c
}

func (c *column) set(s side) {
	c.rows = s.rows
	c.rate.SetText(s.rate)
	c.total.SetText(s.total)
	c.total.Hidden, c.rate.Hidden = s.total == "", s.rate == ""
	c.none.Hidden = len(s.rows) > 0
	c.list.Refresh()
	c.card.Refresh()
}

// noneLayout gives the list all the room, and sets what is said of an empty one
// where its first row would be.
type noneLayout struct{}

// Layout implements fyne.Layout.
func (noneLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	margin := theme.Size(look.SizeM)
	objects[0].Resize(size)
	objects[1].Move(fyne.NewPos(margin, theme.Size(look.SizeXS)))
	objects[1].Resize(fyne.NewSize(max(0, size.Width-2*margin), objects[1].MinSize().Height))
}

// MinSize implements fyne.Layout.
func (noneLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, 40) }

// sides sets the directions beside each other, or below each other where there isn't
// room for both.
type sides struct{ s *Screen }

// beside is the width from which on both have room.
const beside = 660

// Layout implements fyne.Layout.
func (l sides) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	margin, gap := theme.Size(look.SizeXL), theme.Size(look.SizeL)
	head := l.s.title.MinSize().Height
	width := min(size.Width-2*margin, 1240)
	x := (size.Width - width) / 2
	l.s.title.Resize(fyne.NewSize(width, head))
	l.s.title.Move(fyne.NewPos(x, margin))
	top := margin + head + gap
	rest := max(0, size.Height-top-margin)
	l.s.empty.Resize(fyne.NewSize(width, rest))
	l.s.empty.Move(fyne.NewPos(x, top))
	in, out := l.s.in, l.s.out
	if size.Width >= beside {
		half := (width - gap) / 2
		in.place(x, top, half, min(in.high(), rest))
		out.place(x+half+gap, top, half, min(out.high(), rest))
		return
	}
	below := min(out.high(), max(rest*0.4, rest-gap-in.high()))
	above := min(in.high(), rest-gap-below)
	in.place(x, top, width, above)
	out.place(x, top+above+gap, width, below)
}

// high is how high a column would be with all its rows.
func (c *column) high() float32 {
	rows := max(len(c.rows), 1)
	return float32(rows)*(newLine().MinSize().Height+theme.Size(theme.SizeNamePadding)) + 4*theme.Size(look.SizeL)
}

func (c *column) place(x, y, width, height float32) {
	c.card.Resize(fyne.NewSize(width, height))
	c.card.Move(fyne.NewPos(x, y))
}

// MinSize implements fyne.Layout.
func (sides) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(320, 240) }
