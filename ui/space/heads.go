package space

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/look"
	"meadow/ui/space/catalog"
	"meadow/ui/words"
)

// heads is the line above the list: the columns' names, by which it is sorted.
type heads struct {
	buttons map[catalog.Column]*look.Button
	content *fyne.Container
}

func newHeads(sort func(catalog.Column)) *heads {
	h := &heads{buttons: make(map[catalog.Column]*look.Button)}
	var objects []fyne.CanvasObject
	for _, col := range []catalog.Column{catalog.ByName, catalog.ByAuthor, catalog.ByChanged, catalog.BySize} {
		b := look.NewQuietButton(columnName(col), "", func() { sort(col) })
		h.buttons[col] = b
		objects = append(objects, b)
	}
	h.content = container.New(&headsLayout{h}, objects...)
	return h
}

func columnName(c catalog.Column) string {
	switch c {
	case catalog.ByAuthor:
		return words.L("From")
	case catalog.ByChanged:
		return words.L("Changed")
	case catalog.BySize:
		return words.L("Size")
	}
	return words.L("Name")
}

// set shows what the list is sorted by.
func (h *heads) set(q catalog.Query) {
	for col, b := range h.buttons {
		b.Icon = ""
		if col == q.Column {
			b.Icon = look.IconChevronUp
			if q.Down {
				b.Icon = look.IconChevronDown
			}
		}
		b.Refresh()
	}
	h.content.Refresh()
}

// headsLayout puts the names above the columns of fileRow.
type headsLayout struct{ h *heads }

// MinSize implements fyne.Layout.
func (l *headsLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(gap(look.SizeDrawing), l.h.buttons[catalog.ByName].MinSize().Height)
}

// Layout implements fyne.Layout.
func (l *headsLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	between, inset := gap(look.SizeM), gap(look.SizeM) // a quiet button's text begins so far in
	c := columnsIn(size.Width)
	x := size.Width - gap(look.SizeM)
	for _, col := range []struct {
		column catalog.Column
		width  float32
	}{{catalog.BySize, c.size}, {catalog.ByChanged, c.changed}, {catalog.ByAuthor, c.by}} {
		b := l.h.buttons[col.column]
		b.Hidden = col.width == 0
		if b.Hidden {
			continue
		}
		m := b.MinSize()
		x -= col.width
		left := x - l.lead(b, m.Width)
		if col.column == catalog.BySize { // its figures end at the right
			left = x + col.width - m.Width + inset
		}
		place(b, left, 0, m.Width, m.Height)
		x -= between
	}
	b := l.h.buttons[catalog.ByName]
	m := b.MinSize()
	place(b, gap(look.SizeM)+gap(look.SizeIcon)+between-l.lead(b, m.Width), 0, m.Width, m.Height)
}

// lead is how far in a button's text begins: its arrow hangs to the left.
func (l *headsLayout) lead(b *look.Button, width float32) float32 {
	text := fyne.MeasureText(b.Text, gap(theme.SizeNameText), fyne.TextStyle{Bold: true})
	return width - text.Width - gap(look.SizeM)
}
