package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Ring counts down around something square: a whole ring is all the time, and the same
// is said in words below. It follows the square's edges, so that what is in it is as large
// as it can be. When little is left it is drawn in another colour, and the words say it
// anyway.
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
	v := &ringRenderer{ring: r, paper: canvas.NewRectangle(nil), text: NewCaption("")}
	for i := range v.edges {
		v.edges[i] = canvas.NewRectangle(nil)
	}
	for i := range v.corners {
		v.corners[i] = canvas.NewArc(0, 90, 0.5, nil)
	}
	v.text.Align = fyne.TextAlignCenter
	v.Refresh()
	return v
}

type ringRenderer struct {
	ring    *Ring
	paper   *canvas.Rectangle // with the track around it
	edges   [5]*canvas.Rectangle
	corners [4]*canvas.Arc
	text    *Text
}

func (r *ringRenderer) words() float32 {
	return size(SizeS, r.ring) + size(theme.SizeNameCaptionText, r.ring)*1.6
}

// edge is what is around the content: the ring, and a gap.
func (r *ringRenderer) edge() float32 { return size(SizeRing, r.ring) + size(SizeXS, r.ring) }

func (r *ringRenderer) MinSize() fyne.Size {
	inner := r.ring.Content.MinSize()
	side := max(inner.Width, inner.Height) + 2*r.edge()
	return fyne.NewSize(side, side+r.words())
}

func (r *ringRenderer) Layout(s fyne.Size) {
	side := min(s.Width, s.Height-r.words())
	if side <= 0 {
		return
	}
	x, thick := (s.Width-side)/2, size(SizeRing, r.ring) // half of a stroke is outside
	r.paper.Resize(fyne.NewSquareSize(side - thick))
	r.paper.Move(fyne.NewPos(x+thick/2, thick/2))
	r.place(x, side)
	edge := r.edge()
	r.ring.Content.Resize(fyne.NewSquareSize(max(side-2*edge, 0)))
	r.ring.Content.Move(fyne.NewPos(x+edge, edge))
	r.text.Resize(fyne.NewSize(s.Width, r.words()-size(SizeS, r.ring)))
	r.text.Move(fyne.NewPos(0, side+size(SizeS, r.ring)))
}

const quarter = 1.5707964 // of a circle, for a radius of 1

// place draws what is left of the time: it goes clockwise from the middle of the top,
// by half an edge, a corner, and so on, and its beginning goes away first.
func (r *ringRenderer) place(x, side float32) {
	thick, round := size(SizeRing, r.ring), size(SizeCardRadius, r.ring)
	long := side - 2*round // an edge between its corners
	gone := float32(1-r.ring.left) * (4*long + 4*quarter*round)
	// take is how much is gone of a piece of the way.
	take := func(length float32) float32 {
		part := min(gone, length)
		gone -= part
		return part
	}
	far, right := side-thick, x+side
	at := func(o fyne.CanvasObject, left, top, w, h float32) {
		o.Move(fyne.NewPos(left, top))
		o.Resize(fyne.NewSize(w, h))
		show(o, w > 0 && h > 0)
	}
	corner := func(i int, left, top float32) {
		arc, part := r.corners[i], take(quarter*round)/(quarter*round)
		arc.StartAngle, arc.EndAngle = 90*(float32(i)+part), 90*float32(i+1)
		arc.CutoutRatio = 1 - thick/round
		at(arc, left, top, 2*round, 2*round)
		show(arc, part < 1)
	}
	part := take(long / 2)
	at(r.edges[0], x+side/2+part, 0, long/2-part, thick)
	corner(0, right-2*round, 0)
	part = take(long)
	at(r.edges[1], x+far, round+part, thick, long-part)
	corner(1, right-2*round, side-2*round)
	part = take(long)
	at(r.edges[2], x+round, far, long-part, thick)
	corner(2, x, side-2*round)
	part = take(long)
	at(r.edges[3], x, round, thick, long-part)
	corner(3, x, 0)
	part = take(long / 2)
	at(r.edges[4], x+round+part, 0, long/2-part, thick)
}

func show(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

// late is how much is left when the colour changes.
const late = 0.17

func (r *ringRenderer) Refresh() {
	w := r.ring
	r.paper.FillColor = ink(ColorCodePaper, w)
	r.paper.StrokeColor = ink(ColorTrack, w)
	r.paper.StrokeWidth = size(SizeRing, w)
	r.paper.CornerRadius = size(SizeCardRadius, w) - size(SizeRing, w)/2
	r.paper.Refresh()
	color := theme.ColorNamePrimary
	if w.left < late {
		color = ColorMarigold
	}
	for _, e := range r.edges {
		e.FillColor = ink(color, w)
	}
	for _, c := range r.corners {
		c.FillColor = ink(color, w)
	}
	r.text.Text = w.text
	r.text.Refresh()
	w.Content.Refresh()
	r.Layout(w.Size())
	canvas.Refresh(w)
}

func (r *ringRenderer) Objects() []fyne.CanvasObject {
	all := []fyne.CanvasObject{r.paper}
	for _, e := range r.edges {
		all = append(all, e)
	}
	for _, c := range r.corners {
		all = append(all, c)
	}
	return append(all, r.ring.Content, r.text)
}

func (r *ringRenderer) Destroy() {}
