package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// An Empty is what a screen or a list shows that has nothing yet: a drawing, a sentence
// and the one next thing to do.
type Empty struct {
	widget.BaseWidget

	drawing  Drawing
	sentence string
	action   *Button // or nil
}

var (
	_ fyne.Widget     = (*Empty)(nil)
	_ fyne.Accessible = (*Empty)(nil)
)

// NewEmpty returns the state; an action without a text is none.
func NewEmpty(drawing Drawing, sentence string, action Action) *Empty {
	e := &Empty{drawing: drawing, sentence: sentence}
	if action.Text != "" {
		if action.Kind == KindPlain {
			action.Kind = KindPrimary
		}
		e.action = action.Button()
	}
	e.ExtendBaseWidget(e)
	return e
}

// Set shows another drawing and says something else.
func (e *Empty) Set(drawing Drawing, sentence string) {
	e.drawing, e.sentence = drawing, sentence
	e.Refresh()
}

// Action is the state's button, or nil.
func (e *Empty) Action() *Button { return e.action }

// AccessibilityLabel implements fyne.Accessible.
func (e *Empty) AccessibilityLabel() string { return e.sentence }

// AccessibilityRole implements fyne.Accessible.
func (e *Empty) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (e *Empty) CreateRenderer() fyne.WidgetRenderer {
	r := &emptyRenderer{empty: e, drawing: canvas.NewImageFromResource(nil), text: NewParagraph("", ColorMuted)}
	r.drawing.FillMode = canvas.ImageFillContain
	r.text.segment.Style.Alignment = fyne.TextAlignCenter
	r.Refresh()
	return r
}

type emptyRenderer struct {
	empty   *Empty
	drawing *canvas.Image
	text    *Paragraph
}

// width is that of the sentence in a place of a width.
func (r *emptyRenderer) width(place float32) float32 {
	return min(place, size(SizeReading, r.empty)*0.7)
}

func (r *emptyRenderer) MinSize() fyne.Size {
	width := r.empty.Size().Width
	if width == 0 {
		width = size(SizeReading, r.empty) * 0.7
	}
	s := fyne.NewSize(size(SizeDrawing, r.empty)*1.5, r.text.HeightIn(r.width(width)))
	// A drawing can shrink to a half before the place is too small.
	s.Height += size(SizeDrawing, r.empty)*0.5 + size(SizeM, r.empty)
	if a := r.empty.action; a != nil {
		s.Height += size(SizeL, r.empty) + a.MinSize().Height
		s.Width = max(s.Width, a.MinSize().Width)
	}
	return s
}

func (r *emptyRenderer) Layout(s fyne.Size) {
	width := r.width(s.Width)
	text := r.text.HeightIn(width)
	below := size(SizeM, r.empty) + text
	if a := r.empty.action; a != nil {
		below += size(SizeL, r.empty) + a.MinSize().Height
	}
	drawing := min(size(SizeDrawing, r.empty), max(0, s.Height-below))
	if drawing < size(SizeIconBig, r.empty) { // too small to be seen
		drawing = 0
	}
	r.drawing.Hidden = drawing == 0
	// The optical middle is a little above the middle.
	y := max(0, (s.Height-drawing-below)*0.45)
	r.drawing.Resize(fyne.NewSize(s.Width, drawing))
	r.drawing.Move(fyne.NewPos(0, y))
	y += drawing + size(SizeM, r.empty)
	r.text.Resize(fyne.NewSize(width, text))
	r.text.Move(fyne.NewPos((s.Width-width)/2, y))
	y += text + size(SizeL, r.empty)
	if a := r.empty.action; a != nil {
		m := a.MinSize()
		a.Resize(m)
		a.Move(fyne.NewPos((s.Width-m.Width)/2, y))
	}
}

func (r *emptyRenderer) Refresh() {
	e := r.empty
	r.drawing.Resource = e.drawing.resource(e)
	r.drawing.Refresh()
	r.text.SetText(e.sentence)
	r.text.Refresh()
	if e.action != nil {
		e.action.Refresh()
	}
	r.Layout(e.Size())
	canvas.Refresh(e)
}

func (r *emptyRenderer) Objects() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{r.drawing, r.text}
	if r.empty.action != nil {
		objects = append(objects, r.empty.action)
	}
	return objects
}

func (r *emptyRenderer) Destroy() {}
