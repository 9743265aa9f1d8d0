package carry

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/look"
)

// lines gives a list the height of so many rows.
type lines struct {
	rows int
	low  bool
}

func newLines(list fyne.CanvasObject, rows int, low bool) *fyne.Container {
	return container.New(&lines{rows, low}, list)
}

// MinSize implements fyne.Layout.
func (l *lines) MinSize([]fyne.CanvasObject) fyne.Size {
	row := look.SizeRow
	if l.low {
		row = look.SizeRowSmall
	}
	between := theme.Size(theme.SizeNamePadding) // of the toolkit's list
	return fyne.NewSize(theme.Size(look.SizeReading)*0.8, float32(l.rows)*(theme.Size(row)+between))
}

// Layout implements fyne.Layout.
func (*lines) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	for _, o := range objects {
		o.Resize(s)
		o.Move(fyne.Position{})
	}
}
