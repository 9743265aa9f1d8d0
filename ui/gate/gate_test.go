package gate_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"meadow/core/node"
	"meadow/ui/gate"
)

var enter = &fyne.KeyEvent{Name: fyne.KeyReturn}

// TestGate: every phase says what is so, and those that wait for a person have the
// one button that goes on.
func TestGate(t *testing.T) {
	test.NewTempApp(t)
	var did string
	g := gate.New(gate.Actions{Retry: func() { did = "retry" }, Stop: func() { did = "stop" }, Quit: func() { did = "quit" }})
	w := test.NewTempWindow(t, g.Content())
	defer g.Close()
	full := &node.Error{Code: node.CodeFull, Message: "the disk is full", Hint: "free some space"}
	for _, c := range []struct {
		state gate.State
		says  string
		does  string // by Enter
	}{
		{gate.State{Phase: gate.Opening}, "Just a moment.", ""},
		{gate.State{Phase: gate.Copying, Done: 2_000_000, Total: 4_000_000}, "2.0 MB of about 4.0 MB", ""},
		{gate.State{Phase: gate.Changing, Done: 0, Total: 2}, "Step 1 of 2", ""},
		{gate.State{Phase: gate.NoRoom, Err: full}, "The disk is full. Free some space.", "retry"},
		{gate.State{Phase: gate.Failed, Err: full}, "The disk is full. Free some space.", "retry"},
		{gate.State{Phase: gate.Busy}, "Only one Meadow can look after your files", "stop"},
		{gate.State{Phase: gate.Stopping}, "It finishes what it is doing first.", ""},
	} {
		t.Run(string(c.state.Phase), func(t *testing.T) {
			did = ""
			g.Set(c.state)
			w.Canvas().Unfocus()
			g.Focus(w.Canvas())
			if !strings.Contains(c.state.Text(), c.says) || c.state.Title() == "" {
				t.Errorf("it says %q: %q", c.state.Title(), c.state.Text())
			}
			if f := w.Canvas().Focused(); (f != nil) != (c.does != "") {
				t.Errorf("%v has the focus", f)
			} else if f != nil {
				f.TypedKey(enter)
			}
			if did != c.does {
				t.Errorf("Enter does %q", did)
			}
		})
	}
}
