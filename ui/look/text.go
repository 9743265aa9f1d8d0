package look

import (
	"image/color"
	"sort"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Text is one line in a size and a colour of the theme.
type Text struct {
	widget.BaseWidget

	Text      string
	SizeName  fyne.ThemeSizeName  // theme.SizeNameText if empty
	ColorName fyne.ThemeColorName // theme.ColorNameForeground if empty
	Style     fyne.TextStyle
	Align     fyne.TextAlign
	// Shorten is a text that takes what width there is and leaves out its end.
	// Otherwise it asks for all its width.
	Shorten bool
	Middle  bool // leave out the middle instead, so that the end of a file's name stays
}

var (
	_ fyne.Widget     = (*Text)(nil)
	_ fyne.Accessible = (*Text)(nil)
)

// NewText returns a line in a size and a colour, either may be empty for the usual one.
func NewText(text string, size fyne.ThemeSizeName, color fyne.ThemeColorName) *Text {
	t := &Text{Text: text, SizeName: size, ColorName: color}
	t.ExtendBaseWidget(t)
	return t
}

// NewTitle returns the name of a screen.
func NewTitle(text string) *Text {
	t := NewText(text, SizeTitleText, "")
	t.Style.Bold = true
	return t
}

// NewCaption returns a line of second rank.
func NewCaption(text string) *Text { return NewText(text, theme.SizeNameCaptionText, ColorMuted) }

// NewShort returns a line that is shortened to the width there is: for names that
// people gave. Put it where it gets width, such as the middle of a border.
func NewShort(text string, size fyne.ThemeSizeName, color fyne.ThemeColorName) *Text {
	t := NewText(text, size, color)
	t.Shorten = true
	return t
}

// SetText shows another text.
func (t *Text) SetText(text string) {
	if t.Text != text {
		t.Text = text
		t.Refresh()
	}
}

// full is the size of the text if nothing is left out.
func (t *Text) full() fyne.Size {
	sizeName := t.SizeName
	if sizeName == "" {
		sizeName = theme.SizeNameText
	}
	return fyne.MeasureText(t.Text, size(sizeName, t), t.Style)
}

// AccessibilityLabel implements fyne.Accessible.
func (t *Text) AccessibilityLabel() string { return t.Text }

// AccessibilityRole implements fyne.Accessible.
func (t *Text) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (t *Text) CreateRenderer() fyne.WidgetRenderer {
	r := &textRenderer{text: t, line: canvas.NewText("", color.Transparent)}
	r.Refresh()
	return r
}

type textRenderer struct {
	text  *Text
	line  *canvas.Text
	whole float32 // width of the whole text
	lead  float32 // height of a line
}

func (r *textRenderer) Layout(s fyne.Size) {
	r.fit(s.Width)
	r.line.Resize(fyne.NewSize(s.Width, r.lead))
	r.line.Move(fyne.NewPos(0, (s.Height-r.lead)/2))
}

func (r *textRenderer) MinSize() fyne.Size {
	if !r.text.Shorten {
		return fyne.NewSize(r.whole, r.lead)
	}
	return fyne.NewSize(min(r.whole, r.measure("…")), r.lead)
}

func (r *textRenderer) Refresh() {
	t := r.text
	colorName, sizeName := t.ColorName, t.SizeName
	if colorName == "" {
		colorName = theme.ColorNameForeground
	}
	if sizeName == "" {
		sizeName = theme.SizeNameText
	}
	r.line.Color = ink(colorName, t)
	r.line.TextSize = size(sizeName, t)
	r.line.TextStyle = t.Style
	r.line.Alignment = t.Align
	r.line.Text = t.Text
	s := r.line.MinSize()
	r.whole, r.lead = s.Width, s.Height
	r.Layout(t.Size())
	r.line.Refresh()
}

func (r *textRenderer) measure(s string) float32 {
	return fyne.MeasureText(s, r.line.TextSize, r.line.TextStyle).Width
}

// fit shortens the text to a width.
func (r *textRenderer) fit(width float32) {
	text := r.text.Text
	if r.text.Shorten && r.whole > width && width > 0 {
		text = shorten(text, r.text.Middle, func(s string) bool { return r.measure(s) <= width })
	}
	if r.line.Text != text {
		r.line.Text = text
		r.line.Refresh()
	}
}

// shorten returns the longest text with an ellipsis in place of its end or its middle
// that fits.
func shorten(text string, middle bool, fits func(string) bool) string {
	runes := []rune(text)
	cut := func(n int) string { // n runes of the text are kept
		if !middle {
			return string(runes[:n]) + "…"
		}
		tail := n / 3
		return string(runes[:n-tail]) + "…" + string(runes[len(runes)-tail:])
	}
	n := sort.Search(len(runes), func(n int) bool { return !fits(cut(n)) })
	return cut(max(0, n-1))
}

func (r *textRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.line} }
func (r *textRenderer) Destroy()                     {}
