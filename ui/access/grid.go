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
)

// Spot is a place of the grid: a line and a column of its sheet. -1 is the heads, or
// the names.
type Spot struct{ Line, Column int }

var nowhere = Spot{-2, -2}

// Grid draws a sheet: names at the left and heads above stay where they are while the
// cells are scrolled. It takes the keyboard as a whole and has a cursor of its own.
type Grid struct {
	widget.BaseWidget

	// OnChosen is told what was clicked, or chosen with Enter.
	OnChosen func(row, column int) `json:"-"` // of the map, -1 for none
	// OnFold is told the group whose heading was.
	OnFold func(Group) `json:"-"`
	// OnSay is told when the cursor, or the pointer, is on something else.
	OnSay func() `json:"-"`
	// OnSearch is told of "/".
	OnSearch func() `json:"-"`
	// Face is how somebody is shown.
	Face func(node.MapRow) look.FaceData `json:"-"`

	sheet   *Sheet
	chosen  Choice
	cursor  Spot
	hover   Spot
	focused bool

	scroll *container.Scroll
	cells  *part // the cells, in scroll
	names  *part // of the lines
	heads  *part // of the columns
	corner *part
}

var (
	_ fyne.Widget     = (*Grid)(nil)
	_ fyne.Focusable  = (*Grid)(nil)
	_ fyne.Accessible = (*Grid)(nil)
)

// NewGrid returns a grid without anything in it.
func NewGrid() *Grid {
	g := &Grid{sheet: new(Sheet), hover: nowhere, Face: faceOf}
	g.cells = newPart(g, (*Grid).drawCells, func(p fyne.Position) Spot { return Spot{g.lineAt(p.Y), g.columnAt(p.X)} })
	g.names = newPart(g, (*Grid).drawNames, func(p fyne.Position) Spot { return Spot{g.lineAt(p.Y + g.scroll.Offset.Y), -1} })
	g.heads = newPart(g, (*Grid).drawHeads, func(p fyne.Position) Spot { return Spot{-1, g.columnAt(p.X + g.scroll.Offset.X)} })
	g.corner = newPart(g, (*Grid).drawCorner, func(fyne.Position) Spot { return nowhere })
	g.scroll = container.NewScroll(g.cells)
	g.scroll.OnScrolled = func(fyne.Position) { g.redraw() }
	g.ExtendBaseWidget(g)
	return g
}

// Set shows a sheet. The cursor stays on what it is on, if that is still there.
func (g *Grid) Set(s *Sheet, chosen Choice) {
	at := g.at(g.cursor)
	g.sheet, g.chosen = s, chosen
	g.cursor = g.spot(at, g.cursor)
	g.hover = nowhere
	g.scroll.Refresh() // which may be shorter now
	g.redraw()
	g.say()
}

// Choose marks a choice, and has the cursor there.
func (g *Grid) Choose(c Choice) {
	g.chosen = c
	if c != (Choice{}) {
		g.cursor = g.spot(c, g.cursor)
		g.show()
	}
	g.redraw()
}

// at is what is at a spot.
func (g *Grid) at(s Spot) Choice {
	row, column := g.of(s)
	return g.sheet.Choose(row, column)
}

// of are a spot's row and column of the map, -1 for none.
func (g *Grid) of(s Spot) (row, column int) {
	row, column = -1, -1
	if s.Line >= 0 && s.Line < len(g.sheet.Lines) && !g.sheet.Lines[s.Line].Heading {
		row = g.sheet.Lines[s.Line].Row
	}
	if s.Column >= 0 && s.Column < len(g.sheet.Columns) {
		column = g.sheet.Columns[s.Column]
	}
	return row, column
}

// spot is where a choice is; parts of it that aren't there are as they were, within
// what there is.
func (g *Grid) spot(c Choice, was Spot) Spot {
	was.Line = min(was.Line, max(len(g.sheet.Lines)-1, 0))
	was.Column = min(was.Column, max(len(g.sheet.Columns)-1, 0))
	for i, l := range g.sheet.Lines {
		if c.Row != "" && !l.Heading && rowID(g.sheet.Map.Rows[l.Row]) == c.Row {
			was.Line = i
		}
	}
	for i, col := range g.sheet.Columns {
		if c.Column != "" && columnID(g.sheet.Map.Columns[col]) == c.Column {
			was.Column = i
		}
	}
	return was
}

