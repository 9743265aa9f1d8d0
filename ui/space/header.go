package space

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/share"
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
	share   *look.IconButton
	menu    *look.IconButton
	content *fyne.Container
	was     node.Space
	said    said
}

func newHeader(s *Screen) *header {
	h := &header{screen: s, title: look.NewShort("", look.SizeTitleText, ""), count: look.NewCaption(""), where: look.NewShort("", theme.SizeNameCaptionText, look.ColorMuted)}
	h.title.Style.Bold = true
	h.where.Middle = true
	h.state = look.NewBadge(look.ToneMuted, "", "")
	h.place = look.NewQuietButton("", "", h.placed)
	h.adding = look.NewPrimaryButton(words.L("Add files"), look.IconAdd, func() { h.drop(h.adding, h.addItems()) })
	h.share = look.NewIconButton(look.IconShare, words.L("Share this space"), func() { s.share("") })
	h.menu = look.NewIconButton(look.IconMore, words.L("More about this space"), func() { h.drop(h.menu, h.items()) })
	h.content = around(container.New(&headerLayout{h}, h.title, h.state, h.count, h.where, h.place, h.adding, h.share, h.menu), look.SizeXL, look.SizeL)
	return h
}

// said is what the header says.
type said struct {
	title, count, where, verb string
	state                     look.Mark
	ended                     bool
	bars                      string // why nothing can be added
}

// saidOf is what there is to say of a space.
func saidOf(s node.Space, holds []node.Hold, now time.Time) said {
	d := said{title: words.Shown(s.Name), state: stateOf(s, holds), count: contents(s.Files, s.Bytes), ended: s.Ended}
	if s.Shared != nil && !s.Ended {
		d.count = facts(share.Theirs(*s.Shared, now), d.count)
		if s.Shared.Level == share.Read {
			d.bars = mayAdd(s, s.Shared.Path)
		}
	}
	if s.MissingBytes > 0 && d.state.Tone == look.ToneAttention {
		d.count = facts(d.count, words.L("{{.Size}} to fetch", "Size", words.Size(s.MissingBytes)))
	}
	switch {
	case s.Folder != nil:
		d.where, d.verb = words.Shown(*s.Folder), words.L("Show in folder")
	case !s.Ended:
		d.where, d.verb = words.L("Not in a folder on this device"), words.L("Attach a folder")
	}
	return d
}

// set shows how the space is; it reports whether that is another than before.
func (h *header) set(now *frame.Now) bool {
	s := h.screen.space
	h.was = s
	d := saidOf(s, ofSpace(now.Holds, s), now.At)
	if d == h.said && h.content.Visible() {
		return false
	}
	h.said = d
	h.content.Show()
	h.title.SetText(d.title)
	h.state.Set(d.state)
	h.count.SetText(d.count)
	h.where.SetText(d.where)
	h.place.SetText(d.verb)
	may(h.adding, d.bars)
	h.place.Hidden, h.adding.Hidden, h.share.Hidden = d.verb == "", d.ended, d.ended
	h.content.Refresh()
	return true
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
	for _, o := range []fyne.CanvasObject{h.menu, h.share, h.adding} {
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
