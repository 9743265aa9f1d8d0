package space

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/look"
	"meadow/ui/words"
)

// pageHead is the head of a page of the space: back to the files, what the page is
// about, and what can be done at its right end.
type pageHead struct {
	title   *look.Text
	about   *look.Paragraph
	content *fyne.Container
}

func newPageHead(back func(), title, about string, right ...fyne.CanvasObject) *pageHead {
	h := &pageHead{title: look.NewShort(title, theme.SizeNameSubHeadingText, ""), about: look.NewParagraph(about, look.ColorMuted)}
	h.title.Style.Bold = true
	h.about.Hidden = about == ""
	button := look.NewIconButton(look.IconArrowLeft, words.L("Back to the files"), back)
	h.content = container.NewVBox(container.NewBorder(nil, nil, row(button), row(right...), h.title), around(h.about, "", look.SizeXS))
	return h
}

// say changes what the page says about itself.
func (h *pageHead) say(title, about string) {
	h.title.SetText(title)
	h.about.SetText(about)
	h.about.Hidden = about == ""
	h.content.Refresh()
}

// newPage sets a page: its head, and below it what fills the rest.
func newPageBody(h *pageHead, body fyne.CanvasObject) *fyne.Container {
	return container.New(&pageLayout{h.content, body}, h.content, body)
}

// pageLayout gives the head the height that it needs in its width.
type pageLayout struct{ head, body fyne.CanvasObject }

// MinSize implements fyne.Layout.
func (l *pageLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSquareSize(gap(look.SizeDrawing))
}

// Layout implements fyne.Layout.
func (l *pageLayout) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	margin := gap(look.SizeXL)
	width := s.Width - 2*margin
	l.head.Resize(fyne.NewSize(width, l.head.Size().Height))
	h := l.head.MinSize().Height
	place(l.head, margin, 0, width, h)
	y := h + gap(look.SizeS)
	place(l.body, margin, y, width, max(0, s.Height-y-gap(look.SizeL)))
}
