package access

import (
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/look"
	"meadow/ui/page"
	"meadow/ui/words"
)

// panel says all about what is chosen, beside the view.
type panel struct {
	screen *Screen

	card     *look.Card
	says     *look.Paragraph
	chain    *chain
	facts    *fyne.Container
	note     *look.Paragraph
	change   *look.Button
	takeBack *look.Button
	offer    *look.Button
	open     *look.Button
	page     *page.Page
	list     *list
	inner    *fyne.Container
	content  *fyne.Container

	shown Detail
}

func newPanel(s *Screen) *panel {
	p := &panel{screen: s, says: look.NewParagraph("", ""), facts: page.Facts(104), note: look.NewParagraph("", look.ColorMuted)}
	p.chain = newChain(p.face)
	p.change = look.NewButton(words.L("Change…"), look.IconRename, func() { s.deeds.Change(p.shown.Share) })
	p.takeBack = look.NewDangerButton(words.L("Take back…"), look.IconClose, func() { s.deeds.TakeBack(p.shown.Share) })
	p.offer = look.NewButton("", look.IconShare, func() { s.onShare(p.shown.Offer) })
	p.open = look.NewQuietButton("", look.IconOpen, func() { s.frame.Go(p.shown.Open) })
	p.page = page.New(p.arrange, p.says, p.chain, p.facts, p.note, p.change, p.takeBack, p.offer, p.open)
	p.list = newList(s.onChosen)
	p.list.draw = p.line
	p.inner = container.New(panelLayout{p}, p.page.Content, p.list.list)
	p.card = look.NewCard("", p.inner)
	p.card.Trail = look.NewIconButton(look.IconClose, words.L("Close"), func() { s.Back() })
	p.content = container.NewStack(p.card)
	return p
}

// line is an item of a row, a column or a cell: what it isn't of already is its title.
func (p *panel) line(s *Sheet, i Item) look.RowData {
	row := s.Of(i)
	switch d := p.shown; {
	case d.Row >= 0 && d.Column >= 0:
		row.Title, row.Subtitle = row.Subtitle, ""
	case d.Row >= 0:
		row.Title = s.what(i)
	default:
		row.Title = RowName(s.Map.Rows[i.Row])
	}
	return row
}

// face is how somebody in a chain is shown.
func (p *panel) face(l Link) look.FaceData {
	if rows := p.screen.sheet.Map.Rows; l.Row >= 0 && l.Row < len(rows) && rows[l.Row].Kind == "person" {
		return p.screen.face(rows[l.Row])
	}
	return look.FaceData{Name: l.Name, Online: l.Online, Faint: !l.Known, State: l.Name}
}

// set shows what is chosen.
func (p *panel) set() {
	d, ok := p.screen.sheet.Detail(p.screen.choice)
	if !ok {
		p.screen.choice = Choice{}
		return
	}
	if reflect.DeepEqual(d, p.shown) {
		p.list.setOf(p.screen.sheet, d.Items)
		return
	}
	p.shown = d
	p.card.Title = d.Title
	p.says.SetText(d.Says)
	p.chain.set(d.Links)
	p.chain.Hidden = len(d.Links) == 0
	p.facts.RemoveAll()
	for _, f := range d.Facts {
		p.facts.Add(look.NewText(f.Name, "", look.ColorMuted))
		p.facts.Add(look.NewShort(f.Value, "", ""))
	}
	p.facts.Hidden = len(d.Facts) == 0
	p.setButtons(d)
	p.list.setOf(p.screen.sheet, d.Items)
	p.list.list.Hidden = len(d.Items) == 0
	p.page.Scroll.ScrollToTop()
	p.card.Refresh()
	p.page.Refresh()
	p.inner.Refresh()
}

func (p *panel) setButtons(d Detail) {
	deeds := p.screen.deeds
	p.note.Hidden = d.Share == "" || d.Gives == ""
	p.note.SetText(words.L("It came through what {{.Who}} has. To end it, change or take back that.", "Who", d.Gives))
	p.change.Hidden = d.Share == "" || deeds.Change == nil
	p.takeBack.Hidden = d.Share == "" || deeds.TakeBack == nil
	p.offer.Hidden = d.Offer.Space == "" && d.Offer.With == "" || deeds.Share == nil
	switch {
	case d.Offer.With == "":
		p.offer.SetText(words.L("Share it…"))
	case d.Offer.Space == "":
		p.offer.SetText(words.L("Share something…"))
	default:
		p.offer.SetText(words.L("Give access…"))
	}
	p.open.Hidden = d.OpenIs == ""
	p.open.SetText(d.OpenIs)
}

