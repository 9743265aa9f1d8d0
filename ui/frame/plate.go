package frame

import (
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// newPlate is a surface that things lie on.
func newPlate() *canvas.Rectangle {
	r := canvas.NewRectangle(theme.Color(theme.ColorNameOverlayBackground))
	r.CornerRadius = 8
	return r
}
