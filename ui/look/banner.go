package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// A BannerData is what a banner says and offers.
type BannerData struct {
	Tone    Tone
	Icon    fyne.ThemeIconName // the tone's own if empty
	Title   string             // one sentence: what happened
	Text    string             // what is kept and what can be done, or nothing
	Actions []Action           // up to three
	Close   *Action            // what closes it, or nil if it stays; its text is said, not shown
}

// A Banner tells something at the head of a screen, with what can be done about it.
type Banner struct {
	widget.BaseWidget
	data BannerData
}

var (
	_ fyne.Widget     = (*Banner)(nil)
	_ fyne.Accessible = (*Banner)(nil)
)

// NewBanner returns a banner.
func NewBanner(data BannerData) *Banner {
	b := &Banner{data: data}
	b.ExtendBaseWidget(b)
	return b
}

// Set says something else.
func (b *Banner) Set(data BannerData) {
	b.data = data
	b.Refresh()
}

// Data is what the banner says.
func (b *Banner) Data() BannerData { return b.data }

// AccessibilityLabel implements fyne.Accessible.
func (b *Banner) AccessibilityLabel() string {
	if b.data.Text == "" {
		return b.data.Title
	}
	return b.data.Title + " " + b.data.Text
}

// AccessibilityRole implements fyne.Accessible.
func (b *Banner) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

// CreateRenderer implements fyne.Widget.
func (b *Banner) CreateRenderer() fyne.WidgetRenderer {
	r := &bannerRenderer{
		banner: b, surface: canvas.NewRectangle(nil), edge: canvas.NewRectangle(nil),
		icon: canvas.NewImageFromResource(nil), title: NewStrongParagraph("", ""), text: NewParagraph("", ""),
	}
	r.icon.FillMode = canvas.ImageFillContain
	r.Refresh()
	return r
}

type bannerRenderer struct {
	banner        *Banner
	surface, edge *canvas.Rectangle
	icon          *canvas.Image
	title, text   *Paragraph
	buttons       []*Button
	close         *IconButton
}

// bannerEdge is the width of the line at the banner's left.
const bannerEdge = 4

// left is where text begins.
func (r *bannerRenderer) left() float32 {
	return bannerEdge + 2*size(SizeM, r.banner) + size(SizeIcon, r.banner)
}

// reading is the width of the text in a banner of a width.
func (r *bannerRenderer) reading(width float32) float32 {
	width -= r.left() + size(SizeM, r.banner)
	if r.close != nil {
		width -= r.close.MinSize().Width
	}
	return max(0, width)
}

// textHeight lays out title and text and returns the height of both.
func (r *bannerRenderer) textHeight(width float32) float32 {
	y := float32(0)
	for _, p := range []*Paragraph{r.title, r.text} {
		if p.Hidden {
			continue
		}
		height := p.HeightIn(r.reading(width))
		p.Resize(fyne.NewSize(r.reading(width), height))
		p.Move(fyne.NewPos(r.left(), size(SizeM, r.banner)+y))
		y += height + 2
	}
	return y
}

func (r *bannerRenderer) MinSize() fyne.Size {
	width := r.banner.Size().Width
	if width == 0 {
		width = size(SizeReading, r.banner)
	}
	height := r.textHeight(width) + 2*size(SizeM, r.banner)
	height += r.layoutButtons(width, height)
	widest := 10 * size(SizeXL, r.banner)
	for _, b := range r.buttons {
		widest = max(widest, b.MinSize().Width)
	}
	return fyne.NewSize(r.left()+widest+size(SizeM, r.banner), height)
}

// layoutButtons puts the buttons below what is so high with its margins, in a line or
// as many as they need, and returns the height that they add.
func (r *bannerRenderer) layoutButtons(width, height float32) float32 {
	if len(r.buttons) == 0 {
		return 0
	}
	between := size(SizeS, r.banner)
	x, y, line := r.left(), height-size(SizeM, r.banner)+between, r.buttons[0].MinSize().Height
	for i, b := range r.buttons {
		m := b.MinSize()
		if i > 0 && x+m.Width > width-size(SizeM, r.banner) {
			x, y = r.left(), y+line+between
		}
		b.Resize(m)
		b.Move(fyne.NewPos(x, y))
		x += m.Width + between
	}
	return y + line + size(SizeM, r.banner) - height
}

func (r *bannerRenderer) Layout(s fyne.Size) {
	margin := size(SizeM, r.banner)
	r.surface.Resize(s)
	r.edge.Resize(fyne.NewSize(bannerEdge, s.Height))
	side := size(SizeIcon, r.banner)
	r.icon.Resize(fyne.NewSquareSize(side))
	r.icon.Move(fyne.NewPos(bannerEdge+margin, margin-1))
	r.layoutButtons(s.Width, r.textHeight(s.Width)+2*margin)
	if r.close != nil {
		m := r.close.MinSize()
		r.close.Resize(m)
		r.close.Move(fyne.NewPos(s.Width-m.Width-size(SizeXS, r.banner), size(SizeXS, r.banner)))
	}
}

func (r *bannerRenderer) Refresh() {
	b, d := r.banner, r.banner.data
	radius := size(SizeRadius, b)
	r.surface.FillColor, r.surface.CornerRadius = ink(d.Tone.Soft(), b), radius
	r.edge.FillColor = ink(d.Tone.Ink(), b)
	r.edge.TopLeftCornerRadius, r.edge.BottomLeftCornerRadius = radius, radius
	icon := d.Icon
	if icon == "" {
		icon = d.Tone.Icon()
	}
	r.icon.Resource = IconIn(icon, d.Tone)
	r.title.SetText(d.Title)
	r.text.SetText(d.Text)
	r.title.Hidden, r.text.Hidden = d.Title == "", d.Text == ""
	r.makeButtons()
	for _, o := range []fyne.CanvasObject{r.surface, r.edge, r.icon, r.title, r.text} {
		o.Refresh()
	}
	r.Layout(b.Size())
	canvas.Refresh(b)
}

// makeButtons makes buttons for the actions; those that are there already stay, with
// the focus that one of them may have.
func (r *bannerRenderer) makeButtons() {
	actions := r.banner.data.Actions
	for len(r.buttons) < len(actions) {
		r.buttons = append(r.buttons, NewButton("", "", nil))
	}
	r.buttons = r.buttons[:len(actions)]
	for i, a := range actions {
		b := r.buttons[i]
		b.Text, b.label, b.Icon, b.Kind, b.OnTapped = a.Text, a.Text, a.Icon, a.Kind, a.Do
		b.Refresh()
	}
	if c := r.banner.data.Close; c == nil {
		r.close = nil
	} else if r.close == nil {
		r.close = NewIconButton(IconClose, c.Text, c.Do)
	} else {
		r.close.SetLabel(c.Text)
		r.close.OnTapped = c.Do
	}
}

func (r *bannerRenderer) Objects() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{r.surface, r.edge, r.icon, r.title, r.text}
	for _, b := range r.buttons {
		objects = append(objects, b)
	}
	if r.close != nil {
		objects = append(objects, r.close)
	}
	return objects
}

func (r *bannerRenderer) Destroy() {}
