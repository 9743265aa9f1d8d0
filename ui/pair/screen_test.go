//go:build ci

package pair_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"meadow/core/node"
	"meadow/core/qr"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/pair"
	"meadow/ui/scene"
)

func entries(n *scene.Node, eyes pair.Eyes) []frame.Entry {
	return []frame.Entry{{Name: frame.Add, Make: func(f *frame.Frame) frame.Screen { return pair.New(f, n, eyes) }}}
}

var (
	blind = pair.Eyes{}
	dark  = pair.Eyes{
		Screens: func(context.Context) ([]image.Image, error) {
			return []image.Image{image.NewGray(image.Rect(0, 0, 90, 60))}, nil
		},
		Clipboard: func(context.Context) (image.Image, error) { return nil, errors.New("nothing there") },
		Camera:    func(context.Context) (<-chan image.Image, error) { return nil, errors.New("covered") },
	}
	link = frame.Place{Screen: frame.Add, Item: "meadow://pair/" + scene.Ticket}
)

// TestGoldens has what one reads on every page.
func TestGoldens(t *testing.T) {
	for name, c := range map[string]struct {
		size  scene.Size
		until string
		near  bool
		press []string
		eyes  pair.Eyes
	}{
		"ways":    {size: scene.Few, eyes: dark},
		"empty":   {size: scene.Empty, eyes: blind},
		"asks":    {size: scene.Few, press: []string{"Go on"}},
		"choose":  {size: scene.Few, until: "found", near: true, press: []string{"Go on"}},
		"spaces":  {size: scene.Many, until: "found", near: true, press: []string{"Go on", "Chosen spaces"}},
		"far":     {size: scene.Few, until: "found", press: []string{"Go on", "Limited device"}},
		"wary":    {size: scene.Few, until: "waiting", press: []string{"Go on"}},
		"digits":  {size: scene.Long, until: "code", near: true, press: []string{"Go on"}},
		"done":    {size: scene.Few, until: "paired", near: true, press: []string{"Go on"}},
		"screen":  {size: scene.Few, eyes: dark, press: []string{"Look at my screen"}},
		"pasted":  {size: scene.Few, eyes: dark, press: []string{"Picture on the clipboard"}},
		"covered": {size: scene.Few, eyes: dark, press: []string{"Use the camera"}},
	} {
		t.Run(name, func(t *testing.T) {
			n := scene.New(c.size)
			n.Around, n.Accepted = n.Neighbours(), n.Accepts(c.until, c.near)
			var add frame.Screen
			w, _ := scene.Open(t, n, []frame.Entry{{Name: frame.Add, Make: func(f *frame.Frame) frame.Screen {
				add = pair.New(f, n, c.eyes)
				return add
			}}}, link, fyne.NewSize(1000, 640))
			for _, called := range c.press {
				scene.Press(w.Canvas(), called)
			}
			scene.Golden(t, name, add.Content())
		})
	}
}

// TestLinkIsNotDialled: what comes from outside fills the field, and no more.
func TestLinkIsNotDialled(t *testing.T) {
	n := scene.New(scene.Few)
	n.Accepted = n.Accepts("found", true)
	w, f := scene.Open(t, n, entries(n, blind), link, fyne.NewSize(1000, 640))
	if scene.Find(w.Canvas(), "Show the digits") != nil {
		t.Error("it was dialled")
	}
	scene.Press(w.Canvas(), "Go on")
	if scene.Find(w.Canvas(), "Show the digits") == nil {
		t.Error("it wasn't dialled")
	}
	f.Escape()
	if scene.Find(w.Canvas(), "Go on") == nil {
		t.Error("Esc doesn't go back")
	}
}

