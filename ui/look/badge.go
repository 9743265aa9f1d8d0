package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Mark is what a badge says: a word or two, in a tone, with an icon or none.
type Mark struct {
	Tone Tone
	Icon fyne.ThemeIconName
	Text string
}

// A Badge shows a mark as a small pill.
type Badge struct {
	widget.BaseWidget
	mark Mark
}

var (
	_ fyne.Widget     = (*Badge)(nil)
	_ fyne.Accessible = (*Badge)(nil)
)

// NewBadge returns a badge with a mark.
func NewBadge(tone Tone, icon fyne.ThemeIconName, text string) *Badge {
	b := &Badge{mark: Mark{tone, icon, text}}
	b.ExtendBaseWidget(b)
	return b
}

// Set shows another mark.
func (b *Badge) Set(m Mark) {
	if b.mark != m {
		b.mark = m
		b.Refresh()
	}
}

// Mark is what the badge says.
func (b *Badge) Mark() Mark { return b.mark }

// AccessibilityLabel implements fyne.Accessible.
func (b *Badge) AccessibilityLabel() string { return b.mark.Text }

// AccessibilityRole implements fyne.Accessible.
func (b *Badge) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (b *Badge) CreateRenderer() fyne.WidgetRenderer {
	r := &badgeRenderer{
		badge: b, pill: canvas.NewRectangle(nil), icon: canvas.NewImageFromResource(nil),
		text: NewText("", theme.SizeNameCaptionText, ""),
	}
	r.icon.FillMode = canvas.ImageFillContain
	r.text.Style.Bold = true
	r.Refresh()
	return r
}

type badgeRenderer struct {
	badge *Badge
	pill  *canvas.Rectangle
	icon  *canvas.Image
	text  *Text
}

func (r *badgeRenderer) MinSize() fyne.Size {
	s := r.text.full()
	pad := size(SizeS, r.badge)
	width := s.Width + 2*pad
	if r.badge.mark.Icon != "" {
		width += r.side() + size(SizeXS, r.badge)
		if r.badge.mark.Text == "" {
			width -= size(SizeXS, r.badge)
		}
	}
	return fyne.NewSize(width, s.Height+size(SizeXS, r.badge)*1.5)
}

func (r *badgeRenderer) side() float32 { return size(theme.SizeNameCaptionText, r.badge) * 1.2 }

func (r *badgeRenderer) Layout(s fyne.Size) {
	height := r.MinSize().Height
	r.pill.Resize(fyne.NewSize(s.Width, height))
	top := (s.Height - height) / 2
	r.pill.Move(fyne.NewPos(0, top))
	x := size(SizeS, r.badge)
	if r.badge.mark.Icon != "" {
		side := r.side()
		r.icon.Resize(fyne.NewSquareSize(side))
		r.icon.Move(fyne.NewPos(x-1, top+(height-side)/2))
		x += side + size(SizeXS, r.badge)
	}
	r.text.Resize(fyne.NewSize(max(0, s.Width-x-size(SizeS, r.badge)), height))
	r.text.Move(fyne.NewPos(x, top))
}

func (r *badgeRenderer) Refresh() {
	b := r.badge
	r.pill.FillColor = ink(b.mark.Tone.Soft(), b)
	r.pill.CornerRadius = canvas.RadiusMaximum
	r.pill.Refresh()
	r.icon.Hidden = b.mark.Icon == ""
	r.icon.Resource = IconIn(b.mark.Icon, b.mark.Tone)
	r.icon.Refresh()
	r.text.Text, r.text.ColorName = b.mark.Text, b.mark.Tone.Ink()
	r.text.Refresh()
	r.Layout(b.Size())
	canvas.Refresh(b)
}

func (r *badgeRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.pill, r.icon, r.text}
}

func (r *badgeRenderer) Destroy() {}
