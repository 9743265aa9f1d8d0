package home

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// section is a card with the first lines of a list, and a button to all of it.
type section struct {
	screen *Screen
	card   *look.Card
	rows   []*look.LinkRow // as many as were ever needed
	box    *fyne.Container
	none   *look.Paragraph
	all    *look.Button
	foot   *fyne.Container
	low    bool // rows are without a subtitle
	lines  []line
}

// newSection returns a section; whole is where all of the list is, if it is longer,
// and none what is said if it is empty.
func newSection(s *Screen, title string, trail fyne.CanvasObject, whole frame.Place, none string) *section {
	c := &section{screen: s, none: look.NewParagraph(none, look.ColorMuted)}
	c.all = look.NewQuietButton("", look.IconChevronRight, s.goTo(whole))
	c.foot = container.NewHBox(c.all, layout.NewSpacer())
	c.box = container.NewVBox(room(c.none), c.foot)
	c.card = look.NewListCard(title, c.box)
	c.card.Trail = trail
	return c
}

// set shows lines, at most so many of them.
func (c *section) set(lines []line, most int) {
	c.lines = lines[:min(len(lines), most)]
	for len(c.rows) < len(c.lines) {
		i := len(c.rows)
		row := look.NewLinkRow(look.RowData{}, func() { c.screen.frame.Go(c.lines[i].place) })
		row.Low = c.low
		c.rows = append(c.rows, row)
	}
	objects := make([]fyne.CanvasObject, 0, len(c.lines)+2)
	for i, l := range c.lines {
		c.rows[i].Set(l.row)
		objects = append(objects, c.rows[i])
	}
	if len(lines) == 0 {
		objects = append(objects, room(c.none))
	}
	if len(lines) > most {
		c.all.SetText(words.L("Show all {{.Count}}", "Count", words.Number(int64(len(lines)))))
		objects = append(objects, c.foot)
	}
	c.box.Objects = objects
	c.box.Refresh()
	c.card.Refresh()
}

// room puts around an object what a row of a list has around its text.
func room(o fyne.CanvasObject) fyne.CanvasObject {
	m := theme.Size(look.SizeM)
	return container.New(layout.NewCustomPaddedLayout(m, m, m, m), o)
}
