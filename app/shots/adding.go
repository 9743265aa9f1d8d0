package main

import (
	"context"
	"image"

	"fyne.io/fyne/v2"

	"meadow/core/qr"
	"meadow/ui/frame"
	"meadow/ui/pair"
	"meadow/ui/scene"
)

// adding are the pictures of the screen that adds a device.
func adding() []shot {
	add := frame.Place{Screen: frame.Add}
	link := frame.Place{Screen: frame.Add, Item: "meadow://pair/" + scene.Ticket}
	after := func(do func(fyne.Canvas)) func(*frame.Frame) {
		return func(f *frame.Frame) {
			scene.Press(f.Window.Canvas(), "Go on")
			if do != nil {
				do(f.Window.Canvas())
			}
		}
	}
	met := func(name, until string, near bool, do func(fyne.Canvas)) shot {
		return shot{name: "add-" + name, place: link, set: func(n *scene.Node) { n.Accepted = n.Accepts(until, near) }, do: after(do)}
	}
	return []shot{
		{name: "add-ways", place: add, set: func(n *scene.Node) { n.Around = n.Neighbours() }},
		{name: "add-link", place: link},
		{name: "add-camera", place: add, calls: 2, do: func(f *frame.Frame) { scene.Press(f.Window.Canvas(), "Use the camera") }},
		met("asks", "", true, nil),
		met("choose", "found", true, nil),
		met("spaces", "found", true, func(c fyne.Canvas) { scene.Press(c, "Chosen spaces") }),
		met("far", "found", false, func(c fyne.Canvas) {
			scene.Press(c, "Limited device")
		}),
		met("wary", "waiting", false, nil),
		met("digits", "code", true, nil),
		met("done", "paired", true, nil),
	}
}

// film sees a code that isn't one of Meadow's.
func film(context.Context) (<-chan image.Image, error) {
	pictures := make(chan image.Image, 1)
	code, err := qr.Squares("https://example.org/menu")
	if err == nil {
		pictures <- code
	}
	return pictures, err
}

var eyes = pair.Eyes{
	Camera: film, Screens: func(context.Context) ([]image.Image, error) { return nil, nil },
	Clipboard: func(context.Context) (image.Image, error) { return nil, nil },
}
