package settings

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// under puts a paragraph below a switch, in line with its text.
type under struct{ width float32 }

// MinSize implements fyne.Layout.
func (u *under) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := o[0].MinSize()
	return fyne.NewSize(m.Width, m.Height+u.height(o[1])-theme.InnerPadding())
}

func (u *under) left() float32 {
	return theme.IconInlineSize() + theme.Padding() - theme.InnerPadding()
}

func (u *under) height(p fyne.CanvasObject) float32 {
	w := u.width
	if w == 0 {
		w = pageLeast
	}
	inset := theme.InnerPadding()
	p.Resize(fyne.NewSize(w-u.left(), p.Size().Height))
	return p.MinSize().Height - inset
}

// Layout implements fyne.Layout.
func (u *under) Layout(o []fyne.CanvasObject, s fyne.Size) {
	u.width = s.Width
	m, inset := o[0].MinSize(), theme.InnerPadding()
	o[0].Move(fyne.NewPos(-inset, -inset/2))
	o[0].Resize(m)
	h := u.height(o[1])
	o[1].Move(fyne.NewPos(u.left(), m.Height-inset*1.5))
	o[1].Resize(fyne.NewSize(s.Width-u.left(), h+inset))
}
