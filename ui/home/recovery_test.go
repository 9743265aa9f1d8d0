package home_test

import (
	"strings"
	"testing"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/scene"
)

// TestRecovery tells how far bringing the account back is, and ends the waiting.
func TestRecovery(t *testing.T) {
	for state, want := range map[string]string{
		node.RecoverySearching: "Its data is being looked for.",
		node.RecoveryFetching:  "Your account is back: 3 spaces were found, 812 MB to fetch",
		node.RecoveryWords:     "Your words are needed once more",
		node.RecoveryDone:      "No longer of the account: Old laptop. Those that you have, add anew.",
	} {
		n := scene.New(scene.Few)
		n.Recovering(state)
		s, f := open(t, n, frame.Place{}, large)
		if got := scene.Read(s.Content()); !strings.Contains(got, want) {
			t.Errorf("%s: it reads\n%s", state, got)
		}
		if state != node.RecoveryFetching {
			continue
		}
		scene.Press(f.Window.Canvas(), "Don't wait for more")
		scene.Press(f.Window.Canvas(), "Take it over")
		if n.State.Recovery.State != node.RecoveryDone {
			t.Errorf("it is %s", n.State.Recovery.State)
		}
	}
}
