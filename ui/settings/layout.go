package settings

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/keys"
	"meadow/ui/look"
)

// Widths with text of the usual size.
const (
	indexWidth = 176 // of the list of sections
	pageMost   = 760
	pageLeast  = 340
	besideFrom = 420 // a control is beside what it sets, below that under it
)

// scaled is a width with text of the size that it has.
func scaled(w float32) float32 { return w * theme.TextSize() / 14 }

// beside puts the index at the left, a line, and the page in what is left. Where there
// isn't room for both the index goes.
type beside struct{}

// MinSize implements fyne.Layout.
func (beside) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(pageLeast, 200) }

func wide() float32 { return scaled(indexWidth) }

// Layout implements fyne.Layout.
func (beside) Layout(o []fyne.CanvasObject, s fyne.Size) {
	pad := theme.Size(look.SizeM)
	narrow := s.Width-wide()-pad < scaled(besideFrom)+4*theme.Size(look.SizeXL)
	o[0].(*keys.List).Hidden, o[1].(*canvas.Rectangle).Hidden = narrow, narrow
	if narrow {
		o[2].Move(fyne.Position{})
		o[2].Resize(s)
		return
	}
	o[0].Move(fyne.NewPos(pad, theme.Size(look.SizeXL)-theme.Padding()))
	o[0].Resize(fyne.NewSize(wide()-pad, s.Height-theme.Size(look.SizeXL)))
	line := o[1].(*canvas.Rectangle)
	line.FillColor = theme.Color(theme.ColorNameSeparator)
	line.Move(fyne.NewPos(wide()+pad, 0))
	line.Resize(fyne.NewSize(1, s.Height))
	left := wide() + pad + 1
	o[2].Move(fyne.NewPos(left, 0))
	o[2].Resize(fyne.NewSize(s.Width-left, s.Height))
}

// margins keeps the page off the edges, and from getting too wide to read.
type margins struct{}

// MinSize implements fyne.Layout.
func (margins) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := o[0].MinSize()
	return m.AddWidthHeight(2*theme.Size(look.SizeXL), 2*theme.Size(look.SizeXL))
}

// Layout implements fyne.Layout.
func (margins) Layout(o []fyne.CanvasObject, s fyne.Size) {
	pad := theme.Size(look.SizeXL)
	w := min(s.Width-2*pad, scaled(pageMost))
	o[0].Move(fyne.NewPos(pad, pad))
	o[0].Resize(fyne.NewSize(w, s.Height-2*pad))
}

// column puts things below each other. What is in them may be as high as its width
// makes it: it is laid out once to find out.
type column struct{ gap fyne.ThemeSizeName }

func (c column) between() float32 {
	if c.gap == "" {
		return theme.Size(look.SizeL)
	}
	return theme.Size(c.gap)
}

// MinSize implements fyne.Layout.
func (c column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for _, o := range objects {
		if o.Visible() {
			m := o.MinSize()
			s.Width = max(s.Width, m.Width)
			s.Height += m.Height + c.between()
		}
	}
	s.Height = max(0, s.Height-c.between())
	return s
}

// Layout implements fyne.Layout.
func (c column) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		o.Resize(fyne.NewSize(s.Width, o.MinSize().Height))
		h := o.MinSize().Height
		o.Resize(fyne.NewSize(s.Width, h))
		o.Move(fyne.NewPos(0, y))
		y += h + c.between()
	}
}

func rows(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(column{look.SizeM}, objects...)
}

// setting is one line: what it is and what it does, and at the right what sets it.
type setting struct {
	label   *look.Text
	help    *look.Paragraph
	control fyne.CanvasObject // or nil
	width   float32           // as it was laid out last
	content *fyne.Container
}

func newSetting(label, help string, control fyne.CanvasObject) *setting {
	s := &setting{label: look.NewText(label, "", ""), help: look.NewParagraph(help, look.ColorMuted), control: control}
	s.label.Shorten = true
	s.help.Hidden = help == ""
	if control == nil {
		s.content = container.New(s, s.label, s.help)
	} else {
		s.content = container.New(s, s.label, s.help, control)
	}
	return s
}

// say changes what is below the label.
func (s *setting) say(help string) {
	if s.help.Text() == help {
		return
	}
	s.help.Hidden = help == ""
	s.help.SetText(help)
	s.content.Refresh()
}

func (s *setting) controlSize() fyne.Size {
	if s.control == nil {
		return fyne.Size{}
	}
	return s.control.MinSize()
}

func (s *setting) helpHeight(w float32) float32 {
	if s.help.Hidden {
		return 0
	}
	return s.help.HeightIn(w) + theme.Padding()
}

// below reports whether the control is below the text.
func (s *setting) below(w float32) bool { return s.control != nil && w < scaled(besideFrom) }

func (s *setting) textWidth(w float32) float32 {
	if c := s.controlSize(); c.Width > 0 && !s.below(w) {
		w -= c.Width + theme.Size(look.SizeL)
	}
	return max(w, 120)
}

// MinSize implements fyne.Layout.
func (s *setting) MinSize([]fyne.CanvasObject) fyne.Size {
	c, w := s.controlSize(), s.width
	if w == 0 {
		w = scaled(besideFrom)
	}
	text := s.label.MinSize().Height + s.helpHeight(s.textWidth(w))
	if s.below(w) {
		return fyne.NewSize(max(c.Width, 140), text+theme.Size(look.SizeS)+c.Height)
	}
	return fyne.NewSize(max(c.Width, 140), max(c.Height, text))
}

// Layout implements fyne.Layout.
func (s *setting) Layout(_ []fyne.CanvasObject, to fyne.Size) {
	s.width = to.Width
	w, c := s.textWidth(to.Width), s.controlSize()
	label, help := s.label.MinSize().Height, s.helpHeight(w)
	y := float32(0)
	if help == 0 && !s.below(to.Width) { // beside its control
		y = max(0, (to.Height-label)/2)
	}
	s.label.Move(fyne.NewPos(0, y))
	s.label.Resize(fyne.NewSize(w, label))
	s.help.Move(fyne.NewPos(0, y+label+theme.Padding()))
	s.help.Resize(fyne.NewSize(w, max(0, help-theme.Padding())))
	switch {
	case s.control == nil:
	case s.below(to.Width):
		s.control.Resize(fyne.NewSize(min(c.Width, to.Width), c.Height))
		s.control.Move(fyne.NewPos(0, label+help+theme.Size(look.SizeS)))
	default:
		s.control.Resize(c)
		s.control.Move(fyne.NewPos(to.Width-c.Width, max(0, (min(to.Height, max(c.Height, label+help))-c.Height)/2)))
	}
}

// sized gives a control a width.
type sized struct{ width float32 }

// MinSize implements fyne.Layout.
func (l sized) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(scaled(l.width), o[0].MinSize().Height)
}

// Layout implements fyne.Layout.
func (l sized) Layout(o []fyne.CanvasObject, s fyne.Size) {
	o[0].Resize(s)
	if len(o) == 1 {
		return
	}
	edge := o[1].(*canvas.Rectangle)
	edge.FillColor, edge.StrokeColor = color.Transparent, theme.Color(theme.ColorNameInputBorder)
	edge.StrokeWidth, edge.CornerRadius = theme.InputBorderSize(), theme.InputRadiusSize()
	edge.Resize(s)
}

func inWidth(w float32, o fyne.CanvasObject) fyne.CanvasObject { return container.New(sized{w}, o) }

// choosing is a choice with an edge, so that it is seen to be one on a card.
func choosing(s *keys.Select) fyne.CanvasObject {
	return container.New(sized{180}, s, canvas.NewRectangle(nil))
}
