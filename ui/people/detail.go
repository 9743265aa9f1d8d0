package people

import (
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/page"
	"meadow/ui/share"
	"meadow/ui/words"
)

const (
	offersShown = 3 // of the offers of one person
	linesShown  = 6 // of another list
)

// detail is all there is to say of one person, and what can be done.
type detail struct {
	screen *Screen
	page   *page.Page

	face    *look.Face
	name    *look.Text
	about   *look.Text
	head    *fyne.Container
	banner  *look.Banner
	offers  []*share.Offer
	offered *fyne.Container
	offerer *look.Card
	given   *lines
	share   *look.Button
	got     *lines
	devices *lines
	rename  *look.Button
	block   *look.Button
	forget  *look.Button
	audit   *look.Button
	end     *look.Button
	actions *fyne.Container

	shown view
	drawn bool
}

func newDetail(s *Screen) *detail {
	d := &detail{screen: s, face: look.NewFace(look.FaceData{}), name: look.NewShort("", look.SizeTitleText, ""), about: look.NewShort("", theme.SizeNameCaptionText, look.ColorMuted)}
	d.name.Style.Bold = true
	d.head = container.New(headLayout{d}, d.face, d.name, d.about)
	d.banner = look.NewBanner(look.BannerData{})
	d.offered = look.NewColumn(look.SizeXS)
	d.offerer = look.NewListCard(words.L("Waits for your answer"), d.offered)
	d.share = look.NewQuietButton(words.L("Share…"), look.IconShare, func() { s.onShare(d.shown.person) })
	d.given = newLines(s, words.L("What they may use of yours"), words.L("Nothing of yours is shared with them."), func(i int) { s.onGiven(d.shown.given[i]) })
	d.given.card.Trail = d.share
	d.got = newLines(s, words.L("What you may use of theirs"), words.L("They share nothing with you."), func(i int) { s.onGot(d.shown.got[i]) })
	d.devices = newLines(s, words.L("Their devices"), words.L("None of their devices is known yet."), nil)
	d.rename = look.NewButton(words.L("Rename"), look.IconRename, func() { s.rename(d.shown.person) })
	d.block = look.NewButton("", look.IconIgnore, func() { s.block(d.shown.person) })
	d.forget = look.NewDangerButton(words.L("Forget"), look.IconTrash, func() { s.forget(d.shown.person) })
	d.audit = look.NewQuietButton(words.L("What happened"), look.IconActivity, func() { s.onAudit(d.shown.person) })
	d.end = look.NewButton(words.L("End all access…"), look.IconDetach, func() { s.onEnd(d.shown.person) })
	d.actions = container.New(wrap{}, d.rename, d.audit, d.end, d.block, d.forget)
	d.page = page.New(d.arrange, d.objects()...)
	return d
}

func (d *detail) objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{d.head, d.banner, d.offerer, d.given.card, d.got.card, d.devices.card, d.actions}
}

func (d *detail) arrange(width, _ float32, place bool) float32 {
	margin, right := theme.Size(look.SizeL), theme.Size(look.SizeXL)
	width = min(width-margin-right, 720)
	return page.Column(d.objects(), margin, 0, width, margin, place) + right - margin
}

// set shows somebody.
func (d *detail) set(now *frame.Now, p node.Person) {
	v := newView(p, &now.Ties, now.At)
	d.face.Set(d.screen.frame.Face(p))
	if d.drawn && reflect.DeepEqual(v, d.shown) {
		return
	}
	d.shown, d.drawn = v, true
	d.name.SetText(v.name)
	d.about.SetText(v.about)
	d.banner.Hidden = v.blocked.Title == ""
	d.banner.Set(v.blocked)
	d.putOffers()
	d.given.set(v.rows.given)
	d.got.set(v.rows.got)
	d.devices.set(v.rows.devices)
	d.got.card.Hidden = len(v.rows.got) == 0 && len(v.offers) > 0
	setEnabled(d.share, !p.Blocked)
	d.end.Hidden = p.Shares == 0
	d.audit.Hidden = !d.screen.frame.Has(frame.Access)
	d.block.SetText(words.L("Block"))
	if p.Blocked {
		d.block.SetText(words.L("Unblock"))
	}
	d.page.Refresh()
}

// putOffers shows the first offers; the others come up as those are answered.
func (d *detail) putOffers() {
	offers := d.shown.offers[:min(len(d.shown.offers), offersShown)]
	for len(d.offers) < len(offers) {
		d.offers = append(d.offers, share.NewOffer(d.screen.frame, d.screen.node))
	}
	d.offered.Objects = nil
	for i, v := range offers {
		d.offers[i].Set(v, d.screen.frame.Face(d.shown.person))
		d.offered.Add(d.offers[i])
	}
	if more := len(d.shown.offers) - len(offers); more > 0 {
		d.offered.Add(container.NewPadded(look.NewCaption(words.N("and {{.Count}} more after these", "and {{.Count}} more after these", int64(more)))))
	}
	d.offerer.Hidden = len(offers) == 0
	d.offerer.Refresh()
}

