package main

import (
	"fyne.io/fyne/v2"

	"meadow/ui/access"
	"meadow/ui/frame"
	"meadow/ui/scene"
)

// accessShots are the map with something chosen or looked for, and its other views.
func accessShots(n *scene.Node) []shot {
	if len(n.Friends) == 0 {
		return nil
	}
	at := func(name, item, space, path string, do func(*frame.Frame)) shot {
		return shot{name: "access-" + name, place: frame.Place{Screen: frame.Access, Item: item, Space: space, Path: path}, do: do}
	}
	press := func(verbs ...string) func(*frame.Frame) {
		return func(f *frame.Frame) {
			for _, verb := range verbs {
				scene.Press(f.Window.Canvas(), verb)
			}
		}
	}
	ana, bob, photos := n.Friends[0].Custodian, n.Friends[1].Custodian, n.State.Spaces[0].ID
	return []shot{
		at("cell", ana, photos, "", nil),
		at("through", bob, photos, "", nil),
		at("nothing", bob, n.State.Spaces[1].ID, "", nil),
		at("person", ana, "", "", nil),
		at("space", "", photos, "", nil),
		at("ends", "", "", "", press("Ends this week")),
		at("people", "", "", "", foldDevices),
		at("list", "", "", "", press("List")),
		at("graph", "graph", "", "", nil),
		at("graph-person", "graph", "", "", func(f *frame.Frame) { f.Go(frame.Place{Screen: frame.Access, Item: ana}) }),
		at("graph-all", "graph", "", "", func(f *frame.Frame) { graphKeys(f, fyne.KeyEnd, fyne.KeyReturn) }),
		at("log", "audit", "", "", nil),
		{name: "access-devices", place: frame.Place{Screen: frame.Access}, set: func(n *scene.Node) { n.Friends, n.Given, n.Offered = nil, nil, nil }},
	}
}

// graphKeys types keys into the graph.
func graphKeys(f *frame.Frame, keys ...fyne.KeyName) {
	scene.Walk(f.Window.Content(), func(o fyne.CanvasObject) bool {
		g, ok := o.(*access.GraphView)
		if ok {
			f.Window.Canvas().Focus(g)
			for _, k := range keys {
				g.TypedKey(&fyne.KeyEvent{Name: k})
			}
		}
		return !ok
	})
}

// foldDevices folds the account's own devices with the keyboard.
func foldDevices(f *frame.Frame) {
	scene.Walk(f.Window.Content(), func(o fyne.CanvasObject) bool {
		g, ok := o.(*access.Grid)
		if ok {
			f.Window.Canvas().Focus(g)
			for _, k := range []fyne.KeyName{fyne.KeyReturn, fyne.KeyDown, fyne.KeyDown} {
				g.TypedKey(&fyne.KeyEvent{Name: k})
			}
		}
		return !ok
	})
}
