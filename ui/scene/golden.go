package scene

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"meadow/ui/frame"
	"meadow/ui/look"
)

// Scenes are where the clock shows what it is at Greenwich.
func init() { time.Local = time.UTC }

// Open opens a window of a size on a node's scene, at a place, and returns it with
// its frame. Nothing in it happens beside the test.
func Open(t testing.TB, n *Node, entries []frame.Entry, p frame.Place, size fyne.Size) (fyne.Window, *frame.Frame) {
	t.Helper()
	a := test.NewApp()
	t.Cleanup(a.Quit)
	a.Settings().SetTheme(look.New(look.ModeLight, 1))
	w := test.NewWindow(nil)
	t.Cleanup(w.Close)
	w.SetPadded(false)
	w.Resize(size)
	feed := frame.NewFeed(n, Clock)
	if err := feed.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	f := frame.New(a, w, n, feed, frame.NewWorker(t.Context(), true), entries)
	t.Cleanup(f.Close)
	f.Go(p)
	return w, f
}

// Golden compares what is read on a screen with testdata/NAME.txt. With GOLDEN=1 in
// the environment it writes the file instead.
func Golden(t *testing.T, name string, o fyne.CanvasObject) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	got := Read(o)
	if os.Getenv("GOLDEN") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; GOLDEN=1 writes it", err)
	}
	if string(want) != got {
		t.Errorf("%s: it reads\n%s\nwant\n%s", name, got, want)
	}
}
