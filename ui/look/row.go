package look

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A RowData is what a row shows. Title and subtitle are shortened where they don't
// fit, marks and the trailing text are not.
type RowData struct {
	Icon     fyne.ThemeIconName // or none
	Tone     Tone               // of the icon; ToneMuted is the colour of text
	Chip     bool               // the icon has a surface of its own, as a device or a hold has
	Title    string
	Subtitle string // or none: a lower row
	Trailing string // at the right end: a size, a time
	Marks    []Mark // left of it
	Faint    bool   // not here now: an offline device, an ignored file
	File     bool   // the title is a file's name: its middle is left out, not its end
}

func (d RowData) equal(other RowData) bool {
	marks := slices.Equal(d.Marks, other.Marks)
	d.Marks, other.Marks = nil, nil
	return marks && d.plain() == other.plain()
}

// rowPlain is what of a RowData can be compared with ==.
type rowPlain struct {
	icon                      fyne.ThemeIconName
	tone                      Tone
	chip, faint, file         bool
	title, subtitle, trailing string
}

func (d RowData) plain() rowPlain {
	return rowPlain{d.Icon, d.Tone, d.Chip, d.Faint, d.File, d.Title, d.Subtitle, d.Trailing}
}

// label is the row in words.
func (d RowData) label() string {
	parts := []string{d.Title, d.Subtitle}
	for _, m := range d.Marks {
		parts = append(parts, m.Text)
	}
	parts = append(parts, d.Trailing)
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// A Row is a line of a list. It only shows: in a widget.List the list does the
// choosing, elsewhere take a LinkRow.
type Row struct {
	widget.BaseWidget
	data RowData
	// Low is a row that never has a subtitle.
	Low bool
}

var (
	_ fyne.Widget     = (*Row)(nil)
	_ fyne.Accessible = (*Row)(nil)
)

// NewRow returns a row of the height that one with a subtitle has.
func NewRow(data RowData) *Row {
	r := &Row{data: data}
	r.ExtendBaseWidget(r)
	return r
}

// NewLowRow returns a row without a subtitle, as files are listed.
func NewLowRow(data RowData) *Row {
	r := NewRow(data)
	r.Low = true
	return r
}

// Set shows something else.
func (r *Row) Set(data RowData) {
	if !r.data.equal(data) {
		r.data = data
		r.Refresh()
	}
}

// Data is what the row shows.
func (r *Row) Data() RowData { return r.data }

// AccessibilityLabel implements fyne.Accessible.
func (r *Row) AccessibilityLabel() string { return r.data.label() }

// AccessibilityRole implements fyne.Accessible.
func (r *Row) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (r *Row) CreateRenderer() fyne.WidgetRenderer {
	return newRowRenderer(r, func() (RowData, bool) { return r.data, r.Low })
}

// A rowRenderer draws a Row and what a LinkRow has in common with it.
type rowRenderer struct {
	widget   fyne.Widget
	data     func() (RowData, bool)
	chip     *canvas.Rectangle
	icon     *Pictogram
	title    *Text
	subtitle *Text
	trailing *Text
	badges   []*Badge // as many as were ever needed; the rest is hidden
	objects  []fyne.CanvasObject
}

func newRowRenderer(w fyne.Widget, data func() (RowData, bool)) *rowRenderer {
	r := &rowRenderer{
		widget: w, data: data, chip: canvas.NewRectangle(nil), icon: NewPictogram(),
		title: NewShort("", "", ""), subtitle: NewShort("", theme.SizeNameCaptionText, ColorMuted), trailing: NewCaption(""),
	}
	r.objects = []fyne.CanvasObject{r.chip, r.icon.Image, r.title, r.subtitle, r.trailing}
	r.Refresh()
	return r
}

func (r *rowRenderer) MinSize() fyne.Size {
	data, low := r.data()
	height := size(SizeRow, r.widget)
	if low {
		height = size(SizeRowSmall, r.widget)
	}
	width := r.left(data) + r.right() + 2*size(SizeM, r.widget) + r.title.MinSize().Width
	return fyne.NewSize(width, height)
}

// left is the width of the icon and what is after it.
func (r *rowRenderer) left(data RowData) float32 {
	switch {
	case data.Icon == "":
		return 0
	case data.Chip:
		return r.chipSide() + size(SizeM, r.widget)
	}
	return size(SizeIcon, r.widget) + size(SizeM, r.widget)
}

func (r *rowRenderer) chipSide() float32 {
	if _, low := r.data(); low {
		return size(SizeRowSmall, r.widget) * 0.8
	}
	return size(SizeIconBig, r.widget) * 0.95
}

// right is the width of marks and trailing text, with what is before them.
func (r *rowRenderer) right() float32 {
	between := size(SizeS, r.widget)
	width := float32(0)
	if r.trailing.Text != "" {
		width += r.trailing.MinSize().Width + between
	}
	for _, b := range r.badges {
		if b.Visible() {
			width += b.MinSize().Width + between
		}
	}
	return width
}

// fit takes the words from as many marks as there must be for the title to be read,
// the first of them first.
func (r *rowRenderer) fit(data RowData, width float32) {
	room := width - 2*size(SizeM, r.widget) - r.left(data)
	need := min(max(r.title.full().Width, r.subtitle.full().Width/2), room*titleShare)
	for _, b := range r.badges {
		if b.Visible() {
			room -= b.width(false) + size(SizeS, r.widget)
		}
	}
	if r.trailing.Text != "" {
		room -= r.trailing.MinSize().Width + size(SizeS, r.widget)
	}
	for _, b := range r.badges {
		small := b.Visible() && room < need
		if small {
			room += b.width(false) - b.width(true)
		}
		b.shrink(small)
	}
}

// titleShare is how much of a row title and subtitle may have before marks get their
// words.
const titleShare = 0.42

func (r *rowRenderer) Layout(s fyne.Size) {
	data, _ := r.data()
	margin, between := size(SizeM, r.widget), size(SizeS, r.widget)
	if s.Width > 0 {
		r.fit(data, s.Width)
	}
	r.layoutIcon(data, margin, s.Height)
	x := s.Width - margin
	if r.trailing.Text != "" {
		m := r.trailing.MinSize()
		x -= m.Width
		r.trailing.Resize(m)
		r.trailing.Move(fyne.NewPos(x, (s.Height-m.Height)/2))
		x -= between
	}
	for i := len(r.badges) - 1; i >= 0; i-- {
		if b := r.badges[i]; b.Visible() {
			m := b.MinSize()
			x -= m.Width
			b.Resize(m)
			b.Move(fyne.NewPos(x, (s.Height-m.Height)/2))
			x -= between
		}
	}
	left := margin + r.left(data)
	width := max(0, x-left)
	title, subtitle := r.title.MinSize().Height, r.subtitle.MinSize().Height
	top := (s.Height - title) / 2
	if data.Subtitle != "" {
		top = (s.Height - title - subtitle - 1) / 2
		r.subtitle.Resize(fyne.NewSize(width, subtitle))
		r.subtitle.Move(fyne.NewPos(left, top+title+1))
	}
	r.title.Resize(fyne.NewSize(width, title))
	r.title.Move(fyne.NewPos(left, top))
}

func (r *rowRenderer) layoutIcon(data RowData, margin, height float32) {
	side := size(SizeIcon, r.widget)
	x := margin
	if data.Chip {
		chip := r.chipSide()
		r.chip.Resize(fyne.NewSquareSize(chip))
		r.chip.Move(fyne.NewPos(margin, (height-chip)/2))
		x += (chip - side) / 2
	}
	r.icon.Resize(fyne.NewSquareSize(side))
	r.icon.Move(fyne.NewPos(x, (height-side)/2))
}

func (r *rowRenderer) Refresh() {
	data, low := r.data()
	w := r.widget
	r.chip.Hidden = !data.Chip || data.Icon == ""
	r.chip.FillColor = ink(data.Tone.Soft(), w)
	r.chip.CornerRadius = size(SizeRadius, w) * 1.2
	r.chip.Refresh()
	r.icon.Hidden = data.Icon == ""
	r.icon.Set(data.Icon, iconColor(data), w)
	r.title.Text, r.title.Middle, r.title.ColorName = data.Title, data.File, ""
	r.title.Style.Bold = !low && data.Subtitle != ""
	if data.Faint {
		r.title.ColorName = ColorMuted
	}
	r.subtitle.Text, r.subtitle.Hidden = data.Subtitle, data.Subtitle == ""
	r.trailing.Text, r.trailing.Hidden = data.Trailing, data.Trailing == ""
	r.title.Refresh()
	r.subtitle.Refresh()
	r.trailing.Refresh()
	r.refreshBadges(data.Marks)
	r.Layout(w.Size())
	canvas.Refresh(w)
}

func iconColor(data RowData) fyne.ThemeColorName {
	if data.Tone == ToneMuted && !data.Chip && !data.Faint {
		return theme.ColorNameForeground
	}
	return data.Tone.Ink()
}

func (r *rowRenderer) refreshBadges(marks []Mark) {
	for len(r.badges) < len(marks) {
		b := NewBadge(ToneMuted, "", "")
		r.badges = append(r.badges, b)
		r.objects = append(r.objects, b)
	}
	for i, b := range r.badges {
		if i < len(marks) {
			b.Set(marks[i])
			b.Show()
		} else {
			b.Hide()
		}
	}
}

func (r *rowRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *rowRenderer) Destroy()                     {}
