package access

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/look"
)

// layout places the screen: its name with the views, what is looked for, the view, a
// line about what is pointed at, and the panel at the right, or in place of the view
// where there isn't room for both.
type layout struct{ s *Screen }

// Widths of the panel, in which a page is page.Least wide.
const (
	bothFit    = 640
	panelWide  = 324
	panelShare = 0.34
	searchWide = 200
)

func (l *layout) container() *fyne.Container {
	s := l.s
	all := []fyne.CanvasObject{s.title, s.share, s.filters.search, s.grid, s.graph, s.list.list, s.log.Content(), s.said, s.panel.content, s.empty, s.none}
	for _, c := range s.views {
		all = append(all, c)
	}
	for _, c := range s.filters.chips() {
		all = append(all, c)
	}
	return container.New(l, all...)
}

// Layout implements fyne.Layout.
func (l *layout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	s := l.s
	margin, gap := theme.Size(look.SizeXL), theme.Size(look.SizeM)
	width := size.Width - 2*margin
	y := l.head(margin, margin*0.8, width)
	if s.filters.search.Visible() {
		y = l.filters(margin, y+gap, width)
	}
	y += gap
	room := box{margin, y, width, size.Height - y - gap}
	for _, o := range []fyne.CanvasObject{s.empty, s.log.Content()} {
		box{margin, y, width, size.Height - y - margin}.put(o)
	}
	if s.panel.content.Visible() {
		room = l.panel(room)
	}
	s.showView(room.w == 0)
	if s.lonely {
		room = l.besideNobody(room)
	}
	room.put(s.none)
	room.put(s.list.list)
	said := s.said.MinSize().Height
	for _, o := range []fyne.CanvasObject{s.grid, s.graph} {
		box{room.x, room.y, room.w, room.h - said - gap/2}.put(o)
	}
	box{room.x, room.y + room.h - said, room.w, said}.put(s.said)
}

// panel places the panel and returns the room that is left for the view.
func (l *layout) panel(room box) box {
	gap := theme.Size(look.SizeM)
	if room.w < bothFit {
		room.put(l.s.panel.content)
		return box{room.x, room.y, 0, 0}
	}
	wide := max(panelWide, room.w*panelShare*0.8)
	box{room.x + room.w - wide, room.y, wide, room.h}.put(l.s.panel.content)
	room.w -= wide + gap
	return room
}

// besideNobody places what there is to say where there are only the account's own
// devices, below them, and returns the room that is left for them.
func (l *layout) besideNobody(room box) box {
	g := l.s.grid
	high := min(g.head()+(float32(len(g.sheet.Lines))+2)*g.line(), room.h*0.6)
	box{room.x, room.y + high, room.w, room.h - high}.put(l.s.empty)
	room.h = high
	return room
}

// head places the screen's name, the views and the button, and returns where it ends.
func (l *layout) head(x, y, width float32) float32 {
	s, gap := l.s, theme.Size(look.SizeS)
	high := max(s.title.MinSize().Height, s.share.MinSize().Height)
	middle := func(o fyne.CanvasObject, x float32) float32 {
		m := o.MinSize()
		box{x, y + (high-m.Height)/2, m.Width, m.Height}.put(o)
		return m.Width
	}
	at := x + middle(s.title, x) + 2*gap
	for _, c := range s.views {
		at += middle(c, at) + gap
	}
	middle(s.share, x+width-s.share.MinSize().Width)
	return y + high
}

// filters places the chips and the search field, in as many lines as they need.
func (l *layout) filters(x, y, width float32) float32 {
	s, gap := l.s, theme.Size(look.SizeS)
	at, high := x, s.filters.search.MinSize().Height
	for _, c := range s.filters.chips() {
		m := c.MinSize()
		if at > x && at+m.Width > x+width {
			at, y = x, y+m.Height+gap
		}
		box{at, y + (high-m.Height)/2, m.Width, m.Height}.put(c)
		at += m.Width + gap
	}
	least := min(float32(searchWide)*0.8, width)
	if x+width-at < least { // in a line of its own
		y += high + gap
		box{x, y, min(width, searchWide*1.5), high}.put(s.filters.search)
		return y + high
	}
	wide := min(x+width-at, searchWide*1.5)
	box{x + width - wide, y, wide, high}.put(s.filters.search)
	return y + high
}

// MinSize implements fyne.Layout.
func (l *layout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(300, 240) }
