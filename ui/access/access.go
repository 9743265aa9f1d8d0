package access

import (
	"context"
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// Node is what the screen needs of a node, beside what the frame asks it.
type Node interface {
	Flows(ctx context.Context) (node.Flows, error)
}

// Deeds are what can be done about access; each opens a sheet. One that is nil isn't
// offered.
type Deeds struct {
	Share    func(node.ShareOptions) // with what is known already
	Change   func(share string)
	TakeBack func(share string)
}

// Screen shows who may do what.
type Screen struct {
	frame *frame.Frame
	node  Node
	deeds Deeds

	title   *look.Text
	views   []*look.Chip
	share   *look.Button
	filters filters
	grid    *Grid
	list    *list
	said    *look.Text
	panel   *panel
	empty   *look.Empty
	none    *look.Empty
	content *fyne.Container
	layout  *layout

	view   int
	query  Query
	now    *frame.Now // that the map is of
	asking bool
	sheet  *Sheet
	choice Choice
	up     bool
}

// The views.
const (
	viewMap = iota
	viewList
)

// New returns the screen.
func New(f *frame.Frame, n Node, d Deeds) *Screen {
	return &Screen{frame: f, node: n, deeds: d, sheet: new(Sheet)}
}

// Content implements frame.Screen.
func (s *Screen) Content() fyne.CanvasObject {
	if s.content == nil {
		s.build()
	}
	return s.content
}

func (s *Screen) build() {
	s.title = look.NewText(words.L("Access"), theme.SizeNameSubHeadingText, "")
	s.title.Style.Bold = true
	s.views = look.NewChips(s.onView, words.L("Map"), words.L("List"))
	s.share = look.NewPrimaryButton(words.L("Share something"), look.IconShare, func() { s.onShare(node.ShareOptions{}) })
	s.share.Hidden = s.deeds.Share == nil
	s.filters.build(s.onQuery)
	s.grid = NewGrid()
	s.grid.OnChosen, s.grid.OnFold, s.grid.OnSay, s.grid.OnSearch = s.onChosen, s.onFold, s.onSay, s.Find
	s.list = newList(s.onChosen)
	s.said = look.NewShort("", theme.SizeNameCaptionText, look.ColorMuted)
	s.panel = newPanel(s)
	action := look.Action{Text: words.L("Add a person"), Icon: look.IconAddPerson, Do: func() { s.frame.Go(frame.Place{Screen: frame.People, Item: "add"}) }}
	s.empty = look.NewEmpty(look.DrawingPeople, words.L("Nobody but you has access yet. Add a person, and share a space or a folder with them: you see here who has what, and until when."), action)
	s.none = look.NewEmpty(look.DrawingNotFound, words.L("Nothing is so. Turn off a filter, or look for something else."),
		look.Action{Text: words.L("Show all"), Kind: look.KindQuiet, Do: s.onAll})
	s.layout = &layout{s}
	s.content = s.layout.container()
}

// Shown implements frame.Screen: the place's item is a person's custodian id or a
// device's endpoint, its space and path a column.
func (s *Screen) Shown(p frame.Place) {
	s.up = true
	if p.Item != "" || p.Space != "" {
		s.choice = Choice{Row: p.Item}
		if p.Space != "" {
			s.choice.Column = columnID(node.MapColumn{SpaceID: p.Space, Path: p.Path})
		}
	}
	s.Update(s.frame.Now())
	s.put()
}

// Hidden implements frame.Screen.
func (s *Screen) Hidden() { s.up = false }

// Update implements frame.Screen. The map is made anew beside the interface thread,
// and only of what has changed.
func (s *Screen) Update(now *frame.Now) {
	if now == nil || s.asking || s.now != nil && same(s.now, now) {
		return
	}
	s.asking = true
	frame.Ask(s.frame.Worker, func(context.Context) (node.PermissionMap, error) {
		return node.MapOf(now.Status, now.People, now.Shares, now.Invites), nil
	}, func(m node.PermissionMap, _ error) {
		s.asking = false
		s.now = now
		s.sheet = &Sheet{Map: m}
		s.put()
		if last := s.frame.Now(); last != now && s.up {
			s.Update(last) // what has come meanwhile
		}
	})
}

// same reports whether a map of both would be the same.
func same(a, b *frame.Now) bool {
	return reflect.DeepEqual(a.Ties, b.Ties) && reflect.DeepEqual(rowsOf(a), rowsOf(b)) && reflect.DeepEqual(columnsOf(a), columnsOf(b))
}

// rowsOf is what of a status's devices is in a map.
func rowsOf(n *frame.Now) (list []node.Device) {
	for _, d := range n.Status.Devices {
		row := node.Device{Name: d.Name, Endpoint: d.Endpoint, Kind: d.Kind, Online: d.Online, Spaces: d.Spaces}
		if !d.Online {
			row.LastSeen = d.LastSeen
		}
		list = append(list, row)
	}
	return list
}

// columnsOf is what of a status's spaces is in a map.
func columnsOf(n *frame.Now) (list []node.MapColumn) {
	for _, s := range n.Status.Spaces {
		if !s.Ended {
			list = append(list, node.MapColumn{Space: s.Name, SpaceID: s.ID})
		}
	}
	return list
}

// put shows what is looked for.
func (s *Screen) put() {
	m := s.sheet.Map
	s.sheet = NewSheet(m, s.query, s.frame.Time())
	s.grid.Set(s.sheet, s.choice)
	s.list.set(s.sheet)
	s.panel.set()
	s.show()
}

// show shows the parts that there is something in.
func (s *Screen) show() {
	alone := s.alone()
	none := !alone && len(s.sheet.Lines) == 0
	s.empty.Hidden, s.none.Hidden = !alone, !none
	nothing := alone || none
	s.grid.Hidden, s.said.Hidden = nothing || s.view != viewMap, nothing || s.view != viewMap
	s.list.list.Hidden = nothing || s.view != viewList
	s.panel.content.Hidden = nothing || s.choice == (Choice{})
	s.filters.hide(alone)
	for _, c := range s.views {
		c.Hidden = alone
	}
	s.onSay()
	s.content.Refresh()
}

// alone reports whether nobody but this device has anything: there is nothing to see.
func (s *Screen) alone() bool {
	return len(s.sheet.Map.Rows) <= 1
}

func (s *Screen) onView(i int) {
	s.view = i
	s.show()
}

func (s *Screen) onQuery(q Query) {
	q.Folded = s.query.Folded
	s.query = q
	s.put()
}

func (s *Screen) onAll() {
	s.filters.clear()
	s.onQuery(Query{})
}

func (s *Screen) onFold(g Group) {
	s.query.Folded[g] = !s.query.Folded[g]
	s.put()
}

func (s *Screen) onSay() { s.said.SetText(s.grid.Said()) }

// onChosen opens what there is to say of a row and a column of the map.
func (s *Screen) onChosen(row, column int) {
	s.choose(s.sheet.Choose(row, column))
}

func (s *Screen) choose(c Choice) {
	s.choice = c
	s.grid.Choose(c)
	s.panel.set()
	s.show()
}

// Back implements frame.Backer: it closes the panel, then turns off what is looked
// for.
func (s *Screen) Back() bool {
	switch {
	case s.choice != (Choice{}):
		s.choose(Choice{})
		s.focus()
	case s.sheet.Looks:
		s.onAll()
	default:
		return false
	}
	return true
}

// focus gives the view the keyboard.
func (s *Screen) focus() {
	var o fyne.Focusable = s.grid
	if s.view == viewList {
		o = s.list.list
	}
	s.frame.Window.Canvas().Focus(o)
}

// Find implements frame.Finder.
func (s *Screen) Find() { s.frame.Window.Canvas().Focus(s.filters.search) }

func (s *Screen) onShare(o node.ShareOptions) { s.deeds.Share(o) }

// filters are the chips and the search field.
type filters struct {
	writes, ends, unused, through *look.Chip
	search                        *keys.Entry
	changed                       func(Query)
	quiet                         bool
}

func (f *filters) build(changed func(Query)) {
	chip := func(text string, icon fyne.ThemeIconName) *look.Chip {
		return look.NewChip(text, icon, func(bool) { f.tell() })
	}
	f.changed = changed
	f.writes = chip(words.L("Who can write?"), look.IconRename)
	f.ends = chip(words.L("Ends this week"), look.IconClock)
	f.unused = chip(words.L("Never used"), look.IconMoon)
	f.through = chip(words.L("Through someone else"), look.IconLink)
	f.search = keys.NewEntry()
	f.search.SetPlaceHolder(words.L("Find a name"))
	f.search.OnChanged = func(string) { f.tell() }
}

func (f *filters) chips() []*look.Chip { return []*look.Chip{f.writes, f.ends, f.unused, f.through} }

func (f *filters) tell() {
	if !f.quiet {
		f.changed(Query{
			MapFilter: node.MapFilter{Writes: f.writes.On(), Ends: f.ends.On(), Unused: f.unused.On(), Through: f.through.On()}, Text: f.search.Text,
		})
	}
}

// clear turns all off, and tells nobody.
func (f *filters) clear() {
	f.quiet = true
	for _, c := range f.chips() {
		c.Set(false)
	}
	f.search.SetText("")
	f.quiet = false
}

func (f *filters) hide(hidden bool) {
	for _, c := range f.chips() {
		c.Hidden = hidden
	}
	f.search.Hidden = hidden
}
