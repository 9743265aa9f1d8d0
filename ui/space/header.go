package space

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// header says what the space is called, how it is, and where it is.
type header struct {
	screen  *Screen
	title   *look.Text
	state   *look.Badge
	count   *look.Text
	where   *look.Text
	place   *look.Button // shows the folder, or attaches one
	adding  *look.Button
	menu    *look.IconButton
	content *fyne.Container
	was     node.Space
}

func newHeader(s *Screen) *header {
	h := &header{screen: s, title: look.NewShort("", look.SizeTitleText, ""), count: look.NewCaption(""), where: look.NewShort("", theme.SizeNameCaptionText, look.ColorMuted)}
	h.title.Style.Bold = true
	h.where.Middle = true
	h.state = look.NewBadge(look.ToneMuted, "", "")
	h.place = look.NewQuietButton("", "", h.placed)
	h.adding = look.NewPrimaryButton(words.L("Add files"), look.IconAdd, func() { h.drop(h.adding, h.addItems()) })
	h.menu = look.NewIconButton(look.IconMore, words.L("More about this space"), func() { h.drop(h.menu, h.items()) })
	h.content = around(container.New(&headerLayout{h}, h.title, h.state, h.count, h.where, h.place, h.adding, h.menu), look.SizeXL, look.SizeL)
	return h
}

// set shows how the space is.
func (h *header) set(now *frame.Now) {
	s := h.screen.space
	h.content.Show()
	h.was = s
	h.title.SetText(words.Shown(s.Name))
	h.state.Set(stateOf(s, ofSpace(now.Holds, s)))
	h.count.SetText(contents(s.Entries, s.Bytes))
	if m := h.state.Mark(); s.MissingBytes > 0 && m.Tone == look.ToneAttention {
		h.count.SetText(facts(contents(s.Entries, s.Bytes), words.L("{{.Size}} to fetch", "Size", words.Size(s.MissingBytes))))
	}
	verb := words.L("Show in folder")
	h.where.SetText("")
	switch {
	case s.Folder == nil && s.Ended:
		verb = ""
	case s.Folder == nil:
		h.where.SetText(words.L("Not in a folder on this device"))
		verb = words.L("Attach a folder")
	default:
		h.where.SetText(words.Shown(*s.Folder))
	}
	h.place.SetText(verb)
	h.place.Hidden = verb == ""
	h.adding.Hidden = s.Ended
	h.content.Refresh()
}

func (h *header) placed() {
	if h.was.Folder == nil {
		h.screen.open(ItemAttach, h.screen.place.Path)
		return
	}
	h.screen.opener.open(*h.was.Folder)
}

// drop shows a menu below a button.
func (h *header) drop(below fyne.CanvasObject, items []*fyne.MenuItem) {
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), h.screen.frame.Window.Canvas())
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(below)
	menu.ShowAtPosition(fyne.NewPos(at.X+below.Size().Width-menu.MinSize().Width, at.Y+below.Size().Height+gap(look.SizeXS)))
}

// headerLayout sets two lines: the name with what can be done, and the facts.
type headerLayout struct{ h *header }

// MinSize implements fyne.Layout.
func (l *headerLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	h := l.h
	return fyne.NewSize(gap(look.SizeDrawing), l.first()+max(h.count.MinSize().Height, h.place.MinSize().Height))
}

// first is the height of the first line.
func (l *headerLayout) first() float32 {
	return max(l.h.title.MinSize().Height, l.h.adding.MinSize().Height)
}

// Layout implements fyne.Layout.
func (l *headerLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	h, between := l.h, gap(look.SizeS)
	first := l.first()
	second := size.Height - first
	x := size.Width
	for _, o := range []fyne.CanvasObject{h.menu, h.adding} {
		if o.Visible() {
			x = placeLeftOf(o, x, 0, first) - between
		}
	}
	state := h.state.MinSize()
	title := min(fyne.MeasureText(h.title.Text, gap(look.SizeTitleText), h.title.Style).Width+1, max(0, x-state.Width-2*gap(look.SizeM)))
	place(h.title, 0, 0, title, first)
	place(h.state, title+gap(look.SizeM), 0, state.Width, first)

	count := h.count.MinSize().Width
	count = max(count, fyne.MeasureText(h.count.Text, gap(theme.SizeNameCaptionText), fyne.TextStyle{}).Width+1)
	place(h.count, 0, first, count, second)
	left := count + gap(look.SizeL)
	button := h.place.MinSize().Width
	where := fyne.MeasureText(h.where.Text, gap(theme.SizeNameCaptionText), fyne.TextStyle{}).Width + 1
	where = max(0, min(where, size.Width-left-button-between))
	place(h.where, left, first, where, second)
	place(h.place, left+where+gap(look.SizeXS), first, button, second)
}

// place gives an object a place.
func place(o fyne.CanvasObject, x, y, w, h float32) {
	o.Resize(fyne.NewSize(w, h))
	o.Move(fyne.NewPos(x, y))
}

// placeLeftOf puts an object left of x, in the middle of a line, and returns where it
// begins.
func placeLeftOf(o fyne.CanvasObject, x, y, high float32) float32 {
	m := o.MinSize()
	place(o, x-m.Width, y+(high-m.Height)/2, m.Width, m.Height)
	return x - m.Width
}
