package tray

import (
	"bytes"
	"image/png"
	"testing"

	"fyne.io/fyne/v2/test"

	"meadow/ui/frame"
)

// TestIcons: every state has a picture of its own that is of some size and not all
// of it, so that it can be told from the others without colour.
func TestIcons(t *testing.T) {
	test.NewTempApp(t)
	shapes := make(map[string]frame.State)
	for _, s := range []frame.State{frame.Idle, frame.Syncing, frame.Paused, frame.Offline, frame.NeedsYou, frame.Stopped} {
		icon, err := png.Decode(bytes.NewReader(draw(s)))
		if err != nil {
			t.Fatal(err)
		}
		shape, inked := make([]byte, 0, iconSide*iconSide), 0
		for y := range iconSide {
			for x := range iconSide {
				_, _, _, a := icon.At(x, y).RGBA()
				if a > 0x8000 {
					inked++
				}
				shape = append(shape, byte(a>>15))
			}
		}
		if share := float64(inked) / (iconSide * iconSide); share < 0.1 || share > 0.95 {
			t.Errorf("%s: %.0f %% of it is drawn on", s, 100*share)
		}
		if same, known := shapes[string(shape)]; known {
			t.Errorf("%s and %s have one shape", s, same)
		}
		shapes[string(shape)] = s
	}
}
