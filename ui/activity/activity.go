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

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/paged"
	"meadow/ui/words"
)

// Node is what the screen needs of a node.
type Node interface {
	Activity(ctx context.Context, q node.ActivityQuery) (node.ActivityPage, error)
	Restore(ctx context.Context, space, path, version string) (node.Written, error)
}

// Screen is the log, with a search field and filters.
type Screen struct {
	*paged.Log[node.ActivityRow]
	frame *frame.Frame
	node  Node
	query node.ActivityQuery

	title                  *look.SectionTitle
	kinds, spaces, devices *paged.Filter
	content                *fyne.Container
}

// New returns the screen.
func New(f *frame.Frame, n Node) *Screen {
	s := &Screen{frame: f, node: n, kinds: paged.NewFilter(), spaces: paged.NewFilter(), devices: paged.NewFilter()}
	s.kinds.Set(groupNames(), groups)
	pages := &paged.Pages[node.ActivityRow]{
		Time: func(r *node.ActivityRow) time.Time { return r.Time.Time },
		Ask: func(before int64, got func([]node.ActivityRow, int64, error)) {
			q := s.query
			q.Before, q.Limit = before, paged.PageRows
			frame.Ask(f.Worker, func(ctx context.Context) (node.ActivityPage, error) { return n.Activity(ctx, q) },
				func(p node.ActivityPage, err error) { got(p.Rows, int64(p.Next), err) })
		},
	}
	s.Log = paged.NewLog(f, pages, paged.Show[node.ActivityRow]{
		Event: "activity", Search: words.L("Search names"),
		Nothing: words.L("What happens in your spaces is written down here, and stays."),
		First:   look.Action{Text: words.L("New space"), Icon: look.IconAdd, Do: func() { f.Go(frame.Place{Screen: frame.Space, Item: "new"}) }},
		None:    words.L("Nothing that happened matches this."),
		Filters: []*paged.Filter{s.kinds, s.spaces, s.devices},
		Wanted:  s.wanted, Row: s.tell, Undo: s.undo, Selected: s.selected,
	}, func() { s.content.Refresh() })
	s.title = look.NewSectionTitle(words.L("Activity"), nil)
	s.content = container.New(logLayout{s}, s.title, s.Field, s.kinds.Select, s.spaces.Select, s.devices.Select, s.Card, s.Empty, s.None)
	return s
}

// Content implements frame.Screen.
func (s *Screen) Content() fyne.CanvasObject { return s.content }

// Shown implements frame.Screen: a place's space and its item, a kind of rows, are
// filtered for.
func (s *Screen) Shown(p frame.Place) {
	s.options(s.frame.Now())
	if p.Space == "" && p.Item == "" {
		s.Log.Shown()
		return
	}
	t, _ := tellerOf(p.Item)
	s.Want(t.group, p.Space)
}

// options are the spaces and devices that there are.
func (s *Screen) options(now *frame.Now) {
	if now == nil {
		return
	}
	spaces, devices := []string{words.L("All spaces")}, []string{words.L("All devices")}
	spaceIDs, deviceIDs := []string{}, []string{}
	for _, sp := range now.Status.Spaces {
		spaces, spaceIDs = append(spaces, words.Shown(sp.Name)), append(spaceIDs, sp.ID)
	}
	for _, d := range now.Status.Devices {
		devices, deviceIDs = append(devices, words.Shown(d.Name)), append(deviceIDs, d.Endpoint)
	}
	s.Fill(func() {
		s.spaces.Set(spaces, spaceIDs)
		s.devices.Set(devices, deviceIDs)
	})
}

// wanted takes what is wanted into the query, and reports whether that is everything.
func (s *Screen) wanted() bool {
	q := node.ActivityQuery{Text: s.Text(), Space: s.spaces.Chosen(), Device: s.devices.Chosen(), Kind: kindsOf(s.kinds.Chosen())}
	s.query = q
	return q.Text == "" && q.Space == "" && q.Device == "" && q.Kind == ""
}

// Update implements frame.Screen.
func (s *Screen) Update(now *frame.Now) {
	s.options(now)
	s.Log.Update(now)
}

func (s *Screen) selected(r *node.ActivityRow) {
	if l := Tell(*r, s.frame.Time()); l.Place.Screen != "" {
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
	field := max(s.Field.MinSize().Height, s.kinds.Select.MinSize().Height)
	choices := []fyne.CanvasObject{s.kinds.Select, s.spaces.Select, s.devices.Select}
	if width >= 620 {
		one := width * 0.22
		place(s.Field, x, y, width-3*(one+gap), field)
		for i, c := range choices {
			place(c, x+width-float32(3-i)*(one+gap)+gap, y, one, field)
		}
	} else {
		place(s.Field, x, y, width, field)
		y += field + gap
		one := (width - 2*gap) / 3
		for i, c := range choices {
			place(c, x+float32(i)*(one+gap), y, one, field)
		}
	}
	y += field + theme.Size(look.SizeM)
	for _, o := range []fyne.CanvasObject{s.Card, s.Empty, s.None} {
		place(o, x, y, width, max(0, size.Height-y-margin))
	}
}

// MinSize implements fyne.Layout.
func (logLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(320, 240) }
