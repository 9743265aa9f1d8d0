package look

import (
	"image"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// A FaceData is what shows who somebody is.
type FaceData struct {
	Name    string
	Picture image.Image // nil: the name's first letters
	Online  bool
	Faint   bool   // of no concern now: somebody who is blocked
	State   string // online or not, in words
}

// A Face is a person on a disc: their picture, or the first letters of their name,
// with a dot in the corner while one of their devices is connected and a ring while
// none is.
type Face struct {
	widget.BaseWidget
	data FaceData
}

var (
	_ fyne.Widget     = (*Face)(nil)
	_ fyne.Accessible = (*Face)(nil)
)

// NewFace returns a face.
func NewFace(data FaceData) *Face {
	f := &Face{data: data}
	f.ExtendBaseWidget(f)
	return f
}

// Set shows somebody else, or another state of them.
func (f *Face) Set(data FaceData) {
	if f.data != data {
		f.data = data
		f.Refresh()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (f *Face) AccessibilityLabel() string { return f.data.State }

// AccessibilityRole implements fyne.Accessible.
func (f *Face) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// Initials are the first letters of a name's first and last words, or of its only one.
// Numbers don't count if there is anything else.
func Initials(name string) string {
	for _, counts := range []func(rune) bool{unicode.IsLetter, unicode.IsNumber} {
		var letters []rune
		for _, word := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
			if first := []rune(word)[0]; counts(first) {
				letters = append(letters, unicode.ToUpper(first))
			}
		}
		switch len(letters) {
		case 0:
		case 1:
			return string(letters)
		default:
			return string([]rune{letters[0], letters[len(letters)-1]})
		}
	}
	return "?"
}

// CreateRenderer implements fyne.Widget.
func (f *Face) CreateRenderer() fyne.WidgetRenderer {
	r := &faceRenderer{
		face: f, disc: canvas.NewCircle(nil), letters: canvas.NewText("", nil),
		picture: canvas.NewImageFromImage(nil), dot: canvas.NewCircle(nil),
	}
	r.picture.FillMode = canvas.ImageFillCover
	r.letters.Alignment = fyne.TextAlignCenter
	r.letters.TextStyle.Bold = true
	r.Refresh()
	return r
}

type faceRenderer struct {
	face      *Face
	disc, dot *canvas.Circle
	letters   *canvas.Text
	picture   *canvas.Image
}

func (r *faceRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(size(SizeIconBig, r.face)) }

func (r *faceRenderer) Layout(s fyne.Size) {
	side := min(s.Width, s.Height)
	at := fyne.NewPos((s.Width-side)/2, (s.Height-side)/2)
	r.disc.Resize(fyne.NewSquareSize(side))
	r.disc.Move(at)
	r.picture.CornerRadius = side / 2
	r.picture.Resize(fyne.NewSquareSize(side))
	r.picture.Move(at)
	r.letters.TextSize = side * 0.38
	high := r.letters.MinSize().Height
	r.letters.Resize(fyne.NewSize(side, high))
	r.letters.Move(at.AddXY(0, (side-high)/2))
	dot := side * 0.3
	r.dot.Resize(fyne.NewSquareSize(dot))
	r.dot.Move(at.AddXY(side-dot*0.9, side-dot*0.9))
}

func (r *faceRenderer) Refresh() {
	f, d := r.face, r.face.data
	tone := ToneMuted
	if d.Online && !d.Faint {
		tone = ToneGood
	}
	r.disc.FillColor = ink(tone.Soft(), f)
	r.letters.Text, r.letters.Color = Initials(d.Name), ink(tone.Ink(), f)
	r.letters.Hidden, r.picture.Hidden = d.Picture != nil, d.Picture == nil
	r.picture.Image, r.picture.Translucency = d.Picture, 0
	if d.Faint {
		r.picture.Translucency = 0.5
	}
	// A full dot and an empty one: the state isn't in the colour alone.
	r.dot.FillColor = ink(tone.Ink(), f)
	r.dot.StrokeColor, r.dot.StrokeWidth = ink(ColorCard, f), 2
	if !d.Online {
		r.dot.FillColor, r.dot.StrokeColor = ink(ColorCard, f), ink(tone.Ink(), f)
	}
	r.dot.Hidden = d.Faint
	r.Layout(f.Size())
	for _, o := range r.Objects() {
		o.Refresh()
	}
	canvas.Refresh(f)
}

func (r *faceRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.disc, r.letters, r.picture, r.dot}
}

func (r *faceRenderer) Destroy() {}
