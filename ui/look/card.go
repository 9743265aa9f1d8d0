package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Card is a surface for things that belong together, with a title row if it has a
// title or something at its right end.
type Card struct {
	widget.BaseWidget

	Title   string
	Trail   fyne.CanvasObject // at the right end of the title row, or nil
	Content fyne.CanvasObject
	// Flush leaves out the space around the content: for lists, whose rows have their own.
	Flush bool
}

var (
	_ fyne.Widget     = (*Card)(nil)
	_ fyne.Accessible = (*Card)(nil)
)

// NewCard returns a card, its title may be empty.
func NewCard(title string, content fyne.CanvasObject) *Card {
	c := &Card{Title: title, Content: content}
	c.ExtendBaseWidget(c)
	return c
}

// NewListCard returns a card whose content reaches its edges.
func NewListCard(title string, content fyne.CanvasObject) *Card {
	c := NewCard(title, content)
	c.Flush = true
	return c
}

// SetTitle changes the title.
func (c *Card) SetTitle(title string) {
	c.Title = title
	c.Refresh()
}

// SetContent shows something else.
func (c *Card) SetContent(content fyne.CanvasObject) {
	c.Content = content
	c.Refresh()
}

// AccessibilityLabel implements fyne.Accessible.
func (c *Card) AccessibilityLabel() string { return c.Title }

// AccessibilityRole implements fyne.Accessible.
func (c *Card) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

// CreateRenderer implements fyne.Widget.
func (c *Card) CreateRenderer() fyne.WidgetRenderer {
	r := &cardRenderer{card: c, surface: canvas.NewRectangle(nil), title: NewShort("", theme.SizeNameSubHeadingText, "")}
	r.title.Style.Bold = true
	r.Refresh()
	return r
}

type cardRenderer struct {
	card    *Card
	surface *canvas.Rectangle
	title   *Text
}

// pads returns the space around the title row and around the content.
func (r *cardRenderer) pads() (around, inside float32) {
	around = size(SizeL, r.card)
	if r.card.Flush {
		return around, size(SizeXS, r.card)
	}
	return around, around
}

// head returns the height of the title row, without what is around it.
func (r *cardRenderer) head() float32 {
	height := float32(0)
	if r.card.Title != "" {
		height = r.title.MinSize().Height
	}
	if r.card.Trail != nil {
		height = max(height, r.card.Trail.MinSize().Height)
	}
	return height
}

// top is where the content begins.
func (r *cardRenderer) top() float32 {
	around, inside := r.pads()
	if head := r.head(); head > 0 {
		return around*0.75 + head + size(SizeS, r.card)
	}
	return inside
}

func (r *cardRenderer) MinSize() fyne.Size {
	around, inside := r.pads()
	s := fyne.NewSize(r.title.MinSize().Width+2*around, r.top()+inside)
	if r.card.Trail != nil {
		s.Width += r.card.Trail.MinSize().Width + size(SizeS, r.card)
	}
	if r.card.Content != nil {
		content := r.card.Content.MinSize()
		s.Height += content.Height
		s.Width = max(s.Width, content.Width+2*inside)
	}
	return s
}

func (r *cardRenderer) Layout(s fyne.Size) {
	around, inside := r.pads()
	r.surface.Resize(s)
	head := r.head()
	width := s.Width - 2*around
	if t := r.card.Trail; t != nil {
		trail := t.MinSize()
		t.Resize(trail)
		t.Move(fyne.NewPos(s.Width-around-trail.Width, around*0.75+(head-trail.Height)/2))
		width -= trail.Width + size(SizeS, r.card)
	}
	r.title.Resize(fyne.NewSize(max(0, width), r.title.MinSize().Height))
	r.title.Move(fyne.NewPos(around, around*0.75+(head-r.title.MinSize().Height)/2))
	if c := r.card.Content; c != nil {
		top := r.top()
		c.Move(fyne.NewPos(inside, top))
		c.Resize(fyne.NewSize(s.Width-2*inside, s.Height-top-inside))
	}
}

func (r *cardRenderer) Refresh() {
	c := r.card
	r.surface.FillColor = ink(ColorCard, c)
	r.surface.StrokeColor = ink(ColorCardBorder, c)
	r.surface.StrokeWidth = 1
	r.surface.CornerRadius = size(SizeCardRadius, c)
	r.surface.Refresh()
	r.title.Text = c.Title
	r.title.Hidden = c.Title == ""
	r.title.Refresh()
	if c.Trail != nil {
		c.Trail.Refresh()
	}
	if c.Content != nil {
		c.Content.Refresh()
	}
	r.Layout(c.Size())
	canvas.Refresh(c)
}

func (r *cardRenderer) Objects() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{r.surface, r.title}
	if r.card.Trail != nil {
		objects = append(objects, r.card.Trail)
	}
	if r.card.Content != nil {
		objects = append(objects, r.card.Content)
	}
	return objects
}

func (r *cardRenderer) Destroy() {}
