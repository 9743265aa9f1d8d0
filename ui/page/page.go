// Package page places things whose height depends on their width, as cards with
// text that wraps, in a column that scrolls.
//
// The toolkit asks how high something is before it says how wide it will be. A page
// knows its width first and tells it to what is in it, so that nothing overlaps
// when the window is made narrower.
package page

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// Least is the size below which a page isn't made smaller.
var Least = fyne.NewSize(280, 200)

// Arrange places what is on a page of a width, if place is set, and returns how high
// it is. Height is what can be seen at once.
type Arrange func(width, height float32, place bool) float32

// Page is a column that scrolls.
type Page struct {
	Scroll  *container.Scroll
	Content *fyne.Container
	body    *fyne.Container
	layout  *body
}

// New returns a page with objects that arrange places.
func New(arrange Arrange, objects ...fyne.CanvasObject) *Page {
	p := &Page{layout: &body{arrange: arrange}}
	p.body = container.New(p.layout, objects...)
	p.Scroll = container.NewVScroll(p.body)
	p.Content = container.New(outer{p}, p.Scroll)
	return p
}

// Refresh places everything anew, after something has become higher or was hidden.
func (p *Page) Refresh() { p.Content.Refresh() }

// outer tells the body how wide it is before anybody asks how high it is.
type outer struct{ p *Page }

// Layout implements fyne.Layout.
func (o outer) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	o.p.layout.size = size
	o.p.Scroll.Move(fyne.Position{})
	o.p.Scroll.Resize(size)
	o.p.Scroll.Refresh() // it asks for the height only then
}

// MinSize implements fyne.Layout.
func (outer) MinSize([]fyne.CanvasObject) fyne.Size { return Least }

type body struct {
	arrange Arrange
	size    fyne.Size // of what can be seen
}

// Layout implements fyne.Layout.
func (b *body) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	b.arrange(size.Width, b.size.Height, true)
}

// MinSize implements fyne.Layout.
func (b *body) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(Least.Width, b.arrange(b.size.Width, b.size.Height, false))
}

// Column places objects that are shown below each other, if place is set, and
// returns where the next one would be.
func Column(objects []fyne.CanvasObject, x, y, width, gap float32, place bool) float32 {
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		height := Height(o, width)
		if place {
			o.Resize(fyne.NewSize(width, height))
			o.Move(fyne.NewPos(x, y))
		}
		y += height + gap
	}
	return y
}

// Height is how high an object is in a width.
func Height(o fyne.CanvasObject, width float32) float32 {
	if o.Size().Width != width {
		o.Resize(fyne.NewSize(width, o.Size().Height))
	}
	return o.MinSize().Height
}

// Facts are names and values below each other, in two columns.
func Facts(names float32) *fyne.Container { return container.New(facts{names}) }

// facts has names and values by turns, names having a width.
type facts struct{ names float32 }

// Layout implements fyne.Layout.
func (l facts) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	gap, y := theme.Size(theme.SizeNamePadding), float32(0)
	for i := 0; i+1 < len(objects); i += 2 {
		height := max(objects[i].MinSize().Height, objects[i+1].MinSize().Height)
		objects[i].Resize(fyne.NewSize(l.names, height))
		objects[i].Move(fyne.NewPos(0, y))
		objects[i+1].Resize(fyne.NewSize(max(0, size.Width-l.names), height))
		objects[i+1].Move(fyne.NewPos(l.names, y))
		y += height + gap
	}
}

// MinSize implements fyne.Layout.
func (l facts) MinSize(objects []fyne.CanvasObject) fyne.Size {
	gap, y := theme.Size(theme.SizeNamePadding), float32(0)
	for i := 0; i+1 < len(objects); i += 2 {
		y += max(objects[i].MinSize().Height, objects[i+1].MinSize().Height) + gap
	}
	return fyne.NewSize(l.names*2, max(0, y-gap))
}
