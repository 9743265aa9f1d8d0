package access

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// GraphView draws a graph, which can be scrolled and made smaller. Like the grid it
// takes the keyboard as a whole and has a cursor of its own.
type GraphView struct {
	widget.BaseWidget

	// OnChosen is told the row of the map that was clicked, or chosen with Enter.
	OnChosen func(row int) `json:"-"`
	// OnCrowd is told the crowd that is to be shown.
	OnCrowd func(Crowd) `json:"-"`
	// OnSay is told when the cursor, or the pointer, is on something else.
	OnSay func() `json:"-"`
	// OnSearch is told of "/".
	OnSearch func() `json:"-"`
	// Face is how somebody is shown.
	Face func(node.MapRow) look.FaceData `json:"-"`

	sheet   *Sheet
	graph   *Graph
	chosen  string // the id of the row that is
	cursor  int    // a dot
	hover   int    // a dot, -1 for none
	focused bool
	shift   bool    // is held
	zoom    float32 // 0: as much as there is room for

	scroll  *container.Scroll
	field   *graphField
	buttons *fyne.Container
}

var (
	_ fyne.Widget     = (*GraphView)(nil)
	_ fyne.Focusable  = (*GraphView)(nil)
	_ fyne.Tabbable   = (*GraphView)(nil)
	_ desktop.Keyable = (*GraphView)(nil)
	_ fyne.Accessible = (*GraphView)(nil)
)

// NewGraphView returns a view without anything in it.
func NewGraphView() *GraphView {
	v := &GraphView{sheet: new(Sheet), graph: new(Graph), hover: -1, Face: faceOf}
	v.field = newGraphField(v)
	v.scroll = container.NewScroll(v.field)
	v.scroll.OnScrolled = func(fyne.Position) { v.field.Refresh() }
	v.buttons = look.NewButtons(
		look.NewIconButton(look.IconRemove, words.L("Smaller"), func() { v.scale(v.Zoom() / zoomStep) }),
		look.NewIconButton(look.IconAdd, words.L("Larger"), func() { v.scale(v.Zoom() * zoomStep) }),
		look.NewIconButton(look.IconScreen, words.L("Show all of it"), func() { v.scale(0) }),
	)
	v.ExtendBaseWidget(v)
	return v
}

const (
	zoomStep = 1.25
	zoomMin  = 0.35
	zoomMax  = 2
	// named is how large it must be for all names to be written.
	named = 0.5
)

// Set shows a graph of a sheet. The cursor stays on what it is on.
func (v *GraphView) Set(s *Sheet, g *Graph, chosen Choice) {
	at := v.id(v.cursor)
	v.sheet, v.graph, v.hover = s, g, -1
	v.cursor = max(0, v.dot(at))
	v.chosen = chosen.Row
	v.scroll.Refresh()
	v.field.Refresh()
}

// Choose marks a choice, and has the cursor there.
func (v *GraphView) Choose(c Choice) {
	v.chosen = c.Row
	if i := v.dot(c.Row); i >= 0 {
		v.cursor = i
	}
	v.field.Refresh()
}

// id is that of a dot's row, "" for a crowd.
func (v *GraphView) id(dot int) string {
	if dot < 0 || dot >= len(v.graph.Dots) || v.graph.Dots[dot].Row < 0 || v.graph.Dots[dot].Row >= len(v.sheet.Map.Rows) {
		return ""
	}
	return rowID(v.sheet.Map.Rows[v.graph.Dots[dot].Row])
}

// dot is that of a row's id, -1 if there is none.
func (v *GraphView) dot(id string) int {
	for i := range v.graph.Dots {
		if id != "" && v.id(i) == id {
			return i
		}
	}
	return -1
}

// Said is the sentence about what the pointer is on, else the cursor.
func (v *GraphView) Said() string {
	i := v.hover
	if i < 0 {
		i = v.cursor
	}
	if i >= len(v.graph.Dots) {
		return ""
	}
	return v.sheet.dotSays(v.graph.Dots[i])
}

func (v *GraphView) say() {
	if v.OnSay != nil {
		v.OnSay()
	}
}

// Zoom is how large the graph is drawn; without another wish so that all of it can be
// seen, if it can be read then.
func (v *GraphView) Zoom() float32 {
	if v.zoom > 0 {
		return v.zoom
	}
	s := v.scroll.Size()
	fit := min(s.Width/max(v.graph.Width, 1), s.Height/max(v.graph.Height, 1))
	return min(max(fit, zoomMin), 1.4)
}

func (v *GraphView) scale(zoom float32) {
	if zoom > 0 {
		zoom = min(max(zoom, zoomMin), zoomMax)
	}
	v.zoom = zoom
	v.scroll.Refresh()
	v.show()
	v.field.Refresh()
}

// place is where a dot is in the field.
func (v *GraphView) place(d Dot) fyne.Position {
	s, zoom := v.field.Size(), v.Zoom()
	return fyne.NewPos(s.Width/2+d.X*zoom, s.Height/2+d.Y*zoom-v.side()*0.2)
}

// side is that of a dot.
func (v *GraphView) side() float32 {
	return theme.SizeForWidget(look.SizeIconBig, v) * min(1, max(0.5, v.Zoom()))
}

// CreateRenderer implements fyne.Widget.
func (v *GraphView) CreateRenderer() fyne.WidgetRenderer {
	return &graphRenderer{v}
}

