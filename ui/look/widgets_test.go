package look_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/look"
)

const long = "A name that goes on and on, for somebody had a lot to say in it and nobody said stop (3).docx"

var held = look.BannerData{
	Tone: look.ToneAttention, Icon: look.IconHold, Title: "Laptop wants to remove 1,204 of 1,310 files in Photos.",
	Text:    "Nothing was removed here. Keep puts them back on Laptop, Remove removes them on this device too, and Show list shows which.",
	Actions: []look.Action{{Text: "Keep", Kind: look.KindPrimary}, {Text: "Remove", Kind: look.KindDanger}, {Text: "Show list"}},
	Close:   &look.Action{Text: "Close"},
}

var device = look.RowData{
	Icon: look.IconDesktop, Tone: look.ToneGood, Chip: true, Title: "Desktop", Subtitle: "In step, 3 ms", Trailing: "now",
	Marks: []look.Mark{{Tone: look.ToneGood, Icon: look.IconLAN, Text: "This network"}, {Tone: look.ToneInfo, Text: "New"}},
}

// widgets are one of each, by the name of its golden file.
func widgets() map[string]fyne.CanvasObject {
	meter, ring, steps, code := look.NewMeter(""), look.NewRing(canvas.NewRectangle(theme.Color(look.ColorCode))), look.NewSteps("Name", "Words", "Check"), look.NewCodeField("Digits")
	meter.Set(0.62, "2.6 of 4.2 GB", look.ToneGood)
	ring.Set(0.72, "New code in 43 seconds")
	steps.Set(1)
	code.Paste("48 29")
	disabled := look.NewPrimaryButton("Disabled", "", nil)
	disabled.Disable()
	section := look.NewSectionTitle("", look.NewCaption("end"))
	section.Set("Devices", "3")
	card := look.NewCard("A card", look.NewParagraph("What is in it.", ""))
	card.Trail = look.NewBadge(look.ToneGood, "", "In step")
	selected := look.NewLinkRow(device, nil)
	selected.SetSelected(true)
	faces := look.NewFaceRow()
	faces.Set(look.FaceData{Name: "Bob", State: "Not connected"}, look.RowData{Title: "Bob", Subtitle: "Last seen 2 days ago"})
	return map[string]fyne.CanvasObject{
		"badge": look.NewBadge(look.ToneAttention, look.IconConflict, "2 conflicts"), "banner": look.NewBanner(held),
		"button": look.NewButton("Open", look.IconOpen, nil), "button-danger": look.NewDangerButton("Remove", look.IconTrash, nil),
		"button-primary": look.NewPrimaryButton("Pair a device", look.IconAddDevice, nil), "button-quiet": look.NewQuietButton("Not now", "", nil),
		"button-disabled": disabled, "card": card, "codefield": code,
		"deviceicon": look.NewDeviceIcon(look.IconPhone, false, "Phone"),
		"empty":      look.NewEmpty(look.DrawingDevices, "No other device yet.", look.Action{Text: "Add a device", Icon: look.IconAdd}),
		"face":       look.NewFace(look.FaceData{Name: "Ana Moreau", Online: true, State: "Connected"}), "facerow": faces,
		"iconbutton": look.NewIconButton(look.IconRename, "Rename", nil), "keyhint": look.NewKeyHint("Ctrl", "F"),
		"linkrow": selected, "meter": meter, "ring": ring, "row": look.NewRow(device),
		"row-low": look.NewLowRow(look.RowData{Icon: look.IconDocument, Title: long, Trailing: "1.2 MB", File: true, Faint: true}),
		"section": section, "stateicon": look.NewStateIcon(look.ToneDanger, "", "Full"), "steps": steps,
		"text":  look.NewShort(long, "", look.ColorMuted),
		"toast": look.NewToast(look.ToastData{Tone: look.ToneGood, Text: "Removed.", Action: look.Action{Text: "Undo"}, Close: look.Action{Text: "Close"}}),
	}
}

// everything is all of them on one page.
func everything() fyne.CanvasObject {
	box := container.NewVBox()
	all := widgets()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		box.Add(all[name])
	}
	return box
}

