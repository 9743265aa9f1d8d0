package access

import (
	"context"
	"reflect"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"meadow/core/node"
	"meadow/ui/audit"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// Node is what the screen needs of a node, beside what the frame asks it.
type Node interface {
	audit.Node
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
	graph   *GraphView
	list    *list
	log     *audit.Panel
	said    *look.Text
	panel   *panel
	empty   *look.Empty
	none    *look.Empty
	content *fyne.Container
	layout  *layout

	view   int
	query  Query
	now    *frame.Now // that the map is of
	seen   *frame.Now // the last that came
	asking bool
	sheet  *Sheet
	flows  node.Flows
	crowds [crowds]bool // of the graph, that are shown
	choice Choice
	bare   bool // there is nothing in the views
	lonely bool // there are only the account's own devices
	up     bool
	drawn  int    // how often all of it was
	end    func() // of asking what moves
}

// The views.
const (
	viewMap = iota
	viewGraph
	viewList
	viewLog
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
	s.views = look.NewChips(s.onView, words.L("Map"), words.L("Graph"), words.L("List"), words.L("Log"))
	s.share = look.NewPrimaryButton(words.L("Share something"), look.IconShare, func() { s.onShare(node.ShareOptions{}) })
	s.share.Hidden = s.deeds.Share == nil
	s.filters.build(s.onQuery)
	s.grid = NewGrid()
	s.grid.OnChosen, s.grid.OnFold, s.grid.OnSay, s.grid.OnSearch = s.onChosen, s.onFold, s.onSay, s.Find
	s.graph = NewGraphView()
	s.graph.OnChosen, s.graph.OnCrowd, s.graph.OnSay, s.graph.OnSearch = s.onDot, s.onCrowd, s.onSay, s.Find
	s.grid.Face, s.graph.Face = s.face, s.face
	s.list = newList(s.onChosen)
	s.log = audit.NewPanel(s.frame, s.node)
	s.said = look.NewShort("", theme.SizeNameCaptionText, look.ColorMuted)
	s.panel = newPanel(s)
	action := look.Action{Text: words.L("Add a person"), Icon: look.IconAddPerson, Do: func() { s.frame.Go(frame.Place{Screen: frame.People, Item: "add"}) }}
	s.empty = look.NewEmpty(look.DrawingPeople, words.L("Nobody but you has access yet. Add a person, and share a space or a folder with them: you see here who has what, and until when."), action)
	s.none = look.NewEmpty(look.DrawingNotFound, words.L("Nothing is so. Turn off a filter, or look for something else."),
		look.Action{Text: words.L("Show all"), Kind: look.KindQuiet, Do: s.onAll})
	s.layout = &layout{s}
	s.content = s.layout.container()
}

// Shown implements frame.Screen. The place's item is "graph", "list" or "audit", the
// last with a custodian id as path; or "share" with a share's id as path; or a
// custodian id or a device's endpoint, the space and path then being a column.
func (s *Screen) Shown(p frame.Place) {
	if !s.up {
		s.up = true
		s.end = s.frame.Worker.Every(flowsEvery, s.askFlows)
	}
	s.Update(s.frame.Now())
	switch {
	case p.Item == "audit":
		s.log.Shown(p.Path, p.Space)
		s.onView(viewLog)
	case p.Item == "graph":
		s.onView(viewGraph)
	case p.Item == "list":
		s.onView(viewList)
	case p.Item == "share":
		s.onView(viewMap)
		s.choose(s.sheet.Shared(p.Path))
	case p.Item != "" || p.Space != "":
		c := Choice{Row: p.Item}
		if p.Space != "" {
			c.Column = columnID(node.MapColumn{SpaceID: p.Space, Path: p.Path})
		}
		s.choose(c)
	default:
		s.put()
	}
}

const (
	flowsEvery = time.Second
	newAfter   = 5 * time.Minute
)

// askFlows looks what moves, as long as somebody looks at it.
func (s *Screen) askFlows() {
	if !s.up || s.view != viewGraph {
		return
	}
	frame.Ask(s.frame.Worker, s.node.Flows, func(f node.Flows, err error) {
		if err != nil || !s.up || reflect.DeepEqual(lives(f), lives(s.flows)) {
			return // the next look tells, and what hasn't changed isn't drawn
		}
		s.flows = f
		s.put()
	})
}

// face is how somebody of the map is shown, with their picture once it is read.
func (s *Screen) face(r node.MapRow) look.FaceData {
	if r.Kind != "person" {
		return faceOf(r)
	}
	return s.frame.Face(node.Person{Name: r.Name, Custodian: r.ID, Picture: r.Picture, Blocked: r.Blocked, Online: r.Online})
}

// Hidden implements frame.Screen.
func (s *Screen) Hidden() {
	s.up = false
	if s.end != nil {
		s.end()
	}
	s.log.Hidden()
}

// Update implements frame.Screen. The map is made anew beside the interface thread,
// and only of what has changed.
func (s *Screen) Update(now *frame.Now) {
	if s.view == viewLog && now != nil {
		s.log.Update(now)
	}
	if now == nil || s.asking {
		return
	}
	again := s.seen == now // something else has arrived: a picture
	s.seen = now
	if s.now != nil && same(s.now, now) {
		if again {
			s.grid.redraw()
			s.graph.field.Refresh()
			s.panel.chain.Refresh()
		}
		if now.At.Sub(s.sheet.now) >= newAfter {
			s.put() // what ends is nearer
		}
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
	s.drawn++
	s.sheet = NewSheet(m, s.query, s.frame.Time())
	s.sheet.Live = lives(s.flows)
	switch s.view { // only what can be seen
	case viewMap:
		s.grid.Set(s.sheet, s.choice)
	case viewGraph:
		s.graph.Set(s.sheet, NewGraph(s.sheet, s.crowds, s.choice), s.choice)
	case viewList:
		s.list.set(s.sheet)
	}
	s.panel.set()
	s.show()
}

// show shows the parts that there is something in.
func (s *Screen) show() {
	log, alone, none := s.view == viewLog, len(s.sheet.Map.Rows) <= 1, len(s.sheet.Lines) == 0
	alone, none = alone && !log, none && !alone && !log
	nothing := alone || none || log
	s.lonely = !nothing && s.view == viewMap && !s.sheet.Looks && !s.sheet.others()
	shows(s.empty, alone || s.lonely)
	shows(s.none, none)
	shows(s.log.Content(), log)
	shows(s.panel.content, !nothing && s.choice != Choice{})
	s.bare = nothing
	s.showView(false)
	s.filters.hide(alone || log)
	s.onSay()
	s.content.Refresh()
}

// showView shows the view that is up, unless there is nothing in it, or the panel takes
// all its room.
func (s *Screen) showView(covered bool) {
	for i, o := range map[int]fyne.CanvasObject{viewMap: s.grid, viewGraph: s.graph, viewList: s.list.list} {
		shows(o, !s.bare && !covered && s.view == i)
	}
	shows(s.said, s.grid.Visible() || s.graph.Visible())
}

func shows(o fyne.CanvasObject, shown bool) {
	switch {
	case shown && !o.Visible():
		o.Show()
	case !shown && o.Visible():
		o.Hide()
	}
}

func (s *Screen) onView(i int) {
	if s.view == viewLog && i != viewLog {
		s.log.Hidden()
	}
	s.view = i
	look.Only(s.views, i)
	switch i {
	case viewLog:
		s.log.Shown("", "")
	case viewGraph:
		s.askFlows()
	}
	s.put()
}

func (s *Screen) onCrowd(c Crowd) {
	s.crowds[c] = true
	s.put()
}

func (s *Screen) onDot(row int) { s.onChosen(row, -1) }

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

func (s *Screen) onSay() {
	if s.view == viewGraph {
		s.said.SetText(s.graph.Said())
	} else {
		s.said.SetText(s.grid.Said())
	}
}

// onChosen opens what there is to say of a row and a column of the map.
func (s *Screen) onChosen(row, column int) {
	s.choose(s.sheet.Choose(row, column))
}

func (s *Screen) choose(c Choice) {
	s.choice = c
	s.grid.Choose(c)
	s.graph.Choose(c)
	s.panel.set()
	s.show()
}

// Back implements frame.Backer: it closes the panel, then turns off what is looked
// for.
func (s *Screen) Back() bool {
	switch {
	case s.view == viewLog:
		return s.log.Back()
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
	switch s.view {
	case viewGraph:
		o = s.graph
	case viewList:
		o = s.list.list
	}
	s.frame.Window.Canvas().Focus(o)
}

// Find implements frame.Finder.
func (s *Screen) Find() {
	if s.view == viewLog {
		s.log.Find()
		return
	}
	s.frame.Window.Canvas().Focus(s.filters.search)
}

func (s *Screen) onShare(o node.ShareOptions) { s.deeds.Share(o) }
