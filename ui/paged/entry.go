package paged

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/look"
	"meadow/ui/words"
)

// Entry draws an item of a log: a day, or what happened, with a way to undo it.
type Entry[R any] struct {
	widget.BaseWidget
	day  *look.Text
	row  *look.Row
	time *look.Text
	undo *look.Button
	do   func(*R)
	item Item[R]
}

// NewEntry returns a line; undo is called with what is to be undone.
func NewEntry[R any](undo func(*R)) *Entry[R] {
	e := &Entry[R]{day: look.NewText("", theme.SizeNameCaptionText, look.ColorMuted), row: look.NewRow(look.RowData{}), time: look.NewCaption(""), do: undo}
	e.day.Style.Bold = true
	e.undo = look.NewQuietButton(words.L("Undo"), look.IconRestore, func() { e.do(e.item.Row) })
	e.ExtendBaseWidget(e)
	return e
}

// Set shows an item: tell says what a row reads, when it was, and whether it can be
// undone.
func (e *Entry[R]) Set(it Item[R], now time.Time, tell func(*R) (look.RowData, time.Time, bool)) {
	if e.item == it && it != (Item[R]{}) {
		return
	}
	e.item = it
	e.day.Hidden = it.Day == ""
	e.row.Hidden, e.time.Hidden, e.undo.Hidden = it.Row == nil, it.Row == nil, true
	switch {
	case it.Day != "":
		e.day.SetText(dayName(it.Day, now))
	case it.Row != nil:
		data, at, undo := tell(it.Row)
		e.undo.Hidden = !undo
		e.row.Set(data)
		e.time.SetText(words.Clock(at))
	}
	e.place(e.Size()) // what is in it has refreshed itself
}

// CreateRenderer implements fyne.Widget.
func (e *Entry[R]) CreateRenderer() fyne.WidgetRenderer { return &entryRenderer[R]{e} }

type entryRenderer[R any] struct{ entry *Entry[R] }

func (r *entryRenderer[R]) MinSize() fyne.Size {
	return fyne.NewSize(160, r.entry.row.MinSize().Height)
}

func (r *entryRenderer[R]) Layout(size fyne.Size) { r.entry.place(size) }

// place sets the time at the right end, the button left of it, and the row in what
// is left.
func (e *Entry[R]) place(size fyne.Size) {
	margin := theme.Size(look.SizeM)
	day := e.day.MinSize()
	e.day.Resize(fyne.NewSize(max(0, size.Width-2*margin), day.Height))
	e.day.Move(fyne.NewPos(margin, size.Height-day.Height-theme.Size(look.SizeXS)))
	clock := e.time.MinSize()
	width := size.Width - clock.Width - margin
	e.time.Resize(clock)
	e.time.Move(fyne.NewPos(width, (size.Height-clock.Height)/2))
	if e.undo.Visible() {
		button := e.undo.MinSize()
		width -= button.Width
		e.undo.Resize(button)
		e.undo.Move(fyne.NewPos(width, (size.Height-button.Height)/2))
	}
	e.row.Resize(fyne.NewSize(max(0, width), size.Height))
}

func (r *entryRenderer[R]) Refresh() {
	e := r.entry
	e.day.Refresh()
	e.row.Refresh()
	e.time.Refresh()
	e.undo.Refresh()
	e.place(e.Size())
}

func (r *entryRenderer[R]) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.entry.day, r.entry.row, r.entry.undo, r.entry.time}
}

func (r *entryRenderer[R]) Destroy() {}
