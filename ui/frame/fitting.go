package frame

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/look"
)

// aroundSheet is what a sheet has beside its content, and some of the window.
const aroundSheet = 148

// Fitting is content of a sheet that can be scrolled if the window is too low for it.
func (f *Frame) Fitting(content fyne.CanvasObject) *fyne.Container {
	edge := theme.Size(look.SizeXS) / 2
	inside := container.New(layout.NewCustomPaddedLayout(edge, edge, edge, theme.Size(look.SizeS)), content)
	return container.New(&fitting{f.Window.Canvas(), inside}, container.NewVScroll(inside))
}

type fitting struct {
	canvas  fyne.Canvas
	content fyne.CanvasObject
}

// MinSize implements fyne.Layout.
func (l *fitting) MinSize([]fyne.CanvasObject) fyne.Size {
	least := l.content.MinSize()
	return fyne.NewSize(least.Width, min(least.Height, l.canvas.Size().Height-aroundSheet))
}

// Layout implements fyne.Layout.
func (l *fitting) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	for _, o := range objects {
		o.Resize(s)
		o.Move(fyne.Position{})
	}
}
