package activity

import (
	"context"
	"path"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/paged"
	"meadow/ui/words"
)

// Node is what the screen needs of a node.
type Node interface {
	Activity(ctx context.Context, q node.ActivityQuery) (node.ActivityPage, error)
	Restore(ctx context.Context, space, path, version string) (node.Written, error)
}

const searchAfter = 250 * time.Millisecond

// Screen is the log, with a search field and filters.
type Screen struct {
	frame *frame.Frame
	node  Node
	pages *paged.Pages[node.ActivityRow]
	query node.ActivityQuery

	title   *look.SectionTitle
	search  *keys.Entry
	kinds   *keys.Select
	spaces  *keys.Select
	devices *keys.Select
	list    *keys.List
	card    *look.Card
	empty   *look.Empty
	none    *look.Empty
	content *fyne.Container

	spaceIDs  []string // of the spaces' options, after the first, which is all
	deviceIDs []string
	filling   bool // options are being set, not chosen
	wait      func()
	up        bool
	seen      *frame.Now
}

// New returns the screen.
func New(f *frame.Frame, n Node) *Screen {
	s := &Screen{frame: f, node: n, wait: func() {}}
	s.pages = &paged.Pages[node.ActivityRow]{
		Changed: s.put, Failed: f.Fail, Time: func(r *node.ActivityRow) time.Time { return r.Time.Time },
		Ask: func(before int64, got func([]node.ActivityRow, int64, error)) {
			q := s.query
			q.Before, q.Limit = before, paged.PageRows
			frame.Ask(f.Worker, func(ctx context.Context) (node.ActivityPage, error) { return n.Activity(ctx, q) },
				func(p node.ActivityPage, err error) { got(p.Rows, int64(p.Next), err) })
		},
	}
	return s
}

// Content implements frame.Screen.
func (s *Screen) Content() fyne.CanvasObject {
	if s.content == nil {
		s.build()
	}
	return s.content
}

func (s *Screen) build() {
	s.title = look.NewSectionTitle(words.L("Activity"), nil)
	s.search = keys.NewEntry()
	s.search.SetPlaceHolder(words.L("Search names"))
	s.search.OnChanged = func(string) {
		s.wait()
		s.wait = s.frame.Worker.After(searchAfter, s.filter)
	}
	s.kinds = keys.NewSelect(groupNames(), func(string) { s.filter() })
	s.spaces = keys.NewSelect(nil, func(string) { s.filter() })
	s.devices = keys.NewSelect(nil, func(string) { s.filter() })
	s.list = keys.NewList(s.pages.Length,
		func() fyne.CanvasObject { return paged.NewEntry(s.undo) },
		func(i widget.ListItemID, o fyne.CanvasObject) {
			o.(*paged.Entry[node.ActivityRow]).Set(s.pages.At(i), s.frame.Time(), s.tell)
		},
	)
	s.list.HideSeparators = true
	s.list.OnSelected = s.onSelected
	s.card = look.NewListCard("", s.list)
	s.empty = look.NewEmpty(look.DrawingActivity, words.L("What happens in your spaces is written down here, and stays."),
		look.Action{Text: words.L("New space"), Icon: look.IconAdd, Do: func() { s.frame.Go(frame.Place{Screen: frame.Space, Item: "new"}) }})
	s.none = look.NewEmpty(look.DrawingNotFound, words.L("Nothing that happened matches this."),
		look.Action{Text: words.L("Show everything"), Do: s.clear})
	s.empty.Hide()
	s.none.Hide()
	s.content = container.New(logLayout{s}, s.title, s.search, s.kinds, s.spaces, s.devices, s.card, s.empty, s.none)
}

