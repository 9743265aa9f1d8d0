package frame_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/scene"
)

func TestSummary(t *testing.T) {
	for size, want := range map[scene.Size]string{
		scene.Empty: "Only this device so far",
		scene.Few:   "3 things need you",
	} {
		feed := frame.NewFeed(scene.New(size), scene.Clock)
		if err := feed.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := frame.Summary(feed.Now()); got != want {
			t.Errorf("%s: %q, want %q", size, got, want)
		}
	}
}

// TestPlaces goes to screens that there are and aren't.
func TestPlaces(t *testing.T) {
	a := test.NewTempApp(t)
	n := scene.New(scene.Few)
	feed := frame.NewFeed(n, scene.Clock)
	f := frame.New(a, test.NewTempWindow(t, nil), n, feed, frame.NewWorker(t.Context(), true), nil)
	defer f.Close()
	f.Go(frame.Place{Screen: "no such screen"})
	if f.Place() != (frame.Place{}) {
		t.Errorf("it is at %v", f.Place())
	}
}

// TestSheetBelow closes a sheet that another one is over: that one stays.
func TestSheetBelow(t *testing.T) {
	w, f, _ := open(t)
	shut := f.Sheet("Writing", container.NewVBox(), nil, frame.Button{Text: "Stop"})
	pressed := false
	f.Confirm("Delete it?", "It goes.", "Delete", true, func() { pressed = true })
	shut()
	if scene.Find(w.Canvas(), "Stop") != nil || scene.Find(w.Canvas(), "Delete") == nil || !f.Covered() {
		t.Fatal("the wrong sheet is closed")
	}
	scene.Press(w.Canvas(), "Delete")
	if !pressed || f.Covered() || w.Canvas().Overlays().Top() != nil {
		t.Error("it can't be pressed, or doesn't close")
	}
}

// open is a window with a screen that files can be dropped on.
func open(t *testing.T) (fyne.Window, *frame.Frame, *floor) {
	screen := &floor{stays: stays{container.NewVBox()}}
	w, f := scene.Open(t, scene.New(scene.Few), []frame.Entry{{Name: frame.Home, Make: func(*frame.Frame) frame.Screen { return screen }}},
		frame.Place{Screen: frame.Home}, fyne.NewSize(1000, 640))
	return w, f, screen
}

type floor struct {
	stays
	has []fyne.URI
}

func (s *floor) Dropped(files []fyne.URI) { s.has = append(s.has, files...) }

// TestDropped gives dropped files to the owner whatever is up, and to the screen if
// nothing is over it.
func TestDropped(t *testing.T) {
	_, f, screen := open(t)
	a, b := storage.NewFileURI("/a.meadow-drop"), storage.NewFileURI("/b.txt")
	takes := 0
	f.Takes = func(files []fyne.URI) []fyne.URI {
		takes++
		return files[1:]
	}
	shut := f.Sheet("Writing", container.NewVBox(), nil)
	f.Drop([]fyne.URI{a, b})
	if takes != 1 || len(screen.has) != 0 {
		t.Errorf("below a sheet: the owner was asked %d times, the screen has %v", takes, screen.has)
	}
	shut()
	f.Drop([]fyne.URI{a, b})
	if takes != 2 || len(screen.has) != 1 || screen.has[0] != b {
		t.Errorf("the owner was asked %d times, the screen has %v", takes, screen.has)
	}
}

// TestFit makes a sheet smaller again when there is less in it, and keeps it in the
// middle.
func TestFit(t *testing.T) {
	w, f, _ := open(t)
	goes := look.NewParagraph("It goes.", "")
	f.Sheet("Writing", f.Fitting(look.NewColumn(look.SizeM, look.NewParagraph("It stays.", ""), goes)), nil, frame.Button{Text: "Stop"})
	shape := func() (top, high float32) {
		scene.Walk(w.Canvas().Overlays().Top(), func(o fyne.CanvasObject) bool {
			p, ok := o.(*widget.PopUp)
			if ok {
				top, high = p.Position().Y, p.Size().Height
			}
			return !ok
		})
		return top, high
	}
	_, before := shape()
	goes.Hide()
	f.Fit()
	top, after := shape()
	if after >= before || after == 0 || top != (w.Canvas().Size().Height-after)/2 {
		t.Errorf("it is %v high at %v, and was %v", after, top, before)
	}
}

// TestDialogOverSheet closes a dialog of the toolkit, and leaves the sheet below it as
// it is.
func TestDialogOverSheet(t *testing.T) {
	w, f, _ := open(t)
	f.Sheet("Writing", container.NewVBox(), nil, frame.Button{Text: "Stop"})
	f.ChooseFolder("Where to", "Use this folder", func(path string) { t.Errorf("%s is chosen", path) })
	if !strings.Contains(scene.Read(w.Canvas().Overlays().Top()), "Where to") {
		t.Fatal("nothing is asked")
	}
	f.Escape()
	if top := w.Canvas().Overlays().Top(); top == nil || !strings.Contains(scene.Read(top), "Writing") {
		t.Fatal("the sheet is closed too, or the dialog isn't")
	}
	f.Escape()
	if f.Covered() {
		t.Error("the sheet doesn't close")
	}
}
