package scan

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// PasteWords are what is said about the text of a code.
type PasteWords struct{ Title, Hint, Wrong, Offer string }

// Paste takes the text of a code: typed, pasted, filled in from a link, or on the
// clipboard. Nothing is done with it before a click.
type Paste struct {
	Card   *look.Card   // the field, with its button
	Banner *look.Banner // why none is taken, what went wrong, or that one is on the clipboard
	Works  *widget.ProgressBarInfinite

	seek    *Seeker
	words   PasteWords
	barred  func() string
	accept  func(ticket string)
	field   *keys.Entry
	wrong   *look.Text
	next    *look.Button
	pasted  string // what is on the clipboard, if it is a ticket
	offered string // the ticket that was offered already
}

// NewPaste returns a field for the codes that a seeker looks for. Changed is called when
// there is something else to see, and barred says why none is taken, "" if one is.
func NewPaste(s *Seeker, w PasteWords, changed func(), barred func() string, accept func(ticket string)) *Paste {
	p := &Paste{
		seek: s, words: w, barred: barred, accept: accept, Banner: look.NewBanner(look.BannerData{}),
		Works: widget.NewProgressBarInfinite(), field: keys.NewEntry(), wrong: look.NewText("", theme.SizeNameCaptionText, look.ColorDanger),
	}
	p.wrong.Hide()
	p.Works.Hide()
	p.Works.Stop()
	p.field.SetPlaceHolder(w.Hint)
	p.next = look.NewPrimaryButton(words.L("Go on"), look.IconArrowRight, func() { p.typed(changed) })
	p.field.OnChanged = func(string) {
		p.wrong.Hide()
		changed()
	}
	p.field.OnSubmitted = func(string) { p.typed(changed) }
	gap := container.NewWithoutLayout() // nothing, beside which a row has its gap
	p.Card = look.NewCard(w.Title, look.NewColumn(look.SizeXS, container.NewBorder(nil, nil, nil, look.NewButtons(gap, p.next), p.field), p.wrong))
	return p
}

// Fill puts a text into the field; nothing is done with it yet.
func (p *Paste) Fill(text string) {
	if ticket, ok := p.seek.kind.Ticket(text); ok {
		text = ticket
	}
	p.field.SetText(text)
}

// LookAtClipboard offers a ticket that is there, once. The toolkit gives what is on the
// clipboard to the interface thread only.
func (p *Paste) LookAtClipboard() {
	ticket, ok := p.seek.kind.Ticket(p.seek.frame.App.Clipboard().Content())
	if ok && ticket != p.offered {
		p.pasted, p.offered = ticket, ticket
	}
}

// Focus gives the keyboard to what goes on with what is in the field, or if there is
// nothing yet to first, or to the field if that is nil.
func (p *Paste) Focus(first fyne.Focusable) {
	c := p.seek.frame.Window.Canvas()
	_, ok := p.seek.kind.Ticket(p.field.Text)
	switch {
	case ok:
		c.Focus(p.next)
	case first != nil:
		c.Focus(first)
	default:
		c.Focus(p.field)
	}
}

func (p *Paste) typed(changed func()) {
	ticket, ok := p.seek.kind.Ticket(p.field.Text)
	switch {
	case ok && p.barred() == "":
		p.field.SetText("")
		p.accept(ticket)
	case !ok && p.field.Text != "":
		p.wrong.SetText(p.words.Wrong)
		p.wrong.Show()
		changed()
	}
}

// use goes on with what is on the clipboard.
func (p *Paste) use() {
	ticket := p.pasted
	p.pasted = ""
	p.accept(ticket)
}

// Refresh shows what is so, beside a problem that there was, and returns why no code is
// taken.
func (p *Paste) Refresh(problem string) (barred string) {
	barred = p.barred()
	if p.Works.Hidden = !p.seek.Busy(); p.Works.Hidden {
		p.Works.Stop()
	} else {
		p.Works.Start()
	}
	p.Banner.Hidden = false
	switch {
	case barred != "":
		p.Banner.Set(look.BannerData{Tone: look.ToneAttention, Title: barred})
	case problem != "":
		p.Banner.Set(look.BannerData{Tone: look.ToneAttention, Title: problem})
	case p.pasted != "":
		p.Banner.Set(look.BannerData{
			Tone: look.ToneInfo, Icon: look.IconClipboard, Title: p.words.Offer,
			Actions: []look.Action{{Text: words.L("Use it"), Icon: look.IconArrowRight, Kind: look.KindPrimary, Do: p.use}},
		})
	default:
		p.Banner.Hidden = true
	}
	if _, ok := p.seek.kind.Ticket(p.field.Text); ok && barred == "" {
		p.next.Enable()
	} else {
		p.next.Disable()
	}
	return barred
}
