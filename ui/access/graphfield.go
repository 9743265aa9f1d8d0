package access

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// graphField is what is scrolled.
type graphField struct {
	widget.BaseWidget
	view *GraphView
}

var (
	_ fyne.Tappable     = (*graphField)(nil)
	_ desktop.Hoverable = (*graphField)(nil)
)

func newGraphField(v *GraphView) *graphField {
	f := &graphField{view: v}
	f.ExtendBaseWidget(f)
	return f
}

// Tapped implements fyne.Tappable.
func (f *graphField) Tapped(e *fyne.PointEvent) {
	v := f.view
	if c := fyne.CurrentApp().Driver().CanvasForObject(v); c != nil {
		c.Focus(v)
	}
	if i := v.at(e.Position); i >= 0 {
		v.move(i)
		v.open(i)
	}
}

// MouseIn implements desktop.Hoverable.
func (f *graphField) MouseIn(e *desktop.MouseEvent) { f.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (f *graphField) MouseMoved(e *desktop.MouseEvent) { f.point(f.view.at(e.Position)) }

// MouseOut implements desktop.Hoverable.
func (f *graphField) MouseOut() { f.point(-1) }

func (f *graphField) point(dot int) {
	if f.view.hover != dot {
		f.view.hover = dot
		f.Refresh()
		f.view.say()
	}
}

// CreateRenderer implements fyne.Widget.
func (f *graphField) CreateRenderer() fyne.WidgetRenderer {
	return &fieldRenderer{f, newPool(f)}
}

type fieldRenderer struct {
	field *graphField
	pool  *pool
}

func (r *fieldRenderer) Layout(fyne.Size)             { r.Refresh() }
func (r *fieldRenderer) Objects() []fyne.CanvasObject { return r.pool.objects() }
func (r *fieldRenderer) Destroy()                     {}

func (r *fieldRenderer) MinSize() fyne.Size {
	v := r.field.view
	return fyne.NewSize(v.graph.Width*v.Zoom(), v.graph.Height*v.Zoom())
}

func (r *fieldRenderer) Refresh() {
	r.field.view.draw(r.pool)
	r.pool.done()
	canvas.Refresh(r.field)
}
