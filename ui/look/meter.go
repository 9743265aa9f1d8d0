package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Meter is a slim bar of how much is done, with the same in words below it.
type Meter struct {
	widget.BaseWidget
	value float64
	text  string
	tone  Tone
}

var (
	_ fyne.Widget     = (*Meter)(nil)
	_ fyne.Accessible = (*Meter)(nil)
)

// NewMeter returns an empty meter. Without words it is a bar only: then a row beside it
// says them.
func NewMeter(text string) *Meter {
	m := &Meter{text: text, tone: ToneGood}
	m.ExtendBaseWidget(m)
	return m
}

// Set shows how much is done, from 0 to 1, in words and in a tone: ToneMuted while it
// waits.
func (m *Meter) Set(value float64, text string, tone Tone) {
	value = min(max(value, 0), 1)
	if value != m.value || text != m.text || tone != m.tone {
		m.value, m.text, m.tone = value, text, tone
		m.Refresh()
	}
}

// Value is how much is done, from 0 to 1.
func (m *Meter) Value() float64 { return m.value }

// AccessibilityLabel implements fyne.Accessible.
func (m *Meter) AccessibilityLabel() string { return m.text }

// AccessibilityRole implements fyne.Accessible.
func (m *Meter) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (m *Meter) CreateRenderer() fyne.WidgetRenderer {
	r := &meterRenderer{meter: m, track: canvas.NewRectangle(nil), bar: canvas.NewRectangle(nil), text: NewShort("", theme.SizeNameCaptionText, ColorMuted)}
	r.Refresh()
	return r
}

type meterRenderer struct {
	meter      *Meter
	track, bar *canvas.Rectangle
	text       *Text
}

func (r *meterRenderer) MinSize() fyne.Size {
	thick := size(SizeMeter, r.meter)
	s := fyne.NewSize(thick*8, thick)
	if r.meter.text != "" {
		s.Height += size(SizeXS, r.meter) + r.text.MinSize().Height
	}
	return s
}

func (r *meterRenderer) Layout(s fyne.Size) {
	thick := size(SizeMeter, r.meter)
	top := float32(0)
	if r.meter.text == "" {
		top = (s.Height - thick) / 2
	}
	r.track.Resize(fyne.NewSize(s.Width, thick))
	r.track.Move(fyne.NewPos(0, top))
	width := s.Width * float32(r.meter.value)
	if r.meter.value > 0 {
		width = max(width, thick)
	}
	r.bar.Resize(fyne.NewSize(width, thick))
	r.bar.Move(fyne.NewPos(0, top))
	r.text.Resize(fyne.NewSize(s.Width, r.text.MinSize().Height))
	r.text.Move(fyne.NewPos(0, thick+size(SizeXS, r.meter)))
}

func (r *meterRenderer) Refresh() {
	m := r.meter
	r.track.FillColor = ink(ColorTrack, m)
	fill := m.tone.Ink()
	if m.tone == ToneGood {
		fill = theme.ColorNamePrimary
	}
	r.bar.FillColor = ink(fill, m)
	r.track.CornerRadius, r.bar.CornerRadius = canvas.RadiusMaximum, canvas.RadiusMaximum
	r.bar.Hidden = m.value == 0
	r.text.Text, r.text.Hidden = m.text, m.text == ""
	r.track.Refresh()
	r.text.Refresh()
	r.Layout(m.Size())
	r.bar.Refresh()
	canvas.Refresh(m)
}

func (r *meterRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.track, r.bar, r.text}
}

func (r *meterRenderer) Destroy() {}