// TestWidgets has what each of them is made of.
func TestWidgets(t *testing.T) {
	for _, scale := range []string{"", "-large"} {
		for name := range widgetNames(t) {
			t.Run(name+scale, func(t *testing.T) {
				factor := float32(1)
				if scale != "" {
					factor = 1.5
				}
				dress(t, look.ModeLight, factor)
				o := widgets()[name]
				show(t, container.NewWithoutLayout(o), fyne.NewSize(700, 400))
				o.Resize(fyne.NewSize(max(420, o.MinSize().Width), o.MinSize().Height))
				o.Resize(fyne.NewSize(o.Size().Width, o.MinSize().Height))
				golden(t, name+scale, o)
			})
		}
	}
}

func widgetNames(t *testing.T) map[string]fyne.CanvasObject {
	t.Helper()
	dress(t, look.ModeLight, 1)
	return widgets()
}

// TestAccessible checks that all of them say what they are.
func TestAccessible(t *testing.T) {
	for name, o := range widgetNames(t) {
		a, ok := o.(fyne.Accessible)
		if !ok || a.AccessibilityLabel() == "" || a.AccessibilityRole() == "" {
			t.Errorf("%s says nothing", name)
		}
	}
}

// TestPictures has the pixels of icons, drawings and all widgets.
func TestPictures(t *testing.T) {
	for _, mode := range []look.Mode{look.ModeLight, look.ModeDark} {
		t.Run(string(mode), func(t *testing.T) {
			dress(t, mode, 1)
			icons := container.NewGridWrap(fyne.NewSquareSize(32))
			for _, name := range look.Icons() {
				icon := canvas.NewImageFromResource(look.Icon(name))
				icon.FillMode = canvas.ImageFillContain
				icons.Add(container.NewPadded(icon))
			}
			goldenPicture(t, "icons-"+string(mode), show(t, icons, fyne.NewSize(440, 300)))
			drawings := container.NewGridWithColumns(2)
			for _, d := range []look.Drawing{
				look.DrawingWelcome, look.DrawingDevices, look.DrawingPeople, look.DrawingSpaces, look.DrawingFiles,
				look.DrawingTransfers, look.DrawingActivity, look.DrawingNotFound, look.DrawingAllWell,
			} {
				drawings.Add(look.NewEmpty(d, "Nothing here yet.", look.Action{}))
			}
			goldenPicture(t, "drawings-"+string(mode), show(t, drawings, fyne.NewSize(560, 760)))
			goldenPicture(t, "widgets-"+string(mode), show(t, everything(), fyne.NewSize(560, 1300)))
		})
	}
}

// TestPress presses what can be pressed with the pointer and with keys, and not while
// it is disabled.
func TestPress(t *testing.T) {
	dress(t, look.ModeLight, 1)
	pressed := 0
	press := func() { pressed++ }
	row := look.NewLinkRow(device, press)
	button, icon := look.NewButton("Open", "", press), look.NewIconButton(look.IconOpen, "Open", press)
	w := show(t, container.NewVBox(button, icon, row), fyne.NewSize(400, 300))
	for i, o := range []fyne.Focusable{button, icon, row} {
		pressed = 0
		test.Tap(o.(fyne.Tappable))
		w.Canvas().Focus(o)
		for _, key := range []fyne.KeyName{fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace, fyne.KeyA} {
			o.TypedKey(&fyne.KeyEvent{Name: key})
		}
		if pressed != 4 {
			t.Errorf("%d: pressed %d times", i, pressed)
		}
		o.(fyne.Disableable).Disable()
		test.Tap(o.(fyne.Tappable))
		o.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		if pressed != 4 {
			t.Errorf("%d: pressed while disabled", i)
		}
		if c := o.(desktop.Cursorable).Cursor(); c != desktop.DefaultCursor {
			t.Errorf("%d: the pointer says it can be pressed", i)
		}
	}
}

// TestPassOn checks that keys that a button has no use for reach the window.
func TestPassOn(t *testing.T) {
	dress(t, look.ModeLight, 1)
	code := look.NewCodeField("Digits")
	button := look.NewButton("Open", "", nil)
	w := show(t, container.NewVBox(button, code), fyne.NewSize(400, 300))
	escaped := 0
	w.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape {
			escaped++
		}
	})
	for _, o := range []fyne.Focusable{button, code} {
		w.Canvas().Focus(o)
		o.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	}
	if escaped != 2 {
		t.Errorf("Esc reached the window %d times", escaped)
	}
}

