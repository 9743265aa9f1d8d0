package people_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/people"
	"meadow/ui/scene"
)

var small = fyne.NewSize(1000, 640)

func open(t *testing.T, n *scene.Node, p frame.Place, size fyne.Size) (*people.Screen, *frame.Frame) {
	t.Helper()
	var s *people.Screen
	p.Screen = frame.People
	_, f := scene.Open(t, n, []frame.Entry{{Name: frame.People, Make: func(f *frame.Frame) frame.Screen {
		s = people.New(f, n)
		return s
	}}}, p, size)
	return s, f
}

// look has the window see what is so.
func look(t *testing.T, f *frame.Frame) {
	t.Helper()
	if err := f.Feed.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func sheet(f *frame.Frame) string {
	if top := f.Window.Canvas().Overlays().Top(); top != nil {
		return scene.Read(top)
	}
	return ""
}

func TestRead(t *testing.T) {
	for _, size := range scene.Sizes {
		t.Run(string(size), func(t *testing.T) {
			s, _ := open(t, scene.New(size), frame.Place{}, small)
			scene.Golden(t, string(size), s.Content())
		})
	}
}

// TestHostile shows a name that would hide or turn what is around it as what it is.
func TestHostile(t *testing.T) {
	n := scene.New(scene.Long)
	s, f := open(t, n, frame.Place{Item: n.Friends[2].Custodian}, small)
	got := scene.Read(s.Content())
	if strings.ContainsAny(got, "\u202e\u200b\x1b") || !strings.Contains(got, `Mal\u202egnp.exe\u000alory`) {
		t.Errorf("it reads\n%q", got)
	}
	scene.Press(f.Window.Canvas(), "Forget")
	if got := sheet(f); strings.ContainsAny(got, "\u202e\u200b\x1b") {
		t.Errorf("the sheet reads\n%q", got)
	}
}

func TestSearch(t *testing.T) {
	n := scene.New(scene.Many)
	s, f := open(t, n, frame.Place{}, small)
	scene.Type(f.Window.Canvas(), "Find a person", "lindgren")
	got := scene.Read(s.Content())
	if strings.Contains(got, "Ana Moreau") || !strings.Contains(got, "Chloe Lindgren") {
		t.Errorf("it reads\n%s", got)
	}
	scene.Type(f.Window.Canvas(), "Find a person", "nobody of this name")
	if got := scene.Read(s.Content()); !strings.Contains(got, "Nobody's name has “nobody of this name” in it.") {
		t.Errorf("it reads\n%s", got)
	}
	scene.Press(f.Window.Canvas(), "Clear the search")
	if got := scene.Read(s.Content()); !strings.Contains(got, "Ana Moreau") {
		t.Errorf("it reads\n%s", got)
	}
}

// TestAnswer takes one offer and declines another.
func TestAnswer(t *testing.T) {
	n := scene.New(scene.Few)
	s, f := open(t, n, frame.Place{}, small)
	scene.Press(f.Window.Canvas(), "Accept")
	look(t, f)
	if n.Offered[0].State != frame.Accepted || len(n.State.Spaces) != 4 {
		t.Errorf("it is %q, with %d spaces", n.Offered[0].State, len(n.State.Spaces))
	}
	if got := scene.Read(s.Content()); strings.Contains(got, "Waits for your answer") || !strings.Contains(got, "What you may use of theirs") {
		t.Errorf("it reads\n%s", got)
	}
	n.Offered[0].State = frame.Offered
	look(t, f)
	scene.Press(f.Window.Canvas(), "Decline")
	if got := sheet(f); !strings.Contains(got, "Ana Moreau is told") {
		t.Errorf("the sheet says\n%s", got)
	}
	scene.Press(f.Window.Canvas(), "Decline")
	if n.Offered[0].State != frame.Declined {
		t.Errorf("it is %q", n.Offered[0].State)
	}
}

func TestRename(t *testing.T) {
	n := scene.New(scene.Few)
	_, f := open(t, n, frame.Place{Item: n.Friends[1].Custodian}, small)
	retype := func(text string) {
		entry := f.Window.Canvas().Focused().(*keys.Entry)
		entry.SetText("")
		test.Type(entry, text)
	}
	scene.Press(f.Window.Canvas(), "Rename")
	retype("Mallory")
	scene.Press(f.Window.Canvas(), "Rename")
	if got := sheet(f); !strings.Contains(got, "Choose another name") {
		t.Errorf("the sheet says\n%s", got)
	}
	retype("Robert")
	f.Window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if n.Friends[1].Name != "Robert" || sheet(f) != "" {
		t.Errorf("he is called %q:\n%s", n.Friends[1].Name, sheet(f))
	}
}

func TestBlock(t *testing.T) {
	n := scene.New(scene.Few)
	s, f := open(t, n, frame.Place{Item: n.Friends[1].Custodian}, small)
	scene.Press(f.Window.Canvas(), "Block")
	if got := sheet(f); !strings.Contains(got, "Bob isn't told") {
		t.Errorf("the sheet says\n%s", got)
	}
	scene.Press(f.Window.Canvas(), "Block")
	look(t, f)
	if got := scene.Read(s.Content()); !n.Friends[1].Blocked || !strings.Contains(got, "Bob is blocked") {
		t.Errorf("it reads\n%s", got)
	}
	scene.Press(f.Window.Canvas(), "Unblock")
	if n.Friends[1].Blocked {
		t.Error("he is blocked still")
	}
}

// TestForget says what has to end before.
func TestForget(t *testing.T) {
	n := scene.New(scene.Few)
	s, f := open(t, n, frame.Place{}, small)
	scene.Press(f.Window.Canvas(), "Forget")
	if got := sheet(f); !strings.Contains(got, "You share 2 things with Ana Moreau. End that first") {
		t.Errorf("the sheet says\n%s", got)
	}
	scene.Press(f.Window.Canvas(), "End all access…")
	scene.Press(f.Window.Canvas(), "End access")
	scene.Press(f.Window.Canvas(), "Done")
	look(t, f)
	scene.Press(f.Window.Canvas(), "Forget")
	if got := sheet(f); !strings.Contains(got, "with six digits") {
		t.Errorf("the sheet says\n%s", got)
	}
	scene.Press(f.Window.Canvas(), "Forget")
	look(t, f)
	if got := scene.Read(s.Content()); strings.Contains(got, "Ana Moreau") || len(n.Friends) != 2 {
		t.Errorf("it reads\n%s", got)
	}
}

// TestNarrow shows one person in place of the list, and the list again with Esc.
func TestNarrow(t *testing.T) {
	n := scene.New(scene.Few)
	s, f := open(t, n, frame.Place{}, fyne.NewSize(560, 480))
	if got := scene.Read(s.Content()); strings.Contains(got, "Their devices") {
		t.Errorf("there is no room for\n%s", got)
	}
	f.Go(frame.Place{Screen: frame.People, Item: n.Friends[1].Custodian})
	if got := scene.Read(s.Content()); !strings.Contains(got, "Their devices") || strings.Contains(got, "Mallory") {
		t.Errorf("of one person it reads\n%s", got)
	}
	f.Escape()
	if got := scene.Read(s.Content()); !strings.Contains(got, "Mallory") {
		t.Errorf("back it reads\n%s", got)
	}
}
