package home

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// whole is one of the home's lists with all its lines.
type whole struct {
	screen  *Screen
	title   *look.Text
	list    *widget.List
	lines   []line
	content *fyne.Container
}

func newWhole(s *Screen) *whole {
	w := &whole{screen: s, title: look.NewTitle("")}
	back := look.NewQuietButton(words.L("Home"), look.IconArrowLeft, s.goTo(frame.Place{Screen: frame.Home}))
	w.list = widget.NewList(
		func() int { return len(w.lines) },
		func() fyne.CanvasObject { return look.NewRow(look.RowData{}) },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*look.Row).Set(w.lines[i].row) },
	)
	w.list.HideSeparators = true
	w.list.OnSelected = func(i widget.ListItemID) {
		w.list.Unselect(i)
		s.frame.Go(w.lines[i].place)
	}
	head := container.NewVBox(container.NewHBox(back), w.title)
	w.content = container.New(marginLayout{}, container.NewBorder(head, nil, nil, nil, look.NewListCard("", w.list)))
	return w
}

func (w *whole) set(item string, m *model) {
	w.lines = m.spaces
	w.title.SetText(words.N("{{.Count}} space", "{{.Count}} spaces", int64(len(m.spaces))))
	if item == allNeeds {
		w.lines = needLines(m.needs)
		w.title.SetText(words.N("{{.Count}} thing needs you", "{{.Count}} things need you", int64(len(m.needs))))
	}
	w.list.Refresh()
}

// needLines are needs as lines of a list; what can be done is at where they lead.
func needLines(needs []need) (lines []line) {
	for _, n := range needs {
		lines = append(lines, line{
			row: look.RowData{
				Icon: n.icon, Tone: n.tone, Chip: true, Title: n.title, Subtitle: n.text,
				Marks: []look.Mark{{Tone: n.tone, Text: n.verb}},
			},
			place: n.place,
		})
	}
	return lines
}

// marginLayout keeps the margin of a screen, and its width within what can be read.
type marginLayout struct{}

// Layout implements fyne.Layout.
func (marginLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	margin := theme.Size(look.SizeXL)
	width := min(size.Width-2*margin, widest)
	for _, o := range objects {
		o.Resize(fyne.NewSize(width, size.Height-2*margin))
		o.Move(fyne.NewPos((size.Width-width)/2, margin))
	}
}

// MinSize implements fyne.Layout.
func (marginLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(320, 200) }
