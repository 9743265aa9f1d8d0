//go:build ci

package pair

import (
	"testing"

	"fyne.io/fyne/v2"

	"meadow/ui/frame"
	"meadow/ui/scene"
)

// TestStillWhenHidden: nothing moves on a page that isn't shown, and late news of
// devices around doesn't start it again.
func TestStillWhenHidden(t *testing.T) {
	n := scene.New(scene.Few)
	var a *Add
	_, f := scene.Open(t, n, []frame.Entry{
		{Name: frame.Add, Make: func(f *frame.Frame) frame.Screen { a = New(f, n, Eyes{}); return a }},
	}, frame.Place{Screen: frame.Add}, fyne.NewSize(1000, 640))
	moves := func() bool { return a.ways.Works.Running() || a.ways.search.Turns() || a.digits.works.Turns() }
	if !moves() {
		t.Error("it doesn't search")
	}
	a.ways.Works.Start()
	a.Hidden()
	if moves() {
		t.Error("it moves on while hidden")
	}
	a.ways.around(nil, nil)
	a.Update(f.Now())
	if moves() {
		t.Error("late news has it move")
	}
	a.Shown(frame.Place{Screen: frame.Add})
	a.state.phase = dialling
	a.refresh()
	if a.ways.search.Turns() || !a.digits.works.Turns() {
		t.Error("the page behind moves, or the one before doesn't")
	}
}