// arrange places the panel's upper part; buttons are beside each other where there is
// room.
func (p *panel) arrange(width, _ float32, place bool) float32 {
	gap := theme.Size(look.SizeM)
	width -= theme.Size(theme.SizeNameScrollBarSmall)
	y := page.Column([]fyne.CanvasObject{p.says, p.chain, p.facts, p.note}, 0, 0, width, gap, place)
	x, high := float32(0), float32(0)
	for _, b := range []*look.Button{p.change, p.takeBack, p.offer, p.open} {
		if !b.Visible() {
			continue
		}
		m := b.MinSize()
		if x > 0 && x+m.Width > width {
			x, y = 0, y+high+theme.Size(look.SizeS)
		}
		if place {
			b.Resize(m)
			b.Move(fyne.NewPos(x, y))
		}
		x, high = x+m.Width+theme.Size(look.SizeS), m.Height
	}
	return y + high
}

// panelLayout has the list below all that there is to say.
type panelLayout struct{ p *panel }

// Layout implements fyne.Layout.
func (l panelLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	p := l.p
	high := size.Height
	if p.list.list.Visible() {
		p.page.Content.Resize(fyne.NewSize(size.Width, size.Height)) // its height depends on its width
		high = min(p.arrange(size.Width, 0, false)+theme.Size(look.SizeM), size.Height*0.6)
		side := theme.Size(look.SizeS) // the rows have margins of their own
		p.list.list.Resize(fyne.NewSize(size.Width+2*side, size.Height-high))
		p.list.list.Move(fyne.NewPos(-side, high))
	}
	p.page.Content.Resize(fyne.NewSize(size.Width, high))
}

// MinSize implements fyne.Layout.
func (l panelLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(180, 120) }

// chain draws whom access came by, one below the other, the devices of the last aside.
type chain struct {
	widget.BaseWidget
	links []Link
	face  func(Link) look.FaceData
}

func newChain(face func(Link) look.FaceData) *chain {
	c := &chain{face: face}
	c.ExtendBaseWidget(c)
	return c
}

func (c *chain) set(links []Link) {
	c.links = links
	c.Refresh()
}

// AccessibilityLabel implements fyne.Accessible.
func (c *chain) AccessibilityLabel() string { return c.text() }

// AccessibilityRole implements fyne.Accessible.
func (c *chain) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// text is the chain in a line.
func (c *chain) text() (text string) {
	for i, l := range c.links {
		switch {
		case i == 0:
			text = l.Name
		case l.Leaf && c.links[i-1].Leaf:
			text += ", " + l.Name
		default:
			text += " → " + l.Name
		}
	}
	return text
}

// CreateRenderer implements fyne.Widget.
func (c *chain) CreateRenderer() fyne.WidgetRenderer {
	r := &chainRenderer{chain: c, pool: newPool(c)}
	r.Refresh()
	return r
}

type chainRenderer struct {
	chain *chain
	pool  *pool
}

func (r *chainRenderer) step() float32                { return theme.SizeForWidget(look.SizeRowSmall, r.chain) * 0.9 }
func (r *chainRenderer) Objects() []fyne.CanvasObject { return r.pool.objects() }
func (r *chainRenderer) Destroy()                     {}
func (r *chainRenderer) Layout(fyne.Size)             { r.Refresh() }

func (r *chainRenderer) MinSize() fyne.Size {
	return fyne.NewSize(100, r.step()*float32(len(r.chain.links)))
}

func (r *chainRenderer) Refresh() {
	c, step := r.chain, r.step()
	side, gap := step*0.72, theme.SizeForWidget(look.SizeS, c)
	parent := 0 // the link that devices hang on
	for i, l := range c.links {
		at := box{0, float32(i)*step + (step-side)/2, side, side}
		if l.Leaf {
			at.x = side + gap
			at = at.inset(1)
			y := at.y + at.h/2
			r.pool.rect(box{side / 2, y, side/2 + gap/2, 1.5}, look.ColorTrack, "", 0)
			if i == len(c.links)-1 || !c.links[i+1].Leaf {
				top := float32(parent)*step + (step+side)/2 + 2
				r.pool.rect(box{side / 2, top, 1.5, y - top}, look.ColorTrack, "", 0)
			}
		} else {
			parent = i
			if i > 0 {
				r.pool.rect(box{side/2 - 0.75, at.y - (step - side) + 2, 1.5, step - side - 4}, theme.ColorNamePrimary, "", 0)
			}
		}
		switch {
		case l.Icon == look.IconMore:
			r.pool.icon(at.inset(3), l.Icon, look.ColorMuted)
		case l.Icon != "":
			r.pool.device(at, l.Icon, l.Online, l.Name)
		default:
			r.pool.face(at, c.face(l))
		}
		x := at.x + at.w + gap
		r.pool.text(box{x, float32(i) * step, c.Size().Width - x, step}, l.Name, "", theme.ColorNameForeground, false, fyne.TextAlignLeading)
	}
	r.pool.done()
	canvas.Refresh(c)
}
