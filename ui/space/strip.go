package space

import (
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/look"
	"meadow/ui/words"
)

// strip is a low surface in a tone that something lies on.
type strip struct {
	widget.BaseWidget
	tone    look.Tone
	content fyne.CanvasObject
}

func newStrip(tone look.Tone, content fyne.CanvasObject) *strip {
	s := &strip{tone: tone, content: content}
	s.ExtendBaseWidget(s)
	return s
}

// CreateRenderer implements fyne.Widget.
func (s *strip) CreateRenderer() fyne.WidgetRenderer {
	r := &stripRenderer{s, canvas.NewRectangle(nil)}
	r.Refresh()
	return r
}

type stripRenderer struct {
	strip   *strip
	surface *canvas.Rectangle
}

func (r *stripRenderer) Layout(s fyne.Size) {
	r.surface.Resize(s)
	r.strip.content.Resize(s)
}

func (r *stripRenderer) MinSize() fyne.Size { return r.strip.content.MinSize() }

func (r *stripRenderer) Refresh() {
	r.surface.FillColor = theme.ColorForWidget(r.strip.tone.Soft(), r.strip)
	r.surface.CornerRadius = gap(look.SizeRadius)
	r.surface.Refresh()
	r.strip.content.Refresh()
}

func (r *stripRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.surface, r.strip.content}
}

func (r *stripRenderer) Destroy() {}

// sentence is a part of one that a node says, as a whole one.
func sentence(text string) string {
	text = words.Shown(text)
	r, n := utf8.DecodeRuneInString(text)
	if r != utf8.RuneError {
		text = string(unicode.ToUpper(r)) + text[n:]
	}
	if last, _ := utf8.DecodeLastRuneInString(text); !unicode.IsPunct(last) {
		text += "."
	}
	return text
}