// Shown implements frame.Screen: a place's space and its item, a kind of rows, are
// filtered for.
func (s *Screen) Shown(p frame.Place) {
	first := !s.up
	s.up = true
	s.options(s.frame.Now())
	if p.Space != "" || p.Item != "" {
		s.filling = true
		s.search.SetText("")
		s.devices.SetSelectedIndex(0)
		s.spaces.SetSelectedIndex(1 + slices.Index(s.spaceIDs, p.Space))
		t, _ := tellerOf(p.Item)
		s.kinds.SetSelectedIndex(1 + slices.Index(groups, t.group))
		s.filling = false
		s.filter()
		return
	}
	if first {
		if s.pages.Loaded() {
			s.pages.Refresh()
		} else {
			s.filter()
		}
	}
}

// options are the spaces and devices that there are.
func (s *Screen) options(now *frame.Now) {
	if now == nil {
		return
	}
	s.filling = true
	defer func() { s.filling = false }()
	spaces, devices := []string{words.L("All spaces")}, []string{words.L("All devices")}
	spaceIDs, deviceIDs := []string{}, []string{}
	for _, sp := range now.Status.Spaces {
		spaces, spaceIDs = append(spaces, words.Shown(sp.Name)), append(spaceIDs, sp.ID)
	}
	for _, d := range now.Status.Devices {
		devices, deviceIDs = append(devices, words.Shown(d.Name)), append(deviceIDs, d.Endpoint)
	}
	reset := func(to *keys.Select, ids *[]string, options, now []string) {
		if slices.Equal(to.Options, options) && slices.Equal(*ids, now) {
			return
		}
		chosen := chosen(to, *ids)
		*ids = now
		to.SetOptions(options)
		to.SetSelectedIndex(1 + slices.Index(now, chosen))
	}
	reset(s.spaces, &s.spaceIDs, spaces, spaceIDs)
	reset(s.devices, &s.deviceIDs, devices, deviceIDs)
	if s.kinds.SelectedIndex() < 0 {
		s.kinds.SetSelectedIndex(0)
	}
}

// chosen is the id of what is chosen, "" for all.
func chosen(s *keys.Select, ids []string) string {
	if i := s.SelectedIndex() - 1; i >= 0 && i < len(ids) {
		return ids[i]
	}
	return ""
}

// filter asks for what is wanted now.
func (s *Screen) filter() {
	if s.filling || !s.up {
		return
	}
	q := node.ActivityQuery{
		Text: strings.TrimSpace(s.search.Text), Space: chosen(s.spaces, s.spaceIDs), Device: chosen(s.devices, s.deviceIDs),
	}
	if i := s.kinds.SelectedIndex() - 1; i >= 0 {
		q.Kind = kindsOf(groups[i])
	}
	s.list.ScrollToTop()
	s.query = q
	s.pages.Reset()
}

// filtered reports whether anything but everything is wanted.
func (s *Screen) filtered() bool {
	q := s.query
	return q.Text != "" || q.Space != "" || q.Device != "" || q.Kind != ""
}

func (s *Screen) clear() {
	s.filling = true
	s.search.SetText("")
	for _, one := range []*keys.Select{s.kinds, s.spaces, s.devices} {
		one.SetSelectedIndex(0)
	}
	s.filling = false
	s.filter()
}

// put shows what has been read.
func (s *Screen) put() {
	nothing := s.pages.Length() == 0
	s.card.Hidden = nothing
	s.none.Hidden = !nothing || !s.filtered()
	s.empty.Hidden = !nothing || s.filtered()
	s.list.Refresh()
	s.content.Refresh()
}

// Update implements frame.Screen.
func (s *Screen) Update(now *frame.Now) {
	s.options(now)
	if !s.pages.Asked() { // nothing was known when it came up
		s.filter()
	}
	if now.Has("activity") && now != s.seen {
		s.seen = now
		if s.list.GetScrollOffset() == 0 { // else what one reads would jump
			s.pages.Refresh()
		}
	}
}