// Said is the sentence about what the pointer is on, else the cursor; empty if that is
// nothing.
func (g *Grid) Said() string {
	s := g.hover
	if s == nowhere {
		s = g.cursor
	}
	return g.sheet.Says(g.of(s))
}

func (g *Grid) say() {
	if g.OnSay != nil {
		g.OnSay()
	}
}

// redraw draws what can be seen.
func (g *Grid) redraw() {
	for _, p := range []*part{g.cells, g.names, g.heads, g.corner} {
		p.Refresh()
	}
}

// Sizes of the grid.
func (g *Grid) line() float32 { return theme.SizeForWidget(look.SizeRowSmall, g) }
func (g *Grid) wide() float32 { return theme.SizeForWidget(look.SizeRowSmall, g) * 2.4 }
func (g *Grid) head() float32 { return theme.SizeForWidget(look.SizeRow, g) }

// name is the width of the names: a fifth of what there is, but enough to read them.
func (g *Grid) name() float32 {
	rail := theme.SizeForWidget(look.SizeRail, g)
	return max(rail*0.8, min(g.Size().Width*0.28, rail*1.3))
}

func (g *Grid) lineAt(y float32) int {
	if i := int(y / g.line()); y >= 0 && i < len(g.sheet.Lines) {
		return i
	}
	return nowhere.Line
}

func (g *Grid) columnAt(x float32) int {
	if i := int(x / g.wide()); x >= 0 && i < len(g.sheet.Columns) {
		return i
	}
	return nowhere.Column
}

// MinSize implements fyne.CanvasObject: some cells must be seen.
func (g *Grid) MinSize() fyne.Size {
	return fyne.NewSize(theme.SizeForWidget(look.SizeRail, g)*0.8+g.wide(), g.head()+3*g.line())
}

// CreateRenderer implements fyne.Widget.
func (g *Grid) CreateRenderer() fyne.WidgetRenderer {
	return &gridRenderer{grid: g, objects: []fyne.CanvasObject{g.scroll, clip(g.names), clip(g.heads), g.corner}}
}

// clip shows what of an object is within its place.
func clip(o fyne.CanvasObject) *container.Clip {
	c := container.NewClip(o)
	c.ExtendBaseWidget(c) // else it doesn't tell the object its size
	return c
}

type gridRenderer struct {
	grid    *Grid
	objects []fyne.CanvasObject
}

func (r *gridRenderer) MinSize() fyne.Size           { return r.grid.MinSize() }
func (r *gridRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *gridRenderer) Destroy()                     {}

func (r *gridRenderer) Layout(s fyne.Size) {
	g := r.grid
	name, head := g.name(), g.head()
	for i, b := range []box{
		{name, head, s.Width - name, s.Height - head}, {0, head, name, s.Height - head}, {name, 0, s.Width - name, head}, {0, 0, name, head},
	} {
		b.put(r.objects[i])
	}
	g.redraw()
}

func (r *gridRenderer) Refresh() {
	r.Layout(r.grid.Size())
	canvas.Refresh(r.grid)
}

// FocusGained implements fyne.Focusable.
func (g *Grid) FocusGained() {
	g.focused = true
	g.redraw()
	g.say()
}

// FocusLost implements fyne.Focusable.
func (g *Grid) FocusLost() {
	g.focused = false
	g.redraw()
}

// TypedRune implements fyne.Focusable.
func (g *Grid) TypedRune(r rune) {
	if r == '/' && g.OnSearch != nil {
		g.OnSearch()
	}
}

// TypedKey implements fyne.Focusable.
func (g *Grid) TypedKey(e *fyne.KeyEvent) {
	page := max(1, int(g.scroll.Size().Height/g.line())-1)
	c := g.cursor
	switch e.Name {
	case fyne.KeyUp:
		c.Line--
	case fyne.KeyDown:
		c.Line++
	case fyne.KeyLeft:
		c.Column--
	case fyne.KeyRight:
		c.Column++
	case fyne.KeyPageUp:
		c.Line -= page
	case fyne.KeyPageDown:
		c.Line += page
	case fyne.KeyHome:
		c.Column = -1
	case fyne.KeyEnd:
		c.Column = len(g.sheet.Columns) - 1
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		g.open(g.cursor)
		return
	default:
		keys.Pass(g, e)
		return
	}
	g.move(c)
}

