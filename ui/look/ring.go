package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Ring counts down around something: a whole ring is all the time, and the same is
// said in words below. When little is left it is drawn in another colour, and the words
// say it anyway.
type Ring struct {
	widget.BaseWidget

	Content fyne.CanvasObject
	left    float64
	text    string
}

var (
	_ fyne.Widget     = (*Ring)(nil)
	_ fyne.Accessible = (*Ring)(nil)
)

// NewRing returns a full ring around something square.
func NewRing(content fyne.CanvasObject) *Ring {
	r := &Ring{Content: content, left: 1}
	r.ExtendBaseWidget(r)
	return r
}

// Set shows how much of the time is left, from 1 to 0, and in words.
func (r *Ring) Set(left float64, text string) {
	left = min(max(left, 0), 1)
	if left != r.left || text != r.text {
		r.left, r.text = left, text
		r.Refresh()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (r *Ring) AccessibilityLabel() string { return r.text }

// AccessibilityRole implements fyne.Accessible.
func (r *Ring) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (r *Ring) CreateRenderer() fyne.WidgetRenderer {
	v := &ringRenderer{ring: r, track: canvas.NewCircle(nil), arc: canvas.NewArc(0, 360, 0.9, nil), text: NewCaption("")}
	v.text.Align = fyne.TextAlignCenter
	v.Refresh()
	return v
}

type ringRenderer struct {
	ring  *Ring
	track *canvas.Circle
	arc   *canvas.Arc
	text  *Text
}

// diagonal is the diameter of a circle around a square of side 1, and a little more.
const diagonal = 1.46

func (r *ringRenderer) words() float32 {
	return size(SizeS, r.ring) + size(theme.SizeNameCaptionText, r.ring)*1.6
}

func (r *ringRenderer) MinSize() fyne.Size {
	inner := r.ring.Content.MinSize()
	side := max(inner.Width, inner.Height)*diagonal + 2*size(SizeRing, r.ring)
	return fyne.NewSize(side, side+r.words())
}

func (r *ringRenderer) Layout(s fyne.Size) {
	side := min(s.Width, s.Height-r.words())
	if side <= 0 {
		return
	}
	x, thick := (s.Width-side)/2, size(SizeRing, r.ring)
	r.track.Resize(fyne.NewSquareSize(side - thick))
	r.track.Move(fyne.NewPos(x+thick/2, thick/2))
	r.arc.CutoutRatio = 1 - 2*thick/side
	r.arc.Resize(fyne.NewSquareSize(side))
	r.arc.Move(fyne.NewPos(x, 0))
	inner := (side - 2*thick) / diagonal
	r.ring.Content.Resize(fyne.NewSquareSize(inner))
	r.ring.Content.Move(fyne.NewPos(x+(side-inner)/2, (side-inner)/2))
	r.text.Resize(fyne.NewSize(s.Width, r.words()-size(SizeS, r.ring)))
	r.text.Move(fyne.NewPos(0, side+size(SizeS, r.ring)))
}

// late is how much is left when the colour changes.
const late = 0.17

func (r *ringRenderer) Refresh() {
	w := r.ring
	r.track.FillColor = ink(ColorCodePaper, w)
	r.track.StrokeColor = ink(ColorTrack, w)
	r.track.StrokeWidth = size(SizeRing, w)
	r.track.Refresh()
	color := theme.ColorNamePrimary
	if w.left < late {
		color = ColorMarigold
	}
	r.arc.FillColor = ink(color, w)
	r.arc.StartAngle, r.arc.EndAngle = 360*float32(1-w.left), 360
	r.arc.CornerRadius = size(SizeRing, w) / 2
	r.arc.Hidden = w.left == 0
	r.text.Text = w.text
	r.text.Refresh()
	w.Content.Refresh()
	r.Layout(w.Size())
	r.arc.Refresh()
	canvas.Refresh(w)
}

func (r *ringRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.track, r.arc, r.ring.Content, r.text}
}

func (r *ringRenderer) Destroy() {}
