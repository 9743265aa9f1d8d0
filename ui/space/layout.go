package space

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/look"
)

// gap is a step of the spacing scale.
func gap(name fyne.ThemeSizeName) float32 { return theme.Size(name) }

// around keeps space around something.
func around(o fyne.CanvasObject, x, y fyne.ThemeSizeName) *fyne.Container {
	w, h := float32(0), float32(0)
	if x != "" {
		w = gap(x)
	}
	if y != "" {
		h = gap(y)
	}
	return container.New(layout.NewCustomPaddedLayout(h, h, w, w), o)
}

// row puts things beside each other, as wide as they ask to be.
func row(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedHBoxLayout(gap(look.SizeS)), objects...)
}

// column puts things below each other.
func column(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(gap(look.SizeS)), objects...)
}

// flow sets things beside each other, in as many lines as they need.
type flow struct{}

// arrange sets them, or only says how high they are, in a width.
func (flow) arrange(objects []fyne.CanvasObject, width float32, set bool) float32 {
	between := gap(look.SizeS)
	x, y, line := float32(0), float32(0), float32(0)
	for _, o := range objects {
		m := o.MinSize()
		if x > 0 && x+m.Width > width {
			x, y = 0, y+line+between
		}
		if set {
			place(o, x, y, min(m.Width, width), m.Height)
		}
		x, line = x+m.Width+between, m.Height
	}
	return y + line
}

// MinSize implements fyne.Layout. Who lays it out asks arrange.
func (flow) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

// Layout implements fyne.Layout.
func (f flow) Layout(objects []fyne.CanvasObject, s fyne.Size) { f.arrange(objects, s.Width, true) }

// headLayout puts the header and the notices above the page.
type headLayout struct{ screen *Screen }

// Layout implements fyne.Layout.
func (l *headLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range []fyne.CanvasObject{l.screen.head.content, l.screen.notices.content} {
		if !o.Visible() {
			continue
		}
		o.Resize(fyne.NewSize(size.Width, o.Size().Height)) // its height may depend on its width
		h := o.MinSize().Height
		o.Resize(fyne.NewSize(size.Width, h))
		o.Move(fyne.NewPos(0, y))
		y += h
	}
	l.screen.body.Move(fyne.NewPos(0, y))
	l.screen.body.Resize(fyne.NewSize(size.Width, max(0, size.Height-y)))
}

// MinSize implements fyne.Layout. Pages scroll where they get less.
func (l *headLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSquareSize(gap(look.SizeDrawing))
}
