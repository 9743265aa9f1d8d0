package tray

import (
	"bytes"
	"image/png"
	"log/slog"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/software"

	"meadow/ui/frame"
	"meadow/ui/look"
)

const iconSide = 64 // pixels; the desktop makes it smaller

// looks are the states' shapes. What they mean is never told by colour alone.
var looks = map[frame.State]struct {
	icon fyne.ThemeIconName
	tone look.Tone
}{
	frame.Idle:     {look.IconCheck, look.ToneGood},
	frame.Syncing:  {look.IconSync, look.ToneInfo},
	frame.Paused:   {look.IconPause, look.ToneMuted},
	frame.Offline:  {look.IconOffline, look.ToneMuted},
	frame.NeedsYou: {look.IconWarning, look.ToneAttention},
	frame.Stopped:  {look.IconClose, look.ToneDanger},
}

// draw draws a state's icon: on a disc of its own, as nobody knows what colour the
// desktop's panel has. On the interface thread.
func draw(s frame.State) []byte {
	l := looks[s]
	c := software.NewTransparentCanvas()
	c.SetPadded(false)
	c.SetContent(container.NewStack(look.NewStateIcon(l.tone, l.icon, string(s))))
	c.Resize(fyne.NewSquareSize(iconSide))
	var out bytes.Buffer
	if err := png.Encode(&out, c.Capture()); err != nil {
		slog.Warn("The tray's icon couldn't be drawn", "error", err)
	}
	return out.Bytes()
}
