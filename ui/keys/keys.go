// Package keys has the toolkit's widgets that take the keyboard, with one thing
// added: what they don't use themselves they leave to the window. The toolkit gives
// a key to what has the focus and to nothing else, so that Esc would close nothing
// while a field has it, and Ctrl+2 would go nowhere from a search field.
package keys

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Pass gives a key that o has no use for to the window that o is in.
func Pass(o fyne.CanvasObject, e *fyne.KeyEvent) {
	c := fyne.CurrentApp().Driver().CanvasForObject(o)
	if c == nil {
		return
	}
	if do := c.OnTypedKey(); do != nil {
		do(e)
	}
}

// PassShortcut gives a shortcut that o has no use for to the window that o is in.
func PassShortcut(o fyne.CanvasObject, s fyne.Shortcut) {
	if c, ok := fyne.CurrentApp().Driver().CanvasForObject(o).(fyne.Shortcutable); ok {
		c.TypedShortcut(s)
	}
}

// Entry is a text field.
type Entry struct {
	widget.Entry

	// OnKey has the first look at keys; it reports whether it used one. May be nil.
	OnKey func(*fyne.KeyEvent) bool `json:"-"`

	proposed string // see Propose
}

// NewEntry returns a field of one line.
func NewEntry() *Entry {
	e := &Entry{Entry: widget.Entry{Wrapping: fyne.TextWrapOff}}
	e.ExtendBaseWidget(e)
	return e
}

// NewLines returns a field of several lines.
func NewLines() *Entry {
	e := &Entry{Entry: widget.Entry{MultiLine: true, Wrapping: fyne.TextWrapWord}}
	e.ExtendBaseWidget(e)
	return e
}

// Hint is what an empty field says.
func (e *Entry) Hint() string { return e.PlaceHolder }

// SetText fills the field; nothing of it is selected. The toolkit would keep the places
// of what was selected before, and the next key would erase what is there now.
func (e *Entry) SetText(text string) {
	if e.SelectedText() != "" {
		e.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyHome})
	}
	e.Entry.SetText(text)
}

// Propose fills the field with what is probably meant. As long as that is what is in it,
// it is selected when the field gets the keyboard: typing replaces it.
func (e *Entry) Propose(text string) {
	e.SetText(text)
	e.proposed = text
}

// FocusGained implements fyne.Focusable.
func (e *Entry) FocusGained() {
	e.Entry.FocusGained()
	if e.proposed != "" && e.Text == e.proposed {
		e.Entry.TypedShortcut(&fyne.ShortcutSelectAll{})
	}
}

// Select selects the characters of a line from one to before another, as if that were
// done with the keys.
func (e *Entry) Select(from, to int) {
	shift := &fyne.KeyEvent{Name: desktop.KeyShiftLeft}
	e.CursorColumn = from
	e.KeyDown(shift)
	for range to - from {
		e.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	}
	e.KeyUp(shift)
	e.Refresh()
}

// TypedKey implements fyne.Focusable.
func (e *Entry) TypedKey(k *fyne.KeyEvent) {
	switch {
	case e.OnKey != nil && e.OnKey(k):
	case k.Name == fyne.KeyEscape:
		Pass(e, k)
	default:
		e.Entry.TypedKey(k)
	}
}

// TypedShortcut implements fyne.Shortcutable.
func (e *Entry) TypedShortcut(s fyne.Shortcut) {
	e.Entry.TypedShortcut(s)
	if c, ok := s.(*desktop.CustomShortcut); ok && !edits(c) {
		PassShortcut(e, s)
	}
}

// edits reports whether a field has a use for a shortcut: it moves the cursor, or
// deletes a word.
func edits(c *desktop.CustomShortcut) bool {
	switch c.KeyName {
	case fyne.KeyLeft, fyne.KeyRight, fyne.KeyUp, fyne.KeyDown, fyne.KeyHome, fyne.KeyEnd, fyne.KeyBackspace, fyne.KeyDelete:
		return true
	}
	return false
}

// List is a list of rows of one height.
type List struct {
	widget.List

	// OnKey has the first look at keys; it reports whether it used one. May be nil.
	OnKey func(*fyne.KeyEvent) bool `json:"-"`
}

// NewList returns a list: see widget.NewList.
func NewList(length func() int, create func() fyne.CanvasObject, update func(widget.ListItemID, fyne.CanvasObject)) *List {
	l := &List{List: widget.List{Length: length, CreateItem: create, UpdateItem: update}}
	l.ExtendBaseWidget(l)
	return l
}

// TypedKey implements fyne.Focusable.
func (l *List) TypedKey(k *fyne.KeyEvent) {
	switch {
	case l.OnKey != nil && l.OnKey(k):
	case k.Name == fyne.KeyEscape:
		Pass(l, k)
	default:
		l.List.TypedKey(k)
	}
}

// Select is a choice of one of several texts.
type Select struct{ widget.Select }

// NewSelect returns a choice: see widget.NewSelect.
func NewSelect(options []string, changed func(string)) *Select {
	s := &Select{widget.Select{Options: options, OnChanged: changed}}
	s.ExtendBaseWidget(s)
	return s
}

// TypedKey implements fyne.Focusable.
func (s *Select) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		Pass(s, k)
		return
	}
	s.Select.TypedKey(k)
}

// Check is something that is on or off.
type Check struct{ widget.Check }

// NewCheck returns a check: see widget.NewCheck.
func NewCheck(text string, changed func(bool)) *Check {
	c := &Check{widget.Check{Text: text, OnChanged: changed}}
	c.ExtendBaseWidget(c)
	return c
}

// TypedKey implements fyne.Focusable.
func (c *Check) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		Pass(c, k)
		return
	}
	c.Check.TypedKey(k)
}

// Button is a plain button of the toolkit.
type Button struct{ widget.Button }

// NewButton returns a button: see widget.NewButtonWithIcon; icon may be nil.
func NewButton(text string, icon fyne.Resource, do func()) *Button {
	b := &Button{widget.Button{Text: text, Icon: icon, OnTapped: do}}
	b.ExtendBaseWidget(b)
	return b
}

// TypedKey implements fyne.Focusable.
func (b *Button) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyEscape:
		Pass(b, k)
	case fyne.KeyReturn, fyne.KeyEnter:
		if !b.Disabled() {
			b.Tapped(nil)
		}
	default:
		b.Button.TypedKey(k)
	}
}
