package meet

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/scan"
	"meadow/ui/words"
)

// askPart is the question whether to add somebody, answered by typing six digits.
type askPart struct {
	screen *Screen
	title  *look.Paragraph
	body   *look.Paragraph
	far    *look.Banner
	where  *look.Paragraph
	code   *look.CodeField
	left   *look.Text
	wrong  *look.Paragraph
	no     *look.Button
	add    *look.Button
	whole  fyne.CanvasObject
}

func newAskPart(s *Screen) *askPart {
	a := &askPart{
		screen: s, title: look.NewHeading(""), body: look.NewParagraph("", ""), far: look.NewBanner(farData(words.L("Have them tell you the digits in a call, by a voice that you know. Anybody can call themselves so."))), where: look.NewParagraph("", look.ColorMuted),
		code: look.NewCodeField(words.L("The six digits")), left: look.NewCaption(""), wrong: look.NewParagraph("", look.ColorDanger),
	}
	a.where.SetAlign(fyne.TextAlignCenter)
	a.left.Align = fyne.TextAlignCenter
	a.no = look.NewButton(words.L("Don't add"), "", s.refuse)
	a.add = look.NewPrimaryButton("", look.IconAddPerson, s.confirm)
	a.code.OnChanged = func(string) { s.refresh() }
	a.whole = look.NewPage(1, look.NewCard("", look.NewColumn(look.SizeL,
		look.NewColumn(look.SizeS, a.title, a.body), a.far,
		look.NewColumn(look.SizeS, a.where, a.code, a.left, a.wrong),
		look.NewButtons(a.no, layout.NewSpacer(), a.add),
	)))
	return a
}

// farData is what one should know of somebody who isn't in the same room.
func farData(text string) look.BannerData {
	return look.BannerData{Tone: look.ToneAttention, Icon: look.IconGlobe, Title: words.L("They aren't on your network."), Text: text}
}

func (a *askPart) refresh(now time.Time) fyne.CanvasObject {
	m := &a.screen.state
	a.title.SetText(words.L("Add {{.Person}}?", "Person", m.person))
	a.body.SetText(words.L("Somebody who calls themselves {{.Person}}, at the device {{.Device}}, has your code. You see each other's names, pictures and devices then; nothing else is shared by it.",
		"Person", m.person, "Device", m.device))
	a.where.SetText(words.L("Type the six digits that {{.Device}} shows", "Device", m.device))
	_, left := m.typing(now)
	a.left.SetText(left)
	a.far.Hidden = m.near
	a.wrong.Hidden = m.problem == ""
	a.wrong.SetText(m.problem)
	able(a.add, m.phase == asked && len(a.code.Digits()) == look.CodeDigits)
	able(a.no, m.phase == asked)
	able(a.code, m.phase == asked)
	a.add.SetText(words.L("Add"))
	if m.phase == judged {
		a.add.SetText(words.L("Adding"))
	}
	a.whole.Refresh()
	return a.whole
}

// digitsPart is for what has no choice in it: dialling, the digits, the end.
type digitsPart struct {
	screen  *Screen
	picture *look.Picture
	works   *scan.Turning
	wait    *fyne.Container // around works
	title   *look.Paragraph
	digits  *look.Text
	meter   *look.Meter
	text    *look.Paragraph
	far     *look.Banner
	cancel  *look.Button
	give    *look.Button
	finish  *look.Button
	whole   *container.Scroll
}

func newDigitsPart(s *Screen) *digitsPart {
	d := &digitsPart{
		screen: s, picture: look.NewPicture(look.DrawingAllWell), works: scan.NewTurning(), title: look.NewHeading(""),
		digits: look.NewText("", look.SizeDigitsText, ""), meter: look.NewMeter(""), text: look.NewParagraph("", look.ColorMuted), far: look.NewBanner(farData(words.L("Tell them the digits in a call, once you know the voice. Anybody can call themselves so."))),
	}
	d.title.SetAlign(fyne.TextAlignCenter)
	d.text.SetAlign(fyne.TextAlignCenter)
	d.digits.Align, d.digits.Style = fyne.TextAlignCenter, fyne.TextStyle{Bold: true}
	d.cancel = look.NewButton(words.L("Cancel"), "", s.again)
	d.give = look.NewButton(words.L("Share something"), look.IconShare, s.give)
	d.finish = look.NewPrimaryButton(words.L("Done"), look.IconCheck, s.leave)
	d.wait = container.NewCenter(container.NewGridWrap(fyne.NewSquareSize(theme.Size(look.SizeIconBig)), d.works.Activity))
	d.whole = look.NewPage(1, look.NewColumn(look.SizeL,
		d.picture, d.wait, d.title, d.digits, d.meter, d.text, d.far,
		container.NewCenter(look.NewButtons(d.cancel, d.give, d.finish)),
	))
	return d
}

func (d *digitsPart) refresh(now time.Time) fyne.CanvasObject {
	m := &d.screen.state
	over, shown := m.phase == done, m.phase == comparing
	d.picture.Hidden, d.wait.Hidden = !over, m.phase != dialling
	d.digits.Hidden, d.meter.Hidden, d.far.Hidden = !shown, !shown, !shown || m.near
	d.digits.SetText(frame.Code(m.digits))
	if shown {
		share, left := m.typing(now)
		d.meter.Set(share, left, look.ToneGood)
	}
	title, text := d.say()
	d.title.SetText(title)
	d.text.SetText(text)
	d.cancel.Hidden, d.give.Hidden, d.finish.Hidden = over, !over, !over
	d.whole.Refresh()
	return d.whole
}

// say is what the phase is in words.
func (d *digitsPart) say() (title, text string) {
	m := &d.screen.state
	switch m.phase {
	case dialling:
		return words.L("Asking the other side who they are"), words.L("This takes a second or two.")
	case comparing:
		return words.L("{{.Person}} types these on {{.Device}}", "Person", m.person, "Device", m.device),
			words.L("Show them, or say them, to nobody but {{.Person}}.", "Person", m.person)
	}
	return m.met(), words.L("Nothing is shared yet. Whenever you like, share a space or a folder.")
}
