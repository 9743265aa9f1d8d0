package frame

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/look"
)

// aroundSheet is what a sheet has above and below its content, and some of the window.
func aroundSheet() float32 { return 2*theme.Size(look.SizeRow) + 40 }

// sheetWide is how wide a sheet is if its content needs no more, with its edges.
func (f *Frame) sheetWide() float32 {
	return min(theme.Size(look.SizeReading)*6/7, f.Window.Canvas().Size().Width-64)
}

// Room is the width that content has in a sheet at most.
func (f *Frame) Room() float32 {
	return f.Window.Canvas().Size().Width - 64 - 2*theme.Size(look.SizeL)
}

// Fit makes the sheets as large as what is in them now: by themselves they only grow.
func (f *Frame) Fit() {
	for _, s := range f.sheets {
		s.popup.Resize(s.popup.MinSize())
		s.over.Refresh()
	}
}

// Fitting is content of a sheet that can be scrolled if the window is too low for it.
// Where it is scrolled, and what has the keyboard, is seen beside it: its edges are
// those of the sheet's other content.
func (f *Frame) Fitting(content fyne.CanvasObject) *fyne.Container {
	edge, bar := theme.Size(look.SizeXS)/2, theme.Size(look.SizeS)
	inside := container.New(layout.NewCustomPaddedLayout(edge, edge, edge, bar), content)
	scroll := container.NewVScroll(inside)
	return container.New(&fitting{f.Window.Canvas(), inside, scroll, edge, bar}, scroll)
}

// Reveal scrolls what is Fitting so that an object in it is seen, and of one that is
// higher than there is room its beginning.
func (f *Frame) Reveal(in *fyne.Container, o fyne.CanvasObject) {
	l, ok := in.Layout.(*fitting)
	if !ok {
		return
	}
	place := fyne.CurrentApp().Driver().AbsolutePositionForObject
	top := place(o).Y - place(l.content).Y
	at := max(l.scroll.Offset.Y, top+o.Size().Height+l.edge-l.scroll.Size().Height)
	l.scroll.ScrollToOffset(fyne.NewPos(0, max(0, min(at, top-l.edge))))
}

type fitting struct {
	canvas  fyne.Canvas
	content fyne.CanvasObject
	scroll  *container.Scroll
	edge    float32 // around the content, all but the right
	bar     float32 // and there
}

// MinSize implements fyne.Layout.
func (l *fitting) MinSize([]fyne.CanvasObject) fyne.Size {
	least := l.content.MinSize()
	return fyne.NewSize(least.Width-l.edge-l.bar, min(least.Height-2*l.edge, l.canvas.Size().Height-aroundSheet()))
}

// Layout implements fyne.Layout.
func (l *fitting) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	for _, o := range objects {
		o.Resize(s.AddWidthHeight(l.edge+l.bar, 2*l.edge))
		o.Move(fyne.NewPos(-l.edge, -l.edge))
	}
}
