package main

import (
	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/gate"
	"meadow/ui/scene"
)

// gates are the pictures of a window that has no home to show.
func gates() []shot {
	full := &node.Error{
		Code: node.CodeFull, Message: "Meadow waits to start: the disk of /home/anna has 12 MB free and 84 MB are needed; nothing was touched",
		Hint: "free 72 MB there; Meadow goes on by itself",
	}
	damaged := &node.Error{
		Code: node.CodeDamaged, Message: "the database is damaged; your folders and what is kept in /home/anna/.local/share/meadow/blobs were not touched",
		Hint: "check the disk, move this home away, make another one, and pair it with another of your devices: what is in its folders stays",
	}
	return []shot{
		{name: "gate-opening", instead: gated(gate.State{Phase: gate.Opening})},
		{name: "gate-copying", instead: gated(gate.State{Phase: gate.Copying, Done: 212_000_000, Total: 640_000_000})},
		{name: "gate-room", instead: gated(gate.State{Phase: gate.NoRoom, Err: full})},
		{name: "gate-failed", instead: gated(gate.State{Phase: gate.Failed, Err: damaged})},
		{name: "gate-busy", instead: gated(gate.State{Phase: gate.Busy})},
	}
}

func gated(s gate.State) func(fyne.Window, *frame.Worker, *scene.Node) {
	return func(w fyne.Window, _ *frame.Worker, _ *scene.Node) {
		g := gate.New(gate.Actions{})
		w.SetContent(g.Content())
		g.Set(s)
		g.Close()
	}
}
