package hold_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/hold"
	"meadow/ui/look"
	"meadow/ui/scene"
)

// window is banners in a window, with what a scene holds.
func window(t *testing.T) (*hold.Banners, *scene.Node, *frame.Frame) {
	t.Helper()
	a, w, n := test.NewTempApp(t), test.NewTempWindow(t, nil), scene.New(scene.Few)
	a.Settings().SetTheme(look.New(look.ModeLight, 1))
	feed := frame.NewFeed(n, scene.Clock)
	f := frame.New(a, w, n, feed, frame.NewWorker(t.Context(), true), nil)
	t.Cleanup(f.Close)
	if err := feed.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := hold.New(f, n)
	b.Set(f.Now().Holds)
	return b, n, f
}

// button finds a button by its verb in whatever is in an object.
func button(o fyne.CanvasObject, verb string) *look.Button {
	switch o := o.(type) {
	case *look.Button:
		if o.Text == verb {
			return o
		}
	case *fyne.Container:
		for _, in := range o.Objects {
			if b := button(in, verb); b != nil {
				return b
			}
		}
	case fyne.Widget:
		for _, in := range test.WidgetRenderer(o).Objects() {
			if b := button(in, verb); b != nil {
				return b
			}
		}
	}
	return nil
}

func TestKeep(t *testing.T) {
	b, n, f := window(t)
	if !b.Content().Visible() {
		t.Fatal("no banner is shown")
	}
	test.Tap(button(b.Content(), "Keep the files"))
	if len(n.Holds) != 0 {
		t.Errorf("%d holds are left", len(n.Holds))
	}
	if err := f.Feed.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.Set(f.Now().Holds)
	if b.Content().Visible() {
		t.Error("the banner stays")
	}
}

// TestRemoveAsks: removing needs a second word, and Esc takes the first one back.
func TestRemoveAsks(t *testing.T) {
	b, n, f := window(t)
	test.Tap(button(b.Content(), "Remove"))
	if f.Window.Canvas().Overlays().Top() == nil {
		t.Fatal("nothing is asked")
	}
	f.Escape()
	if len(n.Holds) != 1 || f.Window.Canvas().Overlays().Top() != nil {
		t.Error("Esc didn't take it back")
	}
}

// TestRemoveAsksAgain: what has grown since it was shown is asked about anew.
func TestRemoveAsksAgain(t *testing.T) {
	b, n, f := window(t)
	test.Tap(button(b.Content(), "Remove"))
	n.Holds[0].Removes = 1310
	n.Holds = []node.Hold{n.Holds[0]}
	if err := f.Feed.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	test.Tap(button(f.Window.Canvas().Overlays().Top(), "Remove"))
	if len(n.Holds) != 1 {
		t.Error("more was removed than was asked about")
	}
}

func TestSentence(t *testing.T) {
	for want, h := range map[string]node.Hold{
		"Laptop wants to remove 1,204 of 1,310 files in Photos": {Kind: "removed", Device: "Laptop", Space: "Photos", Removes: 1204, Of: 1310},
		"Laptop wants to remove 1 of 1 file in Photos":          {Kind: "removed", Device: "Laptop", Space: "Photos", Removes: 1, Of: 1},
		"25 of 30 files are missing from the folder of Thirty":  {Kind: "removed", Here: true, Device: "Bea", Space: "Thirty", Removes: 25, Of: 30},
		"The folder of Photos is missing, with 3 of 3 files":    {Kind: "missing", Space: "Photos", Removes: 3, Of: 3},
		"The disk at raw in Photos is missing, with 3 of 9 files": {
			Kind: "missing", Space: "Photos", Place: "raw", Removes: 3, Of: 9,
		},
	} {
		if got := hold.Sentence(h); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := hold.Sentence(node.Hold{Device: "a\u202eb", Space: "x\ny", Of: 2}); strings.ContainsAny(got, "\u202e\n") {
		t.Errorf("%q isn't safe to show", got)
	}
}
