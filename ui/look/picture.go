package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// A Picture is a drawing by itself.
type Picture struct {
	widget.BaseWidget
	drawing Drawing
}

// NewPicture returns a drawing for a page that has its own words.
func NewPicture(d Drawing) *Picture {
	p := &Picture{drawing: d}
	p.ExtendBaseWidget(p)
	return p
}

// Set shows another drawing.
func (p *Picture) Set(d Drawing) {
	if p.drawing != d {
		p.drawing = d
		p.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (p *Picture) CreateRenderer() fyne.WidgetRenderer {
	r := &pictureRenderer{picture: p, image: canvas.NewImageFromResource(nil)}
	r.image.FillMode = canvas.ImageFillContain
	r.Refresh()
	return r
}

type pictureRenderer struct {
	picture *Picture
	image   *canvas.Image
}

func (r *pictureRenderer) MinSize() fyne.Size {
	return fyne.NewSize(size(SizeDrawing, r.picture)*1.5, size(SizeDrawing, r.picture))
}

func (r *pictureRenderer) Layout(s fyne.Size) { r.image.Resize(s) }

func (r *pictureRenderer) Refresh() {
	r.image.Resource = r.picture.drawing.resource(r.picture)
	r.image.Refresh()
}

func (r *pictureRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.image} }
func (r *pictureRenderer) Destroy()                     {}

// NewHeading returns the title of a page that may take several lines.
func NewHeading(text string) *Paragraph {
	p := NewParagraph(text, "")
	p.segment.Style.SizeName = SizeTitleText
	p.segment.Style.TextStyle.Bold = true
	return p
}
