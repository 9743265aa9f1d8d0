package share_test

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/scene"
	"meadow/ui/share"
)

// still is a screen that shows nothing.
type still struct{ fyne.CanvasObject }

func (s still) Content() fyne.CanvasObject { return s.CanvasObject }
func (still) Shown(frame.Place)            {}
func (still) Update(*frame.Now)            {}
func (still) Hidden()                      {}

func open(t *testing.T, n *scene.Node) *frame.Frame {
	t.Helper()
	entry := func(name string) frame.Entry {
		return frame.Entry{Name: name, Make: func(*frame.Frame) frame.Screen { return still{container.NewVBox()} }}
	}
	_, f := scene.Open(t, n, []frame.Entry{entry(frame.Home), entry(frame.AddPerson)}, frame.Place{Screen: frame.Home}, fyne.NewSize(1000, 640))
	return f
}

func sheet(f *frame.Frame) string {
	if top := f.Window.Canvas().Overlays().Top(); top != nil {
		return scene.Read(top)
	}
	return ""
}

func says(t *testing.T, f *frame.Frame, wants ...string) {
	t.Helper()
	got := sheet(f)
	for _, want := range wants {
		if !strings.Contains(got, want) {
			t.Errorf("it doesn't say %q:\n%s", want, got)
		}
	}
}

// enter presses Enter where the keyboard is.
func enter(f *frame.Frame) {
	f.Window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
}

func TestRead(t *testing.T) {
	for _, size := range []scene.Size{scene.Few, scene.Many, scene.Long} {
		for name, do := range map[string]func(f *frame.Frame, n *scene.Node){
			"who":    func(f *frame.Frame, n *scene.Node) { share.Space(f, n, n.State.Spaces[0], "2026/Summer") },
			"what":   func(f *frame.Frame, n *scene.Node) { share.Person(f, n, n.Friends[0]) },
			"change": func(f *frame.Frame, n *scene.Node) { share.Change(f, n, n.Given[0]) },
			"end":    func(f *frame.Frame, n *scene.Node) { share.TakeBack(f, n, n.Given[0]) },
			"all":    func(f *frame.Frame, n *scene.Node) { share.TakeBackAll(f, n, n.Friends[0]) },
			"receipt": func(f *frame.Frame, n *scene.Node) {
				share.TakeBack(f, n, n.Given[0])
				scene.Press(f.Window.Canvas(), "End access")
			},
		} {
			t.Run(string(size)+"-"+name, func(t *testing.T) {
				n := scene.New(size)
				f := open(t, n)
				do(f, n)
				scene.Golden(t, string(size)+"-"+name, f.Window.Canvas().Overlays().Top())
			})
		}
	}
}

// TestGive shares a folder: with whom, how, until when; the sentence follows.
func TestGive(t *testing.T) {
	n := scene.New(scene.Few)
	f := open(t, n)
	share.Space(f, n, n.State.Spaces[0], "2026/Summer at the lake")
	c := f.Window.Canvas()
	if got := sheet(f); strings.Contains(got, "Mallory") {
		t.Errorf("one can share with somebody who is blocked:\n%s", got)
	}
	scene.Type(c, "With whom? Find a person", "an")
	enter(f)
	says(t, f, "Ana Moreau can see 214 files now and anything added, with no end. They keep what they downloaded.", "Share with Ana Moreau")
	scene.Press(c, "Add only")
	scene.Press(c, "Friday")
	scene.Press(c, "They may pass it on to others")
	says(t, f, "Ana Moreau can see and add to 214 files now and anything added, until Fri 27 Nov 18:00. They may pass that on to others.")
	scene.Press(c, "Only what is added from now on")
	says(t, f, "what is added from now on")
	scene.Press(c, "A date")
	says(t, f, "Type a date, such as 2026-12-23 14:02.")
	for text, want := range map[string]string{"tomorrow": "That isn't a date", "2020-01-01": "That is in the past.", "2026-12-24": "until Thu 24 Dec 23:59"} {
		scene.Type(c, "2026-12-23 14:02", text)
		says(t, f, want)
		scene.Type(c, "2026-12-23 14:02", "2026-12-24")
	}
	scene.Press(c, "Share with Ana Moreau")
	s := n.Given[len(n.Given)-1]
	until := time.Date(2026, time.December, 24, 23, 59, 0, 0, time.UTC)
	if sheet(f) != "" || s.Level != share.Contribute || s.Path != "2026/Summer at the lake" || !s.MayPassOn || s.From == nil || !s.Until.Equal(until) {
		t.Errorf("it shares %+v\n%s", s, sheet(f))
	}
	if got := scene.Read(c.Content()); !strings.Contains(got, "Photos / 2026/Summer at the lake is offered to Ana Moreau.") {
		t.Errorf("it says\n%s", got)
	}
}

