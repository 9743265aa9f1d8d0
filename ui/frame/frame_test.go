package frame_test

import (
	"testing"

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
