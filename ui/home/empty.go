package home

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// empty is what there is to do when nothing has been done yet.
type empty struct {
	first   *look.Empty
	then    *look.Button
	content *fyne.Container
}

func newEmpty(s *Screen) *empty {
	e := &empty{}
	e.first = look.NewEmpty(look.DrawingWelcome,
		words.L("Add your other device, and everything you put in a space is on both."),
		look.Action{Text: words.L("Add a device"), Icon: look.IconAddDevice, Do: s.goTo(frame.Place{Screen: frame.Add})})
	e.then = look.NewQuietButton(words.L("Make a space first"), look.IconSpace, s.goTo(frame.Place{Screen: frame.Space, Item: "new"}))
	e.content = container.New(emptyLayout{e}, e.first, e.then)
	return e
}

// emptyLayout sets the second action right below the first.
type emptyLayout struct{ e *empty }

// heights are those of the first part, with all of its drawing, and of both.
func (l emptyLayout) heights() (first, both float32) {
	first = l.e.first.MinSize().Height + theme.Size(look.SizeDrawing)/2
	return first, first + theme.Size(look.SizeS) + l.e.then.MinSize().Height
}

// Layout implements fyne.Layout.
func (l emptyLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	first, both := l.heights()
	first = max(min(first, first+size.Height-both), 0)
	then := l.e.then.MinSize()
	top := max((size.Height-first-then.Height)*0.4, 0)
	l.e.first.Resize(fyne.NewSize(size.Width, first))
	l.e.first.Move(fyne.NewPos(0, top))
	l.e.then.Resize(then)
	l.e.then.Move(fyne.NewPos((size.Width-then.Width)/2, top+first+theme.Size(look.SizeS)))
}

// MinSize implements fyne.Layout.
func (l emptyLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	_, both := l.heights()
	return fyne.NewSize(l.e.first.MinSize().Width, both-theme.Size(look.SizeDrawing)/2)
}
