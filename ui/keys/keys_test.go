package keys_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/keys"
)

// TestPass types what widgets have no use for: it reaches the window.
func TestPass(t *testing.T) {
	test.NewTempApp(t)
	entry, pressed := keys.NewEntry(), 0
	all := []fyne.Focusable{
		entry, keys.NewLines(), keys.NewSelect([]string{"a"}, nil), keys.NewCheck("c", nil), keys.NewButton("b", nil, func() { pressed++ }),
		keys.NewList(func() int { return 2 }, func() fyne.CanvasObject { return widget.NewLabel("row") }, func(int, fyne.CanvasObject) {}),
	}
	box := container.NewVBox()
	for _, o := range all {
		box.Add(o.(fyne.CanvasObject))
	}
	w := test.NewTempWindow(t, box)
	escapes, shortcuts := 0, 0
	w.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape {
			escapes++
		}
	})
	two := &desktop.CustomShortcut{KeyName: fyne.Key2, Modifier: fyne.KeyModifierControl}
	w.Canvas().AddShortcut(two, func(fyne.Shortcut) { shortcuts++ })
	for i, o := range all {
		w.Canvas().Focus(o)
		w.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
		if escapes != i+1 {
			t.Errorf("%T keeps Esc", o)
		}
	}
	entry.TypedShortcut(two)
	// The toolkit's canvas for tests takes no shortcuts; that of windows does.
	if _, ok := w.Canvas().(fyne.Shortcutable); ok && shortcuts != 1 {
		t.Error("a field keeps Ctrl+2")
	}
	all[4].TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if pressed != 1 {
		t.Error("Enter doesn't press a button")
	}
}

// TestListUses has a list's own key come first, then the list's.
func TestListUses(t *testing.T) {
	test.NewTempApp(t)
	l := keys.NewList(func() int { return 9 }, func() fyne.CanvasObject { return widget.NewLabel("row") }, func(int, fyne.CanvasObject) {})
	test.NewTempWindow(t, l).Resize(fyne.NewSize(200, 300))
	var got, selected []int
	l.OnKey = func(e *fyne.KeyEvent) bool {
		got = append(got, len(e.Name))
		return e.Name == fyne.KeyDelete
	}
	l.OnSelected = func(i int) { selected = append(selected, i) }
	l.FocusGained()
	for _, k := range []fyne.KeyName{fyne.KeyDelete, fyne.KeyDown, fyne.KeySpace} {
		l.TypedKey(&fyne.KeyEvent{Name: k})
	}
	if len(got) != 3 || len(selected) != 1 {
		t.Errorf("it saw %d keys and selected %v", len(got), selected)
	}
}

// TestPropose: typing replaces what was proposed, and what was typed stays.
func TestPropose(t *testing.T) {
	test.NewTempApp(t)
	e, other := keys.NewEntry(), keys.NewEntry()
	w := test.NewTempWindow(t, container.NewVBox(e, other))
	e.Propose("vm")
	w.Canvas().Focus(e)
	test.Type(e, "Läptop")
	if e.Text != "Läptop" {
		t.Errorf("it is %q", e.Text)
	}
	w.Canvas().Focus(other)
	w.Canvas().Focus(e)
	if s := e.SelectedText(); s != "" {
		t.Errorf("%q is selected", s)
	}
}

// TestSelect selects a part of a line.
func TestSelect(t *testing.T) {
	test.NewTempApp(t)
	e := keys.NewEntry()
	w := test.NewTempWindow(t, e)
	e.SetText("dör/plan.txt")
	w.Canvas().Focus(e)
	e.Select(4, 8)
	if s := e.SelectedText(); s != "plan" {
		t.Errorf("%q is selected", s)
	}
	e.TypedRune('x')
	if e.Text != "dör/x.txt" {
		t.Errorf("it is %q", e.Text)
	}
}
