package look

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/keys"
)

// CodeDigits is how many digits a code has.
const CodeDigits = 6

// A CodeField takes the six digits that are compared. They are typed in one go, a digit
// a box; a code that is pasted may have spaces and dashes in it.
type CodeField struct {
	widget.DisableableWidget

	// OnChanged is called with what is there so far.
	OnChanged func(digits string) `json:"-"`
	// OnComplete is called once with all six, and again after each change of six.
	OnComplete func(digits string) `json:"-"`

	label   string
	digits  string
	wrong   bool
	focused bool
}

var (
	_ fyne.Widget        = (*CodeField)(nil)
	_ fyne.Focusable     = (*CodeField)(nil)
	_ fyne.Tappable      = (*CodeField)(nil)
	_ fyne.Shortcutable  = (*CodeField)(nil)
	_ desktop.Cursorable = (*CodeField)(nil)
	_ fyne.Accessible    = (*CodeField)(nil)
)

// NewCodeField returns an empty field; the label is what it is for.
func NewCodeField(label string) *CodeField {
	c := &CodeField{label: label}
	c.ExtendBaseWidget(c)
	return c
}

// Digits is what was typed so far.
func (c *CodeField) Digits() string { return c.digits }

// Clear forgets what was typed.
func (c *CodeField) Clear() { c.set("") }

// SetWrong marks the code as the wrong one until it is changed; the words about it are
// the screen's.
func (c *CodeField) SetWrong() {
	c.wrong = true
	c.Refresh()
}

// set changes the digits and tells those who want to know.
func (c *CodeField) set(digits string) {
	if digits == c.digits {
		return
	}
	c.digits, c.wrong = digits, false
	c.Refresh()
	if c.OnChanged != nil {
		c.OnChanged(digits)
	}
	if len(digits) == CodeDigits && c.OnComplete != nil {
		c.OnComplete(digits)
	}
}

// digit returns the ASCII digit that a rune is in any script, or nothing.
func digit(r rune) string {
	if !unicode.IsDigit(r) {
		return ""
	}
	// Digits of a script are ten in a row from its zero.
	zero := r
	for unicode.IsDigit(zero-1) && r-zero < 9 {
		zero--
	}
	return string('0' + r - zero)
}

// Paste takes a code out of a text, in place of what was there.
func (c *CodeField) Paste(text string) {
	if c.Disabled() {
		return
	}
	var digits strings.Builder
	for _, r := range text {
		if digits.Len() < CodeDigits {
			digits.WriteString(digit(r))
		}
	}
	if digits.Len() > 0 {
		c.set(digits.String())
	}
}

// TypedRune implements fyne.Focusable.
func (c *CodeField) TypedRune(r rune) {
	if d := digit(r); d != "" && !c.Disabled() && len(c.digits) < CodeDigits {
		c.set(c.digits + d)
	}
}

// TypedKey implements fyne.Focusable.
func (c *CodeField) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyBackspace:
		if n := len(c.digits); n > 0 && !c.Disabled() {
			c.set(c.digits[:n-1])
		}
	case fyne.KeyDelete:
		if !c.Disabled() {
			c.set("")
		}
	default:
		keys.Pass(c, e)
	}
}

// TypedShortcut implements fyne.Shortcutable.
func (c *CodeField) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *fyne.ShortcutPaste:
		c.Paste(s.Clipboard.Content())
	case *fyne.ShortcutCopy:
		s.Clipboard.SetContent(c.digits)
	default:
		keys.PassShortcut(c, s)
	}
}

// FocusGained implements fyne.Focusable.
func (c *CodeField) FocusGained() {
	c.focused = true
	c.Refresh()
}

// FocusLost implements fyne.Focusable.
func (c *CodeField) FocusLost() {
	c.focused = false
	c.Refresh()
}

// Tapped implements fyne.Tappable.
func (c *CodeField) Tapped(*fyne.PointEvent) {
	if canvas := fyne.CurrentApp().Driver().CanvasForObject(c); canvas != nil && !c.Disabled() {
		canvas.Focus(c)
	}
}

// Cursor implements desktop.Cursorable.
func (c *CodeField) Cursor() desktop.Cursor { return desktop.TextCursor }

// AccessibilityLabel implements fyne.Accessible.
func (c *CodeField) AccessibilityLabel() string { return strings.TrimSpace(c.label + " " + c.digits) }

// AccessibilityRole implements fyne.Accessible.
func (c *CodeField) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (c *CodeField) CreateRenderer() fyne.WidgetRenderer {
	r := &codeRenderer{field: c}
	for i := range r.boxes {
		r.boxes[i] = canvas.NewRectangle(nil)
		r.digits[i] = NewText("", SizeCodeText, "")
		r.digits[i].Align, r.digits[i].Style.Bold = fyne.TextAlignCenter, true
		r.objects = append(r.objects, r.boxes[i], r.digits[i])
	}
	r.Refresh()
	return r
}

type codeRenderer struct {
	field   *CodeField
	boxes   [CodeDigits]*canvas.Rectangle
	digits  [CodeDigits]*Text
	objects []fyne.CanvasObject
}

func (r *codeRenderer) box() fyne.Size {
	text := size(SizeCodeText, r.field)
	return fyne.NewSize(text*1.45, text*1.8)
}

// x is where a box begins; there is more space in the middle, three digits are read at
// a time.
func (r *codeRenderer) x(i int) float32 {
	x := float32(i) * (r.box().Width + size(SizeS, r.field))
	if i >= CodeDigits/2 {
		x += size(SizeM, r.field)
	}
	return x
}

func (r *codeRenderer) MinSize() fyne.Size {
	return fyne.NewSize(r.x(CodeDigits-1)+r.box().Width, r.box().Height)
}

func (r *codeRenderer) Layout(s fyne.Size) {
	left := max(0, (s.Width-r.MinSize().Width)/2)
	for i, box := range r.boxes {
		at := fyne.NewPos(left+r.x(i), (s.Height-r.box().Height)/2)
		box.Resize(r.box())
		box.Move(at)
		r.digits[i].Resize(r.box())
		r.digits[i].Move(at)
	}
}

func (r *codeRenderer) Refresh() {
	c := r.field
	for i, box := range r.boxes {
		edge, width := theme.ColorNameInputBorder, float32(1)
		switch {
		case c.wrong:
			edge, width = ColorDanger, 2
		case c.focused && i == min(len(c.digits), CodeDigits-1):
			edge, width = theme.ColorNamePrimary, 2
		}
		box.FillColor = ink(theme.ColorNameInputBackground, c)
		box.StrokeColor, box.StrokeWidth = ink(edge, c), width
		box.CornerRadius = size(SizeRadius, c)
		box.Refresh()
		r.digits[i].Text, r.digits[i].ColorName = "", ""
		if c.Disabled() {
			r.digits[i].ColorName = theme.ColorNameDisabled
		}
		if i < len(c.digits) {
			r.digits[i].Text = c.digits[i : i+1]
		}
		r.digits[i].Refresh()
	}
	r.Layout(c.Size())
	canvas.Refresh(c)
}

func (r *codeRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *codeRenderer) Destroy()                     {}