func setEnabled(b *look.Button, on bool) {
	switch {
	case on == !b.Disabled():
	case on:
		b.Enable()
	default:
		b.Disable()
	}
}

// lines is a card with the first rows of a list, and a button to all of it.
type lines struct {
	screen *Screen
	card   *look.Card
	rows   []*look.LinkRow // as many as were ever needed
	plain  []*look.Row     // if they lead nowhere
	box    *fyne.Container
	none   *look.Paragraph
	all    *look.Button
	data   []look.RowData
	open   func(i int) // nil: they lead nowhere
}

func newLines(s *Screen, title, none string, open func(i int)) *lines {
	l := &lines{screen: s, none: look.NewParagraph(none, look.ColorMuted), open: open, box: look.NewColumn(look.SizeXS)}
	l.all = look.NewQuietButton("", look.IconChevronRight, l.showAll)
	l.card = look.NewListCard(title, l.box)
	return l
}

// row is a line; i is the same for as long as it is shown.
func (l *lines) row(i int) fyne.CanvasObject {
	if l.open == nil {
		for len(l.plain) <= i {
			l.plain = append(l.plain, look.NewRow(look.RowData{}))
		}
		l.plain[i].Set(l.data[i])
		return l.plain[i]
	}
	for len(l.rows) <= i {
		at := len(l.rows)
		l.rows = append(l.rows, look.NewLinkRow(look.RowData{}, func() { l.open(at) }))
	}
	l.rows[i].Set(l.data[i])
	return l.rows[i]
}

func (l *lines) set(data []look.RowData) {
	l.data = data
	l.box.Objects = nil
	for i := range data[:min(len(data), linesShown)] {
		l.box.Add(l.row(i))
	}
	if len(data) == 0 {
		m := theme.Size(look.SizeM)
		l.box.Add(container.New(layout.NewCustomPaddedLayout(0, m, m, m), l.none))
	}
	if len(data) > linesShown {
		l.all.SetText(words.L("Show all {{.Count}}", "Count", words.Number(int64(len(data)))))
		l.box.Add(container.NewHBox(l.all))
	}
	l.card.Refresh()
}

// showAll lists all of it over the screen.
func (l *lines) showAll() {
	data := l.data
	list := keys.NewList(
		func() int { return len(data) },
		func() fyne.CanvasObject { return look.NewRow(look.RowData{}) },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*look.Row).Set(data[i]) },
	)
	list.HideSeparators = true
	shut := l.screen.frame.Sheet(l.card.Title, look.NewRoom(list, 0.9, 0.6), nil, frame.Button{Text: words.L("Close")})
	list.OnSelected = func(i widget.ListItemID) {
		list.UnselectAll()
		if l.open != nil && i < len(l.data) {
			shut()
			l.open(i)
		}
	}
}

// wrap sets things beside each other, in as many lines as they need.
type wrap struct{}

func (wrap) arrange(objects []fyne.CanvasObject, width float32, set bool) float32 {
	between, x, y, line := theme.Size(look.SizeS), float32(0), float32(0), float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		if x > 0 && x+m.Width > width {
			x, y = 0, y+line+between
		}
		if set {
			put(o, x, y, m.Width, m.Height)
		}
		x, line = x+m.Width+between, m.Height
	}
	return y + line
}

// MinSize implements fyne.Layout: two lines are enough in the narrowest window.
func (w wrap) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(200, 2*objects[0].MinSize().Height+theme.Size(look.SizeS))
}

// Layout implements fyne.Layout.
func (w wrap) Layout(objects []fyne.CanvasObject, s fyne.Size) { w.arrange(objects, s.Width, true) }

// headLayout sets the face left of the name and what else there is to say.
type headLayout struct{ d *detail }

// Layout implements fyne.Layout.
func (l headLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	d, gap := l.d, theme.Size(look.SizeM)
	face := theme.Size(look.SizeIconBig) * 1.4
	name, about := d.name.MinSize().Height, d.about.MinSize().Height
	put(d.face, 0, (size.Height-face)/2, face, face)
	put(d.name, face+gap, (size.Height-name-about)/2, size.Width-face-gap, name)
	put(d.about, face+gap, (size.Height-name-about)/2+name, size.Width-face-gap, about)
}

// MinSize implements fyne.Layout.
func (l headLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(200, max(theme.Size(look.SizeIconBig)*1.4, l.d.name.MinSize().Height+l.d.about.MinSize().Height))
}
