package space

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/keys"
	"meadow/ui/space/catalog"
)

// again is how soon a second tap opens what the first has chosen.
const again = 500 * time.Millisecond

// fileList is the list of files: one row is chosen, with the pointer or with the
// arrows. It keeps the choice and the place it is scrolled to when what it shows is
// another view of the same.
type fileList struct {
	*keys.List
	view   *catalog.View
	now    func() time.Time
	chosen string // a path
	quiet  bool   // a choice is being shown, not made

	onChoose func(*catalog.Item) // nil: nothing
	onOpen   func(*catalog.Item)
	onMenu   func(*catalog.Item, fyne.Position)
	onKey    func(fyne.KeyName) bool

	tappedAt  time.Time
	tappedRow int
}

func newFileList(now func() time.Time) *fileList {
	l := &fileList{now: now, view: &catalog.View{}, tappedRow: -1}
	l.List = keys.NewList(
		func() int { return len(l.view.Rows) },
		func() fyne.CanvasObject { return newFileRow() },
		func(i widget.ListItemID, o fyne.CanvasObject) { l.update(i, o.(*fileRow)) },
	)
	l.HideSeparators = true
	l.OnSelected = l.selected
	l.OnKey = l.typed
	return l
}

func (l *fileList) update(i widget.ListItemID, r *fileRow) {
	r.set(dataOf(l.view.Rows[i], l.now(), l.view.Query.Search != ""))
	r.tapped = func(e *fyne.PointEvent, other bool) { l.tapped(i, e, other) }
}

func (l *fileList) tapped(i widget.ListItemID, e *fyne.PointEvent, other bool) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(l.List); c != nil {
		c.Focus(l.List)
	}
	twice := !other && i == l.tappedRow && time.Since(l.tappedAt) < again
	l.tappedRow, l.tappedAt = i, time.Now()
	l.Highlight(i)
	l.Select(i)
	switch {
	case i >= len(l.view.Rows):
	case other:
		l.onMenu(l.view.Rows[i], e.AbsolutePosition)
	case twice:
		l.tappedRow = -1
		l.onOpen(l.view.Rows[i])
	}
}

func (l *fileList) selected(i widget.ListItemID) {
	if l.quiet || i >= len(l.view.Rows) {
		return
	}
	it := l.view.Rows[i]
	l.chosen = it.Path
	l.onChoose(it)
}

// show shows a view. Another snapshot of the same stays where it is scrolled to;
// another place is shown from its top, or from what is chosen.
func (l *fileList) show(v *catalog.View, c *catalog.Catalog, stay bool) {
	offset := l.GetScrollOffset()
	l.view = v
	l.quiet = true
	defer func() { l.quiet = false }()
	l.UnselectAll()
	l.Refresh()
	at := v.IndexOf(c.At(l.chosen))
	if at >= 0 {
		l.Highlight(at)
		l.Select(at)
	}
	switch {
	case stay:
		l.ScrollToOffset(offset)
	case at < 0:
		l.ScrollToTop()
	}
}

// current is what is chosen, nil if nothing of the view is.
func (l *fileList) current(c *catalog.Catalog) *catalog.Item {
	if c == nil {
		return nil
	}
	it := c.At(l.chosen)
	if l.view.IndexOf(it) < 0 {
		return nil
	}
	return it
}

// typed moves the choice; other keys are the browser's.
func (l *fileList) typed(k *fyne.KeyEvent) bool {
	const page = 10
	at := -1
	for i, it := range l.view.Rows {
		if it.Path == l.chosen {
			at = i
			break
		}
	}
	to := at
	switch k.Name {
	case fyne.KeyUp:
		to = max(at-1, 0)
	case fyne.KeyDown:
		to = at + 1
	case fyne.KeyPageUp:
		to = max(at-page, 0)
	case fyne.KeyPageDown:
		to = at + page
	case fyne.KeyHome:
		to = 0
	case fyne.KeyEnd:
		to = len(l.view.Rows) - 1
	default:
		return l.onKey(k.Name)
	}
	if to = min(to, len(l.view.Rows)-1); to >= 0 {
		l.Highlight(to)
		l.Select(to)
	}
	return true
}
