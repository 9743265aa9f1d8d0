package scan

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/look"
)

// NewHalves puts a ring beside words.
func NewHalves(ring, words fyne.CanvasObject) *fyne.Container {
	return container.New(&halves{}, ring, words)
}

type halves struct{}

func (*halves) MinSize(o []fyne.CanvasObject) fyne.Size {
	a, b := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(max(a.Width, b.Width), max(a.Height, b.Height))
}

func (*halves) Layout(o []fyne.CanvasObject, s fyne.Size) {
	gap, ring := 2*theme.Size(look.SizeXL), o[0].MinSize()
	more := max(min(s.Height-ring.Height, s.Width/2-ring.Width), 0)
	ring = ring.AddWidthHeight(more, more)
	wide := s.Width - ring.Width - gap
	o[0].Resize(fyne.NewSize(ring.Width, ring.Height))
	o[0].Move(fyne.NewPos(0, max((s.Height-ring.Height)/2, 0)))
	o[1].Resize(fyne.NewSize(wide, o[1].MinSize().Height))
	h := o[1].MinSize().Height
	o[1].Resize(fyne.NewSize(wide, h))
	o[1].Move(fyne.NewPos(ring.Width+gap, max((s.Height-h)/2, 0)))
}
