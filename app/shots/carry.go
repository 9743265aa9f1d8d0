package main

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/scene"
)

// carryShots are the sheets of what goes by hand: drops and links.
func carryShots(n *scene.Node) []shot {
	drop := func(f *frame.Frame) { f.Takes([]fyne.URI{storage.NewFileURI(scene.DropAt)}) }
	strange := func(beside int) func(*scene.Node) { return func(n *scene.Node) { n.Strange(beside) } }
	home := frame.Place{Screen: frame.Home}
	all := []shot{
		{name: "carry-strange", place: home, set: strange(0), do: drop},
		{name: "carry-broken", place: home, do: func(f *frame.Frame) { f.Takes([]fyne.URI{storage.NewFileURI("/tmp/broken" + node.DropExt)}) }},
	}
	if len(n.State.Spaces) < 3 {
		return all
	}
	at := frame.Place{Screen: frame.Space, Space: n.State.Spaces[0].ID, Path: "2019/Summer at the lake"}
	take := func(f *frame.Frame) {
		drop(f)
		scene.Press(f.Window.Canvas(), "Take it in")
	}
	cut := func(n *scene.Node) {
		n.DropErr = &node.Error{Code: node.CodeDamaged, Message: "the drop is damaged after 1.2 GB: what came before it was kept", Hint: "copy the file again, or have it written again"}
	}
	return append(all,
		shot{name: "carry-out", place: at, do: carriesOut},
		shot{name: "carry-out-wrong", place: at, do: func(f *frame.Frame) {
			carriesOut(f)
			scene.Press(f.Window.Canvas(), "Write the file")
		}},
		shot{name: "carry-out-failed", place: at, set: func(n *scene.Node) {
			n.DropErr = &node.Error{
				Code: node.CodeFull, Message: "there is no room for /media/anna/STICK/Photos 2026-11-23.meadow-drop; nothing was left there",
				Hint: "make room there, or choose less with --newest or --max-size",
			}
		}, do: func(f *frame.Frame) {
			carriesOut(f)
			writes(f)
		}},
		shot{name: "carry-writing", place: at, set: func(n *scene.Node) { n.Halfway = true }, steps: func(f *frame.Frame, next func()) {
			carriesOut(f)
			next() // the file's name
			next() // what is plugged in
			writes(f)
			next() // how far it is
		}},
		shot{name: "carry-quit", place: at, set: func(n *scene.Node) { n.Halfway = true }, steps: func(f *frame.Frame, next func()) {
			carriesOut(f)
			next()
			next()
			writes(f)
			next()
			f.Quit()
		}},
		shot{name: "carry-written", place: at, do: func(f *frame.Frame) {
			carriesOut(f)
			writes(f)
		}},
		shot{name: "carry-in", place: home, do: drop},
		shot{name: "carry-in-several", place: home, set: strange(2), do: drop},
		shot{name: "carry-in-cut", place: home, do: func(f *frame.Frame) { f.Takes([]fyne.URI{storage.NewFileURI("/tmp/cut" + node.DropExt)}) }},
		shot{name: "carry-taken", place: home, do: take},
		shot{name: "carry-taken-several", place: home, set: strange(2), do: take},
		shot{name: "carry-taken-cut", place: home, set: cut, do: take},
		shot{name: "carry-link", place: at, do: asksLink},
		shot{name: "carry-link-strange", place: at, do: func(f *frame.Frame) {
			asksLink(f)
			opensLink(f, "willow://-1b2c3d.1b2c3d/Letters/To%20the%20council.odt")
		}},
		shot{name: "carry-link-gone", place: at, do: func(f *frame.Frame) {
			asksLink(f)
			opensLink(f, "willow://-"+n.State.Spaces[0].ID+".1/2019/Gone.jpg")
		}},
		shot{name: "carry-link-copied", place: at, do: func(f *frame.Frame) {
			scene.Press(f.Window.Canvas(), "More about this space")
			scene.PressItem(f.Window.Canvas(), "Copy link")
		}},
	)
}

func carriesOut(f *frame.Frame) {
	scene.Press(f.Window.Canvas(), "More about this space")
	scene.PressItem(f.Window.Canvas(), "Carry on a stick…")
}

func writes(f *frame.Frame) {
	c := f.Window.Canvas()
	scene.Find(c, "The stick, or a folder").(*keys.Entry).SetText("/media/anna/STICK")
	scene.Press(c, "Write the file")
}

func asksLink(f *frame.Frame) {
	scene.Press(f.Window.Canvas(), "More about this space")
	scene.PressItem(f.Window.Canvas(), "Open a link…")
}

func opensLink(f *frame.Frame, link string) {
	c := f.Window.Canvas()
	scene.Find(c, "willow://…").(*keys.Entry).SetText(link)
	scene.Press(c, "Open")
}
