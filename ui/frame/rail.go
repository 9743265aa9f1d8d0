package frame

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// rail is the list of places at the left. In a narrow window it has icons only.
type rail struct {
	frame   *Frame
	list    *keys.List
	add     *railButton
	content fyne.CanvasObject

	rows   []railRow
	narrow bool
}

// railRow is one line of the rail; a heading leads nowhere.
type railRow struct {
	text    string
	icon    fyne.ThemeIconName
	badge   string
	place   Place
	heading bool
}

func newRail(f *Frame) *rail {
	r := &rail{frame: f}
	r.list = keys.NewList(
		func() int { return len(r.rows) },
		func() fyne.CanvasObject { return newRailItem() },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*railItem).set(r.rows[i], r.narrow, i == r.at()) },
	)
	r.list.HideSeparators = true
	r.list.OnSelected = r.selected
	r.add = newRailButton(words.L("New space"), func() { f.Go(Place{Screen: Space, Item: "new"}) })
	r.content = container.NewStack(newSurface(look.ColorRail), container.NewPadded(container.NewBorder(nil, r.add.content, nil, nil, r.list)))
	r.rows = r.lines(nil)
	return r
}

// lines are the rail's rows for what is so.
func (r *rail) lines(now *Now) []railRow {
	rows := []railRow{
		{text: words.L("Home"), icon: look.IconHome, place: Place{Screen: Home}},
		{text: words.L("Devices"), icon: look.IconLaptop, place: Place{Screen: Devices}},
		{text: words.L("People"), icon: look.IconPeople, place: Place{Screen: People}},
		{text: words.L("Access"), icon: look.IconAccess, place: Place{Screen: Access}},
		{text: words.L("Transfers"), icon: look.IconTransfers, place: Place{Screen: Transfers}},
		{text: words.L("Activity"), icon: look.IconActivity, place: Place{Screen: Activity}},
		{text: words.L("Settings"), icon: look.IconSettings, place: Place{Screen: Settings}},
	}
	if now != nil {
		for i, n := range map[int]int{0: now.Needs(), 2: len(now.Waiting())} {
			if n > 0 {
				rows[i].badge = words.Number(int64(n))
			}
		}
	}
	rows = slices.DeleteFunc(rows, func(row railRow) bool { return !r.frame.Has(row.place.Screen) })
	if now == nil {
		return rows
	}
	if len(now.Status.Spaces) > 0 {
		rows = append(rows, railRow{text: words.L("Spaces"), heading: true})
	}
	for _, s := range now.Status.Spaces {
		rows = append(rows, railRow{
			text: words.Shown(s.Name), icon: look.IconSpace, badge: spaceBadge(s), place: Place{Screen: Space, Space: s.ID},
		})
	}
	return rows
}

func spaceBadge(s node.Space) string {
	if n := s.Conflicts + s.Holds; n > 0 {
		return words.Number(n)
	}
	return ""
}

func (r *rail) update(now *Now) {
	r.rows = r.lines(now)
	r.list.Refresh()
}

// setNarrow shows icons only, or words too.
func (r *rail) setNarrow(narrow bool) {
	if r.narrow != narrow {
		r.narrow = narrow
		r.add.setNarrow(narrow)
		r.list.Refresh()
	}
}

// selected goes where a row leads. The list keeps no choice of its own: the row of
// the place where the window is already leads there too, out of the place's pages.
func (r *rail) selected(i widget.ListItemID) {
	r.list.Unselect(i)
	if !r.rows[i].heading {
		r.frame.Go(r.rows[i].place)
	}
}

// at is the row of where the window is, or -1. A device is added from the devices.
func (r *rail) at() int {
	p := r.frame.place
	if p.Screen == Add {
		p = Place{Screen: Devices}
	}
	if p.Screen == AddPerson {
		p = Place{Screen: People}
	}
	for i, row := range r.rows {
		if !row.heading && row.place.Screen == p.Screen && (row.place.Space == p.Space || p.Screen != Space) {
			return i
		}
	}
	return -1
}

// went shows where the window is.
func (r *rail) went() {
	if i := r.at(); i >= 0 {
		r.list.ScrollTo(i)
	}
	r.list.Refresh()
}

