// Package audit shows the audit log: who was given what, what went to whom over
// which way, and what was refused. It is a panel, for the screen of who may do what.
package audit

import (
	"context"
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

// Node is what the panel needs of a node.
type Node interface {
	Audit(ctx context.Context, q node.AuditQuery) (node.AuditPage, error)
}

const searchAfter = 250 * time.Millisecond

// Panel is the log, with a search field and filters.
type Panel struct {
	frame *frame.Frame
	node  Node
	pages *paged.Pages[node.AuditRow]
	query node.AuditQuery

	search  *keys.Entry
	people  *keys.Select
	spaces  *keys.Select
	times   *keys.Select
	export  *look.Button
	list    *keys.List
	card    *look.Card
	empty   *look.Empty
	none    *look.Empty
	content *fyne.Container

	personIDs []string // of the people's options, after the first, which is all
	spaceIDs  []string
	filling   bool // options are being set, not chosen
	wait      func()
	up        bool
	seen      *frame.Now
}

// NewPanel returns the panel.
func NewPanel(f *frame.Frame, n Node) *Panel {
	p := &Panel{frame: f, node: n, wait: func() {}}
	p.pages = &paged.Pages[node.AuditRow]{
		Changed: p.put, Failed: f.Fail, Time: func(r *node.AuditRow) time.Time { return r.Time.Time },
		Ask: func(before int64, got func([]node.AuditRow, int64, error)) {
			q := p.query
			q.Before, q.Limit = before, paged.PageRows
			frame.Ask(f.Worker, func(ctx context.Context) (node.AuditPage, error) { return n.Audit(ctx, q) },
				func(page node.AuditPage, err error) { got(page.Rows, int64(page.Next), err) })
		},
	}
	return p
}

// Content returns what is shown; it is built once.
func (p *Panel) Content() fyne.CanvasObject {
	if p.content == nil {
		p.build()
	}
	return p.content
}

func (p *Panel) build() {
	p.search = keys.NewEntry()
	p.search.SetPlaceHolder(words.L("Search names and files"))
	p.search.OnChanged = func(string) {
		p.wait()
		p.wait = p.frame.Worker.After(searchAfter, p.filter)
	}
	p.people = keys.NewSelect(nil, func(string) { p.filter() })
	p.spaces = keys.NewSelect(nil, func(string) { p.filter() })
	p.times = keys.NewSelect(timeNames(), func(string) { p.filter() })
	p.export = look.NewQuietButton(words.L("Export"), look.IconSaveCopy, p.save)
	p.list = keys.NewList(p.pages.Length,
		func() fyne.CanvasObject { return paged.NewEntry(func(*node.AuditRow) {}) },
		func(i widget.ListItemID, o fyne.CanvasObject) {
			o.(*paged.Entry[node.AuditRow]).Set(p.pages.At(i), p.frame.Time(), p.tell)
		},
	)
	p.list.HideSeparators = true
	p.list.OnSelected = p.onSelected
	p.card = look.NewListCard("", p.list)
	p.empty = look.NewEmpty(look.DrawingActivity, words.L("What you give to people, and what goes to them, is written down here. It stays on this device."),
		look.Action{Text: words.L("Add a person"), Icon: look.IconAdd, Do: func() { p.frame.Go(frame.Place{Screen: frame.People, Item: "add"}) }})
	p.none = look.NewEmpty(look.DrawingNotFound, words.L("Nothing in the log matches this."),
		look.Action{Text: words.L("Show everything"), Do: p.clear})
	p.empty.Hide()
	p.none.Hide()
	p.content = container.New(panelLayout{p}, p.search, p.people, p.spaces, p.times, p.export, p.card, p.empty, p.none)
}

// Shown is called when the panel comes up: it filters for a person, by custodian
// id, and a space, by id, unless both are "".
func (p *Panel) Shown(person, space string) {
	p.Content()
	first := !p.up
	p.up = true
	p.options(p.frame.Now())
	switch {
	case person != "" || space != "":
		p.filling = true
		p.search.SetText("")
		p.people.SetSelectedIndex(1 + slices.Index(p.personIDs, person))
		p.spaces.SetSelectedIndex(1 + slices.Index(p.spaceIDs, space))
		p.times.SetSelectedIndex(0)
		p.filling = false
		p.filter()
	case first && p.pages.Loaded():
		p.pages.Refresh()
	case first:
		p.filter()
	}
}

// options are the people and spaces that there are.
func (p *Panel) options(now *frame.Now) {
	if now == nil {
		return
	}
	p.filling = true
	defer func() { p.filling = false }()
	people, spaces := []string{words.L("Everybody")}, []string{words.L("All spaces")}
	personIDs, spaceIDs := []string{}, []string{}
	for _, one := range now.People {
		people, personIDs = append(people, words.Shown(one.Name)), append(personIDs, one.Custodian)
	}
	for _, sp := range now.Status.Spaces {
		spaces, spaceIDs = append(spaces, words.Shown(sp.Name)), append(spaceIDs, sp.ID)
	}
	reset(p.people, &p.personIDs, people, personIDs)
	reset(p.spaces, &p.spaceIDs, spaces, spaceIDs)
	if p.times.SelectedIndex() < 0 {
		p.times.SetSelectedIndex(0)
	}
}

// reset gives a field other options, and keeps what is chosen.
func reset(to *keys.Select, ids *[]string, options, now []string) {
	if slices.Equal(to.Options, options) && slices.Equal(*ids, now) {
		return
	}
	chosen := chosen(to, *ids)
	*ids = now
	to.SetOptions(options)
	to.SetSelectedIndex(1 + slices.Index(now, chosen))
}

// chosen is the id of what is chosen, "" for all.
func chosen(s *keys.Select, ids []string) string {
	if i := s.SelectedIndex() - 1; i >= 0 && i < len(ids) {
		return ids[i]
	}
	return ""
}

// filter asks for what is wanted now.
func (p *Panel) filter() {
	if p.filling || !p.up {
		return
	}
	p.query = node.AuditQuery{
		Text: strings.TrimSpace(p.search.Text), Person: chosen(p.people, p.personIDs), Space: chosen(p.spaces, p.spaceIDs),
		Since: since(p.times.SelectedIndex(), p.frame.Time()),
	}
	p.list.ScrollToTop()
	p.pages.Reset()
}

// filtered reports whether anything but everything is wanted.
func (p *Panel) filtered() bool {
	q := p.query
	return q.Text != "" || q.Space != "" || q.Person != "" || q.Since != nil
}

func (p *Panel) clear() {
	p.filling = true
	p.search.SetText("")
	for _, one := range []*keys.Select{p.people, p.spaces, p.times} {
		one.SetSelectedIndex(0)
	}
	p.filling = false
	p.filter()
}

// put shows what has been read.
func (p *Panel) put() {
	nothing := p.pages.Length() == 0
	p.card.Hidden = nothing
	p.none.Hidden = !nothing || !p.filtered()
	p.empty.Hidden = !nothing || p.filtered()
	p.export.Hidden = nothing
	p.list.Refresh()
	p.content.Refresh()
}

// Update takes what is so now.
func (p *Panel) Update(now *frame.Now) {
	p.options(now)
	if !p.pages.Asked() { // nothing was known when it came up
		p.filter()
	}
	if now.Has("audit") && now != p.seen {
		p.seen = now
		if p.list.GetScrollOffset() == 0 { // else what one reads would jump
			p.pages.Refresh()
		}
	}
}

// tell is what a line of the list shows of a row.
func (p *Panel) tell(r *node.AuditRow) (look.RowData, time.Time, bool) {
	return tell(*r, p.frame.Time()), r.Time.Time, false
}

// onSelected goes to the person or the file that a row is about.
func (p *Panel) onSelected(i widget.ListItemID) {
	p.list.Unselect(i)
	r := p.pages.At(i).Row
	switch {
	case r == nil:
	case r.Custodian != "":
		p.frame.Go(frame.Place{Screen: frame.People, Item: string(r.Custodian)})
	case r.Kind == node.AuditDevice && r.Endpoint != "":
		p.frame.Go(frame.Place{Screen: frame.Devices, Item: string(r.Endpoint)})
	}
}

// Find puts the cursor into the search field.
func (p *Panel) Find() { p.frame.Window.Canvas().Focus(p.search) }

// Back goes from what was searched for to everything; it reports whether there was
// something to go back from.
func (p *Panel) Back() bool {
	if !p.filtered() {
		return false
	}
	p.clear()
	return true
}

// Hidden is called when the panel goes away.
func (p *Panel) Hidden() {
	p.up = false
	p.wait()
}

func timeNames() []string {
	return []string{words.L("Any time"), words.L("Today"), words.L("The last 7 days"), words.L("The last 30 days")}
}

// since is when what is chosen begins.
func since(choice int, now time.Time) *time.Time {
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	days := map[int]int{1: 0, 2: 6, 3: 29}
	back, some := days[choice]
	if !some {
		return nil
	}
	at := today.AddDate(0, 0, -back)
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
	field := max(p.search.MinSize().Height, p.people.MinSize().Height)
	button := p.export.MinSize().Width
	choices := []fyne.CanvasObject{p.people, p.spaces, p.times}
	y := float32(0)
	if size.Width >= 720 {
		one := size.Width * 0.19
		place(p.search, 0, y, size.Width-3*(one+gap)-button-gap, field)
		for i, c := range choices {
			place(c, size.Width-button-gap-float32(3-i)*(one+gap)+gap, y, one, field)
		}
	} else {
		place(p.search, 0, y, size.Width-button-gap, field)
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
	for _, o := range []fyne.CanvasObject{p.card, p.empty, p.none} {
		place(o, 0, y, size.Width, max(0, size.Height-y))
	}
}

// MinSize implements fyne.Layout.
func (panelLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(320, 240) }
