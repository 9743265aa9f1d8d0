package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// A FaceRow is somebody as a line of a list. It only shows, as a Row does.
type FaceRow struct {
	widget.BaseWidget
	face *Face
	row  *Row
}

// NewFaceRow returns a row of nobody yet.
func NewFaceRow() *FaceRow {
	r := &FaceRow{face: NewFace(FaceData{}), row: NewRow(RowData{})}
	r.ExtendBaseWidget(r)
	return r
}

// Set shows somebody; the row has no icon.
func (r *FaceRow) Set(face FaceData, row RowData) {
	r.face.Set(face)
	r.row.Set(row)
}

// AccessibilityLabel implements fyne.Accessible.
func (r *FaceRow) AccessibilityLabel() string { return r.row.AccessibilityLabel() }

// AccessibilityRole implements fyne.Accessible.
func (r *FaceRow) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (r *FaceRow) CreateRenderer() fyne.WidgetRenderer { return &faceRowRenderer{r} }

type faceRowRenderer struct{ row *FaceRow }

func (r *faceRowRenderer) left() (face, margin float32) {
	return size(SizeIconBig, r.row) * 0.95, size(SizeM, r.row)
}

func (r *faceRowRenderer) Layout(s fyne.Size) {
	face, margin := r.left()
	r.row.face.Resize(fyne.NewSquareSize(face))
	r.row.face.Move(fyne.NewPos(margin, (s.Height-face)/2))
	r.row.row.Resize(fyne.NewSize(s.Width-face-margin, s.Height))
	r.row.row.Move(fyne.NewPos(face+margin, 0))
}

func (r *faceRowRenderer) MinSize() fyne.Size {
	face, margin := r.left()
	return r.row.row.MinSize().AddWidthHeight(face+margin, 0)
}

func (r *faceRowRenderer) Refresh() {
	r.row.face.Refresh()
	r.row.row.Refresh()
}

func (r *faceRowRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.row.face, r.row.row}
}

func (r *faceRowRenderer) Destroy() {}
