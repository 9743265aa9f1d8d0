package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Toast tells in a line that something was done, for a while, with an action such as
// "Undo" and a button that closes it. Where it is and for how long is its owner's.
type Toast struct {
	widget.BaseWidget
	tone   Tone
	text   *Text
	action *Button // or nil
	close  *IconButton
}

var (
	_ fyne.Widget     = (*Toast)(nil)
	_ fyne.Accessible = (*Toast)(nil)
)

// NewToast returns a toast; an action without a text is none, that of close is said and
// not shown.
func NewToast(tone Tone, text string, action, close Action) *Toast {
	t := &Toast{tone: tone, text: NewShort(text, "", ""), close: NewIconButton(IconClose, close.Text, close.Do)}
	if action.Text != "" {
		action.Kind = KindQuiet
		t.action = action.Button()
	}
	t.ExtendBaseWidget(t)
	return t
}

// AccessibilityLabel implements fyne.Accessible.
func (t *Toast) AccessibilityLabel() string { return t.text.Text }

// AccessibilityRole implements fyne.Accessible.
func (t *Toast) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

// CreateRenderer implements fyne.Widget.
func (t *Toast) CreateRenderer() fyne.WidgetRenderer {
	r := &toastRenderer{toast: t, surface: canvas.NewRectangle(nil), icon: canvas.NewImageFromResource(nil)}
	r.icon.FillMode = canvas.ImageFillContain
	r.Refresh()
	return r
}

type toastRenderer struct {
	toast   *Toast
	surface *canvas.Rectangle
	icon    *canvas.Image
}

// ends is the width of everything but the text.
func (r *toastRenderer) ends() float32 {
	t := r.toast
	width := size(SizeM, t) + size(SizeIcon, t) + size(SizeS, t) + t.close.MinSize().Width + 2*size(SizeXS, t)
	if t.action != nil {
		width += t.action.MinSize().Width + size(SizeS, t)
	}
	return width
}

func (r *toastRenderer) MinSize() fyne.Size {
	t := r.toast
	width := min(t.text.full().Width+1, size(SizeReading, t)*0.75)
	return fyne.NewSize(r.ends()+width, t.close.MinSize().Height+2*size(SizeS, t))
}

func (r *toastRenderer) Layout(s fyne.Size) {
	t := r.toast
	r.surface.Resize(s)
	side, x := size(SizeIcon, t), size(SizeM, t)
	r.icon.Resize(fyne.NewSquareSize(side))
	r.icon.Move(fyne.NewPos(x, (s.Height-side)/2))
	t.text.Resize(fyne.NewSize(max(0, s.Width-r.ends()), s.Height))
	t.text.Move(fyne.NewPos(x+side+size(SizeS, t), 0))
	x = s.Width - size(SizeXS, t)
	place := func(o fyne.CanvasObject) {
		m := o.MinSize()
		x -= m.Width
		o.Resize(m)
		o.Move(fyne.NewPos(x, (s.Height-m.Height)/2))
		x -= size(SizeXS, t)
	}
	place(t.close)
	if t.action != nil {
		place(t.action)
	}
}

func (r *toastRenderer) Refresh() {
	t := r.toast
	r.surface.FillColor = ink(theme.ColorNameOverlayBackground, t)
	r.surface.StrokeColor, r.surface.StrokeWidth = ink(ColorCardBorder, t), 1
	r.surface.CornerRadius = size(SizeCardRadius, t)
	r.surface.Shadow = canvas.Shadow{Color: ink(theme.ColorNameShadow, t), BlurRadius: 16, Offset: fyne.NewPos(0, 4)}
	r.surface.Refresh()
	r.icon.Resource = IconIn(t.tone.Icon(), t.tone)
	r.icon.Refresh()
	t.text.Refresh()
	t.close.Refresh()
	if t.action != nil {
		t.action.Refresh()
	}
	r.Layout(t.Size())
	canvas.Refresh(t)
}

func (r *toastRenderer) Objects() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{r.surface, r.icon, r.toast.text}
	if r.toast.action != nil {
		objects = append(objects, r.toast.action)
	}
	return append(objects, r.toast.close)
}

func (r *toastRenderer) Destroy() {}
