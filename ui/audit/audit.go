// Package audit shows the audit log: who was given what, what went to whom over
// which way, and what was refused. It is a panel, for the screen of who may do what.
package audit

import (
	"context"
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

// Node is what the panel needs of a node.
type Node interface {
	Audit(ctx context.Context, q node.AuditQuery) (node.AuditPage, error)
}

// Panel is the log, with a search field and filters.
type Panel struct {
	*paged.Log[node.AuditRow]
	frame *frame.Frame
	node  Node
	query node.AuditQuery

	people, spaces, times *paged.Filter
	export                *look.Button
	content               *fyne.Container
}

// NewPanel returns the panel.
func NewPanel(f *frame.Frame, n Node) *Panel {
	p := &Panel{frame: f, node: n, people: paged.NewFilter(), spaces: paged.NewFilter(), times: paged.NewFilter()}
	p.times.Set(timeNames(), times)
	pages := &paged.Pages[node.AuditRow]{
		Time: func(r *node.AuditRow) time.Time { return r.Time.Time },
		Ask: func(before int64, got func([]node.AuditRow, int64, error)) {
			q := p.query
			q.Before, q.Limit = before, paged.PageRows
			frame.Ask(f.Worker, func(ctx context.Context) (node.AuditPage, error) { return n.Audit(ctx, q) },
				func(page node.AuditPage, err error) { got(page.Rows, int64(page.Next), err) })
		},
	}
	p.Log = paged.NewLog(f, pages, paged.Show[node.AuditRow]{
		Event: "audit", Search: words.L("Search names and files"),
		Nothing: words.L("What you give to people, and what goes to them, is written down here. It stays on this device."),
		First:   look.Action{Text: words.L("Add a person"), Icon: look.IconAdd, Do: func() { f.Go(frame.Place{Screen: frame.People, Item: "add"}) }},
		None:    words.L("Nothing in the log matches this."),
		Filters: []*paged.Filter{p.people, p.spaces, p.times},
		Wanted:  p.wanted, Row: p.tell, Undo: func(*node.AuditRow) {}, Selected: p.selected,
	}, p.changed)
	p.export = look.NewQuietButton(words.L("Export"), look.IconSaveCopy, p.save)
	p.content = container.New(panelLayout{p}, p.Field, p.people.Select, p.spaces.Select, p.times.Select, p.export, p.Card, p.Empty, p.None)
	return p
}

// Content returns what is shown.
func (p *Panel) Content() fyne.CanvasObject { return p.content }

func (p *Panel) changed() {
	p.export.Hidden = p.Pages.Length() == 0
	p.content.Refresh()
}

// Shown is called when the panel comes up: it filters for a person, by custodian
// id, and a space, by id, unless both are "".
func (p *Panel) Shown(person, space string) {
	p.options(p.frame.Now())
	if person == "" && space == "" {
		p.Log.Shown()
		return
	}
	p.Want(person, space)
}

// options are the people and spaces that there are.
func (p *Panel) options(now *frame.Now) {
	if now == nil {
		return
	}
	people, spaces := []string{words.L("Everybody")}, []string{words.L("All spaces")}
	personIDs, spaceIDs := []string{}, []string{}
	for _, one := range now.People {
		people, personIDs = append(people, words.Shown(one.Name)), append(personIDs, one.Custodian)
	}
	for _, sp := range now.Status.Spaces {
		spaces, spaceIDs = append(spaces, words.Shown(sp.Name)), append(spaceIDs, sp.ID)
	}
	p.Fill(func() {
		p.people.Set(people, personIDs)
		p.spaces.Set(spaces, spaceIDs)
	})
}

// wanted takes what is wanted into the query, and reports whether that is everything.
func (p *Panel) wanted() bool {
	q := node.AuditQuery{Text: p.Text(), Person: p.people.Chosen(), Space: p.spaces.Chosen(), Since: since(p.times.Chosen(), p.frame.Time())}
	p.query = q
	return q.Text == "" && q.Space == "" && q.Person == "" && q.Since == nil
}

// Update takes what is so now.
func (p *Panel) Update(now *frame.Now) {
	p.options(now)
	p.Log.Update(now)
}

// tell is what a line of the list shows of a row.
func (p *Panel) tell(r *node.AuditRow) (look.RowData, time.Time, bool) {
	return tell(*r, p.frame.Time()), r.Time.Time, false
}

// selected goes to the person or the device that a row is about.
func (p *Panel) selected(r *node.AuditRow) {
	switch {
	case r.Custodian != "":
		p.frame.Go(frame.Place{Screen: frame.People, Item: string(r.Custodian)})
	case r.Kind == node.AuditDevice && r.Endpoint != "":
		p.frame.Go(frame.Place{Screen: frame.Devices, Item: string(r.Endpoint)})
	}
}

// times are the filter's ids: how long ago what is wanted begins.
var times = []string{"today", "week", "month"}

func timeNames() []string {
	return []string{words.L("Any time"), words.L("Today"), words.L("The last 7 days"), words.L("The last 30 days")}
}

// since is when what is chosen begins.
func since(choice string, now time.Time) *time.Time {
	back, some := map[string]int{"today": 0, "week": 6, "month": 29}[choice]
	if !some {
		return nil
	}
	at := time.Date(now.Year(), now.Month(), now.Day()-back, 0, 0, 0, 0, now.Location())
	return &at
}

// panelLayout sets the field, the filters and the button above the log, in a row if
// there is room.
type panelLayout struct{ p *Panel }

// Layout implements fyne.Layout.
func (l panelLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	p, gap := l.p, theme.Size(look.SizeS)
	place := func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Resize(fyne.NewSize(w, h))
		o.Move(fyne.NewPos(x, y))
	}
	field := max(p.Field.MinSize().Height, p.people.Select.MinSize().Height)
	button := p.export.MinSize().Width
	choices := []fyne.CanvasObject{p.people.Select, p.spaces.Select, p.times.Select}
	y := float32(0)
	if size.Width >= 720 {
		one := size.Width * 0.19
		place(p.Field, 0, y, size.Width-3*(one+gap)-button-gap, field)
		for i, c := range choices {
			place(c, size.Width-button-gap-float32(3-i)*(one+gap)+gap, y, one, field)
		}
	} else {
		place(p.Field, 0, y, size.Width-button-gap, field)
		one := (size.Width - 2*gap) / 3
		for i, c := range choices {
			place(c, float32(i)*(one+gap), y+field+gap, one, field)
		}
	}
	place(p.export, size.Width-button, y, button, field)
	if size.Width < 720 {
		y += field + gap
	}
	y += field + theme.Size(look.SizeM)
	for _, o := range []fyne.CanvasObject{p.Card, p.Empty, p.None} {
		place(o, 0, y, size.Width, max(0, size.Height-y))
	}
}

// MinSize implements fyne.Layout.
func (panelLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(320, 240) }
