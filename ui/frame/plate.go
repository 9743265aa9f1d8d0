package frame

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/look"
)

// surface is a colour of the theme behind something; it follows the theme.
type surface struct {
	widget.BaseWidget
	color fyne.ThemeColorName
	round fyne.ThemeSizeName // its corners, or none
}

func newSurface(color fyne.ThemeColorName) *surface {
	s := &surface{color: color}
	s.ExtendBaseWidget(s)
	return s
}

// CreateRenderer implements fyne.Widget.
func (s *surface) CreateRenderer() fyne.WidgetRenderer {
	r := &surfaceRenderer{surface: s, fill: canvas.NewRectangle(nil)}
	r.Refresh()
	return r
}

type surfaceRenderer struct {
	surface *surface
	fill    *canvas.Rectangle
}

func (r *surfaceRenderer) Layout(s fyne.Size)           { r.fill.Resize(s) }
func (r *surfaceRenderer) MinSize() fyne.Size           { return fyne.Size{} }
func (r *surfaceRenderer) Destroy()                     {}
func (r *surfaceRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.fill} }

func (r *surfaceRenderer) Refresh() {
	r.fill.FillColor = theme.ColorForWidget(r.surface.color, r.surface)
	if r.surface.round != "" {
		r.fill.CornerRadius = theme.SizeForWidget(r.surface.round, r.surface)
	}
	r.fill.Refresh()
}

// inset puts room around an object: at its sides, and above and below.
func inset(o fyne.CanvasObject, side, above fyne.ThemeSizeName) *fyne.Container {
	var x, y float32
	if side != "" {
		x = theme.Size(side)
	}
	if above != "" {
		y = theme.Size(above)
	}
	return container.New(layout.NewCustomPaddedLayout(y, y, x, x), o)
}

// middle centres a line of text in the height it gets, and gives it all the width.
func middle(o fyne.CanvasObject) *fyne.Container {
	return container.New(middleLayout{}, o)
}

type middleLayout struct{}

// Layout implements fyne.Layout.
func (middleLayout) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	for _, o := range objects {
		h := o.MinSize().Height
		o.Resize(fyne.NewSize(s.Width, h))
		o.Move(fyne.NewPos(0, (s.Height-h)/2))
	}
}

// MinSize implements fyne.Layout.
func (middleLayout) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size
}

// narrowBelow is the width below which the rail has icons only.
const narrowBelow = 760

// rootLayout lays out the window: the rail, the screen, the line below both.
type rootLayout struct{ frame *Frame }

// Layout implements fyne.Layout.
func (l rootLayout) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	f := l.frame
	narrow := s.Width < narrowBelow
	wide := theme.Size(look.SizeRail)
	if narrow {
		wide = theme.Size(look.SizeRailNarrow)
	}
	f.rail.setNarrow(narrow)
	low := f.status.content.MinSize().Height
	f.rail.content.Resize(fyne.NewSize(wide, s.Height-low))
	f.stack.Resize(fyne.NewSize(s.Width-wide, s.Height-low-f.toasts.layout(s, low)))
	f.stack.Move(fyne.NewPos(wide, 0))
	f.status.content.Resize(fyne.NewSize(s.Width, low))
	f.status.content.Move(fyne.NewPos(0, s.Height-low))
}

// MinSize implements fyne.Layout. Screens scroll where they get less.
func (l rootLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(560, 420)
}
