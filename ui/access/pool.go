package access

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/look"
)

// A pool has the objects that a widget draws itself with. They are taken anew for each
// drawing, so that there are never more than what can be seen at once, and kept: an
// icon is only moved when another cell has it.
type pool struct {
	widget fyne.Widget
	rects  shelf[*canvas.Rectangle]
	icons  shelves[iconKey, *look.Pictogram]
	texts  shelves[textKey, *look.Text]
	faces  shelf[*look.Face]
	kit    shelf[*look.DeviceIcon]
	lines  shelf[*canvas.Line]
	over   *pool               // what is drawn above all this, or nil
	order  []fyne.CanvasObject // nil: to be made anew
}

type iconKey struct {
	name  fyne.ThemeIconName
	color fyne.ThemeColorName
}

type textKey struct {
	size  fyne.ThemeSizeName
	color fyne.ThemeColorName
	bold  bool
	align fyne.TextAlign
}

// shelf has objects of one kind; the first used of them are in the drawing.
type shelf[T fyne.CanvasObject] struct {
	all  []T
	used int
}

// take is one more object for the drawing; fresh makes it if there is none left.
func take[T fyne.CanvasObject](p *pool, s *shelf[T], fresh func() T) T {
	if s.used == len(s.all) {
		s.all = append(s.all, fresh())
		p.order = nil
	}
	o := s.all[s.used]
	s.used++
	if !o.Visible() {
		o.Show()
	}
	return o
}

func (s *shelf[T]) hideRest() {
	for _, o := range s.all[s.used:] {
		if o.Visible() {
			o.Hide()
		}
	}
	s.used = 0
}

// shelves are shelves by what is the same in all that is on one, in the order in which
// they were first needed.
type shelves[K comparable, T fyne.CanvasObject] struct {
	by    map[K]*shelf[T]
	order []*shelf[T]
}

func (s *shelves[K, T]) of(key K) *shelf[T] {
	if s.by == nil {
		s.by = make(map[K]*shelf[T])
	}
	if s.by[key] == nil {
		s.by[key] = new(shelf[T])
		s.order = append(s.order, s.by[key])
	}
	return s.by[key]
}

func newPool(w fyne.Widget) *pool { return &pool{widget: w} }

// above has what is drawn above everything else.
func (p *pool) above() *pool {
	if p.over == nil {
		p.over = newPool(p.widget)
	}
	return p.over
}

// done ends a drawing.
func (p *pool) done() {
	if p.over != nil {
		p.over.done()
	}
	p.rects.hideRest()
	p.faces.hideRest()
	p.kit.hideRest()
	p.lines.hideRest()
	for _, s := range p.icons.order {
		s.hideRest()
	}
	for _, s := range p.texts.order {
		s.hideRest()
	}
}

// box is a rectangle's place.
type box struct{ x, y, w, h float32 }

func (b box) inset(by float32) box { return box{b.x + by, b.y + by, b.w - 2*by, b.h - 2*by} }

func (b box) put(o fyne.CanvasObject) {
	if size := fyne.NewSize(b.w, b.h); o.Size() != size {
		o.Resize(size)
	}
	if at := fyne.NewPos(b.x, b.y); o.Position() != at {
		o.Move(at)
	}
}

// rect draws a surface, an edge, or both.
func (p *pool) rect(at box, fill, edge fyne.ThemeColorName, round float32) {
	r := take(p, &p.rects, func() *canvas.Rectangle { return canvas.NewRectangle(nil) })
	r.FillColor, r.StrokeColor, r.StrokeWidth, r.CornerRadius = nil, nil, 0, round
	if fill != "" {
		r.FillColor = theme.ColorForWidget(fill, p.widget)
	}
	if edge != "" {
		r.StrokeColor, r.StrokeWidth = theme.ColorForWidget(edge, p.widget), 1.5
	}
	at.put(r)
	r.Refresh()
}

// line draws a line between two places.
func (p *pool) line(from, to fyne.Position, color fyne.ThemeColorName, wide float32) {
	l := take(p, &p.lines, func() *canvas.Line { return canvas.NewLine(nil) })
	l.Position1, l.Position2 = from, to
	l.StrokeColor, l.StrokeWidth = theme.ColorForWidget(color, p.widget), wide
	l.Refresh()
}

// icon draws a pictogram.
func (p *pool) icon(at box, name fyne.ThemeIconName, color fyne.ThemeColorName) {
	i := take(p, p.icons.of(iconKey{name, color}), look.NewPictogram)
	i.Set(name, color, p.widget)
	at.put(i.Image)
}

// text draws a line that is shortened to its width, in the middle of its height.
func (p *pool) text(at box, text string, size fyne.ThemeSizeName, color fyne.ThemeColorName, bold bool, align fyne.TextAlign) {
	t := take(p, p.texts.of(textKey{size, color, bold, align}), func() *look.Text {
		t := look.NewShort("", size, color)
		t.Style.Bold, t.Align = bold, align
		return t
	})
	t.SetText(text)
	at.put(t)
}

// face draws somebody.
func (p *pool) face(at box, data look.FaceData) {
	f := take(p, &p.faces, func() *look.Face { return look.NewFace(look.FaceData{}) })
	f.Set(data)
	at.put(f)
}

// device draws a device.
func (p *pool) device(at box, icon fyne.ThemeIconName, online bool, state string) {
	d := take(p, &p.kit, func() *look.DeviceIcon { return look.NewDeviceIcon(icon, online, state) })
	d.Set(icon, online, state)
	at.put(d)
}

// objects are all there are, in the order in which they are drawn: lines, surfaces, what is
// on them, texts.
func (p *pool) objects() []fyne.CanvasObject {
	if p.order != nil && (p.over == nil || p.over.order != nil) {
		return p.order
	}
	p.order = nil
	p.order = gather(p.order, p.lines.all)
	p.order = gather(p.order, p.rects.all)
	for _, s := range p.icons.order {
		for _, i := range s.all {
			p.order = append(p.order, i.Image)
		}
	}
	p.order = gather(gather(p.order, p.faces.all), p.kit.all)
	for _, s := range p.texts.order {
		p.order = gather(p.order, s.all)
	}
	if p.over != nil {
		p.order = append(p.order, p.over.objects()...)
	}
	return p.order
}

func gather[T fyne.CanvasObject](list []fyne.CanvasObject, all []T) []fyne.CanvasObject {
	for _, o := range all {
		list = append(list, o)
	}
	return list
}
