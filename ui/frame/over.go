package frame

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/words"
)

const (
	toastFor  = 8 * time.Second
	sheetWide = 480
)

// toasts is the message at the bottom that goes by itself; the newest only.
type toasts struct {
	frame   *Frame
	icon    *widget.Icon
	label   *widget.Label
	action  *widget.Button
	card    *fyne.Container
	content *fyne.Container
	end     func() // of the time it is shown
	do      func()
}

func newToasts(f *Frame) *toasts {
	t := &toasts{frame: f, icon: widget.NewIcon(nil), label: widget.NewLabel(""), end: func() {}}
	t.label.Wrapping = fyne.TextWrapWord
	t.action = widget.NewButton("", t.acted)
	shut := widget.NewButtonWithIcon("", theme.CancelIcon(), t.hide)
	shut.Importance = widget.LowImportance
	t.card = container.NewStack(newPlate(), container.NewBorder(nil, nil, t.icon, container.NewHBox(t.action, shut), t.label))
	t.content = container.New(&lowLayout{}, t.card)
	t.content.Hide()
	return t
}

func (t *toasts) show(text, action string, do func(), failed bool) {
	t.end()
	t.do = do
	t.label.SetText(text)
	t.action.SetText(action)
	t.action.Hidden = do == nil
	t.icon.SetResource(theme.ConfirmIcon())
	if failed {
		t.icon.SetResource(theme.ErrorIcon())
	}
	t.content.Show()
	t.content.Refresh()
	if !failed { // what failed stays until it has been read
		t.end = t.frame.Worker.Every(toastFor, t.hide)
	}
}

func (t *toasts) hide() {
	t.end()
	t.content.Hide()
}

func (t *toasts) acted() {
	t.hide()
	if t.do != nil {
		t.do()
	}
}

// lowLayout puts what it has at the bottom, in the middle, above the status line.
type lowLayout struct{}

func (*lowLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		w := min(size.Width-4*theme.Padding(), 560)
		o.Resize(fyne.NewSize(w, o.MinSize().Height))
		h := o.MinSize().Height
		o.Resize(fyne.NewSize(w, h))
		o.Move(fyne.NewPos((size.Width-w)/2, size.Height-h-56))
	}
}

func (*lowLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, 0) }

// sheet is something in the middle over the screen.
type sheet struct {
	popup *widget.PopUp
	close func()
}

// Button is one of a sheet's. Do reports whether the sheet closes; nil closes.
type Button struct {
	Text       string
	Importance widget.Importance
	Do         func() bool
}

// Sheet shows content in the middle over the screen, with buttons below, the last
// one being what Enter means. The returned function closes it; closed is called
// when it is closed in any way, and may be nil. Esc and Close mean the same.
func (f *Frame) Sheet(title string, content fyne.CanvasObject, closed func(), buttons ...Button) (shut func()) {
	s := new(sheet)
	shut = func() {
		for i, other := range f.sheets {
			if other == s {
				f.sheets = append(f.sheets[:i:i], f.sheets[i+1:]...)
				s.popup.Hide()
				if closed != nil {
					closed()
				}
				return
			}
		}
	}
	heading := widget.NewLabelWithStyle(title, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	heading.SizeName = theme.SizeNameSubHeadingText
	heading.Wrapping = fyne.TextWrapWord
	row := container.NewHBox(layout.NewSpacer())
	for _, b := range buttons {
		button := widget.NewButton(b.Text, func() {
			if b.Do == nil || b.Do() {
				shut()
			}
		})
		button.Importance = b.Importance
		row.Add(button)
	}
	wide := newPlate()
	wide.FillColor = color.Transparent
	wide.StrokeWidth = 0
	wide.SetMinSize(fyne.NewSize(sheetWide, 0))
	s.close = shut
	s.popup = widget.NewModalPopUp(container.NewStack(wide, container.NewPadded(container.NewPadded(
		container.NewBorder(heading, row, nil, nil, content)))), f.Window.Canvas())
	f.sheets = append(f.sheets, s)
	s.popup.Show()
	return shut
}

// Confirm asks before something is done. Verb is the button; danger colours it.
func (f *Frame) Confirm(title, body, verb string, danger bool, do func()) {
	text := widget.NewLabel(body)
	text.Wrapping = fyne.TextWrapWord
	importance := widget.HighImportance
	if danger {
		importance = widget.DangerImportance
	}
	f.Sheet(title, text, nil, Button{Text: words.L("Cancel")}, Button{Text: verb, Importance: importance, Do: func() bool {
		do()
		return true
	}})
}

// Escape closes what is over the screen, or goes a step back.
func (f *Frame) Escape() {
	if n := len(f.sheets); n > 0 {
		f.sheets[n-1].close()
		return
	}
	if b, ok := f.screen.(Backer); ok && b.Back() {
		return
	}
	f.toasts.hide()
}

// shortcuts are what keys do everywhere; the settings screen lists them.
func (f *Frame) shortcuts() {
	c := f.Window.Canvas()
	add := func(key fyne.KeyName, do func()) {
		c.AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}, func(fyne.Shortcut) {
			if len(f.sheets) == 0 {
				do()
			}
		})
	}
	for key, screen := range map[fyne.KeyName]string{
		fyne.Key1: Home, fyne.Key2: Devices, fyne.Key3: Transfers, fyne.Key4: Activity, fyne.Key5: Settings, fyne.KeyD: Add,
	} {
		add(key, func() { f.Go(Place{Screen: screen}) })
	}
	add(fyne.KeyN, func() { f.Go(Place{Screen: Space, Item: "new"}) })
	add(fyne.KeyW, func() { f.Window.Close() })
	add(fyne.KeyF, func() {
		if s, ok := f.screen.(Finder); ok {
			s.Find()
		}
	})
	c.SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape {
			f.Escape()
		}
	})
}
