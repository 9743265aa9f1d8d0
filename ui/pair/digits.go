package pair

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/scan"
	"meadow/ui/words"
)

// digitsPart is for what has no choice in it: dialling, the digits, the end.
type digitsPart struct {
	add     *Add
	picture *look.Picture
	works   *scan.Turning
	wait    *fyne.Container // around works
	title   *look.Paragraph
	digits  *look.Text
	meter   *look.Meter
	text    *look.Paragraph
	far     *look.Banner
	cancel  *look.Button
	show    *look.Button
	finish  *look.Button
	whole   *container.Scroll
}

func newDigitsPart(a *Add) *digitsPart {
	d := &digitsPart{
		add: a, picture: look.NewPicture(look.DrawingAllWell), works: scan.NewTurning(), title: look.NewHeading(""),
		digits: look.NewText("", look.SizeDigitsText, ""), meter: look.NewMeter(""), text: look.NewParagraph("", look.ColorMuted),
		far: look.NewBanner(farData()),
	}
	d.title.SetAlign(fyne.TextAlignCenter)
	d.text.SetAlign(fyne.TextAlignCenter)
	d.digits.Align, d.digits.Style = fyne.TextAlignCenter, fyne.TextStyle{Bold: true}
	d.cancel = look.NewButton(words.L("Cancel"), "", a.again)
	d.show = look.NewButton(words.L("Show its spaces"), "", d.showIt)
	d.finish = look.NewPrimaryButton(words.L("Done"), look.IconCheck, d.finished)
	d.wait = container.NewCenter(container.NewGridWrap(fyne.NewSquareSize(theme.Size(look.SizeIconBig)), d.works.Activity))
	d.whole = look.NewPage(1, look.NewColumn(look.SizeL,
		d.far, d.picture, d.wait,
		d.title, d.digits, d.meter, d.text,
		container.NewCenter(look.NewButtons(d.cancel, d.show, d.finish)),
	))
	return d
}

func (d *digitsPart) focus() { d.add.frame.Window.Canvas().Focus(d.finish) }

func (d *digitsPart) refresh() fyne.CanvasObject {
	s := &d.add.state
	over, shown := s.phase == done, s.phase == comparing
	waits := s.phase == dialling || s.phase == offering || s.phase == wary
	d.picture.Hidden = !over
	d.wait.Hidden = !waits
	d.works.Turn(waits && d.add.up)
	d.far.Hidden = s.near || s.phase != wary && s.phase != comparing
	d.digits.Hidden, d.meter.Hidden = !shown, !shown
	d.digits.SetText(frame.Code(s.digits))
	share, left := s.left(d.add.frame.Feed.Clock())
	if shown {
		d.meter.Set(share, left, look.ToneGood)
	}
	title, text := d.say(left)
	d.title.SetText(title)
	d.text.SetText(text)
	d.cancel.Hidden, d.show.Hidden, d.finish.Hidden = over, !over, !over
	d.whole.Refresh()
	return d.whole
}

// say is what the phase is in words.
func (d *digitsPart) say(left string) (title, text string) {
	s := &d.add.state
	switch s.phase {
	case dialling:
		return words.L("Asking the other device who it is"), words.L("This takes a second or two.")
	case offering:
		return words.L("Telling {{.Device}} who asks", "Device", s.device), ""
	case wary:
		return left, words.L("Read the warning above meanwhile. Nothing is given before the digits are typed.")
	case comparing:
		return words.L("Type these on {{.Device}}", "Device", s.device),
			words.L("Type them yourself, on the device that you see. Never tell them to anybody.")
	}
	return frame.Paired(s.given), words.L("{{.Device}} is one of your devices now.", "Device", s.device)
}

// showIt goes to the new device among the others.
func (d *digitsPart) showIt() {
	d.add.frame.Go(frame.Place{Screen: frame.Devices, Item: d.add.state.endpoint})
}

func (d *digitsPart) finished() { d.add.frame.Go(frame.Place{Screen: frame.Home}) }
