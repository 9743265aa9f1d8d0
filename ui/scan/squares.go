package scan

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/qr"
	"meadow/ui/look"
)

// Squares draws a QR code: every square the same whole number of pixels, so that its
// edges are sharp at any size.
type Squares struct {
	widget.BaseWidget
	text string
	code image.Image
	side float32 // least
}

// NewSquares returns a code of nothing yet, with least a side.
func NewSquares(side float32) *Squares {
	s := &Squares{side: side}
	s.ExtendBaseWidget(s)
	return s
}

// Set shows the code of a text; "" is none.
func (s *Squares) Set(text string) {
	if text == s.text {
		return
	}
	s.text, s.code = text, nil
	if code, err := qr.Squares(text); err == nil {
		s.code = code
	}
	s.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (s *Squares) CreateRenderer() fyne.WidgetRenderer {
	r := &squaresRenderer{squares: s, paper: canvas.NewRectangle(nil), image: canvas.NewImageFromImage(nil)}
	r.image.ScaleMode = canvas.ImageScalePixels
	r.Refresh()
	return r
}

type squaresRenderer struct {
	squares *Squares
	paper   *canvas.Rectangle
	image   *canvas.Image
}

func (r *squaresRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(r.squares.side) }

func (r *squaresRenderer) Layout(s fyne.Size) {
	r.paper.Resize(s)
	if r.squares.code == nil {
		return
	}
	scale := float32(1)
	if c := fyne.CurrentApp().Driver().CanvasForObject(r.squares); c != nil {
		scale = c.Scale()
	}
	count := r.squares.code.Bounds().Dx()
	each := max(int(min(s.Width, s.Height)*scale)/count, 1) // pixels of a square
	side := float32(each*count) / scale
	r.image.Resize(fyne.NewSquareSize(side))
	x, y := (s.Width-side)/2, (s.Height-side)/2
	r.image.Move(fyne.NewPos(float32(int(x*scale))/scale, float32(int(y*scale))/scale))
}

func (r *squaresRenderer) Refresh() {
	r.paper.FillColor = theme.Color(look.ColorCodePaper)
	r.paper.Refresh()
	r.image.Image, r.image.Hidden = r.squares.code, r.squares.code == nil
	r.Layout(r.squares.Size())
	r.image.Refresh()
}

func (r *squaresRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.paper, r.image}
}

func (r *squaresRenderer) Destroy() {}
