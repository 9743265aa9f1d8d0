package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
)

// NewColumn puts objects below each other, with a space of the theme between them.
// Text among them may wrap.
func NewColumn(gap fyne.ThemeSizeName, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&column{gap: gap}, objects...)
}

// NewPage shows content in the middle of what room there is, no wider than so many
// reading widths; what doesn't fit can be scrolled to.
func NewPage(widths float32, content fyne.CanvasObject) *container.Scroll {
	return container.NewVScroll(container.New(&page{widths: widths}, content))
}

// NewTall is NewPage for content that takes all the height there is.
func NewTall(widths float32, content fyne.CanvasObject) *fyne.Container {
	return container.New(&page{widths: widths, tall: true}, content)
}

// column lays out from the top; the height of what wraps is only known once it has its
// width.
type column struct {
	gap fyne.ThemeSizeName
}

func (c *column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	shown := 0
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		s.Width, s.Height = max(s.Width, m.Width), s.Height+m.Height
		shown++
	}
	s.Height += theme.Size(c.gap) * float32(max(shown-1, 0))
	return s
}

func (c *column) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		h := heightAt(o, s.Width)
		o.Resize(fyne.NewSize(s.Width, h))
		o.Move(fyne.NewPos(0, y))
		y += h + theme.Size(c.gap)
	}
}

// heightAt is how high something is at a width.
func heightAt(o fyne.CanvasObject, width float32) float32 {
	o.Resize(fyne.NewSize(width, max(o.Size().Height, o.MinSize().Height)))
	return o.MinSize().Height
}

// page centres one object.
type page struct {
	widths float32
	tall   bool
}

func (p *page) width(place float32) float32 {
	return max(min(place-2*theme.Size(SizeXL), p.widths*theme.Size(SizeReading)), 0)
}

func (p *page) MinSize(objects []fyne.CanvasObject) fyne.Size {
	s := objects[0].MinSize()
	return s.AddWidthHeight(2*theme.Size(SizeXL), 2*theme.Size(SizeXL))
}

// Layout puts the object at the optical middle, which is a little above the middle.
func (p *page) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	o, w, pad := objects[0], p.width(s.Width), theme.Size(SizeXL)
	heightAt(o, w)
	h := heightAt(o, w)
	if p.tall {
		h = s.Height - 2*pad
	}
	o.Resize(fyne.NewSize(w, h))
	o.Move(fyne.NewPos((s.Width-w)/2, max(pad, (s.Height-h)*0.42)))
}

// NewColumns puts objects of one width and height beside each other, with a space of
// the theme between them.
func NewColumns(gap fyne.ThemeSizeName, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&columns{gap: gap}, objects...)
}

type columns struct{ gap fyne.ThemeSizeName }

func (c *columns) MinSize(objects []fyne.CanvasObject) (s fyne.Size) {
	for _, o := range objects {
		s = s.Max(o.MinSize())
	}
	s.Width = s.Width*float32(len(objects)) + theme.Size(c.gap)*float32(len(objects)-1)
	return s
}

func (c *columns) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	gap := theme.Size(c.gap)
	wide := (s.Width - gap*float32(len(objects)-1)) / float32(len(objects))
	high := s.Height
	for _, o := range objects {
		high = max(high, heightAt(o, wide))
	}
	for i, o := range objects {
		o.Resize(fyne.NewSize(wide, high))
		o.Move(fyne.NewPos(float32(i)*(wide+gap), 0))
	}
}

// NewButtons puts buttons, or what stands among them, beside each other.
func NewButtons(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedHBoxLayout(theme.Size(SizeS)), objects...)
}
