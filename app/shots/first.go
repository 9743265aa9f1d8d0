package main

import (
	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/first"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/scene"
)

// firstRun are the pictures of a device that isn't one of an account's yet.
func firstRun() []shot {
	return []shot{
		{name: "first-welcome", instead: start(func(fyne.Canvas, *first.First) {})},
		{name: "first-lost", instead: start(func(c fyne.Canvas, f *first.First) {
			f.Lost()
			scene.Type(c, "Type or paste all 24 words here, in their order", "abandon ability abel about ")
		})},
		{name: "first-names", instead: start(func(c fyne.Canvas, f *first.First) {
			f.Fresh()
			scene.Type(c, "Such as Anna", "Anna/Berta")
		})},
		{name: "first-device", instead: start(func(_ fyne.Canvas, f *first.First) { f.Joining() })},
		{name: "first-words", instead: start(func(_ fyne.Canvas, f *first.First) { f.Words(scene.Words) })},
		{name: "first-check", instead: start(check)},
		{name: "first-wrong", instead: start(func(c fyne.Canvas, f *first.First) {
			check(c, f)
			for range 3 {
				c.Focused().TypedRune('x')
				c.FocusNext()
			}
			scene.Press(c, "Make my account")
		})},
		{name: "join-code", instead: join("", nil, "")},
		{name: "join-asked", instead: join("confirm", nil, "4829")},
		{name: "join-wrong", instead: join("refused", nil, "")},
		{name: "join-done", instead: join("paired", nil, "")},
		{name: "join-rests", instead: join("", &node.Error{
			Code: node.CodeTooMany, Message: "three attempts to pair failed; this device rests for ten minutes", Hint: "try again after 14:12:11",
		}, "")},
	}
}

func check(c fyne.Canvas, f *first.First) {
	f.Words(scene.Words)
	scene.Press(c, "I have written them down")
	c.Focused().TypedRune('a')
	c.Focused().TypedRune('c')
}

func start(do func(fyne.Canvas, *first.First)) func(fyne.Window, *frame.Worker, *scene.Node) {
	return func(w fyne.Window, worker *frame.Worker, n *scene.Node) {
		do(w.Canvas(), first.New(w, worker, scene.Host{Size: n.Size}, func() {}))
	}
}

func join(until string, end error, typed string) func(fyne.Window, *frame.Worker, *scene.Node) {
	return func(w fyne.Window, worker *frame.Worker, n *scene.Node) {
		n.Joining(until).ShownEnd = end
		first.NewJoin(w, worker, n, scene.Clock, func() {})
		if code, ok := w.Canvas().Focused().(*look.CodeField); ok {
			code.Paste(typed)
		}
	}
}