type graphRenderer struct{ view *GraphView }

func (r *graphRenderer) MinSize() fyne.Size { return fyne.NewSize(200, 160) }
func (r *graphRenderer) Destroy()           {}
func (r *graphRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.view.scroll, r.view.buttons}
}

func (r *graphRenderer) Layout(s fyne.Size) {
	r.view.scroll.Resize(s)
	m := r.view.buttons.MinSize()
	r.view.buttons.Resize(m)
	r.view.buttons.Move(fyne.NewPos(s.Width-m.Width, s.Height-m.Height))
}

func (r *graphRenderer) Refresh() {
	r.Layout(r.view.Size())
	r.view.scroll.Refresh()
	r.view.field.Refresh()
	canvas.Refresh(r.view)
}

// FocusGained implements fyne.Focusable.
func (v *GraphView) FocusGained() {
	v.focused = true
	v.field.Refresh()
	v.say()
}

// FocusLost implements fyne.Focusable.
func (v *GraphView) FocusLost() {
	v.focused, v.shift = false, false
	v.field.Refresh()
}

// AcceptsTab implements fyne.Tabbable: Tab goes from dot to dot, and on from the last.
func (v *GraphView) AcceptsTab() bool { return true }

// KeyDown implements desktop.Keyable.
func (v *GraphView) KeyDown(e *fyne.KeyEvent) {
	if e.Name == desktop.KeyShiftLeft || e.Name == desktop.KeyShiftRight {
		v.shift = true
	}
}

// KeyUp implements desktop.Keyable.
func (v *GraphView) KeyUp(e *fyne.KeyEvent) {
	if e.Name == desktop.KeyShiftLeft || e.Name == desktop.KeyShiftRight {
		v.shift = false
	}
}

// TypedRune implements fyne.Focusable.
func (v *GraphView) TypedRune(r rune) {
	switch {
	case r == '/' && v.OnSearch != nil:
		v.OnSearch()
	case r == '+':
		v.scale(v.Zoom() * zoomStep)
	case r == '-':
		v.scale(v.Zoom() / zoomStep)
	case r == '0':
		v.scale(0)
	}
}

// directions are where the arrow keys lead.
var directions = map[fyne.KeyName][2]float32{
	fyne.KeyUp: {0, -1}, fyne.KeyDown: {0, 1}, fyne.KeyLeft: {-1, 0}, fyne.KeyRight: {1, 0},
}

// TypedKey implements fyne.Focusable.
func (v *GraphView) TypedKey(e *fyne.KeyEvent) {
	last := len(v.graph.Dots) - 1
	if to, ok := directions[e.Name]; ok && last >= 0 {
		v.move(v.graph.Toward(v.cursor, to[0], to[1]))
		return
	}
	switch e.Name {
	case fyne.KeyTab:
		v.tab(last)
	case fyne.KeyHome:
		v.move(0)
	case fyne.KeyEnd:
		v.move(last)
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		v.open(v.cursor)
	default:
		keys.Pass(v, e)
	}
}

// tab goes to the next dot or the one before, and leaves the graph at its ends.
func (v *GraphView) tab(last int) {
	c := fyne.CurrentApp().Driver().CanvasForObject(v)
	switch {
	case v.shift && v.cursor > 0:
		v.move(v.cursor - 1)
	case !v.shift && v.cursor < last:
		v.move(v.cursor + 1)
	case c != nil && v.shift:
		c.FocusPrevious()
	case c != nil:
		c.FocusNext()
	}
}

func (v *GraphView) move(dot int) {
	if dot < 0 || dot >= len(v.graph.Dots) {
		return
	}
	v.cursor, v.hover = dot, -1
	v.show()
	v.field.Refresh()
	v.say()
}

// show scrolls to the cursor.
func (v *GraphView) show() {
	if v.cursor >= len(v.graph.Dots) {
		return
	}
	p, side, view, at := v.place(v.graph.Dots[v.cursor]), v.side(), v.scroll.Size(), v.scroll.Offset
	at.X = max(min(at.X, p.X-side), p.X+side-view.Width)
	at.Y = max(min(at.Y, p.Y-side), p.Y+side*1.5-view.Height)
	if at != v.scroll.Offset {
		v.scroll.ScrollToOffset(at)
	}
}

func (v *GraphView) open(dot int) {
	if dot < 0 || dot >= len(v.graph.Dots) {
		return
	}
	if d := v.graph.Dots[dot]; d.Row < 0 {
		v.OnCrowd(d.Crowd)
	} else {
		v.OnChosen(d.Row)
	}
}

// at is the dot at a place of the field, -1 if there is none.
func (v *GraphView) at(p fyne.Position) int {
	reach := v.side() * 0.75
	for i, d := range v.graph.Dots {
		if q := v.place(d); abs(q.X-p.X) < reach && abs(q.Y-p.Y) < reach*1.2 {
			return i
		}
	}
	return -1
}

// AccessibilityLabel implements fyne.Accessible.
func (v *GraphView) AccessibilityLabel() string {
	if v.cursor >= len(v.graph.Dots) {
		return ""
	}
	return v.sheet.dotSays(v.graph.Dots[v.cursor])
}

// AccessibilityRole implements fyne.Accessible.
func (v *GraphView) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }
