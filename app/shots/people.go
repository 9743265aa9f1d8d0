package main

import (
	"fyne.io/fyne/v2"

	"meadow/ui/frame"
	"meadow/ui/scene"
	"meadow/ui/share"
)

// peopleShots are somebody who is away, and the sheets that give access and take it
// back.
func peopleShots(n *scene.Node) []shot {
	if len(n.Friends) < 3 {
		return nil
	}
	first := frame.Place{Screen: frame.People, Item: n.Friends[0].Custodian}
	then := func(name string, do func(f *frame.Frame, c fyne.Canvas)) shot {
		return shot{name: "share-" + name, place: first, do: func(f *frame.Frame) { do(f, f.Window.Canvas()) }}
	}
	inside := func(f *frame.Frame) { share.Space(f, n, n.State.Spaces[0], "2026/Summer at the lake") }
	chosen := func(f *frame.Frame) {
		inside(f)
		scene.Type(f.Window.Canvas(), "With whom? Find a person", n.Friends[1].Name)
		f.Window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	}
	return []shot{
		{name: "people-away", place: frame.Place{Screen: frame.People, Item: n.Friends[1].Custodian}},
		{name: "people-blocked", place: frame.Place{Screen: frame.People, Item: n.Friends[2].Custodian}},
		then("what", func(_ *frame.Frame, c fyne.Canvas) { scene.Press(c, "Share…") }),
		then("who", func(f *frame.Frame, _ fyne.Canvas) { inside(f) }),
		then("how", func(f *frame.Frame, _ fyne.Canvas) { chosen(f) }),
		then("date", func(f *frame.Frame, c fyne.Canvas) {
			chosen(f)
			scene.Press(c, "Add only")
			scene.Press(c, "A date")
		}),
		then("change", func(f *frame.Frame, _ fyne.Canvas) { share.Change(f, n, n.Given[0]) }),
		then("end", func(f *frame.Frame, _ fyne.Canvas) { share.TakeBack(f, n, n.Given[0]) }),
		then("stolen", func(f *frame.Frame, c fyne.Canvas) {
			share.TakeBack(f, n, n.Given[0])
			scene.Press(c, "Device stolen")
		}),
		then("receipt", func(f *frame.Frame, c fyne.Canvas) {
			share.TakeBack(f, n, n.Given[0])
			scene.Press(c, "End access")
		}),
	}
}

// meetShots are the pages that add a person.
func meetShots() []shot {
	met := func(name string, shows bool, until string, near bool, verb string) shot {
		return shot{name: "meet-" + name, place: frame.Place{Screen: frame.AddPerson, Item: "meadow://contact?" + scene.Contact}, set: func(n *scene.Node) {
			n.Shown, n.Accepted = nil, nil
			if shows {
				n.Shown = n.Meets(true, until, near)
			} else {
				n.Accepted = n.Meets(false, until, near)
			}
		}, do: func(f *frame.Frame) {
			if verb != "" {
				scene.Press(f.Window.Canvas(), verb)
			}
		}}
	}
	return []shot{
		met("ways", true, "", true, ""),
		met("code", true, "ticket", true, "Show my code"),
		met("asked", true, "confirm", false, "Show my code"),
		met("refused", true, "refused", true, "Show my code"),
		met("digits", false, "code", false, "Go on"),
		met("done", false, "added", true, "Go on"),
	}
}
