package main

import (
	"meadow/ui/frame"
	"meadow/ui/scene"
	"meadow/ui/words"
)

// deviceShots are the sheets about a device, and one that is offline.
func deviceShots(n *scene.Node) []shot {
	if len(n.State.Devices) < 3 {
		return nil
	}
	press := func(verb string) func(*frame.Frame) {
		return func(f *frame.Frame) { scene.Press(f.Window.Canvas(), verb) }
	}
	laptop := frame.Place{Screen: frame.Devices, Item: n.State.Devices[1].Endpoint}
	phone := frame.Place{Screen: frame.Devices, Item: n.State.Devices[2].Endpoint}
	return []shot{
		{name: "devices-offline", place: phone},
		{name: "devices-doctor", place: phone, do: press("Why isn't it connected?")},
		{name: "devices-self", place: frame.Place{Screen: frame.Devices, Item: n.State.Devices[0].Endpoint}},
		{name: "devices-spaces", place: phone, do: func(f *frame.Frame) {
			scene.Press(f.Window.Canvas(), "Change")
			scene.Press(f.Window.Canvas(), words.Shown(n.State.Spaces[0].Name))
			scene.Press(f.Window.Canvas(), words.Shown(n.State.Spaces[1].Name))
		}},
		{name: "devices-rename", place: laptop, do: press("Rename")},
		{name: "devices-remove", place: laptop, do: press("Remove this device")},
		{name: "devices-stolen", place: laptop, do: func(f *frame.Frame) {
			scene.Press(f.Window.Canvas(), "Remove this device")
			scene.Press(f.Window.Canvas(), "Lost or stolen")
		}},
		{name: "devices-removed", place: laptop, do: func(f *frame.Frame) {
			scene.Press(f.Window.Canvas(), "Remove this device")
			scene.Press(f.Window.Canvas(), "Remove this device")
		}},
	}
}
