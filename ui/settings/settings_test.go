package settings_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/scene"
	"meadow/ui/settings"
)

func open(t *testing.T, n *scene.Node, h settings.Host, item string) (*settings.Screen, *frame.Frame, fyne.Window) {
	t.Helper()
	var s *settings.Screen
	w, f := scene.Open(t, n, []frame.Entry{{Name: frame.Settings, Make: func(f *frame.Frame) frame.Screen {
		s = settings.New(f, n, h)
		return s
	}}}, frame.Place{Screen: frame.Settings, Item: item}, fyne.NewSize(1000, 3400))
	return s, f, w
}

// TestRead has all that is on the screen.
func TestRead(t *testing.T) {
	for _, size := range scene.Sizes {
		t.Run(string(size), func(t *testing.T) {
			s, _, _ := open(t, scene.New(size), new(scene.Computer), "")
			scene.Golden(t, string(size), s.Content())
		})
	}
}

// walk goes through the window with Tab until what it is at is wanted.
func walk(t *testing.T, w fyne.Window, wanted func(fyne.Focusable) bool) fyne.Focusable {
	t.Helper()
	w.Canvas().Unfocus()
	for range 200 {
		w.Canvas().FocusNext()
		if f := w.Canvas().Focused(); f != nil && wanted(f) {
			return f
		}
	}
	t.Fatal("the keyboard doesn't reach it")
	return nil
}

func check(text string) func(fyne.Focusable) bool {
	return func(f fyne.Focusable) bool {
		c, ok := f.(*keys.Check)
		return ok && strings.Contains(c.Text, text)
	}
}

// TestSwitches: what is switched with the keyboard is set where it belongs, and is
// so after the screen is opened again.
func TestSwitches(t *testing.T) {
	n, h := scene.New(scene.Few), new(scene.Computer)
	_, f, w := open(t, n, h, "")
	for _, text := range []string{"when I log in", "something needs me", "local network too"} {
		walk(t, w, check(text)).TypedRune(' ')
	}
	if !h.Login || !f.App.Preferences().Bool(settings.PreferQuiet) || !n.Set.LimitLAN {
		t.Errorf("at login %v, quiet %v, limit on the local network %v", h.Login, f.App.Preferences().Bool(settings.PreferQuiet), n.Set.LimitLAN)
	}
	_, _, w = open(t, n, h, "")
	if c := walk(t, w, check("when I log in")).(*keys.Check); !c.Checked {
		t.Error("a screen that is opened again doesn't know of login")
	}
}

// chosen picks of a choice what it reads.
func chosen(t *testing.T, w fyne.Window, has, pick string) {
	t.Helper()
	f := walk(t, w, func(f fyne.Focusable) bool {
		s, ok := f.(*keys.Select)
		return ok && s.Selected == has
	})
	f.(*keys.Select).SetSelected(pick)
}

// TestShorterHistoryAsks: what would be lost is said before, and only then it is done.
func TestShorterHistoryAsks(t *testing.T) {
	n := scene.New(scene.Few)
	_, f, w := open(t, n, new(scene.Computer), settings.History)
	chosen(t, w, "90 days", "180 days")
	if n.Set.HistoryDays != 180 {
		t.Errorf("longer isn't set at once: %d days", n.Set.HistoryDays)
	}
	chosen(t, w, "180 days", "7 days")
	if n.Set.HistoryDays != 180 {
		t.Error("shorter is set without a question")
	}
	said := scene.Read(w.Canvas().Overlays().Top())
	if !strings.Contains(said, "This frees 30 MB here, and can't be taken back.") {
		t.Errorf("it asks\n%s", said)
	}
	f.Escape()
	chosen(t, w, "180 days", "7 days")
	walk(t, w, func(f fyne.Focusable) bool {
		b, ok := f.(*look.Button)
		return ok && b.Text == "Keep less"
	}).TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if n.Set.HistoryDays != 7 {
		t.Errorf("it was allowed, and is %d days", n.Set.HistoryDays)
	}
}

// TestWordsAreChecked: wrong words say what is wrong and stay to be mended; right
// ones don't stay on the screen.
func TestWordsAreChecked(t *testing.T) {
	n := scene.New(scene.Few)
	s, f, w := open(t, n, new(scene.Computer), settings.Words)
	field := walk(t, w, func(f fyne.Focusable) bool {
		e, ok := f.(*keys.Entry)
		return ok && e.MultiLine
	}).(*keys.Entry)
	press := func() {
		walk(t, w, func(f fyne.Focusable) bool {
			b, ok := f.(*look.Button)
			return ok && b.Text == "Check"
		}).TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	}
	for _, c := range []struct{ words, says string }{
		{"right right", "Those are 2 words; there are 24."},
		{strings.Repeat("right ", 11) + "wrong" + strings.Repeat(" right", 12), "Word 12 can't be one of them."},
		{strings.Repeat("Right ", 24), "Right: with these words"},
	} {
		field.SetText("")
		test.Type(field, c.words)
		press()
		if said := scene.Read(s.Content()); !strings.Contains(said, c.says) {
			t.Errorf("%q: it reads\n%s", c.words, said)
		}
	}
	if field.Text != "" {
		t.Error("the words are left on the screen")
	}
	if err := f.Feed.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if said := scene.Read(s.Content()); !strings.Contains(said, "Last right on this device: just now.") {
		t.Errorf("it reads\n%s", said)
	}
}

// TestWordsAreForgotten: words that were typed don't wait for the next one who comes.
func TestWordsAreForgotten(t *testing.T) {
	s, _, w := open(t, scene.New(scene.Few), new(scene.Computer), settings.Words)
	field := walk(t, w, func(f fyne.Focusable) bool {
		e, ok := f.(*keys.Entry)
		return ok && e.MultiLine
	}).(*keys.Entry)
	test.Type(field, "right right")
	s.Hidden()
	if field.Text != "" {
		t.Error("the words are left on the screen")
	}
}

// TestLooks: the theme and the size of text change at once and are kept.
func TestLooks(t *testing.T) {
	n := scene.New(scene.Few)
	_, f, w := open(t, n, new(scene.Computer), "")
	before := f.App.Settings().Theme().Size("text")
	chosen(t, w, "Usual", "150 %")
	if got := f.App.Settings().Theme().Size("text"); got != before*1.5 {
		t.Errorf("text is %v, was %v", got, before)
	}
	chosen(t, w, "150 %", "115 %")
	light := f.App.Settings().Theme().Color("background", 0)
	chosen(t, w, "As the system", "Light")
	if f.App.Settings().Theme().Color("background", 0) == light {
		t.Error("in the light it is as dark as the system was")
	}
}
