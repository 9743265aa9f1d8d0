package carry_test

import (
	"strings"
	"testing"

	"meadow/ui/scene"
)

// TestQuit asks before quitting cuts off what is under way, once, and says what stays
// of it. When that is done meanwhile there is nothing to ask.
func TestQuit(t *testing.T) {
	u, turn := useTurned(t)
	u.node.Halfway = true
	quits := 0
	ask := func() { u.carrier.AskQuit(func() { quits++ }) }
	wants := func(n int, when string) {
		t.Helper()
		if quits != n {
			t.Fatalf("%s: %d times quit, not %d", when, quits, n)
		}
	}
	if ask(); u.carrier.Works() {
		t.Error("something is under way")
	}
	wants(1, "with nothing under way")

	u.out()
	turn(2) // its name, and what is plugged in
	u.where(t.TempDir())
	u.press("Write the file")
	turn(1)
	ask()
	ask()
	u.reads("Quit before it is done?", "Writing Photos: 33 %", "Quitting stops it, and no file is left.")
	u.press("Go on")
	wants(1, "it goes on")
	if all := u.read(); strings.Contains(all, "Quit before") || !strings.Contains(all, "1.4 GB of 4.2 GB") {
		t.Errorf("what goes on isn't what is seen:\n%s", all)
	}
	ask()
	u.press("Quit anyway")
	wants(2, "it is to be cut off")

	ask()
	u.frame.Close() // in which it was asked
	u.carrier.Closed()
	u.open()
	u.carrier.Opened(u.frame)
	ask()
	u.reads("Quit before it is done?")
	u.press("Go on")
	u.press("Stop")
	ask()
	wants(3, "it is being stopped")
	turn(1)
	if u.carrier.Works() || u.frame.Covered() {
		t.Error("it goes on")
	}

	u.drops(scene.DropAt)
	turn(1) // what is in it
	u.press("Take it in")
	turn(1)
	ask()
	u.reads("Quit before it is done?", "Taking in Photos 2026-11-20: 50 %", "What has come in stays, and taking the drop in again goes on from there.")
	u.press("Quit anyway")
	wants(4, "it is to be taken in no further")
}

// TestQuitDone takes back the question whether to quit when what it is about is done.
func TestQuitDone(t *testing.T) {
	u, turn := useTurned(t)
	u.drops(scene.DropAt)
	turn(1)
	u.press("Take it in")
	turn(1)
	u.carrier.AskQuit(func() { t.Error("it quits") })
	u.reads("Quit before it is done?")
	turn(1)
	u.reads("The drop is taken in")
	if strings.Contains(u.read(), "Quit before") {
		t.Error("it is still asked")
	}
}
