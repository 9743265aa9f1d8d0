package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// A Kind is how much a button asks to be pressed.
type Kind int

const (
	KindPlain   Kind = iota // one of several
	KindPrimary             // the next thing to do; one in a place
	KindDanger              // loses something
	KindQuiet               // without a surface until it is pointed at
)

// A Button is pressed to do what its verb says.
type Button struct {
	control

	Text string
	Icon fyne.ThemeIconName
	Kind Kind
}

var (
	_ fyne.Widget     = (*Button)(nil)
	_ fyne.Focusable  = (*Button)(nil)
	_ fyne.Accessible = (*Button)(nil)
)

// NewButton returns a plain button, its icon may be empty.
func NewButton(text string, icon fyne.ThemeIconName, do func()) *Button {
	return newButton(text, icon, KindPlain, do)
}

// NewPrimaryButton returns the button of the next thing to do.
func NewPrimaryButton(text string, icon fyne.ThemeIconName, do func()) *Button {
	return newButton(text, icon, KindPrimary, do)
}

// NewDangerButton returns the button of something that loses something.
func NewDangerButton(text string, icon fyne.ThemeIconName, do func()) *Button {
	return newButton(text, icon, KindDanger, do)
}

// NewQuietButton returns a button without a surface, for actions of second rank.
func NewQuietButton(text string, icon fyne.ThemeIconName, do func()) *Button {
	return newButton(text, icon, KindQuiet, do)
}

func newButton(text string, icon fyne.ThemeIconName, kind Kind, do func()) *Button {
	b := &Button{Text: text, Icon: icon, Kind: kind}
	b.OnTapped = do
	b.label = text
	b.extend(b)
	return b
}

// SetText changes the verb.
func (b *Button) SetText(text string) {
	b.Text, b.label = text, text
	b.Refresh()
}

// SetIcon changes the icon.
func (b *Button) SetIcon(icon fyne.ThemeIconName) {
	b.Icon = icon
	b.Refresh()
}

// colors returns what the button is drawn with: its text, its surface and its edge.
func (b *Button) colors() (text, surface, edge fyne.ThemeColorName) {
	switch {
	case b.Disabled() && b.Kind == KindQuiet:
		return theme.ColorNameDisabled, "", ""
	case b.Disabled():
		return theme.ColorNameDisabled, theme.ColorNameDisabledButton, ""
	case b.Kind == KindPrimary:
		return theme.ColorNameForegroundOnPrimary, theme.ColorNamePrimary, ""
	case b.Kind == KindDanger:
		return ColorDanger, ColorDangerSoft, ""
	case b.Kind == KindQuiet:
		return theme.ColorNamePrimary, "", ""
	}
	return theme.ColorNameForeground, ColorCard, theme.ColorNameInputBorder
}

// CreateRenderer implements fyne.Widget.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	r := &buttonRenderer{
		button: b, surface: canvas.NewRectangle(nil), halo: newHalo(),
		icon: canvas.NewImageFromResource(nil), text: NewText(b.Text, "", ""),
	}
	r.text.Style.Bold = true
	r.icon.FillMode = canvas.ImageFillContain
	r.objects = []fyne.CanvasObject{r.surface, r.halo.veil, r.icon, r.text, r.halo.ring}
	r.Refresh()
	return r
}

type buttonRenderer struct {
	button  *Button
	surface *canvas.Rectangle
	halo    halo
	icon    *canvas.Image
	text    *Text
	objects []fyne.CanvasObject
}

// parts returns the sizes of icon and text and what is between them.
func (r *buttonRenderer) parts() (icon, text fyne.Size, between float32) {
	if r.button.Icon != "" {
		icon = fyne.NewSquareSize(size(theme.SizeNameInlineIcon, r.button) * 0.9)
	}
	if r.button.Text != "" {
		text = r.text.MinSize()
	}
	if icon.Width > 0 && text.Width > 0 {
		between = size(SizeXS, r.button) * 1.5
	}
	return icon, text, between
}

func (r *buttonRenderer) MinSize() fyne.Size {
	icon, text, between := r.parts()
	side := size(SizeM, r.button)
	if text.Width == 0 {
		side = size(SizeS, r.button)
	}
	height := max(icon.Height, r.text.MinSize().Height) + 2*size(SizeS, r.button)
	return fyne.NewSize(icon.Width+between+text.Width+2*side, height)
}

func (r *buttonRenderer) Layout(s fyne.Size) {
	r.surface.Resize(s)
	r.halo.layout(s)
	icon, text, between := r.parts()
	x := (s.Width - icon.Width - between - text.Width) / 2
	r.icon.Resize(icon)
	r.icon.Move(fyne.NewPos(x, (s.Height-icon.Height)/2))
	r.text.Resize(text)
	r.text.Move(fyne.NewPos(x+icon.Width+between, (s.Height-text.Height)/2))
}

func (r *buttonRenderer) Refresh() {
	b := r.button
	text, surface, edge := b.colors()
	r.surface.Hidden = surface == ""
	if surface != "" {
		r.surface.FillColor = ink(surface, b)
	}
	r.surface.StrokeWidth = 0
	if edge != "" {
		r.surface.StrokeColor, r.surface.StrokeWidth = ink(edge, b), size(theme.SizeNameInputBorder, b)
	}
	r.surface.CornerRadius = size(theme.SizeNameButtonRadius, b)
	r.halo.refresh(&b.control, b, r.surface.CornerRadius)
	r.text.Text, r.text.ColorName = b.Text, text
	r.text.Hidden = b.Text == ""
	r.text.Refresh()
	r.icon.Hidden = b.Icon == ""
	r.icon.Resource = IconColored(b.Icon, text)
	r.icon.Refresh()
	r.surface.Refresh()
	r.Layout(b.Size())
	canvas.Refresh(b)
}

func (r *buttonRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *buttonRenderer) Destroy()                     {}
