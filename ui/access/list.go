package access

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/keys"
	"meadow/ui/look"
)

// list is the map in sentences, a line for each cell.
type list struct {
	list   *keys.List
	chosen func(row, column int)

	sheet *Sheet
	items []Item
	draw  func(*Sheet, Item) look.RowData
}

func newList(chosen func(row, column int)) *list {
	l := &list{chosen: chosen, sheet: new(Sheet), draw: (*Sheet).Listed}
	l.list = keys.NewList(
		func() int { return len(l.items) },
		func() fyne.CanvasObject { return look.NewRow(look.RowData{}) },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*look.Row).Set(l.draw(l.sheet, l.items[i])) },
	)
	l.list.OnSelected = l.onSelected
	return l
}

// set shows all items of a sheet.
func (l *list) set(s *Sheet) { l.setOf(s, s.Items(-1, -1)) }

func (l *list) setOf(s *Sheet, items []Item) {
	l.sheet, l.items = s, items
	l.list.Refresh()
}

func (l *list) onSelected(i widget.ListItemID) {
	l.list.Unselect(i)
	l.chosen(l.items[i].Row, l.items[i].Column)
}
