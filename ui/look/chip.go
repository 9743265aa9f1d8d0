package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// A Chip is a small choice that stands beside others, on or off: a filter, or one of
// several of which one is on. Its tick tells that it is on, not only its colour.
type Chip struct {
	control
	Text string
	Icon fyne.ThemeIconName // or none
	// OnChanged is called with what a click makes of it. The chip is on or off only
	// once Set says so if Held; otherwise at once.
	OnChanged func(on bool) `json:"-"`
	Held      bool

	on bool
}

var (
	_ fyne.Widget     = (*Chip)(nil)
	_ fyne.Focusable  = (*Chip)(nil)
	_ fyne.Accessible = (*Chip)(nil)
)

// NewChip returns a chip that is off.
func NewChip(text string, icon fyne.ThemeIconName, changed func(on bool)) *Chip {
	c := &Chip{Text: text, Icon: icon, OnChanged: changed}
	c.label = text
	c.OnTapped = c.turn
	c.extend(c)
	return c
}

// NewChips returns chips of which one is on, the first at first. Chosen is called with
// the number of the one that was clicked, also if it was on already.
func NewChips(chosen func(i int), texts ...string) []*Chip {
	chips := make([]*Chip, len(texts))
	for i, text := range texts {
		chips[i] = NewChip(text, "", func(bool) {
			Only(chips, i)
			chosen(i)
		})
		chips[i].Held = true
	}
	Only(chips, 0)
	return chips
}

// Only turns one of several chips on, and the others off; none if i is negative.
func Only(chips []*Chip, i int) {
	for j, c := range chips {
		c.Set(i == j)
	}
}

// Set turns the chip on or off.
func (c *Chip) Set(on bool) {
	if c.on != on {
		c.on = on
		c.Refresh()
	}
}

// On reports whether the chip is on.
func (c *Chip) On() bool { return c.on }

func (c *Chip) turn() {
	on := !c.on
	if !c.Held {
		c.Set(on)
	}
	if c.OnChanged != nil {
		c.OnChanged(on)
	}
}

// CreateRenderer implements fyne.Widget.
func (c *Chip) CreateRenderer() fyne.WidgetRenderer {
	r := &chipRenderer{chip: c, surface: canvas.NewRectangle(nil), halo: newHalo(), icon: NewPictogram(), text: NewText(c.Text, theme.SizeNameCaptionText, "")}
	r.text.Style.Bold = true
	r.Refresh()
	return r
}

type chipRenderer struct {
	chip    *Chip
	surface *canvas.Rectangle
	halo    halo
	icon    *Pictogram
	text    *Text
}

// mark is the icon that the chip shows: the tick once it is on.
func (r *chipRenderer) mark() fyne.ThemeIconName {
	if r.chip.on {
		return IconCheck
	}
	return r.chip.Icon
}

func (r *chipRenderer) side() float32 { return size(theme.SizeNameCaptionText, r.chip) * 1.25 }

func (r *chipRenderer) MinSize() fyne.Size {
	c := r.chip
	m := fyne.NewSize(r.text.full().Width+2*size(SizeM, c), r.text.full().Height+2*size(SizeXS, c)*1.5)
	// There is always room for the tick, so that nothing moves when it is turned on.
	m.Width += r.side() + size(SizeXS, c)
	return m
}

func (r *chipRenderer) Layout(s fyne.Size) {
	c := r.chip
	r.surface.Resize(s)
	r.halo.layout(s)
	text := r.text.full().Width
	wide := text
	if r.mark() != "" {
		wide += r.side() + size(SizeXS, c)
	}
	x := (s.Width - wide) / 2
	if r.mark() != "" {
		r.icon.Resize(fyne.NewSquareSize(r.side()))
		r.icon.Move(fyne.NewPos(x, (s.Height-r.side())/2))
		x += r.side() + size(SizeXS, c)
	}
	r.text.Resize(fyne.NewSize(text, s.Height))
	r.text.Move(fyne.NewPos(x, 0))
}

func (r *chipRenderer) Refresh() {
	c := r.chip
	color, surface := theme.ColorNameForeground, ColorCard
	if c.on {
		color, surface = theme.ColorNamePrimary, ColorRailSelected
	}
	if c.Disabled() {
		color = theme.ColorNameDisabled
	}
	r.surface.FillColor = ink(surface, c)
	r.surface.StrokeColor, r.surface.StrokeWidth = ink(theme.ColorNameInputBorder, c), size(theme.SizeNameInputBorder, c)
	if c.on {
		r.surface.StrokeColor = ink(theme.ColorNamePrimary, c)
	}
	r.surface.CornerRadius = canvas.RadiusMaximum
	r.surface.Refresh()
	r.halo.refresh(&c.control, c, c.Size().Height/2)
	r.icon.Hidden = r.mark() == ""
	r.icon.Set(r.mark(), color, c)
	r.text.Text, r.text.ColorName = c.Text, color
	r.text.Refresh()
	r.Layout(c.Size())
	canvas.Refresh(c)
}

func (r *chipRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.surface, r.halo.veil, r.icon.Image, r.text, r.halo.ring}
}

func (r *chipRenderer) Destroy() {}
