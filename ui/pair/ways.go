package pair

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/scan"
	"meadow/ui/words"
)

// waysPart offers the ways to bring the new device's code here.
type waysPart struct {
	add     *Add
	banner  *look.Banner
	text    *keys.Entry
	wrong   *look.Text // what is wrong with text
	next    *look.Button
	near    *fyne.Container
	rows    map[string]*look.LinkRow // by endpoint
	search  *scan.Turning
	nobody  *look.Paragraph
	works   *widget.ProgressBarInfinite
	pasted  string // what is on the clipboard, if it is a ticket
	offered string // the ticket that was offered already
	columns *fyne.Container
	whole   *container.Scroll
}

func newWaysPart(a *Add) *waysPart {
	w := &waysPart{
		add: a, banner: look.NewBanner(look.BannerData{}), text: keys.NewEntry(), near: look.NewColumn(look.SizeXS),
		search: scan.NewTurning(), nobody: look.NewParagraph("", look.ColorMuted), works: widget.NewProgressBarInfinite(),
		wrong: look.NewText("", theme.SizeNameCaptionText, look.ColorDanger),
	}
	w.wrong.Hide()
	w.text.SetPlaceHolder(words.L("The text below the code: mdnpair1…"))
	w.next = look.NewPrimaryButton(words.L("Go on"), look.IconArrowRight, w.typed)
	w.text.OnChanged = func(string) {
		w.wrong.Hide()
		w.refresh()
	}
	w.text.OnSubmitted = func(string) { w.typed() }
	w.works.Hide()
	w.works.Stop()
	nearby := look.NewCard(words.L("Nearby"), look.NewColumn(look.SizeS, w.near, w.nobody))
	nearby.Trail = container.NewGridWrap(fyne.NewSquareSize(20), w.search.Activity)
	ways := look.NewColumn(look.SizeXS, a.seek.Ways()...)
	ways.Add(look.NewParagraph(words.L("Or drop a picture of it anywhere on this window."), look.ColorMuted))
	w.columns = look.NewColumns(look.SizeL, nearby, look.NewCard(words.L("Let Meadow see its code"), ways))
	w.whole = look.NewPage(1.6, look.NewColumn(look.SizeL,
		look.NewColumn(look.SizeXS, container.NewBorder(nil, nil, nil, look.NewQuietButton(words.L("Cancel"), look.IconClose, w.add.leave), look.NewTitle(words.L("Add a device"))), look.NewParagraph(
			words.L("On the new device, start Meadow and choose “Join my other device”. It shows a code then, which you bring here in any of these ways."), look.ColorMuted)),
		w.banner, w.works,
		w.columns,
		look.NewCard(words.L("Paste its text"), look.NewColumn(look.SizeXS,
			container.NewBorder(nil, nil, nil, look.NewButtons(newGap(), w.next), w.text), w.wrong)),
	))
	return w
}

// fill puts a text into the field; nothing is done with it yet.
func (w *waysPart) fill(text string) {
	if ticket, ok := Ticket(text); ok {
		text = ticket
	}
	w.text.SetText(text)
}

// lookAtClipboard offers a ticket that is there, once. The toolkit gives what is on
// the clipboard to the interface thread only.
func (w *waysPart) lookAtClipboard() {
	ticket, ok := Ticket(w.add.frame.App.Clipboard().Content())
	if ok && ticket != w.offered {
		w.pasted, w.offered = ticket, ticket
	}
}

func (w *waysPart) focus() {
	c := w.add.frame.Window.Canvas()
	if w.add.state.phase != looking {
		return
	}
	if _, ok := Ticket(w.text.Text); ok {
		c.Focus(w.next)
		return
	}
	c.Focus(w.text)
}

func (w *waysPart) typed() {
	ticket, ok := Ticket(w.text.Text)
	switch {
	case ok && w.add.barred() == "":
		w.text.SetText("")
		w.add.begin(node.PairAcceptOptions{Ticket: ticket})
	case !ok && w.text.Text != "":
		w.wrong.SetText(words.L("That isn't the text of a code: it begins with {{.Beginning}}.", "Beginning", kind.Prefix))
		w.wrong.Show()
		w.refresh()
	}
}

// paste goes on with what is on the clipboard.
func (w *waysPart) paste() {
	ticket := w.pasted
	w.pasted = ""
	w.add.begin(node.PairAcceptOptions{Ticket: ticket})
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
	barred := w.add.barred()
	if w.works.Hidden = !w.add.seek.Busy(); w.works.Hidden {
		w.works.Stop()
	} else {
		w.works.Start()
	}
	w.banner.Hidden = false
	switch {
	case barred != "":
		w.banner.Set(look.BannerData{Tone: look.ToneAttention, Title: barred})
	case w.add.state.problem != "":
		w.banner.Set(look.BannerData{Tone: look.ToneAttention, Title: w.add.state.problem})
	case w.pasted != "":
		w.banner.Set(look.BannerData{
			Tone: look.ToneInfo, Icon: look.IconClipboard, Title: words.L("The text of a code is on the clipboard."),
			Actions: []look.Action{{Text: words.L("Use it"), Icon: look.IconArrowRight, Kind: look.KindPrimary, Do: w.paste}},
		})
	default:
		w.banner.Hidden = true
	}
	_, ok := Ticket(w.text.Text)
	if ok && barred == "" {
		w.next.Enable()
	} else {
		w.next.Disable()
	}
	w.search.Turn(w.add.up && w.add.state.phase == looking && barred == "" && !w.search.Hidden)
	w.columns.Hidden = barred != ""
	w.whole.Refresh()
	return w.whole
}

// newGap is nothing, beside which a row has its gap.
func newGap() fyne.CanvasObject { return container.NewWithoutLayout() }
