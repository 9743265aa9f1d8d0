package scene

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/keys"
)

// Find returns what can be seen on a canvas and is called so by those who hear instead
// of see: a button by its verb, a field by its hint. Nil if there is none.
func Find(c fyne.Canvas, called string) fyne.CanvasObject {
	all := append([]fyne.CanvasObject{c.Content()}, c.Overlays().List()...)
	for i := len(all) - 1; i >= 0; i-- { // what is on top comes first
		if found := find(all[i], called); found != nil {
			return found
		}
	}
	return nil
}

func find(o fyne.CanvasObject, called string) (found fyne.CanvasObject) {
	Walk(o, func(o fyne.CanvasObject) bool {
		if takes(o) && isCalled(label(o), called) {
			found = o
		}
		return found == nil
	})
	return found
}

// Walk visits what can be seen of an object, until visit says that it is enough.
func Walk(o fyne.CanvasObject, visit func(fyne.CanvasObject) (on bool)) (on bool) {
	if o == nil || !o.Visible() {
		return true
	}
	if !visit(o) {
		return false
	}
	var children []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		children = o.Objects
	case fyne.Widget:
		children = test.WidgetRenderer(o).Objects()
	}
	for _, child := range children {
		if !Walk(child, visit) {
			return false
		}
	}
	return true
}

// takes reports whether something can be clicked or typed into.
func takes(o fyne.CanvasObject) bool {
	_, tapped := o.(fyne.Tappable)
	_, typed := o.(fyne.Focusable)
	return tapped || typed
}

// isCalled reports whether a label is so, or begins so and goes on with what is said
// about it.
func isCalled(label, called string) bool {
	rest, ok := strings.CutPrefix(label, called)
	return ok && (rest == "" || strings.HasPrefix(rest, ",") || strings.HasPrefix(rest, ". "))
}

func label(o fyne.CanvasObject) string {
	switch o := o.(type) {
	case interface{ Hint() string }:
		return o.Hint()
	case *widget.Button:
		return o.Text
	case *keys.Check:
		return o.Text
	case fyne.Accessible:
		return o.AccessibilityLabel()
	}
	return ""
}

// Press clicks what is called so; it panics if there is nothing to click.
func Press(c fyne.Canvas, called string) {
	o, ok := Find(c, called).(fyne.Tappable)
	if !ok {
		panic(fmt.Sprintf("nothing to press is called %q", called))
	}
	if d, ok := o.(fyne.Disableable); ok && d.Disabled() {
		panic(fmt.Sprintf("%q can't be pressed now", called))
	}
	test.Tap(o)
}

// Type types into what is called so, in place of what was there.
func Type(c fyne.Canvas, called, text string) {
	o, ok := Find(c, called).(fyne.Focusable)
	if !ok {
		panic(fmt.Sprintf("nothing to type into is called %q", called))
	}
	c.Focus(o)
	if e, ok := o.(interface{ SetText(string) }); ok {
		e.SetText("")
	}
	test.Type(o, text)
}

// PressItem chooses from the menu that is open; it panics if that hasn't it.
func PressItem(c fyne.Canvas, text string) {
	top := c.Overlays().Top()
	if top == nil {
		panic("no menu is open")
	}
	if !tapText(top, text) {
		panic(fmt.Sprintf("the menu has no %q:\n%s", text, Read(top)))
	}
}

// tapText taps the innermost thing that can be tapped and reads so.
func tapText(o fyne.CanvasObject, text string) bool {
	var children []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		children = o.Objects
	case fyne.Widget:
		children = test.WidgetRenderer(o).Objects()
	}
	for _, c := range children {
		if tapText(c, text) {
			return true
		}
	}
	tap, ok := o.(fyne.Tappable)
	if ok && strings.TrimSpace(Read(o)) == text {
		test.Tap(tap)
		return true
	}
	return false
}
