package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// A LinkRow is a row that leads somewhere: it can be clicked, and chosen with the
// keyboard. It stands in a card or a column; a widget.List takes a Row.
type LinkRow struct {
	control
	data RowData
	// Low is a row that never has a subtitle.
	Low      bool
	selected bool
}

var (
	_ fyne.Widget     = (*LinkRow)(nil)
	_ fyne.Focusable  = (*LinkRow)(nil)
	_ fyne.Accessible = (*LinkRow)(nil)
)

// NewLinkRow returns a row that does something when it is activated.
func NewLinkRow(data RowData, do func()) *LinkRow {
	r := &LinkRow{data: data}
	r.OnTapped = do
	r.label = data.label()
	r.extend(r)
	return r
}

// Set shows something else.
func (r *LinkRow) Set(data RowData) {
	if !r.data.equal(data) {
		r.data, r.label = data, data.label()
		r.Refresh()
	}
}

// Data is what the row shows.
func (r *LinkRow) Data() RowData { return r.data }

// SetSelected marks the row as the chosen one, or as not chosen.
func (r *LinkRow) SetSelected(selected bool) {
	if r.selected != selected {
		r.selected = selected
		r.Refresh()
	}
}

// Selected says whether the row is the chosen one.
func (r *LinkRow) Selected() bool { return r.selected }

// CreateRenderer implements fyne.Widget.
func (r *LinkRow) CreateRenderer() fyne.WidgetRenderer {
	return newLinkRowRenderer(r)
}

type linkRowRenderer struct {
	*rowRenderer
	row     *LinkRow
	surface *canvas.Rectangle
	halo    halo
}

func newLinkRowRenderer(row *LinkRow) *linkRowRenderer {
	r := &linkRowRenderer{
		rowRenderer: newRowRenderer(row, func() (RowData, bool) { return row.data, row.Low }),
		row:         row, surface: canvas.NewRectangle(nil), halo: newHalo(),
	}
	r.Refresh()
	return r
}

func (r *linkRowRenderer) Layout(s fyne.Size) {
	r.surface.Resize(s)
	r.halo.layout(s)
	r.rowRenderer.Layout(s)
}

func (r *linkRowRenderer) Refresh() {
	radius := size(SizeRadius, r.row)
	r.surface.Hidden = !r.row.selected
	r.surface.FillColor = ink(ColorRow, r.row)
	r.surface.CornerRadius = radius
	r.surface.Refresh()
	r.halo.refresh(&r.row.control, r.row, radius)
	r.rowRenderer.Refresh()
	r.Layout(r.row.Size())
}

func (r *linkRowRenderer) Objects() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{r.surface, r.halo.veil}
	return append(append(objects, r.rowRenderer.objects...), r.halo.ring)
}