// TestClipboardIsOffered asks before the text there is used.
func TestClipboardIsOffered(t *testing.T) {
	n := scene.New(scene.Few)
	n.Accepted = n.Accepts("found", true)
	w, f := scene.Open(t, n, entries(n, blind), frame.Place{}, fyne.NewSize(1000, 640))
	f.App.Clipboard().SetContent("look: " + scene.Ticket)
	f.Go(frame.Place{Screen: frame.Add})
	scene.Press(w.Canvas(), "Use it")
	if scene.Find(w.Canvas(), "Show the digits") == nil {
		t.Error("it wasn't used")
	}
	f.App.Clipboard().SetContent("")
}

// TestSeen goes on with a code that is on a screen, on the clipboard or before the
// camera.
func TestSeen(t *testing.T) {
	code, err := qr.Encode(scene.Ticket, 400)
	must(t, err)
	img, err := qr.Picture(bytes.NewReader(code))
	must(t, err)
	eyes := pair.Eyes{
		Screens: func(context.Context) ([]image.Image, error) {
			return []image.Image{image.NewGray(img.Bounds()), img}, nil
		},
		Clipboard: func(context.Context) (image.Image, error) { return img, nil },
		Camera: func(context.Context) (<-chan image.Image, error) {
			pictures := make(chan image.Image, 1)
			pictures <- img
			close(pictures)
			return pictures, nil
		},
	}
	for _, way := range []string{"Look at my screen", "Picture on the clipboard", "Use the camera"} {
		n := scene.New(scene.Few)
		n.Accepted = n.Accepts("found", true)
		w, _ := scene.Open(t, n, entries(n, eyes), frame.Place{Screen: frame.Add}, fyne.NewSize(1000, 640))
		scene.Press(w.Canvas(), way)
		if scene.Find(w.Canvas(), "Show the digits") == nil {
			t.Errorf("%s: it reads\n%s", way, scene.Read(w.Content()))
		}
	}
}

// TestChoosePicture has the toolkit's choice of files come up.
func TestChoosePicture(t *testing.T) {
	n := scene.New(scene.Few)
	w, _ := scene.Open(t, n, entries(n, blind), frame.Place{Screen: frame.Add}, fyne.NewSize(1000, 640))
	scene.Press(w.Canvas(), "Choose a picture…")
	if w.Canvas().Overlays().Top() == nil {
		t.Error("there is nothing to choose from")
	}
}

// TestAside has Meadow's own window out of the way while the screen is looked at.
func TestAside(t *testing.T) {
	n := scene.New(scene.Few)
	aside := &asideWindow{}
	eyes := pair.Eyes{Screens: func(context.Context) ([]image.Image, error) {
		if !aside.hidden {
			t.Error("it is in the way")
		}
		return nil, errors.New("no screen")
	}}
	w, _ := scene.Open(t, n, []frame.Entry{{Name: frame.Add, Make: func(f *frame.Frame) frame.Screen {
		aside.Window = f.Window
		f.Window = aside
		return pair.New(f, n, eyes)
	}}}, frame.Place{Screen: frame.Add}, fyne.NewSize(1000, 640))
	scene.Press(w.Canvas(), "Look at my screen")
	if aside.hidden || aside.shown != 1 {
		t.Errorf("it came back %d times", aside.shown)
	}
}

type asideWindow struct {
	fyne.Window
	hidden bool
	shown  int
}

func (w *asideWindow) Hide() { w.hidden = true }
func (w *asideWindow) Show() { w.hidden, w.shown = false, w.shown+1 }

// TestFailWith offers what can be done about a failure, once.
func TestFailWith(t *testing.T) {
	n, done := scene.New(scene.Few), 0
	w, f := scene.Open(t, n, entries(n, blind), frame.Place{Screen: frame.Add}, fyne.NewSize(1000, 640))
	f.FailWith(errors.New("odd"), look.Action{Text: "Show it", Do: func() { done++ }})
	scene.Press(w.Canvas(), "Show it")
	if done != 1 || scene.Find(w.Canvas(), "Show it") != nil {
		t.Errorf("done %d times", done)
	}
}

