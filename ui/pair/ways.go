package pair

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/scan"
	"meadow/ui/words"
)

// waysPart offers the ways to bring the new device's code here.
type waysPart struct {
	*scan.Paste
	add     *Add
	near    *fyne.Container
	rows    map[string]*look.LinkRow // by endpoint
	search  *scan.Turning
	nobody  *look.Paragraph
	columns *fyne.Container
	whole   *container.Scroll
}

func newWaysPart(a *Add) *waysPart {
	w := &waysPart{add: a, near: look.NewColumn(look.SizeXS), search: scan.NewTurning(), nobody: look.NewParagraph("", look.ColorMuted)}
	w.Paste = scan.NewPaste(a.seek, scan.PasteWords{
		Title: words.L("Paste its text"), Hint: words.L("The text below the code: mdnpair1…"), Offer: words.L("The text of a code is on the clipboard."),
		Wrong: words.L("That isn't the text of a code: it begins with {{.Beginning}}.", "Beginning", kind.Prefix),
	}, func() { w.refresh() }, a.barred, func(ticket string) { a.begin(node.PairAcceptOptions{Ticket: ticket}) })
	nearby := look.NewCard(words.L("Nearby"), look.NewColumn(look.SizeS, w.near, w.nobody))
	nearby.Trail = container.NewGridWrap(fyne.NewSquareSize(20), w.search.Activity)
	ways := look.NewColumn(look.SizeXS, a.seek.Ways()...)
	ways.Add(look.NewParagraph(words.L("Or drop a picture of it anywhere on this window."), look.ColorMuted))
	w.columns = look.NewColumns(look.SizeL, nearby, look.NewCard(words.L("Let Meadow see its code"), ways))
	w.whole = look.NewPage(1.6, look.NewColumn(look.SizeL,
		look.NewColumn(look.SizeXS, container.NewBorder(nil, nil, nil, look.NewQuietButton(words.L("Cancel"), look.IconClose, w.add.leave), look.NewTitle(words.L("Add a device"))), look.NewParagraph(
			words.L("On the new device, start Meadow and choose “Join my other device”. It shows a code then, which you bring here in any of these ways."), look.ColorMuted)),
		w.Banner, w.Works, w.columns, w.Card,
	))
	return w
}

func (w *waysPart) focus() {
	if w.add.state.phase == looking {
		w.Focus(nil)
	}
}

// around shows which devices on this network show a code.
func (w *waysPart) around(seen []node.NearbyScreen, err error) {
	rows := make(map[string]*look.LinkRow, len(seen))
	var objects []fyne.CanvasObject
	for _, s := range seen {
		data := look.RowData{
			Icon: look.DeviceIconName(s.Name, s.Platform), Tone: look.ToneGood, Chip: true, Title: words.Shown(s.Name),
			Subtitle: words.L("{{.Platform}}, shows a code now", "Platform", frame.Platform(s.Platform)),
			Marks:    []look.Mark{{Tone: look.ToneGood, Icon: look.IconAdd, Text: words.L("Add")}},
		}
		row := w.rows[s.Endpoint]
		if row == nil {
			row = look.NewLinkRow(data, func() { w.add.begin(node.PairAcceptOptions{Nearby: s.Endpoint}) })
		}
		row.Set(data)
		rows[s.Endpoint] = row
		objects = append(objects, row)
	}
	w.rows, w.near.Objects = rows, objects
	switch {
	case err != nil && node.AsError(err).Code == node.CodeNotAllowed:
		w.nobody.SetText(words.L("This device doesn't look for others on its networks. Use one of the other ways."))
	case err != nil:
		w.nobody.SetText(frame.Sentence(node.AsError(err)))
	case len(seen) == 0:
		w.nobody.SetText(words.L("No device on this network shows its code yet. It appears here by itself."))
	default:
		w.nobody.SetText(words.L("Not in the list? Both devices have to be on one network."))
	}
	w.search.Hidden = err != nil
	w.refresh()
}

func (w *waysPart) refresh() fyne.CanvasObject {
	barred := w.Refresh(w.add.state.problem)
	w.search.Turn(w.add.up && w.add.state.phase == looking && barred == "" && !w.search.Hidden)
	w.columns.Hidden = barred != ""
	w.whole.Refresh()
	return w.whole
}
