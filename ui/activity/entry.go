package activity

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/look"
	"meadow/ui/words"
)

// entry draws an item of the log: a day, or what happened, with a way to undo it.
type entry struct {
	widget.BaseWidget
	day  *look.Text
	row  *look.Row
	time *look.Text
	undo *look.Button
	do   func(item)
	item item
}

var _ fyne.Widget = (*entry)(nil)

// newEntry returns a line; undo is called with what is to be undone.
func newEntry(undo func(item)) *entry {
	e := &entry{day: look.NewText("", theme.SizeNameCaptionText, look.ColorMuted), row: look.NewRow(look.RowData{}), time: look.NewCaption(""), do: undo}
	e.day.Style.Bold = true
	e.undo = look.NewQuietButton(words.L("Undo"), look.IconRestore, func() { e.do(e.item) })
	e.ExtendBaseWidget(e)
	return e
}

func (e *entry) set(it item, now time.Time) {
	if e.item == it && it != (item{}) {
		return
	}
	e.item = it
	e.day.Hidden = it.day == ""
	e.row.Hidden, e.time.Hidden = it.row == nil, it.row == nil
	e.undo.Hidden = it.row == nil || it.row.Undo == nil
	switch {
	case it.day != "":
		e.day.SetText(dayName(it.day, now))
	case it.row != nil:
		l := Tell(*it.row, now)
		e.row.Set(look.RowData{Icon: l.Icon, Tone: l.Tone, Title: l.Sentence, Subtitle: l.Where})
		e.time.SetText(words.Clock(it.row.Time.Time))
	}
	e.place(e.Size()) // what is in it has refreshed itself
}

// CreateRenderer implements fyne.Widget.
func (e *entry) CreateRenderer() fyne.WidgetRenderer { return &entryRenderer{e} }

type entryRenderer struct{ entry *entry }

func (r *entryRenderer) MinSize() fyne.Size { return fyne.NewSize(160, r.entry.row.MinSize().Height) }

func (r *entryRenderer) Layout(size fyne.Size) { r.entry.place(size) }

// place sets the time at the right end, the button left of it, and the row in what
// is left.
func (e *entry) place(size fyne.Size) {
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

func (r *entryRenderer) Refresh() {
	e := r.entry
	e.day.Refresh()
	e.row.Refresh()
	e.time.Refresh()
	e.undo.Refresh()
	e.place(e.Size())
}

func (r *entryRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.entry.day, r.entry.row, r.entry.undo, r.entry.time}
}

func (r *entryRenderer) Destroy() {}
