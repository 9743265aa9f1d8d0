package transfers

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/look"
)

// line draws a row: its name and how fast it is, a bar, and what else there is to say.
type line struct {
	widget.BaseWidget
	icon   *widget.Icon
	title  *look.Text
	rate   *look.Text
	meter  *look.Meter
	detail *look.Text
	left   *look.Text
	shown  row
}

var (
	_ fyne.Widget     = (*line)(nil)
	_ fyne.Accessible = (*line)(nil)
)

func newLine() *line {
	l := &line{
		icon: widget.NewIcon(nil), title: look.NewShort("", "", ""), rate: look.NewCaption(""), meter: look.NewMeter(""),
		detail: look.NewShort("", theme.SizeNameCaptionText, look.ColorMuted), left: look.NewCaption(""),
	}
	l.title.Middle = true
	l.ExtendBaseWidget(l)
	return l
}

func (l *line) set(r row) {
	if l.shown == r {
		return
	}
	l.shown = r
	l.icon.SetResource(look.IconIn(r.icon, r.tone))
	l.title.SetText(r.title)
	l.rate.SetText(r.rate)
	l.detail.SetText(r.detail)
	l.left.SetText(r.left)
	l.meter.Hidden = r.done < 0
	if r.done >= 0 {
		l.meter.Set(r.done, "", look.ToneGood)
	}
	l.Refresh()
}

// AccessibilityLabel implements fyne.Accessible.
func (l *line) AccessibilityLabel() string { return l.shown.title + ", " + l.shown.detail }

// AccessibilityRole implements fyne.Accessible.
func (l *line) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (l *line) CreateRenderer() fyne.WidgetRenderer { return &lineRenderer{l} }

type lineRenderer struct{ line *line }

func (r *lineRenderer) MinSize() fyne.Size {
	l := r.line
	height := l.title.MinSize().Height + l.meter.MinSize().Height + l.detail.MinSize().Height + 2*theme.Size(look.SizeS) + 2*theme.Size(look.SizeXS)
	return fyne.NewSize(180, height)
}

// Layout sets a row without a bar closer together, in the middle.
func (r *lineRenderer) Layout(size fyne.Size) {
	l, margin, gap := r.line, theme.Size(look.SizeM), theme.Size(look.SizeXS)
	icon := theme.Size(look.SizeIcon)
	l.icon.Resize(fyne.NewSquareSize(icon))
	l.icon.Move(fyne.NewPos(margin, (size.Height-icon)/2))
	x := margin + icon + margin
	width := max(0, size.Width-x-margin)
	title, detail, meter := l.title.MinSize().Height, l.detail.MinSize().Height, l.meter.MinSize().Height
	all := title + detail + gap/2
	if l.meter.Visible() {
		all += meter + gap
	}
	y := (size.Height - all) / 2
	r.pair(l.title, l.rate, x, y, width, title)
	y += title + gap/2
	if l.meter.Visible() {
		l.meter.Resize(fyne.NewSize(width, meter))
		l.meter.Move(fyne.NewPos(x, y))
		y += meter + gap
	}
	r.pair(l.detail, l.left, x, y, width, detail)
}

// pair sets a text that may be shortened, and another one at the right end.
func (r *lineRenderer) pair(short, whole *look.Text, x, y, width, height float32) {
	right := float32(0)
	if whole.Text != "" {
		right = whole.MinSize().Width
		whole.Resize(fyne.NewSize(right, height))
		whole.Move(fyne.NewPos(x+width-right, y))
		right += theme.Size(look.SizeS)
	} else {
		whole.Resize(fyne.NewSize(0, height))
	}
	short.Resize(fyne.NewSize(max(0, width-right), height))
	short.Move(fyne.NewPos(x, y))
}

func (r *lineRenderer) Refresh() {
	for _, o := range r.Objects() {
		o.Refresh()
	}
	r.Layout(r.line.Size())
}

func (r *lineRenderer) Objects() []fyne.CanvasObject {
	l := r.line
	return []fyne.CanvasObject{l.icon, l.title, l.rate, l.meter, l.detail, l.left}
}

func (r *lineRenderer) Destroy() {}
