package home

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// hero says how things are, in large letters.
type hero struct {
	icon     *look.StateIcon
	headline *look.Text
	detail   *look.Paragraph
	meter    *look.Meter
	resume   *look.Button
	content  *fyne.Container
}

func newHero(s *Screen) *hero {
	h := &hero{
		icon:     look.NewStateIcon(look.ToneMuted, "", ""),
		headline: look.NewShort("", theme.SizeNameHeadingText, ""), detail: look.NewParagraph("", look.ColorMuted),
		meter: look.NewMeter(""),
	}
	h.headline.Style.Bold = true
	h.resume = look.NewPrimaryButton(words.L("Resume"), look.IconResume, s.frame.Resume)
	h.content = container.New(heroLayout{h}, h.icon, h.headline, h.detail, h.resume, h.meter)
	return h
}

func (h *hero) set(m *model) {
	look := heroLooks[m.state]
	h.icon.Set(look.tone, look.icon, m.headline)
	h.headline.SetText(m.headline)
	h.detail.SetText(m.detail)
	h.resume.Hidden = m.state != frame.Paused
	h.meter.Hidden = m.progress < 0
	if m.progress >= 0 {
		h.meter.Set(m.progress, "", look.meter)
	}
	h.content.Refresh()
}

// heroLooks are the states' shapes and tones.
var heroLooks = map[frame.State]struct {
	tone  look.Tone
	icon  fyne.ThemeIconName
	meter look.Tone
}{
	frame.Idle:     {look.ToneGood, look.IconCheck, look.ToneGood},
	frame.Syncing:  {look.ToneInfo, look.IconSync, look.ToneGood},
	frame.Waiting:  {look.ToneMuted, look.IconClock, look.ToneMuted},
	frame.Paused:   {look.ToneMuted, look.IconPause, look.ToneMuted},
	frame.Offline:  {look.ToneMuted, look.IconOffline, look.ToneMuted},
	frame.NeedsYou: {look.ToneAttention, look.IconBell, look.ToneGood},
	frame.Stopped:  {look.ToneDanger, look.IconError, look.ToneMuted},
}

// heroLayout sets the icon left of headline and detail, the button right of them,
// and the meter below.
type heroLayout struct{ h *hero }

func (l heroLayout) icon() float32 { return theme.Size(look.SizeIconBig) * 1.4 }

// detail returns how high the detail is in a width.
func (l heroLayout) detail(width float32) float32 { return l.h.detail.HeightIn(width) }

// text is the width of headline and detail.
func (l heroLayout) text(width float32) float32 {
	width -= l.icon() + theme.Size(look.SizeL)
	if l.h.resume.Visible() {
		width -= l.h.resume.MinSize().Width + theme.Size(look.SizeL)
	}
	return max(width, 0)
}

// Layout implements fyne.Layout.
func (l heroLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	h := l.h
	width := l.text(size.Width)
	headline, detail := h.headline.MinSize().Height, l.detail(width)
	row := max(l.icon(), headline+detail)
	x := l.icon() + theme.Size(look.SizeL)
	h.icon.Resize(fyne.NewSquareSize(l.icon()))
	h.icon.Move(fyne.NewPos(0, (row-l.icon())/2))
	top := (row - headline - detail) / 2
	h.headline.Resize(fyne.NewSize(width, headline))
	h.headline.Move(fyne.NewPos(x, top))
	h.detail.Resize(fyne.NewSize(width, detail))
	h.detail.Move(fyne.NewPos(x, top+headline))
	button := h.resume.MinSize()
	h.resume.Resize(button)
	h.resume.Move(fyne.NewPos(size.Width-button.Width, (row-button.Height)/2))
	meter := h.meter.MinSize().Height
	h.meter.Resize(fyne.NewSize(size.Width, meter))
	h.meter.Move(fyne.NewPos(0, row+theme.Size(look.SizeM)))
}

// MinSize implements fyne.Layout.
func (l heroLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	height := max(l.icon(), l.h.headline.MinSize().Height+l.detail(l.text(l.h.content.Size().Width)))
	if l.h.meter.Visible() {
		height += theme.Size(look.SizeM) + l.h.meter.MinSize().Height
	}
	return fyne.NewSize(200, height)
}
