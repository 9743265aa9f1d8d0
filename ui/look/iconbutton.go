package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
)

// An IconButton is a button without a word. The word is shown beside it as a tip while
// the pointer is on it or it has the focus, if the window's content is in Tips.
type IconButton struct {
	control

	Icon fyne.ThemeIconName
	Tone Tone // of the icon; ToneMuted is the colour of text
}

var (
	_ fyne.Widget       = (*IconButton)(nil)
	_ fyne.Focusable    = (*IconButton)(nil)
	_ fyne.Accessible   = (*IconButton)(nil)
	_ desktop.Hoverable = (*IconButton)(nil)
)

// NewIconButton returns a button with an icon; the label is its verb.
func NewIconButton(icon fyne.ThemeIconName, label string, do func()) *IconButton {
	b := &IconButton{Icon: icon}
	b.OnTapped = do
	b.label = label
	b.extend(b)
	return b
}

// SetIcon changes the icon.
func (b *IconButton) SetIcon(icon fyne.ThemeIconName) {
	b.Icon = icon
	b.Refresh()
}

// SetLabel changes the verb.
func (b *IconButton) SetLabel(label string) { b.label = label }

// Tapped implements fyne.Tappable.
func (b *IconButton) Tapped(e *fyne.PointEvent) {
	hideTip(b)
	b.control.Tapped(e)
}

// MouseIn implements desktop.Hoverable.
func (b *IconButton) MouseIn(e *desktop.MouseEvent) {
	b.control.MouseIn(e)
	showTip(b, b.label)
}

// MouseOut implements desktop.Hoverable.
func (b *IconButton) MouseOut() {
	b.control.MouseOut()
	hideTip(b)
}

// FocusGained implements fyne.Focusable.
func (b *IconButton) FocusGained() {
	b.control.FocusGained()
	showTip(b, b.label)
}

// FocusLost implements fyne.Focusable.
func (b *IconButton) FocusLost() {
	b.control.FocusLost()
	hideTip(b)
}

// CreateRenderer implements fyne.Widget.
func (b *IconButton) CreateRenderer() fyne.WidgetRenderer {
	r := &iconButtonRenderer{button: b, icon: canvas.NewImageFromResource(nil), halo: newHalo()}
	r.icon.FillMode = canvas.ImageFillContain
	r.Refresh()
	return r
}

type iconButtonRenderer struct {
	button *IconButton
	icon   *canvas.Image
	halo   halo
}

func (r *iconButtonRenderer) MinSize() fyne.Size {
	return fyne.NewSquareSize(size(theme.SizeNameInlineIcon, r.button) + 2*size(SizeXS, r.button)*1.75)
}

func (r *iconButtonRenderer) Layout(s fyne.Size) {
	r.halo.layout(s)
	side := size(theme.SizeNameInlineIcon, r.button)
	r.icon.Resize(fyne.NewSquareSize(side))
	r.icon.Move(fyne.NewPos((s.Width-side)/2, (s.Height-side)/2))
}

func (r *iconButtonRenderer) Refresh() {
	b := r.button
	color := theme.ColorNameForeground
	switch {
	case b.Disabled():
		color = theme.ColorNameDisabled
	case b.Tone != ToneMuted:
		color = b.Tone.Ink()
	}
	r.icon.Resource = IconColored(b.Icon, color)
	r.icon.Refresh()
	r.halo.refresh(&b.control, b, size(theme.SizeNameButtonRadius, b))
	r.Layout(b.Size())
	canvas.Refresh(b)
}

func (r *iconButtonRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.halo.veil, r.icon, r.halo.ring}
}

func (r *iconButtonRenderer) Destroy() {}