// railItem draws a railRow.
type railItem struct {
	widget.BaseWidget
	here    *surface
	icon    *look.Pictogram
	label   *look.Text
	heading *look.Text
	short   *look.Text // a space's first letters, where there is room for no more
	badge   *look.Badge
	narrow  bool
}

func newRailItem() *railItem {
	i := &railItem{
		here: newSurface(look.ColorRailSelected),
		icon: look.NewPictogram(), label: look.NewShort("", "", ""),
		heading: look.NewShort("", theme.SizeNameCaptionText, look.ColorMuted), badge: look.NewBadge(look.ToneAttention, "", "0"),
		short: look.NewText("", "", ""),
	}
	i.here.round = look.SizeRadius
	i.ExtendBaseWidget(i)
	return i
}

// CreateRenderer implements fyne.Widget.
func (i *railItem) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.New(railLayout{i}, i.here, i.icon.Image, i.label, i.heading, i.short, i.badge))
}

func (i *railItem) set(row railRow, narrow, here bool) {
	i.narrow = narrow
	letters := narrow && row.place.Space != ""
	i.icon.Hidden, i.label.Hidden, i.heading.Hidden = row.heading || letters, row.heading || narrow, !row.heading || narrow
	i.short.Hidden, i.badge.Hidden = !letters, row.badge == ""
	i.short.Style.Bold = here
	i.short.SetText(initials(row.text))
	i.here.Hidden = !here
	if !row.heading {
		tone := theme.ColorNameForeground
		if here {
			tone = theme.ColorNamePrimary
		}
		i.icon.Set(row.icon, tone, i)
	}
	i.label.Style.Bold = here
	i.label.SetText(row.text)
	i.label.Refresh()
	i.heading.SetText(row.text)
	i.badge.Set(look.Mark{Tone: look.ToneAttention, Text: row.badge})
	i.Refresh()
}

// initials are the first letters of a name's first two words, or its first two.
func initials(name string) string {
	var letters []rune
	for _, word := range strings.Fields(name) {
		letters = append(letters, []rune(word)[0])
	}
	if len(letters) < 2 {
		letters = []rune(name)
	}
	return string(letters[:min(2, len(letters))])
}

// railLayout lays out a railItem: what it lays out is known, so is the order.
type railLayout struct{ item *railItem }

// Layout implements fyne.Layout.
func (l railLayout) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	i := l.item
	i.here.Resize(s)
	side, gap := theme.Size(look.SizeIcon)-2, theme.Size(look.SizeS)
	i.icon.Resize(fyne.NewSquareSize(side))
	x := gap
	if i.narrow {
		x = (s.Width - side) / 2
	}
	i.icon.Move(fyne.NewPos(x, (s.Height-side)/2))
	i.short.Resize(i.short.MinSize())
	aside := float32(0) // of the badge
	if !i.badge.Hidden {
		aside = gap
	}
	i.short.Move(fyne.NewPos((s.Width-i.short.Size().Width)/2-aside, (s.Height-i.short.Size().Height)/2))
	badge := i.badge.MinSize()
	right := s.Width - gap
	if i.narrow {
		i.badge.Resize(badge)
		i.badge.Move(fyne.NewPos(s.Width-badge.Width, 0))
		return
	}
	if !i.badge.Hidden {
		right -= badge.Width
		i.badge.Resize(badge)
		i.badge.Move(fyne.NewPos(right, (s.Height-badge.Height)/2))
		right -= gap
	}
	left := gap + side + theme.Size(look.SizeM)
	h := i.label.MinSize().Height
	i.label.Resize(fyne.NewSize(max(0, right-left), h))
	i.label.Move(fyne.NewPos(left, (s.Height-h)/2))
	h = i.heading.MinSize().Height
	i.heading.Resize(fyne.NewSize(max(0, right-gap), h))
	i.heading.Move(fyne.NewPos(gap, s.Height-h-theme.Size(look.SizeXS)))
}

// MinSize implements fyne.Layout.
func (l railLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(theme.Size(look.SizeIcon), theme.Size(look.SizeRowSmall)-2)
}
