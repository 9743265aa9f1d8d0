package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A KeyHint shows keys that do what is written beside it, each as a key's cap.
type KeyHint struct {
	widget.BaseWidget
	keys []string
}

var (
	_ fyne.Widget     = (*KeyHint)(nil)
	_ fyne.Accessible = (*KeyHint)(nil)
)

// NewKeyHint returns the caps of keys that are pressed together, as "Ctrl", "F".
func NewKeyHint(keys ...string) *KeyHint {
	k := &KeyHint{keys: keys}
	k.ExtendBaseWidget(k)
	return k
}

// AccessibilityLabel implements fyne.Accessible.
func (k *KeyHint) AccessibilityLabel() string {
	label := ""
	for i, key := range k.keys {
		if i > 0 {
			label += "+"
		}
		label += key
	}
	return label
}

// AccessibilityRole implements fyne.Accessible.
func (k *KeyHint) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (k *KeyHint) CreateRenderer() fyne.WidgetRenderer {
	r := &keyHintRenderer{hint: k}
	for _, key := range k.keys {
		cap, name := canvas.NewRectangle(nil), NewText(key, theme.SizeNameCaptionText, ColorMuted)
		name.Align = fyne.TextAlignCenter
		r.caps, r.names = append(r.caps, cap), append(r.names, name)
		r.objects = append(r.objects, cap, name)
	}
	r.Refresh()
	return r
}

type keyHintRenderer struct {
	hint    *KeyHint
	caps    []*canvas.Rectangle
	names   []*Text
	objects []fyne.CanvasObject
}

// cap is the size of a key's cap.
func (r *keyHintRenderer) cap(i int) fyne.Size {
	s := r.names[i].MinSize()
	height := s.Height + size(SizeXS, r.hint)
	return fyne.NewSize(max(height, s.Width+2*size(SizeXS, r.hint)*1.5), height)
}

func (r *keyHintRenderer) MinSize() fyne.Size {
	var s fyne.Size
	for i := range r.caps {
		c := r.cap(i)
		if i > 0 {
			s.Width += size(SizeXS, r.hint)
		}
		s = fyne.NewSize(s.Width+c.Width, max(s.Height, c.Height))
	}
	return s
}

func (r *keyHintRenderer) Layout(s fyne.Size) {
	x := float32(0)
	for i, c := range r.caps {
		m := r.cap(i)
		at := fyne.NewPos(x, (s.Height-m.Height)/2)
		c.Resize(m)
		c.Move(at)
		r.names[i].Resize(m)
		r.names[i].Move(at)
		x += m.Width + size(SizeXS, r.hint)
	}
}

func (r *keyHintRenderer) Refresh() {
	for i, c := range r.caps {
		c.FillColor = ink(ColorMutedSoft, r.hint)
		c.StrokeColor, c.StrokeWidth = ink(ColorTrack, r.hint), 1
		c.CornerRadius = size(SizeRadius, r.hint) / 2
		c.Refresh()
		r.names[i].Refresh()
	}
	r.Layout(r.hint.Size())
	canvas.Refresh(r.hint)
}

func (r *keyHintRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *keyHintRenderer) Destroy()                     {}
