package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/keys"
)

// A control is what can be activated: with a click, or with Enter and Space once it
// has the focus. Widgets embed it and draw what it is in.
type control struct {
	widget.DisableableWidget

	// OnTapped is called when the control is activated.
	OnTapped func() `json:"-"`

	whole            fyne.CanvasObject // the widget that this is part of
	label            string            // for those who hear instead of see
	hovered, focused bool
}

// extend makes the control part of a widget.
func (c *control) extend(whole fyne.Widget) {
	c.whole = whole
	c.ExtendBaseWidget(whole)
}

// Tapped implements fyne.Tappable.
func (c *control) Tapped(*fyne.PointEvent) {
	if !c.Disabled() && c.OnTapped != nil {
		c.OnTapped()
	}
}

// TypedKey implements fyne.Focusable.
func (c *control) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		c.Tapped(nil)
	default:
		keys.Pass(c.whole, e)
	}
}

// TypedRune implements fyne.Focusable.
func (c *control) TypedRune(rune) {}

// FocusGained implements fyne.Focusable.
func (c *control) FocusGained() {
	c.focused = true
	c.Refresh()
}

// FocusLost implements fyne.Focusable.
func (c *control) FocusLost() {
	c.focused = false
	c.Refresh()
}

// MouseIn implements desktop.Hoverable.
func (c *control) MouseIn(*desktop.MouseEvent) {
	c.hovered = true
	c.Refresh()
}

// MouseMoved implements desktop.Hoverable.
func (c *control) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (c *control) MouseOut() {
	c.hovered = false
	c.Refresh()
}

// Cursor implements desktop.Cursorable.
func (c *control) Cursor() desktop.Cursor {
	if c.Disabled() || c.OnTapped == nil {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// AccessibilityLabel implements fyne.Accessible.
func (c *control) AccessibilityLabel() string { return c.label }

// AccessibilityRole implements fyne.Accessible.
func (c *control) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// A halo is the line around a control that has the focus, and the veil over one that
// the pointer is on.
type halo struct {
	veil, ring *canvas.Rectangle
}

func newHalo() halo {
	return halo{veil: canvas.NewRectangle(nil), ring: canvas.NewRectangle(nil)}
}

// refresh draws what the control c of widget w is in.
func (h halo) refresh(c *control, w fyne.Widget, radius float32) {
	h.veil.Hidden = !c.hovered || c.Disabled()
	h.veil.FillColor = ink(theme.ColorNameHover, w)
	h.veil.CornerRadius = radius
	h.ring.Hidden = !c.focused || c.Disabled()
	h.ring.StrokeColor = ink(theme.ColorNamePrimary, w)
	h.ring.StrokeWidth = 2
	h.ring.CornerRadius = radius + gap
	h.veil.Refresh()
	h.ring.Refresh()
}

// gap is between a control and the line of its focus.
const gap float32 = 2

func (h halo) layout(s fyne.Size) {
	h.veil.Resize(s)
	h.ring.Resize(s.AddWidthHeight(2*gap, 2*gap))
	h.ring.Move(fyne.NewPos(-gap, -gap))
}