// TestCodeField types and pastes codes.
func TestCodeField(t *testing.T) {
	dress(t, look.ModeLight, 1)
	code := look.NewCodeField("Digits")
	w := show(t, code, fyne.NewSize(400, 100))
	var complete []string
	changes := 0
	code.OnChanged = func(string) { changes++ }
	code.OnComplete = func(s string) { complete = append(complete, s) }
	test.Tap(code)
	if w.Canvas().Focused() != fyne.Focusable(code) {
		t.Fatal("a click doesn't give it the focus")
	}
	test.Type(code, "12a3 456789")
	if code.Digits() != "123456" || changes != 6 {
		t.Errorf("%q after %d changes", code.Digits(), changes)
	}
	code.TypedKey(&fyne.KeyEvent{Name: fyne.KeyBackspace})
	clipboard := fyne.CurrentApp().Clipboard()
	for _, c := range [][2]string{
		{"  987 654 ", "987654"}, {"98-76-54-32", "987654"}, {"٤٨٢٩١٠", "482910"}, {"nothing", "482910"}, {"Code: 111 222.", "111222"},
	} {
		clipboard.SetContent(c[0])
		code.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clipboard})
		if code.Digits() != c[1] {
			t.Errorf("pasted %q: %q, want %q", c[0], code.Digits(), c[1])
		}
	}
	code.TypedShortcut(&fyne.ShortcutCopy{Clipboard: clipboard})
	if got := clipboard.Content(); got != code.Digits() {
		t.Errorf("copied %q", got)
	}
	code.SetWrong()
	code.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
	if code.Digits() != "" || !slices.Equal(complete, []string{"123456", "987654", "482910", "111222"}) {
		t.Errorf("%q, complete: %q", code.Digits(), complete)
	}
	code.Disable()
	test.Type(code, "1")
	code.Paste("222333")
	if code.Digits() != "" {
		t.Errorf("disabled it took %q", code.Digits())
	}
}

// TestShorten checks that a text is shortened to its width and comes back.
func TestShorten(t *testing.T) {
	dress(t, look.ModeLight, 1)
	text := look.NewShort(long, "", "")
	show(t, container.NewWithoutLayout(text), fyne.NewSize(600, 100))
	shown := func(width float32) string {
		text.Resize(fyne.NewSize(width, 20))
		return test.TempWidgetRenderer(t, text).Objects()[0].(*canvas.Text).Text
	}
	for _, width := range []float32{30, 100, 300} {
		got := shown(width)
		if !strings.HasSuffix(got, "…") || fyne.MeasureText(got, 14, fyne.TextStyle{}).Width > width {
			t.Errorf("in %v: %q", width, got)
		}
	}
	if got := shown(2000); got != long {
		t.Errorf("with all the room: %q", got)
	}
	text.Middle = true
	text.Refresh()
	if got := shown(200); !strings.HasSuffix(got, ".docx") || !strings.Contains(got, "…") {
		t.Errorf("without its middle: %q", got)
	}
	if got := text.MinSize().Width; got > 30 {
		t.Errorf("it asks for %v", got)
	}
}

// TestTips checks that a button's word is shown while the pointer is on it.
func TestTips(t *testing.T) {
	dress(t, look.ModeLight, 1)
	button := look.NewIconButton(look.IconRename, "Rename", nil)
	tips := look.NewTips(container.NewBorder(nil, container.NewHBox(button), nil, nil))
	w := show(t, tips, fyne.NewSize(300, 200))
	shown := func() bool { return strings.Contains(test.RenderToMarkup(w.Canvas()), "Rename</text>") }
	if shown() {
		t.Error("the tip is there before")
	}
	test.MoveMouse(w.Canvas(), fyne.CurrentApp().Driver().AbsolutePositionForObject(button).AddXY(5, 5))
	if !shown() {
		t.Errorf("there is no tip: %s", test.RenderToMarkup(w.Canvas()))
	}
	test.MoveMouse(w.Canvas(), fyne.NewPos(200, 20))
	if shown() {
		t.Error("the tip stays")
	}
	w.Canvas().Focus(button)
	if !shown() {
		t.Error("the focus shows no tip")
	}
}

