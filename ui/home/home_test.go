package home_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/home"
	"meadow/ui/look"
	"meadow/ui/scene"
)

var (
	small = fyne.NewSize(1000, 640)
	large = fyne.NewSize(1600, 1000)
)

func open(t *testing.T, n *scene.Node, p frame.Place, size fyne.Size) (*home.Screen, *frame.Frame) {
	t.Helper()
	var s *home.Screen
	p.Screen = frame.Home
	_, f := scene.Open(t, n, []frame.Entry{{Name: frame.Home, Make: func(f *frame.Frame) frame.Screen {
		s = home.New(f, n)
		return s
	}}}, p, size)
	return s, f
}

// TestRead has all that is on the screen, with everything in every size.
func TestRead(t *testing.T) {
	for _, size := range scene.Sizes {
		t.Run(string(size), func(t *testing.T) {
			s, _ := open(t, scene.New(size), frame.Place{}, large)
			scene.Golden(t, string(size), s.Content())
		})
	}
}

// TestColumns has one column in a small window and two in a large one, and all of
// it can be reached by scrolling.
func TestColumns(t *testing.T) {
	for _, size := range scene.Sizes[1:] {
		for columns, at := range map[int]fyne.Size{1: small, 2: large} {
			s, f := open(t, scene.New(size), frame.Place{}, at)
			lefts := map[float32]bool{}
			bottom := float32(0)
			for _, card := range cards(s.Content()) {
				at := f.App.Driver().AbsolutePositionForObject(card)
				lefts[at.X] = true
				bottom = max(bottom, at.Y+card.Size().Height)
			}
			if len(lefts) != columns {
				t.Errorf("%s: %d columns, want %d", size, len(lefts), columns)
			}
			if body := scroll(s.Content()).Content; bottom > body.Size().Height {
				t.Errorf("%s: the last card ends at %v, what is scrolled at %v", size, bottom, body.Size().Height)
			}
		}
	}
}

func scroll(o fyne.CanvasObject) *container.Scroll {
	switch o := o.(type) {
	case *container.Scroll:
		return o
	case *fyne.Container:
		for _, child := range o.Objects {
			if s := scroll(child); s != nil {
				return s
			}
		}
	}
	return nil
}

func cards(o fyne.CanvasObject) (found []*look.Card) {
	for _, child := range scroll(o).Content.(*fyne.Container).Objects {
		if c, ok := child.(*look.Card); ok && c.Visible() {
			found = append(found, c)
		}
	}
	return found
}

// TestWhole shows all spaces, and goes back with Esc.
func TestWhole(t *testing.T) {
	s, f := open(t, scene.New(scene.Many), frame.Place{Item: "spaces"}, small)
	if got := scene.Read(s.Content()); !strings.Contains(got, "200 spaces") {
		t.Errorf("it reads\n%s", got)
	}
	f.Escape()
	if f.Place() != (frame.Place{Screen: frame.Home}) {
		t.Errorf("Esc went to %v", f.Place())
	}
	if f.Escape(); f.Place() != (frame.Place{Screen: frame.Home}) {
		t.Errorf("another Esc went to %v", f.Place())
	}
}

// TestPaused says until when, and offers to go on.
func TestPaused(t *testing.T) {
	n := scene.New(scene.Few)
	n.Holds, n.State.Spaces = nil, n.State.Spaces[2:]
	if _, err := n.Pause(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	s, f := open(t, n, frame.Place{}, small)
	if got := scene.Read(s.Content()); !strings.Contains(got, "Paused until you resume") || !strings.Contains(got, "Resume\n") {
		t.Errorf("it reads\n%s", got)
	}
	n.State.State = "idle"
	if err := f.Feed.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := scene.Read(s.Content()); !strings.Contains(got, "Everything is in step") || strings.Contains(got, "Resume\n") {
		t.Errorf("after that it reads\n%s", got)
	}
}

// TestNeeds has what each kind of need says.
func TestNeeds(t *testing.T) {
	n := scene.New(scene.Few)
	space := n.State.Spaces[0].Name
	since := node.Time{Time: scene.At}
	n.State.Trouble = []node.Trouble{
		{Space: &space, Where: "/home", What: "Photos waits: 2.1 GB more room is needed on /home", Needs: 2_100_000_000, Since: since},
		{Where: "/var/db", What: "nothing can be saved: the disk is read-only", Since: since},
	}
	n.State.Notices = []node.Notice{{Code: node.NoticeRemoved, Message: "removed", Hint: "hint"}, {Code: node.NoticeMigrated}}
	n.State.Spaces[2].Ended, n.State.Spaces[2].Folder = true, &space
	n.State.Devices[1].Unanswered = true
	n.State.Devices[2].Notice = &node.Notice{Code: node.NoticeProtocol, Message: "Phone speaks another language", Hint: "update it"}
	n.State.WordsChecked = &node.Time{Time: scene.At.AddDate(0, -6, 0)}
	s, f := open(t, n, frame.Place{Item: "needs"}, large)
	scene.Golden(t, "needs", s.Content())
	if got := f.Now().Needs(); got != 9 {
		t.Errorf("%d things need the user", got)
	}
}

// TestOffers accepts what somebody offers, and tells of access that ends soon.
func TestOffers(t *testing.T) {
	n := scene.New(scene.Few)
	s, f := open(t, n, frame.Place{}, large)
	got := scene.Read(s.Content())
	for _, want := range []string{
		"Offered to you", "Ana Moreau offers you Holiday on Crete", "Ana Moreau's access to Work / Offers ends tomorrow 10:02",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it doesn't say %q:\n%s", want, got)
		}
	}
	scene.Press(f.Window.Canvas(), "Accept")
	if err := f.Feed.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	got = scene.Read(s.Content())
	if strings.Contains(got, "Offered to you") || !strings.Contains(got, "Ana Moreau's · you can view and add, until Thu 31 Dec 23:00") {
		t.Errorf("it reads\n%s", got)
	}
}
