//go:build ci

package meet_test

import (
	"bytes"
	"context"
	"image"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"go.uber.org/goleak"

	"meadow/core/node"
	"meadow/core/qr"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/meet"
	"meadow/ui/people"
	"meadow/ui/scan"
	"meadow/ui/scene"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var link = frame.Place{Screen: frame.AddPerson, Item: "meadow://contact?" + scene.Contact}

func open(t *testing.T, n *scene.Node, eyes scan.Eyes, p frame.Place) (frame.Screen, *frame.Frame) {
	t.Helper()
	var s frame.Screen
	p.Screen = frame.AddPerson
	_, f := scene.Open(t, n, []frame.Entry{
		{Name: frame.AddPerson, Make: func(f *frame.Frame) frame.Screen {
			s = meet.New(f, n, eyes)
			return s
		}},
		{Name: frame.People, Make: func(f *frame.Frame) frame.Screen { return people.New(f, n) }},
	}, p, fyne.NewSize(1000, 640))
	return s, f
}

// TestGoldens has what one reads on every page.
func TestGoldens(t *testing.T) {
	for name, c := range map[string]struct {
		size  scene.Size
		shows bool
		until string
		near  bool
		press string
	}{
		"ways":    {size: scene.Few},
		"code":    {size: scene.Few, shows: true, until: "ticket", press: "Show my code"},
		"asked":   {size: scene.Few, shows: true, until: "confirm", near: true, press: "Show my code"},
		"far":     {size: scene.Long, shows: true, until: "confirm", press: "Show my code"},
		"refused": {size: scene.Few, shows: true, until: "refused", press: "Show my code"},
		"asks":    {size: scene.Few, press: "Go on"},
		"digits":  {size: scene.Few, until: "code", press: "Go on"},
		"done":    {size: scene.Long, until: "added", press: "Go on"},
	} {
		t.Run(name, func(t *testing.T) {
			n := scene.New(c.size)
			n.Shown, n.Accepted = n.Meets(true, c.until, c.near), n.Meets(false, c.until, c.near)
			s, f := open(t, n, scan.Eyes{}, link)
			if c.press != "" {
				scene.Press(f.Window.Canvas(), c.press)
			}
			scene.Golden(t, name, s.Content())
		})
	}
}

// TestLinkFillsOnly: a link opens the filled-in dialog, and does nothing else.
func TestLinkFillsOnly(t *testing.T) {
	n := scene.New(scene.Few)
	n.Accepted = n.Meets(false, "added", true)
	s, f := open(t, n, scan.Eyes{}, link)
	if len(n.Friends) != 3 || strings.Contains(scene.Read(s.Content()), "know each other") {
		t.Errorf("it was dialled:\n%s", scene.Read(s.Content()))
	}
	scene.Press(f.Window.Canvas(), "Go on")
	if got := scene.Read(s.Content()); len(n.Friends) != 4 || !strings.Contains(got, "You and Dora Weiss know each other now.") {
		t.Errorf("it reads\n%s", got)
	}
	scene.Press(f.Window.Canvas(), "Done")
	if p := f.Place(); p.Screen != frame.People || p.Item != n.Friends[3].Custodian {
		t.Errorf("it is at %v", p)
	}
}

// TestConfirm types the digits, and turns somebody down.
func TestConfirm(t *testing.T) {
	n := scene.New(scene.Few)
	n.Shown = n.Meets(true, "confirm", true)
	_, f := open(t, n, scan.Eyes{}, frame.Place{})
	scene.Press(f.Window.Canvas(), "Show my code")
	f.Window.Canvas().Focused().(*look.CodeField).Paste("482913")
	scene.Press(f.Window.Canvas(), "Add")
	if n.Typed != "482913" {
		t.Errorf("it gave %q", n.Typed)
	}
	f.Go(frame.Place{Screen: frame.AddPerson, Item: scene.Contact}) // anew
	scene.Press(f.Window.Canvas(), "Show my code")
	scene.Press(f.Window.Canvas(), "Don't add")
	if n.Typed != "refused" {
		t.Errorf("it gave %q", n.Typed)
	}
}

// TestFails says why nobody was added, and offers the ways again.
func TestFails(t *testing.T) {
	for code, want := range map[string]string{
		node.CodeExpired: "too old", node.CodeUnreachable: "doesn't answer", node.CodeTimeout: "weren't typed in time",
		node.CodeExists: "know each other already", node.CodeRefused: "Broken off. Try again.",
	} {
		n := scene.New(scene.Few)
		n.ShownEnd = &node.Error{Code: code, Message: "broken off", Hint: "try again"}
		s, f := open(t, n, scan.Eyes{}, link)
		scene.Press(f.Window.Canvas(), "Go on")
		if got := scene.Read(s.Content()); !strings.Contains(got, want) || !strings.Contains(got, "Show my code") {
			t.Errorf("%s: it reads\n%s", code, got)
		}
	}
}

// TestForeign takes no code of a device, as text or as a picture.
func TestForeign(t *testing.T) {
	code, err := qr.Encode(scene.Ticket, 400)
	if err != nil {
		t.Fatal(err)
	}
	img, err := qr.Picture(bytes.NewReader(code))
	if err != nil {
		t.Fatal(err)
	}
	eyes := scan.Eyes{Clipboard: func(context.Context) (image.Image, error) { return img, nil }}
	s, f := open(t, scene.New(scene.Few), eyes, frame.Place{})
	c := f.Window.Canvas()
	scene.Type(c, "The text or link that they sent you", scene.Ticket)
	if !scene.Find(c, "Go on").(fyne.Disableable).Disabled() {
		t.Error("a device's ticket is taken")
	}
	scene.Press(c, "Picture on the clipboard")
	if got := scene.Read(s.Content()); !strings.Contains(got, "That isn't the code of a person.") {
		t.Errorf("it reads\n%s", got)
	}
}

// TestSeen goes on with a code that is on the clipboard, as a picture or as text.
func TestSeen(t *testing.T) {
	code, err := qr.Encode("meadow://contact/"+scene.Contact, 400)
	if err != nil {
		t.Fatal(err)
	}
	img, err := qr.Picture(bytes.NewReader(code))
	if err != nil {
		t.Fatal(err)
	}
	n := scene.New(scene.Few)
	n.Accepted = n.Meets(false, "code", true)
	eyes := scan.Eyes{Clipboard: func(context.Context) (image.Image, error) { return img, nil }}
	s, f := open(t, n, eyes, frame.Place{})
	scene.Press(f.Window.Canvas(), "Picture on the clipboard")
	if got := scene.Read(s.Content()); !strings.Contains(got, "482 913") {
		t.Errorf("it reads\n%s", got)
	}
	f.Escape()
	f.App.Clipboard().SetContent("look: " + scene.Contact)
	f.Go(frame.Place{Screen: frame.People})
	f.Go(frame.Place{Screen: frame.AddPerson})
	scene.Press(f.Window.Canvas(), "Use it")
	if got := scene.Read(s.Content()); !strings.Contains(got, "482 913") {
		t.Errorf("it reads\n%s", got)
	}
	f.App.Clipboard().SetContent("")
}

// TestLimited says where people are added.
func TestLimited(t *testing.T) {
	n := scene.New(scene.Few)
	n.State.Devices[0].Kind = "limited"
	s, f := open(t, n, scan.Eyes{}, link)
	if got := scene.Read(s.Content()); !strings.Contains(got, "Add people on a full one.") || !scene.Find(f.Window.Canvas(), "Go on").(fyne.Disableable).Disabled() {
		t.Errorf("it reads\n%s", got)
	}
}