// TestRubbish says that a text isn't one of a code.
func TestRubbish(t *testing.T) {
	n := scene.New(scene.Few)
	w, _ := scene.Open(t, n, entries(n, blind), frame.Place{Screen: frame.Add}, fyne.NewSize(1000, 640))
	const wrong = "That isn't the text of a code: it begins with mdnpair1."
	field := w.Canvas().Focused()
	test.Type(field, "hello")
	if got := scene.Read(w.Content()); contains(got, wrong) {
		t.Errorf("it doesn't wait for the end: it reads\n%s", got)
	}
	field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if got := scene.Read(w.Content()); !contains(got, wrong) {
		t.Errorf("it reads\n%s", got)
	}
	test.Type(field, " you")
	if got := scene.Read(w.Content()); contains(got, wrong) {
		t.Errorf("it is wrong before its end: it reads\n%s", got)
	}
}

// TestLeave leads back by a button and by Esc.
func TestLeave(t *testing.T) {
	n := scene.New(scene.Few)
	home := frame.Entry{Name: frame.Home, Make: func(f *frame.Frame) frame.Screen { return pair.New(f, n, blind) }}
	w, f := scene.Open(t, n, append(entries(n, blind), home), frame.Place{Screen: frame.Add}, fyne.NewSize(1000, 640))
	for name, leave := range map[string]func(){"Esc": f.Escape, "Cancel": func() { scene.Press(w.Canvas(), "Cancel") }} {
		f.Go(frame.Place{Screen: frame.Add})
		if leave(); f.Place().Screen != frame.Home {
			t.Errorf("%s leads to %v", name, f.Place())
		}
	}
}

// TestFocusAfterFailure has the keyboard where it was at first.
func TestFocusAfterFailure(t *testing.T) {
	n := &refusing{Node: scene.New(scene.Few)}
	w, f := scene.Open(t, n.Node, []frame.Entry{{Name: frame.Add, Make: func(f *frame.Frame) frame.Screen { return pair.New(f, n, blind) }}}, link, fyne.NewSize(1000, 640))
	scene.Press(w.Canvas(), "Go on")
	if got := scene.Read(w.Content()); !contains(got, "Nothing was given") {
		t.Errorf("it reads\n%s", got)
	}
	if _, ok := f.Window.Canvas().Focused().(*keys.Entry); !ok {
		t.Errorf("the keyboard is at %T", f.Window.Canvas().Focused())
	}
}

type refusing struct{ *scene.Node }

func (*refusing) PairAccept(context.Context, node.PairAcceptOptions, func(node.Event) error) error {
	return &node.Error{Code: node.CodeRefused, Message: "refused"}
}

// TestDropped takes a file that isn't a picture.
func TestDropped(t *testing.T) {
	n := scene.New(scene.Few)
	_, f := scene.Open(t, n, entries(n, blind), frame.Place{Screen: frame.Add}, fyne.NewSize(1000, 640))
	add := pair.New(f, n, blind)
	add.Content()
	add.Dropped([]fyne.URI{storage.NewFileURI("/nowhere/code.png")})
	if got := scene.Read(add.Content()); !contains(got, "The picture can't be read") {
		t.Errorf("it reads\n%s", got)
	}
}

// TestWhoMayAdd: a limited device and a removed one say so.
func TestWhoMayAdd(t *testing.T) {
	limited := scene.New(scene.Few)
	limited.State.Devices[0].Kind = "limited"
	removed := scene.New(scene.Few)
	removed.State.Notices = []node.Notice{{Code: node.NoticeRemoved, Message: "m", Hint: "h"}}
	for want, n := range map[string]*scene.Node{
		"This is a limited device. Add the other one on a full device: Laptop.": limited,
		"This device was removed from its account: it keeps its files":          removed,
	} {
		w, _ := scene.Open(t, n, entries(n, dark), link, fyne.NewSize(1000, 640))
		if got := scene.Read(w.Content()); !contains(got, want) {
			t.Errorf("it reads\n%s", got)
		}
		if scene.Find(w.Canvas(), "Use the camera") != nil {
			t.Error("it offers ways")
		}
	}
}
