package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A ToastData is what a toast says and offers.
type ToastData struct {
	Tone   Tone
	Text   string
	Action Action // such as "Undo"; none without a text
	Close  Action // its text is said, not shown
}

// A Toast tells over the screen that something was done, or couldn't be. Where it is
// and for how long is its owner's.
type Toast struct {
	widget.BaseWidget
	data   ToastData
	text   *Paragraph
	action *Button
	close  *IconButton
}

var (
	_ fyne.Widget     = (*Toast)(nil)
	_ fyne.Accessible = (*Toast)(nil)
)

// NewToast returns a toast.
func NewToast(data ToastData) *Toast {
	t := &Toast{text: NewParagraph("", ""), action: NewQuietButton("", "", nil), close: NewIconButton(IconClose, "", nil)}
	t.ExtendBaseWidget(t)
	t.Set(data)
	return t
}

// Set says something else.
func (t *Toast) Set(data ToastData) {
	t.data = data
	t.text.SetText(data.Text)
	t.action.Hidden = data.Action.Text == ""
	t.action.Icon, t.action.OnTapped = data.Action.Icon, data.Action.Do
	t.action.SetText(data.Action.Text)
	t.close.OnTapped = data.Close.Do
	t.close.SetLabel(data.Close.Text)
	t.Refresh()
}

// AccessibilityLabel implements fyne.Accessible.
func (t *Toast) AccessibilityLabel() string { return t.data.Text }

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

// left is where the text begins.
func (r *toastRenderer) left() float32 {
	return size(SizeL, r.toast) + size(SizeIcon, r.toast) + size(SizeM, r.toast)
}

// ends is the width of everything but the text.
func (r *toastRenderer) ends() float32 {
	t := r.toast
	width := r.left() + size(SizeS, t) + t.close.MinSize().Width + size(SizeS, t)
	if t.action.Visible() {
		width += t.action.MinSize().Width
	}
	return width
}

func (r *toastRenderer) MinSize() fyne.Size {
	t := r.toast
	width := t.Size().Width
	if width == 0 {
		width = size(SizeReading, t)
	}
	height := max(t.text.HeightIn(width-r.ends()), t.close.MinSize().Height, t.action.MinSize().Height)
	return fyne.NewSize(r.ends()+6*size(SizeXL, t), height+2*size(SizeS, t))
}

func (r *toastRenderer) Layout(s fyne.Size) {
	t := r.toast
	r.surface.Resize(s)
	middle := func(o fyne.CanvasObject, x float32, m fyne.Size) {
		o.Resize(m)
		o.Move(fyne.NewPos(x, (s.Height-m.Height)/2))
	}
	middle(r.icon, size(SizeL, t), fyne.NewSquareSize(size(SizeIcon, t)))
	width := max(0, s.Width-r.ends())
	middle(t.text, r.left(), fyne.NewSize(width, t.text.HeightIn(width)))
	x := s.Width - size(SizeS, t) - t.close.MinSize().Width
	middle(t.close, x, t.close.MinSize())
	middle(t.action, x-t.action.MinSize().Width, t.action.MinSize())
}

func (r *toastRenderer) Refresh() {
	t := r.toast
	r.surface.FillColor = ink(theme.ColorNameMenuBackground, t)
	r.surface.StrokeColor, r.surface.StrokeWidth = ink(ColorCardBorder, t), 1
	r.surface.CornerRadius = size(SizeCardRadius, t)
	r.surface.Shadow = canvas.Shadow{Color: ink(theme.ColorNameShadow, t), BlurRadius: 16, Offset: fyne.NewPos(0, 4)}
	r.surface.Refresh()
	r.icon.Resource = IconIn(t.data.Tone.Icon(), t.data.Tone)
	r.icon.Refresh()
	t.text.Refresh()
	t.close.Refresh()
	t.action.Refresh()
	r.Layout(t.Size())
	canvas.Refresh(t)
}

func (r *toastRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.surface, r.icon, r.toast.text, r.toast.action, r.toast.close}
}

func (r *toastRenderer) Destroy() {}
