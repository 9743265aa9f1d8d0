package meet

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/scan"
	"meadow/ui/words"
)

// beginPart offers the two ways: to show a code, or to have theirs seen.
type beginPart struct {
	*scan.Paste
	screen  *Screen
	show    *look.Button
	columns *fyne.Container
	whole   *container.Scroll
}

func newBeginPart(s *Screen) *beginPart {
	b := &beginPart{screen: s}
	b.Paste = scan.NewPaste(s.seek, scan.PasteWords{
		Title: words.L("Paste what they sent"), Hint: words.L("The text or link that they sent you"), Offer: words.L("A person's code is on the clipboard."),
		Wrong: words.L("That isn't the text of a person's code: it has {{.Beginning}} in it.", "Beginning", kind.Prefix),
	}, func() { b.refresh() }, s.barred, s.accept)
	b.show = look.NewPrimaryButton(words.L("Show my code"), look.IconQR, s.open)
	mine := look.NewCard(words.L("Show a code"), look.NewColumn(look.SizeM,
		look.NewParagraph(words.L("They point a camera at it, or you send them its picture, its text or a link."), look.ColorMuted),
		look.NewButtons(b.show), look.NewPicture(look.DrawingPeople)))
	theirs := look.NewColumn(look.SizeXS, s.seek.Ways()...)
	theirs.Add(look.NewParagraph(words.L("Or drop a picture of it anywhere on this window."), look.ColorMuted))
	b.columns = look.NewColumns(look.SizeL, mine, look.NewCard(words.L("Let Meadow see theirs"), theirs))
	title := container.NewBorder(nil, nil, nil, look.NewQuietButton(words.L("Cancel"), look.IconClose, s.leave), look.NewTitle(words.L("Add a person")))
	b.whole = look.NewPage(1.6, look.NewColumn(look.SizeL,
		look.NewColumn(look.SizeXS, title, look.NewParagraph(
			words.L("You both need Meadow. One shows a code, the other lets Meadow see it, and you compare six digits. You see each other's names, pictures and devices then; nothing else is shared by it."), look.ColorMuted)),
		b.Banner, b.Works, b.columns, b.Card,
	))
	return b
}

func (b *beginPart) focus() {
	if b.screen.state.phase == looking {
		b.Focus(b.show)
	}
}

func (b *beginPart) refresh() fyne.CanvasObject {
	barred := b.Refresh(b.screen.state.problem)
	able(b.show, barred == "")
	b.columns.Hidden = barred != ""
	b.whole.Refresh()
	return b.whole
}

func able(w fyne.Disableable, on bool) {
	switch {
	case on && w.Disabled():
		w.Enable()
	case !on && !w.Disabled():
		w.Disable()
	}
}

// showPart is the code with what to do with it.
type showPart struct {
	screen *Screen
	code   *scan.Squares
	ring   *look.Ring
	text   *keys.Entry
	copy   *look.Button
	banner *look.Banner // about the attempt before
	whole  fyne.CanvasObject
}

const codeSide = 320 // at least

func newShowPart(s *Screen) *showPart {
	p := &showPart{screen: s, code: scan.NewSquares(codeSide), text: keys.NewEntry(), banner: look.NewBanner(look.BannerData{})}
	p.ring = look.NewRing(p.code)
	p.text.OnChanged = func(text string) { // it is to be selected, not changed
		if text != s.state.link {
			p.text.SetText(s.state.link)
		}
	}
	p.copy = look.NewButton(words.L("Copy"), look.IconCopy, p.copied)
	way := func(icon fyne.ThemeIconName, text string) fyne.CanvasObject {
		pic := container.NewPadded(container.NewGridWrap(fyne.NewSquareSize(theme.Size(look.SizeIcon)), widget.NewIcon(look.Icon(icon))))
		return container.NewBorder(nil, nil, pic, nil, container.NewPadded(look.NewParagraph(text, "")))
	}
	right := look.NewColumn(look.SizeM,
		p.banner,
		look.NewColumn(look.SizeXS, look.NewTitle(words.L("Your code")),
			look.NewParagraph(words.L("The other person opens Meadow, chooses People and “Add a person”. Then any one of these:"), look.ColorMuted)),
		way(look.IconCamera, words.L("Let their Meadow see this code: with a camera, or as a photo or screenshot of this window.")),
		way(look.IconLink, words.L("Or send them this link; they open it, or paste it there. It works once.")),
		container.NewBorder(nil, nil, nil, look.NewButtons(container.NewWithoutLayout(), p.copy), p.text),
		look.NewButtons(look.NewQuietButton(words.L("Back"), look.IconArrowLeft, s.again)),
	)
	p.whole = look.NewTall(2.2, scan.NewHalves(p.ring, right))
	return p
}

func (p *showPart) copied() {
	p.screen.frame.App.Clipboard().SetContent(p.screen.state.link)
	p.copy.SetText(words.L("Copied"))
}

func (p *showPart) refresh(now time.Time) fyne.CanvasObject {
	m := &p.screen.state
	p.code.Set(m.link)
	p.ring.Set(m.left(now))
	if p.text.Text != m.link {
		p.text.SetText(m.link)
		p.copy.SetText(words.L("Copy"))
	}
	p.banner.Hidden = m.problem == ""
	if !p.banner.Hidden {
		tone := look.ToneAttention
		if m.declined {
			tone = look.ToneInfo
		}
		p.banner.Set(look.BannerData{Tone: tone, Title: m.problem})
	}
	p.whole.Refresh()
	return p.whole
}