// TestBanner changes what a banner says, with the focus on one of its buttons.
func TestBanner(t *testing.T) {
	dress(t, look.ModeLight, 1)
	banner := look.NewBanner(held)
	w := show(t, container.NewVBox(banner), fyne.NewSize(600, 300))
	w.Canvas().(interface{ FocusNext() }).FocusNext()
	focused, ok := w.Canvas().Focused().(*look.Button)
	if !ok || focused.Text != "Keep" {
		t.Fatalf("the focus is on %v", w.Canvas().Focused())
	}
	kept := false
	data := held
	data.Actions = []look.Action{{Text: "Keep all", Kind: look.KindPrimary, Do: func() { kept = true }}}
	data.Close = nil
	banner.Set(data)
	if w.Canvas().Focused() != fyne.Focusable(focused) || focused.Text != "Keep all" {
		t.Error("the focus was lost")
	}
	focused.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if !kept {
		t.Error("the button does what it did before")
	}
	narrow := look.NewBanner(held)
	narrow.Resize(fyne.NewSize(320, 0))
	wide := look.NewBanner(held)
	wide.Resize(fyne.NewSize(1200, 0))
	if narrow.MinSize().Height <= wide.MinSize().Height {
		t.Errorf("narrow it is %v high, wide %v", narrow.MinSize().Height, wide.MinSize().Height)
	}
}

// TestDeviceIconName guesses what a device is.
func TestDeviceIconName(t *testing.T) {
	for hint, want := range map[string]fyne.ThemeIconName{
		"Anna's iPhone": look.IconPhone, "ThinkPad X1": look.IconLaptop, "MacBook": look.IconLaptop, "nas": look.IconServer,
		"Gaming PC": look.IconDesktop, "": look.IconLaptop, "Werkstatt": look.IconLaptop,
	} {
		if got := look.DeviceIconName(hint); got != want {
			t.Errorf("%q: %s, want %s", hint, got, want)
		}
	}
	if got := look.DeviceIconName("server", "my phone"); got != look.IconServer {
		t.Errorf("the first hint doesn't win: %s", got)
	}
}

// TestRowNarrow checks that a row gives up the words of its marks before its title.
func TestRowNarrow(t *testing.T) {
	dress(t, look.ModeLight, 1)
	row := look.NewRow(device)
	w := show(t, container.NewWithoutLayout(row), fyne.NewSize(900, 200))
	reads := func(width float32) string {
		row.Resize(fyne.NewSize(width, row.MinSize().Height))
		return test.RenderToMarkup(w.Canvas())
	}
	for width, want := range map[float32]bool{600: true, 280: false, 700: true} {
		got := reads(width)
		if strings.Contains(got, "This network") != want {
			t.Errorf("at %v: the mark has its words: %v", width, !want)
		}
		if !strings.Contains(got, ">Desktop<") || !strings.Contains(got, ">New<") {
			t.Errorf("at %v the title or a mark without an icon is gone: %s", width, got)
		}
	}
}

// TestBannerNarrow checks that buttons that don't fit side by side stand below each
// other, inside of the banner.
func TestBannerNarrow(t *testing.T) {
	dress(t, look.ModeLight, 1)
	banner := look.NewBanner(held)
	show(t, container.NewWithoutLayout(banner), fyne.NewSize(900, 600))
	banner.Resize(fyne.NewSize(300, 0))
	banner.Resize(fyne.NewSize(300, banner.MinSize().Height))
	for _, o := range test.TempWidgetRenderer(t, banner).Objects() {
		if b, ok := o.(*look.Button); ok {
			end := b.Position().Add(b.Size())
			if end.X > banner.Size().Width || end.Y > banner.Size().Height {
				t.Errorf("%s ends at %v, the banner at %v", b.Text, end, banner.Size())
			}
		}
	}
}

// TestChips turns one on and the others off.
func TestChips(t *testing.T) {
	test.NewTempApp(t)
	at := -1
	chips := look.NewChips(func(i int) { at = i }, "View", "Edit")
	if !chips[0].On() || chips[1].On() {
		t.Error("the first isn't on at first")
	}
	test.Tap(chips[1])
	if at != 1 || chips[0].On() || !chips[1].On() {
		t.Error("a click doesn't turn on the one that was clicked")
	}
	test.Tap(chips[1])
	if !chips[1].On() {
		t.Error("a second click turns it off")
	}
	free := look.NewChip("Never used", "", nil)
	free.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if !free.On() {
		t.Error("Enter doesn't turn a filter on")
	}
}
