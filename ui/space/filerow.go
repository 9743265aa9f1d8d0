package space

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/look"
)

// columns are the widths of the list's columns, 0 for one that there is no room for.
type columns struct{ by, changed, size float32 }

// columnsIn are the columns of a list of a width: first goes who wrote a file, then
// when.
func columnsIn(width float32) (c columns) {
	caption := gap(theme.SizeNameCaptionText)
	c.size = 7 * caption
	if width > 38*caption {
		c.changed = 11 * caption
	}
	if width > 56*caption {
		c.by = 9 * caption
	}
	return c
}

// fileRow is a line of the list. It only shows; taps are told to the list.
type fileRow struct {
	widget.BaseWidget
	data   rowData
	tapped func(*fyne.PointEvent, bool) // the second is for the other button
}

var (
	_ fyne.Tappable          = (*fileRow)(nil)
	_ fyne.SecondaryTappable = (*fileRow)(nil)
	_ fyne.Accessible        = (*fileRow)(nil)
)

func newFileRow() *fileRow {
	r := &fileRow{}
	r.ExtendBaseWidget(r)
	return r
}

func (r *fileRow) set(d rowData) {
	if r.data != d {
		r.data = d
		r.Refresh()
	}
}

// Tapped implements fyne.Tappable.
func (r *fileRow) Tapped(e *fyne.PointEvent) { r.tapped(e, false) }

// TappedSecondary implements fyne.SecondaryTappable.
func (r *fileRow) TappedSecondary(e *fyne.PointEvent) { r.tapped(e, true) }

// AccessibilityLabel implements fyne.Accessible.
func (r *fileRow) AccessibilityLabel() string {
	return facts(r.data.name, r.data.marks[0].Text, r.data.marks[1].Text, r.data.by, r.data.changed, r.data.size)
}

// AccessibilityRole implements fyne.Accessible.
func (r *fileRow) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (r *fileRow) CreateRenderer() fyne.WidgetRenderer {
	v := &fileRowRenderer{
		row: r, icon: look.NewPictogram(), name: look.NewText("", "", ""),
		by: look.NewShort("", theme.SizeNameCaptionText, look.ColorMuted), changed: look.NewShort("", theme.SizeNameCaptionText, look.ColorMuted),
		size: look.NewShort("", theme.SizeNameCaptionText, look.ColorMuted),
	}
	v.name = look.NewShort("", "", "")
	v.name.Middle = true
	v.size.Align = fyne.TextAlignTrailing
	for i := range v.badges {
		v.badges[i] = look.NewBadge(look.ToneMuted, "", "")
	}
	v.Refresh()
	return v
}

type fileRowRenderer struct {
	row                     *fileRow
	icon                    *look.Pictogram
	name, by, changed, size *look.Text
	badges                  [2]*look.Badge
}

func (r *fileRowRenderer) MinSize() fyne.Size {
	return fyne.NewSize(gap(look.SizeDrawing), gap(look.SizeRowSmall))
}

func (r *fileRowRenderer) Layout(s fyne.Size) {
	between, margin := gap(look.SizeM), gap(look.SizeM)
	c := columnsIn(s.Width)
	x := s.Width - margin
	for _, col := range []struct {
		text  *look.Text
		width float32
	}{{r.size, c.size}, {r.changed, c.changed}, {r.by, c.by}} {
		col.text.Hidden = col.width == 0
		if col.width > 0 {
			x -= col.width
			place(col.text, x, 0, col.width, s.Height)
			x -= between
		}
	}
	for i := len(r.badges) - 1; i >= 0; i-- {
		if b := r.badges[i]; b.Visible() {
			x = placeLeftOf(b, x, 0, s.Height) - between/2
		}
	}
	side := gap(look.SizeIcon)
	place(r.icon.Image, margin, (s.Height-side)/2, side, side)
	left := margin + side + between
	place(r.name, left, 0, max(0, x-left), s.Height)
}

func (r *fileRowRenderer) Refresh() {
	d := r.row.data
	ink := d.tone.Ink()
	if d.tone == look.ToneMuted && !d.faint {
		ink = theme.ColorNameForeground
	}
	r.icon.Set(d.icon, ink, r.row)
	r.name.Text, r.name.ColorName = d.name, ""
	if d.faint {
		r.name.ColorName = look.ColorMuted
	}
	r.by.Text, r.changed.Text, r.size.Text = d.by, d.changed, d.size
	for i, b := range r.badges {
		b.Hidden = d.marks[i].Text == ""
		b.Set(d.marks[i])
	}
	r.Layout(r.row.Size())
	for _, t := range []*look.Text{r.name, r.by, r.changed, r.size} {
		t.Refresh()
	}
}

func (r *fileRowRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.icon.Image, r.name, r.badges[0], r.badges[1], r.by, r.changed, r.size}
}

func (r *fileRowRenderer) Destroy() {}
