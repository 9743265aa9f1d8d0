package people

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/look"
)

// personRow is somebody as a line of a list.
type personRow struct {
	widget.BaseWidget
	face *look.Face
	row  *look.Row
}

func newPersonRow() *personRow {
	r := &personRow{face: look.NewFace(look.FaceData{}), row: look.NewRow(look.RowData{})}
	r.ExtendBaseWidget(r)
	return r
}

func (r *personRow) set(face look.FaceData, row look.RowData) {
	r.face.Set(face)
	r.row.Set(row)
}

// AccessibilityLabel implements fyne.Accessible.
func (r *personRow) AccessibilityLabel() string { return r.row.AccessibilityLabel() }

// AccessibilityRole implements fyne.Accessible.
func (r *personRow) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (r *personRow) CreateRenderer() fyne.WidgetRenderer { return &personRenderer{r} }

type personRenderer struct{ row *personRow }

func (*personRenderer) left() (face, margin float32) {
	return theme.Size(look.SizeIconBig) * 0.95, theme.Size(look.SizeM)
}

func (r *personRenderer) Layout(s fyne.Size) {
	face, margin := r.left()
	r.row.face.Resize(fyne.NewSquareSize(face))
	r.row.face.Move(fyne.NewPos(margin, (s.Height-face)/2))
	r.row.row.Resize(fyne.NewSize(s.Width-face-margin, s.Height))
	r.row.row.Move(fyne.NewPos(face+margin, 0))
}

func (r *personRenderer) MinSize() fyne.Size {
	face, margin := r.left()
	return r.row.row.MinSize().AddWidthHeight(face+margin, 0)
}

func (r *personRenderer) Refresh() {
	r.row.face.Refresh()
	r.row.row.Refresh()
}

func (r *personRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.row.face, r.row.row}
}

func (r *personRenderer) Destroy() {}
