package settings

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/look"
)

// under puts a paragraph below a switch, in line with its text.
type under struct{ width float32 }

// MinSize implements fyne.Layout.
func (u *under) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := o[0].MinSize()
	w := u.width
	if w == 0 {
		w = pageLeast
	}
	return fyne.NewSize(m.Width, u.below(m)+o[1].(*look.Paragraph).HeightIn(w-u.left()))
}

func (u *under) left() float32 { return theme.IconInlineSize() + theme.Padding() }

// below is where the paragraph begins: a switch has room around its text.
func (u *under) below(m fyne.Size) float32 { return m.Height - theme.InnerPadding() }

// Layout implements fyne.Layout.
func (u *under) Layout(o []fyne.CanvasObject, s fyne.Size) {
	u.width = s.Width
	m, inset := o[0].MinSize(), theme.InnerPadding()
	o[0].Move(fyne.NewPos(-inset, -inset/2))
	o[0].Resize(m)
	o[1].Move(fyne.NewPos(u.left(), u.below(m)))
	o[1].Resize(fyne.NewSize(s.Width-u.left(), s.Height-u.below(m)))
}