// move has the cursor go to a spot, within what there is.
func (g *Grid) move(c Spot) {
	c.Line = max(-1, min(c.Line, len(g.sheet.Lines)-1))
	c.Column = max(-1, min(c.Column, len(g.sheet.Columns)-1))
	g.hover = nowhere // the keyboard is being used, not the pointer
	g.cursor = c
	g.show()
	g.redraw()
	g.say()
}

// show scrolls to the cursor.
func (g *Grid) show() {
	view, at := g.scroll.Size(), g.scroll.Offset
	x, y := float32(g.cursor.Column)*g.wide(), float32(g.cursor.Line)*g.line()
	if g.cursor.Column >= 0 {
		at.X = max(min(at.X, x), x+g.wide()-view.Width)
	}
	if g.cursor.Line >= 0 {
		at.Y = max(min(at.Y, y), y+g.line()-view.Height)
	}
	if at != g.scroll.Offset {
		g.scroll.ScrollToOffset(at)
	}
}

// open chooses what is at a spot, or folds it.
func (g *Grid) open(s Spot) {
	if s.Line >= 0 && s.Line < len(g.sheet.Lines) && g.sheet.Lines[s.Line].Heading {
		if g.OnFold != nil {
			g.OnFold(g.sheet.Lines[s.Line].Group)
		}
		return
	}
	if row, column := g.of(s); (row >= 0 || column >= 0) && g.OnChosen != nil {
		g.OnChosen(row, column)
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (g *Grid) AccessibilityLabel() string { return g.sheet.Says(g.of(g.cursor)) }

// AccessibilityRole implements fyne.Accessible.
func (g *Grid) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// part is a part of the grid that is drawn by itself.
type part struct {
	widget.BaseWidget
	grid *Grid
	draw func(*Grid, *pool, fyne.Size)
	spot func(fyne.Position) Spot // what is at a place of it
}

var (
	_ fyne.Tappable     = (*part)(nil)
	_ desktop.Hoverable = (*part)(nil)
)

func newPart(g *Grid, draw func(*Grid, *pool, fyne.Size), spot func(fyne.Position) Spot) *part {
	p := &part{grid: g, draw: draw, spot: spot}
	p.ExtendBaseWidget(p)
	return p
}

// Tapped implements fyne.Tappable.
func (p *part) Tapped(e *fyne.PointEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(p.grid); c != nil {
		c.Focus(p.grid)
	}
	s := p.spot(e.Position)
	if s.Line < -1 || s.Column < -1 && s.Line < 0 {
		return
	}
	s.Column = max(s.Column, -1)
	p.grid.move(s)
	p.grid.open(s)
}

// MouseIn implements desktop.Hoverable.
func (p *part) MouseIn(e *desktop.MouseEvent) { p.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (p *part) MouseMoved(e *desktop.MouseEvent) { p.point(p.spot(e.Position)) }

// MouseOut implements desktop.Hoverable.
func (p *part) MouseOut() { p.point(nowhere) }

func (p *part) point(s Spot) {
	if s.Line < -1 || s.Column < -1 {
		s = nowhere
	}
	if p.grid.hover != s {
		p.grid.hover = s
		p.grid.redraw()
		p.grid.say()
	}
}

// CreateRenderer implements fyne.Widget.
func (p *part) CreateRenderer() fyne.WidgetRenderer {
	return &partRenderer{part: p, pool: newPool(p)}
}

type partRenderer struct {
	part *part
	pool *pool
}

func (r *partRenderer) Layout(fyne.Size)             { r.Refresh() }
func (r *partRenderer) Objects() []fyne.CanvasObject { return r.pool.objects() }
func (r *partRenderer) Destroy()                     {}

// MinSize is that of all cells for those, so that they can be scrolled.
func (r *partRenderer) MinSize() fyne.Size {
	g := r.part.grid
	if r.part != g.cells {
		return fyne.NewSize(1, 1)
	}
	return fyne.NewSize(float32(len(g.sheet.Columns))*g.wide(), float32(len(g.sheet.Lines))*g.line())
}

func (r *partRenderer) Refresh() {
	r.part.draw(r.part.grid, r.pool, r.part.Size())
	r.pool.done()
	canvas.Refresh(r.part)
}
