package frame_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"meadow/ui/frame"
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
	w, f := scene.Open(t, scene.New(scene.Few), []frame.Entry{{Name: frame.Home, Make: func(*frame.Frame) frame.Screen {
		return stays{container.NewVBox()}
	}}}, frame.Place{Screen: frame.Home}, fyne.NewSize(1000, 640))
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

// TestDialogOverSheet closes a dialog of the toolkit, and leaves the sheet below it as
// it is.
func TestDialogOverSheet(t *testing.T) {
	w, f := scene.Open(t, scene.New(scene.Few), []frame.Entry{{Name: frame.Home, Make: func(*frame.Frame) frame.Screen {
		return stays{container.NewVBox()}
	}}}, frame.Place{Screen: frame.Home}, fyne.NewSize(1000, 640))
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
