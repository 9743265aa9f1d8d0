package frame_test

import (
	"errors"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/scene"
)

// stays is a screen that shows nothing.
type stays struct{ fyne.CanvasObject }

func (s stays) Content() fyne.CanvasObject { return s.CanvasObject }
func (stays) Shown(frame.Place)            {}
func (stays) Update(*frame.Now)            {}
func (stays) Hidden()                      {}

// TestThemeChanges has screens made anew that weren't up when the theme changed.
func TestThemeChanges(t *testing.T) {
	a := test.NewTempApp(t)
	n := scene.New(scene.Few)
	made := map[string]int{}
	entry := func(name string) frame.Entry {
		return frame.Entry{Name: name, Make: func(*frame.Frame) frame.Screen {
			made[name]++
			return stays{container.NewVBox()}
		}}
	}
	f := frame.New(a, test.NewTempWindow(t, nil), n, frame.NewFeed(n, scene.Clock), frame.NewWorker(t.Context(), true),
		[]frame.Entry{entry(frame.Home), entry(frame.Settings)})
	defer f.Close()
	f.Go(frame.Place{Screen: frame.Home})
	f.Go(frame.Place{Screen: frame.Settings})
	a.Settings().SetTheme(look.New(look.ModeDark, 1.5))
	f.Go(frame.Place{Screen: frame.Settings})
	f.Go(frame.Place{Screen: frame.Home})
	if made[frame.Home] != 2 || made[frame.Settings] != 1 {
		t.Errorf("made %v", made)
	}
}

// TestLate has things end after the window was closed: nothing is shown in it, and
// what went wrong is told elsewhere.
func TestLate(t *testing.T) {
	a := test.NewTempApp(t)
	n := scene.New(scene.Few)
	made := 0
	f := frame.New(a, test.NewTempWindow(t, nil), n, frame.NewFeed(n, scene.Clock), frame.NewWorker(t.Context(), true), []frame.Entry{
		{Name: frame.Home, Make: func(*frame.Frame) frame.Screen {
			made++
			return nil
		}},
	})
	var told []string
	f.Late = func(text string) { told = append(told, text) }
	f.Close()
	f.Go(frame.Place{Screen: frame.Home})
	f.Say("done", nil)
	f.Fail(&node.Error{Message: "the disk is full", Hint: "free some space"})
	closed := false
	f.Sheet("3 files weren't added", container.NewVBox(), func() { closed = true })
	if made > 0 || len(told) != 2 || told[0] != "The disk is full. Free some space." || !closed {
		t.Errorf("made %d screens, told %q, closed %v", made, told, closed)
	}
	f.Fail(errors.New("another"))
	if len(told) != 3 {
		t.Errorf("told %q", told)
	}
}
