package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// NewRoom gives content at least so much of the width that text is set in, both ways:
// NewRoom(list, 1, 0.5). It is for what asks for no room itself, such as a list in a
// sheet.
func NewRoom(content fyne.CanvasObject, wide, high float32) *fyne.Container {
	return container.New(&room{wide, high}, content)
}

type room struct{ wide, high float32 }

// MinSize implements fyne.Layout.
func (r *room) MinSize(objects []fyne.CanvasObject) fyne.Size {
	reading := theme.Size(SizeReading)
	if reading == 0 {
		reading = sizes[SizeReading]
	}
	least := fyne.NewSize(reading*r.wide, reading*r.high)
	for _, o := range objects {
		least = least.Max(o.MinSize())
	}
	return least
}

// Layout implements fyne.Layout.
func (*room) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	for _, o := range objects {
		o.Resize(s)
		o.Move(fyne.Position{})
	}
}
