package first

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

func newResource(name fyne.ThemeIconName) fyne.CanvasObject { return widget.NewIcon(look.Icon(name)) }

// askPart is the question whether to join, answered by typing six digits.
type askPart struct {
	title       *look.Paragraph
	body, where *look.Paragraph
	code        *look.CodeField
	left        *look.Text
	join, no    *look.Button
	whole       fyne.CanvasObject
}

func newAskPart(j *Join) *askPart {
	a := &askPart{
		title: look.NewHeading(""), body: look.NewParagraph("", ""), where: look.NewParagraph("", look.ColorMuted),
		code: look.NewCodeField(words.L("The six digits")), left: look.NewCaption(""),
	}
	a.where.SetAlign(fyne.TextAlignCenter)
	a.left.Align = fyne.TextAlignCenter
	a.no = look.NewButton(words.L("Don't join"), "", j.refuse)
	a.join = look.NewPrimaryButton(words.L("Join"), look.IconCheck, j.confirm)
	a.code.OnChanged = func(string) { j.refresh() }
	a.whole = look.NewPage(1, look.NewCard("", look.NewColumn(look.SizeL,
		look.NewColumn(look.SizeS, a.title, a.body),
		look.NewColumn(look.SizeS, a.where, a.code, a.left),
		look.NewButtons(a.no, layout.NewSpacer(), a.join),
	)))
	return a
}

func (a *askPart) refresh(state *joining, now time.Time) fyne.CanvasObject {
	title, body := state.question()
	a.title.SetText(title)
	a.body.SetText(body)
	a.where.SetText(words.L("Type the six digits that {{.Device}} shows", "Device", state.offer.device))
	a.left.SetText(state.typingLeft(now))
	enable(a.join, state.phase == asked && len(a.code.Digits()) == look.CodeDigits)
	enable(a.no, state.phase == asked)
	enable(a.code, state.phase == asked)
	a.join.SetText(words.L("Join"))
	if state.phase == judged {
		a.join.SetText(words.L("Joining"))
	}
	return a.whole
}

func enable(w fyne.Disableable, on bool) {
	switch {
	case on && w.Disabled():
		w.Enable()
	case !on && !w.Disabled():
		w.Disable()
	}
}

// overPart is the end: it has joined, or can't go on by itself.
type overPart struct {
	join     *Join
	picture  *look.Picture
	title    *look.Paragraph
	sentence *look.Paragraph
	next     *look.Button
	whole    fyne.CanvasObject
}

func newOverPart(j *Join) *overPart {
	o := &overPart{join: j, picture: look.NewPicture(look.DrawingAllWell), title: look.NewHeading(""), sentence: look.NewParagraph("", look.ColorMuted)}
	o.title.SetAlign(fyne.TextAlignCenter)
	o.sentence.SetAlign(fyne.TextAlignCenter)
	o.next = look.NewPrimaryButton("", "", o.pressed)
	o.whole = look.NewPage(1, look.NewColumn(look.SizeL, o.picture, look.NewColumn(look.SizeS, o.title, o.sentence), container.NewCenter(o.next)))
	return o
}

func (o *overPart) refresh(state *joining) fyne.CanvasObject {
	if state.phase == joined {
		o.picture.Set(look.DrawingAllWell)
		o.title.SetText(frame.Paired(state.spaces))
		o.sentence.SetText(words.L("This device now belongs to {{.Account}}'s account.", "Account", state.offer.account))
		o.next.SetText(words.L("Open my spaces"))
		return o.whole
	}
	o.picture.Set(look.DrawingDevices)
	o.title.SetText(words.L("No code is shown now"))
	o.sentence.SetText(state.problem)
	o.next.SetText(words.L("Show a new code"))
	return o.whole
}

func (o *overPart) pressed() {
	if o.join.state.phase == joined {
		o.join.done()
		return
	}
	o.join.open()
}
