package home

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// needsCard lists what needs the user, but for holds: they have banners of their own.
type needsCard struct {
	screen *Screen
	card   *look.Card
	rows   []*needRow // as many as were ever needed
	box    *fyne.Container
	all    *look.Button
	needs  []need
}

func newNeedsCard(s *Screen) *needsCard {
	c := &needsCard{screen: s, box: container.NewVBox()}
	c.all = look.NewQuietButton("", look.IconChevronRight, s.goTo(frame.Place{Screen: frame.Home, Item: allNeeds}))
	c.card = look.NewListCard(words.L("Needs you"), c.box)
	return c
}

// set shows the first of all needs, some of which are shown as holds already.
func (c *needsCard) set(needs []need, holds int) {
	c.needs = c.needs[:0:0]
	for _, n := range needs {
		if n.hold == "" && len(c.needs) < needsShown {
			c.needs = append(c.needs, n)
		}
	}
	c.card.Hidden = len(needs) == holds
	for len(c.rows) < len(c.needs) {
		i := len(c.rows)
		c.rows = append(c.rows, newNeedRow(func() { c.screen.frame.Go(c.needs[i].place) }))
	}
	objects := make([]fyne.CanvasObject, 0, 2*len(c.needs)+1)
	for i, n := range c.needs {
		c.rows[i].set(n)
		if i > 0 {
			objects = append(objects, widget.NewSeparator())
		}
		objects = append(objects, c.rows[i])
	}
	if len(needs) > len(c.needs)+holds {
		c.all.SetText(words.L("Show all {{.Count}}", "Count", words.Number(int64(len(needs)))))
		objects = append(objects, container.NewHBox(c.all))
	}
	c.box.Objects = objects
	c.box.Refresh()
	c.card.Refresh()
}

// needRow is one need: what it is, what is kept, and its button.
type needRow struct {
	widget.BaseWidget
	icon   *look.StateIcon
	title  *look.Paragraph
	text   *look.Paragraph
	button *look.Button
	shown  need
}

var (
	_ fyne.Widget     = (*needRow)(nil)
	_ fyne.Accessible = (*needRow)(nil)
)

func newNeedRow(do func()) *needRow {
	r := &needRow{
		icon: look.NewStateIcon(look.ToneMuted, "", ""), title: look.NewStrongParagraph("", ""), text: look.NewParagraph("", look.ColorMuted),
		button: look.NewButton("", "", do),
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *needRow) set(n need) {
	if r.shown == n {
		return
	}
	r.shown = n
	r.icon.Set(n.tone, n.icon, "")
	r.title.SetText(n.title)
	r.text.SetText(n.text)
	r.button.SetText(n.verb)
	r.Refresh()
}

// AccessibilityLabel implements fyne.Accessible.
func (r *needRow) AccessibilityLabel() string { return r.shown.title + ". " + r.shown.text }

// AccessibilityRole implements fyne.Accessible.
func (r *needRow) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

// CreateRenderer implements fyne.Widget.
func (r *needRow) CreateRenderer() fyne.WidgetRenderer { return &needRenderer{r} }

type needRenderer struct{ row *needRow }

// needNarrow is the width below which the button stands below the text.
const needNarrow = 460

// measure lays the row out in a width and returns its height.
func (r *needRenderer) measure(width float32) float32 {
	margin, between := theme.Size(look.SizeM), theme.Size(look.SizeM)
	icon, button := theme.Size(look.SizeIconBig)*0.95, r.row.button.MinSize()
	left := margin + icon + between
	reading := width - left - margin
	narrow := width < needNarrow
	if !narrow {
		reading -= button.Width + between
	}
	y := margin * 0.75
	for _, p := range []*look.Paragraph{r.row.title, r.row.text} {
		height := p.HeightIn(reading)
		p.Resize(fyne.NewSize(reading, height))
		p.Move(fyne.NewPos(left, y))
		y += height
	}
	text := y + margin*0.75
	r.row.icon.Resize(fyne.NewSquareSize(icon))
	r.row.icon.Move(fyne.NewPos(margin, max(margin*0.75, (text-icon)/2)))
	r.row.button.Resize(button)
	if narrow {
		r.row.icon.Move(fyne.NewPos(margin, margin*0.75))
		r.row.button.Move(fyne.NewPos(left, y+margin/2))
		return y + margin*1.25 + button.Height
	}
	height := max(text, icon+margin*1.5)
	r.row.button.Move(fyne.NewPos(width-margin-button.Width, (height-button.Height)/2))
	return height
}

func (r *needRenderer) Layout(size fyne.Size) { r.measure(size.Width) }

func (r *needRenderer) MinSize() fyne.Size {
	width := r.row.Size().Width
	if width == 0 {
		width = needNarrow
	}
	return fyne.NewSize(200, r.measure(width))
}

func (r *needRenderer) Refresh() {
	r.row.icon.Refresh()
	r.row.title.Refresh()
	r.row.text.Refresh()
	r.row.button.Refresh()
	r.Layout(r.row.Size())
}

func (r *needRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.row.icon, r.row.title, r.row.text, r.row.button}
}

func (r *needRenderer) Destroy() {}
