package tray

import (
	"bytes"
	"image/png"
	"log/slog"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"

	"meadow/ui/frame"
	"meadow/ui/look"
)

const iconSide = 64 // pixels; the desktop makes it smaller

// looks are the states' shapes.
var looks = map[frame.State]look.TrayState{
	frame.Idle: look.TrayIdle, frame.Syncing: look.TraySyncing, frame.Waiting: look.TraySyncing, frame.Paused: look.TrayPaused,
	frame.Offline: look.TrayOffline, frame.NeedsYou: look.TrayNeedsYou, frame.Stopped: look.TrayStopped,
}

// draw draws a state's icon: desktops don't all take drawings. On the interface
// thread.
func draw(s frame.State) []byte {
	c := software.NewTransparentCanvas()
	c.SetPadded(false)
	c.SetContent(canvas.NewImageFromResource(looks[s].Icon()))
	c.Resize(fyne.NewSquareSize(iconSide))
	var out bytes.Buffer
	if err := png.Encode(&out, c.Capture()); err != nil {
		slog.Warn("The tray's icon couldn't be drawn", "error", err)
	}
	return out.Bytes()
}
