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
	mark  Mark
	small bool // without its words, where there is no room for them
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

// shrink leaves out the words if there is an icon, or brings them back.
func (b *Badge) shrink(small bool) {
	if small = small && b.mark.Icon != ""; b.small != small {
		b.small = small
		b.Refresh()
	}
}

// width is how wide the badge is, with its words or without.
func (b *Badge) width(small bool) float32 {
	width := 2 * size(SizeS, b)
	words := b.mark.Text != "" && (!small || b.mark.Icon == "")
	if words {
		width += fyne.MeasureText(b.mark.Text, size(theme.SizeNameCaptionText, b), fyne.TextStyle{Bold: true}).Width
	}
	if b.mark.Icon != "" {
		width += b.side()
		if words {
			width += size(SizeXS, b)
		}
	}
	return width
}

// side is that of the badge's icon.
func (b *Badge) side() float32 { return size(theme.SizeNameCaptionText, b) * 1.2 }

// Mark is what the badge says.
func (b *Badge) Mark() Mark { return b.mark }

// AccessibilityLabel implements fyne.Accessible.
func (b *Badge) AccessibilityLabel() string { return b.mark.Text }

// AccessibilityRole implements fyne.Accessible.
func (b *Badge) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (b *Badge) CreateRenderer() fyne.WidgetRenderer {
	r := &badgeRenderer{
		badge: b, pill: canvas.NewRectangle(nil), icon: NewPictogram(),
		text: NewText("", theme.SizeNameCaptionText, ""),
	}
	r.text.Style.Bold = true
	r.Refresh()
	return r
}

type badgeRenderer struct {
	badge *Badge
	pill  *canvas.Rectangle
	icon  *Pictogram
	text  *Text
}

func (r *badgeRenderer) MinSize() fyne.Size {
	b := r.badge
	return fyne.NewSize(b.width(b.small), r.text.full().Height+size(SizeXS, b)*1.5)
}

func (r *badgeRenderer) Layout(s fyne.Size) {
	height := r.MinSize().Height
	r.pill.Resize(fyne.NewSize(s.Width, height))
	top := (s.Height - height) / 2
	r.pill.Move(fyne.NewPos(0, top))
	x := size(SizeS, r.badge)
	if r.badge.mark.Icon != "" {
		side := r.badge.side()
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
	r.icon.Set(b.mark.Icon, b.mark.Tone.Ink(), b)
	r.text.Text, r.text.ColorName = b.mark.Text, b.mark.Tone.Ink()
	if b.small {
		r.text.Text = ""
	}
	r.text.Refresh()
	r.Layout(b.Size())
	canvas.Refresh(b)
}

func (r *badgeRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.pill, r.icon.Image, r.text}
}

func (r *badgeRenderer) Destroy() {}