// TestGivePerson begins with somebody, and asks what.
func TestGivePerson(t *testing.T) {
	n := scene.New(scene.Few)
	f := open(t, n)
	share.Person(f, n, n.Friends[1])
	scene.Type(f.Window.Canvas(), "What? Find a space", "reci")
	enter(f)
	says(t, f, "Recipes", "Bob can see")
	scene.Press(f.Window.Canvas(), "Share with Bob")
	if s := n.Given[len(n.Given)-1]; s.Space != "Recipes" || s.Until != nil || s.From != nil {
		t.Errorf("it shares %+v", s)
	}
	if got := scene.Read(f.Window.Canvas().Content()); !strings.Contains(got, "They hear of it when one of their devices connects.") {
		t.Errorf("it says\n%s", got)
	}
}

// TestNobody leads to adding a person.
func TestNobody(t *testing.T) {
	n := scene.New(scene.Few)
	n.Friends = nil
	f := open(t, n)
	share.Space(f, n, n.State.Spaces[0], "")
	says(t, f, "You know nobody here yet.")
	scene.Press(f.Window.Canvas(), "Add a person")
	if f.Place().Screen != frame.AddPerson || sheet(f) != "" {
		t.Errorf("it is at %v:\n%s", f.Place(), sheet(f))
	}
}

// TestFails says in the sheet what went wrong, and stays.
func TestFails(t *testing.T) {
	n := scene.New(scene.Few)
	f := open(t, n)
	share.Change(f, n, n.Given[1])
	n.Given = n.Given[:1]
	scene.Press(f.Window.Canvas(), "Change it")
	says(t, f, "There is no such share", "Cancel")
}

// TestChange changes what somebody may do.
func TestChange(t *testing.T) {
	n := scene.New(scene.Few)
	f := open(t, n)
	share.Change(f, n, n.Given[1])
	says(t, f, "Work / Offers", "2026-11-24 10:02")
	scene.Press(f.Window.Canvas(), "View")
	scene.Press(f.Window.Canvas(), "30 days")
	scene.Press(f.Window.Canvas(), "Change it")
	if s := n.Given[1]; s.Level != share.Read || !s.Until.Equal(scene.At.Truncate(time.Minute).AddDate(0, 0, 30)) {
		t.Errorf("it is %+v", s)
	}
}

// TestPassOn lets one pass on no more than one has.
func TestPassOn(t *testing.T) {
	n := scene.New(scene.Few)
	of := &node.SharedSpace{Person: "Ana Moreau", Level: share.Contribute, Until: &node.Time{Time: scene.At.AddDate(0, 0, 3)}}
	n.State.Spaces[2].Shared = of
	f := open(t, n)
	c := f.Window.Canvas()
	ask := func() {
		share.Space(f, n, n.State.Spaces[2], "")
		scene.Type(c, "With whom? Find a person", "bob")
		enter(f)
	}
	ask()
	says(t, f, "Ana Moreau shares this with you, and you may not pass it on.")
	if scene.Find(c, "Share with Bob").(fyne.Disableable).Disabled() == false {
		t.Error("it can be shared")
	}
	scene.Press(c, "Cancel")
	of.MayPassOn = true
	ask()
	says(t, f, "no more than you have from Ana Moreau: Add only, until Thu 26 Nov 14:02", "until Thu 26 Nov 14:02")
	for _, chip := range []string{"Edit", "No end"} {
		if !scene.Find(c, chip).(fyne.Disableable).Disabled() {
			t.Errorf("%s can be chosen", chip)
		}
	}
}

// TestEnd shows what else ends, and follows the devices that hear of it.
func TestEnd(t *testing.T) {
	n := scene.New(scene.Few)
	f := open(t, n)
	share.Change(f, n, n.Given[0])
	scene.Press(f.Window.Canvas(), "End access…")
	says(t, f, "End Ana Moreau's access to Photos?", "This also ends Bob's access", "Ends too", "214 files already (1.1 GB), which can't be erased from here")
	scene.Press(f.Window.Canvas(), "End access")
	if n.Given[0].State != frame.Ended {
		t.Errorf("it is %q", n.Given[0].State)
	}
	says(t, f, "Ana Moreau's access has ended", "Desk\nstopped at 14:02:11", "Laptop\nstopped at 14:02:11")
	scene.Press(f.Window.Canvas(), "Done")
}

// TestStolen keeps only what is from before a moment.
func TestStolen(t *testing.T) {
	n := scene.New(scene.Few)
	f := open(t, n)
	share.TakeBack(f, n, n.Given[0])
	c := f.Window.Canvas()
	scene.Press(c, "Device stolen")
	says(t, f, "2026-11-21 12:02", "7 files that they added before stay", "set aside")
	since := "Since when, such as 2026-11-23 14:02"
	scene.Type(c, since, "soon")
	says(t, f, "Write it as")
	scene.Press(c, "End access")
	if n.Given[0].State == frame.Ended {
		t.Error("it ended, since no one knows when")
	}
	scene.Type(c, since, "2027-01-01")
	says(t, f, "That is in the future.")
	scene.Type(c, since, "2026-11-20")
	scene.Press(c, "End access")
	if n.Given[0].State != frame.Ended {
		t.Errorf("it is %q", n.Given[0].State)
	}
}
