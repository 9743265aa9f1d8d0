package home_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/home"
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
		for name, at := range map[string]fyne.Size{"small": small, "large": large} {
			t.Run(string(size)+"-"+name, func(t *testing.T) {
				s, _ := open(t, scene.New(size), frame.Place{}, at)
				scene.Golden(t, string(size)+"-"+name, s.Content())
			})
		}
	}
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
