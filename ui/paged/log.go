package paged

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

const searchAfter = 250 * time.Millisecond

// Show is how a log is shown.
type Show[R any] struct {
	Event   string // that there are new rows
	Search  string // what the empty field says
	Nothing string // what is said if there are no rows at all
	First   look.Action
	None    string // what is said if none is as wanted
	Filters []*Filter

	Wanted   func() (all bool) // takes what is wanted into what Pages.Ask asks for
	Row      func(*R) (row look.RowData, at time.Time, undo bool)
	Undo     func(*R)
	Selected func(*R)
}

// Log is a log with a field to search in and filters above it. Its owner lays them out.
type Log[R any] struct {
	Pages *Pages[R]
	Field *keys.Entry
	List  *keys.List
	Card  *look.Card
	Empty *look.Empty // there are no rows
	None  *look.Empty // none is as wanted

	frame   *frame.Frame
	show    Show[R]
	changed func()
	all     bool // nothing is filtered out
	filling bool // options are being set, not chosen
	up      bool
	wait    func()
	seen    *frame.Now
}

// NewLog returns a log of pages; changed is called when there is something else to see.
func NewLog[R any](f *frame.Frame, pages *Pages[R], show Show[R], changed func()) *Log[R] {
	l := &Log[R]{Pages: pages, frame: f, show: show, changed: changed, all: true, wait: func() {}}
	pages.Changed, pages.Failed = l.put, f.Fail
	l.Field = keys.NewEntry()
	l.Field.SetPlaceHolder(show.Search)
	l.Field.OnChanged = func(string) {
		l.wait()
		l.wait = f.Worker.After(searchAfter, l.filter)
	}
	for _, one := range show.Filters {
		one.Select.OnChanged = func(string) { l.filter() }
	}
	l.List = keys.NewList(pages.Length,
		func() fyne.CanvasObject { return NewEntry(show.Undo) },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*Entry[R]).Set(pages.At(i), f.Time(), show.Row) },
	)
	l.List.HideSeparators = true
	l.List.OnSelected = func(i widget.ListItemID) {
		l.List.Unselect(i)
		if r := pages.At(i).Row; r != nil {
			show.Selected(r)
		}
	}
	l.Card = look.NewListCard("", l.List)
	l.Empty = look.NewEmpty(look.DrawingActivity, show.Nothing, show.First)
	l.None = look.NewEmpty(look.DrawingNotFound, show.None, look.Action{Text: words.L("Show everything"), Do: func() { l.Want() }})
	l.Empty.Hide()
	l.None.Hide()
	return l
}

// Text is what is searched for.
func (l *Log[R]) Text() string { return strings.TrimSpace(l.Field.Text) }

// Shown is called when the log comes up.
func (l *Log[R]) Shown() {
	first := !l.up
	l.up = true
	switch {
	case first && l.Pages.Loaded():
		l.Pages.Refresh()
	case first:
		l.filter()
	}
}

// Want shows what is chosen by some ids, a filter each, and all of what isn't said.
func (l *Log[R]) Want(ids ...string) {
	l.up = true
	l.Fill(func() {
		l.Field.SetText("")
		for i, one := range l.show.Filters {
			id := ""
			if i < len(ids) {
				id = ids[i]
			}
			one.choose(id)
		}
	})
	l.filter()
}

// Fill sets the filters' options: what is chosen by that isn't asked for.
func (l *Log[R]) Fill(set func()) {
	l.filling = true
	set()
	l.filling = false
}

// filter asks for what is wanted now.
func (l *Log[R]) filter() {
	if l.filling || !l.up {
		return
	}
	l.all = l.show.Wanted()
	l.List.ScrollToTop()
	l.Pages.Reset()
}

// put shows what has been read.
func (l *Log[R]) put() {
	nothing := l.Pages.Length() == 0
	l.Card.Hidden = nothing
	l.None.Hidden = !nothing || l.all
	l.Empty.Hidden = !nothing || !l.all
	l.List.Refresh()
	l.changed()
}

// Update takes what is so now.
func (l *Log[R]) Update(now *frame.Now) {
	if !l.Pages.Asked() { // nothing was known when it came up
		l.filter()
	}
	if now.Has(l.show.Event) && now != l.seen {
		l.seen = now
		if l.List.GetScrollOffset() == 0 { // else what one reads would jump
			l.Pages.Refresh()
		}
	}
}

// Find puts the cursor into the search field.
func (l *Log[R]) Find() { l.frame.Window.Canvas().Focus(l.Field) }

// Back goes from what was searched for to everything; it reports whether there was
// something to go back from.
func (l *Log[R]) Back() bool {
	if l.all {
		return false
	}
	l.Want()
	return true
}

// Hidden is called when the log goes away.
func (l *Log[R]) Hidden() {
	l.up = false
	l.wait()
}

// Filter is a choice of what rows are wanted by something that they have.
type Filter struct {
	Select *keys.Select
	ids    []string // of the options, after the first, which is all
}

// NewFilter returns a filter without options.
func NewFilter() *Filter { return &Filter{Select: keys.NewSelect(nil, nil)} }

// Set gives the filter other options, and keeps what is chosen.
func (f *Filter) Set(options, ids []string) {
	if slices.Equal(f.Select.Options, options) && slices.Equal(f.ids, ids) {
		return
	}
	chosen := f.Chosen()
	f.ids = ids
	f.Select.SetOptions(options)
	f.choose(chosen)
}

func (f *Filter) choose(id string) { f.Select.SetSelectedIndex(1 + slices.Index(f.ids, id)) }

// Chosen is the id of what is chosen, "" for all.
func (f *Filter) Chosen() string {
	if i := f.Select.SelectedIndex() - 1; i >= 0 && i < len(f.ids) {
		return f.ids[i]
	}
	return ""
}
