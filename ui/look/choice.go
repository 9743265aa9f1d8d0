package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Choice is one of a few large things to choose between: an icon, what it is, and a
// sentence about it. It does something at once, or it stays chosen.
type Choice struct {
	control
	Icon        fyne.ThemeIconName
	Title, Text string
	chosen      bool
}

var (
	_ fyne.Widget     = (*Choice)(nil)
	_ fyne.Focusable  = (*Choice)(nil)
	_ fyne.Accessible = (*Choice)(nil)
)

// NewChoice returns a choice that does something when it is activated.
func NewChoice(icon fyne.ThemeIconName, title, text string, do func()) *Choice {
	c := &Choice{Icon: icon, Title: title, Text: text}
	c.OnTapped = do
	c.label = title + ". " + text
	c.extend(c)
	return c
}

// SetChosen marks the choice as the one that was made, or as not chosen.
func (c *Choice) SetChosen(chosen bool) {
	if c.chosen != chosen {
		c.chosen = chosen
		c.Refresh()
	}
}

// Chosen says whether it is the one that was made.
func (c *Choice) Chosen() bool { return c.chosen }

// Set says something else.
func (c *Choice) Set(title, text string) {
	if c.Title != title || c.Text != text {
		c.Title, c.Text, c.label = title, text, title+". "+text
		c.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (c *Choice) CreateRenderer() fyne.WidgetRenderer {
	r := &choiceRenderer{
		choice: c, surface: canvas.NewRectangle(nil), chip: canvas.NewRectangle(nil), icon: widget.NewIcon(nil),
		tick: widget.NewIcon(nil), title: NewShort("", "", ""), text: NewParagraph("", ColorMuted), halo: newHalo(),
	}
	r.title.Style.Bold = true
	r.Refresh()
	return r
}

type choiceRenderer struct {
	choice        *Choice
	surface, chip *canvas.Rectangle
	icon, tick    *widget.Icon
	title         *Text
	text          *Paragraph
	halo          halo
}

// left is where the words begin.
func (r *choiceRenderer) left() float32 {
	return size(SizeL, r.choice) + size(SizeIconBig, r.choice) + size(SizeM, r.choice)
}

func (r *choiceRenderer) MinSize() fyne.Size {
	pad := size(SizeL, r.choice)
	return fyne.NewSize(r.left()+size(SizeIconBig, r.choice)*4+pad, r.height())
}

// height is that of the words at the width that they have.
func (r *choiceRenderer) height() float32 {
	words := r.title.MinSize().Height + r.text.MinSize().Height + size(SizeXS, r.choice)
	return max(words, size(SizeIconBig, r.choice)) + 2*size(SizeL, r.choice)
}

func (r *choiceRenderer) Layout(s fyne.Size) {
	pad, big, small := size(SizeL, r.choice), size(SizeIconBig, r.choice), size(SizeIcon, r.choice)
	r.surface.Resize(s)
	r.halo.layout(s)
	left, wide := r.left(), s.Width-r.left()-pad
	r.text.Resize(fyne.NewSize(wide, r.text.Size().Height))
	title, text, gap := r.title.MinSize().Height, r.text.MinSize().Height, size(SizeXS, r.choice)
	top := max((s.Height-title-gap-text)/2, 0)
	r.title.Resize(fyne.NewSize(wide-small, title))
	r.title.Move(fyne.NewPos(left, top))
	r.text.Resize(fyne.NewSize(wide, text))
	r.text.Move(fyne.NewPos(left, top+title+gap))
	r.chip.Resize(fyne.NewSquareSize(big))
	r.chip.Move(fyne.NewPos(pad, (s.Height-big)/2))
	r.icon.Resize(fyne.NewSquareSize(small))
	r.icon.Move(fyne.NewPos(pad+(big-small)/2, (s.Height-small)/2))
	r.tick.Resize(fyne.NewSquareSize(small))
	r.tick.Move(fyne.NewPos(s.Width-size(SizeM, r.choice)-small, size(SizeM, r.choice)))
}

func (r *choiceRenderer) Refresh() {
	c := r.choice
	edge, width, chip, tone := ColorCardBorder, float32(1), ColorRailSelected, ToneGood
	if c.chosen {
		edge, width = theme.ColorNamePrimary, 2
	}
	if c.Disabled() {
		chip, tone = ColorMutedSoft, ToneMuted
	}
	radius := size(SizeCardRadius, c)
	r.surface.FillColor, r.surface.StrokeColor, r.surface.StrokeWidth = ink(ColorCard, c), ink(edge, c), width
	r.surface.CornerRadius = radius
	r.surface.Refresh()
	r.chip.FillColor, r.chip.CornerRadius = ink(chip, c), size(SizeRadius, c)
	r.chip.Refresh()
	r.icon.SetResource(IconIn(c.Icon, tone))
	r.tick.SetResource(IconIn(IconGood, ToneGood))
	r.tick.Hidden = !c.chosen
	r.title.ColorName = ""
	if c.Disabled() {
		r.title.ColorName = ColorMuted
	}
	r.title.SetText(c.Title)
	r.title.Refresh()
	r.text.SetText(c.Text)
	r.halo.refresh(&c.control, c, radius)
	r.Layout(c.Size())
	canvas.Refresh(c)
}

func (r *choiceRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.surface, r.halo.veil, r.chip, r.icon, r.tick, r.title, r.text, r.halo.ring}
}

func (r *choiceRenderer) Destroy() {}
