package frame

import (
	"image/color"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/look"
	"meadow/ui/words"
)

const toastFor = 8 * time.Second

// toasts is the message at the bottom that goes by itself; the newest only.
type toasts struct {
	frame   *Frame
	content *look.Toast
	end     func() // of the time it is shown
}

func newToasts(f *Frame) *toasts {
	t := &toasts{frame: f, content: look.NewToast(look.ToastData{}), end: func() {}}
	t.content.Hide()
	return t
}

func (t *toasts) show(text string, action look.Action, failed bool) {
	t.end()
	data := look.ToastData{Tone: look.ToneGood, Text: text, Close: look.Action{Text: words.L("Close"), Do: t.hide}}
	if failed {
		data.Tone = look.ToneDanger
	}
	if do := action.Do; do != nil {
		action.Do = func() {
			t.hide()
			do()
		}
		data.Action = action
	}
	t.content.Set(data)
	t.content.Show()
	t.frame.relayout()
	if !failed { // what failed stays until it has been read
		t.end = t.frame.Worker.Every(toastFor, t.hide)
	}
}

func (t *toasts) hide() {
	t.end()
	t.content.Hide()
	t.frame.relayout()
}

// layout puts the message in the middle above the line at the bottom, and returns
// what it takes of the screen's height: it must not lie over a screen's buttons.
func (t *toasts) layout(s fyne.Size, low float32) (height float32) {
	if t.content.Hidden {
		return 0
	}
	gap := theme.Size(look.SizeL)
	w := min(s.Width-t.frame.rail.content.Size().Width-2*gap, theme.Size(look.SizeReading))
	t.content.Resize(fyne.NewSize(w, 0)) // its height depends on its width
	h := t.content.MinSize().Height
	t.content.Resize(fyne.NewSize(w, h))
	left := t.frame.rail.content.Size().Width
	t.content.Move(fyne.NewPos(left+max(gap, (s.Width-left-w)/2), s.Height-low-h-gap))
	return h + gap
}

// sheet is something in the middle over the screen.
type sheet struct {
	popup *widget.PopUp
	over  fyne.CanvasObject // what the toolkit has made of it
	close func()
	first *look.Button // what Enter presses; may be nil
}

// show puts the sheet on top, with the keyboard.
func (s *sheet) show() {
	s.popup.Show()
	s.over = s.popup.Canvas.Overlays().Top()
	if s.first != nil {
		s.popup.Canvas.Focus(s.first)
	}
}

// hide takes the sheet away, and only it: the toolkit would take all above it too.
func (s *sheet) hide(above []*sheet) {
	for _, other := range slices.Backward(above) {
		other.popup.Hide()
	}
	s.popup.Hide()
	for _, other := range above {
		other.show()
	}
}

// Button is one of a sheet's. Do reports whether the sheet closes; nil closes.
type Button struct {
	Text       string
	Importance widget.Importance
	Do         func() bool
}

// Sheet shows content in the middle over the screen, with buttons below; Enter
// means the last one, or the one before if that is dangerous. The returned function
// closes it; closed is called when it is closed in any way, and may be nil. Esc and Close mean the same.
func (f *Frame) Sheet(title string, content fyne.CanvasObject, closed func(), buttons ...Button) (shut func()) {
	if f.closed {
		f.late(title)
		if closed != nil {
			closed()
		}
		return func() {}
	}
	s := new(sheet)
	shut = func() {
		for i, other := range f.sheets {
			if other == s {
				above := f.sheets[i+1:]
				f.sheets = append(f.sheets[:i:i], above...)
				s.hide(above)
				if closed != nil {
					closed()
				}
				return
			}
		}
	}
	heading := look.NewHeading(title) // its edges are those of the content
	row := container.New(layout.NewCustomPaddedHBoxLayout(theme.Size(look.SizeS)), layout.NewSpacer())
	for _, b := range buttons {
		button := b.make(shut)
		if s.first == nil || b.Importance != widget.DangerImportance { // the last, unless it loses something
			s.first = button
		}
		row.Add(button)
	}
	s.close = shut
	wide := canvas.NewRectangle(color.Transparent)
	wide.SetMinSize(fyne.NewSize(f.sheetWide(), 0))
	s.popup = widget.NewModalPopUp(container.NewStack(wide, inset(
		container.NewBorder(inset(heading, "", look.SizeS), inset(row, "", look.SizeS), nil, nil, content), look.SizeL, look.SizeM)), f.Window.Canvas())
	f.sheets = append(f.sheets, s)
	s.show()
	return shut
}

// make is the button, as one of a sheet's.
func (b Button) make(shut func()) *look.Button {
	do := func() {
		if b.Do == nil || b.Do() {
			shut()
		}
	}
	switch b.Importance {
	case widget.HighImportance:
		return look.NewPrimaryButton(b.Text, "", do)
	case widget.DangerImportance:
		return look.NewDangerButton(b.Text, "", do)
	}
	return look.NewButton(b.Text, "", do)
}

// Confirm asks before something is done. Verb is the button; danger colours it.
func (f *Frame) Confirm(title, body, verb string, danger bool, do func()) {
	text := look.NewParagraph(body, "")
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
	over := f.Window.Canvas().Overlays()
	switch top, n := over.Top(), len(f.sheets); {
	case top != nil && (n == 0 || top != f.sheets[n-1].over): // a dialog of the toolkit
		over.Remove(top)
		return
	case n > 0:
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
			if !f.Covered() {
				do()
			}
		})
	}
	for key, screen := range map[fyne.KeyName]string{
		fyne.Key1: Home, fyne.Key2: Devices, fyne.Key3: People, fyne.Key4: Access,
		fyne.Key5: Transfers, fyne.Key6: Activity, fyne.Key7: Settings, fyne.KeyD: Add,
	} {
		add(key, func() { f.Go(Place{Screen: screen}) })
	}
	add(fyne.KeyN, func() { f.Go(Place{Screen: Space, Item: "new"}) })
	add(fyne.KeyW, func() { f.Shut() })
	add(fyne.KeyQ, func() { f.Quit() })
	add(fyne.KeyF, func() {
		if s, ok := f.screen.(Finder); ok {
			s.Find()
		}
	})
	c.SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape && !f.closed {
			f.Escape()
		}
	})
}
