package carry

import "fyne.io/fyne/v2"

// lines gives a list a height.
type lines float32

// MinSize implements fyne.Layout.
func (l lines) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, float32(l)) }

// Layout implements fyne.Layout.
func (lines) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	for _, o := range objects {
		o.Resize(s)
		o.Move(fyne.Position{})
	}
}
