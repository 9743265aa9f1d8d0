package space

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/look"
)

// actionRow is a line of a list with one thing to do about it.
type actionRow struct {
	widget.BaseWidget
	row    *look.Row
	button *look.Button
	box    *fyne.Container
}

func newActionRow() *actionRow {
	r := &actionRow{row: look.NewRow(look.RowData{}), button: look.NewButton("", "", nil)}
	r.button.Hide()
	r.box = container.NewBorder(nil, nil, nil, around(container.NewCenter(r.button), look.SizeS, ""), r.row)
	r.ExtendBaseWidget(r)
	return r
}

// CreateRenderer implements fyne.Widget.
func (r *actionRow) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.box) }

// set shows something else.
func (r *actionRow) set(d look.RowData, verb string, can bool, do func()) {
	r.row.Set(d)
	r.button.OnTapped = do
	if r.button.Text != verb {
		r.button.SetText(verb)
		r.button.Hidden = verb == ""
		r.box.Refresh()
	}
	if can == r.button.Disabled() {
		if can {
			r.button.Enable()
		} else {
			r.button.Disable()
		}
	}
}