func (s *Screen) onSelected(i widget.ListItemID) {
	s.list.Unselect(i)
	it := s.pages.At(i)
	if it.Row == nil {
		return
	}
	if l := Tell(*it.Row, s.frame.Time()); l.Place.Screen != "" {
		s.frame.Go(l.Place)
	}
}

// tell is what a line of the list shows of a row.
func (s *Screen) tell(r *node.ActivityRow) (look.RowData, time.Time, bool) {
	l := Tell(*r, s.frame.Time())
	return look.RowData{Icon: l.Icon, Tone: l.Tone, Title: l.Sentence, Subtitle: l.Where}, r.Time.Time, r.Undo != nil
}

// undo brings a file back as it was before what a row tells of.
func (s *Screen) undo(r *node.ActivityRow) {
	u := r.Undo
	frame.Ask(s.frame.Worker, func(ctx context.Context) (node.Written, error) {
		return s.node.Restore(ctx, u.Space, u.Path, u.Version)
	}, func(_ node.Written, err error) {
		if err != nil {
			s.frame.Fail(err)
			return
		}
		s.frame.Say(words.L("{{.File}} is as it was before; what it was until now is in its history", "File", words.Shown(path.Base(u.Path))), nil)
		s.frame.Feed.Look()
	})
}

// Find implements frame.Finder.
func (s *Screen) Find() { s.frame.Window.Canvas().Focus(s.search) }

// Back implements frame.Backer: from what was searched for to everything.
func (s *Screen) Back() bool {
	if !s.filtered() {
		return false
	}
	s.clear()
	return true
}

// Hidden implements frame.Screen.
func (s *Screen) Hidden() {
	s.up = false
	s.wait()
}

// groups are the groups of kinds, in the order in which one chooses.
var groups = []string{groupFiles, groupDecide, groupSpaces, groupPeople, groupDevices, groupMeadow}

func groupNames() []string {
	return []string{
		words.L("Everything"), words.L("Files"), words.L("Conflicts and held removals"), words.L("Spaces"), words.L("People and sharing"),
		words.L("Devices"), words.L("Meadow itself"),
	}
}

// kindsOf are the kinds of a group, as the node takes them.
func kindsOf(group string) string {
	var kinds []string
	for _, some := range []map[string]teller{tellers, peopleTellers} {
		for kind, t := range some {
			if t.group == group {
				kinds = append(kinds, kind)
			}
		}
	}
	slices.Sort(kinds)
	return strings.Join(kinds, ",")
}

// logLayout sets the field and the filters above the log, in a row if there is room.
type logLayout struct{ s *Screen }

const logWide = 1000

// Layout implements fyne.Layout.
func (l logLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	s, margin, gap := l.s, theme.Size(look.SizeXL), theme.Size(look.SizeS)
	width := min(size.Width-2*margin, logWide)
	x, y := (size.Width-width)/2, margin
	place := func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Resize(fyne.NewSize(w, h))
		o.Move(fyne.NewPos(x, y))
	}
	head := s.title.MinSize().Height
	place(s.title, x, y, width, head)
	y += head + theme.Size(look.SizeM)
	field := max(s.search.MinSize().Height, s.kinds.MinSize().Height)
	choices := []fyne.CanvasObject{s.kinds, s.spaces, s.devices}
	if width >= 620 {
		one := width * 0.22
		place(s.search, x, y, width-3*(one+gap), field)
		for i, c := range choices {
			place(c, x+width-float32(3-i)*(one+gap)+gap, y, one, field)
		}
	} else {
		place(s.search, x, y, width, field)
		y += field + gap
		one := (width - 2*gap) / 3
		for i, c := range choices {
			place(c, x+float32(i)*(one+gap), y, one, field)
		}
	}
	y += field + theme.Size(look.SizeM)
	for _, o := range []fyne.CanvasObject{s.card, s.empty, s.none} {
		place(o, x, y, width, max(0, size.Height-y-margin))
	}
}

// MinSize implements fyne.Layout.
func (logLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(320, 240) }
